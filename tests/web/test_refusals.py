"""Every form with bad input, over a real rTorrent: the right status, a sentence that says what is wrong, nothing sent
to the client and nothing changed; so all tests can have the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from model import settings as table
from tests.rig.factory import Factory
from tests.web.conftest import building
from tests.web.home import LONG, Home, at_home, unescaped
from tests.web.site import PASSWORD


@pytest.fixture(scope='module')
def home(tmp_path_factory: pytest.TempPathFactory, start_shared_rtorrent: Factory) -> Iterator[Home]:
    """The one of the module, which every test finds, and has to leave, as it was."""
    rtorrent = start_shared_rtorrent()
    with building(tmp_path_factory.mktemp('home')) as build:
        yield at_home(build(home=rtorrent), rtorrent)


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
    ('/account/users/role', {'id': '-1', 'role': 'read'}, 400, 'the number of the entry'),
    ('/account/users/role', {'id': '999', 'role': 'read'}, 404, 'no such account'),
    ('/account/users/role', {'id': '999', 'role': 'god'}, 400, 'There is no role “god”'),
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
    requests = home.sent.requests
    answer = home.browser.post(path.replace('T/', home.path('/')), form)
    assert (answer.status_code, answer.mimetype) == (status, 'text/html')
    assert words in unescaped(answer)
    assert home.sent.requests == requests
    assert (home.state(), home.site.services.users.list()) == (before, users)


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
