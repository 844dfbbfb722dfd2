"""``pyrotorrent.py http`` as a person starts it, on a real socket, and clients that write their own bytes."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.config import Config, load
from lib.web.headers import ALWAYS
from model.database import open_database
from model.tokens import Tokens
from model.users import Users
from tests.rig import Rtorrent
from tests.rig.state import prepared
from tests.wire.fakes import Server, Visit, scgi, xml

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = 'correct horse battery'


def _token(config: Config) -> str:
    """Of a new account ``ada``."""
    engine = open_database(prepared(config))
    try:
        return Tokens(engine).add(Users(engine).add('ada', PASSWORD, 'admin'), 'test', write=True)
    finally:
        engine.dispose()


class Program:
    """A running ``pyrotorrent.py http`` with an account ``ada`` and a token of hers."""

    def __init__(self, directory: Path, url: str, more: str = '') -> None:
        self.log = directory / 'log'
        config = directory / 'config.py'
        config.write_text(
            f'STATE_DIR = {str(directory / "state")!r}\nHTTP_PORT = 0\nLOG_FILE = {str(self.log)!r}\n'
            f'rtorrent_config = {{"home": {{"url": {url!r}}}}}\n{more}\n'
        )
        self.token = _token(load(str(config)))
        argv = [sys.executable, str(ROOT / 'pyrotorrent.py'), '--config', str(config), 'http']
        self.process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        started = re.search(r'127\.0\.0\.1:(\d+)', self.process.stdout.readline())
        assert started
        self.port = int(started[1])

    def connect(self) -> socket.socket:
        return socket.create_connection(('127.0.0.1', self.port), 30)

    def raw(self, data: bytes) -> bytes:
        """The whole answer to these bytes."""
        answer = b''
        with self.connect() as client, contextlib.suppress(ConnectionError):
            client.sendall(data)
            while part := client.recv(65536):
                answer += part
        return answer

    def ask(self, item: dict[str, object]) -> bytes:
        """What the API answers, as bytes from the status line on."""
        return self.raw(self.request(json.dumps([item]).encode()))

    def request(self, body: bytes) -> bytes:
        return (
            f'POST /api HTTP/1.1\r\nHost: localhost:{self.port}\r\nAuthorization: Bearer {self.token}\r\n'
            f'Content-Type: application/json\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n'
        ).encode() + body

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout
        self.process.stdout.close()


@pytest.fixture
def program(rtorrent: Rtorrent, tmp_path: Path) -> Iterator[Program]:
    made = Program(tmp_path, rtorrent.url)
    yield made
    made.close()


PID = {'type': 'rtorrent', 'attributes': ['get_pid']}


def status(answer: bytes) -> int:
    return int(answer.split(b' ', 2)[1]) if answer else 0


def test_heads_that_are_none_are_refused(program: Program, rtorrent: Rtorrent) -> None:
    before = rtorrent.call('system.pid')
    close = b'Connection: close\r\n\r\n'
    heads = {
        b'GET / HTTP/1.0\r\n\r\n': {400},
        b'GET / HTTP/1.1\r\nHost:\r\n' + close: {400},
        b'GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n' + close: {400},
        b'GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n' + close: {400},
        b'GET / HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: localhost\r\n' + close: {421},
        b'GET / HTTP/1.1\r\nHost: evil.example\r\nX_Forwarded_Host: localhost\r\n' + close: {421},
        b'GET http://localhost/ HTTP/1.1\r\nHost: evil.example\r\n' + close: {400, 421},
        b'GET /login HTTP/1.1\r\nHost: evil.example\r\n' + close: {421},
        b'GET /static/css/base.css HTTP/1.1\r\nHost: evil.example\r\n' + close: {421},
        b'GET /%00 HTTP/1.1\r\nHost: localhost\r\n' + close: {401, 404},
        b'GET /' + b'a' * 200_000 + b' HTTP/1.1\r\nHost: localhost\r\n' + close: {414, 431, 400, 0},
        b'GET / HTTP/1.1\r\nHost: localhost\r\n' + b'X: y\r\n' * 20_000 + close: {431, 400, 0},
        b'GET / HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\n' + close: {400, 401, 303},
        b'GET / HTTP/1.1\r\nHost: localhost\r\nX : a\r\n' + close: {400},
        b'POST /api HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n[]': {
            400,
            401,
        },
        b'POST /api HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n': {400},
        b'POST /api HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n' + close: {400, 501},
        b'POST /api HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n' + close: {413},
        b'TRACE / HTTP/1.1\r\nHost: localhost\r\n' + close: {401, 403, 405},
        b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n': {400, 0},
    }
    for head, expected in heads.items():
        answer = program.raw(head)
        assert status(answer) in expected, (head[:80], answer[:300])
        assert b'\r\nserver:' not in answer.lower()
        assert str(ROOT).encode() not in answer
        assert b'Traceback' not in answer
    assert rtorrent.call('system.pid') == before
    assert status(program.ask(PID)) == 200


def test_underscored_and_forged_senders_do_not_reset_the_count(program: Program) -> None:
    def attempt(number: int) -> int:
        form = b'name=ada&password=wrong'
        head = (
            f'POST /login HTTP/1.1\r\nHost: localhost:{program.port}\r\nOrigin: http://localhost:{program.port}\r\n'
            f'X-Forwarded-For: 203.0.113.{number}\r\nX_Forwarded_For: 203.0.113.{number}\r\n'
            'Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n'
            f'Content-Length: {len(form)}\r\n\r\n'
        )
        return status(program.raw(head.encode() + form))

    assert [attempt(number) for number in range(6)] == [401] * 5 + [429]
    assert '203.0.113' not in program.log.read_text()


def test_a_token_counts_only_where_it_belongs(program: Program) -> None:
    def answer(head: str, path: str = '/api') -> int:
        body = json.dumps([PID])
        return status(
            program.raw(
                f'POST {path} HTTP/1.1\r\nHost: localhost\r\n{head}Content-Type: application/json\r\n'
                f'Connection: close\r\nContent-Length: {len(body)}\r\n\r\n{body}'.encode()
            )
        )

    assert answer(f'Authorization: Bearer {program.token}\r\n') == 200
    assert answer('', f'/api?token={program.token}&access_token={program.token}') in (401, 403)
    assert answer(f'Cookie: token={program.token}\r\n') in (401, 403)
    assert answer(f'X-Api-Key: {program.token}\r\n') in (401, 403)
    for scheme in ('bearer', 'Basic', 'Bearer ', 'Token', 'Bearer\t'):
        assert answer(f'Authorization: {scheme} {program.token}\r\n') == 401, scheme
    twice = f'Authorization: Bearer {program.token}\r\n'
    assert answer(twice + twice) in (400, 401)


@pytest.mark.parametrize(
    'half', [b'GET / HT', b'POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nname=']
)
def test_hundreds_that_never_finish_leave_the_others_served(program: Program, half: bytes) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(250):
            stack.enter_context(program.connect()).sendall(half)
        for _ in range(5):
            assert status(program.ask(PID)) == 200


def test_who_does_not_read_a_large_answer_stops_nobody(short_tmp: Path, tmp_path: Path) -> None:
    """The reply of rTorrent is taken whole before the visitor gets a byte of it."""
    drained = threading.Event()
    names = ('system.listMethods', 'system.multicall', 'd.multicall2', 'd.name', 'view.list', 'system.pid')

    def array(*values: str) -> str:
        inside = ''.join(f'<value>{value}</value>' for value in values)
        return f'<array><data>{inside}</data></array>'

    listed = array(*(f'<string>{name}</string>' for name in names))
    rows = array(*[array(f'<string>{"x" * 1000}</string>')] * 20_000)

    def handle(visit: Visit) -> None:
        _, body = visit.read_scgi()
        if b'listMethods' in body:
            visit.send(scgi(xml(f'<value>{listed}</value>')))
        elif b'd.multicall2' in body:
            visit.sock.sendall(scgi(xml(f'<value>{array(array(rows))}</value>')))
            drained.set()
        else:
            visit.send(scgi(xml(f'<value>{array(array("<i4>7</i4>"))}</value>')))

    with Server(handle, short_tmp / 'fake'):
        program = Program(tmp_path, f'scgi://{short_tmp}/fake', 'THREADS = 2\n')
        try:
            body = json.dumps([{'type': 'torrentrequester', 'attributes': ['get_name']}]).encode()
            with contextlib.ExitStack() as deaf:
                for _ in range(6):
                    deaf.enter_context(program.connect()).sendall(program.request(body))
                assert drained.wait(60)
                for _ in range(3):
                    assert b'"get_pid": 7' in program.ask(PID)
        finally:
            program.close()


def test_errors_of_the_server_itself_carry_no_content_to_run(program: Program) -> None:
    answer = program.raw(
        b'GET /%ff%fe<script> HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nConnection: close\r\n\r\n'
    )
    assert b'<script>' not in answer
    for name in ALWAYS:
        assert name.lower().encode() in answer.lower()
    broken = program.raw(b'GET /<script> HTTP/9\r\n\r\n')
    assert b'text/html' not in broken.lower()
