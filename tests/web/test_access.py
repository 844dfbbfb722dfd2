"""Nobody gets past the login, and nothing is changed by a request that is not ours."""

from __future__ import annotations

import io
import re

import pytest

from lib.web.headers import ALWAYS
from model.allowance import MOST
from tests.rig import Rtorrent
from tests.web.conftest import Build
from tests.web.site import PASSWORD, Client, Program, Site


def test_a_stranger_does_not_learn_which_paths_exist(site: Site) -> None:
    assert Client(site.app).get('/no/such/path').status_code == 401
    assert site.browser('ada').get('/no/such/path').status_code == 404


@pytest.mark.parametrize('path', ['/', '/login', '/nowhere', '/api', '/static/none.css', '/health'])
def test_every_answer_carries_the_headers(site: Site, path: str) -> None:
    answer = site.browser().get(path)
    for name, value in ALWAYS.items():
        assert answer.headers[name] == value or name == 'Cache-Control'
    assert 'Access-Control-Allow-Origin' not in answer.headers


@pytest.mark.parametrize('host', ['evil.example', 'localhost.evil.example', '10.0.0.1'])
@pytest.mark.parametrize('path', ['/', '/login', '/api', '/static/css/base.css', '/nowhere'])
def test_a_foreign_host_name_is_refused_everywhere(site: Site, host: str, path: str) -> None:
    browser = site.browser('ada')
    answer = browser.get(path, Host=host)
    assert answer.status_code == 421
    assert site.services.hub.backends['home'].rpc.requests == 0


def test_login_and_logout(site: Site) -> None:
    browser = site.browser('ada')
    assert browser.get('/').status_code == 200
    assert browser.post('/logout', {}).status_code == 303
    assert browser.get('/').status_code == 303


def test_an_old_cookie_is_dead_after_logout_password_change_and_removal(site: Site) -> None:
    for end in ('logout', 'password', 'remove'):
        browser = site.browser(end)
        thief = site.browser()
        thief.client._cookies.update(browser.client._cookies)
        assert thief.get('/').status_code == 200
        user = site.services.users.find(end)
        if end == 'logout':
            browser.post('/logout', {})
        elif end == 'password':
            site.services.users.set_password(user.id, 'another good one')
        else:
            site.services.users.remove(user.id)
        assert thief.get('/').status_code == 303, end


def test_a_wrong_password_is_said_and_five_are_enough(site: Site) -> None:
    browser = site.browser('ada')
    browser.post('/logout', {})
    for _ in range(5):
        answer = browser.post('/login', {'name': 'ada', 'password': 'wrong'})
        assert answer.status_code == 401
    answer = browser.post('/login', {'name': 'ada', 'password': PASSWORD})
    assert answer.status_code == 429
    assert int(answer.headers['Retry-After']) > 0


@pytest.mark.parametrize(
    'then', ['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:x', '/%09/evil']
)
def test_login_leads_nowhere_else(site: Site, then: str) -> None:
    site.services.users.add('ada', PASSWORD, 'admin')
    answer = site.browser().post('/login', {'name': 'ada', 'password': PASSWORD, 'next': then})
    assert answer.headers['Location'] in ('/', '/%09/evil')


def test_a_reader_may_not_write(site: Site) -> None:
    browser = site.browser('eve', 'read')
    assert browser.get('/').status_code == 200
    assert browser.get('/add').status_code == 403
    answer = browser.post('/torrents', {'verb': 'stop', 'sel': f'home/{"A" * 40}'})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    'headers',
    [
        {'Origin': 'https://evil.example'},
        {'Origin': 'null'},
        {'Origin': 'http://localhost', 'Sec_Fetch_Site': 'cross-site'},
    ],
)
@pytest.mark.parametrize('path', ['/torrents', '/add', '/logout', '/theme', '/api', '/login'])
def test_another_sites_form_is_refused(site: Site, path: str, headers: dict[str, str]) -> None:
    browser = site.browser('ada')
    browser.get('/account')  # not the list: nobody else is to ask rTorrent meanwhile
    before = site.services.hub.backends['home'].rpc.requests
    answer = browser.post(path, {'verb': 'stop', 'sel': f'home/{"A" * 40}'}, **headers)
    assert answer.status_code == 403
    assert browser.csrf not in answer.text
    assert site.services.hub.backends['home'].rpc.requests == before


def test_a_form_without_the_sessions_token_is_refused(site: Site) -> None:
    browser, other = site.browser('ada'), site.browser('bob')
    other.get('/')
    browser.get('/')
    for token in ('', 'x', other.csrf):
        assert browser.post('/theme', {'theme': 'dark', 'csrf': token}).status_code == 403
    assert browser.post('/theme', {'theme': 'dark'}).status_code == 303


def test_tokens(site: Site) -> None:
    program = site.program('robot')
    item = {'target': 'home', 'type': 'rtorrent', 'attributes': [['get_hostname', []]]}
    assert 'get_hostname' in program.ask(item)[0]
    token = program.headers['Authorization'].removeprefix('Bearer ')
    for wrong in (
        'Bearer x',
        f'bearer  {token}',
        f'Basic {token}',
        f'Bearer {token[:-1]}',
        f'Bearer {token},{token}',
    ):
        assert program.send([item], Authorization=wrong).status_code == 401
    assert Program(site).client.post(f'/api?token={token}').status_code in (401, 403)


def test_a_read_only_token_and_a_readers_token_may_not_set(site: Site) -> None:
    item = {'target': 'home', 'type': 'rtorrent', 'attributes': [['set_upload_throttle', [1024]]]}
    for program in (site.program('one', write=False), site.program('two', 'read', write=False)):
        assert program.ask(item)[0]['error']['code'] == 'denied'


def test_without_login_a_program_is_served_and_a_foreign_page_is_not(
    build: Build, rtorrent: Rtorrent
) -> None:
    site = build({'USE_AUTH': False}, home=rtorrent)
    item = {'target': 'home', 'type': 'rtorrent', 'attributes': [['get_hostname', []]]}
    program = Program(site)
    assert 'get_hostname' in program.ask(item)[0]
    assert program.send([item], Origin='https://evil.example').status_code == 403
    assert program.send([item], Host='evil.example').status_code == 421
    assert program.send([item], Cookie='a=b').status_code == 403
    assert site.browser().get('/').status_code == 200
    far = program.client.post(
        '/api', environ_overrides={'REMOTE_ADDR': '10.0.0.9'}, data='[]', content_type='application/json'
    )
    assert far.status_code == 403


def test_the_one_time_link_of_the_first_start(site: Site) -> None:
    token = site.services.links.create('setup', None, 60)
    browser = site.browser()
    assert browser.get(f'/first/{token}').status_code == 200
    form = {'name': 'ada', 'password': PASSWORD, 'again': 'different'}
    refused = browser.post(f'/first/{token}', form).text
    assert 'differ' in refused
    assert re.findall(r'name="(\w+)"[^>]* autofocus', refused) == ['password']
    assert browser.post(f'/first/{token}', {**form, 'again': PASSWORD}).status_code == 303
    assert browser.get('/').status_code == 200
    assert site.browser().get(f'/first/{token}').status_code == 404


def test_a_login_link_works_once_and_only_when_the_button_is_pressed(site: Site) -> None:
    user = site.services.users.add('ada', PASSWORD, 'read')
    token = site.services.links.create('login', user.id, 60)
    for _ in range(2):
        assert site.browser().get(f'/once/{token}').status_code == 200
    first, second = site.browser(), site.browser()
    assert first.post(f'/once/{token}', {'csrf': ''}).status_code == 303
    assert first.get('/').status_code == 200
    assert second.post(f'/once/{token}', {'csrf': ''}).status_code == 404


def test_a_wrong_old_password_is_said_in_the_form(site: Site) -> None:
    browser = site.browser('ada')
    form = {'old': 'wrong', 'new': 'another good one', 'again': 'another good one'}
    answer = browser.post('/account/password', form)
    assert answer.status_code == 400
    assert 'name="again"' in answer.text
    assert browser.post('/account/password', {**form, 'old': PASSWORD}).status_code == 303
    assert browser.get('/').status_code == 200


def test_only_the_form_for_files_takes_a_large_body(site: Site) -> None:
    large = b'x' * (5 << 20)
    stranger = site.browser()
    for path, status in (('/login', 413), ('/add', 401)):
        form = {'name': 'ada', 'file': (io.BytesIO(large), 'a.torrent')}
        assert stranger.post(path, form).status_code == status
    answer = site.browser('ada').post('/add', {'torrent': (io.BytesIO(large), 'a.torrent')})
    assert answer.status_code == 400
    assert 'a.torrent' in answer.text


def test_searches_beyond_the_share_of_an_account_are_refused_in_words(site: Site) -> None:
    ada = site.browser('ada')
    [user] = site.services.users.list()
    site.services.hub.lists._allowance._spend(user.id, MOST + 100)
    page = ada.get('/?q=linux')
    assert page.status_code == 429
    assert f'Wait {page.headers["Retry-After"]} seconds before a new one.' in page.text
    for method, path, body in (
        ('GET', '/torrents?q=linux', None),
        ('POST', '/actions/preview', {'verb': 'stop', 'select': {'q': 'linux'}}),
    ):
        answer = ada.call(method, path, body)
        assert (answer.status_code, answer.json['error']['code']) == (429, 'too_much')
