"""The base of the queries: several things of one object in one request (``system.multicall``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Self

from lib.calls import Call
from lib.errors import (
    BadReply,
    ClosedEarly,
    ConfigError,
    ConnectError,
    Fault,
    NotFound,
    ReplyTooLarge,
    RequestTooLarge,
    TimedOut,
    UsageError,
)
from lib.methods import TABLES, Method, UnknownCommand, bind
from lib.plans import Single, rpc_of
from lib.row import Row
from lib.wire.rpc import Rpc

# What the seed's code catches, for programs that are ported. They are for ``except`` clauses only.
InvalidTorrentException = (Fault, UsageError, NotFound)
InvalidConnectionException = (
    *(ConnectError, TimedOut, ClosedEarly, RequestTooLarge, ReplyTooLarge, BadReply),
    ConfigError,
)
InvalidTorrentCommandException = UnknownCommand


class MultiBase:
    """Remembers the methods that are called on it, and asks for all of them at once.

    Every method of the object's table returns the query itself, so that calls can be chained; :meth:`first` sends
    them. A query can be sent again and grow in between.

    :param target: a configured name, a connection, or None for the first configured target.
    :raises UnknownName: there is no such target.
    """

    kind: ClassVar[str]

    def __init_subclass__(cls) -> None:
        bind(cls, TABLES[cls.kind], _adder)

    def __init__(self, subject: str, target: str | Rpc | None) -> None:
        self._rpc = rpc_of(target)
        self._plan = Single(subject)

    def __getattr__(self, name: str) -> Callable[..., Self]:
        if name.startswith('_'):
            raise AttributeError(name)
        raise UnknownCommand(f'{self.kind} method', name, TABLES[self.kind])

    def first(self) -> Row:
        """Send one request and return what it answered, by method name.

        :raises Fault: rTorrent refused one of the calls; the others were made all the same.
        :raises WireError: rTorrent could not be asked.
        """
        calls = self._plan.wires(self._rpc)
        return self._plan.reply(self._rpc, self._rpc.multicall(calls, read=self._plan.reads))

    def all(self) -> list[Row]:
        """The same as a list, as a requester answers."""
        return [self.first()]


def _adder(method: Method) -> Callable[..., Any]:
    def add(self: MultiBase, *args: object) -> MultiBase:
        self._plan.calls.append(Call.make(method, args))
        return self

    return add
