"""The order of a list: by any number of keys, falling or rising, total and stable.

What is not known comes last, whichever way. Names compare without case, and numbers within them as numbers, so that
“part 2” comes before “part 10”. Equal rows are ordered by name, and equal names by the torrents' numbers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from lib.errors import UnknownName, UsageError
from lib.words import said
from model.fields import AT, Row

#: A key and whether it falls.
Sort = tuple[tuple[str, bool], ...]
DEFAULT: Sort = (('name', False),)
MAX_KEYS = 5

_NUMBERS = {
    'size': 'size_bytes',
    'done': 'progress',
    'down': 'down_rate',
    'up': 'up_rate',
    'eta': 'eta',
    'ratio': 'ratio',
    'peers': 'peers_connected',
    'seeds': 'peers_complete',
    'added': 'added',
    'started': 'started',
    'finished': 'finished',
    'downloaded': 'down_total',
    'uploaded': 'up_total',
    'left': 'left_bytes',
    'priority': 'priority',
    'files': 'size_files',
    'private': 'is_private',
}
_TEXTS = {
    'name': 'name',
    'state': 'status',
    'label': 'label',
    'target': 'target',
    'tracker': 'tracker',
    'directory': 'directory',
    'message': 'message',
    'throttle': 'throttle',
}
_UNKNOWN_IF_ZERO = frozenset({'added', 'started', 'finished'})
#: Every key and the field of a row it means.
KEYS: dict[str, str] = {**_TEXTS, **_NUMBERS}

_LAST = b'\xff\xff'  # after every text in UTF-8, turned round or not
_TURN = bytes(255 - byte for byte in range(256))
_DIGITS = re.compile('[0-9]+')
_LONGEST = 1000  # characters of a text that are compared


def read(text: str) -> Sort:
    """The Sort that ``-down,name`` means; nothing means by name.

    :raises UsageError: a key that does not exist or comes twice, or too many.
    """
    if not text:
        return DEFAULT
    keys = tuple((word.removeprefix('-'), word.startswith('-')) for word in text.split(','))
    for key, _ in keys:
        if key not in KEYS:
            raise UnknownName('column to sort by', key, KEYS, field='sort')
    if len(keys) > MAX_KEYS or len({key for key, _ in keys}) < len(keys):
        raise UsageError(
            said('Sort by at most %(max_keys)s columns, each once.', max_keys=MAX_KEYS), field='sort'
        )
    return keys


def text_of(sort: Sort) -> str:
    """What :func:`read` takes."""
    return ','.join(('-' if falls else '') + key for key, falls in sort)


@lru_cache(maxsize=1 << 17)  # names hardly change, and each new order or search looks at all of them
def natural(text: str) -> bytes:
    """A text as it is compared: without case, numbers by their value; in UTF-8, whose order is that of characters."""
    folded = text[:_LONGEST].casefold()
    if _DIGITS.search(folded):
        folded = _DIGITS.sub(_number, folded)
    return folded.encode('utf-8', 'surrogatepass')


def _number(found: re.Match[str]) -> str:
    digits = found[0].lstrip('0')
    # Still where digits are among characters; a longer number is larger.
    return f'0{chr(len(digits))}{digits}'


def _text_key(key: str, falls: bool) -> Callable[[Row], bytes]:
    at = AT[KEYS[key]]

    def rising(row: Row) -> bytes:
        return natural(row[at]) if row[at] else _LAST

    def falling(row: Row) -> bytes:
        return natural(row[at]).translate(_TURN) + b'\xff' if row[at] else _LAST + b'\xff'

    return falling if falls else rising


def _number_key(key: str, falls: bool) -> Callable[[Row], float]:
    at, zero = AT[KEYS[key]], key in _UNKNOWN_IF_ZERO

    def rising(row: Row) -> float:
        value = row[at]
        return math.inf if value is None or (zero and not value) else value

    def falling(row: Row) -> float:
        value = row[at]
        return math.inf if value is None or (zero and not value) else -value

    return falling if falls else rising


def key_of(sort: Sort) -> Callable[[Row], tuple[Any, ...]]:
    """What rows are ordered by; no two of them are equal."""
    keys = sort if any(key == 'name' for key, _ in sort) else (*sort, *DEFAULT)
    parts: list[Callable[[Row], Any]] = [
        (_text_key if key in _TEXTS else _number_key)(key, falls) for key, falls in keys
    ]
    at, first = AT['id'], parts[0]
    if len(parts) == 1:  # the usual numbers of keys, done without a loop
        return lambda row: (first(row), row[at])
    if len(parts) == 2:
        second = parts[1]
        return lambda row: (first(row), second(row), row[at])
    return lambda row: (*(part(row) for part in parts), row[at])
