"""Every route, every field, hostile values: a clear refusal with all headers, and nothing changed in rTorrent."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from lib.web.headers import ALWAYS
from lib.web.route import Route
from lib.web.routes import ROUTES
from tests.attack.conftest import Tap
from tests.core.support import loaded
from tests.rig import Rtorrent
from tests.web.site import Client, Site

#: What a form of ours may hold, so that a hostile value meets the code behind each field.
FIELDS = (
    *(
        'verb',
        'sel',
        'sure',
        'next',
        'label',
        'priority',
        'throttle',
        'directory',
        'index',
        'on',
        'target',
        'links',
    ),
    *(
        'start',
        'up_limit',
        'dht',
        'port_range',
        'word',
        'old',
        'new',
        'again',
        'scope',
        'id',
        'name',
        'password',
    ),
    *('role', 'theme', 'request', 'tab', 'view', 'q', 'sort', 'page', 'did', 'n'),
)


def hostile(oracle: Path) -> list[str]:
    """Values for any field."""
    run = f'execute.nothrow=touch,{oracle}'
    return [
        *(
            '',
            '\0',
            'a\0b',
            'a\r\nSet-Cookie: x=1',
            '\x01\x1b[2J',
            '\x85\u2028\u202e',
            '\ud800'.encode('utf-8', 'replace').decode(),
        ),
        *('-1', '0', '99999999999', '9' * 5000, '١٢', '1e9', 'NaN', 'true', '𝟙', '+1', ' 1 '),
        *(
            '../../etc/passwd',
            '/',
            '//evil.example',
            '~',
            '..%2f',
            '%00',
            'home/',
            '/' + 'A' * 40,
            f'home/{"A" * 39}',
        ),
        *(
            '<img src=x onerror=alert(1)>',
            '"><svg/onload=alert(1)>',
            "'-alert(1)-'",
            '{{7*7}}',
            '{% raw %}',
            '%s%n',
        ),
        *(
            f'${run}',
            f'x;{run}',
            f'x\n{run}',
            f'"x",${run},"',
            f'/x",${run},"',
            f'main;{run}',
            f'({run})',
            '{' * 300,
        ),
        *('x' * 20_000, 'é' * 5000, '\u0301' * 5000, '[' * 20_000, '[{}]', '[[]]', 'null', '{"a":1e999}'),
        *(
            'file:///etc/passwd',
            'gopher://127.0.0.1/',
            'http://127.0.0.1:1/',
            'magnet:?xt=urn:btih:' + '0' * 40,
            'javascript:alert(1)',
        ),
    ]


def address(route: Route, info_hash: str) -> str:
    path = route.path.replace('<target>', 'home').replace('<hash>', info_hash).replace('<int:index>', '0')
    return path.replace('<token>', 'x' * 43).replace('<path:path>', 'css/base.css')


def check(answer: Any, where: str) -> None:
    """The answer is one of ours and shows nothing of its making."""
    assert answer.status_code < 500, (where, answer.text[:500])
    for name in ALWAYS:
        assert name in answer.headers, (where, name)
    assert 'Access-Control-Allow-Origin' not in answer.headers
    assert not any('\n' in value or '\r' in value for value in answer.headers.values())
    assert answer.headers.get('Location', '/').startswith('/'), where
    assert not answer.headers.get('Location', '/').startswith('//'), where
    if answer.mimetype not in ('text/html', 'text/plain'):
        return
    for leak in ('Traceback', 'site-packages', '<img src=x', '<svg/onload', '49}'):
        assert leak not in answer.text, (where, leak)


POSTS = [route for route in ROUTES if 'POST' in route.methods and route.name != 'logout']


@pytest.mark.parametrize('route', POSTS, ids=lambda route: route.name)
def test_any_value_in_any_field_of_a_form(
    site: Site, rtorrent: Rtorrent, tap: Tap, oracle: Path, route: Route
) -> None:
    made = loaded(rtorrent)
    browser = site.browser('ada')
    before = [rtorrent.call(name, made.info_hash) for name in ('d.directory', 'd.state', 'd.throttle_name')]
    for number, value in enumerate(hostile(oracle)):
        known = ({}, {'verb': 'directory'}, {'verb': 'label', 'theme': 'dark'})[number % 3]
        form = {**dict.fromkeys(FIELDS, value[:5000]), **known}
        check(browser.post(address(route, made.info_hash), form), f'{route.name} {value[:40]!r}')
    assert [
        rtorrent.call(name, made.info_hash) for name in ('d.directory', 'd.state', 'd.throttle_name')
    ] == before
    assert rtorrent.hashes() == [made.info_hash]


@pytest.mark.parametrize(
    'route', [route for route in ROUTES if 'GET' in route.methods], ids=lambda route: route.name
)
def test_any_value_in_path_and_query(
    site: Site, rtorrent: Rtorrent, tap: Tap, oracle: Path, route: Route
) -> None:
    made = loaded(rtorrent)
    browser = site.browser('ada')
    for value in hostile(oracle):
        query = {
            **dict.fromkeys(FIELDS, value),
            'view': 'main',
            'target': 'home',
            'sort': 'name',
            'page': '1',
            'tab': 'files',
        }
        asked = {'overview': ('view', 'sort', 'page'), 'torrent': ('tab',)}.get(route.name, ('next',))
        for changed in ({name: value} for name in asked):
            answer = browser.client.get(
                address(route, made.info_hash),
                query_string={**query, **changed},
                headers={'Accept': 'text/html'},
            )
            check(answer, f'{route.name} ?{value[:40]!r}')
        for part in ('<target>', '<hash>', '<int:index>', '<token>', '<path:path>'):
            if part in route.path:
                path = address(Route(route.path.replace(part, '\x02'), '', print, (), ''), made.info_hash)
                given = path.replace('\x02', value).encode().decode('latin-1')
                # The path as a server hands it on, decoded.
                answer = browser.client.get(
                    '/',
                    headers={'Accept': 'text/html'},
                    environ_overrides={'PATH_INFO': given, 'REMOTE_ADDR': '127.0.0.1'},
                )
                check(answer, f'{route.path} {part} {value[:40]!r}')
    assert tap.writes() == []


BODIES: list[tuple[str, bytes]] = [
    ('application/json', b'[' * 200_000),
    ('application/json', b'{"a":' * 100_000),
    ('application/json', b'\xff\xfe\0['),
    ('application/json', b'[1' + b'0' * 5000 + b']'),
    ('application/json', b'"\\ud800"'),
    ('application/json', b'[{"type":"\\ud800","attributes":["\\udfff"]}]'),
    ('application/json', b'[{"type":"torrent","hash":"\\ud800","attributes":[["set_label",["\\ud800"]]]}]'),
    ('application/json; charset=utf-16', b'[]'),
    ('application/json', b'x' * 3_000_000),
    ('application/x-www-form-urlencoded', b'a%d=&' * 100_000),
    ('application/x-www-form-urlencoded', b'sel=&' * 100_000),
    ('application/x-www-form-urlencoded', b'csrf=a&csrf=b&request=[]&request=[]'),
    ('application/x-www-form-urlencoded', b'%' * 100_000),
    ('application/x-www-form-urlencoded', b'request=%ff%fe&name=%c3%28&sel=%ed%a0%80'),
    ('multipart/form-data', b'x'),
    ('multipart/form-data; boundary=', b'--\r\n\r\n'),
    ('multipart/form-data; boundary=x', b'--x\r\n' * 20_000),
    (
        'multipart/form-data; boundary=x',
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 10_000 + b'--x--\r\n',
    ),
    (
        'multipart/form-data; boundary=x',
        b'--x\r\nContent-Disposition: form-data; name="torrent"; filename="../\0\r\na"\r\n\r\nd4:infod',
    ),
    (
        'multipart/form-data; boundary=x',
        b'--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n'
        b'--y\r\nContent-Disposition: file; filename="b"\r\n\r\nc\r\n--y--\r\n--x--\r\n',
    ),
    ('multipart/form-data; boundary=x', b'--x\r\n' + b'A: b\r\n' * 100_000 + b'\r\n'),
    ('text/plain', b'[]'),
    ('application/xml', b'<!DOCTYPE x [<!ENTITY a "b">]><methodCall/>'),
    ('', b'[]'),
    ('\x01/\x02;;;=', b'[]'),
]


#: One of each way to read a body.
BODY_ROUTES = ('torrents_action', 'add', 'login', 'settings_limits', 'api')


@pytest.mark.parametrize(
    'route', [route for route in ROUTES if route.name in BODY_ROUTES], ids=lambda route: route.name
)
def test_any_body_of_any_type(site: Site, rtorrent: Rtorrent, tap: Tap, route: Route) -> None:
    made = loaded(rtorrent)
    browser = site.browser('ada')
    token = site.program('robot').headers
    browser.get('/')
    for kind, body in BODIES:
        for headers in (
            {'Origin': 'http://localhost', 'X-CSRF-Token': browser.csrf, 'Accept': 'text/html'},
            token,
            {'Origin': 'http://localhost'},
        ):
            if route.name == 'logout' and 'X-CSRF-Token' in headers:
                continue
            client = browser.client if 'X-CSRF-Token' in headers else Client(site.app, use_cookies=False)
            answer = client.post(
                address(route, made.info_hash), input_stream=io.BytesIO(body),
                content_length=len(body), headers={**headers, 'Content-Type': kind},
            )  # fmt: skip
            if not headers.get('Accept'):
                assert answer.mimetype in ('application/json', 'text/html') or answer.status_code == 303
            check(answer, f'{route.name} {kind} {body[:40]!r}')
    assert tap.writes() == []


def test_fields_given_twice_are_not_two_opinions(site: Site, rtorrent: Rtorrent, tap: Tap) -> None:
    made = loaded(rtorrent)
    browser = site.browser('ada')
    for csrf in (['x', browser.csrf], ['', browser.csrf]):
        form = MultiDict(
            [('csrf', each) for each in csrf] + [('verb', 'stop'), ('sel', f'home/{made.info_hash}')]
        )
        answer = browser.client.post('/torrents', data=form, headers={'Origin': 'http://localhost'})
        assert answer.status_code == 403
    assert tap.writes() == []


@pytest.mark.parametrize(
    'cookie',
    ['=', ';;;', 'a:b=1', '\x01=\x02', '"', 'x=' + 'y' * 50_000, '; '.join(f'c{n}=v' for n in range(1000))],
)
def test_odd_cookies_are_no_login_and_no_error(site: Site, cookie: str) -> None:
    browser = site.browser('ada')
    name = browser.client._cookies and next(iter(browser.client._cookies.values())).decoded_key
    for whole in (cookie, f'{name}={cookie}', f'{cookie}; {name}=x', f'{name}={"A" * 32}; {name}={cookie}'):
        answer = Client(site.app, use_cookies=False).get(
            '/', headers={'Cookie': whole, 'Accept': 'text/html'}
        )
        assert answer.status_code == 303, whole[:60]
        assert answer.headers['Location'].startswith('/login')


def test_the_answer_outside_of_the_prefix_has_the_headers_too(site: Site, tmp_path: Path) -> None:
    from lib import config
    from lib.web.app import create_app

    settings = config.make({'BASE_URL': '/torrent', 'STATE_DIR': str(tmp_path / 'state')})
    for path in ('/', '/other', '/torrent/\0'):
        answer = Client(create_app(settings)).get(path)
        assert answer.status_code == 404
        assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS
