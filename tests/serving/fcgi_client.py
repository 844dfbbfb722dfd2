"""A FastCGI client that can also misbehave: the web server's side of the protocol, written from its specification."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass, field

BEGIN, ABORT, END, PARAMS, STDIN, STDOUT, STDERR, DATA, GET_VALUES, VALUES, UNKNOWN = range(1, 12)
KEEP = 1


def record(kind: int, content: bytes = b'', request: int = 1, padding: int = 0) -> bytes:
    return struct.pack('!BBHHBx', 1, kind, request, len(content), padding) + content + b'\0' * padding


def begin(flags: int = 0, role: int = 1, request: int = 1) -> bytes:
    return record(BEGIN, struct.pack('!HB5x', role, flags), request)


def pair(name: bytes, value: bytes) -> bytes:
    sizes = b''.join(
        struct.pack('!B', size) if size < 128 else struct.pack('!L', size | 1 << 31)
        for size in (len(name), len(value))
    )
    return sizes + name + value


def params(path: str, **more: str) -> bytes:
    path, _, query = path.partition('?')
    given = {'REQUEST_METHOD': 'GET', 'SCRIPT_NAME': '', 'PATH_INFO': path, 'QUERY_STRING': query,
             'SERVER_NAME': 'localhost', 'SERVER_PORT': '80', 'SERVER_PROTOCOL': 'HTTP/1.1', **more}  # fmt: skip
    return b''.join(pair(name.encode(), value.encode('latin-1')) for name, value in given.items())


def request(path: str, body: bytes = b'', flags: int = 0, **more: str) -> bytes:
    """All bytes of a request."""
    if body:
        more = {'REQUEST_METHOD': 'POST', 'CONTENT_LENGTH': str(len(body)), **more}
    pieces = [body[at : at + 65535] for at in range(0, len(body), 65535)]
    return (
        begin(flags)
        + record(PARAMS, params(path, **more))
        + record(PARAMS)
        + b''.join(record(STDIN, piece) for piece in pieces)
        + record(STDIN)
    )


@dataclass
class Answer:
    """What came back for one request."""

    stdout: bytes = b''
    stderr: bytes = b''
    ended: bool = False
    """The stream and the request were ended as the protocol wants; otherwise the connection just closed."""
    status: int | None = None
    records: list[int] = field(default_factory=list)

    @property
    def head(self) -> bytes:
        return self.stdout.partition(b'\r\n\r\n')[0]

    @property
    def body(self) -> bytes:
        return self.stdout.partition(b'\r\n\r\n')[2]


class Client:
    """One connection to a FastCGI application on a unix socket or ``(host, port)``."""

    def __init__(self, address: str | tuple[str, int]) -> None:
        if isinstance(address, str):
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(30)
            self.socket.connect(address)
        else:
            self.socket = socket.create_connection(address, 30)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *failure: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def record(self) -> tuple[int, bytes] | None:
        """The next record, or ``None`` at the end of the connection."""
        header = self._exactly(8)
        if header is None:
            return None
        _, kind, _, length, padding = struct.unpack('!BBHHBx', header)
        content = self._exactly(length + padding)
        return None if content is None else (kind, content[:length])

    def _exactly(self, count: int) -> bytes | None:
        data = b''
        while len(data) < count:
            try:
                more = self.socket.recv(count - len(data))
            except ConnectionResetError:
                return None
            if not more:
                return None
            data += more
        return data

    def answer(self) -> Answer:
        """Read until the request ends or the connection does."""
        result = Answer()
        while (found := self.record()) is not None:
            kind, content = found
            result.records.append(kind)
            if kind == STDOUT:
                result.stdout += content
            elif kind == STDERR:
                result.stderr += content
            elif kind == END:
                _, result.status = struct.unpack('!LB3x', content)
                result.ended = True
                return result
        return result

    def closed(self) -> bool:
        """Wait for the other side to close."""
        return self.record() is None


def ask(address: str | tuple[str, int], path: str, body: bytes = b'', **more: str) -> Answer:
    """One request on a connection of its own."""
    with Client(address) as client:
        client.send(request(path, body, **more))
        return client.answer()
