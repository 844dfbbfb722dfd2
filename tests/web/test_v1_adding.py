"""Adding torrents over the REST API to a real rTorrent."""

from __future__ import annotations

import io
from contextlib import closing
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.intake.servers import Server, http
from tests.rig import Made, Rtorrent, make
from tests.web.conftest import Build
from tests.web.site import Program, Site


@pytest.fixture
def program(site: Site) -> Program:
    return site.program('robot')


def torrent(rtorrent: Rtorrent, name: str = 'thing') -> Made:
    return make(rtorrent.directory / 'elsewhere', name, 1000, announce='http://tracker.example/announce')


def upload(program: Program, files: dict[str, bytes], **form: str) -> TestResponse:
    data: dict[str, Any] = {**form, 'torrent': [(io.BytesIO(data), name) for name, data in files.items()]}
    return program.client.post('/api/v1/torrents', data=data, headers=program.headers)


def test_files_with_everything_that_may_be_said(program: Program, rtorrent: Rtorrent) -> None:
    one, two = torrent(rtorrent, 'one'), torrent(rtorrent, 'two')
    where = str(rtorrent.downloads / 'sub')
    files = {'one.torrent': one.data, 'two.torrent': two.data}
    answer = upload(program, files, start='0', label='a b', directory=where, target='home')
    assert answer.status_code == 200, answer.text
    assert [(each['ok'], each['source'], each['hash'], each['existed']) for each in answer.json['results']] == [
        (True, 'one.torrent', one.info_hash, False), (True, 'two.torrent', two.info_hash, False),
    ]  # fmt: skip
    for made in (one, two):
        assert rtorrent.call('d.custom1', made.info_hash) == 'a%20b'
        assert rtorrent.call('d.state', made.info_hash) == 0
        assert rtorrent.call('d.directory', made.info_hash) == where
    again = upload(program, {'one.torrent': one.data})
    assert again.json['results'][0]['existed'] is True


def test_some_of_several_fail(program: Program, rtorrent: Rtorrent) -> None:
    made = torrent(rtorrent)
    answer = upload(program, {'bad.torrent': b'junk', 'good.torrent': made.data})
    assert answer.status_code == 207
    bad, good = answer.json['results']
    assert (bad['ok'], bad['source'], bad['status'], bad['code']) == (False, 'bad.torrent', 400, 'bad_input')
    assert good['ok']
    alone = upload(program, {'bad.torrent': b'junk'})
    assert (alone.status_code, alone.json['error']['code']) == (400, 'bad_input')


def test_a_magnet(program: Program, rtorrent: Rtorrent) -> None:
    body = {'magnet': f'magnet:?xt=urn:btih:{"a" * 40}&tr=http://tracker.example/a', 'start': False}
    answer = program.call('POST', '/torrents', body)
    assert answer.status_code == 200, answer.text
    assert answer.json['results'][0]['hash'] == 'A' * 40
    assert rtorrent.hashes() == ['A' * 40]


def test_an_address_is_fetched_by_us_and_only_where_allowed(build: Build, rtorrent: Rtorrent) -> None:
    made = torrent(rtorrent)
    with closing(Server(lambda head: [http(made.data)])) as server:
        url = server.url('/x.torrent')
        site = build(home=rtorrent)
        refused = site.program('robot').call('POST', '/torrents', {'url': url})
        assert (refused.status_code, refused.json['error']['code']) == (502, 'fetch_failed')
        assert rtorrent.hashes() == []
        allowed = build({'FETCH_ALLOWED_NETWORKS': ['127.0.0.0/8']}, home=rtorrent)
        answer = allowed.program('other').call('POST', '/torrents', {'links': [url], 'label': 'x'})
        assert answer.status_code == 200, answer.text
    assert rtorrent.hashes() == [made.info_hash]


@pytest.mark.parametrize(
    ('body', 'field'),
    [
        ({}, 'magnet'), ({'magnet': 'x', 'url': 'y'}, 'url'), ({'magnet': 'http://x.example/'}, 'magnet'),
        ({'magnet': 1}, 'magnet'), ({'links': []}, 'links'), ({'links': ['a', 2]}, 'links[1]'),
        ({'url': 'ftp://x.example/a'}, 'url'), ({'magnet': 'magnet:?xt=' + 'x' * 70_000}, 'magnet'),
        ({'magnet': f'magnet:?xt=urn:btih:{"a" * 40}', 'target': 'x'}, 'target'),
        ({'magnet': f'magnet:?xt=urn:btih:{"a" * 40}', 'start': 'yes'}, 'start'),
        ({'magnet': f'magnet:?xt=urn:btih:{"a" * 40}', 'label': 'a\nb'}, 'label'),
        ({'links': ['x'] * 201}, 'links'),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(program: Program, rtorrent: Rtorrent, body: Any, field: str) -> None:
    answer = program.call('POST', '/torrents', body)
    assert (answer.status_code, answer.json['error']['details'].get('field')) == (400, field), answer.text
    assert rtorrent.hashes() == []


@pytest.mark.parametrize('name', ['target', 'links', 'start', 'label', 'directory'])
def test_a_field_that_was_sent_twice_is_not_guessed_at(program: Program, name: str) -> None:
    form = {'links': 'magnet:?xt=urn:btih:' + 'a' * 40} | {name: ['home', 'seedbox']}
    answer = program.client.post(
        '/api/v1/torrents', data=form, headers=program.headers, content_type='multipart/form-data'
    )
    assert answer.status_code == 400
    assert answer.json['error']['details']['field'] == name


def test_large_files_are_for_this_route_only(program: Program) -> None:
    big = {'x.torrent': b'x' * (5 << 20)}
    assert upload(program, big).status_code == 400  # read, and no torrent
    answer = program.call('POST', '/actions', b'x' * (5 << 20))
    assert answer.status_code == 413
