"""The log of events: what happened to torrents and clients, in order, each with a number that is given once."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from model.database import reading, writing
from model.events import eventdata
from model.tables import events

KEPT = 50_000
KEPT_SECONDS = 90 * 86400.0
OF_ONE = 200  # events of one torrent that its history shows
#: Kinds that belong to a torrent's history only: acts are not news.
HISTORY_ONLY = ('did',)
_OTHERS = 1.0  # seconds after which events of other processes are seen by those who wait
_PRUNE = 3600.0  # seconds between two looks for old ones


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened.

    :ivar id: its number in the log; 0 while it is in none.
    :ivar at: Unix seconds.
    :ivar hash: the torrent's info hash, ``''`` of what concerns a client or ourselves.
    :ivar kind: one of :data:`model.events.happenings.KINDS`.
    :ivar name: the torrent's, or the client's.
    :ivar detail: what more there is to say, in one word or line.
    :ivar data: ``torrent``: its columns by key, as they were then; ``diff``: key → (old, new); and other facts.
    :ivar who: the account that did it; None where only the client says that it is so.
    """

    id: int
    at: float
    target: str
    hash: str
    kind: str
    name: str = ''
    detail: str = ''
    data: Mapping[str, Any] = field(default_factory=dict)
    who: str | None = None

    def public(self) -> dict[str, Any]:
        """The event as programs get it; JSON all through."""
        moment = datetime.fromtimestamp(self.at, UTC).isoformat(timespec='milliseconds')
        told = {
            'id': self.id, 'at': self.at, 'time': moment.replace('+00:00', 'Z'), 'kind': self.kind,
            'target': self.target, 'hash': self.hash, 'name': self.name, 'detail': self.detail,
        }  # fmt: skip
        return told | {'torrent': None} | dict(self.data) | ({'who': self.who} if self.who else {})


class EventLog:
    """The log of one database. What asks it may raise StateError, where the database does not answer.

    :ivar engine: the database.
    :param clock: Unix time in seconds.
    :param kept: events that are kept at most; the oldest are forgotten, and all older than 90 days but the newest.
    """

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time, *, kept: int = KEPT) -> None:
        self.engine = engine
        self._clock = clock
        self._kept = kept
        self._news = threading.Condition()
        self._newest = 0
        self._asked = self._pruned = float('-inf')  # by time.monotonic()
        self._asking = False

    def since(
        self, after: int, *, kinds: Iterable[str] = (), target: str = '', limit: int = 500
    ) -> list[Event]:
        """What came after an event, oldest first.

        :param kinds: only these; none means all but :data:`HISTORY_ONLY`.
        :param target: only this client's.
        """
        wanted = _wanted(kinds, target).where(events.c.id > after).order_by(events.c.id)
        return self._read(wanted.limit(limit))

    def latest(
        self, *, before: int | None = None, kinds: Iterable[str] = (), target: str = '', limit: int = 100
    ) -> list[Event]:
        """The newest, or what came before an event, newest first."""
        wanted = _wanted(kinds, target).order_by(events.c.id.desc())
        return self._read((wanted if before is None else wanted.where(events.c.id < before)).limit(limit))

    def of(self, target: str, info_hash: str, limit: int = OF_ONE) -> list[Event]:
        """What happened to a torrent and who did what to it, newest first."""
        which = (events.c.target == target) & (events.c.hash == info_hash)
        return self._read(sa.select(events).where(which).order_by(events.c.id.desc()).limit(limit))

    def first_id(self) -> int:
        """The oldest that is kept; 0 where there is none."""
        return self._number(sa.func.min(events.c.id))

    def last_id(self) -> int:
        """The newest; 0 where there is none."""
        return self._number(sa.func.max(events.c.id))

    def add(self, found: Iterable[Event]) -> None:
        """Write events down; their numbers are made here."""
        with writing(self.engine) as connection:
            newest = self.write(connection, list(found))
        self.tell(newest)

    def write(self, connection: Connection, found: Sequence[Event]) -> int:
        """Write events down inside a transaction of one's own; :meth:`tell` is for when it is over.

        :returns: the number of the newest event there is.
        """
        if found:
            connection.execute(events.insert(), [_values(event) for event in found])
        newest = int(connection.execute(sa.select(sa.func.max(events.c.id))).scalar() or 0)
        connection.execute(events.delete().where(events.c.id <= newest - self._kept))
        if time.monotonic() - self._pruned > _PRUNE:
            self._pruned = time.monotonic()
            self._forget_old(connection, newest)
        return newest

    def tell(self, newest: int) -> None:
        """Wake those who wait for something newer than they have seen."""
        with self._news:
            self._newest = max(self._newest, newest)
            self._news.notify_all()

    def wait(self, after: int, timeout: float) -> int:
        """Wait for an event newer than ``after``, at most ``timeout`` seconds.

        However many wait, the database is asked once a second, for what other processes wrote.

        :returns: the number of the newest event then.
        """
        deadline = time.monotonic() + timeout
        while True:
            with self._news:
                now = time.monotonic()
                if self._newest > after:
                    return self._newest
                if self._asking or now < self._asked + _OTHERS:
                    if now >= deadline:
                        return self._newest
                    until = deadline if self._asking else min(deadline, self._asked + _OTHERS)
                    self._news.wait(until - now)
                    continue
                self._asking = True
            self._ask()

    def _ask(self) -> None:
        newest = 0
        try:
            newest = self.last_id()
        finally:
            with self._news:
                self._asking, self._asked = False, time.monotonic()
            self.tell(newest)

    def _forget_old(self, connection: Connection, newest: int) -> None:
        young = sa.select(events.c.id).where(events.c.at >= self._clock() - KEPT_SECONDS)
        first = connection.execute(young.order_by(events.c.id).limit(1)).scalar()
        connection.execute(events.delete().where(events.c.id < (newest if first is None else first)))

    def _number(self, which: sa.ColumnElement[int]) -> int:
        with reading(self.engine) as connection:
            return int(connection.execute(sa.select(which)).scalar() or 0)

    def _read(self, wanted: sa.Select[Any]) -> list[Event]:
        with reading(self.engine) as connection:
            return [_event(row) for row in connection.execute(wanted)]


def _wanted(kinds: Iterable[str], target: str) -> sa.Select[Any]:
    named = list(kinds)
    wanted = sa.select(events).where(
        events.c.kind.in_(named) if named else events.c.kind.not_in(HISTORY_ONLY)
    )
    return wanted.where(events.c.target == target) if target else wanted


def _event(row: Any) -> Event:
    data = eventdata.unpack(json.loads(row.data), row.target, row.hash)
    return Event(row.id, row.at, row.target, row.hash, row.kind, row.name, row.detail, data, row.who)


def _values(event: Event) -> dict[str, Any]:
    return {
        'target': event.target, 'hash': event.hash, 'at': event.at, 'kind': event.kind,
        'name': eventdata.text(event.name), 'detail': eventdata.text(event.detail),
        'data': json.dumps(eventdata.pack(event.data), separators=(',', ':')),
        'who': None if event.who is None else eventdata.text(event.who),
    }  # fmt: skip
