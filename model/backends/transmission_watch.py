"""Following a Transmission: what was active of late at each tick, and what moves of all now and then.

``recently-active`` names what moved, was added, started or checked within the last minute, and what was removed. A
label, a limit or a stop by somebody else does not count as activity there. Slices would not be cheaper than all at
once: Transmission looks for each number that it is asked for from the beginning of its list. Where there are few
torrents, all are read at each tick.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from lib.wire.transmission import Link
from model.backends import transmission_facts as facts
from model.backends import transmission_rows as rows
from model.backends.base import Changes, Globals, Watch
from model.backends.transmission_facts import Facts
from model.backends.transmission_rows import Fixed
from model.backends.transmission_values import hash_of, items, number_of
from model.fields import INDEX, Row

FEW = 300  # torrents that are all read at each tick
# Seconds between two reads of all where there are many, and a thousandth of their number at least.
SWEEP = 15.0
AGE = 10.0  # seconds for which settings and totals are taken as they were
# Seconds after a restart in which Transmission may answer already and not have all torrents yet.
LOADING = 30.0
#: Ticks in which a torrent that was written to is read by itself: some of it happens only after the answer.
AFTER_WRITE = 3
_HASH, _DOWN, _UP = INDEX['hash'], INDEX['down_rate'], INDEX['up_rate']


class _Restarted(Exception):
    """The numbers of torrents mean others than they did."""


class TransmissionWatch(Watch):
    """Remembers torrents by their number, which is theirs for one run of Transmission."""

    def __init__(self, link: Link, clock: Callable[[], float] = time.monotonic) -> None:
        self._link, self._clock = link, clock
        self._fixed: dict[int, Fixed] = {}
        self._rows: dict[int, Row] = {}
        self._session = self._run = ''
        self._erased: set[str] = set()  # info hashes of those that are gone, and have to be told as such
        self._missing: set[str] = set()  # of those that were there before everything was read anew
        self._loaded = float('-inf')
        self._asked = self._counted = float('-inf')
        self._facts = Facts({}, {})
        self._swept = float('-inf')
        self._lock = threading.Lock()
        self._wanted: dict[str, int] = {}

    def want(self, hashes: Iterable[str]) -> None:
        with self._lock:
            self._wanted |= dict.fromkeys(hashes, AFTER_WRITE)
            self._asked = float('-inf')  # it may have been the settings that were written to

    def tick(self) -> Changes:
        now = self._clock()
        # What a tick that fails has found out is told to nobody: the next one begins anew.
        known, self._session = self._session, ''
        self._refresh(now)
        wanted = self._due()
        session = self._link.session
        try:
            if session != known:
                raise _Restarted
            if len(self._fixed) <= FEW or now - self._swept >= max(SWEEP, len(self._fixed) / 1000):
                changes = self._all()
                self._swept = now
            else:
                changes = self._active(wanted)
            if self._link.session != session:
                raise _Restarted
        except _Restarted:
            # What seemed to be gone may not be loaded yet.
            self._missing, self._erased = self._missing | self._erased, set()
            session = self._link.session
            changes = self._begin(now)
            self._swept = now
        # Where it changed meanwhile, what was read may be of either run.
        self._session = session if self._link.session == session else ''
        self._run = self._link.session
        self._served(wanted)
        return replace(changes, more=bool(self._wanted), gone=self._gone(now))

    # what is asked beside the torrents

    def _refresh(self, now: float) -> None:
        """Ask for settings or totals, whichever is old: one a tick."""
        if not self._facts.stats:
            self._facts, self._asked = facts.read(self._link), now
        elif now - self._asked > AGE:
            self._facts, self._asked = self._facts._replace(session=facts.read_session(self._link)), now
        elif now - self._counted > AGE:
            self._facts, self._counted = self._facts._replace(stats=facts.read_stats(self._link)), now

    def _globals(self) -> Globals:
        """The rates are the sum of the torrents', which is what Transmission says as well."""
        down, up = (sum(row[at] or 0 for row in self._rows.values()) for at in (_DOWN, _UP))
        return replace(facts.globals_of(self._facts), down_rate=down, up_rate=up)

    def _due(self) -> list[str]:
        with self._lock:
            return list(self._wanted)

    def _served(self, hashes: Iterable[str]) -> None:
        with self._lock:
            for each in hashes:
                self._wanted[each] -= 1
                if not self._wanted[each]:
                    del self._wanted[each]

    # the torrents

    def _begin(self, now: float) -> Changes:
        """Everything."""
        before = {row[_HASH]: row for row in self._rows.values()}
        read = rows.read(self._link)
        self._fixed, self._rows = {}, {}
        found = self._keep(read, before)
        self._missing |= before.keys()
        if self._run and self._link.session != self._run:
            self._loaded = now + LOADING
        return Changes(found, self._globals(), whole=not self._run)

    def _gone(self, now: float) -> tuple[str, ...]:
        """Those that were erased, and those that did not come back, once it is known that they do not."""
        if self._missing:
            self._missing -= {row[_HASH] for row in self._rows.values()}
        if now >= self._loaded:
            self._erased |= self._missing
            self._missing = set()
        gone, self._erased = tuple(self._erased), set()
        return gone

    def _all(self) -> Changes:
        """What moves of all."""
        torrents = rows.ask(self._link, rows.LIVE)
        self._forget(self._fixed.keys() - {number_of(torrent) for torrent in torrents})
        self._take(torrents)
        return Changes(list(self._rows.values()), self._globals())

    def _active(self, wanted: list[str]) -> Changes:
        """What was active, and with a second request what is wanted or new."""
        torrents, removed = self._link.ask(_recent, read=True)
        self._forget(number for number in items(removed) if isinstance(number, int))
        return Changes(self._take(torrents, wanted), self._globals())

    def _take(self, torrents: list[dict[str, Any]], wanted: Iterable[str] = ()) -> list[Row]:
        """The rows of ``torrents``; those that are new or not as they were known are read whole, as are ``wanted``."""
        stale: list[int | str] = [each.lower() for each in wanted]
        found = []
        for torrent in torrents:
            number = number_of(torrent)
            known = self._fixed.get(number)
            if known is not None and known.info_hash != hash_of(torrent):
                raise _Restarted
            if known is None or not rows.holds(known, torrent):
                stale.append(number)
                continue
            self._rows[number] = row = rows.row(known, torrent, self._rows.get(number))
            found.append(row)
        return found + (self._keep(rows.read(self._link, stale)) if stale else [])

    def _keep(
        self, made: Iterable[tuple[int, Fixed, dict[str, Any]]], before: Mapping[str, Row] | None = None
    ) -> list[Row]:
        found = []
        for number, known, live in made:
            old = self._rows.get(number) if before is None else before.get(known.info_hash)
            row = rows.row(known, live, old)
            self._fixed[number], self._rows[number] = known, row
            found.append(row)
        return found

    def _forget(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            if self._rows.pop(number, None) is not None:
                self._erased.add(self._fixed.pop(number).info_hash)


def _recent(client: Any) -> tuple[list[dict[str, Any]], Any]:
    torrents, removed = client.get_recently_active_torrents(rows.LIVE)
    return [torrent.fields for torrent in torrents], removed
