"""``GET /api/v1/torrents`` over real rTorrents."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from lib.errors import Conflict
from lib.web.v1 import windows
from model import views
from model.poller import TargetState
from tests.rig import Rtorrent, wait_for
from tests.web.conftest import Build
from tests.web.site import Program
from tests.web.test_search import filled

Ask = dict[str, Any]


def ask(program: Program, **args: Any) -> TestResponse:
    query = urlencode({key.rstrip('_'): value for key, value in args.items()}, doseq=True)
    return program.client.get(f'/api/v1/torrents?{query}', headers=program.headers)


def rows(answer: TestResponse) -> list[dict[str, Any]]:
    said = answer.json
    assert said and said['full'] and [row[0] for row in said['rows']] == said['order']
    return [dict(zip(said['columns'], row, strict=True)) for row in said['rows']]


def names(answer: TestResponse) -> list[str]:
    return [row['name'] for row in rows(answer)]


@pytest.fixture
def program(build: Build, rtorrent: Rtorrent) -> Program:
    filled(
        rtorrent,
        ('debian.iso', 3_000_000, 'Linux'),
        ('Debian live', 50_000, 'Linux'),
        ('holiday (2024).mkv', 2_000_000, ''),
    )
    return build(home=rtorrent).program('ada')


def test_a_window_of_the_list_in_order(program: Program, rtorrent: Rtorrent) -> None:
    answer = ask(program, sort='-size', offset=1, limit=1)
    assert names(answer) == ['holiday (2024).mkv']
    said = answer.json
    assert said
    assert (said['total'], said['known'], said['bytes']) == (3, 3, 5_050_000)
    assert (said['offset'], said['limit'], said['full']) == (1, 1, True)
    (row,) = rows(answer)
    assert row['hash'] in rtorrent.hashes()
    assert (row['target'], row['status'], row['size_bytes'], row['eta']) == (
        'home',
        'stopped',
        2_000_000,
        None,
    )
    (target,) = said['targets']
    assert (target['name'], target['kind'], target['status'], target['error']) == (
        'home',
        'rtorrent',
        'ok',
        None,
    )
    assert (target['count'], said['down'], said['up']) == (3, 0, 0)
    assert 0 <= target['age'] < 60
    assert target['client_version'] == '0.9.8'


def test_facets_count_under_the_choices_of_the_other_groups(program: Program) -> None:
    said = ask(program, in_='label:Linux').json
    assert said
    assert (said['total'], said['bytes']) == (2, 3_050_000)
    assert said['facets']['label'] == [['Linux', 2, 3_050_000], ['', 1, 2_000_000]]
    assert said['facets']['state'] == [['stopped', 2, 3_050_000]]
    assert names(ask(program, not_=['label:Linux', 'state:seeding'])) == ['holiday (2024).mkv']
    assert names(ask(program, in_=['label:', 'label:Linux'], q='20*')) == ['holiday (2024).mkv']
    assert ask(program, in_='tracker:127.0.0.1', target='home', facets=0).json.get('facets') is None  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ('args', 'status', 'code', 'field'),
    [
        ({'limit': 0}, 400, 'bad_input', 'limit'),
        ({'limit': 501}, 400, 'bad_input', 'limit'),
        ({'limit': 'abc'}, 400, 'bad_input', 'limit'),
        ({'offset': -1}, 400, 'bad_input', 'offset'),
        ({'sort': 'nme'}, 400, 'unknown_name', 'sort'),
        ({'in': 'nothing'}, 400, 'bad_input', 'in'),
        ({'not': 'colour:red'}, 400, 'unknown_name', 'not'),
        ({'target': 'nix'}, 400, 'unknown_name', 'target'),
        ({'view': 'nope'}, 404, 'not_found', None),
        ({'q': 'x' * 1001}, 400, 'bad_input', 'q'),
    ],
)
def test_a_wrong_address_is_said(
    program: Program, args: Ask, status: int, code: str, field: str | None
) -> None:
    answer = ask(program, **args)
    assert answer.status_code == status
    error = answer.json['error']  # type: ignore[index]
    assert (error['code'], error['details'].get('field')) == (code, field)


def test_a_wrong_search_says_where(program: Program) -> None:
    error = ask(program, q='size>1m raito>2').json['error']  # type: ignore[index]
    assert error['code'] == 'bad_query'
    assert error['details'] == {'field': 'q', 'position': 8, 'length': 5, 'nearest': 'ratio'}


def test_a_window_past_the_end_is_empty(program: Program) -> None:
    answer = ask(program, offset=100)
    assert names(answer) == []
    assert answer.json['total'] == 3  # type: ignore[index]


def test_what_is_not_new_is_not_told_again(program: Program, rtorrent: Rtorrent) -> None:
    first = ask(program, sort='-size').json
    assert first
    nothing = ask(program, sort='-size', since=first['token'])
    assert (nothing.status_code, nothing.data) == (304, b'')
    assert nothing.headers['ETag'] == f'"{first["token"]}"'
    headers = {**program.headers, 'If-None-Match': f'"{first["token"]}"'}
    assert program.client.get('/api/v1/torrents?sort=-size', headers=headers).status_code == 304
    assert program.client.get('/api/v1/torrents?sort=-name', headers=headers).status_code == 200
    rtorrent.call('d.custom1.set', first['rows'][1][1], 'Film')
    program.site.services.hub.poke(['home'], wait=10)
    wait_for(lambda: ask(program, q='label=Film').json['total'], 30, 'the label to be seen')  # type: ignore[index]
    told = ask(program, sort='-size', since=first['token']).json
    assert told
    assert (told['full'], 'columns' in told, 'order' in told, len(told['rows'])) == (False, False, False, 1)
    row = dict(zip(first['columns'], told['rows'][0], strict=True))
    assert (row['name'], row['label']) == ('holiday (2024).mkv', 'Film')
    assert ['Film', 1, 2_000_000] in told['facets']['label']


@pytest.mark.parametrize('since', ['garbage', 'deadbeef.1.1', '9.9', 'x' * 4000])
def test_a_token_that_is_not_known_gives_everything(program: Program, since: str) -> None:
    assert len(names(ask(program, since=since))) == 3


def test_a_client_that_fails_keeps_its_rows_and_says_so(program: Program, rtorrent: Rtorrent) -> None:
    token = ask(program).json['token']  # type: ignore[index]
    rtorrent.kill()
    program.site.services.hub.poke(['home'], wait=10)
    told = ask(program, since=token).json
    assert told
    assert (told['full'], told['rows'], told['total']) == (False, [], 3)
    (target,) = told['targets']
    assert (target['status'], target['age'] is not None) == ('failed', True)
    assert 'home' in target['error']


def test_rtorrents_own_views_have_what_rtorrent_has_in_them(program: Program, rtorrent: Rtorrent) -> None:
    one, two, three = rtorrent.hashes()
    rtorrent.call('d.check_hash', one)
    wait_for(lambda: rtorrent.call('d.complete', one) == 1, 30, 'the check')
    rtorrent.call('d.start', one)
    rtorrent.call('d.start', two)
    # A pause in the midst of the check that a start begins with leaves it unfinished for good.
    wait_for(lambda: rtorrent.call('d.complete', two) == 1, 30, 'the check that a start begins with')
    rtorrent.call('d.pause', two)
    wait_for(lambda: rtorrent.call('d.is_active', one) == 1, 30, 'the start')
    program.site.services.hub.poke(['home'], wait=10)
    asked = [view for view in views.BUILTIN if view not in ('main', 'hashing')]
    theirs = {view: {row[0] for row in rtorrent.call('d.multicall2', '', view, 'd.hash=')} for view in asked}
    ours = {view: {row['hash'] for row in rows(ask(program, view=view))} for view in asked}
    assert ours == theirs
    assert three in ours['stopped']


def test_a_users_own_view_is_asked_for_now_and_then_only(program: Program, rtorrent: Rtorrent) -> None:
    rtorrent.call('view.add', '', 'mine')
    rtorrent.call('view.filter', '', 'mine', 'greater=d.size_bytes=,value=1000000')
    rpc = program.site.services.hub.backends['home'].rpc  # type: ignore[attr-defined]
    sent = []
    multicall = rpc.multicall
    rpc.multicall = lambda calls, **how: (
        sent.extend(call for call in calls if 'mine' in call[1]),
        multicall(calls, **how),
    )[1]
    found = [set(names(ask(program, view='mine'))) for _ in range(5)]
    assert found == [{'debian.iso', 'holiday (2024).mkv'}] * 5
    assert len(sent) <= 2


def test_another_try_of_a_client_that_fails_is_told_though_its_age_is_not() -> None:
    def told(age: float, retry: float) -> str:
        clients = {'targets': [{'name': 'home', 'age': age, 'retry': 1.0}]}
        return windows.lasting(clients, [TargetState('home', 'x', error=Conflict('No.'), retry=retry)])

    assert told(1.0, 50.0) == told(2.0, 50.0) != told(2.0, 60.0)
