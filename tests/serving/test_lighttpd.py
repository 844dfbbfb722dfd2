"""The sample application behind a real lighttpd, started by the real spawn-fcgi."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.serving.rig import exists, until

PREFIXED = """
$HTTP["url"] =~ "^/torrent(/|$)" {{
    fastcgi.server = ( "/torrent" => (( "socket" => "{socket}", "check-local" => "disable" )) )
}}
{more}
"""
STREAMING = 'server.stream-response-body = 1'


@pytest.fixture
def site(rig):
    """Starts lighttpd before the sample application."""

    def start(*arguments, more=''):
        path = rig.path('fcgi.sock')
        pid = rig.spawn(path, '--prefix', '/torrent', '--log', str(rig.path('log')), *arguments)
        web = rig.lighttpd(PREFIXED.format(socket=path, more=more))
        return web, pid

    return start


@pytest.mark.parametrize(
    ('asked', 'path', 'query'),
    [
        ('/torrent/env?a=1&b=%20', '/env', 'a=1&b=%20'),
        ('/torrent/env/', '/env/', ''),
        ('/torrent/env/caf%C3%A9', '/env/caf\xc3\xa9', ''),
        ('/torrent//x/../env', '/env', ''),
    ],
)
def test_path(site, asked, path, query):
    web, _ = site()
    seen = json.loads(web.ask(asked).body)
    assert (seen['SCRIPT_NAME'], seen['PATH_INFO'], seen['QUERY_STRING']) == ('/torrent', path, query)


def test_neighbour_of_the_prefix_is_not_ours(site):
    web, _ = site()
    assert web.ask('/torrents/env').status == 404
    assert web.ask('/').status in (403, 404)


def test_wsgi_is_valid(site):
    web, _ = site('--validate')
    assert web.ask('/torrent/hello').body == b'hello'
    assert web.ask('/torrent/hello', method='HEAD').headers['Content-Length'] == '5'
    assert web.ask('/torrent/echo', b'abc').body.startswith(b'3 ')


def test_upload_of_twenty_megabytes(site):
    web, _ = site()
    body = os.urandom(20 << 20)
    assert web.ask('/torrent/echo', body).body == f'{len(body)} {hashlib.sha256(body).hexdigest()}'.encode()


def test_upload_without_a_length(site):
    web, _ = site()
    with web.open() as connection:
        connection.request('POST', '/torrent/echo', iter([b'a' * 100_000] * 10), encode_chunked=True)
        assert connection.getresponse().read().startswith(b'1000000 ')


def test_large_answer(site):
    web, _ = site()
    assert len(web.ask('/torrent/big?10000000').body) == 10_000_000
    assert len(web.ask('/torrent/pieces?50').body) == 50 * 65536


def test_two_cookies(site):
    web, _ = site()
    assert web.ask('/torrent/cookies').headers.get_all('Set-Cookie') == ['a=1', 'b=2']


def test_two_hundred_slow_requests_at_once(site):
    web, _ = site('--threads', '8')
    with ThreadPoolExecutor(200) as many:
        answers = list(many.map(lambda _: web.ask('/torrent/slow?0.05').body, range(200)))
    assert answers == [b'slow'] * 200


def test_error_page(site):
    web, _ = site()
    reply = web.ask('/torrent/fail-before')
    assert reply.status == 500
    assert b'secret' not in reply.body


@pytest.mark.parametrize('more', ['', STREAMING])
def test_broken_promise_of_a_length_shows(site, more):
    web, _ = site(more=more)
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        web.ask('/torrent/fail-promised')


def test_truncation_without_a_length_shows_once_some_of_it_is_out(site, rig):
    """lighttpd gives an answer that is complete before it is begun a length of its own: nothing shows then."""
    web, _ = site(more=STREAMING)
    gate = rig.path('gate')
    os.mkfifo(gate)
    with web.open() as connection:
        connection.request('GET', f'/torrent/fail-later?{gate}')
        response = connection.getresponse()
        assert response.read(5) == b'xxxxx'
        gate.write_text('')
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            response.read()


def test_stream_is_live_and_closed_when_the_client_leaves(site, rig):
    web, _ = site(more=STREAMING)
    closed = rig.path('closed')
    with web.open() as connection:
        connection.request('GET', f'/torrent/stream?{closed}')
        assert connection.getresponse().read(10) == b'tick\ntick\n'
    until(closed.exists, 'the generator is closed')


def test_stop_finishes_what_runs(site, rig):
    web, pid = site()
    gate = rig.path('gate')
    os.mkfifo(gate)
    with ThreadPoolExecutor(1) as user:
        asked = user.submit(web.ask, f'/torrent/wait?{gate}')
        with open(gate, 'w') as fifo:
            os.kill(pid, signal.SIGTERM)
            fifo.write('finished')
        assert asked.result().body == b'finished'
    until(lambda: not exists(pid), 'the program ends')
    assert not rig.path('fcgi.sock').exists()


def test_new_start_is_found_again(site, rig):
    web, pid = site()
    assert web.ask('/torrent/hello').body == b'hello'
    os.kill(pid, signal.SIGTERM)
    until(lambda: not exists(pid), 'the program ends')
    assert web.ask('/torrent/hello').status in (500, 503)
    rig.spawn(rig.path('fcgi.sock'), '--prefix', '/torrent')
    until(lambda: web.ask('/torrent/hello').status == 200, 'lighttpd tries again')
