"""Records in every shape, sent to the real server process."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import struct
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.serving.fcgi_client import (
    ABORT,
    BEGIN,
    END,
    GET_VALUES,
    KEEP,
    PARAMS,
    STDIN,
    STDOUT,
    UNKNOWN,
    VALUES,
    Client,
    ask,
    begin,
    pair,
    params,
    record,
    request,
)  # fmt: skip
from tests.serving.rig import until


def test_answer_has_head_body_and_end(rig):
    answer = ask(rig.fcgi().address, '/hello')
    assert answer.head == b'Status: 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5'
    assert answer.body == b'hello'
    assert answer.ended and answer.status == 0


def test_wsgi_is_valid(rig):
    address = rig.fcgi('--validate').address
    assert ask(address, '/hello').body == b'hello'
    assert ask(address, '/echo', b'abc').body.startswith(b'3 ')
    assert ask(address, '/pieces?3').body == b'x' * 3 * 65536
    assert ask(address, '/hello', HTTP_CONTENT_TYPE='x', HTTP_CONTENT_LENGTH='3').body == b'hello'


def test_parameter_split_over_records(rig):
    block = params('/env', HTTP_COOKIE='c' * 3000, HTTP_X='long' * 50)
    with Client(rig.fcgi().address) as client:
        client.send(begin())
        for at in range(0, len(block), 100):
            client.send(record(PARAMS, block[at : at + 100], padding=at % 8))
        client.send(record(PARAMS) + record(STDIN))
        seen = json.loads(client.answer().body)
    assert seen['HTTP_COOKIE'] == 'c' * 3000
    assert seen['HTTP_X'] == 'long' * 50


def test_request_sent_byte_by_byte(rig):
    with Client(rig.fcgi().address) as client:
        for byte in request('/echo', b'body'):
            client.send(bytes([byte]))
        assert client.answer().body == f'4 {hashlib.sha256(b"body").hexdigest()}'.encode()


def test_path_info_is_never_invented(rig):
    answer = ask(
        rig.fcgi().address, '', SCRIPT_NAME='/env', REQUEST_URI='/torrent/a%2Fb?x=1', QUERY_STRING=''
    )
    seen = json.loads(answer.body)
    assert seen['PATH_INFO'] == '/env'
    assert seen['QUERY_STRING'] == ''


def test_body_of_twenty_megabytes(rig):
    body = os.urandom(20 << 20)
    answer = ask(rig.fcgi().address, '/echo', body)
    assert answer.body == f'{len(body)} {hashlib.sha256(body).hexdigest()}'.encode()


def test_readline_keeps_to_its_limit(rig):
    answer = ask(rig.fcgi().address, '/lines', b'one line\nsecond line\nrest\nof it')
    assert answer.body == repr([b'one', b' line\n', b'second line\n', b'rest\nof it']).encode()


def test_readline_across_records(rig):
    with Client(rig.fcgi().address) as client:
        client.send(begin() + record(PARAMS, params('/lines')) + record(PARAMS))
        for piece in (b'o', b'ne li', b'ne\nsec', b'ond\n', b'x'):
            client.send(record(STDIN, piece))
        client.send(record(STDIN))
        assert client.answer().body == repr([b'one', b' line\n', b'second\n', b'x']).encode()


def test_answer_larger_than_a_record(rig):
    answer = ask(rig.fcgi().address, '/big?300000')
    assert answer.body == b'y' * 300000
    assert answer.ended
    assert answer.records.count(STDOUT) == 6  # five of data, one that ends the stream


def test_unread_body_does_not_lose_the_answer(rig):
    assert ask(rig.fcgi().address, '/hello', b'z' * 5_000_000).body == b'hello'


def test_kept_connection_serves_again(rig):
    with Client(rig.fcgi().address) as client:
        for _ in range(3):
            client.send(request('/hello', flags=KEEP))
            assert client.answer().body == b'hello'
        client.send(request('/hello', b'unread' * 1000, flags=KEEP) + request('/env', flags=KEEP))
        assert client.answer().body == b'hello'
        assert json.loads(client.answer().body)['PATH_INFO'] == '/env'
        client.send(request('/hello'))
        assert client.answer().ended
        assert client.closed()


def test_idle_kept_connections_hold_no_thread(rig):
    address = rig.fcgi('--threads', '2').address
    clients = [Client(address) for _ in range(20)]
    for client in clients:
        client.send(request('/hello', flags=KEEP))
        assert client.answer().body == b'hello'
    assert ask(address, '/hello').body == b'hello'
    for client in clients:
        client.send(request('/hello', flags=KEEP))
    assert [client.answer().body for client in clients] == [b'hello'] * 20
    for client in clients:
        client.socket.close()
    assert ask(address, '/hello').body == b'hello'


def test_second_request_on_a_busy_connection_is_refused(rig):
    with Client(rig.fcgi().address) as client:
        client.send(begin() + record(PARAMS, params('/echo')) + record(PARAMS) + begin(request=2))
        kind, content = client.record()
        assert kind == END
        assert struct.unpack('!LB3x', content)[1] == 1  # FCGI_CANT_MPX_CONN
        client.send(record(STDIN, b'abc') + record(STDIN))
        assert client.answer().body.startswith(b'3 ')


def test_other_role_is_refused(rig):
    with Client(rig.fcgi().address) as client:
        client.send(begin(role=2) + record(PARAMS, params('/hello')) + record(PARAMS) + record(STDIN))
        answer = client.answer()
    assert answer.status == 3  # FCGI_UNKNOWN_ROLE
    assert answer.stdout == b''


def test_values_are_answered(rig):
    with Client(rig.fcgi().address) as client:
        client.send(record(GET_VALUES, pair(b'FCGI_MPXS_CONNS', b'') + pair(b'OTHER', b''), request=0))
        assert client.record() == (VALUES, pair(b'FCGI_MPXS_CONNS', b'0'))
        client.send(request('/hello'))
        assert client.answer().body == b'hello'


def test_unknown_management_record_is_named(rig):
    with Client(rig.fcgi().address) as client:
        client.send(record(99, request=0))
        assert client.record() == (UNKNOWN, struct.pack('!B7x', 99))


@pytest.mark.parametrize(
    'garbage',
    [
        b'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
        b'\0' * 64,
        record(BEGIN, b'\0'),
        begin() + record(PARAMS, b'\xff\xff\xff\xff') + record(PARAMS),
        begin() + record(PARAMS, b'\x7f\x00abc') + record(PARAMS),
        begin() + record(PARAMS, b'\x01') + record(PARAMS),
        begin() + record(PARAMS, params('/echo')) + record(PARAMS) + record(PARAMS),
        begin() + record(PARAMS, b'\0\0' * 30000) * 20,
    ],
    ids=['http', 'version', 'begin', 'length', 'overrun', 'half-pair', 'params-twice', 'params-flood'],
)
def test_garbage_closes_the_connection_only(rig, garbage):
    address = rig.fcgi('--threads', '1').address
    with Client(address) as client:
        with contextlib.suppress(BrokenPipeError):
            client.send(garbage)
        assert client.closed()
    assert ask(address, '/hello').body == b'hello'


def test_silence_and_half_a_request_hold_nobody_up_after_leaving(rig):
    address = rig.fcgi('--threads', '1').address
    for start in (b'', begin(), begin() + record(PARAMS, params('/hello'))[:20]):
        with Client(address) as client:
            client.send(start)
    assert ask(address, '/hello').body == b'hello'


def test_client_gone_during_upload(rig):
    log = rig.path('log')
    address = rig.fcgi('--threads', '1', '--log', str(log)).address
    with Client(address) as client:
        client.send(begin() + record(PARAMS, params('/echo')) + record(PARAMS) + record(STDIN, b'half'))
    assert ask(address, '/hello').body == b'hello'
    assert 'Traceback' not in log.read_text()


def test_generator_is_closed_when_the_client_leaves(rig):
    closed = rig.path('closed')
    address = rig.fcgi().address
    with Client(address) as client:
        client.send(request(f'/stream?{closed}'))
        assert client.record()[0] == STDOUT
    until(closed.exists, 'the generator is closed')


def test_generator_is_closed_by_an_abort_record(rig):
    closed = rig.path('closed')
    with Client(rig.fcgi().address) as client:
        client.send(request(f'/stream?{closed}', flags=KEEP))
        assert client.record()[0] == STDOUT
        client.send(record(ABORT))
        assert client.answer().ended
        until(closed.exists, 'the generator is closed')
        client.send(request('/hello', flags=KEEP))
        assert client.answer().body == b'hello'


def test_abort_while_the_body_is_awaited(rig):
    with Client(rig.fcgi().address) as client:
        client.send(begin(KEEP) + record(PARAMS, params('/echo')) + record(PARAMS) + record(ABORT))
        assert client.answer().ended
        client.send(request('/hello', flags=KEEP))
        assert client.answer().body == b'hello'


def test_error_before_the_first_byte_is_a_plain_page(rig):
    log = rig.path('log')
    answer = ask(rig.fcgi('--log', str(log)).address, '/fail-before')
    assert answer.head.startswith(b'Status: 500 ')
    assert b'secret' not in answer.stdout and answer.stderr == b''
    assert answer.ended
    assert 'secret detail' in log.read_text()


@pytest.mark.parametrize('path', ['/fail-in-head', '/short'])
def test_unusable_answer_is_a_plain_error_page(rig, path):
    answer = ask(rig.fcgi().address, path)
    assert answer.head.startswith(b'Status: 500 ')
    assert b'evil' not in answer.stdout
    assert answer.ended


@pytest.mark.parametrize('path', ['/fail-after', '/fail-promised'])
def test_error_after_the_first_byte_never_ends_cleanly(rig, path):
    answer = ask(rig.fcgi().address, path)
    assert answer.head.startswith(b'Status: 200 ')
    assert not answer.ended
    assert b'secret' not in answer.stdout


def test_head_request_with_a_content_length_and_no_body(rig):
    answer = ask(rig.fcgi().address, '/short', REQUEST_METHOD='HEAD')
    assert b'Content-Length: 100' in answer.head
    assert answer.ended


def test_errors_stream_goes_to_the_log(rig):
    log = rig.path('log')
    answer = ask(rig.fcgi('--log', str(log)).address, '/complain')
    assert answer.stderr == b''
    assert 'a complaint' in log.read_text()


def test_pieces_are_sent_when_they_are_made(rig):
    with Client(rig.fcgi().address) as client:
        client.send(request(f'/stream?{rig.path("closed")}'))
        ticks = b''.join(client.record()[1] for _ in range(3))
    assert ticks.endswith(b'\r\n\r\ntick\ntick\ntick\n')


def test_bursts_lose_nothing(rig):
    address = rig.fcgi('--threads', '8').address
    with ThreadPoolExecutor(300) as many:
        answers = list(many.map(lambda _: ask(address, '/slow?0.05').body, range(300)))
    assert answers == [b'slow'] * 300


def test_tail_of_a_body_after_the_answer_holds_no_thread(rig):
    address = rig.fcgi('--threads', '1').address
    with Client(address) as client:
        client.send(begin(KEEP) + record(PARAMS, params('/hello')) + record(PARAMS))
        assert client.answer().body == b'hello'
        client.send(record(STDIN, b'late') + record(STDIN))
        assert ask(address, '/hello').body == b'hello'
        client.send(request('/hello', flags=KEEP))
        assert client.answer().body == b'hello'
