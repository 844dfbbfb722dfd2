"""One request of several parts, each of which finds its own answers again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lib.wire.rpc import Rpc
from lib.wire.values import Value

Calls = Sequence[tuple[str, Sequence[Value]]]


class Request:
    """A ``system.multicall`` in the making."""

    def __init__(self) -> None:
        self._calls: list[tuple[str, Sequence[Value]]] = []
        self._answers: list[Any] = []

    def add(self, calls: Calls) -> Callable[[], list[Any]]:
        """:returns: what gives the answers to ``calls``, faults among them, once the request was sent."""
        begin = len(self._calls)
        self._calls.extend(calls)
        end = len(self._calls)
        return lambda: self._answers[begin:end]

    def send(self, rpc: Rpc) -> None:
        """Raises the WireError tree."""
        self._answers = rpc.multicall(self._calls)
