"""Small servers on loopback that answer with any bytes, at any speed."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator

Reply = Callable[[bytes], Iterable[bytes]]


class Server:
    """Answers each connection with ``reply(request head)``, piece by piece, until the client goes.

    :ivar requests: the request heads received so far.
    """

    def __init__(
        self, reply: Reply, *, host: str = '127.0.0.1', context: ssl.SSLContext | None = None
    ) -> None:
        self._reply = reply
        self._context = context
        self._listener = socket.create_server((host, 0))
        self.port: int = self._listener.getsockname()[1]
        self.requests: list[bytes] = []
        self.names: list[str] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def url(self, path: str = '/', host: str = '127.0.0.1') -> str:
        return f'{"https" if self._context else "http"}://{host}:{self.port}{path}'

    def close(self) -> None:
        # Without the shutdown a thread in accept() would go on waiting.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            secured = self._context.wrap_socket(connection, server_side=True) if self._context else connection
            with secured:
                head = b''
                while b'\r\n\r\n' not in head and (piece := secured.recv(65536)):
                    head += piece
                self.requests.append(head)
                for piece in self._reply(head):
                    secured.sendall(piece)


def http(body: bytes = b'', status: str = '200 OK', **headers: str) -> bytes:
    """A whole HTTP answer."""
    lines = [f'{name.replace("_", "-")}: {value}' for name, value in headers.items()]
    if not any(line.lower().startswith(('content-length', 'transfer-encoding')) for line in lines):
        lines.append(f'Content-Length: {len(body)}')
    return '\r\n'.join([f'HTTP/1.1 {status}', *lines, '', '']).encode('latin-1') + body


def redirect(location: str, status: str = '302 Found') -> bytes:
    return http(b'', status, Location=location)


def endless(piece: bytes, first: bytes = b'') -> Iterator[bytes]:
    yield first
    while True:
        yield piece
