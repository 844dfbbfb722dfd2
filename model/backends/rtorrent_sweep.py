"""Reading all torrents in turn, a few at a time, for what has no event: labels, messages, peers, trackers.

rTorrent finds a torrent by its hash by looking at all of them, and so it evaluates a filter; both cost more than the
few rows that are wanted. Sixteen views, one for each first digit of a hash, cost nothing to keep: rTorrent asks their
filter once, when a torrent comes. A part is such a view or, of many torrents, some second digits in it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from lib.errors import BadReply, Fault
from lib.words import said
from model.backends.rtorrent_known import TRACKER
from model.backends.rtorrent_request import Request

DIGITS = '0123456789ABCDEF'
ROUND = 60.0  # seconds in which all are to be seen; larger lists take longer
SMALL = 400  # torrents in one part, at most, up to 100,000 of them; rTorrent needs some 15 ms for as many
FEW = 100  # torrents that are read at every tick
_VIEW = 'pyro_slice_'


@dataclass(frozen=True, slots=True)
class Part:
    """Torrents whose hash begins with ``first``, from ``low`` on and less than ``high``, where there are such.

    Without ``first``, all. Comparing texts costs rTorrent a tenth of what a pattern with brackets does.
    """

    first: str = ''
    low: str = ''
    high: str = ''

    def holds(self, info_hash: str) -> bool:
        """Whether a torrent is in it."""
        return (
            info_hash.startswith(self.first)
            and info_hash >= self.low
            and not (self.high and info_hash >= self.high)
        )

    def ask(self, columns: Sequence[str]) -> tuple[str, tuple[str, ...]]:
        """The call that reads the part."""
        view = f'{_VIEW}{self.first}' if self.first else 'main'
        bounds = [f'greater=d.hash=,cat={self.low}'] if self.low else []
        bounds += [f'less=d.hash=,cat={self.high}'] if self.high else []
        if not bounds:
            return 'd.multicall2', ('', view, *columns)
        both = ','.join(f'"{bound}"' for bound in bounds)
        return 'd.multicall.filtered', ('', view, f'and={{{both}}}', *columns)


class Sweep:
    """Whose turn it is."""

    def __init__(self) -> None:
        self._there: set[str] = set()
        self._at = 0
        self._last = float('-inf')
        self._left = 0

    def begin(self, views: Iterable[str]) -> None:
        """Everything was read anew, perhaps from another rTorrent.

        :param views: those that it has.
        """
        self._there = {view.removeprefix(_VIEW) for view in views if view.startswith(_VIEW)}
        self._left, self._last = 0, time.monotonic()

    def hurry(self, count: int) -> None:
        """Read all of ``count`` torrents as soon as may be."""
        self._left = len(parts(count))

    @property
    def hurries(self) -> bool:
        """Whether somebody waits for the rest of a round."""
        return self._left > 0

    def next(self, count: int) -> Part | None:
        """The part to read in this tick, if it is time for one."""
        every = parts(count)
        if self._left <= 0 and count > FEW and time.monotonic() - self._last < ROUND / max(16, len(every)):
            return None
        self._last, self._left = time.monotonic(), max(0, self._left - 1)
        self._at = (self._at + 1) % len(every)
        return every[self._at]

    def ask(
        self, request: Request, part: Part, columns: Sequence[str]
    ) -> Callable[[], tuple[list[Any], list[Any]]]:
        """Add the question for a part; what is returned gives its rows, and their trackers."""
        if part.first and part.first not in self._there:
            made = f'{_VIEW}{part.first}'
            wanted = f'match={{d.hash=,^{part.first}.*}}'
            request.add([('view.add', ('', made)), ('view.filter', ('', made, wanted))])
        answers = request.add([part.ask((*columns, TRACKER))])

        def read() -> tuple[list[Any], list[Any]]:
            [rows] = answers()
            if isinstance(rows, Fault):
                self._there.discard(part.first)
                raise rows
            self._there.add(part.first)
            return split(rows)

        return read


def parts(count: int) -> tuple[Part, ...]:
    """What ``count`` torrents are read in."""
    if count <= SMALL:
        return (Part(),)
    wanted = 1
    while wanted < 16 and count / 16 / wanted > SMALL:
        wanted *= 2
    return _cut(wanted)


@cache
def _cut(wanted: int) -> tuple[Part, ...]:
    """All torrents by their first digit, and those of each in ``wanted`` parts: 1, 2, 4, 8 or 16."""
    size = 16 // wanted
    return tuple(
        Part(first, first + DIGITS[at] if at else '', first + DIGITS[at + size] if at + size < 16 else '')
        for at in range(0, 16, size)
        for first in DIGITS
    )


def split(rows: Any) -> tuple[list[Any], list[Any]]:
    """Rows whose last column is the tracker, without it, and it."""
    if not isinstance(rows, list):
        raise BadReply(said('The client answered its list with something else.'))
    return [row[:-1] for row in rows], [row[-1] for row in rows]
