"""Rows of a list, and of a torrent's page, from what a class of somebody else's returned.

As in :mod:`.simple_values`, everything here runs in the thread of that class.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from model.backends.base import FileRow, PeerRow, TrackerRow
from model.backends.client import FILE, MORE, PEER, TORRENT, TRACKER
from model.backends.simple_values import Returned, items, read, require_once
from model.fields import LIST, Row


@dataclass(frozen=True, slots=True)
class Torrent:
    """A torrent as a class told it.

    :ivar own: its hash as the class writes it; ``path`` and ``extra`` are what a row has no room for.
    """

    own: str
    row: Row
    path: str
    extra: Mapping[str, Any]


def torrent(value: object, said: Returned, *, rests_started: bool) -> Torrent:
    """One torrent.

    :param rests_started: whether one that is not active counts as paused, and not as stopped, where it is not told.
    """
    told = read(value, TORRENT, said)
    # dTorrent tells by “finished” whether, and a row when.
    done = isinstance(value, Mapping) and value.get('finished')
    more = read(value, (key for key in MORE if key.name != 'finished' or not isinstance(done, bool)), said)
    size, there, sent = told['length'], told['downloaded'], told['uploaded']
    there = min(there, size) if size else there
    state = more['state'] if more['state'] is not None else told['active'] or rests_started
    complete = more['complete'] if more['complete'] is not None else 0 < size <= there
    row = dict.fromkeys((field.key for field in LIST), None) | more
    row |= {
        'hash': told['hash'].upper(),
        'name': told['name'],
        'size_bytes': size,
        'completed_bytes': there,
        'up_total': sent,
        'ratio': sent * 1000 // there if there else 0,
        'state': int(bool(state)),
        'is_active': told['active'],
        'is_open': bool(state) if more['is_open'] is None else more['is_open'],
        'hashing': int(bool(more['hashing'])),
        'complete': complete,
        'message': more['message'] or '',
        'left_bytes': more['left_bytes'] if more['left_bytes'] is not None else max(0, size - there),
        'tracker': _host(more['tracker']),
    }
    return Torrent(told['hash'], tuple(row[field.key] for field in LIST), told['path'], told['extra'] or {})


def torrents(value: object, said: Returned, *, rests_started: bool) -> list[Torrent]:
    """Torrents, each once."""
    found = [torrent(item, said, rests_started=rests_started) for item in items(value, said)]
    require_once([each.row[0] for each in found], said)
    return found


def _host(tracker: str | None) -> str | None:
    """The host of a tracker; nothing else of an address is for the list, since it may hold a key."""
    if not tracker or '/' not in tracker:
        return tracker
    try:
        return urlsplit(tracker).hostname or ''
    except ValueError:
        return ''


def file(index: int, value: object, said: Returned) -> FileRow:
    """One file of a torrent."""
    told = read(value, FILE, said)
    path, size = told['path'], told['size']
    if path.startswith('/') or '..' in path.split('/'):
        raise said.refused(path, 'a path lies below the torrent’s directory.', "'path'")
    there = min(told['done'], size)
    priority = told['priority'] if told['priority'] is not None else 1
    if priority > 2:
        raise said.refused(priority, 'a priority of a file is 0, 1 or 2.', "'priority'")
    return FileRow(index, path, size, there, there / size if size else 1.0, priority)


def peer(_index: int, value: object, said: Returned) -> PeerRow:
    """One connected peer."""
    told = read(value, PEER, said)
    port = told['port'] or 0
    words = [word for word in ('incoming', 'encrypted') if told[word]]
    return PeerRow(
        id=f'{told["address"]}:{port}',
        address=told['address'],
        port=port,
        client=told['client'] or '',
        progress=told['progress'] or 0.0,
        down_rate=told['down_rate'] or 0,
        up_rate=told['up_rate'] or 0,
        down_total=told['down_total'],
        up_total=told['up_total'],
        peer_rate=None,
        is_encrypted=bool(told['encrypted']),
        is_incoming=bool(told['incoming']),
        is_snubbed=False,
        is_banned=False,
        flags=' '.join(words),
    )


def tracker(index: int, value: object, said: Returned) -> TrackerRow:
    """One tracker."""
    told = read(value, TRACKER, said)
    scheme = told['url'].partition(':')[0].lower()
    return TrackerRow(
        index=index,
        url=told['url'],
        type={'http': 'http', 'https': 'http', 'udp': 'udp', 'dht': 'dht'}.get(scheme, ''),
        group=0,
        is_enabled=told['enabled'] is not False,
        is_working=bool(told['working']),
        is_busy=bool(told['busy']),
        is_extra=False,
        seeds=told['seeds'] or 0,
        leeches=told['leeches'] or 0,
        downloaded=told['downloaded'] or 0,
        last_success=told['last_success'] or 0,
        last_failure=told['last_failure'] or 0,
        failures=told['failures'] or 0,
        next_announce=told['next_announce'] or 0,
        interval=0,
        new_peers=0,
    )
