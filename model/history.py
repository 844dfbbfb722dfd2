"""The log of what happened to torrents, and of who did what through :mod:`model.actions`.

One thread follows the snapshot and writes; nobody waits for it. What it cannot write (a database that is away) or
cannot follow (a snapshot that forgot) is lost, with a line in our own log. The first list of a client in a process is
no news: that a torrent came while nobody looked is not told, nor what changed meanwhile.

The one writer is per process: with several processes that all poll, things would be told once by each of them.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from lib.errors import StateError
from model import happenings
from model.backends.base import Outcome
from model.database import reading, writing
from model.fields import AT
from model.hub import Hub
from model.snapshot import Change
from model.tables import events

log = logging.getLogger(__name__)

MAX_EACH = 200  # entries of one torrent
MAX_ALL = 200_000  # and in all
MAX_WAITING = 20_000  # entries that wait to be written
BATCH = 2000  # entries in one transaction
PAUSE = (
    1.0  # seconds between two looks at the snapshot, so that a busy one costs a transaction a second at most
)
_HASH, _TARGET = AT['hash'], AT['target']


@dataclass(frozen=True, slots=True)
class Entry:
    """:ivar kind: one of :data:`model.happenings.KINDS`, or ``did``: then ``detail`` says the verb.
    :ivar at: Unix seconds.
    :ivar who: the account that did it; None where only the client says that it is so.
    """

    target: str
    hash: str
    at: float
    kind: str
    detail: str
    who: str | None = None


class History:
    """The log of one database.

    :param clock: Unix time in seconds.
    """

    def __init__(self, engine: Engine, hub: Hub, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._hub = hub
        self._clock = clock
        self._waiting: deque[Entry] = deque(maxlen=MAX_WAITING)
        self._known: set[str] = set()  # clients whose first list was seen
        self._rev = 0
        self._ended = threading.Event()
        self._failing = False
        hub.listeners.append(self._did)

    def start(self) -> None:
        """Begin to follow the snapshot, in a thread of its own."""
        threading.Thread(target=self._run, name='history', daemon=True).start()

    def close(self) -> None:
        """End the thread; what waits is written first."""
        self._ended.set()

    def of(self, target: str, info_hash: str, limit: int = MAX_EACH) -> list[Entry]:
        """What happened to a torrent, the latest first. StateError where the database does not answer."""
        which = (events.c.target == target) & (events.c.hash == info_hash)
        found = sa.select(*_COLUMNS).where(which).order_by(events.c.id.desc()).limit(limit)
        with reading(self._engine) as connection:
            return [Entry(*row) for row in connection.execute(found)]

    def _did(self, by: str, args: Mapping[str, Any], outcomes: Sequence[Outcome]) -> None:
        """Take down what somebody did; called by whoever did it, so nothing is written here."""
        now, more = self._clock(), _words(args)
        self._waiting.extend(
            Entry(each.target, each.hash, now, 'did', _clip(f'{each.verb}{more}'), by or None)
            for each in outcomes
            if each.ok
        )

    def _run(self) -> None:
        while not self._ended.is_set():
            self._hub.snapshot.wait(self._rev, PAUSE)
            self.follow()
            self._ended.wait(PAUSE)
        self.follow()

    def follow(self) -> None:
        """Write down what is new."""
        self._look()
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            try:
                self._write(batch)
                self._failing = False
            except StateError as error:
                if not self._failing:
                    log.warning('The history has a gap of %d entries or more: %s', len(batch), error)
                self._failing = True
                return

    def _look(self) -> None:
        changes = self._hub.snapshot.since(self._rev)
        if changes is None:
            log.warning('The history has a gap: too much changed at once.')
            self._rev = self._hub.snapshot.rev
            self._known |= {name for name in self._hub.backends if self._hub.snapshot.count(name)}
            return
        if changes:
            self._rev = changes[-1].rev
        now = self._clock()
        firsts = self._firsts(changes)
        for change in changes:
            row = change.new or change.old
            if row is None or (change.old is None and change.rev == firsts.get(row[_TARGET])):
                continue
            for kind, detail in happenings.between(change.old, change.new):
                self._waiting.append(Entry(row[_TARGET], row[_HASH], now, kind, detail))

    def _firsts(self, changes: Iterable[Change]) -> dict[str, int]:
        """The revisions that brought the first lists of clients."""
        firsts: dict[str, int] = {}
        for change in changes:
            target = (change.new or change.old or ())[_TARGET]
            if target not in self._known:
                self._known.add(target)
                firsts[target] = change.rev
        return firsts

    def _write(self, entries: Sequence[Entry]) -> None:
        with writing(self._engine) as connection:
            connection.execute(events.insert(), [_values(entry) for entry in entries])
            for target, info_hash in {(entry.target, entry.hash) for entry in entries}:
                _prune(connection, target, info_hash)
            newest = connection.execute(sa.select(sa.func.max(events.c.id))).scalar() or 0
            connection.execute(events.delete().where(events.c.id <= newest - MAX_ALL))


_COLUMNS = tuple(events.c[name] for name in ('target', 'hash', 'at', 'kind', 'detail', 'who'))


def _values(entry: Entry) -> dict[str, Any]:
    values = {name: getattr(entry, name) for name in ('target', 'hash', 'at', 'kind', 'detail', 'who')}
    return values | {'name': '', 'data': '{}'}


def _prune(connection: Connection, target: str, info_hash: str) -> None:
    mine = (events.c.target == target) & (events.c.hash == info_hash)
    newest = sa.select(events.c.id).where(mine).order_by(events.c.id.desc()).offset(MAX_EACH).limit(1)
    oldest_to_go = connection.execute(newest).scalar()
    if oldest_to_go is not None:
        connection.execute(events.delete().where(mine & (events.c.id <= oldest_to_go)))


def _words(args: Mapping[str, Any]) -> str:
    """The arguments of a verb in one line; of many files only how many they are."""
    said = (f'{len(value)} files' if isinstance(value, list) else str(value) for value in args.values())
    return ''.join(f' {word}' for word in said)


def _clip(text: str) -> str:
    return text[: happenings.MAX_DETAIL]
