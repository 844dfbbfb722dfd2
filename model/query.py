"""The query language of the list: text in, a test for torrents out. docs/query.rst explains it to people.

::

    query     = either                      nothing at all means every torrent
    either    = both { "OR" both }
    both      = one { [ "AND" ] one }
    one       = ( "!" | "NOT" ) one | "[" either "]" | "(" either ")" | condition | word
    condition = field ( "=" | "!=" | "<" | "<=" | ">" | ">=" ) ( text | "/" regex "/" [ "i" ] )
"""

from __future__ import annotations

import re

from lib.errors import QueryError
from lib.words import said
from model import query_fields
from model.query_fields import Test
from model.query_patterns import Run, Value
from model.query_tree import AllOf, AnyOf, Condition, Node, Not, Word

MAX_LENGTH = 1000
MAX_DEPTH = 30

_BLANKS = re.compile(r'\s*')
_CONDITION = re.compile(r'([^\W\d]\w*)(<=|>=|!=|<>|==|=|<|>)')
_BARE = re.compile(r'(?:\\.|[^\s\[\]()\\])*', re.DOTALL)
_QUOTED = re.compile(r'"((?:\\.|[^"\\])*)"', re.DOTALL)
_REGEX = re.compile(r'/((?:\\.|[^/\\])+)/(\w*)', re.DOTALL)
_REGEX_FOR_PATHS = re.compile(r'/((?:\\\S|[^/\\\s])+)/(i?)(?=[\s\])]|$)')
_ESCAPE = re.compile(r'\\(?:([*?\\])|(.))', re.DOTALL)
_OPERATOR_IN_WORD = re.compile(r'(?:\\.|[^<>=\\])*([<>=])', re.DOTALL)
_SAME = {'==': '=', '<>': '!='}
_CLOSES = {'[': ']', '(': ')'}


def parse(text: str) -> Node:
    """The query as a tree; ``str()`` of it is a query that means the same.

    :raises QueryError: it is wrong; says where.
    """
    if len(text) > MAX_LENGTH:
        raise QueryError(
            said('The search is longer than %(max_length)s characters.', max_length=MAX_LENGTH),
            MAX_LENGTH,
            len(text) - MAX_LENGTH,
        )
    return _Parser(text).query()


def compiled(text: str, now: float | None = None) -> Test:
    """``test(row)`` for one pass over a list, of rows of the snapshot.

    :param now: Unix seconds from which durations count back; by default the present.
    :raises QueryError: the query is wrong. The test itself raises it as well, where regular expressions take too long.
    """
    return parse(text).bind(Run(now))


def _unescaped(text: str) -> str:
    """Without the backslashes that a glob does not need."""
    return _ESCAPE.sub(lambda found: found[0] if found[1] else found[2], text)


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self._blanks()

    def query(self) -> Node:
        if not self._next:
            return AllOf(())
        node = self._either()
        if self._next:
            raise QueryError(
                said('“%(next)s” closes a bracket that was not opened.', next=self._next), self._at
            )
        return node

    @property
    def _next(self) -> str:
        return self._text[self._at : self._at + 1]

    def _blanks(self) -> None:
        found = _BLANKS.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _is_keyword(self, word: str) -> bool:
        after = self._text[self._at + len(word) : self._at + len(word) + 1]
        return self._text.startswith(word, self._at) and (after in '[]()!"' or after.isspace())

    def _took(self, word: str, *, keyword: bool = True) -> bool:
        if not (self._is_keyword(word) if keyword else self._next == word):
            return False
        self._at += len(word)
        self._blanks()
        return True

    def _either(self) -> Node:
        parts = [self._both()]
        while self._took('OR'):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _both(self) -> Node:
        parts = [self._one()]
        while self._took('AND') or not (self._next in ('', ']', ')') or self._is_keyword('OR')):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _one(self) -> Node:
        begin = self._at
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise QueryError(
                said('Brackets and NOT are nested deeper than %(max_depth)s times.', max_depth=MAX_DEPTH),
                begin,
            )
        if self._took('!', keyword=False) or self._took('NOT'):
            node: Node = Not(self._one())
        elif self._next in ('[', '('):
            node = self._group()
        else:
            node = self._leaf()
        self._depth -= 1
        self._blanks()
        return node

    def _group(self) -> Node:
        begin, opened = self._at, self._next
        self._took(opened, keyword=False)
        node = self._either()
        if not self._next:
            raise QueryError(said('The bracket “%(opened)s” is not closed.', opened=opened), begin)
        if not self._took(_CLOSES[opened], keyword=False):
            raise QueryError(
                said('The bracket “%(opened)s” is closed by “%(next)s”.', opened=opened, next=self._next),
                self._at,
            )
        return node

    def _leaf(self) -> Node:
        for word in ('OR', 'AND'):
            if self._is_keyword(word):
                raise QueryError(
                    said(
                        '%(word)s needs a condition on both sides; put it in quotes to look for the word.',
                        word=word,
                    ),
                    self._at,
                    len(word),
                )
        if self._next in ('', ']', ')'):
            raise QueryError('A condition is missing here.', self._at, len(self._next))
        found = _CONDITION.match(self._text, self._at)
        if found:
            return self._condition(found)
        value = self._quoted() if self._next == '"' else self._bare()
        return Word(value)

    def _condition(self, found: re.Match[str]) -> Node:
        name = Value(found[1], at=found.start(1), end=found.end(1))
        target, op = query_fields.find(found[1], name), _SAME.get(found[2], found[2])
        self._at = found.end()
        value = self._value(target.name in query_fields.PATHS, op)
        if self._next not in ('', ']', ')') and not self._next.isspace():
            raise QueryError(
                said('A blank is missing here; a value with “%(next)s” in it needs quotes.', next=self._next),
                self._at,
            )
        return Condition(target.name, op, value, query_fields.compare(target, op, value))

    def _value(self, is_path: bool, op: str) -> Value:
        if self._next == '"':
            return self._quoted()
        if self._next == '/':
            found = (_REGEX_FOR_PATHS if is_path else _REGEX).match(self._text, self._at)
            if found or not is_path:
                return self._regex(found)
        begin = self._at
        if self._next in ('', ']', ')') or self._next.isspace():
            raise QueryError(
                said('The value is missing: it follows %(op)s without a blank.', op=op), begin, 0
            )
        return self._bare(words=False)

    def _regex(self, found: re.Match[str] | None) -> Value:
        if not found:
            raise QueryError('The regular expression that begins here is not closed by “/”.', self._at)
        if found[2] not in ('', 'i'):
            raise QueryError('Only “i” may follow a regular expression.', found.start(2), len(found[2]))
        self._at = found.end()
        return Value(found[1], 'regex/i' if found[2] else 'regex', found.start(), found.end())

    def _quoted(self) -> Value:
        found = _QUOTED.match(self._text, self._at)
        if not found:
            raise QueryError('The quote that begins here is not closed.', self._at)
        self._at = found.end()
        return Value(_unescaped(found[1]), 'text', found.start(), found.end())

    def _bare(self, *, words: bool = True) -> Value:
        found = _BARE.match(self._text, self._at)
        if not found or not found[0] or self._text[found.end() : found.end() + 1] == '\\':
            raise QueryError('Nothing follows the backslash.', found.end() if found else self._at)
        stray = _OPERATOR_IN_WORD.match(found[0]) if words else None
        if stray:
            raise QueryError(
                said(
                    '“%(stray)s” needs a field such as ratio right before it, without a blank; put the text in '
                    'quotes to look for it.',
                    stray=stray[1],
                ),
                found.start() + stray.start(1),
            )
        self._at = found.end()
        return Value(_unescaped(found[0]), 'text', found.start(), found.end())
