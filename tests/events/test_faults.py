"""A recorder keeps its word whatever its database, its client or another recorder does."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from lib.errors import StateError
from model.events import follower as following
from model.events import recorder as module
from model.events.eventlog import EventLog
from model.fields import AT
from tests.events.support import HASH, RUNNING, Stage, bare, kinds
from tests.rig import wait_for
from tests.rig.postgres import BOTH


def execute(engine: Engine, text: str) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text(text))


@BOTH
def test_what_could_not_be_written_is_written_later(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.whole(bare())
    execute(stage.engine, 'ALTER TABLE event_states RENAME TO away')
    for label in 'abc':
        assert stage.some(bare(label=label)) == []
    assert caplog.text.count('cannot be written down') == 1
    execute(stage.engine, 'ALTER TABLE away RENAME TO event_states')
    told = [event for event in stage.look(60) if event.kind == 'label']
    assert [event.detail for event in told] == ['a', 'b', 'c']


@BOTH
def test_of_too_much_that_waits_only_the_outcome_is_told(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, 'MAX_WAITING', 10)
    stage.whole(bare())
    execute(stage.engine, 'ALTER TABLE events RENAME TO away')
    for number in range(20):
        stage.hub.snapshot.update('box', [bare(label=str(number))])
        stage.recorder.follow()
    assert 'has a gap' in caplog.text
    execute(stage.engine, 'ALTER TABLE away RENAME TO events')
    told = [event.detail for event in stage.look(60) if event.kind == 'label']
    assert told[-1] == '19'
    assert len(told) <= 6
    assert stage.look() == []


@BOTH
def test_a_database_that_stays_away_is_not_asked_all_the_time(stage: Stage) -> None:
    stage.whole(bare())
    execute(stage.engine, 'ALTER TABLE events RENAME TO away')
    tries: list[str] = []
    sa.event.listen(stage.engine, 'before_cursor_execute', lambda *args: tries.append(args[2]))
    stage.hub.snapshot.update('box', [bare(label='x')])
    for _ in range(600):
        stage.time.now += 1
        stage.recorder.follow()
    assert 20 <= len([each for each in tries if 'INSERT INTO events ' in each]) <= 30


def test_a_full_disk_loses_nothing(stage: Stage) -> None:
    stage.whole(bare())
    with stage.engine.connect() as connection:
        pages = connection.exec_driver_sql('PRAGMA page_count').scalar()
    for held in [stage.engine.connect() for _ in range(3)]:
        held.exec_driver_sql(f'PRAGMA max_page_count = {pages}')
        held.close()
    new = [bare(f'{at:040}') for at in range(500)]
    assert stage.whole(bare(), *new) == []
    with stage.engine.connect() as connection:
        connection.exec_driver_sql('PRAGMA max_page_count = 1073741823')
    stage.engine.dispose()
    assert kinds(stage.look(60)) == ['added'] * 500


@BOTH
def test_a_commit_whose_answer_was_lost_is_not_repeated(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.whole(bare())
    write = module.Recorder._written

    def lost(self: Any, batch: Any) -> int:
        fence = self._fence
        write(self, batch)
        self._fence = fence
        raise StateError('The connection broke.')

    monkeypatch.setattr(module.Recorder, '_written', lost)
    assert kinds(stage.some(bare(label='x'))) == ['label', 'updated']
    monkeypatch.setattr(module.Recorder, '_written', write)
    assert stage.look(60) == []
    assert stage.look() == []
    assert [event.detail for event in stage.some(bare(label='y'))] == ['y', 'label']


@BOTH
def test_one_of_two_records_and_the_other_takes_over(stage: Stage) -> None:
    stage.whole(bare())
    second = Stage(stage.engine, time=stage.time)
    assert second.whole(bare(label='x')) == []
    assert kinds(stage.some(bare(label='x'))) == ['label', 'updated']
    stage.time.now += module.LEASE_SECONDS  # the first is silent
    assert second.look() == []
    assert kinds(second.some(bare(label='y'))) == ['label', 'updated']
    assert stage.some(bare(label='y')) == []


@BOTH
def test_one_that_was_succeeded_without_noticing_writes_nothing(stage: Stage) -> None:
    stage.whole(bare())
    second = Stage(stage.engine, time=stage.time)
    second.hub.snapshot.update('box', [bare(label='x')], whole=True)
    stage.hub.snapshot.update('box', [bare(label='x')])
    stage.time.now += module.LEASE_SECONDS
    stage.recorder._looked = stage.time.now  # it does not look at its lease
    assert kinds(second.look()) == ['label', 'updated']
    assert stage.look() == []
    second.leases.release('recorder')
    stage.hub.snapshot.update('box', [bare(label='y')])
    assert [event.detail for event in stage.look()] == ['y', 'label']


@BOTH
def test_one_whose_lease_is_gone_writes_nothing(stage: Stage) -> None:
    stage.whole(bare())
    stage.time.now += module.LEASE_SECONDS
    second = Stage(stage.engine, time=stage.time)
    assert second.whole(bare()) == []  # and wrote nothing so far
    stage.recorder._looked = stage.time.now  # the first does not look at its lease
    assert stage.some(bare(label='x')) == []
    assert kinds(second.some(bare(label='x'))) == ['label', 'updated']


@BOTH
def test_two_that_both_believe_to_be_the_one_tell_nothing_twice(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in 'hold', 'holds':
        monkeypatch.setattr(f'model.leases.Leases.{name}', lambda *args: True)
    stages = [stage, Stage(stage.engine, time=stage.time)]
    for number in range(10):
        for each in stages:
            each.hub.snapshot.update('box', [bare(label=str(number))], whole=True)
        for each in stages:
            each.recorder.follow()
            each.recorder.follow()
    details = [event.detail for event in stage.log.since(0, kinds=['label'])]
    assert details == [str(number) for number in range(1, 10)]


@BOTH
def test_a_torrent_that_makes_no_sense_costs_itself_only(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stage.whole(bare(), bare('B' * 40))
    between = following.happenings.between

    def strange(old: Any, *more: Any) -> Any:
        if old[AT['hash']] == HASH:
            raise ValueError('nonsense')
        return between(old, *more)

    monkeypatch.setattr(following.happenings, 'between', strange)
    assert [event.hash for event in stage.some(bare(label='x'), bare('B' * 40, **RUNNING))] == ['B' * 40] * 2
    assert stage.some(bare(label='y')) == []
    assert caplog.text.count('cannot be compared') == 1
    monkeypatch.setattr(following.happenings, 'between', between)
    assert [event.detail for event in stage.some(bare(label='z'))] == ['z', 'label']


@BOTH
def test_the_thread_outlives_every_mistake_and_ends_when_told(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stage = Stage(engine)
    look = module.Recorder._look
    mistakes: list[int] = []

    def mistaken(self: Any, followers: Any) -> None:
        if len(mistakes) < 3:
            mistakes.append(1)
            raise RuntimeError('a mistake')
        look(self, followers)

    monkeypatch.setattr(module.Recorder, '_look', mistaken)
    monkeypatch.setattr(module, 'PAUSE', 0.01)
    monkeypatch.setattr(module, 'LOOK', 0.05)
    stage.hub.snapshot.update('box', [bare()], whole=True)
    before = set(threading.enumerate())
    stage.recorder.start()
    stage.recorder.start()
    [thread] = set(threading.enumerate()) - before
    wait_for(lambda: stage.recorder._fence, 30, 'the first list')
    stage.hub.snapshot.update('box', [bare(label='x')])
    assert stage.log.wait(0, 30) == 2
    assert caplog.text.count('RuntimeError: a mistake') == 2  # said once, with its traceback
    stage.hub.snapshot.update('box', [bare(label='y')])
    stage.recorder.close(30)
    assert not thread.is_alive()
    assert [event.detail for event in EventLog(engine).since(2)] == ['y', 'label']
    assert Stage(engine).leases.hold('recorder', 5)  # it was given back
