"""The checks of what is told of one torrent: its row, facts, files, peers, trackers and pieces."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from lib.errors import Conflict
from model.backends.base import Detail, Facts, FileRow, PeerRow, Pieces, TrackerRow
from model.backends.conformance.kit import FIXED, STRANGER, Check, Kit, expect, of


def one(kit: Kit) -> None:
    listed = kit.some()
    info_hash = of(listed, 'hash')
    facts, detail = kit.backend.facts(info_hash), kit.backend.detail(info_hash)
    expect(
        isinstance(facts, Facts) and isinstance(facts.extra, dict), 'facts() has to return Facts with a dict.'
    )
    expect(
        isinstance(detail, Detail) and isinstance(detail.extra, dict),
        'detail() has to return a Detail with a dict.',
    )
    for name, row in (('row', kit.backend.row(info_hash)), ('facts', facts.row), ('detail', detail.row)):
        for key in FIXED:
            expect(
                of(row, key) == of(listed, key),
                f'{name}() says {key} = {of(row, key)!r:.80}, and the list {of(listed, key)!r:.80}.',
            )


def _all_are(values: Iterable[object], kind: type, name: str) -> None:
    for value in values:
        expect(
            isinstance(value, kind),
            f'{name}() has to return a list of {kind.__name__}, not of {value!r:.80}.',
        )


def _by_index(values: list[Any], name: str) -> None:
    expect(
        [value.index for value in values] == list(range(len(values))), f'{name}() has to count index from 0.'
    )


def files(kit: Kit) -> None:
    row = kit.some()
    found = kit.backend.files(of(row, 'hash'))
    _all_are(found, FileRow, 'files')
    _by_index(found, 'files')
    paths = [file.path for file in found]
    expect(len(set(paths)) == len(paths), 'Each file has to have a path of its own.')
    for file in found:
        below = file.path and not file.path.startswith('/') and '..' not in file.path.split('/')
        expect(below, f'{file.path!r:.80} has to be a path below the torrent’s directory.')
        expect(
            0 <= file.completed_bytes <= file.size,
            f'{file.path!r:.80}: 0 ≤ completed_bytes ≤ size has to hold.',
        )
        expect(0 <= file.progress <= 1, f'{file.path!r:.80}: progress is a share from 0 to 1.')
        expect(
            file.priority in (0, 1, 2), f'{file.path!r:.80}: priority = {file.priority} has to be 0, 1 or 2.'
        )
    total, size = sum(file.size for file in found), of(row, 'size_bytes')
    expect(
        not found or of(row, 'is_meta') or total == size,
        f'The files have {total} bytes, and the list says {size}.',
    )


def peers(kit: Kit) -> None:
    for row in kit.backend.rows()[:20]:
        found = kit.backend.peers(of(row, 'hash'))
        _all_are(found, PeerRow, 'peers')
        for peer in found:
            expect(0 <= peer.progress <= 1, f'progress = {peer.progress} of a peer is a share from 0 to 1.')
            expect(0 <= peer.port < 65536, f'port = {peer.port} of a peer is from 0 to 65535.')
            expect(min(peer.down_rate, peer.up_rate) >= 0, 'The rates of a peer are 0 or more.')


def trackers(kit: Kit) -> None:
    found = kit.backend.trackers(of(kit.some(), 'hash'))
    _all_are(found, TrackerRow, 'trackers')
    _by_index(found, 'trackers')
    for tracker in found:
        expect(
            tracker.type in ('http', 'udp', 'dht', ''),
            f'type = {tracker.type!r:.80} of a tracker is not known.',
        )


def pieces(kit: Kit) -> None:
    row = kit.some()
    found = kit.backend.pieces(of(row, 'hash'))
    expect(isinstance(found, Pieces), 'pieces() has to return Pieces.')
    expect(0 <= found.done <= found.count, f'{found.done} of {found.count} pieces cannot be there.')
    covered = (found.count - 1) * found.size < of(row, 'size_bytes') <= found.count * found.size
    expect(
        of(row, 'is_meta') or covered, f'{found.count} pieces of {found.size} bytes do not make the torrent.'
    )
    fits = found.bits is None or len(found.bits) == -(-found.count // 8)
    expect(fits, 'bits has to hold one bit for each piece, filled up to whole bytes.')


def parts_not_claimed(kit: Kit) -> None:
    backend, info_hash = kit.backend, of(kit.some(), 'hash')
    for name in ('files', 'peers', 'trackers', 'pieces'):
        if name not in backend.capabilities:
            try:
                found = getattr(backend, name)(info_hash)
            except Conflict:
                continue
            expect(not found, f'{name}() tells something, and “{name}” is not among the capabilities.')


def unknown_to_readers(kit: Kit) -> None:
    for name in ('row', 'facts', 'detail', 'files', 'peers', 'trackers'):
        ask = getattr(kit.backend, name)
        if name in kit.backend.capabilities or name in ('row', 'facts', 'detail'):
            kit.missing(partial(ask, STRANGER), f'{name}()')


CHECKS: tuple[Check, ...] = (
    Check('one torrent', 'Its page must not contradict the list.', one),
    Check('files', 'Their places are what priorities are set by.', files, 'files'),
    Check('peers', 'The panel draws them every two seconds.', peers, 'peers'),
    Check('trackers', 'Their places are what they are switched by.', trackers, 'trackers'),
    Check('pieces', 'The panel draws a map of them.', pieces, 'pieces'),
    Check('parts not claimed', 'A tab is hidden where its capability is missing.', parts_not_claimed),
    Check('unknown hashes', 'A torrent that went is told from a client that fails.', unknown_to_readers),
)
