"""The checks of what is told of one torrent: its row, facts, files, peers, trackers and pieces."""

from __future__ import annotations

from functools import partial

from lib.errors import Conflict
from model.backends.conformance.kit import FIXED, STRANGER, Kit, check, expect, of


@check('one torrent', 'Its page must not contradict the list.')
def one(kit: Kit) -> None:
    for listed in kit.several():
        info_hash = of(listed, 'hash')
        facts, detail = kit.backend.facts(info_hash), kit.backend.detail(info_hash)
        for name, row in (('row', kit.backend.row(info_hash)), ('facts', facts.row), ('detail', detail.row)):
            for key in FIXED:
                expect(
                    of(row, key) == of(listed, key),
                    f'{name}() says {key} = {of(row, key)!r:.80}, and the list {of(listed, key)!r:.80}.',
                )


@check('files', 'Their places are what priorities are set by.', 'files')
def files(kit: Kit) -> None:
    for row in kit.several():
        found = kit.backend.files(of(row, 'hash'))
        paths = [file.path for file in found]
        expect(all(paths), 'Each file has to have a path.')
        expect(len(set(paths)) == len(paths), 'Each file has to have a path of its own.')
        for file in found:
            expect(
                file.completed_bytes <= file.size,
                f'{file.path!r:.80}: completed_bytes is at most size; {file.completed_bytes} is more than {file.size}.',
            )
        total, size = sum(file.size for file in found), of(row, 'size_bytes')
        expect(
            not found or of(row, 'is_meta') or total == size,
            f'The files have {total} bytes, and the list says {size}.',
        )


@check('peers', 'The panel draws them every two seconds.', 'peers')
def peers(kit: Kit) -> None:
    for row in kit.several():
        kit.backend.peers(of(row, 'hash'))


@check('trackers', 'Their places are what they are switched by.', 'trackers')
def trackers(kit: Kit) -> None:
    for row in kit.several():
        for tracker in kit.backend.trackers(of(row, 'hash')):
            expect(
                tracker.type in ('http', 'udp', 'dht', ''),
                f'type = {tracker.type!r:.80} of a tracker is not known.',
            )


@check('pieces', 'The panel draws a map of them.', 'pieces')
def pieces(kit: Kit) -> None:
    for row in kit.several():
        found = kit.backend.pieces(of(row, 'hash'))
        covered = (found.count - 1) * found.size < of(row, 'size_bytes') <= found.count * found.size
        expect(
            of(row, 'is_meta') or covered,
            f'{found.count} pieces of {found.size} bytes do not make the torrent.',
        )


@check('parts not claimed', 'A tab is hidden where its capability is missing.')
def parts_not_claimed(kit: Kit) -> None:
    backend, info_hash = kit.backend, of(kit.some(), 'hash')
    for name in ('files', 'peers', 'trackers', 'pieces'):
        if name not in backend.capabilities:
            try:
                found = getattr(backend, name)(info_hash)
            except Conflict:
                continue
            expect(not found, f'{name}() tells something, and “{name}” is not among the capabilities.')


@check('unknown hashes', 'A torrent that went is told from a client that fails.')
def unknown_to_readers(kit: Kit) -> None:
    for name in ('row', 'facts', 'detail', 'files', 'peers', 'trackers'):
        ask = getattr(kit.backend, name)
        if name in kit.backend.capabilities or name in ('row', 'facts', 'detail'):
            kit.missing(partial(ask, STRANGER), f'{name}()')


CHECKS = (one, files, peers, trackers, pieces, parts_not_claimed, unknown_to_readers)
