"""A receiver of webhooks on loopback that notes what it gets and answers as it is told."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from lib.signing import verify
from tests.intake.servers import http
from tests.webhooks.loopback import Loopback


@dataclass(frozen=True)
class Got:
    """One request."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def uid(self) -> str:
        return self.headers['x-pyrotorrent-delivery']

    @property
    def event_id(self) -> int:
        return self.json['id']

    def is_signed(self, secret: str, now: float) -> bool:
        names = ('timestamp', 'delivery', 'signature')
        timestamp, uid, signature = (self.headers.get(f'x-pyrotorrent-{name}', '') for name in names)
        return verify(secret, timestamp, uid, self.body, signature, now)


Answer = bytes | Iterable[bytes]


class Endpoint:
    """:ivar answer: takes a request and gives the bytes of the reply, whole or piece by piece.
    :ivar got: the requests so far.
    """

    def __init__(self, host: str = '127.0.0.1', context: ssl.SSLContext | None = None) -> None:
        self.answer: Callable[[Got], Answer] = lambda _got: http(b'', '204 No Content')
        self.got: list[Got] = []
        self.most = 0  # requests that waited for their answer at the same time
        self._now = 0
        self._lock = threading.Lock()
        self._context = context
        loopback = Loopback(self._one, host)
        self.port, self.close = loopback.port, loopback.close

    def url(self, path: str = '/', host: str = '127.0.0.1') -> str:
        return f'{"https" if self._context else "http"}://{host}:{self.port}{path}'

    def _one(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            secured = self._context.wrap_socket(connection, server_side=True) if self._context else connection
            with secured:
                self._reply(secured)

    def _reply(self, connection: socket.socket) -> None:
        got = _read(connection)
        if got is None:
            return
        with self._lock:
            self.got.append(got)
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            answer = self.answer(got)
        finally:
            # Before the reply: whoever has it may send the next request while this thread still ends.
            with self._lock:
                self._now -= 1
        for piece in [answer] if isinstance(answer, bytes) else answer:
            connection.sendall(piece)


def _read(connection: socket.socket) -> Got | None:
    """A request; None where whoever sends it is ended before it is whole."""
    data = b''
    while b'\r\n\r\n' not in data and (piece := connection.recv(65536)):
        data += piece
    head, end, body = data.partition(b'\r\n\r\n')
    line, *fields = head.decode('latin-1').split('\r\n')
    headers = {name.lower(): value for name, _, value in (field.partition(': ') for field in fields)}
    length = int(headers.get('content-length', '0'))
    while len(body) < length and (piece := connection.recv(65536)):
        body += piece
    return Got(line, headers, body) if end and len(body) >= length else None


def status(code: int, **headers: str) -> Callable[[Got], bytes]:
    """Answers with this status."""
    return lambda _got: http(b'words', f'{code} Some', **headers)
