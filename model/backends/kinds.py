"""What each value that a backend answers has to be: one table for the ticks, the details and the conformance kit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from types import NoneType
from typing import Any, TypeVar, get_args, get_type_hints

from model.backends.base import FileRow, Globals, PeerRow, Pieces, TrackerRow
from model.backends.simple_values import MAX_ITEMS, MOST, Returned, clean
from model.fields import LIST, Row

T = TypeVar('T')
MAX_PIECES = 1 << 24  # as many as nobody has; a map is drawn from them
_INFO_HASH = re.compile('[0-9A-F]{40}')


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value has to be.

    :ivar type: ``str``, ``int``, ``float``, ``bool`` (0 and 1 do as well), ``bytes`` or ``list`` (of texts).
    :ivar none: it may be None, for what the client does not tell.
    :ivar low: the least number; ``high``: the greatest.
    """

    key: str
    type: type
    none: bool = False
    low: int = 0
    high: int = MOST

    @property
    def words(self) -> str:
        """The end of the sentence that says so."""
        numbers = f'from {self.low} to {"2⁶²" if self.high == MOST else self.high}'
        what = {
            'str': 'a text (str)',
            'int': f'a whole number (int) {numbers}',
            'float': f'a number {numbers}',
            'bool': 'True or False',
            'bytes': 'bytes',
            'list': 'a list of texts',
        }[self.type.__name__]
        return f'it has to be {"None or " if self.none else ""}{what}.'

    def takes(self, value: object) -> bool:
        """Whether ``value`` is what it has to be."""
        if value is None:
            return self.none
        if self.type is list:
            return isinstance(value, list) and all(isinstance(each, str) for each in value)
        if self.type in (str, bytes):
            return isinstance(value, self.type)
        kind = int | float if self.type is float else int
        return isinstance(value, kind) and self.low <= value <= self.high

    def plain(self, value: Any) -> Any:
        """A value that it takes, as one of Python's own types; texts are cleaned."""
        if self.type is str:
            return None if value is None else clean(value)
        if value is None or (type(value) in (self.type, bool) and self.type is not list):
            return value
        return [clean(each) for each in value] if self.type is list else self.type(value)


def row_kinds() -> tuple[Kind, ...]:
    """Of a row. Any client may not tell any of them but the hash; yes and no are 0 and 1 there as well."""
    types = {'str': str, 'int': int, 'bool': int, 'float': float}
    return tuple(Kind(field.key, types[field.type], field.key != 'hash') for field in LIST)


def of(kind: type, **bounds: int) -> tuple[Kind, ...]:
    """Of the fields of a dataclass, as its annotations say.

    :param bounds: the greatest number of some of them.
    """
    hints = get_type_hints(kind)
    return tuple(_of(each.name, hints[each.name], bounds.get(each.name)) for each in fields(kind))


def _of(key: str, hint: Any, high: int | None) -> Kind:
    parts = [part for part in get_args(hint) if part is not NoneType]
    none, plain = NoneType in get_args(hint), hint
    if none:
        [plain] = parts
    plain = getattr(plain, '__origin__', plain)
    found = Kind(key, plain, none, high=1 if plain is float else MOST)
    return found if high is None else replace(found, high=high)


TEXT = Kind('', str)
ROW = row_kinds()
GLOBALS = of(Globals)
FILE = of(FileRow, priority=2)
PEER = of(PeerRow, port=65535)
TRACKER = of(TrackerRow)
PIECES = of(Pieces, count=MAX_PIECES, done=MAX_PIECES)
#: The facts of a torrent that pages show; others may be anything that JSON has.
FACTS = {
    kind.key: kind
    for kind in (
        *(Kind(key, str, none=True) for key in ('comment', 'loaded_file')),
        *(
            Kind(key, int, none=True)
            for key in (
                'chunks', 'chunk_size', 'chunks_done', 'skip_total', 'created', 'state_changed', 'free_space',
                'down_limit', 'up_limit', 'queue_position',
            )
        ),
    )
}  # fmt: skip


def values(found: Iterable[Any], kinds: Sequence[Kind], told: Returned, what: str) -> list[Any]:
    """Values of these kinds, as Python's own types.

    :param what: they are of, for the error: ``files[3]``.
    :raises BadReply: one is something else; says which, and what it has to be.
    """
    taken: list[Any] = []
    for value, kind in zip(found, kinds, strict=True):
        # The usual ones first: a list has a million values.
        if type(value) is kind.type is str:
            taken.append(clean(value))
        elif type(value) is kind.type is int and kind.low <= value <= kind.high:
            taken.append(value)
        elif kind.takes(value):
            taken.append(kind.plain(value))
        else:
            raise told.refused(value, kind.words, f'{what}.{kind.key}')
    return taken


def items(found: object, told: Returned, what: str = '') -> list[Any]:
    """A list, and not too long a one."""
    if not isinstance(found, list):
        raise told.refused(found, 'it has to be a list.', what)
    if len(found) > MAX_ITEMS:
        raise told.error(
            f'returned {len(found):,} {what or "items"}; {MAX_ITEMS:,} are the most there may be.'
        )
    return list.copy(found)


def one(found: object, kind: Kind, told: Returned, what: str) -> Any:
    """A single value."""
    if not kind.takes(found):
        raise told.refused(found, kind.words, what)
    return kind.plain(found)


def instance(found: object, kind: type[T], told: Returned) -> T:
    """:raises BadReply: it is none."""
    if not isinstance(found, kind):
        raise told.refused(found, f'return {article(kind)}.')
    return found


def row(found: object, told: Returned, what: str = 'row') -> Row:
    """A row of the list, with a whole info hash."""
    if type(found) is not tuple or len(found) != len(ROW):
        raise told.refused(found, f'a row is a tuple of {len(ROW)} values, as in model.fields.LIST.', what)
    taken = tuple(values(found, ROW, told, what))
    if not _INFO_HASH.fullmatch(taken[0]):
        raise told.refused(taken[0], 'an info hash is 40 hexadecimal digits in upper case.', f'{what}.hash')
    return taken


def whole(found: Any, kind: type, kinds: Sequence[Kind], told: Returned, what: str) -> Any:
    """An object of a dataclass, made anew of values of these kinds."""
    if not isinstance(found, kind):
        raise told.refused(found, f'it has to be {article(kind)}.', what)
    return kind(*values((getattr(found, each.key) for each in kinds), kinds, told, what))


def article(kind: type) -> str:
    """The name of a class with its article."""
    return f'{"an" if kind.__name__[0] in "AEIOU" else "a"} {kind.__name__}'
