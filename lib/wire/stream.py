"""One connected byte stream under one deadline. Every system error ends here, as one of ours."""

from __future__ import annotations

import contextlib
import ssl
import time

from lib.errors import ClosedEarly, TimedOut, WireError
from lib.wire import dial
from lib.wire.url import Address
from lib.words import said

CHUNK = 1 << 18


class ClosedUnanswered(ClosedEarly):
    """The connection ended before the first byte of a reply: a reading call may be asked again."""


class Stream:
    """A connection that is used by one thread at a time.

    :param address: where to connect.
    :param deadline: value of ``time.monotonic()`` until which everything has to be done; may be set anew.
    :raises WireError: no connection could be made.
    """

    def __init__(self, address: Address, deadline: float) -> None:
        self.address = address
        self.deadline = deadline
        self.received = 0
        self._sock = dial.connect(address, deadline)

    def send(self, data: bytes) -> None:
        """Send all of ``data``.

        :raises TimedOut: not all of it could be sent in time.
        :raises ClosedUnanswered: the other side hung up.
        """
        rest = memoryview(data)
        try:
            while rest:
                self._arm()
                rest = rest[self._sock.send(rest[:CHUNK]) :]
        except OSError as error:
            raise self._explain(error, 'sending the request') from error

    def receive(self) -> bytes:
        """The next bytes, ``b''`` at the end of the stream.

        :raises TimedOut: none came in time.
        :raises ClosedEarly: the connection broke.
        """
        try:
            self._arm()
            data = self._sock.recv(CHUNK)
        except OSError as error:
            raise self._explain(error, 'waiting for the reply') from error
        self.received += len(data)
        return data

    def is_idle(self) -> bool:
        """Whether the other side of a connection kept alive has neither hung up nor said anything."""
        try:
            self._sock.settimeout(0)
            self._sock.recv(1)
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        except OSError:
            return False
        return False

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._sock.close()

    def closed(self) -> ClosedEarly:
        """The error for a stream that ended before the reply did."""
        if not self.received:
            return ClosedUnanswered(
                f'The client at {self.address} closed the connection without a reply. It may be restarting, have '
                'too many connections, or have refused the request; its log may say more.'
            )
        return ClosedEarly(
            f'The client at {self.address} closed the connection in the middle of its reply, after '
            f'{self.received} bytes. It probably ended or was restarted; look whether it still runs.'
        )

    def _arm(self) -> None:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(left)

    def _explain(self, error: OSError, doing: str) -> WireError:
        if isinstance(error, TimeoutError):
            return TimedOut(
                said(
                    'The client at %(address)s did not answer in time (while %(doing)s, %(received)s bytes so '
                    'far). It may be busy, stopped, or the network slow; what was asked may still be carried out.',
                    address=self.address,
                    doing=doing,
                    received=self.received,
                )
            )
        return self.closed()
