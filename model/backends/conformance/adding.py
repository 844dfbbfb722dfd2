"""The checks of adding torrents, and of seeing what comes and goes."""

from __future__ import annotations

import os

from model import magnet as magnets
from model.backends.base import AddRequest
from model.backends.conformance.kit import FILES, TRACKER, Check, Kit, NotTried, expect, writing
from model.backends.conformance.whole import followed
from model.fields import INDEX

LABEL = 'check: ä “b” & <i> %41'
PLACE = 'pyrotorrent-check'  # a directory below the client's default one
_SIZE = sum(size for _, size in FILES)


def directory_of(kit: Kit) -> str:
    """The client's default directory.

    :raises NotTried: it does not tell.
    """
    found = kit.backend.settings().get('directory')
    if not found:
        raise NotTried('The client does not tell its default directory.')
    return str(found)


def lies(kit: Kit, info_hash: str, place: str) -> None:
    """Wait until the list shows that a torrent lies at or below ``place``."""

    def there() -> bool:
        row = kit.row(info_hash)
        return row is not None and str(row[INDEX['directory']] or '').startswith(place)

    kit.until(f'the directory in the list begins with {place}', there)


def adding(kit: Kit) -> None:
    labels = 'label' in kit.backend.capabilities
    request = kit.request(label=LABEL if labels else '')
    added = kit.add(request)
    expect(
        added.hash == request.info_hash,
        f'add() says {added.hash!r:.80} was added, and not {request.info_hash}.',
    )
    expect(not added.existed, 'add() says that the torrent was there before.')
    row = kit.row(request.info_hash)
    expect(row is not None, 'add() has to return when the torrent is in the list, and it is not.')
    kit.shows('name', request.name, request.info_hash)
    kit.shows('size_bytes', _SIZE, request.info_hash)
    kit.shows('is_active', False, request.info_hash)
    if labels:
        kit.shows('label', LABEL, request.info_hash)


def adding_started(kit: Kit) -> None:
    added = kit.add(kit.request(start=True))
    kit.shows('is_active', True, added.hash)


def adding_again(kit: Kit) -> None:
    request = kit.request()
    kit.add(request)
    before = kit.rows()
    added = kit.backend.add(AddRequest(request.info_hash, request.name, request.data, start=True))
    expect(added.existed, 'Adding a torrent that is there has to say so: existed is False.')
    expect(set(kit.rows()) >= set(before), 'Adding a torrent that is there has to leave it there.')
    row = kit.row(request.info_hash)
    expect(
        row is not None and not row[INDEX['is_active']],
        'Adding a torrent that is there has to change nothing about it; it was started.',
    )


def adding_somewhere(kit: Kit) -> None:
    place = os.path.join(directory_of(kit), PLACE)
    added = kit.add(kit.request(directory=place))
    lies(kit, added.hash, place)


def adding_magnet(kit: Kit) -> None:
    info_hash = os.urandom(20).hex().upper()
    link = magnets.build(info_hash, 'pyrotorrent-check', (TRACKER.decode(),))
    kit.add(AddRequest(info_hash, 'pyrotorrent-check', None, link, start=False))
    expect(
        kit.row(info_hash) is not None, 'add() has to return when the magnet is in the list, and it is not.'
    )


def watched(kit: Kit) -> None:
    watch = kit.backend.watch()
    try:
        first = watch.tick()
        seen = {'known': {row[INDEX['hash']] for row in first.rows}}

        def tick() -> set[str]:
            seen['known'] = followed(seen['known'], watch.tick())
            return seen['known']

        added = kit.add(kit.request())
        watch.want([added.hash])
        kit.until('the watch tells of what was added', lambda: added.hash in tick())
        kit.do('erase', info_hash=added.hash)
        watch.want([added.hash])
        kit.until('the watch tells of what was removed', lambda: added.hash not in tick())
    finally:
        watch.close()


CHECKS: tuple[Check, ...] = (
    writing('adding', 'Whoever adds a torrent looks for it in the list.', adding, 'add'),
    writing('adding started', 'Torrents are started at once, if not told otherwise.', adding_started, 'add'),
    writing(
        'adding again',
        'A torrent that is there must not be started or moved by accident.',
        adding_again,
        'add',
    ),
    writing('adding to a directory', 'Data must not end up elsewhere.', adding_somewhere, 'add_directory'),
    writing('adding a magnet', 'Links of pages are added by one click.', adding_magnet, 'magnet'),
    writing('watching changes', 'What is added or removed is seen, and told as an event.', watched, 'add'),
)
