"""One thread for each client that asks it what changed and tells the snapshot."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from lib.errors import BadReply, PyroError
from lib.words import said
from model.backends.base import Backend, Changes, Globals, Watch
from model.snapshot import Snapshot
from model.spaces import Space, Spaces

log = logging.getLogger(__name__)

WATCHED, UNWATCHED = 1.0, 4.0  # seconds between ticks while somebody looks, and while nobody does
SOON = 0.1  # seconds to the next tick while the client has more to tell
LOOKS = 10.0  # seconds for which one look counts
UNUSED = 60.0  # seconds without a look or a write after which a poller that is not kept ends
#: Seconds between tries of a client that does not answer; newer rTorrents want one a minute at least.
LONGEST = 30.0
FRESH = 1.0  # seconds that the first look after a while waits for a tick
_SHARE = 5  # a tick is followed by a rest of at least this many times as long


@dataclass(frozen=True, slots=True)
class TargetState:
    """How one client is doing.

    :ivar status: ``starting`` (not asked yet), ``ok`` or ``failed``.
    :ivar error: why the last tick failed, None when it did not.
    :ivar seen: Unix seconds of the last good tick, 0 before any: the age of what is shown.
    :ivar retry: Unix seconds of the next try of one that failed, 0 of one that did not.
    :ivar ticks: how many ticks there were, good or not.
    :ivar spaces: path, free and total bytes (0: not told) of each file system it saves to, as far as they are known.
    :ivar count: how many torrents it has, as last seen.
    :ivar reading: some facts of its torrents, as their trackers, are still to be read.
    """

    name: str
    kind: str
    status: str = 'starting'
    error: PyroError | None = None
    seen: float = 0.0
    retry: float = 0.0
    globals: Globals | None = None
    ticks: int = 0
    spaces: tuple[Space, ...] = ()
    count: int = 0
    reading: bool = False

    @property
    def client_version(self) -> str | None:
        """What the client says it is."""
        return self.globals.client_version if self.globals else None


class Poller:
    """Asks one client, again and again; a daemon thread that starts at the first look and ends when nobody looks.

    :param interval: seconds between ticks while somebody looks; None for the usual.
    :ivar keep: go on although nobody looks: events and rules are served as well.
    :ivar state: replaced as a whole, so that a reader needs no lock.
    """

    def __init__(self, backend: Backend, snapshot: Snapshot, interval: float | None = None) -> None:
        self.backend = backend
        self._interval = interval
        self.keep = self._watched = False
        self.state = TargetState(backend.name, backend.kind)
        self._snapshot = snapshot
        self._spaces = Spaces(backend.free_space_of, lambda: snapshot.all(backend.name)[1])
        self._turn = threading.Condition()
        self._thread: threading.Thread | None = None
        self._watch: Watch | None = None
        self._closed = False
        self._used = self._looked = float('-inf')
        self._begun = self._wanted = 0
        self._waking = False  # somebody looks after a while in which nobody did
        self._failures = 0
        self._asked: float | None = None  # when the question under way was asked
        self._pause = 0.0  # after a failed tick, or the least after a good one

    def start(self, *, watched: bool = False) -> None:
        """Begin, and go on until it is closed.

        :param watched: as often as if somebody always looked.
        """
        with self._turn:
            self.keep = True
            self._watched = watched
            self._start()

    def look(self) -> None:
        """Say that somebody looks: ticks come quicker for a while. Starts the thread."""
        now = time.monotonic()
        with self._turn:
            if now - self._looked > LOOKS:
                self._waking = True
                if self._failures:
                    self._wanted = self._begun + 1
            self._used = self._looked = now
            self._start()
            self._turn.notify_all()

    def waiting(self) -> float:
        """Seconds for which the client has not answered the question under way; 0 where there is none."""
        asked = self._asked
        return 0.0 if asked is None else time.monotonic() - asked

    def settle(self, timeout: float) -> None:
        """Wait for the tick that somebody who looks after a while needs: ``FRESH`` for one more, longer for the first.

        :param timeout: seconds at most.
        """
        with self._turn:
            after = self.state.ticks
            if self.state.status == 'starting':
                self._turn.wait_for(lambda: self.state.ticks > after or self._closed, timeout)
            elif self._waking and self.state.status == 'ok':
                self._turn.wait_for(lambda: self.state.ticks > after or self._closed, min(FRESH, timeout))
            self._waking = False

    def poke(self, hashes: Iterable[str] = ()) -> int:
        """Ask for a tick right now, after a write to ``hashes``. One that does not run is left alone.

        :returns: the number of ticks that :meth:`reached` has to wait for.
        """
        with self._turn:
            if self._watch is not None:
                self._watch.want(hashes)
            self._wanted = self._begun + 1
            if self._thread is not None:
                self._used = time.monotonic()
                self._turn.notify_all()
            return self._wanted

    def reached(self, ticks: int, timeout: float) -> bool:
        """Wait for a tick that began after a poke, at most ``timeout`` seconds; a failed one counts."""
        with self._turn:
            if self._thread is None:
                return False
            return self._turn.wait_for(lambda: self.state.ticks >= ticks or self._closed, max(0.0, timeout))

    def close(self) -> None:
        """End the thread after the tick it is in."""
        with self._turn:
            self._closed = True
            self._turn.notify_all()

    def join(self, timeout: float) -> None:
        """Wait for the end of the thread."""
        thread = self._thread
        if thread is not None:
            thread.join(max(0.0, timeout))

    # the thread

    def _start(self) -> None:
        if self._thread is None and not self._closed:
            self._used = time.monotonic()
            thread = threading.Thread(target=self._run, name=f'poll-{self.backend.name}', daemon=True)
            thread.start()  # where the machine has no room for it, the next look tries again
            self._thread = thread

    def _run(self) -> None:
        first = True
        while self._goes_on(first):
            first = False
            began, known = time.monotonic(), self.state.status == 'ok'
            self._tick()
            # A client that comes up keeps the first question waiting while it loads: that is not what a tick costs it.
            self._rest(time.monotonic() - began if known else 0.0)

    def _goes_on(self, first: bool) -> bool:
        with self._turn:
            unused = not first and not self.keep and time.monotonic() - self._used > UNUSED
            if not self._closed and not unused:
                self._begun += 1
                return True
            # From here on a look begins anew, with another thread.
            self._thread = None
            watch, self._watch = self._watch, None
            self._failures = 0
            self.state = replace(self.state, status='starting', error=None, retry=0.0)
            self._turn.notify_all()
        self._leave(watch)
        return False

    def _tick(self) -> None:
        self._asked = time.monotonic()
        try:
            state = self._taken(self._read())
        except PyroError as error:
            state = self._failed(error)
        except BaseException as mistake:  # of a backend: whatever it does, its thread lives on and says so
            if not self._failures:
                log.exception('%s: a mistake in asking this client', self.backend.name)
            watch, self._watch = self._watch, None
            self._leave(watch)
            text = said(
                '%(name)s answered something that makes no sense (%(kind)s).',
                name=self.backend.name,
                kind=type(mistake).__name__,
            )
            state = self._failed(BadReply(text, target=self.backend.name))
        self._asked = None
        with self._turn:
            self.state = replace(state, ticks=self._begun)
            self._waking = False
            self._turn.notify_all()

    def _read(self) -> Changes:
        if self._watch is None:
            self._watch = self.backend.watch()
        return self._watch.tick()

    def _taken(self, changes: Changes) -> TargetState:
        name = self.backend.name
        self._snapshot.update(name, changes.rows, changes.gone, whole=changes.whole)
        if self._failures:
            log.warning('%s: answers again', name)
        self._failures = 0
        self._pause = SOON if changes.more else 0.0
        facts = changes.globals
        if changes.directory is not None:
            self._spaces.refresh(changes.directory)
            facts = replace(facts, free_space=self._spaces.free)
        return TargetState(
            name,
            self.backend.kind,
            'ok',
            seen=time.time(),
            globals=facts,
            spaces=self._spaces.known,
            count=self._snapshot.count(name),
            reading=changes.more,
        )

    def _failed(self, error: PyroError) -> TargetState:
        if not self._failures or str(self.state.error) != str(error):
            log.warning('%s: %s', self.backend.name, error)
        self._failures += 1
        # Clients that failed together, as on one machine, are not tried together for ever.
        self._pause = min(LONGEST, 2.0 ** min(self._failures - 1, 10)) * random.uniform(0.75, 1.0)  # noqa: S311
        return replace(self.state, status='failed', error=error, retry=time.time() + self._pause)

    def _rest(self, took: float) -> None:
        ended = time.monotonic()
        with self._turn:
            while not self._closed and self._wanted <= self._begun:
                now = time.monotonic()
                left = ended + self._wait(now, took) - now
                if left <= 0:
                    break
                self._turn.wait(left)

    def _wait(self, now: float, took: float) -> float:
        if self._failures:
            return self._pause
        watched = WATCHED if self._interval is None else self._interval
        looks = self._watched or now - self._looked < LOOKS
        pause = self._pause or (watched if looks else max(watched, UNWATCHED))
        return min(max(pause, _SHARE * took), max(pause, LONGEST))

    def _leave(self, watch: Watch | None) -> None:
        try:
            if watch is not None:
                watch.close()
        except BaseException as error:  # nobody depends on it
            log.info('%s: %s', self.backend.name, error)
