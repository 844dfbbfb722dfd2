"""Saved views, clients and the history over the REST API."""

from __future__ import annotations

import pytest

from tests.core.support import loaded
from tests.events.support import recording
from tests.rig import Rtorrent, wait_for
from tests.web.conftest import Build
from tests.web.site import Site


def test_views_of_an_account(site: Site) -> None:
    browser = site.browser('ada', 'read')
    put = browser.call('PUT', '/views/GNU/Linux', {'address': 'in=label:linux&sort=-added'})
    assert (put.status_code, put.json['address']) == (200, 'sort=-added&in=label%3Alinux')
    assert browser.call('GET', '/views/GNU/Linux').json == put.json
    assert browser.call('GET', '/views').json == {'views': [put.json]}
    assert site.browser('bob').call('GET', '/views').json == {'views': []}
    named = browser.call('PUT', '/views/GNU/Linux', {'address': 'q=x', 'name': 'Mine'})
    assert named.json['name'] == 'Mine'
    wrong = browser.call('PUT', '/views/x', {'address': 'page=2'})
    assert (wrong.status_code, wrong.json['error']['details']['field']) == (400, 'address')
    assert browser.call('DELETE', '/views/Mine').status_code == 200
    assert browser.call('DELETE', '/views/Mine').status_code == 404


def test_a_token_that_may_only_read_saves_nothing(site: Site) -> None:
    program = site.program('eve', 'admin', write=False)
    assert program.call('PUT', '/views/x', {'address': ''}).status_code == 403
    assert program.call('DELETE', '/views/x').status_code == 403
    assert program.get('/views') == {'views': []}


def test_without_a_login_there_is_one_list(build: Build, rtorrent: Rtorrent) -> None:
    site = build({'USE_AUTH': False}, home=rtorrent)
    assert site.browser().call('PUT', '/views/x', {'address': 'q=a'}).status_code == 200
    assert [view.name for view in site.services.saved.list(None)] == ['x']


def test_the_limits_of_a_client(site: Site, rtorrent: Rtorrent) -> None:
    program = site.program('robot')
    assert program.get('/targets/home/limits') == {'target': 'home', 'down_limit': 0, 'up_limit': 0}
    answer = program.call('PATCH', '/targets/home/limits', {'down_limit': 512_000})
    assert (answer.status_code, answer.json['down_limit'], answer.json['up_limit']) == (200, 512_000, 0)
    assert rtorrent.call('throttle.global_down.max_rate') == 512_000
    for body in ({}, {'down_limit': -1}, {'down_limit': '5'}, {'down_limit': 1 << 40}, {'max_peers': 1}):
        assert program.call('PATCH', '/targets/home/limits', body).status_code == 400, body
    assert program.call('PATCH', '/targets/x/limits', {'down_limit': 1}).status_code == 404
    assert site.program('eve', 'read', write=False).call(
        'PATCH', '/targets/home/limits', {'down_limit': 1}
    ).status_code == 403  # fmt: skip


def test_the_clients(build: Build, rtorrent: Rtorrent) -> None:
    told = build(home=rtorrent, away='scgi:///nowhere/rpc').program('robot').get('/targets')
    assert [(each['name'], each['status']) for each in told['targets']] == [
        ('home', 'ok'),
        ('away', 'failed'),
    ]
    assert 'erase' in told['targets'][0]['capabilities']


@pytest.mark.parametrize('door', ['api', 'page'])
def test_the_history_says_what_happened_and_who_did_it(site: Site, rtorrent: Rtorrent, door: str) -> None:
    made = loaded(rtorrent)
    browser = site.browser('ada')
    path = f'/torrents/home/{made.info_hash}/history'
    recording(site.services)
    if door == 'api':
        body = {'verb': 'start', 'select': {'torrents': [f'home/{made.info_hash}']}}
        assert browser.call('POST', '/actions', body).status_code == 200
    else:
        answer = browser.post('/torrents', {'verb': 'start', 'sel': f'home/{made.info_hash}'})
        assert answer.status_code == 303

    def events() -> set[tuple[str, str, str | None]]:
        found = browser.call('GET', path).json['events']
        return {(each['kind'], each['detail'], each['who']) for each in found}

    wait_for(lambda: {('did', 'start', 'ada'), ('started', '', None)} <= events(), 20, 'the events')
    assert len(browser.call('GET', path + '?limit=1').json['events']) == 1
    assert browser.call('GET', f'/torrents/nowhere/{made.info_hash}/history').status_code == 404
    assert browser.call('GET', f'/torrents/home/{"A" * 40}/history').json == {'events': []}


def test_completion_takes_the_text_before_the_cursor(site: Site, rtorrent: Rtorrent) -> None:
    made = loaded(rtorrent)
    rtorrent.call('d.custom1.set', made.info_hash, 'linux')
    site.services.hub.look()
    program = site.program('robot')
    told = program.get('/complete', q='ratio>1 label=li')
    assert told == {'from': 14, 'to': 16, 'items': [{'text': 'linux', 'what': told['items'][0]['what']}]}
    assert program.get('/complete', q='rat x', at=3)['items'][0]['text'].startswith('ratio')
    assert program.call('GET', '/complete?at=x').status_code == 400


def test_completion_says_what_a_name_is_in_the_readers_language(site: Site) -> None:
    browser = site.browser('ada')

    def told(language: str) -> list[str]:
        got = browser.call('GET', '/complete?q=size', **{'Accept-Language': language})
        return [item['what'] for item in got.json['items'][:1]]

    assert (told('en'), told('de')) == (['The size of the data.'], ['Die Größe der Daten.'])
