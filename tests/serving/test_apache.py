"""pyroTorrent behind a real Apache, as docs/setup.rst sets it up: what is sent to it, and what comes at once."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest

from tests.serving.rig import until
from tests.serving.test_setup_docs import block
from tests.serving.test_streams import Listeners, happening

PASSWORD = 'correct horse battery'


@pytest.fixture
def listeners(rig):
    made = Listeners(rig)
    yield made
    made.engine.dispose()


def sent(web, path, body, **headers):
    """A POST; its answer."""
    with web.open() as connection:
        connection.request('POST', path, body, {'Origin': 'http://localhost', **headers})
        response = connection.getresponse()
        response.read()
        return response


@pytest.mark.parametrize('server', ['apache', 'apache-http'])
def test_login_and_long_poll(listeners, server):
    web = listeners.behind(server)
    filled = urlencode({'name': 'anna', 'password': PASSWORD})
    answer = sent(web, '/torrent/login', filled, **{'Content-Type': 'application/x-www-form-urlencoded'})
    assert (answer.status, answer.headers['Location']) == (303, '/torrent/')
    cookie = answer.headers['Set-Cookie'].partition(';')[0]
    with web.open() as connection:
        connection.request('GET', '/torrent/', headers={'Cookie': cookie})
        assert connection.getresponse().status == 200
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(listeners.ask, web, '?after=0&wait=60')
        listeners.log.add([happening()])
        assert b'"id": 1' in asked.result()


def test_paths_bodies_and_ends_over_fastcgi(rig):
    program = rig.fcgi('--prefix', '/torrent', '--mode', '660', '--validate')
    web = rig.apache(block('apache').replace('/run/pyrotorrent/fcgi.sock', program.address))
    for asked, path in (('env?a=1', '/env'), ('/x/../env/caf%C3%A9?a=1', '/env/caf\xc3\xa9')):
        seen = json.loads(web.ask(f'/torrent/{asked}').body)
        assert (seen['SCRIPT_NAME'], seen['PATH_INFO'], seen['QUERY_STRING']) == ('/torrent', path, 'a=1')
    body = os.urandom(20 << 20)
    expected = f'{len(body)} {hashlib.sha256(body).hexdigest()}'.encode()
    assert web.ask('/torrent/echo', body).body == expected
    with web.open() as connection:
        connection.request('POST', '/torrent/echo', iter([b'a' * 100_000] * 10), encode_chunked=True)
        assert connection.getresponse().read().startswith(b'1000000 ')
    big = web.ask('/torrent/big?3000000')
    assert (len(big.body), big.headers['Content-Length']) == (3_000_000, '3000000')
    assert web.ask('/torrent/hello', method='HEAD').headers['Content-Length'] == '5'


@pytest.mark.parametrize('path', ['fail-after', 'fail-promised'])
def test_an_answer_that_breaks_off_is_seen_to(rig, path):
    program = rig.fcgi('--prefix', '/torrent', '--mode', '660')
    web = rig.apache(block('apache').replace('/run/pyrotorrent/fcgi.sock', program.address))
    with contextlib.suppress(http.client.IncompleteRead, ConnectionError):
        # Apache says 503 itself where it has passed on nothing before the program's connection ends.
        assert web.ask(f'/torrent/{path}').status == 503


def test_a_stream_is_closed_when_the_client_leaves(rig):
    program = rig.fcgi('--prefix', '/torrent', '--mode', '660')
    web = rig.apache(block('apache').replace('/run/pyrotorrent/fcgi.sock', program.address))
    closed = rig.path('closed')
    with web.open() as connection:
        connection.request('GET', f'/torrent/stream?{closed}')
        assert connection.getresponse().read(10) == b'tick\ntick\n'
    until(closed.exists, 'the generator is closed')
