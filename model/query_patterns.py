"""Comparing text with what a query says: as it is, with ``*`` and ``?``, or by a regular expression.

No text and no pattern may hold a thread. A glob becomes an expression of atomic groups, which never goes back over
what it has matched. Regular expressions are RE2's, whose time is linear in the text (it has no back-references and no
look-around); its memory and the length of the text are bounded here, so one comparison takes milliseconds at worst,
and :class:`Run` bounds all of a search.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import re2

from lib.errors import QueryError
from lib.format import clip
from lib.words import said

#: Characters of a text that a pattern looks at; a path has no more.
MAX_TEXT = 4096
#: Seconds of this thread's own processor time that a search may take.
BUDGET = 1.0

_MAX_PROGRAM = 1 << 20  # bytes of a compiled expression and of its cache
_UNITS = re.compile(r'\\.|[*?]|[^\\*?]+', re.DOTALL)

Check = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Value:
    """What stands to the right of an operator, or alone.

    :ivar text: of a regular expression, what is between the slashes; else the text, in which a backslash makes ``*``,
        ``?`` and itself ordinary.
    :ivar kind: ``text``, ``regex`` or ``regex/i``.
    :ivar at: where it begins in the query; ``end``: and ends.
    """

    text: str
    kind: str = 'text'
    at: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

    @property
    def plain(self) -> str:
        """The text with no character special."""
        return re.sub(r'\\(.)', r'\1', self.text, flags=re.DOTALL)

    def __str__(self) -> str:
        if self.kind == 'text':
            return '"' + self.text.replace('"', '\\"') + '"'
        return f'/{self.text}/' + self.kind.removeprefix('regex').removeprefix('/')

    def wrong(self, message: str, *, nearest: str | None = None, **params: object) -> QueryError:
        """What is wrong with this value; *message* may hold ``%(value)s`` for it, and the names of *params*."""
        shown = clip(self.plain if self.kind == 'text' else str(self), 60)
        text = said(message, value=shown, **params)
        return QueryError(text, self.at, self.end - self.at, nearest=nearest)


class Run:
    """One evaluation of a query, in one thread.

    :ivar timed: whether what is bound to it depends on the time.
    """

    def __init__(self, now: float | None = None) -> None:
        self._now = time.time() if now is None else now
        self._until = time.thread_time() + BUDGET
        self.timed = False

    @property
    def now(self) -> float:
        """Unix seconds."""
        self.timed = True
        return self._now

    @property
    def spent(self) -> bool:
        """Whether the search has had its time."""
        return time.thread_time() > self._until

    def charge(self, value: Value) -> None:
        """:raises QueryError: regular expressions have had their time."""
        if self.spent:
            raise value.wrong(
                'The search was given up, because “%(value)s” takes too long on this list. Use a simpler expression.'
            )


def whole(value: Value) -> Check:
    """Whether a text is this one, from beginning to end; case does not matter."""
    pieces = _pieces(value.text)
    if pieces == [None]:
        wanted = value.plain.casefold()
        return lambda text: text.casefold() == wanted
    first, *middle, last = [piece or '' for piece in pieces] if len(pieces) > 1 else [pieces[0] or '', '']
    tail = f'.*{last}' if len(pieces) > 1 else ''
    return _matching(first + _atoms(middle) + tail + r'\Z')


def anywhere(value: Value) -> Check:
    """Whether this is somewhere in a text; case does not matter."""
    pieces = _pieces(value.text)
    if pieces == [None]:
        wanted = value.plain.casefold()
        return lambda text: wanted in text.casefold()
    return _matching(_atoms([piece or '' for piece in pieces]))


def _pieces(glob: str) -> list[str | None]:
    """The expressions between the stars of a glob; ``[None]`` for a text without stars and question marks."""
    pieces, special = [''], False
    for unit in _UNITS.findall(glob.casefold()):
        if unit == '*':
            pieces.append('')
        elif unit == '?':
            pieces[-1] += '.'
        else:
            pieces[-1] += re.escape(unit[1:] if unit[0] == '\\' else unit)
        special = special or unit in '*?'
    return list(pieces) if special else [None]


def _atoms(pieces: list[str]) -> str:
    """The pieces, each at the first place where it fits after the one before: to try another one would gain nothing."""
    return ''.join(f'(?>.*?{piece})' for piece in pieces if piece)


def _matching(expression: str) -> Check:
    compiled = re.compile(expression, re.DOTALL)
    return lambda text: compiled.match(text[:MAX_TEXT].casefold()) is not None


def regex(value: Value) -> Callable[[Run], Check]:
    """Whether the expression matches somewhere in a text.

    :raises QueryError: RE2 does not have it, or it is too large.
    """
    options = re2.Options()
    options.max_mem = _MAX_PROGRAM
    options.log_errors = False
    options.case_sensitive = value.kind == 'regex'
    try:
        compiled = re2.compile(value.text.encode('utf-8', 'surrogatepass'), options)
    except re2.error as error:
        raise value.wrong(
            '“%(value)s” is not a regular expression that can be used here: %(reason)s. There are no back-references '
            'and no look-around.',
            reason=_reason(error),
        ) from None

    def bound(run: Run) -> Check:
        def check(text: str) -> bool:
            found = compiled.search(text[:MAX_TEXT].encode('utf-8', 'replace')) is not None
            run.charge(value)
            return found

        return check

    return bound


def _reason(error: Exception) -> str:
    said = error.args[0] if error.args else ''
    words = said.decode('utf-8', 'replace') if isinstance(said, bytes) else str(said)
    return clip(words.strip() or 'it is refused', 120)
