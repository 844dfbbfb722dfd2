"""What two rows of a torrent say that happened between them, and what is kept of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from lib import config
from lib.errors import Conflict
from model import history as module
from model.backends.base import Outcome
from model.database import open_database, reading
from model.fields import LIST, Row, complete_row
from model.happenings import KINDS, between
from model.history import History
from model.hub import Hub
from tests.core.test_bulk import Client
from tests.rig import wait_for

SEEDING = {'state': 1, 'is_open': True, 'is_active': True, 'complete': True}
LOADING = {**SEEDING, 'complete': False, 'left_bytes': 5}
PAUSED = {**SEEDING, 'is_active': False}


def bare(**values: Any) -> Row:
    kinds: dict[str, Any] = {'str': '', 'int': 0, 'bool': False}
    given = {'hash': 'A' * 40, 'name': 'thing', 'tracker': ''} | values
    return tuple(given.get(field.key, kinds[field.type]) for field in LIST)


def row(**values: Any) -> Row:
    return complete_row(bare(**values), 1, 'box')


@pytest.mark.parametrize(
    ('old', 'new', 'told'),
    [
        ({}, {}, []),
        ({}, {'up_rate': 5, 'up_total': 9}, []),
        ({}, {'state': 1, 'is_open': True, 'is_active': True}, ['started']),
        (SEEDING, {}, ['stopped']),
        (SEEDING, PAUSED, ['paused']),
        (PAUSED, SEEDING, ['resumed']),
        (PAUSED, {'complete': True}, ['stopped']),
        (LOADING, SEEDING, ['finished']),
        ({'hashing': 1}, {'complete': True}, ['checked']),
        ({'hashing': 3, 'state': 1}, {**SEEDING, 'finished': 5}, ['checked', 'finished']),
        ({'hashing': 1, 'finished': 5}, {'complete': True, 'finished': 5}, ['checked']),
        (SEEDING, {**SEEDING, 'hashing': 1}, ['checking']),
        (SEEDING, {**SEEDING, 'message': 'Tracker: [x]', 'up_rate': 1}, []),
        (
            {**SEEDING, 'message': 'Tracker: [x]', 'up_rate': 1},
            {**SEEDING, 'message': 'Tracker: [x]'},
            ['error'],
        ),
        ({'message': 'a'}, {'message': 'b'}, ['error']),
        ({'message': 'a'}, {'message': 'a', 'up_total': 4}, []),
        ({'message': 'a'}, {}, []),
        ({'label': None}, {'label': ''}, []),
        ({'label': 'a'}, {'label': 'b', 'directory': '/x'}, ['label', 'moved']),
    ],
)
def test_what_happened(old: dict[str, Any], new: dict[str, Any], told: list[str]) -> None:
    found = [kind for kind, _ in between(row(**old), row(**new))]
    assert found == told
    assert set(found) <= set(KINDS)


def test_coming_and_going_and_details() -> None:
    assert between(None, row()) == [('added', 'thing')]
    assert between(row(), None) == [('removed', 'thing')]
    assert between(None, None) == []
    assert between(row(), row(message='Disk\nfull')) == [('error', 'Disk\nfull')]
    assert len(between(row(), row(label='x' * 9999))[0][1]) == 500


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_database(config.make({'rtorrent_config': {}, 'STATE_DIR': str(tmp_path / 'state')}))
    yield made
    made.dispose()


@pytest.fixture
def hub() -> Hub:
    return Hub([Client()])


def kinds(log: History) -> list[str]:
    return [entry.kind for entry in log.of('box', 'A' * 40)]


def test_the_first_list_is_no_news_and_the_next_is(engine: Engine, hub: Hub) -> None:
    log = History(engine, hub, clock=lambda: 7.0)
    hub.snapshot.update('box', [bare()], whole=True)
    log.follow()
    assert kinds(log) == []
    hub.snapshot.update('box', [bare(**LOADING), bare(hash='B' * 40)], whole=True)
    hub.snapshot.update('box', [], gone=['B' * 40])
    log.follow()
    assert [entry.kind for entry in log.of('box', 'B' * 40)] == ['removed', 'added']
    [entry] = log.of('box', 'A' * 40)
    assert (entry.kind, entry.at, entry.who) == ('started', 7.0, None)
    assert log.of('other', 'A' * 40) == []


def test_a_change_in_the_first_look_is_told_though_its_list_is_not(engine: Engine, hub: Hub) -> None:
    log = History(engine, hub)
    hub.snapshot.update('box', [bare()], whole=True)
    hub.snapshot.update('box', [bare(label='x')])
    log.follow()
    assert kinds(log) == ['label']


def test_who_did_what_is_told(engine: Engine, hub: Hub) -> None:
    log = History(engine, hub)
    outcomes = [
        Outcome('box', 'A' * 40, 'file_priority', 'done'),
        Outcome('box', 'B' * 40, 'x', 'failed', Conflict('no')),
    ]
    hub.tell('ada', {'indexes': [1, 2], 'priority': 0}, outcomes)
    log.follow()
    [entry] = log.of('box', 'A' * 40)
    assert (entry.kind, entry.detail, entry.who) == ('did', 'file_priority 2 files 0', 'ada')
    assert log.of('box', 'B' * 40) == []


def test_the_log_is_bounded(engine: Engine, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, 'MAX_EACH', 5)
    monkeypatch.setattr(module, 'MAX_ALL', 12)
    log = History(engine, hub)
    hub.snapshot.update('box', [bare(hash=f'{at:040}') for at in range(4)], whole=True)
    for number in range(20):
        hub.snapshot.update('box', [bare(hash=f'{number % 4:040}', label=str(number))])
        if number % 3 == 0:
            log.follow()
    log.follow()
    assert [entry.detail for entry in log.of('box', f'{3:040}')] == ['19', '15', '11']
    with reading(engine) as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(module.history)).scalar() == 12
    for number in range(20):
        hub.snapshot.update('box', [bare(hash=f'{3:040}', label=f'a{number}')])
    log.follow()
    assert [entry.detail for entry in log.of('box', f'{3:040}', 9)] == [f'a{at}' for at in range(19, 14, -1)]


def test_a_database_that_is_away_costs_entries_and_nothing_else(
    engine: Engine, hub: Hub, caplog: pytest.LogCaptureFixture
) -> None:
    log = History(engine, hub)
    hub.snapshot.update('box', [bare()], whole=True)
    log.follow()
    with engine.begin() as connection:
        connection.execute(sa.text('ALTER TABLE history RENAME TO away'))
    for label in 'abc':
        hub.snapshot.update('box', [bare(label=label)])
        log.follow()
    assert len([each for each in caplog.records if 'gap' in each.getMessage()]) == 1
    with engine.begin() as connection:
        connection.execute(sa.text('ALTER TABLE away RENAME TO history'))
    hub.snapshot.update('box', [bare(label='d')])
    log.follow()
    assert kinds(log) == ['label']


def test_the_thread_follows_by_itself_and_ends(engine: Engine, hub: Hub) -> None:
    log = History(engine, hub)
    before = set(threading.enumerate())
    log.start()
    [thread] = set(threading.enumerate()) - before
    hub.snapshot.update('box', [bare()], whole=True)
    hub.snapshot.update('box', [bare(label='x')])
    wait_for(lambda: kinds(log) == ['label'], 20, 'the entry')
    log.close()
    thread.join(20)
    assert not thread.is_alive()
