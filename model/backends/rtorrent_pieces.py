"""One part of a torrent's detail at a time, in one request: what an open panel asks again and again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lib.errors import BadReply, Fault
from lib.wire.rpc import Rpc
from lib.wire.values import Value
from model.backends import rtorrent_detail as details
from model.backends.base import Facts, FileRow, PeerRow, Pieces, TrackerRow
from model.backends.rtorrent_columns import Plan


def facts(rpc: Rpc, plan: Plan, info_hash: str) -> Facts:
    """Row and extra of ``info_hash``. NotFound where the client does not have it, here and below."""
    methods = rpc.methods
    extra = {name: command for name, command in details.EXTRA.items() if command in methods}
    calls = [details.call_of(column, info_hash) for column in plan.columns]
    values = _ask(rpc, info_hash, [*calls, *((command, (info_hash,)) for command in extra.values())])
    row = plan.convert([tuple(values[: len(calls)])])[0]
    told = dict.fromkeys(details.EXTRA) | dict(zip(extra, values[len(calls) :], strict=True))
    return Facts(row, details.facts_of(told))


def files(rpc: Rpc, info_hash: str) -> list[FileRow]:
    """The files; a torrent of 100,000 has a reply of about 30 MB."""
    size, rows = _list(rpc, info_hash, 'd.chunk_size', 'f.multicall', details.FILES)
    return [details.file_of(at, raw, size or 0) for at, raw in enumerate(rows)]


def peers(rpc: Rpc, info_hash: str) -> list[PeerRow]:
    """The connected peers."""
    _, rows = _list(rpc, info_hash, 'd.hash', 'p.multicall', details.PEERS)
    return [details.peer_of(raw) for raw in rows]


def trackers(rpc: Rpc, info_hash: str) -> list[TrackerRow]:
    """The trackers."""
    _, rows = _list(rpc, info_hash, 'd.hash', 't.multicall', details.TRACKERS)
    return [details.tracker_of(at, raw) for at, raw in enumerate(rows)]


def pieces(rpc: Rpc, info_hash: str) -> Pieces:
    """The pieces. rTorrent gives the bits as hexadecimal digits, and none for a torrent that it has not looked at."""
    commands = ('d.hash', 'd.size_chunks', 'd.chunk_size', 'd.completed_chunks', 'd.bitfield')
    _, count, size, done, digits = _ask(rpc, info_hash, [(command, (info_hash,)) for command in commands])
    count = count or 0
    return Pieces(count, size or 0, done or 0, _bits(digits or '', count))


def _bits(digits: str, count: int) -> bytes | None:
    try:
        bits = bytes.fromhex(digits)
    except (TypeError, ValueError):
        raise BadReply('rTorrent answered which pieces it has with something else.') from None
    return bits if count and len(bits) == -(-count // 8) else None


def _list(
    rpc: Rpc, info_hash: str, first: str, multicall: str, table: tuple[str, ...]
) -> tuple[Any, list[dict[str, Any]]]:
    """The answer of one command about the torrent, and those of ``table`` for each of its parts."""
    known = details.known(table, rpc.methods)
    parts = (multicall, (info_hash, '', *(f'{command}=' for command in known)))
    said, rows = _ask(rpc, info_hash, [(first, (info_hash,)), parts])
    return said, details.dicts(known, rows)


def _ask(rpc: Rpc, info_hash: str, calls: Sequence[tuple[str, Sequence[Value]]]) -> list[Any]:
    answers = rpc.multicall(calls, read=True)
    details.require_torrent(answers[0], info_hash)
    return [None if isinstance(answer, Fault) else answer for answer in answers]
