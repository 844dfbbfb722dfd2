"""The REST API, tried by strangers, readers, other sites' pages and whoever sends anything at all."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from lib.web.v1.routes import OPERATIONS
from tests.attack.conftest import Tap
from tests.core.support import loaded
from tests.rig import Rtorrent
from tests.web.conftest import Build
from tests.web.site import Client, Program, Site

HOSTILE = [
    '', ' ', '%00', 'A' * 39, 'A' * 41, 'G' * 40, 'a' * 40 + '%0a', "x';--", '"', '<script>',
    '$execute=touch,/tmp/x', 'A' * 40 + ':f0', 'é', '\u202e', 'A' * 5000,
]  # fmt: skip
#: A good body for each operation that changes something.
BODIES: dict[str, Any] = {
    'v1_torrent_set': {'label': 'owned'},
    'v1_files_set': {'indexes': [0], 'priority': 0},
    'v1_trackers_set': {'index': 0, 'enabled': False},
    'v1_actions': {'verb': 'erase', 'select': {'q': ''}, 'sure': True},
    'v1_add': {'magnet': f'magnet:?xt=urn:btih:{"b" * 40}&tr=http://t.example/a'},
    'v1_limits_set': {'down_limit': 1024},
    'v1_preview': {'verb': 'erase', 'select': {'q': ''}},
    'v1_view_put': {'address': 'q=x'},
    'v1_view_remove': None,
    'v1_webhook_add': {'name': 'x', 'style': 'json', 'url': 'https://evil.example/'},
    'v1_webhook_set': {'url': 'https://evil.example/'},
    **dict.fromkeys(
        f'v1_webhook_{name}' for name in ('remove', 'test', 'pause', 'resume', 'discard', 'secret')
    ),
    'v1_delivery_retry': None,
}
CHANGES = [each for each in OPERATIONS if each.method != 'GET']


def path_of(operation: Any, info_hash: str, target: str = 'home') -> str:
    path = operation.path.replace('<target>', target).replace('<hash>', info_hash)
    return re.sub('<(job|path:name|id|delivery)>', '1', path)


def test_the_bodies_are_those_of_all_changes() -> None:
    assert {each.name for each in CHANGES} == set(BODIES)


def test_a_reader_changes_nothing(site: Site, rtorrent: Rtorrent, tap: Tap) -> None:
    made = loaded(rtorrent)
    readers = [site.program('eve', 'read', write=False), site.program('ada', 'admin', write=False)]
    readers.append(site.browser('bob', 'read'))  # type: ignore[arg-type]  # both have call()
    for operation in CHANGES:
        if operation.access == 'read':
            continue
        for reader in readers:
            answer = reader.call(operation.method, path_of(operation, made.info_hash), BODIES[operation.name])
            assert (answer.status_code, answer.json['error']['code']) == (403, 'denied'), operation.name
    assert tap.writes() == []


@pytest.mark.parametrize(
    'headers',
    [
        {'Origin': 'https://evil.example'},
        {'Origin': 'null'},
        {'Sec-Fetch-Site': 'cross-site'},
        {'X-CSRF-Token': 'x' * 43},
        {'X-CSRF-Token': ''},
    ],
)
def test_another_sites_page_changes_nothing(
    site: Site, rtorrent: Rtorrent, tap: Tap, headers: dict[str, str]
) -> None:
    made = loaded(rtorrent)
    browser = site.browser('ada')
    for operation in CHANGES:
        path = path_of(operation, made.info_hash)
        answer = browser.call(operation.method, path, BODIES[operation.name], **headers)
        assert answer.status_code == 403, operation.name
    assert tap.writes() == []
    assert site.services.saved.list(1) == []
    assert site.services.webhooks.all() == []


def test_a_form_of_another_site_is_no_json(site: Site, rtorrent: Rtorrent) -> None:
    """What a page can send without asking first: forms and plain text; with a token at that, where nobody logs in."""
    loaded(rtorrent)
    program = site.program('robot')
    for kind in ('text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', ''):
        answer = program.call(
            'POST',
            '/actions',
            b'{"verb": "erase", "select": {"q": ""}, "sure": true}',
            **{'Content-Type': kind},
        )
        assert answer.status_code == 415, kind
    assert len(rtorrent.hashes()) == 1


def test_without_a_login_another_sites_page_is_stopped(build: Build, rtorrent: Rtorrent) -> None:
    made = loaded(rtorrent)
    client = Client(build({'USE_AUTH': False}, home=rtorrent).app)
    body = {'verb': 'erase', 'select': {'torrents': [f'home/{made.info_hash}']}, 'sure': True}
    for headers in (
        {'Origin': 'https://evil.example'},
        {'Sec-Fetch-Site': 'cross-site'},
        {'Referer': 'http://x.example/'},
    ):
        assert client.post('/api/v1/actions', json=body, headers=headers).status_code == 403
    assert rtorrent.hashes() == [made.info_hash]


@pytest.mark.parametrize(
    'operation', [each for each in OPERATIONS if '<hash>' in each.path], ids=lambda each: each.name
)
def test_hostile_names(site: Site, rtorrent: Rtorrent, tap: Tap, oracle: Path, operation: Any) -> None:
    made = loaded(rtorrent)
    program = site.program('robot')
    for value in HOSTILE:
        for path in (path_of(operation, value), path_of(operation, made.info_hash, value)):
            answer = program.client.open(
                '/api/v1' + path,
                method=operation.method, headers=program.headers, json=BODIES.get(operation.name),
            )  # fmt: skip
            assert answer.status_code in (400, 404, 405), (path[:100], answer.text)
            assert '%0' in path or set(answer.json) == {'error'}, path[:100]  # such paths end before the API
    assert tap.writes() == []


def test_ids_and_targets_of_others(build: Build, start_rtorrent: Any) -> None:
    """A selection means what it says: a hash that is in another client is not found in this one."""
    home, box = start_rtorrent('0.9.8'), start_rtorrent('0.9.8')
    mine, other = loaded(home, 'mine'), loaded(box, 'other')
    program = build(home=home, box=box).program('robot')
    body = {'verb': 'erase', 'select': {'torrents': [f'home/{other.info_hash}']}, 'sure': True}
    said = program.call('POST', '/actions', body).json
    assert (said['done'], said['failed_count'], said['failed'][0]['code']) == (0, 1, 'not_found')
    assert program.call('PATCH', f'/torrents/home/{other.info_hash}', {'label': 'x'}).status_code == 404
    assert (home.hashes(), box.hashes()) == ([mine.info_hash], [other.info_hash])


DEEP = b'[' * 100_000 + b']' * 100_000


@pytest.mark.parametrize(
    'body',
    [
        b'', b'{', b'nul', b'\xff\xfe', b'NaN', b'{"verb": NaN}', DEEP, b'{"args":' * 50_000 + b'1' + b'}' * 50_000,
        b'{"verb": "start", "select": {"q": ""}, "args": ' + DEEP[99_500:100_500] + b'}',
        b'1e999', b'9' * 100_000, b'"\\ud800"', b'{"verb": "\\ud800", "select": {"q": ""}}', b'[]', b'"x"', b'0',
        b'{"verb": "start", "select": {"q": "\\ud800"}}', b'{"verb": "start", "select": {"torrents": ["\\u0000/"]}}',
        b'{"verb": "label", "args": {"label": {"a": [[[[1]]]]}}, "select": {"q": ""}}',
        b'{"select": {"except": [' + b'1,' * 200_000 + b'1]}}',
        b'{"verb": "start", "select": {"except": [99999999999999999999999]}}',
        b'{"verb": "start", "select": {"q": "' + b'[' * 1000 + b'"}}',
        b'{"verb": "start", "expect": 1.5, "select": {}}',
    ],
    ids=lambda body: repr(body[:30]),
)  # fmt: skip
def test_bodies_that_are_nothing(site: Site, rtorrent: Rtorrent, tap: Tap, body: bytes) -> None:
    made = loaded(rtorrent)
    program = site.program('robot')
    paths = [
        ('POST', '/actions'),
        ('POST', '/actions/preview'),
        ('PATCH', f'/torrents/home/{made.info_hash}'),
        ('PUT', '/views/x'),
    ]
    for method, path in [*paths, ('POST', '/torrents')]:
        answer = program.call(method, path, body)
        assert answer.status_code == 400, (path, answer.text)
        assert set(answer.json['error']) == {'code', 'message', 'details'}
    assert tap.writes() == []


def test_a_huge_body_is_not_read(site: Site) -> None:
    program: Program = site.program('robot')
    for operation in CHANGES:
        if operation.body is None:
            continue
        taken = 0

        class Endless:
            def read(self, size: int = -1) -> bytes:
                nonlocal taken
                taken += size
                return b' ' * size

            readline = readlines = __iter__ = read

        answer = program.client.open(
            '/api/v1' + path_of(operation, 'A' * 40), method=operation.method,
            headers={**program.headers, 'Content-Type': 'application/json'},
            environ_overrides={
                'wsgi.input': Endless(), 'CONTENT_LENGTH': str(60 << 20), 'REMOTE_ADDR': '127.0.0.1',
            },
        )  # fmt: skip
        assert answer.status_code == 413, operation.name
        assert taken <= 4 << 20


def test_no_text_of_a_client_becomes_a_command(
    site: Site, rtorrent: Rtorrent, tap: Tap, oracle: Path
) -> None:
    made = loaded(rtorrent)
    program = site.program('robot')
    for text in (
        f'$execute.nothrow=touch,{oracle}',
        f'";execute.nothrow=touch,{oracle}',
        f'{{(execute.nothrow,touch,{oracle})}}',
    ):
        assert program.call('PATCH', f'/torrents/home/{made.info_hash}', {'label': text}).status_code == 200
        for body in (
            {'throttle': text},
            {'directory': text},
            {'directory': f'{rtorrent.downloads}/../..{text}'},
        ):
            assert program.call('PATCH', f'/torrents/home/{made.info_hash}', body).status_code in (400, 403)
        select = {'torrents': [f'home/{made.info_hash}']}
        said = program.call('POST', '/actions', {'verb': 'label', 'args': {'label': text}, 'select': select})
        assert said.json['done'] == 1
    assert set(tap.writes()) == {'d.custom1.set'}


def test_a_clients_own_words_and_paths_are_for_administrators(build: Build, tmp_path: Path) -> None:
    site = build(away=f'scgi://{tmp_path}/secret/rpc')
    for name, role in (('eve', 'read'), ('bob', 'write')):
        program = site.program(name, role, write=role == 'write')
        for path in (
            f'/torrents/away/{"A" * 40}',
            f'/torrents/away/{"A" * 40}/files',
            '/targets/away/limits',
            '/targets',
        ):
            answer = program.call('GET', path)
            assert str(tmp_path) not in answer.text, path
    body = {'verb': 'start', 'select': {'torrents': [f'away/{"A" * 40}']}}
    answer = site.program('carl', 'write').call('POST', '/actions', body)
    assert (answer.status_code, answer.json['failed_count']) == (200, 1)
    assert str(tmp_path) not in answer.text


def test_jobs_are_not_guessed_and_belong_to_accounts(site: Site, rtorrent: Rtorrent) -> None:
    made = loaded(rtorrent)
    body = {'verb': 'start', 'select': {'torrents': [f'home/{made.info_hash}']}}
    said = site.program('ada', 'write').call('POST', '/actions', body).json
    assert len(said['job']) == 32
    assert site.program('bob', 'write').call('GET', f'/actions/{said["job"]}').status_code == 404
    assert site.browser('carl', 'read').call('GET', f'/actions/{said["job"]}').status_code == 404
