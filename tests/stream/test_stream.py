"""Events as Server-Sent Events: what is in them, where they go on, and what ends them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from lib.errors import StateError
from model.events.eventlog import EventLog
from model.tables import events
from tests.rig import wait_for
from tests.stream.conftest import Build, event
from tests.stream.listening import Listener, Told, of_browser, of_program
from tests.web.site import PASSWORD, Program, Site


@pytest.fixture
def program(site: Site) -> Program:
    """Its streams do not end by themselves."""
    site.services.streams.lasts = 1e9
    site.services.streams.beat = 0.02
    return site.program('robot', 'read', write=False)


@pytest.fixture
def listener(program: Program) -> Iterator[Listener]:
    """A stream of what comes from now on."""
    opened = of_program(program)
    yield opened
    opened.close()


def test_head(listener: Listener) -> None:
    assert listener.status == '200 OK'
    assert listener.headers['Content-Type'] == 'text/event-stream; charset=utf-8'
    assert listener.headers['X-Accel-Buffering'] == 'no'
    assert listener.headers['Cache-Control'] == 'no-store'
    assert 'Content-Encoding' not in listener.headers
    assert 'Content-Length' not in listener.headers


def test_what_comes_is_told(site: Site, listener: Listener) -> None:
    site.services.events.add([event('added', name='ünïcode\u2028\n')])
    assert listener.pieces == []  # nothing was asked of it yet
    told = listener.next()
    assert (told.id, told.event) == ('1', 'added')
    assert told.data == site.services.events.since(0)[0].public()
    site.services.events.add([event('error'), event('label')])
    assert [listener.next().event, listener.next().event] == ['error', 'label']
    assert all(line.count(b'\n') == 0 for line in b''.join(listener.pieces).split(b'\n'))


def test_it_begins_now_or_after_a_number(site: Site, program: Program) -> None:
    site.services.events.add([event('added'), event('label'), event('finished')])
    site.services.streams.lasts = 0.25
    assert of_program(program).rest() == []
    assert [each.event for each in of_program(program, '/events?after=1').rest()] == ['label', 'finished']
    again = of_program(program, '/events?after=1', Last_Event_ID='2')
    assert [each.id for each in again.rest()] == ['3']
    odd = of_program(program, '/events?after=1', Last_Event_ID='²')
    assert len(odd.rest()) == 2


def test_choice_and_how_far_it_has_looked(site: Site, program: Program) -> None:
    listener = of_program(program, '/events?kinds=error&after=0')
    site.services.events.add([event('added'), event('added')])
    told = next(listener._blocks)
    assert told == Told(id='2')  # no event, but the next time it goes on from there
    site.services.events.add([event('added'), event('error')])
    assert listener.next().id == '4'
    listener.close()


def test_gap(site: Site, program: Program) -> None:
    site.services.events.add([event('added')] * 5)
    with site.services.engine.begin() as connection:
        connection.execute(sa.delete(events).where(events.c.id <= 3))
    listener = of_program(program, Last_Event_ID='1')
    told = listener.next()
    assert (told.event, told.id, told.data) == ('gap', '3', {'next': 3})
    assert [listener.next().id, listener.next().id] == ['4', '5']
    listener.close()


def test_a_beat_says_that_it_lives(site: Site, program: Program) -> None:
    listener = of_program(program)
    pieces = listener._kept()
    assert next(pieces).endswith(b'\nretry: 3000\n')
    assert next(pieces) == next(pieces) == b':\n'
    listener.close()


def test_its_end_frees_its_place(build: Build) -> None:
    site = build(MAX_STREAMS=1)
    program = site.program('robot')
    for left in (False, True):
        listener = of_program(program)
        assert site.services.streams.taken == 1
        site.services.streams.lasts = 0.05 if left else 300
        assert left is False or listener.rest() == []
        listener.close()
        listener.close()
        assert site.services.streams.taken == 0


def test_one_that_was_never_read_frees_its_place(site: Site, listener: Listener) -> None:
    assert site.services.streams.taken == 1
    listener.close()
    assert site.services.streams.taken == 0


def test_a_head_takes_none(site: Site, program: Program) -> None:
    answer = program.call('HEAD', '/events', Accept='text/event-stream')
    assert (answer.status_code, answer.mimetype) == (200, 'text/event-stream')
    assert site.services.streams.taken == 0


def test_the_end_of_the_server_ends_it(site: Site, listener: Listener) -> None:
    site.services.streams.close()
    assert listener.rest() == []


def test_a_client_that_left_ends_it(site: Site, program: Program) -> None:
    here = [True]
    listener = Listener(site, headers=program.headers, **{'pyrotorrent.gone': lambda: not here[0]})
    site.services.events.add([event('added')])
    assert listener.next().event == 'added'
    here[0] = False
    assert listener.rest() == []


def test_a_revoked_token_ends_it(site: Site, program: Program) -> None:
    listener = of_program(program)
    site.services.events.add([event('added')])
    assert listener.next().event == 'added'
    site.services.tokens.revoke(site.services.tokens.list()[0].id)
    assert listener.rest() == []


@pytest.mark.parametrize('end', ['logout', 'password', 'account'])
def test_the_end_of_a_session_ends_it(site: Site, end: str) -> None:
    site.services.streams.lasts, site.services.streams.beat = 1e9, 0.02
    browser = site.browser('anna')
    listener = of_browser(browser)
    assert listener.status == '200 OK'
    site.services.events.add([event('added')])
    assert listener.next().event == 'added'
    user = site.services.users.find('anna')
    if end == 'logout':
        browser.get('/account')
        browser.post('/logout', {})
    elif end == 'password':
        site.services.users.set_password(user.id, 'another ' + PASSWORD)
    else:
        site.services.users.remove(user.id, force=True)
    assert listener.rest() == []


def test_a_database_that_is_away_ends_it_for_longer(
    site: Site, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = of_program(program)

    def away(*_: object, **__: object) -> None:
        raise StateError('The database is away.')

    monkeypatch.setattr(EventLog, 'since', away)
    site.services.events.add([event('added')])
    assert listener.rest() == []
    assert listener.pieces[-1] == b'retry: 30000\n'
    assert site.services.streams.taken == 0


def test_nobody_listens_without_a_login(site: Site) -> None:
    listener = Listener(site)
    assert listener.status.startswith('401')
    listener.close()


def test_a_log_of_another_process_is_heard(site: Site, listener: Listener) -> None:
    EventLog(site.services.engine).add([event('added')])  # it wakes nobody here
    assert listener.next().event == 'added'
    wait_for(lambda: site.services.streams.taken == 1, 30, 'the stream goes on')
