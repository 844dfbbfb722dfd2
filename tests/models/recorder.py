"""A transport that keeps every byte it is given and answers as a bland rTorrent would."""

from __future__ import annotations

import xmlrpc.client
from collections.abc import Callable, Collection
from typing import Any

from lib.errors import TimedOut
from lib.methods import TABLES
from lib.wire.rpc import Rpc

MODERN = frozenset(
    {method.commands[0] for table in TABLES.values() for method in table.values()}
    | {
        'd.multicall2',
        'f.multicall',
        't.multicall',
        'p.multicall',
        'view.list',
        'system.pid',
        'system.listMethods',
    }
)

Answer = Callable[[str, list[Any]], Any]


class Recorder:
    """:ivar bodies: every request sent, but for the questions for names of commands and views.

    :ivar fail_at: which of these times out, counted from 0.
    :ivar tried: how many were tried.
    """

    def __init__(self, methods: Collection[str] = MODERN, views: Collection[str] = ('main', 'mine')) -> None:
        self.methods = sorted(methods)
        self.views = list(views)
        self.bodies: list[bytes] = []
        self.trusted: list[bool] = []
        self.fail_at = -1
        self.tried = 0
        self.values: dict[str, Any] = {}

    def send(self, body: bytes, deadline: float, *, trusted: bool = True) -> bytes:
        params, name = xmlrpc.client.loads(body)
        if name not in ('system.listMethods', 'view.list'):
            self.tried += 1
            if self.tried - 1 == self.fail_at:
                raise TimedOut('The time is up.')
            self.bodies.append(body)
            self.trusted.append(trusted)
        return xmlrpc.client.dumps((self.answer(str(name), list(params)),), methodresponse=True).encode()

    def close(self) -> None:
        pass

    def answer(self, name: str, params: list[Any]) -> Any:
        if name == 'system.multicall':
            return [[self.answer(call['methodName'], call['params'])] for call in params[0]]
        if name in self.values:
            return self.values[name]
        if name.endswith(('.multicall', '.multicall2')):
            return [[0] * (len(params) - 2)]
        return {'system.listMethods': self.methods, 'view.list': self.views}.get(name, 0)

    def calls(self) -> list[tuple[str, list[Any]]]:
        """All calls in the order they were sent, those inside of a ``system.multicall`` one by one."""
        found: list[tuple[str, list[Any]]] = []
        for body in self.bodies:
            decoded, name = xmlrpc.client.loads(body)
            params = [_text(param) for param in decoded]
            if name == 'system.multicall':
                found.extend((call['methodName'], [*map(_text, call['params'])]) for call in params[0])
            else:
                found.append((str(name), params))
        return found


def _text(value: Any) -> Any:
    """Text that had to be sent as bytes is text again."""
    return value.data.decode() if isinstance(value, xmlrpc.client.Binary) else value


def recorded(recorder: Recorder | None = None) -> tuple[Rpc, Recorder]:
    """A connection to a recorder, and the recorder."""
    recorder = recorder or Recorder()
    return Rpc(recorder, target='fake'), recorder
