"""What a reader of another language sees in a real browser, with and without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from werkzeug.test import Client, TestResponse

from lib.web.routes import ROUTES
from tests.live_page.conftest import Serve, Visit
from tests.live_page.hands import live
from tests.live_page.serve import Served
from tests.live_page.synthetic import Synthetic

COMMA = re.compile(r'\d,\d')


@pytest.fixture
def client() -> Synthetic:
    return Synthetic('home', 1500)


def test_a_german_browser_gets_german(serve: Serve, visit: Visit, client: Synthetic) -> None:
    page = live(visit(serve(client).url, locale='de-DE'))
    expect(page.locator('html')).to_have_attribute('lang', 'de')
    expect(page.locator('#torrent-count')).to_have_text('1.500')
    expect(page.locator('#torrent-noun')).to_have_text('Torrents')
    expect(page.locator('#torrents thead')).to_contain_text('Größe')
    expect(page.locator('#torrents tbody tr').first).to_be_visible()
    expect(page.locator('#torrents tbody')).to_contain_text(COMMA)
    expect(page.locator('#torrents tbody')).to_contain_text(re.compile('verteilt|lädt|gestoppt'))
    expect(page.locator('#facets')).to_contain_text('Zustand')
    added = page.locator('#torrents tbody td.c-added').first
    expect(added).to_have_attribute('title', re.compile(r'^\d\d\.\d\d\.\d{4} \d\d:\d\d$'))
    page.locator('#torrents tbody [name=sel]').first.check()
    expect(page.locator('#selected')).to_contain_text('1 ausgewählt')


def test_the_panel_and_the_keys_are_german(serve: Serve, visit: Visit, client: Synthetic) -> None:
    page = live(visit(serve(client).url, locale='de-AT', allowed='404'))  # made-up torrents have no details
    page.locator('#torrents tbody th.c-name a').first.click()
    expect(page.locator('#panel')).to_contain_text('Allgemein')
    expect(page.locator('#panel')).to_contain_text('Verlauf')
    page.keyboard.press('Escape')
    page.keyboard.press('?')
    expect(page.locator('dialog[open]')).to_contain_text('nächster Torrent')


def test_english_stays_as_it_was(serve: Serve, visit: Visit, client: Synthetic) -> None:
    page = live(visit(serve(client).url, locale='en-GB'))
    expect(page.locator('html')).to_have_attribute('lang', 'en')
    expect(page.locator('link#words')).to_have_count(0)
    expect(page.locator('#torrent-count')).to_have_text('1,500')
    expect(page.locator('#torrents thead')).to_contain_text('Size')
    expect(page.locator('#torrents tbody')).to_contain_text(re.compile(r'\d\.\d'))
    added = page.locator('#torrents tbody td.c-added').first
    expect(added).to_have_attribute('title', re.compile(r'^\d{4}-\d\d-\d\d \d\d:\d\d$'))


def test_the_menu_chooses_without_scripts(serve: Serve, visit: Visit, client: Synthetic) -> None:
    page = visit(serve(client).url, java_script_enabled=False, locale='en-US', allowed='400')
    page.locator('summary', has_text='local').click()
    page.get_by_role('button', name='Deutsch').click()
    expect(page.locator('html')).to_have_attribute('lang', 'de')
    expect(page.locator('#torrent-count')).to_have_text('1.500')
    page.goto(page.url.split('?')[0] + '?q=ratio>zwei', wait_until='load')
    expect(page.locator('#wrong')).to_contain_text('„zwei“ ist keine Zahl')
    page.locator('summary', has_text='local').click()
    page.get_by_role('button', name='automatisch').click()
    expect(page.locator('html')).to_have_attribute('lang', 'en')


HERE = {'REMOTE_ADDR': '127.0.0.1'}
GERMAN = {'Accept': 'text/html', 'Accept-Language': 'de', 'Host': 'localhost'}
OURS = {'Host': 'localhost', 'Origin': 'http://localhost'}


def test_every_page_is_german_and_sound(serve: Serve, client: Synthetic) -> None:
    browser = Client(serve(client).app)
    pages = [
        route.path
        for route in ROUTES
        if route.kind == 'page' and 'GET' in route.methods and '<' not in route.path
    ]
    for path in [*pages, f'/torrent/home/{"A" * 40}', f'/torrent/nobody/{"A" * 40}', '/?sort=nonsense']:
        answer = browser.get(path, headers=GERMAN, environ_overrides=HERE)
        if answer.mimetype == 'text/html' and answer.status_code != 303:
            assert '<html lang="de"' in answer.text, path
            assert answer.status_code < 500 or answer.status_code == 501, path


def test_the_scripts_texts_come_once_and_for_ever(serve: Serve, client: Synthetic) -> None:
    browser = Client(serve(client).app)
    page = browser.get('/', headers=GERMAN, environ_overrides=HERE).text
    address = re.search(r'id="words" href="([^"]+)"', page)
    assert address
    answer = browser.get(address[1], headers=OURS, environ_overrides=HERE)
    assert answer.json is not None
    assert answer.json['Undo'] == 'Rückgängig'
    assert answer.json['{n} torrent'] == {'one': '{n} Torrent', 'other': '{n} Torrents'}
    assert 'immutable' in answer.headers['Cache-Control']
    for stale in ('/words/de/old', '/words/fr/x', '/words/en/x', '/words/..%2fde/x'):
        answer = browser.get(stale, headers=OURS, environ_overrides=HERE)
        assert answer.status_code == 404 or answer.headers['Cache-Control'] == 'no-cache', stale


def choose(site: Served, language: str, **headers: str) -> TestResponse:
    form = {'language': language, 'next': '//evil.example'}
    return Client(site.app).post('/language', data=form, headers=OURS | headers, environ_overrides=HERE)


@pytest.mark.parametrize('chosen', ['fr', '', '<script>', '../de', 'de\r\nSet-Cookie: x=1'])
def test_only_a_language_that_exists_can_be_chosen(serve: Serve, client: Synthetic, chosen: str) -> None:
    answer = choose(serve(client), chosen)
    assert answer.status_code == 400
    assert 'Set-Cookie' not in answer.headers


def test_the_choice_leads_back_to_pages_of_ours_only(serve: Serve, client: Synthetic) -> None:
    answer = choose(serve(client), 'de')
    assert (answer.status_code, answer.headers['Location']) == (303, '/')
    cookie = answer.headers['Set-Cookie']
    assert all(word in cookie for word in ('pyrotorrent_language=de', 'HttpOnly', 'SameSite=Lax'))


def test_a_forged_form_chooses_nothing(serve: Serve, client: Synthetic) -> None:
    assert choose(serve(client), 'de', Origin='http://evil.example').status_code == 403
