"""USE_AUTH = False is for this machine alone: not for a page with a foreign name, not for a proxy's visitors."""

from __future__ import annotations

import pytest

from tests.rig import Rtorrent
from tests.web.conftest import Build
from tests.web.site import PASSWORD, Client, Program

ITEM = {'target': 'home', 'type': 'rtorrent', 'attributes': ['get_pid']}


@pytest.mark.parametrize(
    'headers',
    [
        {'X-Forwarded-For': '203.0.113.9'},
        {'X-Forwarded-For': '203.0.113.9, 127.0.0.1'},
        {'X-Real-IP': '203.0.113.9'},
        {'Forwarded': 'for=203.0.113.9'},
        {'Via': '1.1 proxy'},
    ],
)
def test_what_comes_through_a_proxy_is_not_of_this_machine(
    build: Build, rtorrent: Rtorrent, headers: dict[str, str]
) -> None:
    site = build({'USE_AUTH': False}, home=rtorrent)
    assert Program(site).send([ITEM], **headers).status_code == 403
    assert site.browser().get('/', **headers).status_code == 403
    assert site.services.hub.backends['home'].rpc.requests == 0


def test_a_trusted_proxy_may_speak_for_this_machine_only(build: Build, rtorrent: Rtorrent) -> None:
    site = build({'USE_AUTH': False, 'TRUSTED_PROXIES': ['127.0.0.1']}, home=rtorrent)
    program = Program(site)
    assert program.send([ITEM], **{'X-Forwarded-For': '127.0.0.1'}).status_code == 200
    for client in ('203.0.113.9', '127.0.0.1, 203.0.113.9', 'unknown', '::ffff:203.0.113.9', 'localhost'):
        assert program.send([ITEM], **{'X-Forwarded-For': client}).status_code == 403, client


@pytest.mark.parametrize(
    'peer', ['203.0.113.9', '::ffff:203.0.113.9', '', 'localhost', '127.0.0.1.evil.example', '0.0.0.0']
)
def test_other_senders_are_refused_whatever_they_say(build: Build, rtorrent: Rtorrent, peer: str) -> None:
    site = build({'USE_AUTH': False}, home=rtorrent)
    answer = Client(site.app).post(
        '/api', json=[ITEM], headers={'X-Forwarded-For': '127.0.0.1'}, environ_overrides={'REMOTE_ADDR': peer}
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    'host', ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', 'evil.example:80']
)
def test_a_name_made_to_point_here(build: Build, rtorrent: Rtorrent, host: str) -> None:
    site = build({'USE_AUTH': False}, home=rtorrent)
    for method, path in (('GET', '/'), ('POST', '/api'), ('POST', '/torrents'), ('GET', '/settings/home')):
        answer = Client(site.app).open(
            path,
            method=method,
            headers={'Host': host, 'Origin': f'http://{host}', 'Sec-Fetch-Site': 'same-origin'},
        )
        assert answer.status_code == 421
        assert host not in answer.text
    assert site.services.hub.backends['home'].rpc.requests == 0


@pytest.mark.parametrize(
    'kind', ['text/plain', 'application/json', 'application/x-www-form-urlencoded', 'multipart/form-data']
)
@pytest.mark.parametrize(
    'mark',
    [
        {'Origin': 'http://evil.example'},
        {'Origin': 'null'},
        {'Origin': ''},
        {'Referer': 'http://evil.example/'},
        {'Sec-Fetch-Site': 'cross-site'},
        {'Sec-Fetch-Site': 'none'},
        {'Cookie': 'x=y'},
    ],
)
@pytest.mark.parametrize('auth', [True, False])
def test_another_sites_page_cannot_use_the_api(
    build: Build, rtorrent: Rtorrent, kind: str, mark: dict[str, str], auth: bool
) -> None:
    site = build({'USE_AUTH': auth}, home=rtorrent)
    client = site.browser('ada').client if auth else Client(site.app, use_cookies=False)
    if kind == 'multipart/form-data':
        kind += '; boundary=x'
    answer = client.post('/api', data=b'[]', headers={'Content-Type': kind, **mark})
    assert answer.status_code in ((401, 403) if auth else (403,))
    assert site.services.hub.backends['home'].rpc.requests == 0


def test_a_proxy_that_names_ports_does_not_make_every_try_the_first(build: Build, rtorrent: Rtorrent) -> None:
    site = build({'TRUSTED_PROXIES': ['127.0.0.1']}, home=rtorrent)
    site.services.users.add('ada', PASSWORD, 'admin')

    def tries(senders: list[str]) -> list[int]:
        browser = site.browser()
        form = {'name': 'ada', 'password': 'wrong'}
        return [browser.post('/login', form, X_Forwarded_For=sender).status_code for sender in senders]

    assert tries([f'203.0.113.9:{port}' for port in range(6)]) == [401] * 5 + [429]
    assert tries([f'[2001:db8::{port}]:{port}' for port in range(6)]) == [401] * 5 + [429]
    assert tries([f'fe80::1%{zone}' for zone in range(6)]) == [401] * 5 + [429]


def test_names_and_headers_do_not_make_every_try_the_first(build: Build, rtorrent: Rtorrent) -> None:
    site = build(home=rtorrent)
    site.services.users.add('ada', PASSWORD, 'admin')
    browser = site.browser()
    names = ['ada', 'ADA', 'aDa', '\uff41da', 'ada', 'Ada']
    headers = [{name: f'203.0.113.{n}'} for n, name in enumerate(('X-Forwarded-For', 'X_Forwarded_For') * 3)]
    answers = [
        browser.post('/login', {'name': name, 'password': 'wrong'}, **header).status_code
        for name, header in zip(names, headers, strict=True)
    ]
    assert answers == [401] * 5 + [429]


def test_an_unknown_name_is_answered_in_the_same_words(build: Build, rtorrent: Rtorrent) -> None:
    site = build(home=rtorrent)
    site.services.users.add('ada', PASSWORD, 'admin')
    known, unknown = (
        site.browser().post('/login', {'name': name, 'password': 'wrong'}) for name in ('ada', 'bob')
    )
    assert known.text.replace('ada', 'bob') == unknown.text
    assert known.status_code == unknown.status_code == 401
    assert dict(known.headers) == dict(unknown.headers)
