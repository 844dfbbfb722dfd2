"""What errors tell, and to whom: paths, sockets, accounts and a client's own words are for administrators."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lib.errors import Fault
from tests.core.support import loaded
from tests.rig import Rtorrent
from tests.web.conftest import Build
from tests.web.site import Program, Site

HASH = 'A' * 40
READ = {'target': 'home', 'type': 'rtorrent', 'attributes': ['get_pid']}


def programs(site: Site) -> list[Program]:
    return [site.program('robot'), site.program('looker', 'read', write=False)]


def test_the_api_names_no_path_of_the_machine(build: Build, tmp_path: Path) -> None:
    site = build(home=f'scgi://{tmp_path}/gone/rpc')
    items: list[dict[str, Any]] = [
        READ,
        {'target': 'home', 'type': 'torrentrequester', 'attributes': ['get_name']},
        {'target': 'home', 'type': 'torrent', 'hash': HASH, 'attributes': ['get_name']},
        {'target': 'home', 'type': 'rtorrent', 'attributes': [['set_directory', ['/x']]]},
    ]
    for program in programs(site):
        answer = program.send(items)
        assert str(tmp_path) not in answer.text
        assert 'rpc' not in answer.text
    assert answer.json[0]['error']['code'] == 'no_socket'


@pytest.mark.parametrize('role', ['read', 'write'])
def test_pages_name_no_path_of_the_machine(build: Build, tmp_path: Path, role: str) -> None:
    site = build(home=f'scgi://{tmp_path}/gone/rpc')
    browser = site.browser('bob', role)
    target = f'/torrent/home/{HASH}'
    forms = [(f'{target}/set', {'verb': 'directory', 'directory': str(tmp_path)})]
    forms += [(f'{target}/files', {'index': '0', 'priority': '1'}), (f'{target}/trackers', {'index': '0'})]
    forms += [('/torrents', {'verb': 'stop', 'sel': f'home/{HASH}'})]
    forms += [('/settings/home/limits', {'up_limit': '1'}), ('/settings/home/encryption', {'word': 'none'})]
    answers = [
        browser.get(path)
        for path in ('/', target, '/settings/home', f'{target}/metainfo', f'{target}/file/0')
    ]
    answers += [browser.post(path, form) for path, form in forms]
    for answer in answers:
        assert '/gone' not in answer.text, answer.request.path
        assert 'Traceback' not in answer.text
    assert '/gone' in site.browser('root').get('/').text


def test_a_clients_own_words_are_for_administrators(site: Site, rtorrent: Rtorrent) -> None:
    made = loaded(rtorrent)

    def fail(*_: object, **__: object) -> object:
        raise Fault(-503, f'Could not open {rtorrent.directory}: <b>denied</b>', target='home')

    site.services.hub.backends['home'].rpc.multicall = fail  # type: ignore[method-assign]
    page = f'/torrent/home/{made.info_hash}'
    for program in programs(site):
        answer = program.send([READ])
        assert str(rtorrent.directory) not in answer.text
        assert '-503' in answer.text
    assert str(rtorrent.directory) not in site.browser('bob', 'write').get(page).text
    shown = site.browser('root').get(page).text
    assert str(rtorrent.directory) in shown
    assert '<b>denied' not in shown


def test_a_readers_program_sees_no_key_of_a_tracker(site: Site, rtorrent: Rtorrent) -> None:
    made = loaded(rtorrent, announce='http://tracker.example.org/secretkey/announce')
    whole = {'target': 'home', 'type': 'tracker', 'hash': made.info_hash, 'attributes': ['get_url']}
    for item in (whole, {**whole, 'index': 0}):
        reader, writer = site.program(f'r{len(item)}', 'read', write=False), site.program(f'w{len(item)}')
        assert 'secretkey' not in reader.send([item]).text
        assert 'tracker.example.org' in reader.send([item]).text
        assert 'secretkey' in writer.send([item]).text
    page = f'/torrent/home/{made.info_hash}'
    reading = site.browser('bob', 'read')
    assert 'secretkey' not in reading.get(f'{page}?tab=trackers').text
    assert b'secretkey' not in reading.get(f'{page}/metainfo').data


def test_a_trackers_address_that_is_none_ends_nothing(site: Site, rtorrent: Rtorrent) -> None:
    made = loaded(rtorrent, announce='http://[::1/announce')
    item = {'target': 'home', 'type': 'tracker', 'hash': made.info_hash, 'attributes': ['get_url']}
    assert site.program('r', 'read', write=False).ask(item) == [[{'get_url': '…'}]]
    for role in ('read', 'write'):
        assert site.browser(role, role).get(f'/torrent/home/{made.info_hash}?tab=trackers').status_code == 200
