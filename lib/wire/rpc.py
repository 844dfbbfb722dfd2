"""Calls to one torrent client: limits, retries, faults and what has been learnt about the client."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from lib.errors import BadReply, Fault, MethodMissing, RequestTooLarge, WireError
from lib.wire import xmlrpc
from lib.wire.dial import NotSent
from lib.wire.stream import ClosedUnanswered
from lib.wire.transport import Transport
from lib.wire.values import Value
from lib.words import said

_T = TypeVar('_T')

# 0.9.8 refuses more than this unless told otherwise, so smaller requests need no question about the limit.
_ALWAYS_TAKEN = (512 << 10) - (4 << 10)
# What the SCGI side takes whatever the limit says: 0.9.8, and the versions that know JSON-RPC.
_HARD_LIMIT = 2 << 20
_HARD_LIMIT_NEW = 16 << 20
_RETRY_PAUSE = 0.05

_NOT_ALLOWED = -507
_BLOCKED = re.compile(r'Command "([^"]+)" is not allowed')
_COMMAND = re.compile(r'[a-z][a-z0-9_.]*(?==)')


class Rpc:
    """One torrent client. Safe to use from several threads.

    :param transport: carries the requests.
    :param target: the configured name of the client, for errors.
    :param timeout: seconds for one call: waiting for a connection, sending, and reading the whole reply.
    :param connections: requests that may be under way at the same time.
    """

    def __init__(
        self, transport: Transport, *, target: str = '', timeout: float = 10.0, connections: int = 4
    ) -> None:
        self.target = target
        self._transport = transport
        self._timeout = timeout
        self._slots = threading.BoundedSemaphore(connections)
        self._lock = threading.Lock()
        self._requests = 0
        self._methods: frozenset[str] | None = None
        self._limit = 0
        self._need_trust: frozenset[str] = frozenset()

    @property
    def requests(self) -> int:
        """How many requests have been sent so far, repeated ones included."""
        return self._requests

    @property
    def methods(self) -> frozenset[str]:
        """The names of all commands this client has, asked once.

        :raises WireError: they could not be asked; the next use asks again.
        """
        known = self._methods
        if known is None:
            names = self.call('system.listMethods', read=True)
            if not isinstance(names, list) or not names:
                raise BadReply('The client did not say which commands it has.', target=self.target)
            known = self._methods = frozenset(str(name) for name in names)
        return known

    def forget(self) -> None:
        """Drop what is known about the client, for instance because it was restarted."""
        self._methods = None
        self._limit = 0
        self._need_trust = frozenset()

    def resolve(self, names: Sequence[str]) -> str:
        """The first of ``names`` that this client has.

        :raises MethodMissing: it has none of them.
        """
        for name in names:
            if name in self.methods:
                return name
        raise MethodMissing(
            -506, f'Command "{names[0]}" does not exist.', target=self.target, method=names[0]
        )

    def call(self, method: str, *params: Value, read: bool = False, timeout: float | None = None) -> Value:
        """Call one command.

        :param read: the command changes nothing: it may be repeated, and needs no trust.
        :param timeout: seconds; that of the connection where none is given.
        :raises UsageError: a parameter cannot be sent.
        :raises WireError: the call failed; a write that is :class:`~lib.errors.TimedOut` may still happen.
        """
        with self._named(method):
            body = xmlrpc.dumps(method, params)
            return self._ask(
                body, xmlrpc.loads, self._until(timeout), self._needs([(method, params)]) if read else None
            )

    def rows(self, method: str, *params: Value, read: bool = True) -> list[tuple[Value, ...]]:
        """Call a ``*.multicall`` command; its reply as plain tuples.

        :raises UsageError, WireError: as :meth:`call`.
        """
        with self._named(method):
            body = xmlrpc.dumps(method, params)
            return self._ask(
                body, xmlrpc.rows, self._until(None), self._needs([(method, params)]) if read else None
            )

    def multicall(
        self, calls: Sequence[tuple[str, Sequence[Value]]], *, read: bool = False
    ) -> list[Value | Fault]:
        """Make several calls in one request. A call that faults leaves its fault in its place; the others count.

        :raises UsageError, WireError: as :meth:`call`.
        """
        if not calls:
            return []
        with self._named('system.multicall'):
            body = xmlrpc.multicall_dumps(calls)
            results = self._ask(
                body, xmlrpc.multicall_loads, self._until(None), self._needs(calls) if read else None
            )
            if len(results) != len(calls):
                raise BadReply(f'The client answered {len(results)} of {len(calls)} calls.')
        for result, (method, _) in zip(results, calls, strict=True):
            if isinstance(result, Fault):
                result.target, result.method = self.target, method
        return results

    def _ask(
        self, body: bytes, decode: Callable[[bytes], _T], deadline: float, commands: frozenset[str] | None
    ) -> _T:
        """Send and decode. ``commands`` are the names a read uses, none for a write.

        A read goes untrusted; where the client's table of safe commands lacks one of its names, it is repeated
        trusted, and so is from then on every read with that name.
        """
        self._check_size(body, deadline)
        if commands is None or not self._need_trust.isdisjoint(commands):
            return decode(self._send(body, deadline, trusted=True, again=commands is not None))
        reply = self._send(body, deadline, trusted=False, again=True)
        try:
            result = decode(reply)
        except Fault as fault:
            refused = _refused([fault])
            if not refused:
                raise
        else:
            refused = []
            if decode is xmlrpc.multicall_loads and isinstance(result, list):
                refused = _refused(result)
            if not refused:
                return result
        self._remember(refused, commands)
        return decode(self._send(body, deadline, trusted=True, again=True))

    def _remember(self, refused: Iterable[Fault], commands: frozenset[str]) -> None:
        for fault in refused:
            match = _BLOCKED.search(fault.text)
            named = frozenset({match[1]} if match else ()) & commands
            with self._lock:
                self._need_trust |= named or commands

    def _send(self, body: bytes, deadline: float, *, trusted: bool, again: bool) -> bytes:
        try:
            return self._send_once(body, deadline, trusted)
        except ClosedUnanswered:
            if not again:
                raise
        time.sleep(max(0.0, min(_RETRY_PAUSE, deadline - time.monotonic())))
        return self._send_once(body, deadline, trusted)

    def _send_once(self, body: bytes, deadline: float, trusted: bool) -> bytes:
        left = deadline - time.monotonic()
        if left <= 0 or not self._slots.acquire(timeout=left):
            raise NotSent('All connections to the client were busy until the time was up. Try again.')
        try:
            with self._lock:
                self._requests += 1
            return self._transport.send(body, deadline, trusted=trusted)
        finally:
            self._slots.release()

    def _check_size(self, body: bytes, deadline: float) -> None:
        """Refuse what the client would drop. A limit raised since it was asked for counts at once."""
        if len(body) <= max(_ALWAYS_TAKEN, self._limit):
            return
        self._limit = self._ask_limit(deadline)
        if len(body) > self._limit:
            raise RequestTooLarge(
                said(
                    'The request has %(count)s bytes, and the client takes at most %(limit)s. Raise '
                    'network.xmlrpc.size_limit in its configuration (rTorrent 0.9.8 takes 2097152 at most).',
                    count=len(body),
                    limit=self._limit,
                )
            )

    def _ask_limit(self, deadline: float) -> int:
        hard = _HARD_LIMIT_NEW if 'network.rpc.use_jsonrpc' in self.methods else _HARD_LIMIT
        limit = self.call('network.xmlrpc.size_limit', read=True, timeout=deadline - time.monotonic())
        return min(limit, hard) if isinstance(limit, int) else hard

    def _until(self, timeout: float | None) -> float:
        return time.monotonic() + (self._timeout if timeout is None else timeout)

    @staticmethod
    def _needs(calls: Iterable[tuple[str, Sequence[Value]]]) -> frozenset[str]:
        """The names of commands in ``calls``, those inside of columns and filters included."""
        names = set()
        for method, params in calls:
            names.add(method)
            for param in params:
                if isinstance(param, str):
                    names.update(_COMMAND.findall(param))
        return frozenset(names)

    @contextmanager
    def _named(self, method: str) -> Iterator[None]:
        """Write target and method on every error that passes."""
        try:
            yield
        except WireError as error:
            error.target = error.target or self.target
            error.method = error.method or method
            raise


def _refused(results: Iterable[object]) -> list[Fault]:
    return [result for result in results if isinstance(result, Fault) and result.fault_code == _NOT_ALLOWED]
