"""A guard against replies that are too large: rTorrent dies on one of more than 100 MiB."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from lib.calls import Call, Wire
from lib.errors import TooLarge
from lib.plans import Single, Table
from lib.wire.rpc import Rpc

MAX_REPLY = 64 << 20  # bytes of one target's lists together, as estimated here
# Columns; as many of 50,000 torrents make about 45 MB, so fewer are asked for without counting first.
_FEW = 24
_BYTES = {'int': 40, 'flag': 36}  # of XML for a value; others are taken for texts
_TEXT = 160
# These grow with the pieces of a torrent: half a million of them are as many as a .torrent we accept can have.
_PER_PIECE = {'get_chunks_seen': 1 << 20, 'get_bitfield': 1 << 17}
_ROW = 60
_UNKNOWN = 1000  # rows of a list that could not be counted

_Key = TypeVar('_Key')


def too_large(rpc: Rpc, asked: Sequence[tuple[_Key, Single | Table]]) -> Iterator[tuple[_Key, TooLarge]]:
    """Those of the plans that would make the replies too large, each with its error.

    :raises WireError: the lists had to be counted and the client did not answer.
    """
    plans = [(key, plan) for key, plan in asked if isinstance(plan, Table) or _per_piece(plan)]
    lists = [plan for _, plan in plans if isinstance(plan, Table)]
    columns = sum(len(plan.calls) for plan in lists)
    if columns <= _FEW and not any(_per_piece(plan) for _, plan in plans):
        return
    counts, total = iter(_counts(rpc, lists)), 0
    for key, plan in plans:
        rows = next(counts) if isinstance(plan, Table) else 1
        size = rows * (_ROW + sum(map(_bytes, plan.calls)))
        if total + size > MAX_REPLY:
            what = f'This list of {rows} rows' if isinstance(plan, Table) else 'This'
            yield (
                key,
                TooLarge(
                    f'{what} would make the reply larger than {MAX_REPLY >> 20} MiB. '
                    'Ask for fewer attributes at a time, or for a smaller view.',
                    field='attributes',
                ),
            )
        else:
            total += size


def _per_piece(plan: Single | Table) -> bool:
    return any(call.method.name in _PER_PIECE for call in plan.calls)


def _bytes(call: Call) -> int:
    return _PER_PIECE.get(call.method.name) or _BYTES.get(call.method.result, _TEXT)


def _counts(rpc: Rpc, plans: Sequence[Table]) -> list[int]:
    counters = [_counter(plan) for plan in plans]
    answers = rpc.multicall(counters, read=True)
    return [answer if isinstance(answer, int) and answer >= 0 else _UNKNOWN for answer in answers]


def _counter(plan: Table) -> Wire:
    if plan.view:
        return 'view.size', ['', plan.view]
    counter = {'f.multicall': 'd.size_files', 't.multicall': 'd.tracker_size'}
    return counter.get(plan.commands[0], 'd.peers_connected'), [plan.scope[0]]
