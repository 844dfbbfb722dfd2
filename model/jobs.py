"""The table of jobs: what became of actions on many torrents, for all processes, and for some days."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from lib.errors import Conflict
from model import process
from model.database import reading, writing
from model.tables import jobs

MAX_RUNNING, MAX_RUNNING_EACH = 8, 3
QUICK = 100  # torrents; what has no more of them is done while the caller waits, and is not counted
MAX_KEPT = 500
KEPT_FOR = 7 * 86400.0  # seconds
MAX_FAILURES = 100  # that are named one by one
MAX_WORDS = 500  # characters
SILENT = 300.0  # seconds after which a job of another machine that says nothing counts as interrupted


@dataclass(frozen=True, slots=True)
class Failure:
    """A torrent that a verb was not done to. ``state`` is ``failed`` or ``unknown``."""

    target: str
    hash: str
    name: str
    state: str
    code: str
    message: str


@dataclass(slots=True)
class Job:
    """:ivar state: ``running``, ``done`` (whatever became of the torrents), ``stopped`` (the account or its token may
        not do this any more) or ``interrupted`` (its process ended).
    :ivar failed: torrents that nothing was done to; ``unknown`` those whose client did not answer.
    :ivar failures: the first MAX_FAILURES of both.
    :ivar started: Unix seconds, as is ``updated``, the last word of the job.
    """

    id: str
    user_id: int | None
    verb: str
    state: str
    total: int
    started: float
    updated: float
    done: int = 0
    failed: int = 0
    unknown: int = 0
    failures: list[Failure] = field(default_factory=list)


class Jobs:
    """The jobs of one database. Every method may raise StateError, where the database does not answer."""

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._clock = clock
        self._mine: set[str] = set()

    def begin(self, user_id: int | None, verb: str, total: int) -> Job:
        """Enter a job.

        :raises Conflict: too many run, of this account or in all.
        """
        now = self._clock()
        job = Job(secrets.token_hex(16), user_id, verb, 'running', total, now, now)
        self._mine.add(job.id)
        with writing(self._engine) as connection:
            self._prune(connection)
            if total > QUICK:
                self._check_running(connection, user_id)
            connection.execute(jobs.insert().values(_values(job) | {'process': process.name()}))
        return job

    def _check_running(self, connection: Connection, user_id: int | None) -> None:
        running = [row.user_id for row in connection.execute(_RUNNING) if self._runs(row)]
        if len(running) >= MAX_RUNNING or running.count(user_id) >= MAX_RUNNING_EACH:
            raise Conflict('Other actions on many torrents are still running. Wait until one is done.')

    def note(self, job: Job) -> None:
        """Write down how far a job is."""
        job.updated = self._clock()
        with writing(self._engine) as connection:
            connection.execute(jobs.update().where(jobs.c.id == job.id).values(_values(job)))

    def end(self, job: Job, state: str) -> None:
        """Write down what became of a job."""
        job.state = state
        try:
            self.note(job)
        finally:
            self._mine.discard(job.id)

    def get(self, job_id: str) -> Job | None:
        """The job of this number, as far as it is."""
        job, runs = self._read(job_id)
        if job is not None and job.state == 'running' and not runs:
            job, _ = self._read(job_id)  # it may have ended between two looks
            if job is not None and job.state == 'running':
                job.state = 'interrupted'
        return job

    def _read(self, job_id: str) -> tuple[Job | None, bool]:
        with reading(self._engine) as connection:
            row = connection.execute(sa.select(jobs).where(jobs.c.id == job_id)).first()
        if row is None:
            return None, False
        values: dict[str, Any] = {key: getattr(row, key) for key in _KEYS}
        failures = [Failure(**each) for each in json.loads(row.failures)]
        return Job(**values, failures=failures), self._runs(row)

    def _runs(self, row: Any) -> bool:
        if row.process == process.name():
            return row.id in self._mine
        runs = process.runs(row.process)
        return self._clock() - row.updated < SILENT if runs is None else runs

    def _prune(self, connection: Connection) -> None:
        ended = jobs.c.state != 'running'
        old = self._clock() - KEPT_FOR
        connection.execute(jobs.delete().where((jobs.c.updated < old) | (ended & jobs.c.id.in_(_SURPLUS))))


_KEYS = ('id', 'user_id', 'verb', 'state', 'total', 'started', 'updated', 'done', 'failed', 'unknown')
_RUNNING = sa.select(jobs).where((jobs.c.state == 'running') & (jobs.c.total > QUICK))
_SURPLUS = sa.select(jobs.c.id).order_by(jobs.c.updated.desc()).offset(MAX_KEPT)


def _values(job: Job) -> dict[str, Any]:
    values = {key: getattr(job, key) for key in _KEYS}
    return values | {'failures': json.dumps([asdict(failure) for failure in job.failures])}
