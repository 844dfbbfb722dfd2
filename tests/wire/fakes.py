"""A server that does what a test says, byte by byte, and remembers what it was sent."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from lib.wire.url import Address, parse

Handler = Callable[['Visit'], None]


class Visit:
    """One connection to the server, as its handler sees it."""

    def __init__(self, sock: socket.socket, number: int) -> None:
        self.sock = sock
        self.number = number
        self.received = b''

    def read(self, size: int) -> bytes:
        """Exactly ``size`` more bytes, fewer at the end."""
        part = b''
        while len(part) < size and (data := self.sock.recv(size - len(part))):
            part += data
        self.received += part
        return part

    def read_scgi(self) -> tuple[dict[str, str], bytes]:
        """One SCGI request: its header and its body."""
        digits = b''
        while not digits.endswith(b':'):
            digits += self.read(1) or b':'
        head = self.read(int(digits[:-1] or 0) + 1)[:-1].decode().split('\0')
        fields = dict(zip(head[0::2], head[1::2], strict=False))
        return fields, self.read(int(fields.get('CONTENT_LENGTH', 0)))

    def read_http(self) -> tuple[bytes, bytes]:
        """One HTTP request: its head and its body; both empty at the end of the connection."""
        head = b''
        while not head.endswith(b'\r\n\r\n'):
            data = self.read(1)
            if not data:
                return b'', b''
            head += data
        length = re.search(rb'(?i)content-length: *([0-9]+)', head)
        return head, self.read(int(length[1]) if length else 0)

    def send(self, data: bytes) -> None:
        with contextlib.suppress(OSError):
            self.sock.sendall(data)


class Server:
    """Listens until the ``with`` block ends; every connection runs ``handler`` in a thread of its own.

    :param where: path of a unix socket, or nothing for a free TCP port of loopback.
    :param tls: context for connections with TLS.
    """

    def __init__(
        self, handler: Handler, where: Path | None = None, *, tls: ssl.SSLContext | None = None
    ) -> None:
        self._handler = handler
        self._tls = tls
        self._sock = socket.socket(socket.AF_UNIX if where else socket.AF_INET)
        self._sock.bind(str(where) if where else ('127.0.0.1', 0))
        self._sock.listen(64)
        self.where = where
        self.port = 0 if where else self._sock.getsockname()[1]
        self.visits: list[Visit] = []
        self._threads: list[threading.Thread] = []

    def address(self, scheme: str = 'scgi', path: str = '', login: str = '') -> Address:
        return parse(
            f'scgi://{self.where}' if self.where else f'{scheme}://{login}127.0.0.1:{self.port}{path}'
        )

    def __enter__(self) -> Server:
        self._run(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()
        for visit in self.visits:
            with contextlib.suppress(OSError):
                visit.sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._sock.accept()
                visit = Visit(sock, len(self.visits))
                self.visits.append(visit)
                self._run(lambda visit=visit: self._serve(visit))  # type: ignore[misc]

    def _serve(self, visit: Visit) -> None:
        try:
            if self._tls:
                visit.sock = self._tls.wrap_socket(visit.sock, server_side=True)
            self._handler(visit)
        except OSError:
            pass
        finally:
            visit.sock.close()

    def _run(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()


def xml(value: str) -> bytes:
    """A reply of XML-RPC around ``value``, which is written as it stands."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\r\n<methodResponse>\r\n<params>\r\n'
        f'<param>{value}</param>\r\n</params>\r\n</methodResponse>\r\n'
    ).encode()


def text(words: str) -> bytes:
    return xml(f'<value><string>{words}</string></value>')


def fault(code: int, words: str) -> bytes:
    return (
        '<?xml version="1.0"?><methodResponse><fault><value><struct><member><name>faultCode</name><value><i4>'
        f'{code}</i4></value></member><member><name>faultString</name><value><string>{words}</string></value></member>'
        '</struct></value></fault></methodResponse>'
    ).encode()


def scgi(body: bytes) -> bytes:
    return b'Status: 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%b' % (len(body), body)


def http(body: bytes, *headers: str, status: str = '200 OK') -> bytes:
    lines = [f'HTTP/1.1 {status}', f'Content-Length: {len(body)}', *headers]
    return '\r\n'.join(lines).encode() + b'\r\n\r\n' + body
