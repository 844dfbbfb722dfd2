"""One torrent over the REST API, part by part, each of them one request to a real rTorrent at most."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from model.fields import COLUMNS
from tests.core.support import loaded
from tests.rig import Rtorrent, Tracker, make, wait_for, wait_for_peers
from tests.rig.factory import VERSIONS, Factory
from tests.web.conftest import Build
from tests.web.site import Program, Site

TREE = {'a/b/one': 100_000, 'a/two': 200_000, 'a/three': 1, 'top': 300_000, 'Zoo/x': 5}


@pytest.fixture
def program(site: Site) -> Program:
    return site.program('robot')


def base(info_hash: str) -> str:
    return f'/torrents/home/{info_hash}'


def requests(site: Site) -> int:
    return int(site.services.hub.backends['home'].rpc.requests)


@pytest.mark.parametrize('part', ['', '/files', '/peers', '/trackers', '/pieces'])
def test_each_part_is_one_request(site: Site, program: Program, rtorrent: Rtorrent, part: str) -> None:
    made = loaded(rtorrent)
    program.get(base(made.info_hash) + part)
    before = requests(site)
    if part == '/files':
        site.services.trees.forget(('home', made.info_hash))
    program.get(base(made.info_hash) + part)
    assert requests(site) == before + 1


@pytest.mark.parametrize('part', ['', '/files', '/peers', '/trackers', '/pieces'])
def test_a_torrent_that_is_not_there(program: Program, part: str) -> None:
    for path, status in ((f'/torrents/home/{"A" * 40}', 404), (f'/torrents/x/{"A" * 40}', 404)):
        answer = program.call('GET', path + part)
        assert (answer.status_code, answer.json['error']['code']) == (status, 'not_found')
    answer = program.call('GET', f'/torrents/home/xyz{part}')
    assert (answer.status_code, answer.json['error']['details']) == (400, {'field': 'hash'})


def test_the_general_part(build: Build, any_rtorrent: Rtorrent) -> None:
    made = loaded(any_rtorrent, 'thing', announce='http://tracker.example/key/announce')
    site = build(home=any_rtorrent)
    told = site.program('robot').get(base(made.info_hash))
    assert list(told['row']) == [column.key for column in COLUMNS]
    row = told['row']
    assert (row['name'], row['target'], row['status'], row['id']) == ('thing', 'home', 'stopped', None)
    assert told['extra']['chunks'] == 1
    assert 'bitfield' not in told['extra']
    assert 'pieces' in told['capabilities']
    site.services.hub.look()
    row = site.program('other').get(base(made.info_hash))['row']
    known = site.services.hub.snapshot.get('home', made.info_hash)
    assert known is not None
    assert row['id'] in known


def test_files_come_one_directory_at_a_time(program: Program, rtorrent: Rtorrent) -> None:
    made = loaded(rtorrent, 'tree', TREE)
    root = program.get(base(made.info_hash) + '/files')
    assert [(each['type'], each['name'], each['files'] if each['type'] == 'dir' else each['index'])
            for each in root['entries']] == [('dir', 'a', 3), ('dir', 'Zoo', 1), ('file', 'top', 3)]  # fmt: skip
    assert (root['dir'], root['files'], root['size'], root['priority']) == ('', 5, sum(TREE.values()), 1)
    assert root['entries'][0]['size'] == 300_001
    below = program.get(base(made.info_hash) + '/files', dir='a')
    assert [each['path'] for each in below['entries']] == ['a/b', 'a/three', 'a/two']
    one = program.get(base(made.info_hash) + '/files', dir='a', offset=1, limit=1)
    assert ([each['name'] for each in one['entries']], one['total']) == (['three'], 3)
    missing = program.call('GET', base(made.info_hash) + '/files?dir=a/nowhere')
    assert missing.status_code == 404
    wrong = program.call('GET', base(made.info_hash) + '/files?limit=501')
    assert (wrong.status_code, wrong.json['error']['details']) == (400, {'field': 'limit'})


def test_files_of_an_open_panel_cost_one_request_for_a_while(
    site: Site, program: Program, rtorrent: Rtorrent
) -> None:
    made = loaded(rtorrent, 'tree', TREE)
    program.get(base(made.info_hash) + '/files')
    before = requests(site)
    for path in ('a', 'a/b', 'Zoo', ''):
        program.get(base(made.info_hash) + '/files', dir=path)
    assert requests(site) == before


@pytest.mark.parametrize('version', VERSIONS)
def test_peers_say_what_they_do(
    build: Build, start_rtorrent: Factory, tracker: Tracker, version: str
) -> None:
    giver = start_rtorrent(version, settings=['throttle.global_up.max_rate.set_kb = 20'])
    taker = start_rtorrent('0.9.8')
    made = make(giver.downloads, 'thing', 5_000_000, announce=tracker.url)
    giver.load(made.seed, made.info_hash, start=True)
    tracker.wait_for_seed(made.info_hash)
    taker.load(made.data, made.info_hash, start=True)
    program = build(home=giver).program('robot')
    path = base(made.info_hash) + '/peers'
    wait_for_peers(taker, lambda: program.get(path)['total'] == 1, 'the peer')
    told = program.get(path)
    [peer] = told['peers']
    assert peer['address'] == taker.address
    assert 'incoming' in peer['flags']
    assert 0 <= peer['progress'] < 1
    assert {'client', 'down_rate', 'up_rate', 'down_total', 'up_total', 'port'} <= peer.keys()


def test_readers_see_the_host_of_a_tracker_only(site: Site, program: Program, rtorrent: Rtorrent) -> None:
    made = loaded(rtorrent, announce='http://tracker.example/passkey123/announce')
    [tracker] = program.get(base(made.info_hash) + '/trackers')['trackers']
    assert tracker['url'] == 'http://tracker.example/passkey123/announce'
    assert (tracker['enabled'], tracker['status'], tracker['last_success']) == (True, 'waiting', None)
    for reader in (site.program('eve', 'read', write=False), site.program('ada', 'admin', write=False)):
        answer = reader.call('GET', base(made.info_hash) + '/trackers')
        assert 'passkey123' not in answer.text
        assert answer.json['trackers'][0]['url'] == 'http://tracker.example/…'


def bits(told: dict[str, Any], key: str = 'bits') -> str:
    raw = base64.b64decode(told[key])
    return f'{int.from_bytes(raw):0{8 * len(raw)}b}'[: told['buckets']]


def test_pieces_of_a_half_download(build: Build, any_rtorrent: Rtorrent) -> None:
    made = make(
        any_rtorrent.downloads, 'thing', 20 * 65536, piece=65536, have=0.5, announce='http://127.0.0.1:1/a'
    )
    any_rtorrent.load(made.seed, made.info_hash, start=True)
    program = build(home=any_rtorrent).program('robot')
    wait_for(lambda: any_rtorrent.call('d.is_active', made.info_hash) == 1, 20, 'the start')
    told = program.get(base(made.info_hash) + '/pieces')
    assert (told['count'], told['size'], told['done'], told['buckets']) == (20, 65536, 10, 20)
    assert bits(told) == bits(told, 'some') == '1' * 10 + '0' * 10


def test_pieces_of_a_torrent_that_was_never_looked_at(program: Program, rtorrent: Rtorrent) -> None:
    made = make(rtorrent.downloads, 'thing', 20 * 65536, piece=65536, announce='http://127.0.0.1:1/a')
    rtorrent.load(made.data, made.info_hash)
    told = program.get(base(made.info_hash) + '/pieces')
    assert (told['count'], told['done'], bits(told)) == (20, 0, '0' * 20)
