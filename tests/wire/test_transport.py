"""SCGI over real sockets: what can go wrong on the way, and what is said about it."""

from __future__ import annotations

import multiprocessing
import os
import socket
import threading
import time
from pathlib import Path

import pytest

from lib.errors import (
    BadReply,
    ClosedEarly,
    ConnectError,
    ConnectionRefused,
    NoSocket,
    NotPermitted,
    ReplyTooLarge,
    TimedOut,
    WireError,
)
from lib.wire import dial, transport
from lib.wire.stream import ClosedUnanswered
from lib.wire.url import Address, parse
from tests.wire.fakes import Server, Visit, scgi

NOBODY = 65534


def send(address: Address, body: bytes = b'<x/>', *, seconds: float = 10, max_reply: int = 1 << 20) -> bytes:
    link = transport.connect(address, target='box', max_reply=max_reply)
    return link.send(body, time.monotonic() + seconds)


def at(path: Path) -> Address:
    return Address('scgi', '', 0, str(path))


def answer(visit: Visit) -> None:
    fields, body = visit.read_scgi()
    visit.send(scgi(repr((fields.get('UNTRUSTED_CONNECTION'), body)).encode()))


@pytest.mark.parametrize('unix', [True, False])
def test_a_request_and_its_reply(short_tmp: Path, unix: bool) -> None:
    with Server(answer, short_tmp / 's' if unix else None) as server:
        link = transport.connect(server.address())
        deadline = time.monotonic() + 10
        assert link.send(b'<a/>', deadline) == b"(None, b'<a/>')"
        assert link.send(b'<b/>', deadline, trusted=False) == b"('1', b'<b/>')"
        link.close()


def test_large_requests_and_replies_pass_whole(short_tmp: Path) -> None:
    with Server(lambda visit: visit.send(scgi(visit.read_scgi()[1] * 3)), short_tmp / 's') as server:
        body = os.urandom(3 << 20)
        assert send(server.address(), body, max_reply=10 << 20) == body * 3


def test_no_such_socket(tmp_path: Path) -> None:
    for path in tmp_path / 'none', tmp_path / 'no' / 'dir':
        with pytest.raises(NoSocket, match=r'There is no socket .* Start rTorrent') as caught:
            send(at(path))
        assert not caught.value.sent
        assert caught.value.target == 'box'


def test_a_directory_and_a_file_are_no_sockets(short_tmp: Path) -> None:
    (short_tmp / 'file').write_bytes(b'')
    with pytest.raises(NoSocket, match='is a directory'):
        send(at(short_tmp))
    with pytest.raises(NoSocket, match='is not a socket'):
        send(at(short_tmp / 'file'))


def test_a_socket_that_is_left_over(short_tmp: Path) -> None:
    with Server(answer, short_tmp / 's'):
        pass
    with pytest.raises(ConnectionRefused, match='left over'):
        send(at(short_tmp / 's'))


def test_a_path_too_long_for_a_socket() -> None:
    with pytest.raises(ConnectError, match='too long'):
        send(at(Path('/' + 'x' * 200)))


def _as_nobody(path: Path, report: multiprocessing.connection.Connection) -> None:
    os.seteuid(NOBODY)
    try:
        send(at(path))
    except WireError as error:
        report.send((type(error), str(error)))
    os._exit(0)


def denied(path: Path) -> tuple[type[WireError], str]:
    """What a user without rights is told (root may use everything, so it has to be another)."""
    context = multiprocessing.get_context('fork')
    ours, theirs = context.Pipe()
    child = context.Process(target=_as_nobody, args=(path, theirs))
    child.start()
    assert ours.poll(10)
    child.join()
    result: tuple[type[WireError], str] = ours.recv()
    return result


@pytest.mark.parametrize('closed', ['s', '.', 'inner'])
def test_permission_denied_names_path_owner_and_us(short_tmp: Path, closed: str) -> None:
    (short_tmp / 'inner').mkdir()
    path = short_tmp / ('inner/s' if closed == 'inner' else 's')
    with Server(answer, path):
        short_tmp.chmod(0o755)
        path.chmod(0o777)
        (short_tmp / closed).chmod(0o700)
        kind, words = denied(path)
    barrier = (short_tmp / closed).resolve()
    assert kind is NotPermitted
    assert f'may not use the socket {path}' in words
    assert f'{barrier} belongs to ' in words
    assert 'with mode 0700' in words
    assert f'(uid {NOBODY})' in words


def test_nobody_listens_on_a_port() -> None:
    with Server(answer) as server:
        address = server.address()
    with pytest.raises(ConnectionRefused, match=r'Nobody listens on scgi://127\.0\.0\.1'):
        send(address)


def test_a_host_name_that_is_not_known() -> None:
    with pytest.raises(ConnectError, match='host name'):
        send(parse('scgi://no-such-host.invalid:5000'))


def test_a_resolver_that_never_answers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()

    def hang(*_: object, **__: object) -> list[object]:
        release.wait(60)
        return []

    monkeypatch.setattr(socket, 'getaddrinfo', hang)
    try:
        with pytest.raises(dial.NotSent) as caught:
            send(parse('scgi://slow.invalid:5000'), seconds=0.05)
        assert not caught.value.sent
    finally:
        release.set()


def fill(path: Path) -> tuple[socket.socket, list[socket.socket]]:
    """A listening socket whose queue is full."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(0)
    waiting: list[socket.socket] = []
    while True:
        sock = socket.socket(socket.AF_UNIX)
        sock.setblocking(False)
        waiting.append(sock)
        try:
            sock.connect(str(path))
        except BlockingIOError:
            return listener, waiting


def test_a_full_queue_is_tried_again(short_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listener, waiting = fill(short_tmp / 's')
    waits = []

    def wait(seconds: float) -> None:
        """The server takes one connection off its queue while we wait."""
        waits.append(seconds)
        listener.accept()[0].close()

    monkeypatch.setattr(time, 'sleep', wait)
    dial.connect(at(short_tmp / 's'), time.monotonic() + 10).close()
    assert len(waits) == 1
    for sock in [listener, *waiting]:
        sock.close()


def test_a_queue_that_stays_full_is_given_up(short_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dial, 'BUSY_SECONDS', 0.1)
    listener, waiting = fill(short_tmp / 's')
    with pytest.raises(ConnectError, match='takes no more connections') as caught:
        send(at(short_tmp / 's'))
    assert not caught.value.sent
    for sock in [listener, *waiting]:
        sock.close()


def test_a_deadline_that_has_passed_sends_nothing(short_tmp: Path) -> None:
    with Server(answer, short_tmp / 's') as server, pytest.raises(TimedOut) as caught:
        send(server.address(), seconds=-1)
    assert not caught.value.sent


def test_a_server_that_says_nothing(short_tmp: Path) -> None:
    with (
        Server(lambda visit: visit.read(1 << 20) and None, short_tmp / 's') as server,
        pytest.raises(TimedOut, match='0 bytes so far') as caught,
    ):
        send(server.address(), seconds=1.0)
    assert caught.value.sent


def test_a_server_that_never_reads(short_tmp: Path) -> None:
    release = threading.Event()
    with Server(lambda visit: release.wait(60) and None, short_tmp / 's') as server:
        with pytest.raises(TimedOut, match='while sending'):
            send(server.address(), b'x' * (8 << 20), seconds=1.0)
        release.set()


def test_a_dripping_server_is_bounded_by_the_whole_deadline(short_tmp: Path) -> None:
    stop = threading.Event()

    def drip(visit: Visit) -> None:
        visit.read_scgi()
        visit.send(b'Status: 200 OK\r\n\r\n')
        for _ in range(1000):
            if stop.wait(0.01):
                return
            visit.sock.sendall(b'x')

    # Each byte comes long before a timeout of 0.3 s for a single recv would pass: only a total one ever ends this.
    with Server(drip, short_tmp / 's') as server:
        with pytest.raises(TimedOut):
            send(server.address(), seconds=0.3)
        stop.set()


@pytest.mark.parametrize(
    ('sent', 'error', 'said'),
    [
        (b'', ClosedUnanswered, 'without a reply'),
        (b'Status: 200 OK\r\n', ClosedEarly, 'after 16 bytes'),
        (scgi(b'12345')[:-1], ClosedEarly, 'in the middle'),
        (b'SSH-2.0-OpenSSH_9\r\n\r\n', BadReply, 'SCGI header'),
        (b'Content-Length: 9999999\r\n\r\n', ReplyTooLarge, 'at most 1048576'),
    ],
)
def test_replies_that_are_none(short_tmp: Path, sent: bytes, error: type[WireError], said: str) -> None:
    def handle(visit: Visit) -> None:
        visit.read_scgi()
        visit.send(sent)

    with Server(handle, short_tmp / 's') as server, pytest.raises(error, match=said) as caught:
        send(server.address())
    assert caught.value.target == 'box'


def test_a_connection_that_is_reset_while_we_send(short_tmp: Path) -> None:
    with (
        Server(lambda visit: visit.read(10) and None, short_tmp / 's') as server,
        pytest.raises(ClosedUnanswered),
    ):
        send(server.address(), b'x' * (8 << 20))


def test_an_endless_reply_ends_at_the_limit(short_tmp: Path) -> None:
    def flood(visit: Visit) -> None:
        visit.read_scgi()
        visit.sock.sendall(b'Status: 200 OK\r\n\r\n')
        while True:
            visit.sock.sendall(b'x' * 65536)

    with Server(flood, short_tmp / 's') as server, pytest.raises(ReplyTooLarge):
        send(server.address())
