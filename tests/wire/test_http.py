from __future__ import annotations

import base64
import contextlib
import os
import ssl
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.errors import (
    BadReply,
    ClosedEarly,
    ConnectError,
    NotPermitted,
    ReplyTooLarge,
    RequestTooLarge,
    TimedOut,
    WireError,
)
from lib.wire import http as wire_http
from lib.wire import transport
from lib.wire.http import Exchange, HttpTransport
from lib.wire.stream import ClosedUnanswered
from lib.wire.transport import Transport
from lib.wire.url import parse
from tests.wire.fakes import Handler, Server, Visit, http

BOX = parse('http://me:s%C3%A9cret@box:8080/RPC2')


def link(server: Server, scheme: str = 'http', login: str = '', max_reply: int = 1 << 20) -> Transport:
    return transport.connect(server.address(scheme, '/RPC2', login), target='box', max_reply=max_reply)


def soon(seconds: float = 10) -> float:
    return time.monotonic() + seconds


def read(reply: bytes, *, size: int = 1 << 20, limit: int = 1000) -> bytes | None:
    """What an exchange makes of ``reply`` in parts of ``size`` bytes; nothing for one that is cut off."""
    exchange = Exchange(BOX, limit)
    exchange.request(b'<x/>')
    parts = [reply[at : at + size] for at in range(0, len(reply), size)]
    for part in [*parts, b'']:
        if exchange.feed(part):
            return exchange.body()
    return None


def test_the_request_is_exactly_this() -> None:
    login = base64.b64encode('me:sécret'.encode()).decode()
    assert (
        Exchange(BOX, 1000).request(b'<x/>')
        == (
            'POST /RPC2 HTTP/1.1\r\nHost: box:8080\r\nContent-Type: text/xml\r\nContent-Length: 4\r\n'
            f'Accept-Encoding: identity\r\nUser-Agent: pyroTorrent\r\nAuthorization: Basic {login}\r\n\r\n<x/>'
        ).encode()
    )
    plain = Exchange(parse('https://[::1]'), 1000).request(b'')
    assert b'Host: [::1]\r\n' in plain
    assert b'Authorization' not in plain


@pytest.mark.parametrize('size', [1, 2, 5, 1000])
@pytest.mark.parametrize(
    'reply',
    [
        http(b'hello'),
        http(b'hello', 'Content-Encoding: identity'),
        b'HTTP/1.1 100 Continue\r\n\r\n' + http(b'hello'),
        b'HTTP/1.0 200 OK\r\n\r\nhello',
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n',
    ],
)
def test_replies_in_parts_of_any_size(reply: bytes, size: int) -> None:
    assert read(reply, size=size) == b'hello'


def test_a_reply_that_is_cut_off_is_never_complete() -> None:
    reply = http(b'hello')
    for end in range(len(reply)):
        assert read(reply[:end]) is None


@pytest.mark.parametrize(
    ('reply', 'error', 'said'),
    [
        (http(b'', status='401 No'), NotPermitted, 'refused our user name'),
        (http(b'', status='403 No'), NotPermitted, 'forbids'),
        (http(b'<html>', status='404 No'), BadReply, 'no XML-RPC at this path'),
        (http(b'', status='405 No'), BadReply, 'no XML-RPC at this path'),
        (http(b'', status='413 No'), RequestTooLarge, '413'),
        (
            http(b'', 'Location: http://evil/x', status='302 Found'),
            BadReply,
            'sends us on to “http://evil/x”',
        ),
        (http(b'', status='308 Found'), BadReply, 'not followed'),
        (http(b'', status='500 Oops'), BadReply, 'status 500'),
        (http(b'', status='502 Oops'), BadReply, 'does not reach its rTorrent'),
        (http(b'', status='503 Oops'), BadReply, 'does not reach its rTorrent'),
        (http(b'', status='504 Oops'), TimedOut, 'waited in vain'),
        (http(b'', status='204 None'), BadReply, 'status 204'),
        (http(b'\x1f\x8b', 'Content-Encoding: gzip'), BadReply, 'compressed'),
        (http(b'x' * 1001), ReplyTooLarge, 'longer than 1000'),
        (b'HTTP/1.0 200 OK\r\n\r\n' + b'x' * 1001, ReplyTooLarge, 'longer than 1000'),
        (b'HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\n', BadReply, 'does not answer in HTTP'),
        (b'HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n', ReplyTooLarge, 'longer than'),
        (b'HTTP/1.1 200 OK\r\nX: ' + b'y' * 99999, BadReply, 'does not answer in HTTP'),
        (b'HTTP/1.1 100 Continue\r\n\r\n' * 99, BadReply, 'again and again'),
        (b'SSH-2.0-OpenSSH_9\r\n\r\n', BadReply, 'does not answer in HTTP'),
        (b'Status: 200 OK\r\n\r\n', BadReply, 'does not answer in HTTP'),
    ],
)
@pytest.mark.parametrize('size', [1, 100000])
def test_answers_that_are_refused(reply: bytes, error: type[WireError], said: str, size: int) -> None:
    with pytest.raises(error, match=said) as caught:
        read(reply, size=size)
    assert 'cret' not in str(caught.value)


@given(st.binary() | st.binary().map(lambda tail: http(b'hello')[:30] + tail), st.integers(1, 50))
def test_only_errors_of_ours_for_any_bytes(reply: bytes, size: int) -> None:
    with contextlib.suppress(WireError):
        read(reply, size=size, limit=20)


def test_a_few_interim_replies_are_passed_over() -> None:
    assert read(b'HTTP/1.1 102 Processing\r\n\r\n' * 3 + http(b'hello')) == b'hello'


def echo(visit: Visit) -> None:
    while (request := visit.read_http())[0]:
        visit.send(http(request[1] + b'@%d' % visit.number))


def test_a_connection_is_kept_and_used_again() -> None:
    with Server(echo) as server:
        client = link(server)
        assert [client.send(b'a', soon()), client.send(b'b', soon())] == [b'a@0', b'b@0']
        client.close()
        assert client.send(b'c', soon()) == b'c@1'
        client.close()


@pytest.mark.parametrize('last', [http(b'x', 'Connection: close'), b'HTTP/1.0 200 OK\r\n\r\nx'])
def test_a_connection_that_the_server_ends_is_not_used_again(last: bytes) -> None:
    def once(visit: Visit) -> None:
        visit.read_http()
        visit.send(last)

    with Server(once) as server:
        client = link(server)
        assert [client.send(b'a', soon()), client.send(b'b', soon())] == [b'x', b'x']


@pytest.mark.parametrize('farewell', [b'', b'HTTP/1.1 408 Request Timeout\r\n\r\n'])
def test_a_kept_connection_on_which_something_happened_is_not_trusted_with_a_request(farewell: bytes) -> None:
    def once(visit: Visit) -> None:
        visit.read_http()
        visit.send(http(b'%d' % visit.number) + farewell)

    with Server(once) as server:
        client = link(server)
        assert client.send(b'a', soon()) == b'0'
        server.visits[0].sock.close()
        assert client.send(b'b', soon()) == b'1'


def test_a_kept_connection_starts_anew_with_each_request() -> None:
    def once(visit: Visit) -> None:
        for reply in b'0', b'1':
            visit.read_http()
            visit.send(http(reply))
        visit.read_http()

    with Server(once) as server:
        client = link(server)
        assert client.send(b'a', soon()) == b'0'
        assert isinstance(client, HttpTransport)
        client._idle[0][2].deadline = 0
        assert client.send(b'b', soon()) == b'1'
        # Closed without a byte of this reply, whatever came before: a read may be asked again.
        with pytest.raises(ClosedUnanswered):
            client.send(b'c', soon())
        assert len(server.visits) == 1


def test_an_old_kept_connection_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(echo) as server:
        client = link(server)
        client.send(b'a', soon())
        monkeypatch.setattr(wire_http, '_IDLE_SECONDS', 0)
        assert client.send(b'b', soon()) == b'b@1'
        client.close()


def test_a_connection_of_the_parent_process_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(echo) as server:
        client = link(server)
        client.send(b'a', soon())
        monkeypatch.setattr(os, 'getpid', lambda: -1)
        assert client.send(b'b', soon()) == b'b@1'
        client.close()


def test_no_more_connections_are_kept_than_four() -> None:
    with Server(echo) as server:
        client = link(server)
        assert isinstance(client, HttpTransport)
        taken = [client._take(soon()) for _ in range(6)]
        for stream, exchange in taken:
            client._talk(stream, exchange, exchange.request(b'x'))
            client._keep(stream, exchange)
        assert len(client._idle) == 4
        client.close()


def _hang_up(visit: Visit) -> None:
    visit.read_http()


def _cut_off(visit: Visit) -> None:
    visit.read_http()
    visit.send(http(b'hello')[:-2])


def _refuse_early(visit: Visit) -> None:
    visit.read(100)
    visit.send(http(b'', status='413 Too Large'))
    visit.read(9 << 20)


def _refuse_and_close(visit: Visit) -> None:
    visit.read(100)
    visit.send(http(b'', status='413 Too Large'))


@pytest.mark.parametrize(
    ('handler', 'error'),
    [
        (_hang_up, ClosedUnanswered),
        (_cut_off, ClosedEarly),
        (_refuse_early, RequestTooLarge),
        (_refuse_and_close, RequestTooLarge),
    ],
)
def test_replies_that_are_none(handler: Handler, error: type[WireError]) -> None:
    with Server(handler) as server, pytest.raises(error) as caught:
        link(server).send(b'x' * (8 << 20), soon())
    assert caught.value.target == 'box'


def test_the_environment_names_no_proxy_for_us(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in 'http_proxy', 'HTTP_PROXY', 'all_proxy', 'https_proxy':
        monkeypatch.setenv(name, 'http://127.0.0.1:1')
    with Server(echo) as server:
        assert link(server).send(b'a', soon()) == b'a@0'


@pytest.fixture(scope='module')
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of its own for 127.0.0.1, with its key in one file."""
    path = tmp_path_factory.mktemp('tls') / 'both.pem'
    subprocess.run(
        ['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=box',
         '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', path, '-out', path.with_suffix('.crt')],
        check=True, capture_output=True,
    )  # fmt: skip
    path.write_bytes(path.read_bytes() + path.with_suffix('.crt').read_bytes())
    return path


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_https_with_a_trusted_certificate(
    certificate: Path, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('SSL_CERT_FILE', str(certificate.with_suffix('.crt')))
    with Server(echo, tls=tls) as server:
        client = link(server, 'https')
        assert [client.send(b'a' * 100_000, soon())[-2:], client.send(b'b', soon())] == [b'@0', b'b@0']
        client.close()


def test_https_with_a_certificate_that_nobody_vouches_for(tls: ssl.SSLContext) -> None:
    with Server(echo, tls=tls) as server, pytest.raises(ConnectError, match='is not trusted') as caught:
        link(server, 'https').send(b'a', soon())
    assert not caught.value.sent


def test_https_to_a_port_without_tls() -> None:
    def plain(visit: Visit) -> None:
        visit.read(1)
        visit.send(b'HTTP/1.1 400 Bad Request\r\n\r\n')

    with Server(plain) as server, pytest.raises(ConnectError, match='speaks HTTPS'):
        link(server, 'https').send(b'a', soon())


def test_a_handshake_that_never_ends_is_bounded() -> None:
    with Server(lambda visit: visit.read(1 << 20) and None) as server, pytest.raises(TimedOut) as caught:
        link(server, 'https').send(b'a', soon(0.1))
    assert not caught.value.sent
