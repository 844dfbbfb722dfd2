"""What a poller remembers of an rTorrent's torrents between two ticks: which there are, and which to read next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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

    def begin(self, rows: Sequence[Row]) -> None:
        """Start over: these are all there are."""
        self.hashes = {row[_HASH] for row in rows}
        self.moving, self.untold = set(), {}
        self._note(rows)

    def take(self, rows: Sequence[Row], gone: Iterable[str]) -> tuple[str, ...]:
        """Note what was read and what was erased; one that is both was added again.

        :returns: those that were erased, each once.
        """
        left = tuple(dict.fromkeys(gone))
        for each in left:
            self.hashes.discard(each)
            self.moving.discard(each)
            self.untold.pop(each, None)
        read = {row[_HASH] for row in rows}
        self.untold |= dict.fromkeys(read.intersection(left))  # it may have other trackers now
        self.hashes |= read
        self._note(rows)
        return left

    def _note(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if row[_DOWN] or row[_UP]:
                self.moving.add(row[_HASH])
            else:
                self.moving.discard(row[_HASH])

    def missing(self, held: Callable[[str], bool], rows: Sequence[Row]) -> list[str]:
        """Those that should be among ``rows`` and are not."""
        read = {row[_HASH] for row in rows}
        return [each for each in self.hashes if each not in read and held(each)]

    def told(self, rows: Sequence[Row], trackers: Sequence[Any] | None = None) -> list[Row]:
        """The rows with their trackers; without ``trackers``, notes those whose tracker is to be asked for.

        :param trackers: the answers to :data:`TRACKER`. Addresses hold keys of people and are let go of here.
        """
        if trackers is None:
            self.untold |= dict.fromkeys(row[_HASH] for row in rows if row[_HASH] not in self.hashes)
            return list(rows)
        cache: dict[str, str] = {}
        hosts = [_host(text, cache) if isinstance(text, str) else None for text in trackers]
        for row in rows:
            self.untold.pop(row[_HASH], None)
        return [(*row[:_TRACKER], host, *row[_TRACKER + 1 :]) for row, host in zip(rows, hosts, strict=True)]


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
