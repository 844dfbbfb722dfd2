"""Who did what to torrents through :mod:`model.actions`, written into the log of events for their histories."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lib.errors import StateError
from model.backends.base import Outcome
from model.events.eventlog import Event, EventLog
from model.fields import AT
from model.hub import Hub

log = logging.getLogger(__name__)

MAX_WAITING = 20_000  # acts that wait to be written
BATCH = 2000  # acts in one transaction
_IDLE = 5.0  # seconds without an act after which the thread ends
_NAME = AT['name']


class Acts:
    """Writes acts in a thread that lives while there are any: whoever acts waits for nothing.

    Every process writes its own. What it cannot write, since the database is away, is lost, with a line in our own log.

    :param clock: Unix time in seconds.
    """

    def __init__(self, hub: Hub, events: EventLog, clock: Callable[[], float] = time.time) -> None:
        self._hub = hub
        self._events = events
        self._clock = clock
        self._waiting: deque[Event] = deque(maxlen=MAX_WAITING)
        self._turn = threading.Condition()
        self._thread: threading.Thread | None = None
        self._ended = self._failing = False
        hub.listeners.append(self._did)

    def close(self) -> None:
        """End the thread; what waits is written first."""
        with self._turn:
            self._ended = True
            self._turn.notify_all()

    def _did(self, by: str, args: Mapping[str, Any], outcomes: Sequence[Outcome]) -> None:
        """Take down what somebody did; called by whoever did it, so nothing is written here."""
        now, more = self._clock(), _words(args)
        with self._turn:
            for each in outcomes:
                if each.ok:
                    row = self._hub.snapshot.get(each.target, each.hash)
                    self._waiting.append(
                        Event(
                            0, now, each.target, each.hash, 'did', str(row[_NAME] or '') if row else '',
                            f'{each.verb}{more}', who=by or None,
                        )
                    )  # fmt: skip
            if self._waiting and self._thread is None and not self._ended:
                thread = threading.Thread(target=self._run, name='acts', daemon=True)
                thread.start()  # where the machine has no room for it, the next act tries again
                self._thread = thread
            self._turn.notify_all()

    def _run(self) -> None:
        while True:
            with self._turn:
                self._turn.wait_for(lambda: self._waiting or self._ended, _IDLE)
                if not self._waiting:
                    self._thread = None
                    return
                batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            self._write(batch)

    def _write(self, batch: Sequence[Event]) -> None:
        try:
            self._events.add(batch)
            self._failing = False
        except StateError as error:
            if not self._failing:
                log.warning('The history has a gap of %d acts or more: %s', len(batch), error)
            self._failing = True
        except Exception:  # a fault of ours; were the thread to end of it, no act would ever be written again
            log.exception('%d acts were not written down', len(batch))


def _words(args: Mapping[str, Any]) -> str:
    """The arguments of a verb in one line; of many files only how many they are."""
    said = (f'{len(value)} files' if isinstance(value, list) else str(value) for value in args.values())
    return ''.join(f' {word}' for word in said)
