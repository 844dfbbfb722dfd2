"""A mail server on loopback that speaks what RFC 5321 asks for, and misbehaves as it is told."""

from __future__ import annotations

import base64
import contextlib
import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.webhooks.loopback import Loopback


@dataclass
class Letter:
    """:ivar user: who logged in, ``''`` where nobody did. ``secure``: whether it came through TLS."""

    sender: str = ''
    to: list[str] = field(default_factory=list)
    data: bytes = b''
    user: str = ''
    password: str = ''
    secure: bool = False


class MailDaemon:
    """:ivar says: replies by command (``CONNECT`` and ``.`` for the end of a mail) instead of the usual ones; where it
        is a list of bytes, they are sent one by one and never end.
    :ivar letters: those that were taken.
    """

    def __init__(self, context: ssl.SSLContext | None = None, *, implicit: bool = False) -> None:
        self.says: dict[str, bytes | Iterable[bytes]] = {}
        self.letters: list[Letter] = []
        self.features = ['SIZE 1000000', 'AUTH PLAIN', *(['STARTTLS'] if context and not implicit else [])]
        self._context = context
        self._implicit = implicit
        loopback = Loopback(self._session)
        self.port, self.close = loopback.port, loopback.close

    def _session(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ssl.SSLError, EOFError), connection:
            letter = Letter()
            if self._implicit:
                connection, letter.secure = self._secured(connection), True
            with connection:
                self._answer(connection, 'CONNECT', b'220 mail.example ready\r\n')
                while True:
                    connection = self._command(connection, letter)

    def _secured(self, connection: socket.socket) -> socket.socket:
        assert self._context
        return self._context.wrap_socket(connection, server_side=True)

    def _command(self, connection: socket.socket, letter: Letter) -> socket.socket:
        line = _line(connection).decode().strip()
        verb = line.split(' ')[0].upper()
        if verb == 'EHLO':
            lines = ['mail.example', *(self.features if not letter.secure else self.features[:2])]
            usual = ''.join(f'250-{each}\r\n' for each in lines[:-1]) + f'250 {lines[-1]}\r\n'
            self._answer(connection, verb, usual.encode())
        elif verb == 'STARTTLS':
            self._answer(connection, verb, b'220 go\r\n')
            letter.secure = True
            return self._secured(connection)
        elif verb == 'AUTH':
            _, letter.user, letter.password = base64.b64decode(line.split(' ')[2]).decode().split('\0')
            self._answer(connection, verb, b'235 fine\r\n')
        elif verb == 'MAIL':
            letter.sender, letter.to = line.partition(':')[2].split(' ')[0], []
            self._answer(connection, verb, b'250 fine\r\n')
        elif verb == 'RCPT':
            letter.to.append(line.partition(':')[2])
            self._answer(connection, verb, b'250 fine\r\n')
        elif verb == 'DATA':
            self._answer(connection, verb, b'354 go on\r\n')
            letter.data = _data(connection)
            self.letters.append(letter)
            self._answer(connection, '.', b'250 taken as 17\r\n')
        else:
            self._answer(connection, verb, b'221 bye\r\n' if verb == 'QUIT' else b'250 fine\r\n')
            if verb == 'QUIT':
                raise EOFError
        return connection

    def _answer(self, connection: socket.socket, verb: str, usual: bytes) -> None:
        said = self.says.get(verb, usual)
        for piece in [said] if isinstance(said, bytes) else said:
            connection.sendall(piece)


def _line(connection: socket.socket) -> bytes:
    line = b''
    while not line.endswith(b'\n'):
        piece = connection.recv(1)
        if not piece:
            raise EOFError
        line += piece
    return line


def _data(connection: socket.socket) -> bytes:
    """A mail as it was before dots were doubled."""
    lines = []
    while (line := _line(connection)) != b'.\r\n':
        lines.append(line[1:] if line.startswith(b'.') else line)
    return b''.join(lines)
