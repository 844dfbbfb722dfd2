"""Remote calls over HTTP and HTTPS. The protocol is h11's, which never touches a socket; the deadline is ours."""

from __future__ import annotations

import base64
import contextlib
import os
import threading
import time
from collections.abc import Sequence
from typing import NamedTuple

import h11

from lib.errors import BadReply, NotPermitted, ReplyTooLarge, RequestTooLarge, TimedOut, WireError
from lib.wire.stream import ClosedUnanswered, Stream
from lib.wire.url import Address
from lib.words import N_, named, said

# Web servers hang up on idle connections after 5 seconds and more; an older one may break under a write.
_IDLE_SECONDS = 4.0
_KEPT = 4
_MOST_INTERIM = 10  # replies of status 1xx before the one that counts

Headers = Sequence[tuple[str, str]]


class Exchange:
    """One request and its reply on a connection, as bytes in and bytes out.

    :param address: gives Host, path and the login.
    :param max_reply: bytes that a reply's body may have at most.
    :ivar status: of the reply; :ivar headers: its headers, names in lower case.
    """

    CONTENT_TYPE = 'text/xml'

    def __init__(self, address: Address, max_reply: int) -> None:
        self._address = address
        self._max = max_reply
        self._link = h11.Connection(h11.CLIENT, max_incomplete_event_size=65536)
        self.status = 0
        self.headers: dict[bytes, bytes] = {}
        self._body = bytearray()
        self._interim = 0

    def request(self, body: bytes, more: Headers = ()) -> bytes:
        """The bytes of the request; ``more`` headers than every request has."""
        self.status, self.headers, self._body, self._interim = 0, {}, bytearray(), 0
        headers = [*self._headers(len(body)), *more]
        head = h11.Request(method='POST', target=self._address.path, headers=headers)
        return b''.join(
            self._link.send(event) or b'' for event in (head, h11.Data(data=body), h11.EndOfMessage())
        )

    def feed(self, data: bytes) -> bool:
        """Take bytes of the reply, ``b''`` for the end of the stream; true once it is complete.

        :raises BadReply: this is not HTTP, or is a page, a redirect or compressed.
        :raises NotPermitted: the server wants another login, or forbids us.
        :raises ReplyTooLarge: more bytes came, or were announced, than are allowed.
        """
        try:
            self._link.receive_data(data)
            return self._take()
        except h11.RemoteProtocolError as error:
            if not data:
                return False
            raise BadReply(
                f'{self._address} does not answer in HTTP ({error}). Check the address.'
            ) from error

    def body(self) -> bytes:
        """The body of the complete reply."""
        return bytes(self._body)

    def renew(self) -> bool:
        """Make ready for another request; false where this connection cannot carry one."""
        if self._link.our_state is h11.DONE and self._link.their_state is h11.DONE:
            self._link.start_next_cycle()
            self._body = bytearray()  # it may be large, and wait for long
            return True
        return False

    def _take(self) -> bool:
        while True:
            event = self._link.next_event()
            if event is h11.NEED_DATA or event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
                return False
            if isinstance(event, h11.InformationalResponse):
                self._count_interim()
            elif isinstance(event, h11.Response):
                self._check(event)
            elif isinstance(event, h11.Data):
                self._add(event.data)
            elif isinstance(event, h11.EndOfMessage):
                return True

    def _check(self, response: h11.Response) -> None:
        self.status = response.status_code
        self.headers = headers = dict(response.headers)
        self.judge()
        if headers.get(b'content-encoding', b'identity').lower() != b'identity':
            raise BadReply(
                f'{self._address} answered compressed, which was not asked for. Turn that off there.'
            )
        if int(headers.get(b'content-length', b'0')) > self._max:
            raise self._too_large()

    def judge(self) -> None:
        """:raises WireError: a reply of this status is not to be read."""
        if self.status != 200:
            raise refusal(self.status, self._address, self.headers)

    def _count_interim(self) -> None:
        self._interim += 1
        if self._interim > _MOST_INTERIM:
            raise BadReply(f'{self._address} promises a reply again and again. Check the address.')

    def _add(self, data: bytes | bytearray | memoryview) -> None:
        self._body += data
        if len(self._body) > self._max:
            raise self._too_large()

    def _too_large(self) -> ReplyTooLarge:
        return ReplyTooLarge(
            f'The reply is longer than {self._max} bytes. Ask for fewer columns or a smaller view.'
        )

    def _headers(self, length: int) -> list[tuple[str, str]]:
        address = self._address
        host = f'[{address.host}]' if ':' in address.host else address.host
        default = {'http': 80, 'https': 443}[address.scheme]
        headers = [
            ('Host', host if address.port == default else f'{host}:{address.port}'),
            ('Content-Type', self.CONTENT_TYPE),
            ('Content-Length', str(length)),
            ('Accept-Encoding', 'identity'),
            ('User-Agent', 'pyroTorrent'),
        ]
        if address.user:
            login = base64.b64encode(f'{address.user}:{address.password}'.encode()).decode('ascii')
            headers.append(('Authorization', f'Basic {login}'))
        return headers


def refusal(status: int, address: Address, headers: dict[bytes, bytes]) -> WireError:
    """The error for an answer of HTTP that is not 200."""
    if status == 401:
        login = N_('asks for a user name and a password')
        if address.user:
            login = N_('refused our user name and password')
        return NotPermitted(
            said(
                '%(address)s %(login)s (401). Write them into the URL: %(scheme)s://user:password@host/path.',
                address=address,
                login=named(login),
                scheme=address.scheme,
            )
        )
    if status == 403:
        return NotPermitted(
            said(
                '%(address)s forbids us the access (403). Allow our address or user at that web server.',
                address=address,
            )
        )
    if status in (404, 405, 410):
        return BadReply(
            f'{address} knows no XML-RPC at this path ({status}). Check the path, which is /RPC2 with most servers.'
        )
    if status == 413:
        return RequestTooLarge(
            said(
                '%(address)s refuses a request of this size (413). Raise the limit of that web server.',
                address=address,
            )
        )
    if status == 504:
        return TimedOut(
            said(
                'The web server %(address)s waited in vain for its rTorrent (504). What was asked may still '
                'happen.',
                address=address,
            )
        )
    if 300 <= status < 400:
        place = headers.get(b'location', b'').decode('ascii', 'replace')[:200]
        return BadReply(
            f'{address} sends us on to “{place}” ({status}), which is not followed. Write that URL if it is right.'
        )
    if status in (502, 503):
        return BadReply(
            f'The web server {address} does not reach its rTorrent ({status}). Look whether rTorrent runs there.'
        )
    return BadReply(f'{address} answered with the status {status}. The log of that web server says more.')


class Reply(NamedTuple):
    """What came back: status, headers (names in lower case) and body."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes


class HttpTransport:
    """Keeps up to four connections open between requests; never follows a redirect, never uses a proxy."""

    exchange = Exchange
    kept = _KEPT

    def __init__(self, address: Address, *, target: str, max_reply: int) -> None:
        self._address = address
        self._target = target
        self._max_reply = max_reply
        self._lock = threading.Lock()
        self._idle: list[tuple[float, int, Stream, Exchange]] = []

    def send(self, body: bytes, deadline: float, *, trusted: bool = True) -> bytes:
        """See :class:`lib.wire.transport.Transport`. HTTP cannot carry ``trusted``; the web server decides."""
        return self.post(body, deadline).body

    def post(self, body: bytes, deadline: float, more: Headers = ()) -> Reply:
        """The same with ``more`` headers, and all of the reply."""
        try:
            stream, exchange = self._take(deadline)
            try:
                reply = self._talk(stream, exchange, exchange.request(body, more))
            except BaseException:
                stream.close()
                raise
            self._keep(stream, exchange)
            return reply
        except WireError as error:
            error.target = self._target
            raise

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for _, _, stream, _ in idle:
            stream.close()

    @staticmethod
    def _talk(stream: Stream, exchange: Exchange, request: bytes) -> Reply:
        # A server that refuses a request may hang up while we send, and its reason can still be read.
        with contextlib.suppress(ClosedUnanswered):
            stream.send(request)
        while True:
            data = stream.receive()
            if not data and not stream.received:
                raise stream.closed()
            if exchange.feed(data):
                return Reply(exchange.status, exchange.headers, exchange.body())
            if not data:
                raise stream.closed()

    def _take(self, deadline: float) -> tuple[Stream, Exchange]:
        while True:
            with self._lock:
                kept = self._idle.pop() if self._idle else None
            if kept is None:
                return Stream(self._address, deadline), self.exchange(self._address, self._max_reply)
            since, owner, stream, exchange = kept
            # After a fork the parent may be using it.
            if owner == os.getpid() and time.monotonic() - since < _IDLE_SECONDS and stream.is_idle():
                stream.deadline, stream.received = deadline, 0
                return stream, exchange
            stream.close()

    def _keep(self, stream: Stream, exchange: Exchange) -> None:
        if exchange.renew():
            with self._lock:
                if len(self._idle) < self.kept:
                    self._idle.append((time.monotonic(), os.getpid(), stream, exchange))
                    return
        stream.close()
