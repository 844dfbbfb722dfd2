"""The base of the requesters: the same things of every object of a list in one request (``*.multicall``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Self

from lib.calls import Call, columns
from lib.methods import Method, UnknownCommand, bind
from lib.plans import Table, rpc_of
from lib.row import Row
from lib.wire.rpc import Rpc


class BaseRequester:
    """Remembers the methods that are called on it as columns, and asks for all rows at once.

    Every reading method of the objects' table returns the requester itself, so that calls can be chained;
    :meth:`all` sends them. A requester can be sent again and grow in between. A column that the server does not
    have is None in every row.

    :param plan: the list to ask for.
    :param target: a configured name, a connection, or None for the first configured target.
    :raises UnknownName: there is no such target.
    """

    kind: ClassVar[str]

    def __init_subclass__(cls) -> None:
        bind(cls, columns(cls.kind), _adder)

    def __init__(self, plan: Table, target: str | Rpc | None) -> None:
        self._rpc = rpc_of(target)
        self._plan = plan

    def __getattr__(self, name: str) -> Callable[..., Self]:
        if name.startswith('_'):
            raise AttributeError(name)
        raise UnknownCommand(f'{self.kind} column', name, columns(self.kind))

    def all(self) -> list[Row]:
        """Send one request and return the rows in rTorrent's order.

        :raises UnknownName: there is no such view.
        :raises NoSuchTorrent: there is no such torrent.
        :raises WireError: rTorrent could not be asked.
        """
        [(command, params)] = self._plan.wires(self._rpc)
        return self._plan.reply(self._rpc, [self._rpc.rows(command, *params)])

    def first(self) -> Row | None:
        """The first row, or None where there is none."""
        return next(iter(self.all()), None)


def _adder(method: Method) -> Callable[..., Any]:
    def add(self: BaseRequester, *args: object) -> BaseRequester:
        self._plan.calls.append(Call.make(method, args))
        return self

    return add
