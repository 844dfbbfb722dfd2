"""The contract of all transports, and the one place that chooses between them."""

from __future__ import annotations

from typing import Protocol

from lib.wire.http import HttpTransport
from lib.wire.scgi import ScgiTransport
from lib.wire.url import Address

# rTorrent ends itself over a reply of more than 100 MiB, so no honest reply is longer.
MAX_REPLY = 100 << 20


class Transport(Protocol):
    """Carries one request and brings back its whole reply. Safe to use from several threads."""

    def send(self, body: bytes, deadline: float, *, trusted: bool = True) -> bytes:
        """Send ``body`` and return the body of the reply, read to its end before anything looks at it.

        :param deadline: value of ``time.monotonic()`` until which connecting, sending and reading are done.
        :param trusted: false asks the client to run nothing that is not marked safe, where it knows how.
        :raises WireError: whatever went wrong; no other exception is raised.
        """

    def close(self) -> None:
        """Let go of connections that are kept open. The transport can be used again."""


def connect(address: Address, *, target: str = '', max_reply: int = MAX_REPLY) -> Transport:
    """The transport for ``address``. Nothing is sent until :meth:`Transport.send`.

    :param target: the configured name of the client, for errors.
    :param max_reply: bytes that a reply may have at most.
    """
    kind = ScgiTransport if address.scheme == 'scgi' else HttpTransport
    return kind(address, target=target, max_reply=max_reply)
