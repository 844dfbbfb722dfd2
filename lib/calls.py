"""One checked call: what goes over the wire for it, and what its answer means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from lib import startup
from lib.methods import ALONE, TABLES, Arg, Method, UnknownCommand, check
from lib.wire.rpc import Rpc
from lib.wire.values import Value

Wire = tuple[str, list[Value]]

# Commands without a dot are aliases from before the arguments had a target in front of them, but for these.
_TARGETED = frozenset({'download_list', 'add_peer', startup.OWN})
_DERIVED = ('started', 'uptime')


@dataclass(frozen=True, slots=True)
class Call:
    """One line of the method tables with checked arguments."""

    method: Method
    args: tuple[Arg, ...] = ()

    @classmethod
    def make(cls, method: Method, args: Sequence[object], field: str = '') -> Call:
        """Check ``args`` and keep them.

        :raises UsageError: they do not fit.
        """
        return cls(method, tuple(check(method, args, field)))

    def wires(self, rpc: Rpc, subject: str) -> list[Wire]:
        """What to send for it. ``subject`` is empty for rTorrent itself.

        :raises MethodMissing: the server has none of its commands.
        """
        if self.method.result in _DERIVED:
            return [(name, ['']) for name in startup.commands(rpc.methods, self.method.result)]
        command = rpc.resolve(self.method.commands)
        targeted = subject or '.' in command or command in _TARGETED
        return [(command, [subject, *self.args] if targeted else [*self.args])]

    def value(self, answers: Sequence[Value]) -> Any:
        """What the answers to :meth:`wires` mean."""
        if self.method.result in _DERIVED:
            return startup.evaluate(self.method.result, answers)
        if self.method.result == 'label':
            return unquote(str(answers[0]))
        return answers[0]

    @property
    def plain(self) -> bool:
        """Whether its value is the answer as it comes."""
        return self.method.result not in (*_DERIVED, 'label')

    def column(self, rpc: Rpc) -> str | None:
        """Its column in a list, or None where the server lacks it. Arguments in it are plain words."""
        known = rpc.methods
        command = next((name for name in self.method.commands if name in known), None)
        return command and f'{command}={",".join(map(str, self.args))}'


def labels(calls: Sequence[Call]) -> list[str]:
    """The keys of the answers: the names; with arguments where a reader is asked twice with different ones."""
    variants: dict[str, set[tuple[Arg, ...]]] = {}
    for call in calls:
        variants.setdefault(call.method.name, set()).add(call.args)

    def label(call: Call) -> str:
        alone = call.method.write or len(variants[call.method.name]) == 1
        return call.method.name if alone else f'{call.method.name}({",".join(map(str, call.args))})'

    return [label(call) for call in calls]


def columns(kind: str) -> dict[str, Method]:
    """The lines of a table that can be asked of a whole list: they read, and work for every object."""
    return {
        name: method
        for name, method in TABLES[kind].items()
        if not method.write and name not in ALONE and method.result not in _DERIVED
    }


def find_column(kind: str, name: str, field: str = '') -> Method:
    """The line ``name`` of a table, where it can be asked of a whole list.

    :param field: where the name comes from, for the error.
    :raises UnknownCommand: there is none; names the nearest one.
    """
    known = columns(kind)
    if name not in known:
        raise UnknownCommand(f'{kind} column', name, known, field=field)
    return known[name]
