"""A torrent of Transmission as a row of :data:`model.fields.LIST`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from lib.wire.transmission import Link
from model.backends.transmission_values import (
    MESSAGE_CAP,
    count,
    flag,
    hash_of,
    items,
    mappings,
    number,
    number_of,
    real,
    text,
    texts,
)
from model.fields import INDEX, LIST, Row

STOPPED, CHECK_WAIT, CHECKING, DOWNLOAD_WAIT, DOWNLOADING, SEED_WAIT, SEEDING = range(7)
_CHECKS = (CHECK_WAIT, CHECKING)
_RUNS = (DOWNLOADING, SEEDING)
_NO_RATIO, _INFINITE = -1, -2
_LOCAL_ERROR = 3  # 1 and 2 are a tracker's

#: What changes while a torrent runs, and its name: of two changes within a second ``editDate`` tells one.
LIVE = (
    'id',
    'hashString',
    'name',
    'status',
    'error',
    'errorString',
    'rateDownload',
    'rateUpload',
    'haveValid',
    'haveUnchecked',
    'leftUntilDone',
    'downloadedEver',
    'uploadedEver',
    'uploadRatio',
    'peersConnected',
    'startDate',
    'doneDate',
    'editDate',
    'labels',
    'bandwidthPriority',
    'downloadDir',
    'metadataPercentComplete',
)
#: What hardly does; ``editDate`` moves when it did. ``wanted`` has a digit for each file.
FIXED = ('id', 'hashString', 'totalSize', 'addedDate', 'isPrivate', 'trackers', 'wanted', 'editDate')
_STATE = INDEX['state']
_KEYS = tuple(field.key for field in LIST)


class Fixed(NamedTuple):
    """What is asked once. ``edited`` and ``has_metadata`` say whether it still holds."""

    info_hash: str
    size: int | None
    files: int
    several: bool | None
    added: int | None
    private: bool | None
    tracker: str
    edited: int | None
    has_metadata: bool


def fixed(torrent: dict[str, Any], several: bool | None) -> Fixed:
    """What a torrent with the fields of :data:`FIXED` says.

    :param several: whether it has a directory of files; what :func:`directories` found out.
    """
    return Fixed(
        hash_of(torrent),
        count(torrent.get('totalSize')),
        len(items(torrent.get('wanted'))),
        several,
        count(torrent.get('addedDate')),
        flag(torrent.get('isPrivate')),
        first_host(torrent.get('trackers')),
        number(torrent.get('editDate')),
        has_metadata(torrent),
    )


def holds(known: Fixed, torrent: dict[str, Any]) -> bool:
    """Whether what is known of a torrent is still right, by its :data:`LIVE` fields."""
    return (known.info_hash, known.edited, known.has_metadata) == (
        hash_of(torrent),
        number(torrent.get('editDate')),
        has_metadata(torrent),
    )


def has_metadata(torrent: dict[str, Any]) -> bool:
    return real(torrent.get('metadataPercentComplete')) == 1.0


def first_host(trackers: Any) -> str:
    """The host of the first tracker, ``''`` where there is none. Addresses hold keys of people and end here."""
    for tracker in mappings(trackers):
        try:
            host = urlsplit(text(tracker.get('announce')) or '').hostname
        except ValueError:
            continue
        if host:
            return host[:255]
    return ''


def directories(link: Link, torrents: Iterable[dict[str, Any]]) -> dict[int, bool | None]:
    """Which torrents have a directory of files, by number. One of a single file has to be asked for its path."""
    found: dict[int, bool | None] = {}
    for torrent in torrents:
        files = len(items(torrent.get('wanted')))
        found[number_of(torrent)] = files > 1 if files != 1 else None
    single = [each for each, several in found.items() if several is None]
    for torrent in ask(link, ('files',), single) if single else []:
        names = [text(file.get('name')) for file in mappings(torrent.get('files'))]
        if number_of(torrent) in found and names and names[0]:
            found[number_of(torrent)] = '/' in names[0]
    return found


def ask(link: Link, fields: Iterable[str], ids: Sequence[int | str] | None = None) -> list[dict[str, Any]]:
    """The torrents with ``ids`` that there are, or all of them."""
    if ids is not None and not ids:
        return []
    some, wanted = None if ids is None else list(ids), list(fields)
    return link.ask(lambda client: [each.fields for each in client.get_torrents(some, wanted)], read=True)


def read(link: Link, ids: Sequence[int | str] | None = None) -> list[tuple[int, Fixed, dict[str, Any]]]:
    """Number, fixed and live fields of the torrents with ``ids`` that there are, or of all."""
    torrents = ask(link, {*FIXED, *LIVE}, ids)
    several = directories(link, torrents)
    numbers = [number_of(torrent) for torrent in torrents]
    return [
        (each, fixed(torrent, several[each]), torrent)
        for each, torrent in zip(numbers, torrents, strict=True)
    ]


def row(known: Fixed, live: dict[str, Any], before: Row | None = None) -> Row:
    """The row of a torrent.

    :param live: its :data:`LIVE` fields.
    :param before: its last row: while it is checked, Transmission does not say whether it was started.
    """
    status, left = number(live.get('status')), count(live.get('leftUntilDone'))
    name, directory = text(live.get('name')), text(live.get('downloadDir'))
    values = {
        'hash': known.info_hash,
        'name': name,
        'size_bytes': known.size,
        'completed_bytes': _sum(count(live.get('haveValid')), count(live.get('haveUnchecked'))),
        'down_rate': count(live.get('rateDownload')),
        'up_rate': count(live.get('rateUpload')),
        'down_total': count(live.get('downloadedEver')),
        'up_total': count(live.get('uploadedEver')),
        'ratio': _ratio(real(live.get('uploadRatio'))),
        'state': _state(status, before),
        'is_open': status in _RUNS,
        'is_active': status in _RUNS,
        'hashing': int(status in _CHECKS),
        'complete': known.has_metadata and left == 0,
        'message': _message(live),
        'label': ', '.join(texts(live.get('labels'))),
        'priority': _priority(number(live.get('bandwidthPriority'))),
        'peers_connected': count(live.get('peersConnected')),
        'size_files': known.files,
        'added': known.added,
        'started': count(live.get('startDate')),
        'finished': count(live.get('doneDate')),
        'directory': directory,
        'base_path': f'{directory.rstrip("/")}/{name}' if directory and name else None,
        'is_private': known.private,
        'is_multi_file': known.several,
        'is_meta': not known.has_metadata,
        'left_bytes': left,
        'tracker': known.tracker,
    }
    return tuple(map(values.get, _KEYS))


def _state(status: int | None, before: Row | None) -> int | None:
    if status is None or status in _CHECKS:
        return before[_STATE] if before else None
    return int(status != STOPPED)


def _message(live: dict[str, Any]) -> str:
    """What is wrong; a tracker's complaint begins as rTorrent's do."""
    kind, said = number(live.get('error')), text(live.get('errorString'), MESSAGE_CAP) or ''
    if not kind:
        return ''
    return (said or 'Error') if kind == _LOCAL_ERROR else f'Tracker: [{said}]'


def _ratio(value: float | None) -> int | None:
    if value is None or value == _INFINITE:
        return None
    return 0 if value == _NO_RATIO else int(value * 1000)


def _priority(value: int | None) -> int | None:
    """Low, normal and high are -1, 0 and 1 there, 1, 2 and 3 here."""
    return value + 2 if value in (-1, 0, 1) else None


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other
