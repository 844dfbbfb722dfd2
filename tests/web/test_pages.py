"""Every page and form over a real rTorrent: what they change and show, and what is wrong, in a sentence."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.rig import Rtorrent, make, wait_for
from tests.web.conftest import Build
from tests.web.home import ANNOUNCE, LONG, Home, at_home, unescaped
from tests.web.site import PASSWORD, Site


@pytest.fixture
def home(site: Site, rtorrent: Rtorrent) -> Home:
    return at_home(site, rtorrent)


def upload(data: bytes, name: str = 'x.torrent') -> tuple[io.BytesIO, str]:
    return io.BytesIO(data), name


@pytest.mark.parametrize('what', ['garbage', b'', b'd4:infoi1ee', b'de'])
def test_a_file_that_is_no_torrent(home: Home, what: Any) -> None:
    home.browser.get('/account')
    before = home.sent.requests
    data = what.encode() if isinstance(what, str) else what
    answer = home.browser.post('/add', {'torrent': upload(data, 'bad.torrent')})
    assert answer.status_code == 400
    assert 'bad.torrent' in answer.text
    assert home.sent.requests == before


def test_a_torrent_that_is_too_large(build: Build, rtorrent: Rtorrent) -> None:
    browser = build({'MAX_TORRENT_BYTES': 2000}, home=rtorrent).browser('ada')
    answer = browser.post('/add', {'torrent': upload(b'd' * 3000)})
    assert answer.status_code == 413
    assert 'MAX_TORRENT_BYTES' in answer.text


@pytest.mark.parametrize(
    ('directory', 'words'), [('/etc', 'outside the download directories'), ('here', 'absolute path')]
)
def test_a_directory_that_is_not_allowed(home: Home, directory: str, words: str) -> None:
    before = home.state()
    more = make(home.rtorrent.downloads, 'more', 100, announce=ANNOUNCE)
    answers = [
        home.browser.post('/add', {'torrent': upload(more.seed), 'directory': directory}),
        home.browser.post(home.path('/set'), {'verb': 'directory', 'directory': directory}),
    ]
    for answer in answers:
        assert answer.status_code == 403
        assert words in answer.text
    assert home.state() == before


def test_a_rate_is_refused_in_the_unit_of_the_form(home: Home) -> None:
    answer = home.browser.post('/settings/home/limits', {'up_limit': '1048577'})
    assert '“Upload limit (KiB/s)” is a whole number from 0 to 1048576.' in answer.text
    (field,) = re.findall('<[^>]* aria-invalid="true"[^>]*>', answer.text)
    assert 'name="up_limit"' in field
    assert 'aria-describedby="wrong ' in field
    assert 'autofocus' in field
    assert home.browser.post('/settings/home/limits', {'up_limit': '100'}).status_code == 303
    assert home.rtorrent.call('throttle.global_up.max_rate') == 102_400


@pytest.mark.parametrize('words', [[], ['none', 'require'], ['nonsense'], ['require']])
def test_a_wrong_encryption_policy_stays_ticked(home: Home, words: list[str]) -> None:
    answer = home.browser.post('/settings/home/encryption', {'word': words})
    assert answer.status_code == 400
    for word in set(words) - {'nonsense'}:
        assert f'value="{word}" checked' in answer.text
    assert home.site.services.notes.get('home', 'encryption') is None


@pytest.mark.parametrize(
    ('path', 'status', 'words'),
    [
        ('/?sort=nme', 400, 'There is no column to sort by “nme”. Did you mean “name”?'),
        ('/?page=0', 400, '“0” is not a page'),
        ('/?q=' + 4 * LONG, 400, 'The search is longer than 1000 characters'),
        ('/?view=nope', 404, 'home has no view “nope”'),
        ('/?target=nix', 400, 'There is no client “nix”'),
        ('/nowhere', 404, 'There is no such page'),
        ('/torrent/home/xyz', 400, 'exactly 40 hexadecimal digits'),
        (f'/torrent/home/{"0" * 40}', 404, 'There is no torrent'),
        (f'/torrent/nix/{"0" * 40}', 404, 'There is no client “nix”'),
        ('T?tab=nope', 400, 'There is no tab “nope”'),
        ('T/file/2', 404, 'no such file'),
        ('T/file/x', 404, 'There is no such page'),
        ('/settings/nix', 404, 'There is no client “nix”'),
        ('/static/none.css', 404, ''),
    ],
)
def test_a_wrong_address_is_explained(home: Home, path: str, status: int, words: str) -> None:
    answer = home.browser.get(path.replace('T', home.path(), 1) if path[0] == 'T' else path)
    assert answer.status_code == status
    assert words in unescaped(answer)


def test_what_the_forms_of_a_torrent_change(home: Home) -> None:
    call, at = home.rtorrent.call, home.made.info_hash

    def sent(tail: str, form: dict[str, Any], says: str) -> None:
        answer = home.browser.post(home.path(tail), form)
        assert answer.status_code == 303
        assert says in home.browser.get(answer.headers['Location']).text

    sent('/set', {'verb': 'label', 'label': ' é & ü '}, 'value="é &amp; ü"')
    sent('/set', {'verb': 'priority', 'priority': '3'}, 'Set priority: done.')
    sent('/set', {'verb': 'directory', 'directory': f'{home.rtorrent.downloads}/sub'}, 'Set directory: done.')
    sent('/files', {'index': ['0', '1'], 'priority': '0'}, 'not downloaded')
    sent('/trackers', {'index': '0', 'on': '0'}, 'Switch on')
    assert (call('d.custom1', at), call('d.priority', at)) == ('%C3%A9%20%26%20%C3%BC', 3)
    assert call('d.directory', at).startswith(f'{home.rtorrent.downloads}/sub')
    assert call('f.multicall', at, '', 'f.priority=') == [[0], [0]]
    assert call('t.multicall', at, '', 't.is_enabled=') == [[0]]


def test_a_mistake_leads_back_to_the_torrent(home: Home) -> None:
    for tail, form in (('/set', {'verb': 'throttle', 'throttle': 'a b'}), ('/files', {'priority': '1'})):
        answer = home.browser.post(home.path(tail), form)
        assert f'href="{home.path()}?tab=' in answer.text


def test_a_link_that_failed_is_in_the_form_again(home: Home) -> None:
    link = 'http://127.0.0.1:1/a.torrent?x=1&y="2"'
    answer = home.browser.post('/add', {'links': link, 'label': 'kept & safe', 'target': 'home'})
    assert answer.status_code >= 400
    back = re.findall(r'href="(/add\?[^"]*)"', answer.text)
    form = html.unescape(home.browser.get(html.unescape(back[0])).text)
    assert f'>{link}</textarea>' in form
    assert 'value="kept & safe"' in form
    assert 'name="start" value="1">' in form


def test_add_several_at_once_each_with_its_result(home: Home) -> None:
    more = make(home.rtorrent.downloads, 'more', 100, announce=ANNOUNCE)
    form = {
        'torrent': [upload(more.seed, 'a.torrent'), upload(b'x', 'b.torrent')],
        'label': 'new',
        'links': 'x',
    }
    answer = home.browser.post('/add', form)
    assert answer.status_code == 207
    assert '1 of 3 done, 2 failed.' in answer.text
    assert home.rtorrent.call('d.custom1', more.info_hash) == 'new'
    assert home.rtorrent.call('d.state', more.info_hash) == 0
    again = home.browser.post('/add', {'torrent': upload(more.seed), 'label': 'other'})
    assert 'already there, nothing changed' in again.text
    assert home.rtorrent.call('d.custom1', more.info_hash) == 'new'


def test_removing_is_asked_about_first(home: Home) -> None:
    form = {'verb': 'remove', 'sel': f'home/{home.made.info_hash}', 'next': home.path()}
    asked = home.browser.post('/torrents', form)
    assert 'Remove 1 torrent?' in asked.text
    assert 'two files' in asked.text
    assert home.rtorrent.hashes() == [home.made.info_hash]
    done = home.browser.post('/torrents', {**form, 'sure': 'yes'})
    assert done.headers['Location'] == '/?did=erase&n=1'
    assert home.rtorrent.hashes() == []


def test_removing_an_account_is_asked_about_first(home: Home) -> None:
    users = home.site.services.users
    bob = users.add('bob', PASSWORD, 'read')
    home.browser.get('/account')
    asked = home.browser.post('/account/users/remove', {'id': bob.id})
    assert 'Remove the account?' in asked.text
    assert users.find('bob')
    own = users.find('ada')
    assert own
    assert home.browser.post('/account/users/remove', {'id': own.id, 'sure': 'yes'}).status_code == 409
    assert home.browser.post('/account/users/remove', {'id': bob.id, 'sure': 'yes'}).status_code == 303
    assert users.find('bob') is None


def test_another_account_gets_another_role(home: Home) -> None:
    users = home.site.services.users
    bob = home.site.browser('bob', 'read')
    own, other = users.find('ada'), users.find('bob')
    assert own
    assert other
    page = home.browser.get('/account').text
    assert 'aria-label="Role of bob"' in page
    assert 'aria-label="Role of ada"' not in page
    assert bob.post('/torrents', {'verb': 'stop', 'next': '/'}).status_code == 403
    done = home.browser.post('/account/users/role', {'id': other.id, 'role': 'write'})
    assert done.headers['Location'] == '/account?did=role'
    assert 'The role is changed.' in home.browser.get('/account?did=role').text
    assert bob.post('/torrents', {'verb': 'stop', 'next': '/'}).status_code != 403
    refused = home.browser.post('/account/users/role', {'id': own.id, 'role': 'read'})
    assert refused.status_code == 409
    assert 'Another administrator can change its role' in refused.text
    assert [(user.name, user.role) for user in users.list()] == [('ada', 'admin'), ('bob', 'write')]


def test_downloads(home: Home) -> None:
    get, path = home.browser.get, home.path('/file/0')
    home.rtorrent.call('d.check_hash', home.made.info_hash)
    wait_for(lambda: home.rtorrent.call('d.complete', home.made.info_hash) == 1, 10, 'the data to be known')
    whole = get(path)
    assert (whole.status_code, whole.data) == (200, b'0123456789')
    assert "filename*=UTF-8''a.txt" in whole.headers['Content-Disposition']
    part = get(path, Range='bytes=2-4')
    assert (part.status_code, part.data, part.headers['Content-Range']) == (206, b'234', 'bytes 2-4/10')
    assert get(path, Range='bytes=10-').status_code == 416
    kept = get(path, **{'If-None-Match': whole.headers['ETag']})
    assert (kept.status_code, kept.data) == (304, b'')
    torrent = get(home.path('/metainfo'))
    assert torrent.status_code == 200
    assert b'4:infod' in torrent.data


def test_an_unfinished_file_is_not_handed_out(home: Home) -> None:
    part = make(home.rtorrent.downloads, 'part', 100_000, announce=ANNOUNCE, have=0.5)
    home.rtorrent.load(part.seed, part.info_hash)
    answer = home.browser.get(f'/torrent/home/{part.info_hash}/file/0')
    assert answer.status_code == 409
    assert 'This file is not complete yet.' in answer.text


@pytest.mark.parametrize(
    'ask', [lambda path: path, lambda path: f'{path}?tab=trackers', lambda path: f'{path}/metainfo']
)
def test_a_reader_sees_no_passkey(home: Home, ask: Callable[[str], str]) -> None:
    home.rtorrent.call('d.message.set', home.made.info_hash, 'Tracker: [Could not connect]')
    eve = home.site.browser('eve', 'read')
    assert b'SECRETKEY' not in eve.get(ask(home.path())).data
    assert eve.get('/').status_code == 200


def test_one_of_three_targets_is_down(build: Build, rtorrent: Rtorrent, rtorrent_016: Rtorrent) -> None:
    for client, name in ((rtorrent, 'old one'), (rtorrent_016, 'new one')):
        made = make(client.downloads, name, 100, announce=ANNOUNCE)
        client.load(made.seed, made.info_hash)
    site = build(home=rtorrent, box=rtorrent_016, nas='scgi:///nowhere/rpc')
    browser = site.browser('ada')
    page = browser.get('/')
    assert page.status_code == 200
    for words in ('old one', 'new one', 'nas</bdi> does not answer', '/nowhere/rpc'):
        assert words in page.text
    alone = browser.get('/?target=nas')
    assert (alone.status_code, 'No client answers' in alone.text) == (200, True)
    for path, status in (('/settings/nas', 503), ('/settings/box', 200), (f'/torrent/nas/{"A" * 40}', 503)):
        assert browser.get(path).status_code == status
    form = {'verb': 'start', 'sel': [f'home/{rtorrent.hashes()[0]}', f'nas/{"A" * 40}']}
    done = browser.post('/torrents', form)
    assert (done.status_code, '1 of 2 done, 1 failed.' in done.text) == (207, True)
    assert '/nowhere' not in site.browser('eve', 'read').get('/').text


def test_no_target_at_all(build: Build) -> None:
    browser = build().browser('ada')
    assert 'rtorrent_config' in browser.get('/').text
    for path in ('/add', '/settings'):
        assert 'rtorrent_config' in browser.get(path).text
    assert browser.post('/add', {'links': 'magnet:?xt=urn:btih:' + 'A' * 40}).status_code == 404
