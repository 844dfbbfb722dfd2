"""Follows the snapshot and writes down what happened, each event once.

Of the processes of a database one records: whoever holds the lease. It writes events together with what they were told
from in one transaction, so that wherever it is ended, it or its successor goes on from there: what changed meanwhile is
found by comparing. A transaction of somebody who was succeeded without noticing is refused.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lib.config import Config
from lib.errors import StateError
from model.database import writing
from model.events import eventstates, happenings
from model.events.clientevents import Note, WatchSettings
from model.events.eventlog import EventLog
from model.events.eventstates import Fenced, Stored
from model.events.follower import Follower
from model.fields import AT
from model.hub import Hub
from model.leases import Leases
from model.snapshot import Change

log = logging.getLogger(__name__)

LEASE, LEASE_SECONDS = 'recorder', 30.0
LOOK = 0.5  # seconds between two looks at most: some events come by waiting
#: Seconds between two looks at least, so that a busy client costs four transactions a second at most.
PAUSE = 0.25
MAX_WAITING = 20_000  # events that wait for a database that is away
BATCH = 2000  # torrents in one transaction
_HOLD = 2.0  # seconds between two looks at the lease
_LONGEST = 30.0  # seconds between two tries to write
_TARGET = AT['target']


@dataclass(frozen=True, slots=True)
class RecorderSettings:
    """:ivar stalled_after: seconds; 0 = never.
    :ivar ratios: those whose reaching is told.
    :ivar disk_low: bytes; 0 = never.
    """

    stalled_after: float = 600.0
    ratios: tuple[float, ...] = (1.0, 2.0)
    disk_low: int = 5 * 2**30

    @classmethod
    def of(cls, config: Config) -> RecorderSettings:
        return cls(config.STALLED_AFTER, tuple(config.EVENT_RATIOS), config.DISK_LOW)


class Recorder:
    """One thread; it records while it holds the lease, and waits for the lease while another one does.

    :param every_field: tell of every field that changed as ``updated``, not of lasting ones only.
    :param clock: Unix time in seconds.
    :param monotonic: seconds that never jump.
    """

    def __init__(
        self,
        hub: Hub,
        events: EventLog,
        leases: Leases,
        *,
        settings: RecorderSettings | None = None,
        every_field: bool = False,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        given = settings or RecorderSettings()
        self._hub = hub
        self._events = events
        self._leases = leases
        self._monotonic = monotonic
        ratios = tuple(sorted(round(ratio * 1000) for ratio in given.ratios))
        keys = happenings.EVERY if every_field else happenings.LASTING
        self._watch_settings = WatchSettings(
            clock, monotonic, ratios, given.stalled_after, given.disk_low, keys
        )
        self._followers: dict[str, Follower] | None = None  # None: what is kept has to be read first
        self._fence = 0
        self._rev = 0
        self._waiting: deque[Note] = deque()
        self._leads = False
        self._looked = float('-inf')  # at the lease
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._failing = ''  # what keeps us from writing
        self._failures, self._retry = 0, float('-inf')

    def start(self) -> None:
        """Begin to follow the snapshot, in a thread of its own."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name='recorder', daemon=True)
            self._thread.start()

    def close(self, wait: float = 0.0) -> None:
        """End the thread; what is known is written first.

        :param wait: seconds to wait for that.
        """
        self._ended.set()
        if self._thread is not None:
            self._thread.join(wait)

    def listed(self, name: str) -> bool:
        """Whether what this client had at first was taken down, so that what it has besides is news."""
        followers = self._followers
        return followers is not None and followers[name].listed

    def _run(self) -> None:
        while not self._ended.is_set():
            self._hub.snapshot.wait(self._rev, LOOK)
            self._follow_surely()
            self._ended.wait(PAUSE)
        self._follow_surely()
        try:
            self._leases.release(LEASE)
        except Exception as error:  # it ends by itself
            log.info('The lease of the recorder was not given back: %s', error)

    def _follow_surely(self) -> None:
        try:
            self.follow()
        except Exception as mistake:  # whatever it is, what is kept in the database makes up for it
            self._complain(f'{type(mistake).__name__}: {mistake}', trace=True)
            self._start_over()

    def follow(self) -> bool:
        """Take one look, and write down what is new.

        :returns: whether it is us who records.
        """
        try:
            if not self._lead():
                self._start_over()
                return False
            patient = self._monotonic() < self._retry
            if self._followers is None and not patient:
                self._load()
            if self._followers is not None:
                self._look(self._followers)
            if not patient:
                self._write()
                self._failing, self._failures = '', 0
            self._bound()
        except Fenced:
            log.info('Another process recorded events meanwhile; comparing with what it wrote.')
            self._start_over()
        except StateError as error:
            self._retry = self._monotonic() + min(_LONGEST, 2.0**self._failures)
            self._failures = min(self._failures + 1, 10)
            self._complain(str(error))
            self._bound()
        return True

    def _lead(self) -> bool:
        now = self._monotonic()
        if not self._leads or now - self._looked >= _HOLD:
            try:
                self._leads = self._leases.hold(LEASE, LEASE_SECONDS)
            except StateError as error:  # as before: nobody else can take it either
                self._complain(str(error))
            self._looked = now
        return self._leads

    def _start_over(self) -> None:
        self._followers = None
        self._waiting.clear()

    def _load(self) -> None:
        self._fence, kept = eventstates.load(self._events.engine)
        self._rev = self._hub.snapshot.rev
        self._followers = {
            name: Follower(name, kept.get(name) or Stored(), self._watch_settings)
            for name in self._hub.backends
        }

    # what is new

    def _look(self, followers: Mapping[str, Follower]) -> None:
        changes = self._hub.snapshot.since(self._rev)
        if changes is None:
            log.info('Too much changed at once to know what; comparing all torrents.')
            self._rev, changes = self._hub.snapshot.rev, []
            for follower in followers.values():
                follower.forget()
        elif changes:
            self._rev = changes[-1].rev
        mine: dict[str, list[Change]] = {}
        for change in changes:
            mine.setdefault((change.new or change.old or ())[_TARGET], []).append(change)
        for name, follower in followers.items():
            poller = self._hub.pollers[name]
            waiting, state = poller.waiting(), poller.state
            self._waiting += follower.look(self._hub.snapshot, mine.get(name, ()), state, waiting)

    # writing

    def _write(self) -> None:
        while self._waiting:
            batch = list(itertools.islice(self._waiting, BATCH))
            newest = self._written(batch)
            for _ in batch:
                self._waiting.popleft()
            self._events.tell(newest)

    def _written(self, batch: Sequence[Note]) -> int:
        values = {(note.target, note.hash): note.value for note in batch}
        with writing(self._events.engine) as connection:
            if not self._leases.holds(connection, LEASE):
                self._leads = False
                raise Fenced
            fence = eventstates.save(connection, self._fence, values)
            newest = self._events.write(connection, [event for note in batch for event in note.events])
        self._fence = fence
        return newest

    def _complain(self, words: str, *, trace: bool = False) -> None:
        """Say once what keeps us from writing."""
        if words != self._failing:
            self._failing = words
            log.warning('Events cannot be written down: %s', words, exc_info=trace)

    def _bound(self) -> None:
        """Where too much waits for a database that is away, only what is kept there will tell what changed."""
        waiting = sum(len(note.events) for note in self._waiting) if self._failures else 0
        if waiting > MAX_WAITING:
            log.warning(
                'The log of events has a gap: %d waited to be written; only their outcome will be told.',
                waiting,
            )
            self._start_over()
