"""The base of the objects that live in rTorrent: one method per line of their table, one request per call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from lib.calls import Call
from lib.methods import TABLES, Method, UnknownCommand, bind
from lib.plans import Single, rpc_of
from lib.wire.rpc import Rpc


class Remote:
    """One object in rTorrent.

    :param subject: which one (:mod:`lib.methods.subjects`); empty for rTorrent itself.
    :param target: a configured name, a connection, or None for the first configured target.
    :raises UnknownName: there is no such target.
    """

    kind: ClassVar[str]

    def __init_subclass__(cls) -> None:
        bind(cls, TABLES[cls.kind], _caller)

    def __init__(self, subject: str, target: str | Rpc | None) -> None:
        self.rpc = rpc_of(target)
        self.subject = subject

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith('_'):
            raise AttributeError(name)
        raise UnknownCommand(f'{self.kind} method', name, TABLES[self.kind])

    def __repr__(self) -> str:
        at = f' of {self.rpc.target}' if self.rpc.target else ''
        return f'<{type(self).__name__} {self.subject}{at}>'.replace(' >', '>').replace('  ', ' ')


def _caller(method: Method) -> Callable[..., Any]:
    def call(self: Remote, *args: object) -> Any:
        plan = Single(self.subject, [Call.make(method, args)])
        wires = plan.wires(self.rpc)
        if len(wires) == 1:
            answers = [self.rpc.call(wires[0][0], *wires[0][1], read=plan.reads)]
            return plan.calls[0].value(answers)
        return plan.reply(self.rpc, self.rpc.multicall(wires, read=plan.reads))[method.name]

    return call
