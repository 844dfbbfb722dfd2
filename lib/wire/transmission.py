"""Transmission's JSON-RPC: the library speaks it, our own wire carries it.

So deadlines, sizes, names of hosts and certificates are held as strictly as rTorrent's; no redirect is followed, no
proxy used, and name and password stand in a header only, where neither logs nor errors see them.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from transmission_rpc import Client, TransmissionError

from lib.errors import PyroError, ReplyTooLarge, WireError
from lib.wire.dial import NotSent
from lib.wire.http import Exchange, HttpTransport
from lib.wire.stream import ClosedUnanswered
from lib.wire.transmission_refusals import PATH, by_result, by_status, nonsense
from lib.wire.url import Address, parse
from lib.words import said

_T = TypeVar('_T')

CONNECTIONS = 4
MAX_REPLY = 64 << 20  # bytes; 50,000 torrents have about 40 MB
#: Values in a reply. Each may take some 100 bytes of memory and as little as two of the reply; 50,000 torrents of 40
#: files each have as many.
MAX_VALUES = 4_000_000
_SESSION = 'X-Transmission-Session-Id'
_TRIES = 3  # of a request, each under the session's name that the answer before gave
#: The library logs whole replies and requests; nobody is to read those.
_SILENT = logging.Logger('transmission-rpc')
_SILENT.disabled = True


class _Exchange(Exchange):
    CONTENT_TYPE = 'application/json'

    def judge(self) -> None:
        if self.status not in (200, 409):  # 409 brings the name of the session
            raise by_status(self.status, self._address)


class _Transport(HttpTransport):
    exchange = _Exchange

    def __init__(self, address: Address, *, target: str) -> None:
        super().__init__(address, target=target, max_reply=MAX_REPLY)
        # Transmission sends long replies so that on a kept connection each waits 40 ms for our acknowledgement.
        self.kept = CONNECTIONS if address.scheme == 'https' else 0


class Link:
    """One Transmission. Safe to use from several threads: the library's client is not, so each call has its own.

    :param url: ``http://host:9091/transmission/rpc``; without a path the usual one is meant.
    :param target: the configured name of the client, for errors.
    :param timeout: seconds for one call, waiting for a connection included.
    :ivar session: what Transmission calls its present run (it changes hourly as well), ``''`` before any answer.
    :ivar requests: how many were answered so far.
    :raises ConfigError: the URL is wrong.
    """

    def __init__(
        self, url: str, *, target: str, user: str = '', password: str = '', timeout: float = 30.0
    ) -> None:
        self.target = target
        self.session = ''
        self.requests = 0
        self._timeout = timeout
        self.transport: HttpTransport = _Transport(_address(url, user, password), target=target)
        self._slots = threading.BoundedSemaphore(CONNECTIONS)
        self._idle: list[_Library] = []

    def __repr__(self) -> str:
        return f'Link({self.target!r})'

    def ask(self, call: Callable[[Client], _T], *, read: bool = False) -> _T:
        """What ``call`` makes of a client of the library.

        :param read: it changes nothing and may be repeated where the connection was closed before an answer.
        :raises WireError: whatever went wrong; :class:`Refusal` where Transmission said no.
        """
        deadline = time.monotonic() + self._timeout
        if not self._slots.acquire(timeout=self._timeout):
            text = said('%(name)s still has not answered earlier questions.', name=self.target)
            raise NotSent(text, target=self.target)
        try:
            try:
                return self._call(call, deadline)
            except ClosedUnanswered:
                if not read:
                    raise
                return self._call(call, deadline)
        except WireError as error:
            error.target = self.target
            raise
        finally:
            self._slots.release()

    def _call(self, call: Callable[[Client], _T], deadline: float) -> _T:
        library = None
        try:
            library = self._library(deadline)
            return call(library)
        except PyroError:
            raise
        except TransmissionError as error:
            raise by_result(error) from None
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError):
            raise nonsense() from None  # the library makes sure of hardly anything that it reads
        finally:
            if library is not None:
                self._idle.append(library)

    def _library(self, deadline: float) -> _Library:
        try:
            library = self._idle.pop()
        except IndexError:
            return _Library(self, deadline)  # which asks for the settings
        library.deadline = deadline
        return library

    def post(self, request: bytes, deadline: float) -> str:
        """The answer to a request, both JSON.

        :raises WireError: there was none, or one that no Transmission gives.
        """
        name = self.session or '0'
        for _ in range(_TRIES):
            reply = self.transport.post(request, deadline, [(_SESSION, name)])
            self.requests += 1
            if reply.status == 200:
                self.session = name
                return _text(reply.body)
            name = reply.headers.get(_SESSION.lower().encode(), b'').decode('ascii')
        raise nonsense()


class _Library(Client):
    """The library's client, whose requests our wire carries until the ``deadline``."""

    def __init__(self, link: Link, deadline: float) -> None:
        self._link, self.deadline = link, deadline
        super().__init__(logger=_SILENT)

    def _http_query(self, query: dict[str, Any], timeout: object = None) -> str:
        return self._link.post(json.dumps(query).encode(), self.deadline)


def _text(reply: bytes) -> str:
    """A reply that is safe to be parsed.

    :raises ReplyTooLarge: what would come of it might fill the memory.
    """
    if sum(map(reply.count, (b',', b'[', b'{'))) > MAX_VALUES:
        raise ReplyTooLarge(said('The reply has more than %(most)s values.', most=f'{MAX_VALUES:,}'))
    return reply.decode('utf-8', 'replace')


def _address(url: str, user: str, password: str) -> Address:
    address = parse(url)
    if '/' not in url.partition('://')[2] or address.path in ('/', '/transmission', '/transmission/'):
        address = replace(address, path=PATH)
    return replace(address, user=user, password=password) if user or password else address
