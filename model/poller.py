"""One thread for each client that asks it what changed and tells the snapshot."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, replace

from lib.errors import PyroError
from model.backends.base import Backend, Globals, Watch
from model.snapshot import Snapshot

log = logging.getLogger(__name__)

WATCHED, UNWATCHED = 1.0, 5.0  # seconds between ticks while somebody looks, and while nobody does
LOOKS = 10.0  # seconds for which one look counts
LONGEST = 30.0  # seconds between tries of a client that does not answer
_SHARE = 5  # a tick is followed by a rest of at least this many times as long


@dataclass(frozen=True, slots=True)
class TargetState:
    """How one client is doing.

    :ivar status: ``starting`` (not asked yet), ``ok`` or ``failed``.
    :ivar error: why the last tick failed, None when it did not.
    :ivar seen: Unix seconds of the last good tick, 0 before any: the age of what is shown.
    :ivar retry: Unix seconds of the next try of one that failed.
    :ivar ticks: how many ticks there were, good or not.
    """

    name: str
    kind: str
    status: str = 'starting'
    error: PyroError | None = None
    seen: float = 0.0
    retry: float = 0.0
    globals: Globals | None = None
    ticks: int = 0


class Poller:
    """Asks one client, again and again, until it is closed; a daemon thread that starts at the first look.

    :ivar state: replaced as a whole, so that a reader needs no lock.
    """

    def __init__(self, backend: Backend, snapshot: Snapshot) -> None:
        self.backend = backend
        self.state = TargetState(backend.name, backend.kind)
        self._snapshot = snapshot
        self._looked = 0.0
        self._begun = 0
        self._wanted = 0
        self._turn = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    def look(self) -> None:
        """Say that somebody looks: ticks come quicker for a while."""
        with self._turn:
            idle = time.monotonic() - self._looked > LOOKS
            self._looked = time.monotonic()
            self._start()
            if idle:
                self._turn.notify_all()

    def poke(self) -> None:
        """Ask for a tick right now, after a write."""
        with self._turn:
            self._wanted = self._begun + 1
            self._start()
            self._turn.notify_all()

    def refresh(self, timeout: float) -> bool:
        """Wait for the end of a tick that begins after this call.

        :returns: whether there was one within ``timeout`` seconds; a failed one counts.
        """
        deadline = time.monotonic() + timeout
        with self._turn:
            after = self._begun
            self._wanted = after + 1
            self._start()
            self._turn.notify_all()
            return self._turn.wait_for(lambda: self.state.ticks > after, deadline - time.monotonic())

    def close(self) -> None:
        """End the thread after the tick it is in."""
        with self._turn:
            self._closed = True
            self._turn.notify_all()

    def _start(self) -> None:
        if self._thread is None and not self._closed:
            self._thread = threading.Thread(target=self._run, name=f'poll-{self.backend.name}', daemon=True)
            self._thread.start()

    def _run(self) -> None:
        watch = self.backend.watch()
        while not self._closed:
            with self._turn:
                self._begun += 1
            began = time.monotonic()
            self._tick(watch)
            self._rest(time.monotonic() - began)

    def _tick(self, watch: Watch) -> None:
        try:
            changes = watch.tick()
        except PyroError as error:
            state = self._failed(error)
        else:
            self._snapshot.update(self.backend.name, changes.rows, changes.gone, whole=changes.whole)
            state = replace(self.state, status='ok', error=None, seen=time.time(), globals=changes.globals)
        with self._turn:
            self.state = replace(state, ticks=self._begun)
            self._turn.notify_all()

    def _failed(self, error: PyroError) -> TargetState:
        if self.state.error is None or str(self.state.error) != str(error):
            log.warning('%s: %s', self.backend.name, error)
        return replace(self.state, status='failed', error=error)

    def _rest(self, took: float) -> None:
        with self._turn:
            watched = time.monotonic() - self._looked < LOOKS
            pause = max(WATCHED if watched else UNWATCHED, _SHARE * took)
            self._turn.wait_for(lambda: self._closed or self._wanted > self._begun, min(pause, LONGEST))
