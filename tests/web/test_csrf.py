"""The check of where a request comes from."""

from __future__ import annotations

import pytest
from werkzeug import Request
from werkzeug.test import EnvironBuilder

from lib.errors import Denied
from lib.web import csrf


def request(
    headers: dict[str, str], form: dict[str, str] | None = None, host: str = 'torrents.example.org:8000'
) -> Request:
    builder = EnvironBuilder(method='POST', base_url=f'http://{host}/', headers=headers, data=form or {})
    return Request(builder.get_environ())


@pytest.mark.parametrize(
    'headers',
    [
        {'Origin': 'http://torrents.example.org:8000'},
        {'Origin': 'http://torrents.example.org:8000', 'Sec-Fetch-Site': 'same-origin'},
        {'Referer': 'http://torrents.example.org:8000/add?x=1'},
        {'Sec-Fetch-Site': 'same-origin'},
    ],
)
def test_our_own_page_passes(headers: dict[str, str]) -> None:
    csrf.check_origin(request(headers))


@pytest.mark.parametrize(
    'headers',
    [
        {},
        {'Origin': 'null'},
        {'Origin': 'https://evil.example'},
        {'Origin': 'http://torrents.example.org:8001'},
        {'Origin': 'http://torrents.example.org:8000.evil.example'},
        {'Origin': 'file://torrents.example.org:8000'},
        {'Referer': 'https://evil.example/?torrents.example.org:8000'},
        {'Sec-Fetch-Site': 'cross-site', 'Origin': 'http://torrents.example.org:8000'},
        {'Sec-Fetch-Site': 'same-site', 'Origin': 'http://torrents.example.org:8000'},
        {'Sec-Fetch-Site': 'same-origin', 'Origin': 'https://evil.example'},
    ],
)
def test_anything_else_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(Denied):
        csrf.check_origin(request(headers))


def test_a_default_port_may_be_left_out() -> None:
    csrf.check_origin(request({'Origin': 'https://torrents.example.org'}, host='torrents.example.org'))


def test_the_token_in_form_or_header() -> None:
    csrf.check_token(request({}, {'csrf': csrf.masked('abc')}), 'abc')
    csrf.check_token(request({'X-CSRF-Token': csrf.masked('abc')}), 'abc')


@pytest.mark.parametrize('given', ['', 'abc', 'abcé', 'abd='])
def test_a_wrong_token_is_refused(given: str) -> None:
    with pytest.raises(Denied):
        csrf.check_token(request({}, {'csrf': given}), 'abc')


def test_another_pages_token_is_as_good_and_anothers_is_not() -> None:
    for _ in range(3):
        csrf.check_token(request({}, {'csrf': csrf.masked('abc')}), 'abc')
    with pytest.raises(Denied):
        csrf.check_token(request({}, {'csrf': csrf.masked('abd')}), 'abc')
