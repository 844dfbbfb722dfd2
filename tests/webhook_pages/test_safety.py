"""Who may, forged requests, and text of strangers: names, replies and notices of receivers."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import markupsafe
import pytest

from lib.web.routes import ROUTES
from tests.intake.servers import http
from tests.web.site import Browser, Client, Site
from tests.webhook_pages.conftest import ADDRESS, Build, Make, People, deliver, form
from tests.webhooks.endpoint import Endpoint

PAGES = [route for route in ROUTES if route.path.startswith('/webhooks')]
API = [route for route in ROUTES if route.path.startswith('/api/v1/webhooks')]
MARKUP = '<img src=x onerror=alert(1)>"\'><script>alert(2)</script>'
BODY = {'name': 'mallory', 'style': 'json', 'url': ADDRESS}


def filled(path: str, hook_id: int, delivery: int = 1) -> str:
    return path.replace('<id>', str(hook_id)).replace('<delivery>', str(delivery))


def everything(site: Site) -> list[Any]:
    hooks = site.services.webhooks
    return [(hook, hooks.secret(hook.id), hooks.deliveries(hook.id)) for hook in hooks.all()]


def test_there_is_something_to_try() -> None:
    assert len(PAGES) == 11
    assert len(API) == 12
    assert {route.access for route in PAGES + API} == {'admin'}


@pytest.mark.parametrize('role', ['read', 'write'])
def test_who_does_not_administer_sees_and_changes_nothing(
    people: People, site: Site, make: Make, role: str
) -> None:
    hook = make()
    deliver(site, hook, state='failed', ended=1.0)
    before = everything(site)
    browser, programs = people.browser(role), [people.program(role, write=role == 'write')]
    if role == 'read':
        programs.append(people.program('admin', write=False))
    for route in PAGES:
        for method in route.methods:
            path = filled(route.path, hook.id)
            answer = (
                browser.get(path)
                if method == 'GET'
                else browser.post(path, form(url=ADDRESS) | {'sure': 'yes'})
            )
            assert answer.status_code == 403, (method, path)
            assert 'hooks.example.org' not in answer.text
    for route in API:
        for visitor in (browser, *programs):
            path = filled(route.path, hook.id).removeprefix('/api/v1')
            [method] = route.methods
            answer = visitor.call(method, path, BODY if method in ('POST', 'PATCH') else None)
            assert (answer.status_code, answer.json['error']['code']) == (403, 'denied'), (method, path)
    assert everything(site) == before


def test_a_token_of_an_administrator_opens_the_api_and_no_page(people: People, make: Make) -> None:
    hook, program = make(), people.program()
    assert program.call('GET', f'/webhooks/{hook.id}').status_code == 200
    for route in PAGES:
        for method in route.methods:
            answer = program.client.open(filled(route.path, hook.id), method=method, headers=program.headers)
            assert answer.status_code == 403, (method, route.path)


@pytest.mark.parametrize(
    'headers', [{'Origin': 'https://evil.example'}, {'Origin': 'null'}, {'Sec-Fetch-Site': 'cross-site'}]
)
def test_another_sites_page_changes_nothing(
    site: Site, browser: Browser, make: Make, endpoint: Endpoint, headers: dict[str, str]
) -> None:
    hook = make(url=endpoint.url())
    deliver(site, hook, state='failed', ended=1.0)
    before = everything(site)
    for route in PAGES:
        if 'POST' in route.methods:
            sent = form(url='https://evil.example') | {'sure': 'yes', 'delivery': '1'}
            assert browser.post(filled(route.path, hook.id), sent, **headers).status_code == 403, route.path
    for route in API:
        [method] = route.methods
        if method != 'GET':
            path = filled(route.path, hook.id).removeprefix('/api/v1')
            assert browser.call(method, path, BODY, **headers).status_code == 403, path
    assert everything(site) == before
    assert endpoint.got == []


def test_a_form_without_the_sessions_token_changes_nothing(
    site: Site, people: People, browser: Browser, make: Make
) -> None:
    hook = make()
    before = everything(site)
    other = people.browser('write')
    other.get('/account')
    for token in ('', 'x', other.csrf):
        for route in PAGES:
            if 'POST' in route.methods:
                sent = form(url='https://evil.example') | {'sure': 'yes', 'csrf': token}
                assert browser.post(filled(route.path, hook.id), sent).status_code == 403, route.path
    assert everything(site) == before


def test_a_link_changes_nothing(site: Site, browser: Browser, make: Make, endpoint: Endpoint) -> None:
    hook = make(url=endpoint.url())
    before = everything(site)
    for route in PAGES:
        for method in ('GET', 'HEAD'):
            path = filled(route.path, hook.id)
            answer = browser.client.open(
                f'{path}?sure=yes&name=x&style=json&csrf={browser.csrf}', method=method
            )
            assert answer.status_code in (200, 405), (method, path)
    assert everything(site) == before
    assert endpoint.got == []


def test_without_a_login_another_sites_page_is_stopped(build: Build) -> None:
    site = build({'USE_AUTH': False})
    client = Client(site.app)
    for headers in ({'Origin': 'https://evil.example'}, {'Sec-Fetch-Site': 'cross-site'}):
        assert client.post('/webhooks/new', data=form(url=ADDRESS), headers=headers).status_code == 403
        assert client.post('/api/v1/webhooks', json=BODY, headers=headers).status_code == 403
    assert site.services.webhooks.all() == []


class Tags(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))


def test_names_and_notices_stay_text(site: Site, browser: Browser, make: Make) -> None:
    pages = {}
    for words in ('plain words', MARKUP[:60]):
        hook = make(words, options={'authorization': 'x'}, query='label=x')
        site.services.webhooks._set(hook.id, {'state': 'broken', 'notice': words})
        deliver(site, hook, 2, state='failed', name=words, error=words, reply=words, ended=1.0)
        paths = ('/webhooks', f'/webhooks/{hook.id}', f'/webhooks/{hook.id}/edit')
        pages[words] = [browser.get(path).text for path in paths]
        pages[words].append(browser.post(f'/webhooks/{hook.id}/remove', {}).text)
        pages[words].append(browser.post('/webhooks/new', form(name=words, url=words)).text)
        site.services.webhooks.remove(hook.id)
    plain, hostile = pages.values()
    for one, other in zip(plain, hostile, strict=True):
        assert str(markupsafe.escape(MARKUP[:60])) in other
        assert Tags(one).found == Tags(other).found


def test_a_hostile_reply_is_shown_as_text_and_cut(browser: Browser, make: Make, endpoint: Endpoint) -> None:
    hook = make(url=endpoint.url())
    words = MARKUP.encode() + b'\x00\x07\x1b[31m\r\n\xff\xfe\xe2\x80\xae' + b'x' * (1 << 20)
    endpoint.answer = lambda _got: http(words, '500 <b>Bad</b>')
    page = browser.post(f'/webhooks/{hook.id}/test', {}).text
    assert '<img src=x' not in page and '<script>alert' not in page and '<b>Bad' not in page
    assert str(markupsafe.escape(MARKUP[:28])) in page
    assert not re.search('[\x00-\x08\x0b-\x1f\x7f\u202e]', page)
    assert len(page) < 40_000
    answer = browser.call('GET', f'/webhooks/{hook.id}/deliveries')
    assert len(answer.data) < 10_000


@pytest.mark.parametrize('status', ['200 OK', '500 No'])
def test_a_reply_without_an_end_or_that_lies_ends_by_itself(
    browser: Browser, make: Make, endpoint: Endpoint, status: str
) -> None:
    hook = make(url=endpoint.url())
    endpoint.answer = lambda _got: f'HTTP/1.1 {status}\r\nContent-Length: 1000000000\r\n\r\nfew'.encode()
    assert browser.post(f'/webhooks/{hook.id}/test', {}).status_code == 200
    endpoint.answer = lambda _got: (b'HTTP/1.1 200 OK\r\n\r\n', *[b'x' * 65536] * 64)
    assert browser.post(f'/webhooks/{hook.id}/test', {}).status_code == 200


def test_nothing_of_a_webhook_gets_into_a_header_of_ours(browser: Browser, make: Make) -> None:
    hook = make('ünïcode; “name”')
    for act in ('pause', 'resume', 'test'):
        answer = browser.post(
            f'/webhooks/{hook.id}/{act}', {'next': 'https://evil.example', 'id': 'x\r\nX: y'}
        )
        assert answer.headers.get('Location', '/webhooks').startswith('/webhooks')
        assert 'ünï' not in str(answer.headers)


def test_a_message_of_the_address_says_no_words_of_the_address(browser: Browser, make: Make) -> None:
    hook = make()
    page = browser.get(f'/webhooks/{hook.id}?did={MARKUP}').text
    assert 'alert(1)' not in page
