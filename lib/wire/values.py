"""What the parts of the codec share: types of values, the characters XML forbids, numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias, cast

from lib.errors import BadReply

Value: TypeAlias = 'int | str | bytes | bool | float | Sequence[Value] | Mapping[str, Value]'

# A table inside a multicall nests 4 deep; nothing of rTorrent nests deeper than a few more.
MAX_DEPTH = 32

# Everything that is not a Char of XML 1.0, section 2.2 (all characters beyond U+FFFF are one).
ILLEGAL = re.compile('[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]')

INTEGERS = ('i8', 'i4', 'int', 'i2', 'i1')
_INTEGER = re.compile(r'[+-]?[0-9]{1,19}')


class FaultReply(Exception):
    """A reply is a fault; the public functions of the codec make it one of :class:`lib.errors.Fault`."""

    def __init__(self, fault_code: int, text: str) -> None:
        super().__init__(text)
        self.fault_code = fault_code
        self.text = text


def integer(text: str) -> int:
    """The number that ``text`` writes.

    :raises BadReply: it writes none, or one beyond 64 bits.
    """
    if _INTEGER.fullmatch(text) and -(2**63) <= int(text) < 2**63:
        return int(text)
    raise BadReply(f'The reply holds a number that is none of 64 bits: “{ILLEGAL.sub("?", text)[:50]}”.')


def integers(texts: str) -> list[int]:
    """The numbers in ``texts``, which are joined by commas and hold nothing but digits and signs.

    The decoder of JSON reads them in half the time of ``map(int, ...)``; it refuses leading zeros.

    :raises ValueError: something in there is no number.
    """
    try:
        return cast('list[int]', json.loads(f'[{texts}]'))
    except json.JSONDecodeError:
        return [int(text) for text in texts.split(',')]
