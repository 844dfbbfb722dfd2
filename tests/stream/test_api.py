"""``GET /api/v1/events`` as JSON: from a number on, chosen, told of gaps, and waited for."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from model.events import eventreader
from model.events.eventlog import EventLog
from model.tables import events
from tests.rig import wait_for
from tests.stream.conftest import MOMENT, TORRENT, Build, event
from tests.stream.listening import of_program
from tests.web.site import Program, Site


@pytest.fixture
def program(site: Site) -> Program:
    return site.program('robot', 'read', write=False)


def kinds(answer: Any) -> list[str]:
    return [each['kind'] for each in answer['events']]


def test_nothing_yet(program: Program) -> None:
    assert program.get('/events') == {'events': [], 'next': 0, 'first': 0, 'gap': False}


def test_from_a_number_on(site: Site, program: Program) -> None:
    site.services.events.add([event('added'), event('label', detail='linux'), event('finished')])
    told = program.get('/events', after=1)
    assert kinds(told) == ['label', 'finished']
    assert (told['next'], told['first'], told['gap']) == (3, 1, False)
    first = told['events'][0]
    assert (first['id'], first['detail'], first['torrent']['label']) == (2, 'linux', 'linux')
    assert (first['at'], first['time'][-5:]) == (MOMENT, '.000Z')
    assert program.get('/events', after=3)['events'] == []


def test_a_limited_answer_goes_on_where_it_ended(site: Site, program: Program) -> None:
    site.services.events.add([event('added'), event('label'), event('finished')])
    told = program.get('/events', after=0, limit=2)
    assert (kinds(told), told['next']) == (['added', 'label'], 2)
    told = program.get('/events', after=told['next'], limit=2)
    assert (kinds(told), told['next']) == (['finished'], 3)


def test_without_a_number_the_newest_are_told_oldest_first(site: Site, program: Program) -> None:
    site.services.events.add([event('added'), event('label'), event('finished')])
    told = program.get('/events', limit=2)
    assert (kinds(told), told['next']) == (['label', 'finished'], 3)


def test_choice(site: Site, program: Program) -> None:
    other = {**TORRENT, 'label': 'bsd'}
    site.services.events.add(
        [event('added'), event('added', 'box'), event('label', torrent=other), event('error')]
    )
    assert kinds(program.get('/events', after=0, kinds='added,error')) == ['added', 'added', 'error']
    assert kinds(program.get('/events', after=0, kinds=['added', 'error'], target='home')) == [
        'added',
        'error',
    ]
    told = program.get('/events', after=0, q='label=bsd')
    assert (kinds(told), told['next']) == (['label'], 4)  # what was passed over need not be looked at again
    assert kinds(program.get('/events', q='label=linux', limit=1)) == ['error']


def test_acts_are_no_news(site: Site, program: Program) -> None:
    site.services.events.add([event('did', detail='stop', who='anna')])
    assert program.get('/events', after=0)['events'] == []
    assert program.call('GET', '/events?kinds=did').status_code == 400


@pytest.mark.parametrize(
    ('asked', 'status', 'details'),
    [
        ('q=ratio>many', 400, {'field': 'q', 'position': 6, 'length': 4, 'nearest': None}),
        ('kinds=finishd', 400, {'field': 'kinds'}),
        ('target=nas', 404, {}),
        ('wait=61', 400, {'field': 'wait'}),
        ('after=-1', 400, {'field': 'after'}),
        ('kind=added', 400, {'field': 'kind'}),
        ('query=linux', 400, {'field': 'query'}),
    ],
)
@pytest.mark.parametrize('accept', ['application/json', 'text/event-stream'])
def test_what_is_wrong_is_said_before_anything_begins(
    site: Site, program: Program, asked: str, status: int, details: Any, accept: str
) -> None:
    answer = program.call('GET', f'/events?{asked}', Accept=accept)
    assert answer.status_code == status
    assert answer.json['error']['details'] == details
    assert site.services.streams.taken == 0


def test_many_that_do_not_fit_end_an_answer(
    site: Site, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(eventreader, 'LOOK', 5)
    monkeypatch.setattr(eventreader, 'DEPTH', 20)
    site.services.events.add([event('finished')] + [event('added')] * 30 + [event('finished')])
    bsd = program.get('/events', after=0, q='label=bsd')
    assert (bsd['events'], bsd['next']) == ([], 20)
    assert program.get('/events', after=20, q='label=bsd')['next'] == 32
    assert kinds(program.get('/events', q='label=linux', limit=3)) == ['added', 'added', 'finished']


def test_what_is_forgotten_is_a_gap(site: Site, program: Program) -> None:
    site.services.events.add([event('added')] * 5)
    with site.services.engine.begin() as connection:
        connection.execute(sa.delete(events).where(events.c.id <= 3))
    told = program.get('/events', after=1)
    assert (told['gap'], told['first'], [each['id'] for each in told['events']]) == (True, 4, [4, 5])
    assert program.get('/events', after=3)['gap'] is False
    beyond = program.get('/events', after=99)  # the number is another database's
    assert (beyond['gap'], [each['id'] for each in beyond['events']]) == (True, [4, 5])


def test_waiting_ends_with_what_comes(site: Site, program: Program) -> None:
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(program.get, '/events', after=0, wait=60, kinds='finished')
        wait_for(lambda: site.services.streams.taken == 1, 30, 'it waits')
        site.services.events.add([event('added')])  # is not waited for
        site.services.events.add([event('finished')])
        assert kinds(asked.result()) == ['finished']
    assert site.services.streams.taken == 0


def test_waiting_ends_with_the_time_and_with_the_server(site: Site, program: Program) -> None:
    assert program.get('/events', wait=1)['events'] == []
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(program.get, '/events', wait=60)
        wait_for(lambda: site.services.streams.taken == 1, 30, 'it waits')
        site.services.streams.close()
        assert asked.result()['events'] == []


def test_one_too_many(build: Build, caplog: pytest.LogCaptureFixture) -> None:
    site = build(MAX_STREAMS=1)
    program = site.program('robot')
    site.services.streams.enter(None)
    caplog.set_level(logging.INFO)
    for accept, wait in (('application/json', '?wait=5'), ('text/event-stream', '')):
        answer = program.call('GET', f'/events{wait}', Accept=accept)
        assert answer.status_code == 503
        assert int(answer.headers['Retry-After']) > 0
        assert answer.json['error']['code'] == 'busy'
        assert 'MAX_STREAMS' in answer.json['error']['message']
    refusals = [record for record in caplog.records if 'Busy' in record.getMessage()]
    assert {record.levelno for record in refusals} == {logging.INFO}  # nothing is broken
    assert program.call('GET', '/events').status_code == 200  # does not wait
    site.services.streams.leave(None)
    assert program.call('GET', '/events?wait=1').status_code == 200


def test_an_account_leaves_places_to_others(build: Build) -> None:
    site = build(MAX_STREAMS=5)
    greedy, other = site.program('greedy'), site.program('other')
    taken = [of_program(greedy) for _ in range(4)]
    assert [listener.status[:3] for listener in taken] == ['200', '200', '200', '429']
    answer = greedy.call('GET', '/events?wait=5')
    assert (answer.status_code, answer.json['error']['code']) == (429, 'too_much')
    assert int(answer.headers['Retry-After']) > 0
    assert 'MAX_STREAMS' in answer.json['error']['message']
    theirs = of_program(other)
    assert theirs.status == '200 OK'
    taken[0].close()
    again = of_program(greedy)
    assert again.status == '200 OK'
    for listener in (*taken[1:], theirs, again):
        listener.close()
    assert site.services.streams.taken == 0


def test_where_nobody_logs_in_nobody_has_a_share(build: Build) -> None:
    streams = build(MAX_STREAMS=2).services.streams
    with streams.place(None), streams.place(None):
        assert streams.taken == 2


def test_those_who_wait_ask_the_database_together(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []
    statement = EventLog._number
    monkeypatch.setattr(EventLog, '_number', lambda log, which: looks.append(1) or statement(log, which))
    readers = [
        eventreader.EventReader(site.services.events, eventreader.EventFilter(), None) for _ in range(10)
    ]
    looks.clear()
    threads = [threading.Thread(target=reader.wait, args=[0.4]) for reader in readers for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(looks) <= 1
