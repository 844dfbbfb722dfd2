"""A strict bencode reader with limits, and a writer.

torf brings a decoder, but not one for foreign bytes: it has no limit on nesting or on the number of items, lets a
dictionary name a key twice, and forgets where a value stood. We need that place: an info hash is the SHA-1 of the
info dictionary's *exact bytes*, and only those bytes may be handed on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from lib.errors import UsageError

Value: TypeAlias = 'int | bytes | list[Value] | dict[bytes, Value]'

MAX_DEPTH = 32
#: Every item costs up to 64 bytes of memory whatever its size in the file.
MAX_ITEMS = 1_000_000

_INTEGER = re.compile(rb'i(0|-?[1-9][0-9]{0,18})e')
_LENGTH = re.compile(rb'(0|[1-9][0-9]{0,9}):')
_INT64 = 1 << 63


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of the outermost dictionary.

    :ivar value: the decoded value.
    :ivar raw: its exact bytes.
    :ivar ordered: whether all dictionaries within have their keys in order, as the format demands.
    """

    value: Value
    raw: bytes
    ordered: bool


def members(data: bytes, *, max_depth: int = MAX_DEPTH, max_items: int = MAX_ITEMS) -> dict[bytes, Member]:
    """Decode a bencoded dictionary, keeping the exact bytes of each of its values.

    :raises UsageError: the data is not one bencoded dictionary, or exceeds a limit; the text names the byte.
    """
    reader = _Reader(data, max_depth, max_items)
    if data[:1] != b'd':
        raise reader.broken('it does not begin with a dictionary')
    found: dict[bytes, Member] = {}
    for key in reader.keys(found):
        reader.ordered = True
        start = reader.position
        value = reader.value(1)
        found[key] = Member(value, data[start : reader.position], reader.ordered)
    if reader.position != len(data):
        raise reader.broken(f'{len(data) - reader.position:,} bytes follow after its end')
    return found


def dumps(value: Value) -> bytes:
    """Encode ``value``; dictionaries come out with their keys in order."""
    if isinstance(value, int):
        return b'i%de' % value
    if isinstance(value, bytes):
        return b'%d:%b' % (len(value), value)
    if isinstance(value, list):
        return b'l%be' % b''.join(map(dumps, value))
    return joined({key: dumps(item) for key, item in value.items()})


def joined(encoded: dict[bytes, bytes]) -> bytes:
    """Encode a dictionary whose values are encoded already."""
    return b'd%be' % b''.join(dumps(key) + encoded[key] for key in sorted(encoded))


class _Reader:
    def __init__(self, data: bytes, max_depth: int, max_items: int) -> None:
        self.data = data
        self.position = 0
        self.ordered = True
        self._items_left = max_items
        self._max_depth = max_depth

    def broken(self, what: str) -> UsageError:
        return UsageError(f'The bencoded data is wrong at byte {self.position:,}: {what}.')

    def value(self, depth: int) -> Value:
        self._items_left -= 1
        if self._items_left < 0:
            raise self.broken('it holds too many items')
        kind = self.data[self.position : self.position + 1]
        if kind.isdigit():
            return self._string()
        if kind == b'i':
            return self._integer()
        if kind not in (b'l', b'd'):
            raise self.broken('no value begins here' if kind else 'it ends too early')
        if depth >= self._max_depth:
            raise self.broken(f'it is nested more than {self._max_depth} levels deep')
        return self._list(depth) if kind == b'l' else self._dictionary(depth)

    def keys(self, seen: dict[bytes, Member] | dict[bytes, Value]) -> Iterator[bytes]:
        """The keys of the dictionary that begins here; the caller reads each value into ``seen``."""
        self.position += 1
        last: bytes | None = None
        unordered = False
        while not self._at_end():
            if not self.data[self.position : self.position + 1].isdigit():
                ends = self.position >= len(self.data)
                raise self.broken('it ends too early' if ends else 'a dictionary key must be a string')
            key = self._string()
            if key in seen:
                raise self.broken(f'the key {key[:40]!r} occurs twice')
            unordered = unordered or (last is not None and key < last)
            last = key
            yield key
        if unordered:
            self.ordered = False

    def _list(self, depth: int) -> list[Value]:
        self.position += 1
        items: list[Value] = []
        while not self._at_end():
            items.append(self.value(depth + 1))
        return items

    def _dictionary(self, depth: int) -> dict[bytes, Value]:
        found: dict[bytes, Value] = {}
        for key in self.keys(found):
            found[key] = self.value(depth + 1)
        return found

    def _at_end(self) -> bool:
        if self.data[self.position : self.position + 1] != b'e':
            return False
        self.position += 1
        return True

    def _integer(self) -> int:
        match = _INTEGER.match(self.data, self.position)
        number = int(match[1]) if match else _INT64
        if match is None or not -_INT64 <= number < _INT64:
            raise self.broken('this is not a whole number of at most 64 bits in its shortest form')
        self.position = match.end()
        return number

    def _string(self) -> bytes:
        match = _LENGTH.match(self.data, self.position)
        if match is None:
            raise self.broken('this is not the length of a string')
        end = match.end() + int(match[1])
        if end > len(self.data):
            raise self.broken(f'a string of {int(match[1]):,} bytes runs past the end')
        self.position = end
        return self.data[match.end() : end]
