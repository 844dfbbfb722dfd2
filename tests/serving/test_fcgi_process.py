"""The server as a process: signals, sockets and their files, limits of the system."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.serving.fcgi_client import KEEP, STDIN, STDOUT, Client, ask, begin, params, record, request
from tests.serving.rig import SAMPLE, connects, exists, until

STOPS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]


@contextlib.contextmanager
def held_request(rig, address, name='gate', **more):
    """A request that is inside the application until the FIFO is written; gives its client and the FIFO."""
    gate = rig.path(name)
    os.mkfifo(gate)
    with Client(address) as client:
        client.send(request(f'/wait?{gate}', **more))
        with open(gate, 'w') as fifo:
            yield client, fifo


@pytest.mark.parametrize('number', STOPS)
def test_signal_ends_an_idle_server_and_removes_its_socket(rig, number):
    program = rig.fcgi()
    ask(program.address, '/hello')
    program.stop(number)
    assert program.wait() == 0
    assert not os.path.exists(program.address)


def test_request_under_way_is_finished_before_the_end(rig):
    program = rig.fcgi()
    with held_request(rig, program.address) as (client, fifo):
        program.stop()
        until(lambda: not os.path.exists(program.address), 'the socket file is gone')
        assert program.alive()
        fifo.write('finished')
        fifo.close()
        answer = client.answer()
    assert answer.body == b'finished'
    assert answer.ended
    assert program.wait() == 0


def test_waiting_requests_are_served_before_the_end(rig):
    program = rig.fcgi('--threads', '1')
    with held_request(rig, program.address) as (client, fifo):
        waiting = [Client(program.address) for _ in range(10)]
        for other in waiting:
            other.send(request('/hello'))
        program.stop()
        until(lambda: not os.path.exists(program.address), 'the socket file is gone')
        fifo.write('first')
        fifo.close()
        assert client.answer().body == b'first'
        assert [other.answer().body for other in waiting] == [b'hello'] * 10
    assert program.wait() == 0


def test_idle_kept_connection_does_not_delay_the_end(rig):
    program = rig.fcgi('--grace', '600')
    with Client(program.address) as client:
        client.send(request('/hello', flags=KEEP))
        assert client.answer().body == b'hello'
        program.stop()
        assert program.wait() == 0
        assert client.closed()


def test_silent_new_connection_and_half_a_request_are_cut_after_the_grace(rig):
    program = rig.fcgi('--grace', '0.3')
    with Client(program.address) as silent, Client(program.address) as half:
        half.send(begin() + record(2 + 2, params('/hello'))[:30])
        ask(program.address, '/hello')
        program.stop()
        assert program.wait() == 0
        assert silent.closed() and half.closed()


def test_endless_stream_is_cut_after_the_grace_and_closed(rig):
    closed = rig.path('closed')
    program = rig.fcgi('--grace', '0.3')
    with Client(program.address) as client:
        client.send(request(f'/stream?{closed}'))
        assert client.record()[0] == STDOUT
        program.stop()
        answer = client.answer()
    assert not answer.ended, 'a cut stream must not look complete'
    assert program.wait() == 0
    assert closed.read_text() == 'closed'
    assert not os.path.exists(program.address)


def test_second_signal_cuts_at_once(rig):
    log = rig.path('log')
    program = rig.fcgi('--grace', '600', '--log', str(log))
    with held_request(rig, program.address) as (client, _fifo):
        program.stop()
        until(lambda: not os.path.exists(program.address), 'the socket file is gone')
        program.stop()
        assert program.wait() == 0
        assert not client.answer().ended
    assert 'were cut off' in log.read_text()


def test_killed_server_leaves_a_stale_socket_and_the_next_start_takes_its_place(rig):
    first = rig.fcgi()
    first.stop(signal.SIGKILL)
    first.wait()
    assert os.path.exists(first.address)
    second = rig.fcgi()
    assert ask(second.address, '/hello').body == b'hello'


def test_live_owner_is_not_evicted(rig):
    first = rig.fcgi()
    refused = rig.process([sys.executable, str(SAMPLE), '--bind', first.address])
    assert refused.wait(60) == 1
    assert 'Another process is already serving' in refused.stderr.read()
    assert ask(first.address, '/hello').body == b'hello'


def test_owner_with_a_full_queue_is_not_evicted(rig):
    path = str(rig.path('busy.sock'))
    with socket.socket(socket.AF_UNIX) as owner, contextlib.ExitStack() as waiting:
        owner.bind(path)
        owner.listen(0)
        for _ in range(2):
            other = waiting.enter_context(socket.socket(socket.AF_UNIX))
            other.setblocking(False)
            other.connect_ex(path)
        refused = rig.process([sys.executable, str(SAMPLE), '--bind', path])
        assert refused.wait(60) == 1
    assert 'Another process is already serving' in refused.stderr.read()


def test_many_starts_at_once_leave_one_owner(rig):
    path = str(rig.path('fcgi.sock'))
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(path)
    starts = [rig.process([sys.executable, str(SAMPLE), '--bind', path]) for _ in range(40)]
    until(lambda: sum(start.poll() is None for start in starts) == 1, 'all but one give up')
    owner = next(start for start in starts if start.poll() is None)
    assert owner.stdout.readline().strip() == path
    assert ask(path, '/pid').body == str(owner.pid).encode()


def test_a_successor_keeps_its_socket_file_when_the_old_server_ends(rig):
    first = rig.fcgi()
    os.unlink(first.address)
    second = rig.fcgi()
    first.stop()
    assert first.wait() == 0
    assert ask(second.address, '/hello').body == b'hello'


@pytest.mark.parametrize(
    ('bind', 'sentence'),
    [
        ('{dir}/file', 'is not a socket'),
        ('{dir}/missing/x.sock', 'its directory does not exist'),
        ('{dir}/' + 'x' * 120, 'longer than 107 bytes'),
        ('9000', 'is not an address to serve on'),
        ('127.0.0.1:99999', 'is not an address to serve on'),
        ('127.0.0.1:{port}', 'is already in use'),
    ],
)
def test_unusable_address_is_explained(rig, bind, sentence):
    rig.path('file').write_text('precious')
    with socket.create_server(('127.0.0.1', 0)) as other:
        given = bind.format(dir=rig.directory, port=other.getsockname()[1])
        refused = rig.process([sys.executable, str(SAMPLE), '--bind', given])
        assert refused.wait(60) == 1
    assert sentence in refused.stderr.read()
    assert rig.path('file').read_text() == 'precious'


@pytest.mark.parametrize('stdin', ['null', 'file', 'pipe', 'connected'])
def test_without_a_listening_socket_the_remedy_is_named(rig, stdin):
    rig.path('file').write_text('x')
    here, there = socket.socketpair()
    with here, there, open(rig.path('file')) as file:
        given = {'null': subprocess.DEVNULL, 'file': file, 'pipe': subprocess.PIPE, 'connected': there}[stdin]
        ended = subprocess.run(
            [sys.executable, str(SAMPLE)],
            stdin=given,
            capture_output=True,
            text=True,
            check=False,
        )
    assert ended.returncode == 1
    assert 'Start it with spawn-fcgi' in ended.stderr and '--bind' in ended.stderr


@pytest.mark.parametrize(
    ('given', 'expected'), [((), 0o600), (('--mode', '660'), 0o660), (('--mode', '666'), 0o666)]
)
def test_permissions_of_the_socket(rig, given, expected):
    before = os.umask(0o027)
    try:
        program = rig.fcgi(*given)
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(program.address).st_mode) == expected


def test_tcp(rig):
    program = rig.sample('--bind', '127.0.0.1:0')
    host, port = program.address.split(':')
    assert ask((host, int(port)), '/hello').body == b'hello'
    assert ask((host, int(port)), '/hello', b'z' * 3_000_000).body == b'hello'
    program.stop()
    assert program.wait() == 0


def test_generator_on_tcp_is_closed_when_the_client_leaves(rig):
    closed = rig.path('closed')
    host, port = rig.sample('--bind', '127.0.0.1:0').address.split(':')
    with Client((host, int(port))) as client:
        client.send(request(f'/stream?{closed}'))
        assert client.record()[0] == STDOUT
    until(closed.exists, 'the generator is closed')


def test_spawn_fcgi(rig):
    path = rig.path('spawned.sock')
    pid = rig.spawn(path, '--mode', '666')
    assert ask(str(path), '/hello').body == b'hello'
    assert stat.S_IMODE(path.stat().st_mode) != 0o666, 'the spawner decides'
    assert ask(str(path), '/child').body == b'/dev/null'
    os.kill(pid, signal.SIGTERM)
    until(lambda: not exists(pid), 'the program ends')
    assert not path.exists()
    rig.spawn(path)
    assert ask(str(path), '/hello').body == b'hello'


def test_killed_spawned_program_can_be_spawned_again(rig):
    path = rig.path('spawned.sock')
    pid = rig.spawn(path)
    assert ask(str(path), '/hello').body == b'hello'
    os.kill(pid, signal.SIGKILL)
    until(lambda: not connects(path), 'the last thread is gone')
    assert path.exists()
    rig.spawn(path)
    assert ask(str(path), '/hello').body == b'hello'


def test_sibling_on_the_same_inherited_socket_keeps_the_file(rig):
    path = rig.path('shared.sock')
    with socket.socket(socket.AF_UNIX) as shared:
        shared.bind(str(path))
        shared.listen(100)
        first, second = rig.sample(stdin=shared), rig.sample(stdin=shared)
    first.stop()
    assert first.wait() == 0
    assert ask(str(path), '/pid').body == str(second.process.pid).encode()
    second.stop()
    assert second.wait() == 0
    assert not path.exists()


def test_rolling_restarts_with_the_socket_kept_outside_lose_nothing(rig):
    path = str(rig.path('kept.sock'))
    done = threading.Event()

    def load():
        count = 0
        while not done.is_set():
            answer = ask(path, '/hello')
            assert answer.ended and answer.body == b'hello'
            count += 1
        return count

    with socket.socket(socket.AF_UNIX) as kept, ThreadPoolExecutor(8) as users:
        kept.bind(path)
        kept.listen(1024)
        program = rig.sample(stdin=kept)
        running = [users.submit(load) for _ in range(8)]
        try:
            for _ in range(4):
                successor = rig.sample(stdin=kept)
                program.stop()
                assert program.wait() == 0
                program = successor
        finally:
            done.set()
        assert sum(user.result() for user in running) > 0
        program.stop()
        assert program.wait() == 0
        assert os.path.exists(path), 'the socket belongs to whoever keeps it'


def test_lack_of_file_descriptors_is_survived(rig):
    log = rig.path('log')
    program = rig.fcgi('--threads', '8', '--files', '36', '--log', str(log))
    kept = [Client(program.address) for _ in range(20)]
    for client in kept:
        client.send(request('/hello', flags=KEEP))
        assert client.answer().body == b'hello'
    many = [Client(program.address) for _ in range(40)]
    until(lambda: 'No connection can be taken' in log.read_text(), 'the lack')
    for client in many:
        client.send(request('/slow?0.1'))
    assert [client.answer().body for client in many] == [b'slow'] * 40
    for client in kept + many:
        client.socket.close()


def test_slow_upload_holds_up_nobody_else(rig):
    program = rig.fcgi('--threads', '2')
    with Client(program.address) as slow:
        slow.send(begin() + record(4, params('/echo')) + record(4) + record(STDIN, b'a'))
        for _ in range(20):
            assert ask(program.address, '/hello').body == b'hello'
            slow.send(record(STDIN, b'a'))
        slow.send(record(STDIN))
        assert slow.answer().body.startswith(b'21 ')
