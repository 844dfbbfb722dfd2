"""Recorders over clients in memory, with clocks that a test moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Engine

from lib.errors import NoSocket
from lib.web.services import Services
from model.events import eventstates
from model.events.eventlog import Event, EventLog
from model.events.recorder import Recorder, RecorderSettings
from model.fields import LIST, Row
from model.hub import Hub
from model.leases import Leases
from tests.core.test_bulk import Client
from tests.rig import wait_for

EMPTY: dict[str, Any] = {'str': '', 'int': 0, 'bool': False}
RUNNING = {'state': 1, 'is_open': True, 'is_active': True}
HASH = 'A' * 40


def bare(info_hash: str = HASH, **values: Any) -> Row:
    """A client's row."""
    given = {'hash': info_hash, 'name': f'name of {info_hash[:4]}', 'tracker': ''} | values
    return tuple(given.get(field.key, EMPTY[field.type]) for field in LIST)


class Time:
    """A clock that a test moves; both of a recorder's clocks in one."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Stage:
    """A recorder over a client in memory called ``box``, that looks when it is told to.

    :ivar time: moves its clocks.
    """

    def __init__(self, engine: Engine, *, time: Time | None = None, **settings: Any) -> None:
        self.engine = engine
        self.time = time or Time()
        self.hub = Hub([Client()])
        self.log = EventLog(engine, self.time)
        self.leases = Leases(engine, self.time)
        self.recorder = Recorder(
            self.hub, self.log, self.leases, settings=RecorderSettings(**settings), clock=self.time,
            monotonic=self.time,
        )  # fmt: skip
        self.answers()

    def again(self, **settings: Any) -> Stage:
        """The next process: another recorder on the same database; this one is gone with what it had in memory."""
        self.leases.release('recorder')
        return Stage(self.engine, time=self.time, **settings)

    def state(self, **values: Any) -> None:
        poller = self.hub.pollers['box']
        poller.state = replace(poller.state, **values)

    def answers(self, **values: Any) -> None:
        """The client answered just now."""
        self.state(status='ok', error=None, seen=self.time.now, **values)

    def fails(self) -> None:
        self.state(status='failed', error=NoSocket('There is no socket.', target='box'))

    def whole(self, *rows: Row) -> list[Event]:
        """What is told when the client lists these."""
        self.hub.snapshot.update('box', rows, whole=True)
        return self.look()

    def some(self, *rows: Row, gone: Sequence[str] = ()) -> list[Event]:
        """What is told when the client says that these changed."""
        self.hub.snapshot.update('box', rows, gone)
        return self.look()

    def look(self, after: float = 0.0) -> list[Event]:
        """What is told at the next look, that many seconds later."""
        self.time.now += after
        before = self.log.last_id()
        self.recorder.follow()
        return self.log.since(before)


def kinds(events: Sequence[Event]) -> list[str]:
    return [event.kind for event in events]


def recording(services: Services) -> None:
    """Record what happens from now on; the present lists are no news."""
    services.hub.look()
    services.recorder.start()
    names = set(services.hub.backends)
    wait_for(lambda: names <= set(eventstates.load(services.engine)[1]), 30, 'the first lists to be known')
