"""The groups that a list can be narrowed by, and how many torrents each of their values has."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from operator import itemgetter

from model.fields import AT, Row

#: A value with its torrents and their size in bytes.
Line = tuple[str, int, int]
#: What a row has of each group.
Values = tuple[str, str, str, str, str]
#: A group and one of its values, ``''`` for what has none.
Pick = tuple[str, str]

#: The groups in the order they are shown in.
GROUPS = ('state', 'label', 'tracker', 'target', 'directory')
MOST = 200  # values of one group that are told

_read = itemgetter(
    *(AT[key] for key in ('status', 'label', 'tracker', 'target', 'directory', 'is_multi_file', 'name'))
)


def values(row: Row) -> Values:
    """What a row has of each of :data:`GROUPS`.

    The directory is the one that holds the torrent: rTorrent counts the own directory of a torrent of several files to
    its path, and then each torrent would have one.
    """
    state, label, tracker, target, directory, several, name = _read(row)
    path = directory or ''
    if several and name:
        path = path.removesuffix('/' + name)
    return state, label or '', tracker or '', target, path.rstrip('/') or path[:1]


class Tally:
    """The counts of all groups under some picks, kept up to date: each group under the picks of all the others."""

    def __init__(self, included: Iterable[Pick], excluded: Iterable[Pick]) -> None:
        wanted, refused = _by_group(included), _by_group(excluded)
        self._wanted = [wanted.get(group) for group in GROUPS]
        self._refused = [refused.get(group, frozenset()) for group in GROUPS]
        self._free = not wanted and not refused
        self._sums: list[dict[str, list[int]]] = [{} for _ in GROUPS]
        self._lines: dict[str, list[Line]] = {}

    def fits(self, of: Values) -> bool:
        """Whether the picks of all groups fit."""
        return self._free or not self._misfits(of)

    def _misfits(self, of: Values) -> list[int]:
        return [
            at
            for at, value in enumerate(of)
            if ((wanted := self._wanted[at]) is not None and value not in wanted)
            or value in self._refused[at]
        ]

    def shift(self, by: Mapping[Values, list[int]]) -> None:
        """Count so many torrents and bytes more, or less, for these values."""
        for of, (count, size) in by.items():
            misfits = () if self._free else self._misfits(of)
            for at in range(len(GROUPS)) if not misfits else misfits if len(misfits) == 1 else ():
                self._shift(at, of[at], count, size)

    def _shift(self, at: int, value: str, count: int, size: int) -> None:
        if not count and not size:
            return
        sums = self._sums[at].setdefault(value, [0, 0])
        sums[0] += count
        sums[1] += size
        if not sums[0]:
            del self._sums[at][value]
        self._lines.pop(GROUPS[at], None)

    def lines(self) -> dict[str, list[Line]]:
        """The values of each group with most torrents, falling; equal ones by value."""
        for at, group in enumerate(GROUPS):
            if group not in self._lines:
                self._lines[group] = most(self._sums[at])
        return dict(self._lines)

    def more(self) -> dict[str, int]:
        """How many values of a group :meth:`lines` leaves out, where it does."""
        return {
            group: len(sums) - MOST
            for group, sums in zip(GROUPS, self._sums, strict=True)
            if len(sums) > MOST
        }


def _by_group(picks: Iterable[Pick]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for group, value in picks:
        found.setdefault(group, set()).add(value)
    return {group: frozenset(chosen) for group, chosen in found.items()}


def most(sums: Mapping[str, list[int]]) -> list[Line]:
    """The MOST values with most torrents, in order."""
    found = ((value, count, size) for value, (count, size) in sums.items())
    return heapq.nsmallest(MOST, found, key=lambda line: (-line[1], line[0]))
