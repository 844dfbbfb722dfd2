"""Every form with good and bad input, over a real rTorrent: the right status, a sentence that says what is wrong,
nothing sent to the client and nothing changed."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from werkzeug.test import TestResponse

from model import settings as table
from tests.rig import Made, Rtorrent, make, wait_for
from tests.web.conftest import Build
from tests.web.site import PASSWORD, Browser, Site

ANNOUNCE = 'http://127.0.0.1:1/SECRETKEY/announce'
CONTENT: dict[str, int | bytes] = {'a.txt': b'0123456789', 'sub/b.bin': 40_000}


@dataclass
class Home:
    """A site with one rTorrent ``home`` that has the torrent ``made``, and an administrator's browser."""

    site: Site
    browser: Browser
    rtorrent: Rtorrent
    made: Made

    def path(self, tail: str = '') -> str:
        return f'/torrent/home/{self.made.info_hash}{tail}'

    @property
    def requests(self) -> int:
        return self.site.services.hub.backends['home'].rpc.requests  # type: ignore[attr-defined]

    def state(self) -> list[Any]:
        """Everything the forms could change in the client."""
        call, at = self.rtorrent.call, self.made.info_hash
        return [
            self.site.services.hub.get('home').settings(),
            self.rtorrent.hashes(),
            *(
                call(f'd.{name}', at)
                for name in ('state', 'custom1', 'priority', 'throttle_name', 'directory')
            ),
            call('f.multicall', at, '', 'f.priority='),
            call('t.multicall', at, '', 't.is_enabled='),
        ]


@pytest.fixture
def home(site: Site, rtorrent: Rtorrent) -> Home:
    made = make(rtorrent.downloads, 'two files', CONTENT, announce=ANNOUNCE)
    rtorrent.load(made.seed, made.info_hash)
    return Home(site, site.browser('ada'), rtorrent, made)


def upload(data: bytes, name: str = 'x.torrent') -> tuple[io.BytesIO, str]:
    return io.BytesIO(data), name


LONG = 'x' * 256
#: path (``T`` is the torrent's), form, status, words of the answer.
REFUSED: list[tuple[str, dict[str, Any], int, str]] = [
    ('/torrents', {}, 400, 'There is no action'),
    ('/torrents', {'verb': 'explode', 'sel': 'home/H'}, 400, 'There is no action “explode”'),
    ('/torrents', {'verb': 'label', 'sel': 'home/H'}, 400, 'There is no action “label”'),
    ('/torrents', {'verb': 'start'}, 400, 'Nothing is selected'),
    ('/torrents', {'verb': 'start', 'sel': 'H'}, 400, '“H” does not name a torrent'),
    ('/torrents', {'verb': 'start', 'sel': 'home/xyz'}, 400, 'exactly 40 hexadecimal digits'),
    ('/torrents', {'verb': 'start', 'sel': ['home/H', 'home/']}, 400, 'exactly 40 hexadecimal digits'),
    ('/torrents', {'verb': 'remove', 'sel': 'home/../../x'}, 400, 'exactly 40 hexadecimal digits'),
    ('/torrents', {'verb': 'stop', 'sel': [f'home/{n:040}' for n in range(2001)]}, 400, 'At most 2000'),
    ('/torrents', {'verb': 'stop', 'sel': 'nix/' + 'A' * 40}, 207, 'There is no client “nix”'),
    ('T/set', {}, 400, 'There is no setting of a torrent'),
    ('T/set', {'verb': 'erase'}, 400, 'There is no setting of a torrent “erase”'),
    ('T/set', {'verb': 'label', 'label': LONG}, 400, 'A label is a text of at most 255 characters'),
    ('T/set', {'verb': 'label', 'label': 'a\x1bb'}, 400, 'without control characters'),
    *(('T/set', {'verb': 'priority', 'priority': bad}, 400, 'priority') for bad in ('', 'x', '-1', '²', '9' * 10)),
    ('T/set', {'verb': 'priority', 'priority': '4'}, 400, '“Priority” is a whole number from 0 to 3'),
    ('T/set', {'verb': 'throttle', 'throttle': 'a b'}, 400, 'A throttle group’s name has letters'),
    ('T/set', {'verb': 'directory', 'directory': ''}, 400, 'The directory must be an absolute path'),
    ('T/files', {'priority': '1'}, 400, 'No file is ticked'),
    ('T/files', {'index': 'x', 'priority': '1'}, 400, '“x” is not a number for the file'),
    ('T/files', {'index': '1000000', 'priority': '1'}, 400, '“File number” is a whole number'),
    ('T/files', {'index': '0', 'priority': ''}, 400, 'is not a number for the priority'),
    ('T/files', {'index': '0', 'priority': '3'}, 400, '“Priority” is a whole number from 0 to 2'),
    ('T/trackers', {'index': '', 'on': '1'}, 400, 'is not a number for the tracker'),
    ('T/trackers', {'index': '10000', 'on': '1'}, 400, '“Tracker” is a whole number'),
    ('T/trackers', {'index': '0', 'on': 'maybe'}, 400, '“On” is either on or off'),
    ('/torrent/home/xyz/set', {'verb': 'label', 'label': 'a'}, 400, 'exactly 40 hexadecimal digits'),
    (f'/torrent/nix/{"A" * 40}/set', {'verb': 'label', 'label': 'a'}, 404, 'There is no client “nix”'),
    ('/add', {}, 400, 'Choose a .torrent file'),
    ('/add', {'links': ' \n '}, 400, 'Choose a .torrent file'),
    ('/add', {'links': 'magnet:?xt=urn:btih:' + 'A' * 40, 'target': 'nix'}, 400, 'There is no client “nix”'),
    ('/add', {'links': 'x\n' * 201}, 413, 'At most 200 torrents at a time'),
    ('/add', {'links': 'magnet:?xt=urn:btih:zzz'}, 400, 'its info hash is neither'),
    ('/add', {'links': 'magnet:foo'}, 400, 'it must begin with “magnet:?”'),
    ('/add', {'links': 'nonsense'}, 400, 'must begin with http:// or https://'),
    ('/add', {'links': 'file:///etc/passwd'}, 400, 'must begin with http:// or https://'),
    ('/add', {'links': 'http://127.0.0.1:9/x.torrent'}, 502, 'which is not reached from here'),
    ('/add', {'links': 'magnet:?xt=urn:btih:' + 'A' * 40, 'label': LONG}, 400, 'A label is a text'),
    ('/settings/nix/limits', {'up_limit': '1'}, 404, 'There is no client “nix”'),
    ('/settings/nix/encryption', {'word': 'require'}, 404, 'There is no client “nix”'),
    ('/account/password', {'old': 'wrong', 'new': PASSWORD, 'again': PASSWORD}, 400, 'present password is wrong'),
    ('/account/password', {'old': PASSWORD, 'new': 'one good one', 'again': 'other'}, 400, 'passwords differ'),
    ('/account/password', {'old': PASSWORD, 'new': 'short', 'again': 'short'}, 400, 'at least 8 characters'),
    ('/account/tokens', {'label': LONG}, 400, 'label'),
    ('/account/tokens/revoke', {'id': 'x'}, 400, 'the number of the entry'),
    ('/account/tokens/revoke', {'id': '999'}, 404, 'no such token'),
    ('/account/users', {'name': '', 'password': PASSWORD, 'role': 'read'}, 400, 'name'),
    ('/account/users', {'name': 'bob', 'password': 'short', 'role': 'read'}, 400, 'at least 8 characters'),
    ('/account/users', {'name': 'bob', 'password': PASSWORD, 'role': 'god'}, 400, 'There is no role “god”'),
    ('/account/users', {'name': 'ada', 'password': PASSWORD, 'role': 'read'}, 409, '“ada” already'),
    ('/account/users/remove', {'id': '-1'}, 400, 'the number of the entry'),
    ('/account/users/remove', {'id': '999'}, 404, 'no such account'),
    ('/theme', {'theme': 'pink'}, 400, 'pink'),
]  # fmt: skip


@pytest.mark.parametrize(('path', 'form', 'status', 'words'), REFUSED)
def test_wrong_input_is_said_and_sent_to_nobody(
    home: Home, path: str, form: dict[str, Any], status: int, words: str
) -> None:
    home.browser.get('/account')
    before, users = home.state(), home.site.services.users.list()
    requests = home.requests
    answer = home.browser.post(path.replace('T/', home.path('/')), form)
    assert (answer.status_code, answer.mimetype) == (status, 'text/html')
    assert words in unescaped(answer)
    assert home.requests == requests
    assert (home.state(), home.site.services.users.list()) == (before, users)


def unescaped(answer: TestResponse) -> str:
    return answer.text.replace('&#39;', "'").replace('&#34;', '"').replace('&gt;', '>').replace('&lt;', '<')


@pytest.mark.parametrize('what', ['garbage', b'', b'd4:infoi1ee', b'de'])
def test_a_file_that_is_no_torrent(home: Home, what: Any) -> None:
    home.browser.get('/account')
    before = home.requests
    data = what.encode() if isinstance(what, str) else what
    answer = home.browser.post('/add', {'torrent': upload(data, 'bad.torrent')})
    assert answer.status_code == 400
    assert 'bad.torrent' in answer.text
    assert home.requests == before


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


@pytest.mark.parametrize('key', [setting.key for setting in table.SETTINGS])
@pytest.mark.parametrize('value', ['', '99999999999', 'x'])
def test_settings_refuse_and_keep_what_was_typed(home: Home, key: str, value: str) -> None:
    setting = table.BY_KEY[key]
    # Of a flag, and of what rTorrent does not have, an empty field says nothing.
    if value == '' and (setting.kind == 'flag' or key in ('download_queue', 'seed_queue')):
        value = 'perhaps'
    before = home.state()
    answer = home.browser.post('/settings/home/limits', {'max_uploads': '7', key: value})
    assert answer.status_code == 400
    assert f'“{setting.label}' in unescaped(answer)
    assert key == 'max_uploads' or 'name="max_uploads" value="7"' in answer.text
    assert home.state() == before


def test_a_rate_is_refused_in_the_unit_of_the_form(home: Home) -> None:
    answer = home.browser.post('/settings/home/limits', {'up_limit': '1048577'})
    assert '“Upload limit (KiB/s)” is a whole number from 0 to 1048576.' in answer.text
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
