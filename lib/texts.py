"""Texts from outside: characters that they must not hold, and the numbers that they write.

What XML cannot carry is another thing, a fact of the wire: see :data:`lib.wire.values.ILLEGAL` and
:mod:`lib.methods.arguments`.
"""

from __future__ import annotations

import re

#: For classes of patterns: C0, DEL and C1, which end lines, move cursors and colour terminals.
CONTROLS = r'\x00-\x1f\x7f-\x9f'
#: For classes of patterns: the separators of lines and paragraphs outside of ASCII.
LINE_SEPARATORS = r'\u2028\u2029'
#: For classes of patterns: halves of a surrogate pair, which no UTF-8 can carry.
SURROGATES = r'\ud800-\udfff'

CONTROL = re.compile(f'[{CONTROLS}]')
#: What cannot be shown, or not be carried to where it would be: by UTF-8 (surrogates) or XML (U+FFFE and U+FFFF).
UNFIT = re.compile(rf'[{CONTROLS}{SURROGATES}\ufffe\uffff]')

REPLACEMENT = '\N{REPLACEMENT CHARACTER}'


def printable(text: str) -> str:
    """``text`` for a sentence on one line: also what turns text around or is not seen is replaced."""
    return ''.join(char if char.isprintable() else REPLACEMENT for char in text)


def whole_number(text: str, digits: int = 15) -> int | None:
    """The number that ``text`` writes in ASCII digits, at most so many and nothing else; None where it writes none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None
