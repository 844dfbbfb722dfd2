"""What a query says, as a tree: its parts print as a query that means the same, and make the test for one pass."""

from __future__ import annotations

from dataclasses import dataclass, field

from model.fields import AT
from model.query_fields import Bind, Test
from model.query_patterns import Run, Value, anywhere

_NAME, _LABEL = AT['name'], AT['label']


@dataclass(frozen=True, slots=True)
class Condition:
    """``name op value``, where name is a field's; ``bind`` makes its test."""

    name: str
    op: str
    value: Value
    bind: Bind = field(compare=False, repr=False)

    def __str__(self) -> str:
        return f'{self.name}{self.op}{self.value}'


@dataclass(frozen=True, slots=True)
class Word:
    """A word or phrase that is somewhere in the name or the label."""

    value: Value

    def bind(self, run: Run) -> Test:
        has = anywhere(self.value)
        return lambda row: has(row[_NAME] or '') or has(row[_LABEL] or '')

    def __str__(self) -> str:
        return str(self.value)


@dataclass(frozen=True, slots=True)
class Not:
    """What is not so."""

    part: Node

    def bind(self, run: Run) -> Test:
        test = self.part.bind(run)
        return lambda row: not test(row)

    def __str__(self) -> str:
        return f'! {_inner(self.part)}'


@dataclass(frozen=True, slots=True)
class AllOf:
    """AllOf parts; without any, everything."""

    parts: tuple[Node, ...]

    def bind(self, run: Run) -> Test:
        tests = [part.bind(run) for part in self.parts]
        if len(tests) == 2:  # the usual number, done without a loop
            one, other = tests
            return lambda row: one(row) and other(row)
        return lambda row: all(test(row) for test in tests)

    def __str__(self) -> str:
        return ' '.join(map(_inner, self.parts))


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of the parts."""

    parts: tuple[Node, ...]

    def bind(self, run: Run) -> Test:
        tests = [part.bind(run) for part in self.parts]
        if len(tests) == 2:
            one, other = tests
            return lambda row: one(row) or other(row)
        return lambda row: any(test(row) for test in tests)

    def __str__(self) -> str:
        return ' OR '.join(map(_inner, self.parts))


Node = Condition | Word | Not | AllOf | AnyOf


def _inner(part: Node) -> str:
    return f'[ {part} ]' if isinstance(part, AllOf | AnyOf) else str(part)
