"""Following an rTorrent that has no feed for us: what moves at each tick, and everything in slices.

That is the way where all feeds are in use. A change of state is seen when its slice has its turn, at most 16 ticks
later, and at once where there are few torrents. Asked as a trusted connection: newer rTorrents answer others that no
filter matches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from lib.errors import Fault, NoSuchTorrent
from model.backends import rtorrent_detail as details
from model.backends.rtorrent_columns import Plan
from model.backends.rtorrent_feed import Lost
from model.backends.rtorrent_known import TRACKER, Known
from model.backends.rtorrent_request import Request
from model.backends.rtorrent_sweep import DIGITS, split
from model.fields import Row

NEEDED = 'd.multicall.filtered'
MOST = 20  # torrents read by themselves in one tick; each costs as many calls as there are columns
#: Torrents that are read whole at each tick; from which on there are 256 slices instead of 16.
_FEW, _MANY = 300, 20_000
_MOVING = 'or={d.up.rate=,d.down.rate=}'


class Slices:
    """:param known: what the poller remembers."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._pid: Any = None
        self._turn = -1

    def ask(
        self, request: Request, plan: Plan, wanted: Iterable[str]
    ) -> Callable[[], tuple[list[Row], list[str]]]:
        """Add the questions of one tick.

        :param wanted: torrents to read besides.
        :returns: what gives the rows, and the hashes that are gone; raises Lost where another rTorrent answered.
        """
        columns, prefix = plan.ask(), self._next()
        pid = request.add([('system.pid', ())])
        moving = request.add([(NEEDED, ('', 'main', _MOVING, *columns))])
        part = request.add([_table(prefix, (*columns, TRACKER))])
        single = [(each, request.add([details.call_of(c, each) for c in plan.columns])) for each in wanted]

        def read() -> tuple[list[Row], list[str]]:
            self._same(pid()[0])
            here, trackers = split(_rows(part()[0]))
            rows = plan.rows(here)
            gone = self._known.missing(lambda each: each.startswith(prefix), rows)
            rows = self._known.told(rows, trackers)
            rows += self._known.told(plan.rows(_rows(moving()[0])))
            for each, values in single:
                if isinstance(values()[0], NoSuchTorrent):
                    gone.append(each)
                else:
                    rows += plan.convert([tuple(None if isinstance(v, Fault) else v for v in values())])
            return rows, gone

        return read

    def begin(self) -> None:
        """Everything was read anew, perhaps from another rTorrent."""
        self._pid = None

    def _next(self) -> str:
        """What the hashes of the next slice begin with."""
        count = len(self._known.hashes)
        self._turn += 1
        if count <= _FEW:
            return ''
        if count <= _MANY:
            return DIGITS[self._turn % 16]
        return DIGITS[self._turn // 16 % 16] + DIGITS[self._turn % 16]

    def _same(self, pid: Any) -> None:
        if not isinstance(pid, int):
            return
        if self._pid not in (None, pid):
            raise Lost('rTorrent was restarted; reading all of it.')
        self._pid = pid


def _table(prefix: str, columns: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    if not prefix:
        return 'd.multicall2', ('', 'main', *columns)
    return NEEDED, ('', 'main', f'match={{d.hash=,^{prefix}.*}}', *columns)


def _rows(answer: Any) -> list[tuple[Any, ...]]:
    if isinstance(answer, Fault):
        raise answer
    return answer if isinstance(answer, list) else []
