"""The quick way through a table: a list of lists that all have the same types of plain values.

One ``findall`` takes all rows, columns are converted as a whole, and the lengths of all that was found have to
add up to the length of the table: so nothing can stand between the rows unseen, and no row can be left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from lib.wire.values import ILLEGAL, Value, integers

TEXT = r'([^<\x00-\x08\x0b\x0c\x0e-\x1f]*+)'
NUMBER = '(-?[0-9]{1,18}+)'

_ROW = '<value><array><data>'
_ROW_END = '</data></array></value>'
_KIND = re.compile(rf'<value>(?:<(i8|i4)>{NUMBER}</\1>|<(string)>{TEXT}</\3>|<string/>)</value>')
_EMPTY = '<string/>'
_SAVED = len('<string></string>') - len(_EMPTY)
# How far the first rows are searched for the way this client writes an empty string.
_SAMPLE = 65536
_MAX_COLUMNS = 200

_MARK = '\0'
_NAMED = (('&lt;', '<'), ('&gt;', '>'), ('&quot;', '"'), ('&apos;', "'"))
_REFERENCE = re.compile('&(?:#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6})|(amp));|&')


class Unusual(Exception):
    """This reply is for the complete parser."""


def read(text: str, at: int, blank: str) -> tuple[list[Sequence[Value]], int] | None:
    """The columns of the table that begins at ``at``, and the position behind its last row.

    :param blank: what stands between two elements, the same everywhere.
    :returns: nothing where this is no table, or not all of its rows have one shape.
    :raises Unusual: a text has something that only the complete parser knows.
    """
    kinds = _kinds(text, at, blank)
    end = text.find(f'{_ROW_END}{blank}</data></array>', at) if kinds else -1
    if end < 0:
        return None
    end += len(_ROW_END) + len(blank)
    short = text.find(_EMPTY, at, min(end, at + _SAMPLE)) >= 0
    columns = _columns(kinds, blank, text, at, end, short)
    if columns is None and not short and text.find(_EMPTY, at, end) >= 0:
        columns = _columns(kinds, blank, text, at, end, True)
    if columns is None:
        # Reading 10,000 rows one by one only to meet the bad byte would cost more than replacing it first.
        if ILLEGAL.search(text, at, end):
            raise Unusual
        return None
    return columns, end


def plain(text: str) -> str:
    """``text`` as XML means it: line ends made one, references resolved.

    :raises Unusual: it is not well-formed.
    """
    if ']]>' in text or (not text.isascii() and ('\ufffe' in text or '\uffff' in text)):
        raise Unusual
    if '\r' in text:
        text = text.replace('\r\n', '\n').replace('\r', '\n')
    if '&' in text:
        for name, meant in _NAMED:
            text = text.replace(name, meant)
        # What follows an ampersand that stood for itself is no reference, so these come last.
        if text.count('&') == text.count('&amp;'):
            return text.replace('&amp;', '&')
        text = _REFERENCE.sub(_resolve, text)
    return text


def _kinds(text: str, at: int, blank: str) -> tuple[str, ...]:
    """The types in the first row, empty where this is no row of plain values."""
    if not text.startswith(_ROW + blank, at):
        return ()
    at += len(_ROW) + len(blank)
    kinds: list[str] = []
    while len(kinds) < _MAX_COLUMNS and (match := _KIND.match(text, at)):
        kinds.append(match[1] or 'string')
        at = match.end() + len(blank)
    return tuple(kinds) if text.startswith(_ROW_END, at) else ()


def _columns(
    kinds: tuple[str, ...], blank: str, text: str, at: int, end: int, short: bool
) -> list[Sequence[Value]] | None:
    pattern, fixed = _shape(kinds, blank, short)
    found = pattern.findall(text, at, end)
    used = fixed * len(found) - (_SAVED * text.count(_EMPTY, at, end) if short else 0)
    columns: list[Sequence[Value]] = []
    for kind, texts in zip(
        kinds, zip(*found, strict=True) if len(kinds) > 1 else [tuple(found)], strict=bool(found)
    ):
        if texts:
            # No text of a row has a comma in a number or a control character in a string: both can be undone.
            mark = _MARK if kind == 'string' else ','
            whole = mark.join(texts)
            used += len(whole) - len(texts) + 1
            columns.append(_strings(texts, whole) if kind == 'string' else integers(whole))
    # Matches cannot overlap, so if their lengths add up there is nothing before, between or after them.
    return columns if used == end - at else None


def _strings(texts: Sequence[str], whole: str) -> Sequence[str]:
    """``texts`` after :func:`plain`, which sees all of them at once."""
    meant = plain(whole)
    return texts if meant is whole else meant.split(_MARK)


@lru_cache(maxsize=128)
def _shape(kinds: tuple[str, ...], blank: str, short: bool) -> tuple[re.Pattern[str], int]:
    """The pattern of a row, and the length of what all its matches have in common.

    :param short: an empty string may also be written ``<string/>``.
    """
    string = f'(?:<string>{TEXT}</string>|{_EMPTY})' if short else f'<string>{TEXT}</string>'
    parts = [_ROW, blank]
    fixed = len(_ROW) + len(_ROW_END) + 2 * len(blank)
    for kind in kinds:
        parts += ['<value>', string if kind == 'string' else f'<{kind}>{NUMBER}</{kind}>', '</value>', blank]
        fixed += len(f'<value><{kind}></{kind}></value>{blank}')
    return re.compile(''.join([*parts, _ROW_END, blank])), fixed


def _resolve(match: re.Match[str]) -> str:
    if match[3]:
        return '&'
    code = int(match[1]) if match[1] else int(match[2] or '0', 16)
    if code > 0x10FFFF or ILLEGAL.match(chr(code)):
        raise Unusual
    return chr(code)
