"""The XML-RPC codec: values to request bytes, reply bytes to values. Pure; nothing here knows a socket."""

from __future__ import annotations

import binascii
import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence

from lib.errors import BadReply, Fault, MethodMissing, NoSuchTorrent, UsageError
from lib.wire import expat, scan
from lib.wire.table import Unusual
from lib.wire.values import ILLEGAL, FaultReply, Value

_METHOD = re.compile(r'[A-Za-z0-9_.:/]{1,200}')
_ASTRAL = re.compile('[\U00010000-\U0010ffff]')
_MAX_NESTING = 32
_MISSING = {-506, -32601}
_NO_COMMAND = re.compile(r'Command "[^"]*" does not exist')
_HEAD = '<?xml version="1.0"?>\n<methodCall><methodName>'


def dumps(method: str, params: Sequence[Value]) -> bytes:
    """A call as the body of a request.

    :raises UsageError: the name is no method's, or a value cannot be carried by XML-RPC.
    """
    parts = [_HEAD, _name(method), '</methodName><params>']
    for param in params:
        parts.append('<param>')
        _write(param, parts, 0)
        parts.append('</param>')
    parts.append('</params></methodCall>')
    return ''.join(parts).encode('utf-8')


def multicall_dumps(calls: Sequence[tuple[str, Sequence[Value]]]) -> bytes:
    """Several calls as one ``system.multicall``.

    rTorrent built with tinyxml2 takes the first member of each struct as the method whatever its name is, so
    the order (methodName, params) is part of what keeps a call from being another.

    :raises UsageError: as :func:`dumps`.
    """
    return dumps(
        'system.multicall', [[{'methodName': _name(name), 'params': list(params)} for name, params in calls]]
    )


def loads(reply: bytes) -> Value:
    """The value of a reply.

    :raises Fault: the client answered with a fault.
    :raises BadReply: the bytes are not a reply of XML-RPC.
    """
    return _parse(reply)


def rows(reply: bytes) -> list[tuple[Value, ...]]:
    """The rows of a ``*.multicall`` reply.

    :raises Fault: the client answered with a fault.
    :raises BadReply: the bytes are not a reply of XML-RPC, or not rows.
    """
    table = as_rows(_parse(reply, 1))
    if table is None:
        raise BadReply('The reply is not a table of rows. Another program may answer at this address.')
    return table


def multicall_loads(reply: bytes) -> list[Value | Fault]:
    """The results of a ``system.multicall``: a fault is an object in its place, a table is a list of tuples.

    :raises Fault: the client refused the whole request.
    :raises BadReply: the bytes are not the reply to a ``system.multicall``.
    """
    results = _parse(reply, 3)
    if not isinstance(results, list):
        raise BadReply(
            'The reply to several calls is not a list. Another program may answer at this address.'
        )
    return [_member(result) for result in results]


def as_rows(value: Value) -> list[tuple[Value, ...]] | None:
    """``value`` as rows if it is a list of nothing but lists."""
    if isinstance(value, list) and all(isinstance(row, list | tuple) for row in value):
        return [tuple(row) for row in value]
    return None


def fault(code: int, text: str) -> Fault:
    """The error for a fault, by what the versions of rTorrent agree on: codes for methods, words for hashes."""
    clean = ILLEGAL.sub('\ufffd', text)
    if code in _MISSING or _NO_COMMAND.search(clean):
        return MethodMissing(code, clean)
    if 'info-hash' in clean:
        return NoSuchTorrent(code, clean)
    return Fault(code, clean)


def _parse(reply: bytes, tuples_at: int = 0) -> Value:
    """The value of a reply by the quick parser, or else by the complete one, which knows no tuples."""
    text = ''
    try:
        for text in _readings(reply):
            with contextlib.suppress(Unusual):
                return scan.parse(text, tuples_at)
        return expat.parse(text)
    except FaultReply as reply_fault:
        raise fault(reply_fault.fault_code, reply_fault.text) from None


def _readings(reply: bytes) -> Iterator[str]:
    """The reply as text: as it is, which is the normal case, and else with each illegal character replaced."""
    strict = None
    with contextlib.suppress(UnicodeDecodeError):
        strict = reply.decode('utf-8')
        yield strict
    clean = expat.clean(reply)
    if clean != strict:
        yield clean


def _member(result: Value) -> Value | Fault:
    if isinstance(result, dict):
        code, text = result.get('faultCode'), result.get('faultString')
        if isinstance(code, int) and isinstance(text, str):
            return fault(code, text)
    elif isinstance(result, list | tuple) and len(result) == 1:
        value = result[0]
        table = as_rows(value) if value else None
        return value if table is None else table
    raise BadReply('A result among several is neither a value nor a fault. Another program may answer here.')


def _name(method: str) -> str:
    if not isinstance(method, str) or not _METHOD.fullmatch(method):
        raise UsageError(f'“{str(method)[:100]}” is not the name of a command.', field='method')
    return method


def _write(value: Value, parts: list[str], depth: int) -> None:
    if depth > _MAX_NESTING:
        raise UsageError(f'A value is nested more than {_MAX_NESTING} deep; rTorrent takes no such thing.')
    if isinstance(value, str):
        parts.append(_string(value))
    elif isinstance(value, int):
        parts.append(_integer(int(value)))
    elif isinstance(value, bytes):
        parts.append(_base64(value))
    elif isinstance(value, list | tuple):
        parts.append('<value><array><data>')
        for item in value:
            _write(item, parts, depth + 1)
        parts.append('</data></array></value>')
    elif isinstance(value, dict):
        _write_struct(value, parts, depth)
    else:
        raise UsageError(
            f'rTorrent takes no value of the type {type(value).__name__}: use a number, text or a list.'
        )


def _write_struct(value: Mapping[str, Value], parts: list[str], depth: int) -> None:
    parts.append('<value><struct>')
    for key, item in value.items():
        if not isinstance(key, str):
            raise UsageError('The names in a struct have to be text.')
        parts.append(f'<member><name>{_text(key)}</name>')
        _write(item, parts, depth + 1)
        parts.append('</member>')
    parts.append('</struct></value>')


def _string(value: str) -> str:
    text = _text(value)
    # xmlrpc-c (0.9.8, Debian's 0.16) refuses a request with such a character, and takes its bytes as base64.
    if _ASTRAL.search(value):
        return _base64(value.encode('utf-8'))
    return f'<value><string>{text}</string></value>'


def _base64(value: bytes) -> str:
    encoded = binascii.b2a_base64(value, newline=False).decode('ascii')
    return f'<value><base64>{encoded}</base64></value>'


def _integer(value: int) -> str:
    if -(2**31) <= value < 2**31:
        return f'<value><i4>{value}</i4></value>'
    if -(2**63) <= value < 2**63:
        return f'<value><i8>{value}</i8></value>'
    raise UsageError('A number is outside the 64 bits that rTorrent can carry.')


def _text(text: str) -> str:
    bad = ILLEGAL.search(text)
    if bad:
        raise UsageError(
            f'The text has a character that XML cannot carry, U+{ord(bad[0]):04X} at position '
            f'{bad.start() + 1}. Remove it.'
        )
    text = text.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;').replace('\r', '&#13;')
    # tinyxml2 drops text that is nothing but blanks, unless its first is written as a reference.
    return f'&#{ord(text[0])};{text[1:]}' if text.isspace() and text[0] in ' \t\n' else text
