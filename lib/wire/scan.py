"""The quick parser of replies, for what rTorrent really writes.

It takes a part of XML-RPC only: no blanks where rTorrent writes none, no comments, no attributes, short numbers.
What it takes it takes exactly as :mod:`lib.wire.expat` would; everything else raises ``Unusual``, and the complete
parser does that reply.
"""

from __future__ import annotations

import re
from typing import cast

from lib.wire import table
from lib.wire.expat import scalar
from lib.wire.table import NUMBER, TEXT, Unusual
from lib.wire.values import MAX_DEPTH, FaultReply, Value

_WS = r'[ \t\r\n]*'
_HEAD = re.compile(
    rf'(?:<\?xml version="1\.0"(?: encoding="(?:UTF|utf)-8")?\?>)?{_WS}<methodResponse>{_WS}'
    rf'(?:<params>{_WS}<param>|(<fault>)){_WS}'
)
_TAIL = re.compile(rf'</param>{_WS}</params>{_WS}</methodResponse>{_WS}')
_FAULT_TAIL = re.compile(rf'</fault>{_WS}</methodResponse>{_WS}')
_SCALAR = re.compile(
    rf'<value>(?:<(i8|i4|int)>{NUMBER}</\1>|<(string|base64|boolean)>{TEXT}</\3>|<string/>)</value>{_WS}'
)
_LIST = re.compile(rf'<value><(array><data|struct)(/?)>({_WS})')
_LIST_END = re.compile(rf'</data></array></value>{_WS}')
_EMPTY_END = re.compile(rf'</array></value>{_WS}')
_STRUCT_END = re.compile(rf'</struct></value>{_WS}')
_NAME = re.compile(rf'<member>{_WS}<name>{TEXT}</name>{_WS}')
_MEMBER_END = re.compile(rf'</member>{_WS}')


def parse(text: str, tuples_at: int = 0) -> Value:
    """The value of a reply.

    :param tuples_at: the depth of lists (the outermost has 1) in which the rows of a table become tuples.
    :raises FaultReply: the reply is a fault.
    :raises Unusual: the reply has something this parser does not know.
    """
    head = _HEAD.match(text)
    if not head:
        raise Unusual
    value, end = _value(text, head.end(), tuples_at, 0)
    if not (_FAULT_TAIL if head[1] else _TAIL).fullmatch(text, end):
        raise Unusual
    if not head[1]:
        return value
    fault = value if isinstance(value, dict) else {}
    code, words = fault.get('faultCode'), fault.get('faultString')
    if not isinstance(code, int) or not isinstance(words, str):
        raise Unusual
    raise FaultReply(code, words)


def _value(text: str, at: int, tuples_at: int, depth: int) -> tuple[Value, int]:
    """The value at ``at`` and the position behind it."""
    match = _SCALAR.match(text, at)
    if match:
        return _scalar(match), match.end()
    match = _LIST.match(text, at)
    if not match or depth >= MAX_DEPTH - 2:
        raise Unusual
    if match[2]:
        return _empty(text, match)
    if match[1] == 'struct':
        return _struct(text, match.end(), tuples_at, depth + 1)
    return _list(text, match.end(), match[3], tuples_at, depth + 1)


def _scalar(match: re.Match[str]) -> Value:
    if match[1]:
        return int(match[2])
    if not match[3]:
        return ''
    text = table.plain(match[4])
    return text if match[3] == 'string' else scalar(match[3], text)


def _empty(text: str, match: re.Match[str]) -> tuple[Value, int]:
    """``<data/>``, as the versions with tinyxml2 write an empty list."""
    end = _EMPTY_END.match(text, match.end())
    if match[1] == 'struct' or not end:
        raise Unusual
    return [], end.end()


def _list(text: str, at: int, blank: str, tuples_at: int, depth: int) -> tuple[Value, int]:
    items: list[Value] = []
    rows = table.read(text, at, blank)
    if rows:
        columns, at = rows
        tuples = zip(*columns, strict=True)
        items = cast('list[Value]', list(tuples if depth == tuples_at else map(list, tuples)))
    while not (end := _LIST_END.match(text, at)):
        item, at = _value(text, at, tuples_at, depth)
        items.append(item)
    return items, end.end()


def _struct(text: str, at: int, tuples_at: int, depth: int) -> tuple[Value, int]:
    members: dict[str, Value] = {}
    while not (end := _STRUCT_END.match(text, at)):
        name = _NAME.match(text, at)
        if not name:
            raise Unusual
        value, at = _value(text, name.end(), tuples_at, depth)
        closed = _MEMBER_END.match(text, at)
        if not closed:
            raise Unusual
        members[table.plain(name[1])] = value
        at = closed.end()
    return members, end.end()
