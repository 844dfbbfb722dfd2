"""``GET /api/v1/torrents`` over real rTorrents."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from tests.rig import Rtorrent
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
