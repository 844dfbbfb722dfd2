"""What a poller remembers of an rTorrent's torrents between two ticks: which there are, and which to read next."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from model.fields import INDEX, Row

_HASH, _DOWN, _UP = INDEX['hash'], INDEX['down_rate'], INDEX['up_rate']
_TRACKER = INDEX['tracker']

#: All trackers of a torrent in one text: of each two digits (enabled, type), its address and a number sign.
TRACKER = 'cat="$t.multicall=d.hash=,t.is_enabled=,t.type=,t.url=,cat={#}"'
_DHT = '3'


class Known:
    """The torrents by info hash.

    :ivar moving: those that had traffic when they were last read.
    :ivar untold: those whose tracker was not read yet, oldest first.
    """

    def __init__(self) -> None:
        self.hashes: set[str] = set()
        self.moving: set[str] = set()
        self.untold: dict[str, None] = {}
        self._ring: deque[str] = deque()

    def begin(self, rows: Sequence[Row]) -> None:
        """Start over: these are all there are."""
        self.hashes = {row[_HASH] for row in rows}
        self.moving, self.untold = set(), {}
        self._ring.clear()
        self._note(rows)

    def take(self, rows: Sequence[Row], gone: Iterable[str]) -> tuple[str, ...]:
        """Note what was read and what was erased.

        :returns: those of ``gone`` that did not come again.
        """
        read = {row[_HASH] for row in rows}
        left = tuple(each for each in dict.fromkeys(gone) if each not in read)
        for each in left:
            self.hashes.discard(each)
            self.moving.discard(each)
            self.untold.pop(each, None)
        self.hashes |= read
        self._note(rows)
        return left

    def _note(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if row[_DOWN] or row[_UP]:
                self.moving.add(row[_HASH])
            else:
                self.moving.discard(row[_HASH])

    def slice(self, count: int) -> list[str]:
        """The next torrents of a walk around all of them."""
        if not self._ring:
            self._ring.extend(self.hashes)
        taken = [self._ring.popleft() for _ in range(min(count, len(self._ring)))]
        return [each for each in taken if each in self.hashes]

    def told(self, rows: Sequence[Row], trackers: dict[str, str]) -> list[Row]:
        """The rows with their trackers, where those were read; notes those whose tracker is to be asked for."""
        for each in trackers:
            self.untold.pop(each, None)
        for row in rows:
            if row[_HASH] not in trackers and row[_HASH] not in self.hashes:
                self.untold[row[_HASH]] = None
        if not trackers:
            return list(rows)
        return [(*row[:_TRACKER], trackers.get(row[_HASH]), *row[_TRACKER + 1 :]) for row in rows]


def trackers_of(answer: Any) -> dict[str, str]:
    """Info hash → host of the first enabled tracker, from a table of ``d.hash=`` and :data:`TRACKER`.

    Addresses hold keys of people and are let go of here.
    """
    rows = answer if isinstance(answer, list) else []
    cache: dict[str, str] = {}
    return {row[0]: _host(row[1], cache) for row in rows if len(row) == 2 and isinstance(row[1], str)}


def _host(text: str, cache: dict[str, str]) -> str:
    for each in text.split('#'):
        if each[:1] == '1' and each[1:2] != _DHT:
            found = cache.get(each)
            if found is None:
                found = cache[each] = _host_of(each[2:])
            if found:
                return found
    return ''


def _host_of(address: str) -> str:
    try:
        return (urlsplit(address).hostname or '')[:255]
    except ValueError:
        return ''
