"""The complete parser of replies, on expat: takes every well-formed reply, and says of all others what they are."""

from __future__ import annotations

import binascii
import math
import re
from collections.abc import Callable
from typing import Final, cast
from xml.parsers import expat

from lib.errors import BadReply
from lib.wire.values import ILLEGAL, INTEGERS, MAX_DEPTH, FaultReply, Value, integer

_BOM = b'\xef\xbb\xbf'
_FLOAT = re.compile(r'[+-]?[0-9]{1,400}(?:\.[0-9]{0,400})?(?:[eE][+-]?[0-9]{1,4})?')
_BLANKS = ' \t\r\n'
_ENCODINGS = {None, 'UTF-8', 'UTF8', 'US-ASCII', 'ASCII'}
_CUT_OFF = {
    expat.errors.codes[name]
    for name in (expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN)
}
_UNSET: Final = object()

# The elements that may stand in each element.
_PARENTS: dict[str, frozenset[str]] = {
    'methodResponse': frozenset({''}),
    'params': frozenset({'methodResponse'}),
    'fault': frozenset({'methodResponse'}),
    'param': frozenset({'params'}),
    'value': frozenset({'param', 'fault', 'data', 'member'}),
    'data': frozenset({'array'}),
    'member': frozenset({'struct'}),
    'name': frozenset({'member'}),
    **{
        name: frozenset({'value'})
        for name in (*INTEGERS, 'string', 'base64', 'boolean', 'double', 'array', 'struct')
    },
}


def parse(text: str) -> Value:
    """The value of a reply that went through :func:`clean`.

    :raises FaultReply: the reply is a fault.
    :raises BadReply: it is not a reply of XML-RPC, or is cut off.
    """
    return _Parser().parse(text.encode('utf-8'))


def clean(reply: bytes) -> str:
    """The text of a reply in which one bad byte costs one character and not the whole list."""
    return ILLEGAL.sub('\ufffd', reply.removeprefix(_BOM).decode('utf-8', 'replace'))


class _Parser:
    """The handlers of expat and what they remember; used once."""

    def __init__(self) -> None:
        self._open = ['']
        self._values: list[object] = []
        self._lists: list[list[Value]] = [[]]
        self._names: list[list[str]] = []
        self._text: list[str] = []
        self._is_fault = False
        self._ends: dict[str, Callable[[], None]] = {
            'value': self._end_value,
            'array': self._end_array,
            'struct': self._end_struct,
            'member': self._end_member,
            'name': self._end_name,
        }

    def parse(self, data: bytes) -> Value:
        parser = expat.ParserCreate('utf-8')
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.XmlDeclHandler = _check_declaration
        try:
            parser.Parse(data, True)
        except expat.ExpatError as error:
            raise _ill_formed(data, error) from error
        return self._result()

    def _result(self) -> Value:
        if len(self._lists[0]) != 1:
            raise BadReply(f'The reply holds {len(self._lists[0])} values where one is expected.')
        value = self._lists[0][0]
        if not self._is_fault:
            return value
        fault = value if isinstance(value, dict) else {}
        code, text = fault.get('faultCode'), fault.get('faultString')
        if not isinstance(code, int) or not isinstance(text, str):
            raise BadReply(
                'The reply is a fault without code and text. Another program may answer at this address.'
            )
        raise FaultReply(code, text)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._open == [''] and name != 'methodResponse':
            raise _foreign()
        if self._open[-1] not in _PARENTS.get(name, ()):
            raise BadReply(f'The reply has “{name[:50]}” where XML-RPC knows no such element.')
        self._open.append(name)
        self._text.clear()
        if name == 'value':
            self._values.append(_UNSET)
        elif name in ('array', 'struct'):
            self._lists.append([])
            self._names.append([])
            if len(self._lists) > MAX_DEPTH:
                raise BadReply(f'The lists in the reply are nested more than {MAX_DEPTH} deep.')
        elif name == 'fault':
            self._is_fault = True

    def _end(self, name: str) -> None:
        self._open.pop()
        end = self._ends.get(name)
        if end:
            end()
        elif self._open[-1] == 'value':
            self._set(scalar(name, ''.join(self._text)))

    def _set(self, value: Value) -> None:
        if self._values[-1] is not _UNSET:
            raise BadReply('A value in the reply has more than one content.')
        self._values[-1] = value

    def _end_value(self) -> None:
        value = self._values.pop()
        self._lists[-1].append(''.join(self._text) if value is _UNSET else cast(Value, value))
        self._text.clear()

    def _end_array(self) -> None:
        self._names.pop()
        self._set(self._lists.pop())

    def _end_struct(self) -> None:
        self._set(dict(zip(self._names.pop(), self._lists.pop(), strict=True)))

    def _end_name(self) -> None:
        self._names[-1].append(''.join(self._text))

    def _end_member(self) -> None:
        if len(self._names[-1]) != len(self._lists[-1]):
            raise BadReply('A member of a struct in the reply lacks its name or its value.')


def scalar(kind: str, text: str) -> Value:
    """The value of one element that holds text only.

    :raises BadReply: the text is none of this kind.
    """
    if kind == 'string':
        return text
    if kind == 'base64':
        try:
            return binascii.a2b_base64(text)
        except (binascii.Error, ValueError):
            raise BadReply('The reply holds base64 that cannot be decoded.') from None
    stripped = text.strip(_BLANKS)
    if kind in INTEGERS:
        return integer(stripped)
    if kind == 'boolean' and stripped in ('0', '1'):
        return stripped == '1'
    if kind == 'double' and _FLOAT.fullmatch(stripped) and math.isfinite(float(stripped)):
        return float(stripped)
    raise BadReply(f'The reply holds a {kind} that is none: “{ILLEGAL.sub("?", text)[:50]}”.')


def _refuse_doctype(*_: object) -> None:
    raise BadReply(
        'The reply declares a document type, which XML-RPC never does. Another program may answer here.'
    )


def _check_declaration(version: str, encoding: str | None, standalone: int) -> None:
    if (encoding.upper() if encoding else None) not in _ENCODINGS:
        raise BadReply(f'The reply is encoded in {str(encoding)[:40]}; only UTF-8 is understood.')


def _ill_formed(data: bytes, error: expat.ExpatError) -> BadReply:
    if not data.strip():
        return BadReply('The reply is empty. Check that rTorrent answers at this address.')
    if b'<methodResponse' not in data[:1000]:
        return _foreign()
    if error.code in _CUT_OFF:
        return BadReply(
            f'The reply is cut off after {len(data)} bytes. Try again; if it stays, look at the client’s log.'
        )
    return BadReply(
        f'The reply is not well-formed XML ({expat.ErrorString(error.code)}, byte {error.offset}, line {error.lineno}).'
    )


def _foreign() -> BadReply:
    return BadReply('The reply is not XML-RPC. Check the address: another program seems to answer there.')
