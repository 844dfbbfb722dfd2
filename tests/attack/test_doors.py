"""Every door to a change, tried by who may only look; and every way to name a directory, tried by who may write."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from lib.methods import TABLES, Method
from lib.web.routes import ROUTES
from tests.attack.conftest import Tap
from tests.core.support import loaded
from tests.rig import Rtorrent
from tests.web.conftest import Build
from tests.web.site import Site

VALUES: dict[str, Any] = {
    'flag': 1, 'kib': 1, 'port': 6881, 'priority': 1, 'file_priority': 1, 'group': 0, 'key': 'k', 'throttle': '',
    'throttle_name': 't', 'directory': '/tmp', 'view': 'main', 'address': '127.0.0.1', 'endpoint': '127.0.0.1:1',
    'port_range': '6881-6889', 'tracker_url': 'http://t.example/a', 'encryption': 'none', 'encryption*': 'none',
    'connection': 'seed', 'dht_mode': 'off', 'text': 'x', 'label': 'x',
}  # fmt: skip
WRITES = [(kind, method) for kind, table in TABLES.items() for method in table.values() if method.write]


def item(kind: str, method: Method, info_hash: str) -> dict[str, Any]:
    args = [VALUES.get(arg, 1) for arg in method.args if not arg.startswith('=')]
    members = {'rtorrent': {}, 'torrent': {'hash': info_hash}}.get(kind, {'hash': info_hash, 'index': 0})
    if kind == 'peer':
        members = {'hash': info_hash, 'index': 'A' * 40}
    return {'type': kind, 'attributes': [[method.name, args]], **members}


def test_a_reader_finds_no_door_of_the_api(site: Site, rtorrent: Rtorrent, tap: Tap) -> None:
    made = loaded(rtorrent)
    items = [item(kind, method, made.info_hash) for kind, method in WRITES]
    readers = [site.program('eve', 'read', write=False), site.program('ada', 'admin', write=False)]
    for reader in readers:
        for start in range(0, len(items), 100):
            for each, answer in zip(items[start:], reader.ask(*items[start : start + 100]), strict=False):
                assert answer['error']['code'] == 'denied', each
    assert tap.recorder.sent == []
    browser = site.browser('bob', 'read')
    browser.get('/account')
    answer = browser.client.post(
        '/api', json=items[:100], headers={'Origin': 'http://localhost', 'X-CSRF-Token': browser.csrf}
    )
    assert {each['error']['code'] for each in answer.json} == {'denied'}
    assert tap.recorder.sent == []


def test_a_reader_finds_no_door_of_the_pages(site: Site, rtorrent: Rtorrent, tap: Tap) -> None:
    made = loaded(rtorrent)
    browser = site.browser('bob', 'read')
    reader = site.program('eve', 'read', write=False)
    browser.get('/')
    for route in ROUTES:
        if 'POST' not in route.methods or route.access not in ('write', 'admin'):
            continue
        path = route.path.replace('<target>', 'home').replace('<hash>', made.info_hash)
        form = {
            'verb': 'erase',
            'sure': 'yes',
            'sel': f'home/{made.info_hash}',
            'index': '0',
            'priority': '0',
        }
        form |= {'on': '0', 'word': 'none', 'up_limit': '1', 'name': 'mallory', 'role': 'admin', 'id': '1'}
        form |= {
            'password': 'correct horse battery',
            'label': 'x',
            'links': 'magnet:?xt=urn:btih:' + 'a' * 40,
        }
        assert browser.post(path, form).status_code == 403, path
        assert reader.client.post(path, data=form, headers=reader.headers).status_code == 403, path
    assert tap.writes() == []
    assert site.services.users.find('mallory') is None


def test_a_token_of_an_administrator_makes_no_accounts_and_no_tokens(site: Site) -> None:
    program = site.program('root')
    form = {
        'name': 'mallory',
        'role': 'admin',
        'password': 'correct horse battery',
        'label': 'x',
        'scope': 'write',
    }
    form |= {
        'old': 'correct horse battery',
        'new': 'another horse battery',
        'again': 'another horse battery',
        'id': '1',
    }
    for path in ('users', 'users/role', 'users/remove', 'tokens', 'tokens/revoke', 'password'):
        answer = program.client.post(f'/account/{path}', data=form, headers=program.headers)
        assert answer.status_code == 403, path
    assert [user.name for user in site.services.users.list()] == ['root']


def test_a_writer_makes_no_accounts(site: Site) -> None:
    browser = site.browser('bob', 'write')
    form = {'name': 'mallory', 'role': 'admin', 'password': 'correct horse battery', 'id': '1'}
    assert browser.post('/account/users', form).status_code == 403
    assert browser.post('/account/users/role', form).status_code == 403
    assert browser.post('/account/users/remove', form).status_code == 403


def test_one_cannot_revoke_anothers_token_by_its_number(site: Site) -> None:
    victim, browser = site.program('ada'), site.browser('bob')
    for number in range(5):
        assert browser.post('/account/tokens/revoke', {'id': str(number)}).status_code == 404
    assert victim.send([{'type': 'rtorrent', 'attributes': ['get_pid']}]).status_code == 200


@pytest.mark.parametrize('configured', [True, False])
def test_no_directory_outside_of_the_roots(
    build: Build, rtorrent: Rtorrent, oracle: Path, configured: bool
) -> None:
    made = loaded(rtorrent)
    root = rtorrent.downloads
    site = build({'DOWNLOAD_ROOTS': [str(root)]} if configured else {}, home=rtorrent)
    (rtorrent.directory / 'outside').mkdir()
    os.symlink(rtorrent.directory / 'outside', root / 'link')
    Path(f'{root}-evil').mkdir()
    places = [
        *('/', '/etc', '', ' ', '~', '~/x', 'relative', '.', '..', '/..', '//', '\0', '/proc/self/cwd'),
        *(f'{root}-evil', f'{root}/../outside', f'{root}/link', f'{root}/link/x', f'{root}/a/../../outside'),
        *(
            f'{root}\0/etc',
            f'{root}\nx',
            f'{root}/x\ry',
            f'{root}/\x7f',
            str(root).upper(),
            f'${{HOME}}{root}',
        ),
        *(
            f'$execute.nothrow=touch,{oracle}',
            f'/x",$execute.nothrow=touch,{oracle},"',
            f'{root}/' + 'x/' * 3000,
        ),
    ]
    before = rtorrent.call('d.directory', made.info_hash), rtorrent.call('directory.default')
    browser, program = site.browser('ada'), site.program('robot')
    magnet = 'magnet:?xt=urn:btih:' + 'a' * 40
    for place in places:
        answer = browser.post(
            f'/torrent/home/{made.info_hash}/set', {'verb': 'directory', 'directory': place}
        )
        assert answer.status_code in (400, 403), place
        if place.strip():
            answer = browser.post('/add', {'target': 'home', 'links': magnet, 'directory': place})
            assert answer.status_code in (400, 403), place
        torrent = {'type': 'torrent', 'hash': made.info_hash}
        answers = program.ask(
            {**torrent, 'attributes': [['set_directory', [place]]]},
            {**torrent, 'attributes': [['set_directory_base', [place]]]},
            {'type': 'rtorrent', 'attributes': [['set_directory', [place]]]},
        )
        assert {each['error']['code'] for each in answers} <= {'denied', 'bad_input'}, place
    assert (rtorrent.call('d.directory', made.info_hash), rtorrent.call('directory.default')) == before
    assert rtorrent.hashes() == [made.info_hash]
    [done] = program.ask(
        {'type': 'torrent', 'hash': made.info_hash, 'attributes': [['set_directory', [f'{root}/in']]]}
    )
    assert 'error' not in done


def test_a_session_planted_before_the_login_is_not_the_one_after_it(site: Site) -> None:
    mine = site.browser('mallory')
    name = next(iter(mine.client._cookies.values())).decoded_key
    planted = next(iter(mine.client._cookies.values())).value
    victim = site.browser()
    victim.client.set_cookie(name, planted)
    mine.get('/')
    victim.csrf = mine.csrf
    site.services.users.add('ada', 'correct horse battery', 'admin')
    answer = victim.post('/login', {'name': 'ada', 'password': 'correct horse battery'})
    assert answer.status_code == 303
    assert next(iter(victim.client._cookies.values())).value != planted
    assert mine.get('/').status_code == 303  # the one that was planted is over for both


def test_a_body_that_the_api_would_refuse_is_not_read(site: Site) -> None:
    program = site.program('robot')
    taken = 0

    class Endless:
        def read(self, size: int) -> bytes:
            nonlocal taken
            taken += size
            return b' ' * size

        readline = readlines = __iter__ = read

    answer = program.client.post(
        '/api',
        headers={**program.headers, 'Content-Type': 'application/json'},
        environ_overrides={
            'wsgi.input': Endless(),
            'CONTENT_LENGTH': str(60 << 20),
            'REMOTE_ADDR': '127.0.0.1',
        },
    )
    assert answer.status_code == 413
    assert taken <= 2 << 20
