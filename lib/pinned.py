"""An HTTP transport that connects only to addresses it has checked, under one deadline and a byte limit.

A check of the URL alone is worthless: a name may resolve to something else a moment later. Here the name is resolved
once, the answer is checked, and the connection goes to that very address; TLS and the Host header keep the name.
"""

from __future__ import annotations

import contextlib
import functools
import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urlsplit

import httpcore
import httpx

from lib.addresses import Address, Network, is_public, is_within
from lib.errors import FetchError
from lib.words import N_, Said, named, said

MAX_OVERHEAD = 256 * 1024  # bytes of all headers together, and of chunk sizes where they exceed the chunks
MAX_ATTEMPTS = 4  # addresses tried per name

# A resolver that does not answer cannot be interrupted: it keeps its thread, so their number is bounded.
_resolvers = threading.BoundedSemaphore(16)
_BUSY = N_('Too many names are being looked up. Try again in a minute.')


class Budget:
    """What one fetch may still use: seconds until the deadline, and bytes off the wire.

    Each byte of a body pays for itself and one more. So a body in chunks of a sane size costs nothing, while endless
    headers, or chunks of one byte that take seconds to parse, end soon.

    :ivar private: whether a connection went to an address that is not public; errors then say less.
    """

    def __init__(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds
        self._bytes = MAX_OVERHEAD
        self.private = False

    def seconds(self) -> float:
        """Seconds left; at least a moment, since 0 would mean “do not wait” to a socket.

        :raises httpcore.ReadTimeout: none are left.
        """
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout('the deadline has passed')
        return max(left, 0.001)

    def give(self, body: int) -> None:
        """Count bytes of a body, which the caller bounds."""
        self._bytes += 2 * body

    def take(self, count: int) -> None:
        """
        :raises FetchError: more bytes came than may come.
        """
        self._bytes -= count
        if self._bytes < 0:
            raise FetchError('The server sends more than is accepted.')


class PinnedTransport(httpx.BaseTransport):
    """One transport for one fetch.

    :param budget: shared by all requests of the fetch.
    :param allowed: networks that may be reached although they are not public.
    :param setting: where they are named, for the sentence that says that one is not.
    :param context: the TLS settings; the default trusts the usual certificate authorities, whatever the environment.
    """

    def __init__(
        self,
        budget: Budget,
        allowed: Sequence[Network] = (),
        context: ssl.SSLContext | None = None,
        *,
        setting: str,
    ) -> None:
        self._budget = budget
        self._pool = httpcore.ConnectionPool(
            ssl_context=context or _tls(),
            network_backend=_Backend(budget, allowed, setting),
            max_connections=1,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """
        :raises FetchError: the address is not allowed, or a limit was exceeded.
        :raises httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError: as they say.
        """
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        answer = self._pool.handle_request(
            httpcore.Request(request.method, url, headers=request.headers.raw, content=request.read())
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer, self._budget))

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response, budget: Budget) -> None:
        self._answer = answer
        self._budget = budget

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._answer.iter_stream():
            self._budget.give(len(piece))
            yield piece

    def close(self) -> None:
        self._answer.close()


class _Backend(httpcore.NetworkBackend):
    def __init__(self, budget: Budget, allowed: Sequence[Network], setting: str) -> None:
        self._budget = budget
        self._allowed = allowed
        self._setting = setting

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        for address in self._checked(host, port):
            try:
                connection = socket.create_connection((str(address), port), self._budget.seconds())
            except OSError:
                continue
            return _Stream(connection, self._budget)
        raise httpcore.ConnectError('no address could be reached')

    def _checked(self, host: str, port: int) -> list[Address]:
        found = resolve(host, port, self._budget.seconds())
        fine = [each for each in found if is_public(each) or is_within(each, self._allowed)][:MAX_ATTEMPTS]
        if not fine:
            raise FetchError(not_allowed(host, self._setting))
        self._budget.private = not all(map(is_public, fine))
        return fine


def not_allowed(host: str, setting: str) -> Said:
    """Why an address is not connected to, and what can be done."""
    return said(
        '“%(host)s” is an address of this machine or a private network, which is not reached from here. The '
        'administrator can allow a network in %(setting)s.',
        host=host,
        setting=setting,
    )


@contextlib.contextmanager
def explained(url: str, budget: Budget, seconds: float) -> Iterator[None]:
    """Inside, what fails on the way to ``url`` becomes a sentence for people.

    :raises FetchError: instead of what httpcore and httpx raise.
    """
    try:
        yield
    except httpcore.TimeoutException:
        within = said('did not answer within %(seconds)s seconds', seconds=f'{seconds:g}')
        raise _failed(url, budget, within) from None
    except httpcore.NetworkError as error:
        raise _failed(url, budget, said('cannot be reached: %(error)s', error=error)) from None
    except (httpcore.ProtocolError, httpx.HTTPError, httpx.InvalidURL, ValueError):
        raise _failed(url, budget, N_('gave an answer that is not proper HTTP')) from None


def _failed(url: str, budget: Budget, what: str) -> FetchError:
    if budget.private:
        # Saying how it failed would tell which ports of a private network are open.
        what = N_('gave no usable answer')
    host = urlsplit(url).hostname
    return FetchError(said('“%(host)s” %(what)s.', host=host, what=named(what)))


class _Stream(httpcore.NetworkStream):
    """A socket on which every operation is bounded by the budget."""

    def __init__(self, connection: socket.socket, budget: Budget) -> None:
        self._socket = connection
        self._budget = budget

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._socket.settimeout(self._budget.seconds())
        try:
            data = self._socket.recv(max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error
        self._budget.take(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._socket.settimeout(self._budget.seconds())
        try:
            self._socket.sendall(buffer)
        except TimeoutError as error:
            raise httpcore.WriteTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        self._socket.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        self._socket.settimeout(self._budget.seconds())
        try:
            secured = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname)
        except ssl.SSLCertVerificationError as error:
            self._socket.close()
            raise httpcore.ConnectError(
                said('its certificate is not valid: %(verify_message)s', verify_message=error.verify_message)
            ) from error
        except OSError as error:
            self._socket.close()
            raise httpcore.ConnectError('no secure connection could be made') from error
        return _Stream(secured, self._budget)


def resolve(host: str, port: int, seconds: float) -> list[Address]:
    """All addresses of ``host``, in the resolver's order, given within ``seconds``.

    :raises FetchError: there is none, or the resolver does not answer in time.
    """
    with contextlib.suppress(ValueError):
        return [ipaddress.ip_address(host)]  # no name server is asked, so none can keep it waiting
    answers: queue.SimpleQueue[list[Address]] = queue.SimpleQueue()
    if not _resolvers.acquire(timeout=seconds):
        raise FetchError(_BUSY)
    try:
        threading.Thread(target=_look_up, args=(host, port, answers), daemon=True, name='resolver').start()
    except RuntimeError:  # no room for one more thread
        _resolvers.release()
        raise FetchError(_BUSY) from None
    try:
        found = answers.get(timeout=seconds)
    except queue.Empty:
        raise httpcore.ConnectTimeout('the name server does not answer') from None
    if not found:
        raise FetchError(said('No address is known for “%(host)s”.', host=host))
    return found


def _look_up(host: str, port: int, answers: queue.SimpleQueue[list[Address]]) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        # A scope (“%eth0”) marks a link-local address; without it the address is judged all the same.
        texts = dict.fromkeys(str(entry[4][0]).partition('%')[0] for entry in found)
        answers.put([ipaddress.ip_address(text) for text in texts])
    except (OSError, ValueError):
        answers.put([])
    finally:
        _resolvers.release()


@functools.cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)
