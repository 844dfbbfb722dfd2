"""The embedded HTTP server: what waitress does not do by itself."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from waitress.channel import ClientDisconnected

from lib.web import server
from tests.serving.rig import SAMPLE, Web, until


@pytest.fixture
def site(rig):
    def start(*arguments):
        program = rig.sample('--http', *arguments)
        host, _, port = program.address.removeprefix('http://').rpartition(':')
        return Web((host.strip('[]'), int(port))), program

    return start


def test_answers_and_does_not_name_itself(site):
    web, _ = site('--validate')
    reply = web.ask('/hello')
    assert reply.body == b'hello'
    assert 'Server' not in reply.headers
    assert web.ask('/echo', b'abc').body.startswith(b'3 ')


def test_prefix(site):
    web, _ = site('--prefix', '/torrent')
    seen = json.loads(web.ask('/torrent/env?a=1').body)
    assert (seen['SCRIPT_NAME'], seen['PATH_INFO'], seen['QUERY_STRING']) == ('/torrent', '/env', 'a=1')
    assert web.ask('/torrents').status == 404
    assert web.ask('/torrent/../env').status == 404


def test_proxy_headers_reach_the_application(site):
    web, _ = site()
    with web.open() as connection:
        connection.request(
            'GET', '/env', headers={'X-Forwarded-For': '192.0.2.1', 'X-Forwarded-Proto': 'https'}
        )
        seen = json.loads(connection.getresponse().read())
    assert seen['HTTP_X_FORWARDED_FOR'] == '192.0.2.1'
    assert seen['REMOTE_ADDR'] == '127.0.0.1'


def test_body_over_the_limit(site):
    web, _ = site('--max-body', '1000')
    assert web.ask('/echo', b'x' * 1000).status == 200
    assert web.ask('/echo', b'x' * 5000).status == 413


def test_head_over_the_limit(site):
    web, _ = site()
    assert web.ask('/hello?' + 'x' * server.MAX_HEADER_BYTES).status == 431


def test_error_page_tells_nothing(site):
    web, _ = site()
    reply = web.ask('/fail-before')
    assert reply.status == 500
    assert b'secret' not in reply.body and b'waitress' not in reply.body


@pytest.mark.parametrize('path', ['/fail-after', '/fail-promised', '/short'])
def test_truncation_shows(site, path):
    web, _ = site()
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        web.ask(path)


def test_ipv6(site):
    web, program = site('--host', '::1')
    assert program.address.startswith('http://[::1]:')
    assert web.ask('/hello').body == b'hello'


def test_port_in_use_names_the_remedy(rig):
    with socket.create_server(('127.0.0.1', 0)) as other:
        port = other.getsockname()[1]
        refused = rig.process([sys.executable, str(SAMPLE), '--http', '--port', str(port)])
        assert refused.wait(60) == 1
    said = refused.stderr.read()
    assert f'port {port} on 127.0.0.1' in said
    assert 'HTTP_PORT' in said and 'Traceback' not in said


@pytest.mark.parametrize('host', ['no.such.host.invalid', '192.0.2.77', 'a b'])
def test_unusable_host_is_explained(rig, host):
    refused = rig.process([sys.executable, str(SAMPLE), '--http', '--host', host])
    assert refused.wait(60) == 1
    said = refused.stderr.read()
    assert host in said and 'HTTP_HOST' in said and 'Traceback' not in said


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_an_idle_server(site, number):
    web, program = site()
    assert web.ask('/hello').body == b'hello'
    program.stop(number)
    assert program.wait() == 0


def test_idle_connection_does_not_delay_the_end(site):
    web, program = site()
    with web.open() as connection:
        connection.request('GET', '/hello')
        connection.getresponse().read()
        program.stop()
        assert program.wait() == 0


def test_requests_under_way_and_waiting_are_finished_before_the_end(site, rig):
    web, program = site('--threads', '1')
    gate = rig.path('gate')
    os.mkfifo(gate)
    with contextlib.ExitStack() as opened:
        first = opened.enter_context(web.open())
        first.request('GET', f'/wait?{gate}')
        with open(gate, 'w') as fifo:
            waiting = [opened.enter_context(web.open()) for _ in range(5)]
            for other in waiting:
                other.request('GET', '/hello')
            program.stop()
            until(lambda: _refused(web.address), 'no new connection is taken')
            fifo.write('finished')
        assert first.getresponse().read() == b'finished'
        assert [other.getresponse().read() for other in waiting] == [b'hello'] * 5
    assert program.wait() == 0


def test_second_signal_cuts_an_endless_stream_at_once(site, rig):
    web, program = site()
    closed = rig.path('closed')
    with web.open() as connection:
        connection.request('GET', f'/stream?{closed}')
        response = connection.getresponse()
        assert response.read(5) == b'tick\n'
        program.stop()
        until(lambda: _refused(web.address), 'no new connection is taken')
        program.stop()
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            response.read()
    assert program.wait() == 0
    assert closed.exists()


def test_generator_is_closed_when_the_client_leaves(site, rig):
    web, _ = site()
    closed = rig.path('closed')
    with web.open() as connection:
        connection.request('GET', f'/stream?{closed}')
        assert connection.getresponse().read(5) == b'tick\n'
    until(closed.exists, 'the generator is closed')


def test_a_thousand_idle_connections_leave_the_others_served(site):
    web, _ = site()
    with contextlib.ExitStack() as opened:
        for _ in range(1000):
            idle = opened.enter_context(socket.create_connection(web.address))
            idle.sendall(b'GET / HTTP/1.1\r\nX-Slow: ')
        with ThreadPoolExecutor(4) as users:
            assert all(users.map(lambda _: web.ask('/hello').status == 200, range(40)))


@pytest.fixture
def unserved():
    """A server that does not run, and a connection to it on which nobody sends or reads."""
    listening = server._listen('127.0.0.1', 0)
    here, there = socket.socketpair()
    served = server.Server(
        lambda environ, start_response: [],
        _sock=listening,
        _start=False,
        dispatcher=server.ThreadedTaskDispatcher(),
        sockinfo=(listening.family, listening.type, listening.proto, listening.getsockname()),
        bind_socket=False,
        outbuf_high_watermark=server.MAX_UNSENT,
    )
    with here, there, listening:
        yield served, server.Channel(served, here, ('127.0.0.1', 1), served.adj, map=served._map)
        served.trigger.close()


def test_dribbling_client_is_cut_off(unserved, monkeypatch):
    """The clock is turned, not waited for."""
    served, channel = unserved
    now = [1000.0]
    monkeypatch.setattr(server.time, 'monotonic', lambda: now[0])
    channel.received(b'GET / HTTP/1.1\r\n')
    now[0] += server.RECEIVE_TIMEOUT - 1
    channel.received(b'X: y\r\n')
    served.maintenance(server.time.time())
    assert not channel.will_close
    now[0] += 2
    channel.received(b'X: z\r\n')
    served.maintenance(server.time.time())
    assert channel.will_close


def test_a_client_that_does_not_read_gives_its_thread_back(unserved):
    """The clock is turned, not waited for."""
    served, channel = unserved
    writing = ThreadPoolExecutor(1)

    def answer():
        while True:
            channel.write_soon(b'x' * 65536)

    answering = writing.submit(answer)
    until(lambda: channel.total_outbufs_len > served.adj.outbuf_high_watermark, 'the answer waits')
    served.maintenance(channel.last_activity + server.IDLE_TIMEOUT - 1)
    assert channel.connected
    served.maintenance(channel.last_activity + server.IDLE_TIMEOUT + 1)
    with pytest.raises(ClientDisconnected):
        answering.result(60)
    writing.shutdown()


def _refused(address):
    try:
        socket.create_connection(address, 5).close()
    except OSError:
        return True
    return False
