"""The JSON API as the first pyroTorrent documented it, over a real server and a real rTorrent, and its errors."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from werkzeug.test import TestResponse

from model import trackerurl
from tests.rig import Made, Rtorrent, make
from tests.web.conftest import Build
from tests.web.site import Program, Site


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the test's output is for failures."""


@pytest.fixture
def made(rtorrent: Rtorrent) -> Made:
    made = make(rtorrent.downloads, 'RevengeOfTheTitansSoundtrack.zip', 1000, announce='http://127.0.0.1:1/a')
    rtorrent.load(made.seed, made.info_hash)
    return made


@pytest.fixture
def base(build: Build, rtorrent: Rtorrent) -> Iterator[str]:
    """The address of a real server with the seed's ``/torrent`` and target, without a login as the seed had none."""
    site = build({'USE_AUTH': False, 'BASE_URL': '/torrent'}, sheevareborn=rtorrent)
    with make_server('127.0.0.1', 0, site.app, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f'http://localhost:{server.server_port}/torrent'
        server.shutdown()
        thread.join()


def test_the_example_of_the_first_documentation(base: str, made: Made, rtorrent: Rtorrent) -> None:
    url = base + '/api'
    values = [
        {
            'target': 'sheevareborn',
            'type': 'torrentrequester',
            'view': '',
            'attributes': [
                ('get_name', []),
                ('get_download_rate', []),
                ('get_upload_rate', []),
                ('is_complete', []),
                ('get_size_bytes', []),
                ('get_download_total', []),
                ('get_hash', []),
            ],
        },
        {
            'target': 'sheevareborn',
            'type': 'rtorrent',
            'attributes': [('set_upload_throttle', [20480]), ('get_upload_throttle', [])],
        },
        {
            'target': 'sheevareborn',
            'type': 'rtorrent',
            'attributes': [('set_upload_throttle', [20480 * 2]), ('get_upload_throttle', [])],
        },
        {
            'target': 'sheevareborn',
            'type': 'torrent',
            'hash': made.info_hash,
            'attributes': (('get_hash', []), ('get_name', []), ('is_complete', [])),
        },
    ]

    data = urllib.parse.urlencode({'request': json.dumps(values)})
    req = urllib.request.Request(url, data.encode())
    response = urllib.request.urlopen(req)
    the_page = response.read()

    name = 'RevengeOfTheTitansSoundtrack.zip'
    listed, first, second, torrent = json.loads(the_page)
    assert [row['get_name'] for row in listed] == [name]
    assert set(listed[0]) == {name for name, _ in values[0]['attributes']}
    assert (first['get_upload_throttle'], second['get_upload_throttle']) == (20480, 40960)
    assert (torrent['get_hash'], torrent['get_name']) == (made.info_hash, name)
    assert rtorrent.call('throttle.global_up.max_rate') == 40960
    assert response.headers['Content-Type'] == 'application/json; charset=utf-8'


def test_a_browser_of_another_site_is_refused_by_the_real_server(base: str) -> None:
    req = urllib.request.Request(base + '/api', b'request=[]', {'Origin': 'http://evil.example'})
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(req)
    assert caught.value.code == 403
    caught.value.close()


ITEM = {'type': 'rtorrent', 'attributes': [['get_hostname', []]]}


@pytest.fixture
def program(site: Site) -> Program:
    return site.program('cron')


def post(program: Program, body: bytes, kind: str = 'application/json') -> TestResponse:
    return program.client.post('/api', data=body, headers={**program.headers, 'Content-Type': kind})


def refused(program: Program, answer: TestResponse, status: int, code: str) -> str:
    """The message of an error in the one shape of all; nothing was sent for it."""
    assert (answer.status_code, answer.json['error']['code']) == (status, code), answer.text
    assert program.site.services.hub.backends['home'].rpc.requests == 0  # type: ignore[attr-defined]
    return str(answer.json['error']['message'])


@pytest.mark.parametrize('kind', ['text/plain', 'text/xml', 'application/octet-stream', ''])
def test_other_content_types(program: Program, kind: str) -> None:
    message = refused(program, post(program, b'[]', kind), 415, 'unsupported_media_type')
    assert 'application/json' in message


@pytest.mark.parametrize('body', [b'', b'{', b'[1,]', b'[NaN]', b'[Infinity]', b'\xff\xfe', b'[' * 50_000])
def test_what_is_not_json(program: Program, body: bytes) -> None:
    assert 'is not JSON' in refused(program, post(program, body), 400, 'bad_input')


@pytest.mark.parametrize('value', [{}, None, 'x', 1, True])
def test_what_is_not_a_list(program: Program, value: Any) -> None:
    assert 'list' in refused(program, program.send(value), 400, 'bad_input')


def test_what_is_too_large(program: Program) -> None:
    refused(program, post(program, b'[' + b' ' * (1 << 20) + b']'), 413, 'too_large')


@pytest.mark.parametrize('form', [b'', b'other=[]', b'request=[]&request2=[]'])
def test_a_form_has_one_variable(program: Program, form: bytes) -> None:
    answer = post(program, form, 'application/x-www-form-urlencoded')
    assert '“request”' in refused(program, answer, 400, 'bad_input')


@pytest.mark.parametrize(
    ('item', 'code', 'words'),
    [
        (7, 'bad_input', 'An item has to be an object'),
        ({}, 'bad_input', 'type'),
        ({**ITEM, 'type': 'torent'}, 'unknown_name', 'torrent'),
        ({**ITEM, 'target': 'nix'}, 'unknown_name', 'There is no client “nix”'),
        ({**ITEM, 'odd': 1}, 'unknown_name', 'odd'),
        ({**ITEM, 'attributes': []}, 'bad_input', 'attributes have to be a list'),
        ({**ITEM, 'attributes': [['get_hostnam', []]]}, 'unknown_name', 'get_hostname'),
        ({**ITEM, 'attributes': [['execute', ['x']]]}, 'unknown_name', 'There is no'),
        ({**ITEM, 'attributes': [['set_upload_throttle', ['x']]]}, 'bad_input', 'set_upload_throttle'),
        ({**ITEM, 'attributes': [['set_max_peers', [2**16]]]}, 'bad_input', 'from 0 to 65535'),
        ({**ITEM, 'type': 'torrent', 'hash': 'xyz'}, 'bad_input', 'hash'),
        ({**ITEM, 'type': 'torrent'}, 'bad_input', 'hash'),
    ],
)
def test_a_wrong_item_fails_alone(program: Program, item: Any, code: str, words: str) -> None:
    failed, fine = program.ask(item, ITEM)
    assert failed['error']['code'] == code
    assert words in failed['error']['message']
    assert fine['get_hostname']


def test_who_may(site: Site, rtorrent: Rtorrent) -> None:
    change = {**ITEM, 'attributes': [['set_upload_throttle', [20480]]]}
    assert Program(site).send([ITEM]).status_code == 401
    assert Program(site, 'pyro_wrong').send([ITEM]).status_code == 401
    for program in (site.program('eve', 'read', write=False), site.program('bot', 'admin', write=False)):
        assert program.ask(change)[0]['error']['code'] == 'denied'
        assert 'get_hostname' in program.ask(ITEM)[0]
    assert rtorrent.call('throttle.global_up.max_rate') == 0


def test_a_target_that_is_down_fails_alone(build: Build, rtorrent: Rtorrent) -> None:
    program = build(home=rtorrent, nas='scgi:///nowhere/rpc').program('cron')
    down, fine = program.ask({**ITEM, 'target': 'nas'}, ITEM)
    assert down['error']['code'] == 'no_socket'
    assert fine['get_hostname']


@pytest.mark.parametrize('method', ['get', 'put', 'delete'])
def test_other_methods(program: Program, method: str) -> None:
    answer = getattr(program.client, method)('/api', headers=program.headers)
    assert (answer.status_code, answer.headers['Allow']) == (405, 'POST')
    assert answer.json['error']['code'] == 'method_not_allowed'


def test_what_is_set_shows_in_the_list_and_in_the_history(
    site: Site, program: Program, rtorrent: Rtorrent
) -> None:
    other = make(rtorrent.downloads, 'thing', 1000, announce='http://127.0.0.1:1/a')
    rtorrent.load(other.seed, other.info_hash)
    hub, told, poked = site.services.hub, list[Any](), list[Any]()
    hub.listeners.append(lambda by, args, outcomes: told.append((by, dict(args), outcomes)))
    poke = hub.poke
    hub.poke = lambda names, **how: (poked.append((list(names), how['torrents'])), poke(names, **how))[1]  # type: ignore[assignment,func-returns-value]
    key = 'http://127.0.0.1:1/deadbeefdeadbeefdeadbeefdeadbeef/announce'
    torrent = {'type': 'torrent', 'hash': other.info_hash.lower()}
    ada = site.program('ada')
    answers = ada.ask(
        {**torrent, 'attributes': [['set_custom1', ['linux']], ['get_name', []], ['add_tracker', [0, key]]]},
        {**torrent, 'hash': 'A' * 40, 'attributes': ['start']},
        {**torrent, 'attributes': ['get_name']},
        {'type': 'file', 'hash': other.info_hash, 'index': 0, 'attributes': [['set_priority', [2]]]},
        {'type': 'rtorrent', 'attributes': [['set_upload_throttle', [10240]]]},
    )
    assert [('error' in each) for each in answers] == [False, True, False, False, False]
    done = [(by, list(args.values()), each.verb, each.hash) for by, args, (each,) in told]
    masked = trackerurl.masked(key)
    assert masked != key
    assert done == [
        ('ada', ['linux'], 'set_custom1', other.info_hash),
        ('ada', [0, masked], 'add_tracker', other.info_hash),
        ('ada', [2], 'set_priority', other.info_hash),
    ]
    assert poked == [(['home'], {'home': {other.info_hash, 'A' * 40}})]
    ada.ask({**torrent, 'attributes': ['get_name']})
    assert poked[1:] == [([], {})]
