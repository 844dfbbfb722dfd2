"""A view in rTorrent that its own events fill and our ticks empty: it finds every change of state for next to nothing.

rTorrent has room for several such feeds, since several programs may follow it: a few views with fixed names, each
with a list of erased hashes and a *mark*. Every tick reads the mark and leaves its own, in one request with emptying
the view, and rTorrent runs a request without a pause. So whoever finds another mark than the one it left knows that
somebody else emptied the view in between: it lets go of the feed, takes another and reads the whole list again. A mark
holds the time it was left at by rTorrent's clock; a feed whose mark is old belongs to nobody.

All commands here are constants; the only values that travel are info hashes and marks, as arguments of their own.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterable, Sequence
from typing import Any

from lib.errors import Fault, PyroError
from lib.wire.rpc import Rpc
from model.backends.rtorrent_request import Calls

SLOTS = 4
LEASE = 120  # seconds after its last tick for which a feed is its owner's; pollers rest for 30 at most
_EVENTS = tuple(
    f'event.download.{name}'
    for name in (
        'inserted',
        'inserted_new',
        'inserted_session',
        'opened',
        'closed',
        'resumed',
        'paused',
        'finished',
        'hash_queued',
        'hash_removed',
        'hash_done',
        'hash_failed',
        'hash_final_failed',
    )
)
_ERASED = 'event.download.erased'
NEEDED = frozenset(
    {
        'd.multicall2',
        'd.multicall.filtered',
        'method.insert',
        'method.set_key',
        'system.time_seconds',
        'view.add',
        'view.filter',
        'view.set_not_visible',
        'view.set_visible',
        'view.size',
        _ERASED,
    }
)
_RESTS = 'and={"not=$d.up.rate=","not=$d.down.rate="}'
_MARK = re.compile(r'([0-9a-f]{16}) ([0-9]{1,12})')


class Lost(PyroError):
    """The feed is not ours any more, or not there any more.

    :ivar contested: somebody else uses it.
    """

    def __init__(self, message: str, *, contested: bool = False) -> None:
        super().__init__(message)
        self.contested = contested


class Feed:
    """One of the feeds of an rTorrent, while it is ours.

    :param slot: its number, from 1.
    :param clock: rTorrent's time.
    :param token: who we are, 16 hexadecimal digits.
    """

    def __init__(self, slot: int, clock: int, token: str) -> None:
        self.slot = slot
        self.view = f'pyro_feed_{slot}'
        # Behind rTorrent's own keys, which its events run in alphabetical order.
        self._key = f'~zz_pyro_{slot}'
        self._mark, self._gone = f'pyro_mark_{slot}', f'pyro_gone_{slot}'
        self._token = token
        self._skew = clock - time.monotonic()
        self._left = self._promised = ''

    def install(self, methods: frozenset[str]) -> Calls:
        """The calls that make the feed; those that find something there already fail."""
        return [
            ('view.add', ('', self.view)),
            ('view.filter', ('', self.view, 'false=')),
            ('method.insert', ('', self._mark, 'string', '')),
            ('method.insert', ('', self._gone, 'string', '')),
            *(
                ('method.set_key', ('', event, self._key, f'view.set_visible={self.view}'))
                for event in _EVENTS
                if event in methods
            ),
            (
                'method.set_key',
                ('', _ERASED, self._key, f'{self._gone}.set=(cat,({self._gone}),(d.hash)," ")'),
            ),
            (f'{self._gone}.set', ('', '')),
            (f'{self._mark}.set', ('', self._next_mark())),
            ('view.size', ('', self.view)),
        ]

    def installed(self, answers: Sequence[Any]) -> bool:
        """Whether the feed is there now. What could be left from before (view and methods) may have failed."""
        self._left = self._promised
        return not any(isinstance(answer, Fault) for answer in (answers[1], *answers[4:]))

    def fill(self, hashes: Iterable[str]) -> Calls:
        """Have these torrents read by the next :meth:`read`. An unknown hash fails alone."""
        return [('view.set_visible', (each, self.view)) for each in hashes]

    def gather(self) -> Calls:
        """Put all that move data into the feed. What is complete downloads nothing and is not asked for that."""
        into = f'view.set_visible={self.view}'
        return [
            ('d.multicall.filtered', ('', 'started', 'd.up.rate=', into)),
            ('d.multicall.filtered', ('', 'leeching', 'd.down.rate=', into)),
        ]

    def read(self, columns: Sequence[str]) -> Calls:
        """Read ``columns`` of the torrents in the feed, empty it of all that rest, and leave our mark."""
        return [
            (self._mark, ()),
            ('d.multicall2', ('', self.view, *columns)),
            ('d.multicall.filtered', ('', self.view, _RESTS, f'view.set_not_visible={self.view}')),
            (self._gone, ()),
            (f'{self._gone}.set', ('', '')),
            (f'{self._mark}.set', ('', self._next_mark())),
        ]

    def unpack(self, answers: Sequence[Any]) -> tuple[Any, tuple[str, ...]]:
        """The table, and the hashes that were erased, from the answers to :meth:`read`.

        :raises Lost: somebody else read the feed since, or it is not there.
        """
        mark, table, emptied, gone, *rest = answers
        if not isinstance(mark, str) or not isinstance(gone, str) or isinstance(emptied, Fault):
            raise Lost('rTorrent was restarted; reading all of it.')
        if mark != self._left:
            raise Lost('Another program empties our view; taking another.', contested=True)
        for answer in (table, *rest):
            if isinstance(answer, Fault):
                raise answer
        self._left = self._promised
        return table, tuple(gone.split())

    def remove(self, methods: frozenset[str]) -> Calls:
        """Take our commands off rTorrent's events; views and methods cannot be removed."""
        events = [event for event in (*_EVENTS, _ERASED) if event in methods]
        return [
            *(('method.set_key', ('', event, self._key)) for event in events),
            ('view.filter', ('', self.view, 'false=')),
            (f'{self._gone}.set', ('', '')),
            (f'{self._mark}.set', ('', '')),
        ]

    def _next_mark(self) -> str:
        self._promised = f'{self._token} {int(time.monotonic() + self._skew)}'
        return self._promised


def find(rpc: Rpc, token: str, *, contested: bool = False) -> Feed | None:
    """A feed that nobody uses; none where all are in use, or this rTorrent cannot have one.

    :param token: who we are; one that we left behind is nobody's.
    :param contested: somebody took ours at the same time: choose at random, so that both do not meet again.
    """
    if not rpc.methods >= NEEDED:
        return None
    names = [f'pyro_mark_{slot}' for slot in range(1, SLOTS + 1)]
    clock, *marks = rpc.multicall([('system.time_seconds', ()), *((name, ()) for name in names)])
    if not isinstance(clock, int):
        return None
    free = [slot for slot, mark in enumerate(marks, 1) if not _in_use(mark, clock, token)]
    if not free:
        return None
    ours = [slot for slot in free if str(marks[slot - 1]).startswith(token)]
    return Feed(secrets.choice(free) if contested else (ours or free)[0], clock, token)


def _in_use(mark: Any, clock: int, token: str) -> bool:
    found = _MARK.fullmatch(mark) if isinstance(mark, str) else None
    return found is not None and found[1] != token and abs(clock - int(found[2])) < LEASE
