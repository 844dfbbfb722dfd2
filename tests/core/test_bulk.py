"""Verbs on many torrents: every one is accounted for, and what changed since it was chosen is left alone."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from lib import config
from lib.errors import Conflict, NoSocket, PyroError, TimedOut, UsageError
from model import jobs as table
from model import process
from model.backends.base import CAPABILITIES, Backend, Outcome
from model.bulk import BATCH, Bulk, Caller, Chosen
from model.database import open_database, reading, writing
from model.fields import LIST
from model.hub import Hub
from model.jobs import MAX_FAILURES, MAX_RUNNING_EACH, Job
from tests.rig import wait_for
from tests.rig.postgres import BOTH
from tests.rig.state import prepared


def row(number: int) -> tuple[Any, ...]:
    values = {'hash': f'{number:040X}', 'name': f'torrent {number}', 'size_bytes': 10}
    kinds: dict[str, Any] = {'str': '', 'int': 0, 'bool': False}
    return tuple(values.get(field.key, kinds[field.type]) for field in LIST)


class Client(Backend):
    """A client in memory. ``answer`` says what becomes of a verb on a hash; ``gate`` holds it."""

    kind = 'memory'
    capabilities = CAPABILITIES

    def __init__(self, name: str = 'box', torrents: int = 0) -> None:
        self.name = name
        self.asked: list[tuple[str, ...]] = []
        self.errors: dict[str, tuple[str, PyroError]] = {}
        self.gate: threading.Semaphore | None = None
        self.listed = [row(number) for number in range(torrents)]

    def perform(self, verb: str, hashes: Sequence[str], args: Mapping[str, Any]) -> list[Outcome]:
        if self.gate:
            self.gate.acquire()
        self.asked.append(tuple(hashes))
        return [
            Outcome(self.name, each, verb, *self.errors.get(each, self.errors.get('', ('done', None))))
            for each in hashes
        ]

    def unused(self, *_: Any) -> Any:
        raise NotImplementedError

    views = rows = globals = overview = detail = row = add = settings = unused  # type: ignore[assignment]
    set_settings = encryption = set_encryption = unused  # type: ignore[assignment]


@pytest.fixture
def engine(tmp_path: Path, database_url: str) -> Iterator[Engine]:
    values = {'rtorrent_config': {}, 'STATE_DIR': str(tmp_path / 'state'), 'DATABASE_URL': database_url}
    made = open_database(prepared(config.make(values)))
    yield made
    made.dispose()


ME = Caller(None, 'me')


def begun(engine: Engine, client: Client, number: int) -> tuple[Bulk, Hub, list[Chosen]]:
    hub = Hub([client])
    hub.snapshot.update('box', [row(at) for at in range(number)])
    return Bulk(engine, hub), hub, [Chosen.of(each) for each in hub.snapshot.all()[1]]


def ended(bulk: Bulk, job: Job) -> Job:
    def state() -> bool:
        found = bulk.jobs.get(job.id)
        return found is not None and found.state != 'running'

    wait_for(state, 20, 'the job')
    found = bulk.jobs.get(job.id)
    assert found is not None
    return found


def test_a_few_are_done_at_once_and_in_one_request(engine: Engine) -> None:
    client = Client()
    bulk, _, chosen = begun(engine, client, 3)
    job = bulk.begin(ME, 'start', {}, [*chosen, chosen[0]])
    assert (job.state, job.total, job.done, job.failed) == ('done', 3, 3, 0)
    assert client.asked == [tuple(each.hash for each in chosen)]
    assert bulk.jobs.get(job.id) == job


@BOTH
def test_many_are_done_in_batches_and_the_progress_is_for_all_to_see(engine: Engine) -> None:
    client = Client()
    client.gate = threading.Semaphore(1)
    bulk, _, chosen = begun(engine, client, 3 * BATCH)
    job = bulk.begin(ME, 'start', {}, chosen)
    assert job.state == 'running'

    def done() -> int:
        found = bulk.jobs.get(job.id)
        return found.done if found else 0

    wait_for(lambda: done() == BATCH, 20, 'the first batch')
    client.gate.release(5)
    assert ended(bulk, job).done == 3 * BATCH
    assert [len(batch) for batch in client.asked] == [BATCH] * 3


def test_what_failed_and_what_is_not_known_is_told_one_by_one(engine: Engine) -> None:
    client = Client()
    bulk, _, chosen = begun(engine, client, 3)
    client.errors = {
        chosen[0].hash: ('failed', Conflict('no')),
        chosen[1].hash: ('unknown', TimedOut('late', target='box')),
    }
    job = bulk.begin(ME, 'start', {}, chosen)
    assert (job.done, job.failed, job.unknown) == (1, 1, 1)
    assert [(each.name, each.state, each.message) for each in job.failures] == [
        ('torrent 0', 'failed', 'no'),
        ('torrent 1', 'unknown', 'late'),
    ]


def test_the_list_of_failures_is_bounded_and_their_number_is_not(engine: Engine) -> None:
    client = Client()
    client.errors = {'': ('failed', Conflict('no'))}
    bulk, _, chosen = begun(engine, client, 250)
    job = ended(bulk, bulk.begin(ME, 'start', {}, chosen))
    assert (job.failed, len(job.failures)) == (250, MAX_FAILURES)


def test_a_torrent_that_went_or_came_back_is_left_alone(engine: Engine) -> None:
    client = Client()
    bulk, hub, chosen = begun(engine, client, 3)
    hub.snapshot.update('box', [], gone=[chosen[0].hash, chosen[1].hash])
    hub.snapshot.update('box', [row(1)])
    job = bulk.begin(ME, 'erase', {}, chosen)
    assert client.asked == [(chosen[2].hash,)]
    assert [(each.hash, each.code) for each in job.failures] == [
        (chosen[0].hash, 'not_found'),
        (chosen[1].hash, 'conflict'),
    ]


def test_a_client_that_does_not_answer_is_not_waited_for_again(engine: Engine) -> None:
    client = Client()
    client.errors = {'': ('failed', NoSocket('gone', target='box'))}
    bulk, _, chosen = begun(engine, client, 5 * BATCH)
    job = ended(bulk, bulk.begin(ME, 'start', {}, chosen))
    assert len(client.asked) == 1
    assert job.failed == 5 * BATCH


def test_a_job_ends_when_its_account_may_not_go_on(engine: Engine) -> None:
    client, allowed = Client(), [True, False]
    bulk, _, chosen = begun(engine, client, 4 * BATCH)
    job = ended(bulk, bulk.begin(Caller(None, 'me', lambda: allowed.pop(0)), 'start', {}, chosen))
    assert (job.state, job.done) == ('stopped', 2 * BATCH)


def test_nothing_is_begun_with_wrong_arguments(engine: Engine) -> None:
    client = Client()
    bulk, _, chosen = begun(engine, client, 2)
    for verb, args, items in (
        ('label', {}, chosen), ('start', {'x': 1}, chosen), ('start', {}, []), ('nothing', {}, chosen),
        ('tracker_enable', {'index': 0, 'on': True}, chosen),
    ):  # fmt: skip
        with pytest.raises(UsageError):
            bulk.begin(ME, verb, args, items)
    assert client.asked == []
    with reading(engine) as connection:
        assert connection.execute(table.jobs.select()).all() == []


@BOTH
def test_an_account_has_some_jobs_at_a_time(engine: Engine) -> None:
    client = Client()
    client.gate = threading.Semaphore(0)
    bulk, _, chosen = begun(engine, client, BATCH + 1)
    running = [bulk.begin(ME, 'start', {}, chosen) for _ in range(MAX_RUNNING_EACH)]
    with pytest.raises(Conflict):
        bulk.begin(ME, 'start', {}, chosen)
    client.gate.release(100)
    for job in running:
        ended(bulk, job)
    assert bulk.begin(ME, 'start', {}, chosen).state == 'running'


def test_a_job_whose_process_ended_says_so(engine: Engine) -> None:
    bulk, _, chosen = begun(engine, Client(), 1)
    job = bulk.begin(ME, 'start', {}, chosen)
    host, pid, began = process.name().rsplit('/', 2)
    cases = [
        (process.name(), 0, 'interrupted'),  # ours, but nobody carries it out
        (f'{host}/{pid}/{int(began) - 1}', 0, 'interrupted'),  # the number was given out again
        (f'{host}/{os.getppid()}/1', 0, 'interrupted'),
        ('other-machine/1/1', 0, 'running'),
        ('other-machine/1/1', 1000, 'interrupted'),
    ]
    for name, ago, state in cases:
        with writing(engine) as connection:
            values = {'state': 'running', 'process': name, 'updated': job.updated - ago}
            connection.execute(table.jobs.update().values(**values))
        found = bulk.jobs.get(job.id)
        assert found is not None
        assert found.state == state, name


@BOTH
def test_old_jobs_are_forgotten(engine: Engine) -> None:
    now = [1_000_000.0]
    kept = table.Jobs(engine, lambda: now[0])
    first = kept.begin(None, 'start', 1)
    kept.end(first, 'done')
    now[0] += table.KEPT_FOR + 1
    kept.end(kept.begin(None, 'start', 1), 'done')
    assert kept.get(first.id) is None


@BOTH
def test_only_so_many_jobs_are_kept(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_000_000.0]
    kept = table.Jobs(engine, lambda: now[0])
    made = []
    for _ in range(5):
        now[0] += 1
        made.append(kept.begin(None, 'start', 1))
        kept.end(made[-1], 'done')
    monkeypatch.setattr(table, '_SURPLUS', table._SURPLUS.offset(2))
    kept.begin(None, 'start', 1)
    assert [kept.get(job.id) is not None for job in made] == [False, False, False, True, True]
