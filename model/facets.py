"""The groups that a list can be narrowed by, and how many torrents each of their values has."""

from __future__ import annotations

from collections.abc import Callable

from model.fields import AT, Row

#: A value's torrents and their size in bytes, behind the value: ``[value, count, bytes]``.
Line = list[object]

MOST = 200  # values of one group that are told

_MULTI, _DIRECTORY, _NAME = AT['is_multi_file'], AT['directory'], AT['name']


def _text(key: str) -> Callable[[Row], str]:
    at = AT[key]
    return lambda row: row[at] or ''


def save_path(row: Row) -> str:
    """The directory that holds the torrent: rTorrent counts a torrent's own directory to its path."""
    path: str = row[_DIRECTORY] or ''
    if row[_MULTI] and row[_NAME]:
        path = path.removesuffix('/' + row[_NAME])
    return path.rstrip('/') or path[:1]


#: The groups in the order they are shown in, and what a row has of each.
GROUPS: dict[str, Callable[[Row], str]] = {
    'state': _text('status'),
    'label': _text('label'),
    'tracker': _text('tracker'),
    'target': _text('target'),
    'directory': save_path,
}


def lines(counts: dict[str, list[int]]) -> list[Line]:
    """The values with most torrents, falling; equal ones by value."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1][0], item[0]))
    return [[value, *sums] for value, sums in ordered[:MOST]]
