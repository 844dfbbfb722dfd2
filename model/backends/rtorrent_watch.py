"""Following an rTorrent with one request a tick, whose cost is that of what changed.

A tick asks for the torrents that rTorrent's events put into our feed (:mod:`~model.backends.rtorrent_feed`), for those
with traffic, and now and then for a few of all others (the *sweep*): labels, messages, peers and trackers have no
event. Where rTorrent or the connection has no room for a feed, the sweep does more (``rtorrent_slices``).
"""

from __future__ import annotations

import itertools
import logging
import secrets
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lib.errors import NoSuchTorrent
from model.backends import rtorrent_feed, rtorrent_slices
from model.backends.base import Changes, Globals, Watch
from model.backends.rtorrent_feed import Feed, Lost
from model.backends.rtorrent_known import TRACKER, Known
from model.backends.rtorrent_request import Request
from model.backends.rtorrent_slices import Slices
from model.backends.rtorrent_sweep import Sweep, split
from model.fields import Row

if TYPE_CHECKING:
    from model.backends.rtorrent import RTorrentBackend

log = logging.getLogger(__name__)

#: Torrents that are read by their hash in one tick: rTorrent looks at all it has to find one. More are swept.
MOST = 100
_AT_ONCE = 500  # torrents whose trackers are read with the first list
_LARGE = 10_000  # torrents at once that are read in parts, where all are too much for one reply
_PATIENCE = 40  # ticks that follow quickly for trackers that were not read yet
#: Ticks between two looks at all torrents for traffic, where there is none or there are many torrents.
_RARELY = 5
_AT_A_GLANCE = 2500  # torrents that can be looked at in every tick
_AGAIN = 600.0  # seconds after which a feed is sought again where there was none
_RECOUNT = 60.0  # seconds between two readings of everything for the reason that the numbers differ


class RTorrentWatch(Watch):
    """:param backend: the rTorrent, whose connection, columns and facts are used."""

    def __init__(self, backend: RTorrentBackend) -> None:
        self._backend = backend
        self._rpc = backend.rpc
        self._known = Known()
        self._slices = Slices(self._known)
        self._sweep = Sweep()
        self._token = secrets.token_hex(8)
        self._feed: Feed | None = None
        self._contested = False
        self._sought = self._recounted = float('-inf')
        self._wanted: deque[str] = deque()
        self._whole = self._fresh = True
        self._moves = True
        self._ticks = self._untold = 0

    def want(self, hashes: Iterable[str]) -> None:
        self._wanted.extend(hashes)

    def tick(self) -> Changes:
        whole, self._whole = self._whole, True  # until it went well: a lost answer took changes with it
        fresh, self._fresh = self._fresh, True
        changes = self._everything(fresh) if whole else self._changes()
        self._fresh = False
        return changes

    def close(self) -> None:
        feed, self._feed = self._feed, None
        if feed:
            self._rpc.multicall(feed.remove(self._rpc.methods))

    # everything

    def _everything(self, fresh: bool) -> Changes:
        """:param fresh: it may be another rTorrent than before."""
        if fresh:
            self._backend.forget()
            self._seek()
        self._moves = True
        self._wanted.clear()
        overview = self._backend.everything()
        rows = overview.rows
        self._known.begin(rows)
        self._slices.begin()
        self._sweep.begin(self._backend.all_views())
        self._untold = _PATIENCE
        if 0 < len(rows) <= _AT_ONCE:
            rows = self._with_trackers(rows)
        else:
            self._known.untold = dict.fromkeys(row[0] for row in rows)
        self._whole = False
        more = bool(self._known.untold)
        return Changes(rows, overview.globals, whole=True, more=more, directory=self._backend.directory)

    def _with_trackers(self, rows: list[Row]) -> list[Row]:
        method = self._rpc.resolve(('d.multicall2', 'd.multicall'))
        answer = self._rpc.rows(method, '', 'main', 'd.hash=', TRACKER)
        texts = {row[0]: row[1] for row in answer if len(row) == 2}
        return self._known.told(rows, [texts.get(row[0]) for row in rows])

    def _seek(self) -> None:
        """Find a feed and make it ours; its events count from now on."""
        self._feed, self._sought = None, time.monotonic()
        feed = rtorrent_feed.find(self._rpc, self._token, contested=self._contested)
        if feed and feed.installed(self._rpc.multicall(feed.install(self._rpc.methods))):
            self._feed = feed
        else:
            log.info('%s: no view to follow it by; reading it in slices', self._backend.name)

    # what changed

    def _changes(self) -> Changes:
        overdue = self._feed is None and time.monotonic() - self._sought > _AGAIN
        if overdue or rtorrent_slices.NEEDED not in self._rpc.methods:
            return self._everything(overdue)
        try:
            return self._fed(self._feed) if self._feed else self._sliced()
        except Lost as lost:
            log.info('%s: %s', self._backend.name, lost)
            self._contested = lost.contested
            return self._everything(True)

    def _sliced(self) -> Changes:
        plan, request = self._backend.columns_plan(), Request()
        read = self._slices.ask(request, plan, self._take(rtorrent_slices.MOST))
        known = self._send(request)
        rows, gone = read()
        return self._made(rows, gone, known)

    def _fed(self, feed: Feed) -> Changes:
        if self._backend.large and self._filled(feed) > _LARGE:
            return self._everything(False)
        plan, request = self._backend.columns_plan(), Request()
        columns = plan.ask()
        unseen: list[str] = []
        hashes, part = self._take(MOST), self._sweep.next(len(self._known.hashes))
        filled = request.add(feed.fill(hashes))
        moving = request.add(feed.gather() if self._gathers() else [])
        table = request.add(feed.read((*columns, TRACKER) if hashes else columns))
        size = request.add([('view.size', ('', 'main'))])
        swept = self._sweep.ask(request, part, columns) if part else None
        known = self._send(request)
        raw, gone = feed.unpack(table())
        lost = [each for each, said in zip(hashes, filled(), strict=True) if isinstance(said, NoSuchTorrent)]
        rows = self._rows(*split(raw)) if hashes else self._rows(raw)
        for answer in moving():
            self._backend.raw_rows(answer, 'started')
        if part and swept:
            here = self._rows(*swept())
            unseen = self._known.missing(part.holds, here)
            rows += here
        changes = self._made(rows, (*gone, *lost), known)
        self._recount(size()[0])
        return self._doubted(changes, unseen)

    def _doubted(self, changes: Changes, unseen: list[str]) -> Changes:
        """Ask for torrents that a view did not have: anybody can change our views, and that is no proof of an end."""
        if len(unseen) > MOST:
            self._whole = True
        else:
            self._wanted.extend(unseen)
        return replace(changes, more=True) if unseen else changes

    def _rows(self, answer: Any, trackers: Sequence[Any] | None = None) -> list[Row]:
        rows = self._backend.columns_plan().rows(self._backend.raw_rows(answer, 'main'))
        return self._known.told(rows, trackers)

    def _filled(self, feed: Feed) -> int:
        count = self._rpc.call('view.size', '', feed.view)
        return count if isinstance(count, int) else 0

    def _send(self, request: Request) -> Globals:
        backend = self._backend
        live, names = backend.live_calls()
        facts, fact_names = backend.fact_calls() if backend.facts_stale() else ([], [])
        said, told = request.add(live), request.add(facts)
        request.send(self._rpc)
        if facts:
            backend.keep_facts(fact_names, told())
        return backend.globals_of(dict(zip(names, said(), strict=True)), measure=False)

    def _made(self, rows: list[Row], gone: Iterable[str], known: Globals) -> Changes:
        before = set(self._known.moving)
        left = self._known.take(rows, gone)
        # Those that had traffic and were not read now have none any more: the next tick reads them once more.
        self._wanted.extend(before.intersection(self._known.moving).difference(row[0] for row in rows))
        self._moves = bool(self._known.moving or known.up_rate or known.down_rate)
        self._whole = False
        self._untold -= 1  # what cannot be read is not asked for again and again
        more = bool(self._wanted or self._sweep.hurries or (self._known.untold and self._untold > 0))
        return Changes(rows, known, left, more=more, directory=self._backend.directory)

    def _gathers(self) -> bool:
        """Whether to look for torrents that began to move data: it costs a look at all that are started.

        Those that were found stay in the feed until they rest.
        """
        self._ticks += 1
        every = 1 + len(self._known.hashes) // _AT_A_GLANCE
        return self._ticks % min(_RARELY, every if self._moves else _RARELY) == 0

    def _take(self, most: int) -> list[str]:
        """Torrents that somebody waits for, then those whose tracker was never read."""
        if self._feed and len(self._wanted) + len(self._known.untold) > 2 * most:
            self._sweep.hurry(len(self._known.hashes))
            self._wanted.clear()
            self._known.untold.clear()
            return []
        taken = dict.fromkeys(self._wanted.popleft() for _ in range(min(most, len(self._wanted))))
        taken |= dict.fromkeys(itertools.islice(self._known.untold, max(0, most - len(taken))))
        return list(taken)

    def _recount(self, size: Any) -> None:
        """Read everything at the next tick where rTorrent has another number of torrents than we know."""
        differs = isinstance(size, int) and size != len(self._known.hashes)
        if differs and time.monotonic() - self._recounted > _RECOUNT:
            self._recounted = time.monotonic()
            self._whole = True
