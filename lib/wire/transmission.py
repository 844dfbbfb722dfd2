"""Transmission's JSON-RPC: the library speaks it, our own wire carries it.

So deadlines, sizes, names of hosts and certificates are held as strictly as rTorrent's; no redirect is followed, no
proxy used, and name and password stand in a header only, where neither logs nor errors see them.
"""

from __future__ import annotations

import io
import logging
import re
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import requests
from requests.adapters import BaseAdapter
from transmission_rpc import Client, TransmissionError

from lib.errors import BadReply, Fault, NotPermitted, PyroError, TimedOut, WireError
from lib.wire.dial import NotSent
from lib.wire.http import Exchange, HttpTransport
from lib.wire.stream import ClosedUnanswered
from lib.wire.url import Address, parse
from lib.words import said

_T = TypeVar('_T')

PATH = '/transmission/rpc'
MAX_REPLY = 64 << 20  # bytes; 50,000 torrents have about 40 MB
CONNECTIONS = 4
_SESSION = 'X-Transmission-Session-Id'
_CONTROL = re.compile('[\x00-\x1f\x7f-\x9f\ud800-\udfff]+')
#: The library logs whole replies and requests; nobody is to read those.
_SILENT = logging.Logger('transmission-rpc')
_SILENT.disabled = True


class Refusal(Fault):
    """Transmission did not do what was asked and said why, in ``text``."""

    def __init__(self, text: str, *, target: str = '') -> None:
        super().__init__(0, text, target=target)
        self.args = (said('Transmission answered: %(text)s', text=self.text),)


class NotTransmission(BadReply):
    """A web server answered that has no Transmission there; it did nothing."""

    @property
    def sent(self) -> bool:
        return False


class _Exchange(Exchange):
    CONTENT_TYPE = 'application/json'

    def judge(self) -> None:
        if self.status not in (200, 409):  # 409 brings the id of the session, which the library takes
            raise _refusal(self.status, self._address)


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
    :ivar received: bytes of replies so far.
    :raises ConfigError: the URL is wrong.
    """

    def __init__(
        self, url: str, *, target: str, user: str = '', password: str = '', timeout: float = 30.0
    ) -> None:
        self.target = target
        self.session = ''
        self.requests = self.received = 0
        self._timeout = timeout
        self.transport: HttpTransport = _Transport(_address(url, user, password), target=target)
        self._slots = threading.BoundedSemaphore(CONNECTIONS)
        self._idle: list[tuple[_Library, _Adapter]] = []

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
        try:
            library, adapter = self._idle.pop()
        except IndexError:
            library, adapter = None, _Adapter(self)
        adapter.deadline = deadline
        try:
            library = library or _Library(adapter)  # which asks for the settings
            return call(library)
        except PyroError:
            raise
        except TransmissionError as error:
            raise _explain(error) from None
        except (
            LookupError,
            TypeError,
            ValueError,
            AttributeError,
            ArithmeticError,
            RecursionError,
            requests.RequestException,
        ):
            raise _nonsense() from None
        finally:
            if library is not None:
                self._idle.append((library, adapter))

    def close(self) -> None:
        """Let go of the connections. The link can be used again."""
        self.transport.close()


class _Adapter(BaseAdapter):
    """Carries the library's requests over our wire."""

    def __init__(self, link: Link) -> None:
        super().__init__()
        self.deadline = 0.0
        self._link = link

    def send(self, request: requests.PreparedRequest, *_args: Any, **_more: Any) -> requests.Response:
        body = request.body
        assert isinstance(body, bytes)  # JSON that the library made
        session = str(request.headers[_SESSION])
        reply = self._link.transport.post(body, self.deadline, [(_SESSION, session)])
        self._link.requests += 1
        self._link.received += len(reply.body)
        if reply.status == 200:
            self._link.session = session
        response = requests.Response()
        response.status_code = reply.status
        for name, value in reply.headers.items():
            response.headers[name.decode('latin-1')] = value.decode('latin-1')
        response.encoding = 'utf-8'
        response.raw = io.BytesIO(reply.body)
        response.request = request
        response.url = request.url or ''
        return response

    def close(self) -> None:
        """Connections belong to the link."""


class _Library(Client):
    def __init__(self, adapter: _Adapter) -> None:
        self._adapter = adapter
        # Where it really goes is the transport's business.
        super().__init__(host='transmission', path=PATH, logger=_SILENT)

    def _http_query(self, query: dict[str, Any], timeout: Any = None) -> str:
        self._http_session.mount('http://', self._adapter)
        return super()._http_query(query, timeout)


def _address(url: str, user: str, password: str) -> Address:
    address = parse(url)
    if '/' not in url.partition('://')[2] or address.path in ('/', '/transmission', '/transmission/'):
        address = replace(address, path=PATH)
    return replace(address, user=user, password=password) if user or password else address


def _explain(error: TransmissionError) -> WireError:
    response = error.response
    text = response.get('result') if isinstance(response, dict) else None
    if not isinstance(text, str) or text == 'success':
        return _nonsense()
    return Refusal(_CONTROL.sub(' ', text)[:300])


def _nonsense() -> BadReply:
    return BadReply(
        said(
            'What answers here does not answer as Transmission does. Check host, port and path; the path is '
            '%(path)s unless rpc-url in its settings.json says otherwise.',
            path=PATH,
        )
    )


def _refusal(status: int, address: Address) -> WireError:
    """The error for an answer of HTTP that carries no answer of Transmission's."""
    if status == 401:
        text = said(
            '%(address)s refuses user name and password (401). Give the rpc-username and rpc-password of its '
            'settings.json as user and password of this client.',
            address=address,
        )
        return NotPermitted(text)
    if status == 403:
        text = said(
            '%(address)s forbids our address (403). Add it to rpc-whitelist in its settings.json; after many '
            'wrong passwords, restart Transmission.',
            address=address,
        )
        return NotPermitted(text)
    if status == 421:
        text = said(
            '%(address)s does not answer to the name %(host)s (421). Use its IP address, or add the name to '
            'rpc-host-whitelist in its settings.json.',
            address=address,
            host=address.host,
        )
        return NotPermitted(text)
    if status == 504:
        return TimedOut(
            said('The web server %(address)s waited in vain for Transmission (504).', address=address)
        )
    if status in (502, 503):
        text = said(
            'The web server %(address)s does not reach its Transmission (%(status)s). Look whether it runs.',
            address=address,
            status=status,
        )
        return NotTransmission(text)
    if status >= 500:
        return BadReply(
            said('%(address)s answered with the status %(status)s.', address=address, status=status)
        )
    text = said(
        '%(address)s knows no Transmission at this path (%(status)s). Check the path, which is %(path)s unless '
        'rpc-url in its settings.json says otherwise.',
        address=address,
        status=status,
        path=PATH,
    )
    return NotTransmission(text)
