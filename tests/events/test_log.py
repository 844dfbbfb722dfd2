"""The log of events: read from anywhere, bounded, and waited for."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from lib.errors import Conflict
from model.backends.base import Outcome
from model.database import reading
from model.events import eventdata, eventlog
from model.events.acts import Acts
from model.events.eventlog import Event, EventLog
from model.fields import COLUMNS
from model.hub import Hub
from tests.core.rows import row
from tests.core.test_bulk import Client
from tests.events.support import HASH, Time
from tests.rig import wait_for
from tests.rig.postgres import BOTH


def event(kind: str = 'label', target: str = 'box', **values: Any) -> Event:
    return Event(0, values.pop('at', 5.0), target, values.pop('hash', HASH), kind, **values)


def ids(found: list[Event]) -> list[int]:
    return [each.id for each in found]


@BOTH
def test_events_are_numbered_and_found(engine: Engine) -> None:
    log = EventLog(engine, Time())
    assert (log.since(0), log.latest(), log.first_id(), log.last_id()) == ([], [], 0, 0)
    log.add([event(), event('did', who='ada'), event('moved', 'other'), event('added')])
    assert ids(log.since(0)) == [1, 3, 4]
    assert ids(log.since(1, limit=1)) == [3]
    assert ids(log.since(0, kinds=['moved', 'did'])) == [2, 3]
    assert ids(log.since(0, target='box')) == [1, 4]
    assert ids(log.latest()) == [4, 3, 1]
    assert ids(log.latest(before=4, limit=1)) == [3]
    assert ids(log.of('box', HASH)) == [4, 2, 1]
    assert ids(log.of('box', HASH, 1)) == [4]
    assert (log.first_id(), log.last_id()) == (1, 4)


@BOTH
def test_it_is_bounded_by_number_and_age(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Time()
    log = EventLog(engine, clock, kept=5)
    for at in range(10):
        log.add([event(at=clock.now - 10 + at)])
    assert (log.first_id(), log.last_id()) == (6, 10)
    clock.now += eventlog.KEPT_SECONDS - 3
    monkeypatch.setattr(eventlog, '_PRUNE', 0.0)
    log.add([event(at=1.0)])
    assert ids(log.since(0)) == [8, 9, 10, 11]
    clock.now += 100
    log.add([event(at=2.0)])
    assert ids(log.since(0)) == [12]  # so that numbers go on, and whoever was away sees the gap


@BOTH
def test_numbers_are_not_given_again(engine: Engine) -> None:
    log = EventLog(engine)
    log.add([event(), event()])
    with engine.begin() as connection:
        connection.execute(sa.text('DELETE FROM events'))
    log.add([event()])
    assert log.first_id() == log.last_id() == 3


@BOTH
def test_what_programs_get(engine: Engine) -> None:
    log = EventLog(engine)
    from_client = (
        *row('a\0b\ud800', hash=HASH, message='Tracker: [x]', is_active=1, ratio=float('nan')),
        7,
        'box',
        'error',
        0.5,
        None,
    )
    torrent = eventdata.torrent(from_client)
    log.add(
        [event(name='n' * 9999, detail='\ud800', data={'torrent': torrent, 'diff': {'label': ('', 'x')}})]
    )
    [found] = log.since(0)
    told = json.loads(json.dumps(found.public(), allow_nan=False))
    assert set(told['torrent']) == {column.key for column in COLUMNS} - {'id'}
    assert told['torrent'] == torrent
    assert torrent['name'] == 'a\N{REPLACEMENT CHARACTER}b?'
    assert (torrent['is_active'], torrent['ratio'], torrent['target'], torrent['hash']) == (
        True,
        None,
        'box',
        HASH,
    )
    assert len(told.pop('name')) == 500
    told.pop('torrent')
    assert told == {
        'id': 1, 'at': 5.0, 'time': '1970-01-01T00:00:05.000Z', 'kind': 'label', 'target': 'box', 'hash': HASH,
        'detail': '?', 'diff': {'label': ['', 'x']},
    }  # fmt: skip
    log.add([event('offline', hash='', data={'path': '/x'}, who='ada')])
    told = log.latest(limit=1)[0].public()
    assert (told['torrent'], told['path'], told['who']) == (None, '/x', 'ada')


@BOTH
def test_waiting_ends_with_the_next_event(engine: Engine) -> None:
    log = EventLog(engine)
    found: list[int] = []
    waiters = [threading.Thread(target=lambda: found.append(log.wait(0, 60))) for _ in range(20)]
    for waiter in waiters:
        waiter.start()
    log.add([event()])
    for waiter in waiters:
        waiter.join(60)
    assert found == [1] * 20
    assert log.wait(1, 0.01) == 1


@BOTH
def test_another_process_is_heard(engine: Engine) -> None:
    ours, others = EventLog(engine), EventLog(engine)
    others.add([event()])
    assert ours.wait(0, 0) == 1
    threading.Timer(0.1, others.add, [[event()]]).start()
    assert ours.wait(1, 60) == 2


def test_many_who_wait_cost_the_database_one_look_a_second(engine: Engine) -> None:
    log, asked = EventLog(engine), []
    sa.event.listen(engine, 'before_cursor_execute', lambda *args: asked.append(args[2]))
    began = time.monotonic()
    waiters = [threading.Thread(target=log.wait, args=(0, 1.5)) for _ in range(30)]
    for waiter in waiters:
        waiter.start()
    for waiter in waiters:
        waiter.join(60)
    assert 1 <= len(asked) <= time.monotonic() - began + 1


@BOTH
def test_one_who_cannot_ask_keeps_nobody_from_it(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    log, asking = EventLog(engine), log_of_failures(monkeypatch)
    with pytest.raises(Conflict):
        log.wait(0, 60)
    asking.clear()
    log.add([event()])
    assert log.wait(0, 60) == 1


def log_of_failures(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The log cannot be asked while the list has something in it."""
    failing, ask = [1], EventLog.last_id

    def last_id(self: EventLog) -> int:
        if failing:
            raise Conflict('no')
        return ask(self)

    monkeypatch.setattr(EventLog, 'last_id', last_id)
    return failing


# who did what


@BOTH
def test_acts_are_in_the_history_only(engine: Engine) -> None:
    hub, log = Hub([Client()]), EventLog(engine)
    acts = Acts(hub, log, Time(7.0))
    hub.snapshot.update('box', [row('thing', hash=HASH)])
    outcomes = [
        Outcome('box', HASH, 'file_priority', 'done'),
        Outcome('box', 'B' * 40, 'x', 'failed', Conflict('no')),
    ]
    hub.tell('ada', {'indexes': [1, 2], 'priority': 0}, outcomes)
    wait_for(lambda: log.last_id(), 20, 'the act')
    [entry] = log.of('box', HASH)
    assert (entry.kind, entry.detail, entry.who, entry.at) == ('did', 'file_priority 2 files 0', 'ada', 7.0)
    assert entry.name == 'thing'
    assert log.since(0) == []
    acts.close()
    wait_for(
        lambda: not [one for one in threading.enumerate() if one.name == 'acts'], 20, 'the thread to end'
    )


@BOTH
def test_what_waits_is_written_when_it_ends(engine: Engine) -> None:
    hub, log = Hub([Client()]), EventLog(engine)
    acts = Acts(hub, log)
    for number in range(50):
        hub.tell('', {}, [Outcome('box', HASH, f'verb{number}', 'done')])
    acts.close()
    wait_for(lambda: len(log.of('box', HASH)) == 50, 20, 'the acts')
    assert [entry.who for entry in log.of('box', HASH, 1)] == [None]


@BOTH
def test_a_database_that_is_away_costs_acts_and_nothing_else(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    hub, log = Hub([Client()]), EventLog(engine)
    acts = Acts(hub, log)
    with engine.begin() as connection:
        connection.execute(sa.text('ALTER TABLE events RENAME TO away'))
    hub.tell('ada', {}, [Outcome('box', HASH, 'one', 'done')])
    wait_for(lambda: 'gap' in caplog.text, 20, 'the line in the log')
    with engine.begin() as connection:
        connection.execute(sa.text('ALTER TABLE away RENAME TO events'))
    hub.tell('ada', {}, [Outcome('box', HASH, 'two', 'done')])
    wait_for(lambda: log.last_id(), 20, 'the second')
    assert [entry.detail for entry in log.of('box', HASH)] == ['two']
    acts.close()
    with reading(engine) as connection:
        assert connection.execute(sa.text('SELECT count(*) FROM events')).scalar() == 1
