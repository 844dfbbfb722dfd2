"""All configured clients, side by side: what one of them does wrong never costs the others anything."""

from __future__ import annotations

import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from lib import targets
from lib.config import Config
from lib.errors import NotFound, PyroError, TimedOut
from lib.wire.dial import NotSent
from lib.words import said
from model.backends.base import Backend, Outcome
from model.backends.load import make_backend
from model.lists import Lists
from model.poller import Poller, TargetState
from model.snapshot import Snapshot

_T = TypeVar('_T')

# A client that hangs holds the threads that wait for it; no more than these are spent on one.
_THREADS_PER_TARGET = 4

SEEN = 1.0  # seconds that a write waits for the lists to show it


@dataclass(frozen=True, slots=True)
class Answer(Generic[_T]):
    """What one client answered: a value, or the error that kept it from answering."""

    name: str
    value: _T | None
    error: PyroError | None


class Hub:
    """The clients by name.

    :param backends: in configured order.
    :param roots: DOWNLOAD_ROOTS of the configuration; none means the client's own default directory only.
    :param patience: seconds that a page waits for each client.
    :param intervals: seconds between ticks while somebody looks, of clients that are not asked as often as usual.
    """

    def __init__(
        self,
        backends: Iterable[Backend],
        *,
        roots: Sequence[str] = (),
        patience: float = 8.0,
        intervals: Mapping[str, float | None] = MappingProxyType({}),
    ) -> None:
        self.backends: Mapping[str, Backend] = {backend.name: backend for backend in backends}
        self.roots = tuple(roots)
        self.patience = patience
        self.snapshot = Snapshot()
        self.pollers = {
            name: Poller(backend, self.snapshot, intervals.get(name))
            for name, backend in self.backends.items()
        }
        # A hub that is let go of takes its threads with it.
        self._finalizer = weakref.finalize(self, _close, list(self.pollers.values()))
        #: Told of everything that was tried through :mod:`model.actions`: by whom, with which arguments, what became
        #: of it. They must not block.
        self.listeners: list[Callable[[str, Mapping[str, Any], Sequence[Outcome]], None]] = []
        self._lock = threading.Lock()
        self._busy: Counter[str] = Counter()
        self.lists = Lists(self)

    @classmethod
    def from_targets(cls, config: Config | None = None) -> Hub:
        """The hub of the configured clients.

        :param config: says where data may lie, too; without one it is that of :mod:`lib.targets`, and data may lie in
            a client's own directory only.
        :raises ConfigError: a client cannot be made of what is configured; says which.
        """
        specs = config.targets if config else targets.specs()
        backends = [make_backend(spec, config) for spec in specs.values()]
        intervals = {name: spec.interval for name, spec in specs.items()}
        return cls(backends, roots=config.DOWNLOAD_ROOTS if config else (), intervals=intervals)

    def get(self, name: str) -> Backend:
        """:raises NotFound: there is no such client."""
        backend = self.backends.get(name) if isinstance(name, str) else None
        if backend is None:
            raise NotFound(said('There is no client “%(value)s”.', value=str(name)[:100]))
        return backend

    def start(self, *, watched: bool = False) -> None:
        """Begin to ask all clients and go on until closed, whether somebody looks or not: for servers.

        :param watched: ask as often as if somebody always looked.
        """
        for poller in self.pollers.values():
            poller.start(watched=watched)

    def look(self, names: Iterable[str] | None = None) -> list[TargetState]:
        """How the clients are doing, for somebody who looks at the list; starts the pollers at the first look.

        Waits for clients that were not asked yet, together at most as long as a page waits, and about a second where
        nobody has looked for a while.
        """
        pollers = [self.pollers[name] for name in (self.backends if names is None else names)]
        for poller in pollers:
            poller.look()
        deadline = time.monotonic() + self.patience
        for poller in pollers:
            poller.settle(deadline - time.monotonic())
        return [poller.state for poller in pollers]

    def poke(
        self, names: Iterable[str], *, wait: float = 0.0, torrents: Mapping[str, Iterable[str]] | None = None
    ) -> None:
        """Ask the clients for a tick right now, after a write. Clients that nobody looks at are left alone.

        :param wait: seconds to wait for it, for a page that shows what was done.
        :param torrents: info hashes by client that were written to: they are read whatever the client says of them.
        """
        written = torrents or {}
        pollers = [self.pollers[name] for name in names if name in self.pollers]
        ticks = [poller.poke(written.get(poller.backend.name, ())) for poller in pollers]
        deadline = time.monotonic() + wait
        for poller, number in zip(pollers, ticks, strict=True):
            if wait:
                poller.reached(number, deadline - time.monotonic())

    def tell(self, by: str, args: Mapping[str, Any], outcomes: Sequence[Outcome]) -> None:
        """Tell the listeners what was tried."""
        for listener in self.listeners:
            listener(by, args, outcomes)

    def close(self, wait: float = 0.0) -> None:
        """End the pollers.

        :param wait: seconds for them to leave their clients as they found them.
        """
        self._finalizer()
        deadline = time.monotonic() + wait
        for poller in self.pollers.values():
            poller.join(deadline - time.monotonic())

    def each(
        self, names: Iterable[str], ask: Callable[[Backend], _T], *, patience: float | None = None
    ) -> list[Answer[_T]]:
        """What ``ask`` returns for each of the clients; one answer each, in order.

        :param patience: seconds to wait for each of them; without one a page's.

        An error of ours becomes part of the answer; any other exception is a mistake in the program and is raised.

        :raises NotFound: a name is no client's.
        """
        backends = [self.get(name) for name in names]
        if len(backends) == 1:  # a thread would only cost time
            return [_answer(backends[0], ask)]
        deadline = time.monotonic() + (self.patience if patience is None else patience)
        waiting = [self._begin(backend, ask) for backend in backends]
        return [task.result(deadline) for task in waiting]

    def _begin(self, backend: Backend, ask: Callable[[Backend], _T]) -> _Task[_T]:
        task = _Task(backend, ask, self._done)
        with self._lock:
            free = self._busy[backend.name] < _THREADS_PER_TARGET
            self._busy[backend.name] += free
        if free:
            free = self._started(task, backend.name)
        if not free:
            task.refuse()
        return task

    def _started(self, task: _Task[_T], name: str) -> bool:
        try:
            threading.Thread(target=task.run, name=f'ask-{name}', daemon=True).start()
        except RuntimeError:  # no room for one more thread
            self._done(name)
            return False
        return True

    def _done(self, name: str) -> None:
        with self._lock:
            self._busy[name] -= 1


def _close(pollers: Iterable[Poller]) -> None:
    for poller in pollers:
        poller.close()


class _Task(Generic[_T]):
    """One question to one client, asked in a thread of its own."""

    def __init__(self, backend: Backend, ask: Callable[[Backend], _T], done: Callable[[str], None]) -> None:
        self._backend = backend
        self._ask = ask
        self._done = done
        self._finished = threading.Event()
        self._answer: Answer[_T] | None = None
        self._mistake: Exception | None = None

    def run(self) -> None:
        try:
            self._answer = _answer(self._backend, self._ask)
        except Exception as mistake:
            self._mistake = mistake  # raised by result(), where somebody sees it
        finally:
            self._done(self._backend.name)
            self._finished.set()

    def refuse(self) -> None:
        """Answer without asking: the client hangs with earlier questions already."""
        name = self._backend.name
        busy = NotSent(
            f'{name} still has not answered earlier questions. Is it busy or hanging?', target=name
        )
        self._answer = Answer(name, None, busy)
        self._finished.set()

    def result(self, deadline: float) -> Answer[_T]:
        self._finished.wait(max(0.0, deadline - time.monotonic()))
        if self._mistake:
            raise self._mistake
        if self._answer:
            return self._answer
        name = self._backend.name
        return Answer(
            name,
            None,
            TimedOut(said('%(name)s did not answer in time. Is it busy or hanging?', name=name), target=name),
        )


def _answer(backend: Backend, ask: Callable[[Backend], _T]) -> Answer[_T]:
    try:
        return Answer(backend.name, ask(backend), None)
    except PyroError as error:
        return Answer(backend.name, None, error)
