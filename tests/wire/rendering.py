"""Replies written as the two families of rTorrent write them, and as strangely as XML allows."""

from __future__ import annotations

import base64
import xmlrpc.client
from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import strategies as st

from lib.wire.values import ILLEGAL

TEXTS = st.text(st.characters(exclude_categories=['Cs'], exclude_characters='\ufffe\uffff')).map(
    lambda text: ILLEGAL.sub('', text)
)
# Texts in which a careless decoder would find markup, references, quotes, or other lines.
TRAPS = st.sampled_from(
    ['', ' ', '"', '\\', '\\"', ']]>', '<value>', '</string></value>', '<!DOCTYPE x>', '&lt;', '&#13;',
     '&amp;lt;', 'a&b;', '\r', '\r\n', '\n', '\t', "'", '1', '-0', '[1,2]', 'null', '<string/>', ',',
     '\u2028', '\x85', '\x7f', '😀', 'ÿ']
)  # fmt: skip
STRINGS = TEXTS | st.lists(TRAPS, max_size=4).map(''.join)
INTEGERS = st.integers(-(2**63), 2**63 - 1) | st.integers(-9, 9)
SCALARS = INTEGERS | STRINGS | st.binary(max_size=20) | st.booleans()
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(STRINGS, inner, max_size=3),
    max_leaves=12,
)


@st.composite
def tables(draw: st.DrawFn) -> list[tuple[int | str, ...]]:
    """Rows that all have the same types, as ``*.multicall`` answers them."""
    kinds = draw(st.lists(st.sampled_from([INTEGERS, STRINGS]), min_size=1, max_size=5))
    return draw(st.lists(st.tuples(*kinds), max_size=6))


Style = Callable[[Any], str]


def escape(text: str) -> str:
    for char, name in ('&', '&amp;'), ('<', '&lt;'), ('>', '&gt;'), ('"', '&quot;'), ('\r', '&#x0d;'):
        text = text.replace(char, name)
    return text


def render(value: Any, blank: str = '', short: bool = False) -> str:
    """``value`` as one element.

    :param blank: written where xmlrpc-c (0.9.8, Debian's 0.16) ends a line; tinyxml2 writes nothing there.
    :param short: empty elements are written as ``<string/>``, which is how tinyxml2 does it.
    """
    if isinstance(value, bool):
        inner = f'<boolean>{int(value)}</boolean>'
    elif isinstance(value, int):
        inner = f'<i8>{value}</i8>'
    elif isinstance(value, str):
        inner = '<string/>' if short and not value else f'<string>{escape(value)}</string>'
    elif isinstance(value, bytes):
        inner = f'<base64>{blank}{base64.b64encode(value).decode()}{blank}</base64>'
    elif isinstance(value, dict):
        members = (
            f'<member><name>{escape(key)}</name>{blank}{render(item, blank, short)}</member>{blank}'
            for key, item in value.items()
        )
        inner = f'<struct>{blank}{"".join(members)}</struct>'
    else:
        items = ''.join(f'{render(item, blank, short)}{blank}' for item in value)
        inner = (
            '<array><data/></array>' if short and not items else f'<array><data>{blank}{items}</data></array>'
        )
    return f'<value>{inner}</value>'


def compact(value: Any) -> str:
    """A whole reply as tinyxml2 writes it."""
    body = render(value, short=True)
    return f'<?xml version="1.0"?><methodResponse><params><param>{body}</param></params></methodResponse>'


def lines(value: Any) -> str:
    """A whole reply as xmlrpc-c writes it."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\r\n<methodResponse>\r\n<params>\r\n'
        f'<param>{render(value, chr(13) + chr(10))}</param>\r\n</params>\r\n</methodResponse>\r\n'
    )


def loose(value: Any) -> str:
    """A whole reply with what is allowed and what nobody does: blanks, comments, references, bare strings."""
    reply = lines(value)
    for plain, strange in (
        ('<i8>', ' <i8> \n'),
        ('</i8>', '<!-- note --> </i8>'),
        ('<value><string>', '<value>'),
        ('</string></value>', '</value>'),
        ('<param>', '<param>\n<!-- note --><?skip me?>'),
        ('<data>', '<data\t>'),
        ('&lt;', '&#60;'),
        ('&amp;', '<![CDATA[&]]>'),
    ):
        reply = reply.replace(plain, strange)
    return reply


def theirs(value: Any) -> Any:
    """A value of ``xmlrpc.client`` as one of ours."""
    if isinstance(value, xmlrpc.client.Binary):
        return value.data
    if isinstance(value, list):
        return [theirs(item) for item in value]
    if isinstance(value, dict):
        return {key: theirs(item) for key, item in value.items()}
    return value


def reference(reply: bytes) -> Any:
    """What ``xmlrpc.client`` makes of a reply."""
    return theirs(xmlrpc.client.loads(reply)[0][0])


FRAGMENTS = [
    *(
        '',
        'x',
        '<',
        '>',
        '&',
        '<value/>',
        '<value></value>',
        '<string/>',
        '<i8>7</i8>',
        '<value><i8>7</i8></value>',
    ),
    *(
        '<value><string>y</string></value>',
        '</data></array></value>',
        '<value><array><data>',
        '\r\n',
        ' ',
        '\0',
    ),
    *('\ufffe', ']]>', '&#0;', '&#65;', '&nbsp;', '<!-- -->', '<![CDATA[<]]>', '<!DOCTYPE x>', '-', '9' * 19),
]


def mutilate(text: str, random: Random) -> str:
    """``text`` with a few parts removed, doubled or replaced by other markup."""
    for _ in range(random.randint(1, 4)):
        start = random.randrange(len(text) + 1)
        end = min(len(text), start + random.choice([0, 1, 1, 3, 8, 17, 40]))
        text = text[:start] + random.choice([*FRAGMENTS, text[start:end] * 2]) + text[end:]
    return text
