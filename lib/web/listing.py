"""The list as its address asks for it: which view and target, which words, which order, which page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from lib.errors import UnknownName, UsageError
from lib.web.present import COLUMNS
from model import fields, query
from model.fields import INDEX, Row

#: A torrent in a list of several clients.
Entry = tuple[str, Row]


@dataclass(frozen=True)
class Ask:
    """What the address says.

    :ivar target: one client's name, or ``''`` for all.
    :ivar page: from 1.
    """

    view: str = 'main'
    target: str = ''
    query: str = ''
    sort: str = 'name'
    descending: bool = False
    page: int = 1

    def args(self, **changes: Any) -> dict[str, Any]:
        """The query of the address that asks for this with ``changes``; what is default is left out."""
        asked = replace(self, **changes)
        sort = ('-' if asked.descending else '') + asked.sort
        given = {
            'view': asked.view,
            'target': asked.target,
            'q': asked.query,
            'sort': sort,
            'page': asked.page,
        }
        return {key: value for key, value in given.items() if value != _DEFAULTS[key]}


_DEFAULTS = {'view': 'main', 'target': '', 'q': '', 'sort': 'name', 'page': 1}


def read(args: Any, page_size: int) -> Ask:
    """The Ask of a request's query.

    :raises UsageError: a sort key or page that does not exist.
    """
    sort = args.get('sort', 'name')
    key = sort.removeprefix('-')
    if key not in KEYS:
        raise UnknownName('column to sort by', key, KEYS, field='sort')
    page = args.get('page', '1')
    if not page.isascii() or not page.isdigit() or not 1 <= len(page) <= 7 or int(page) < 1:
        raise UsageError(f'“{page[:20]}” is not a page: use a number from 1.', field='page')
    sought = args.get('q', '').strip()
    if len(sought) > query.MAX_LENGTH:  # every link of the page would hold it
        raise UsageError(f'The search is longer than {query.MAX_LENGTH} characters.', field='q')
    return Ask(
        args.get('view') or 'main', args.get('target', ''), sought, key, sort.startswith('-'), int(page)
    )


def _text(key: str) -> Callable[[Row], Any]:
    at = INDEX[key]
    return lambda row: (row[at] or '').casefold()


def _number(key: str) -> Callable[[Row], Any]:
    at = INDEX[key]
    return lambda row: -1 if row[at] is None else row[at]


def _eta(row: Row) -> int:
    left = fields.eta(row)
    return _NEVER if left is None else left


_NEVER = 1 << 62  # seconds, of what does not end

#: What a column sorts by; one for each of ``present.COLUMNS``.
KEYS: dict[str, Callable[[Row], Any]] = {
    'name': _text('name'),
    'state': fields.state_of,
    'size': _number('size_bytes'),
    'done': fields.progress,
    'down': _number('down_rate'),
    'up': _number('up_rate'),
    'eta': _eta,
    'ratio': _number('ratio'),
    'peers': _number('peers_connected'),
    'label': _text('label'),
    'added': _number('added'),
}
assert list(KEYS) == [key for key, *_ in COLUMNS]


def select(entries: Iterable[Entry], ask: Ask) -> list[Entry]:
    """The entries that the query means, in order.

    Equal ones are ordered by name, so that rows do not change places from one look to the next.

    :raises QueryError: the query is wrong, or its regular expressions take too long.
    """
    if ask.query:
        means = query.compiled(ask.query)
        entries = [entry for entry in entries if means(entry[1], entry[0])]
    by_name, key = KEYS['name'], KEYS[ask.sort]
    ordered = sorted(
        entries, key=lambda entry: by_name(entry[1]), reverse=ask.sort == 'name' and ask.descending
    )
    if ask.sort != 'name':
        ordered.sort(key=lambda entry: key(entry[1]), reverse=ask.descending)
    if ask.sort == 'eta' and ask.descending:  # what does not end comes last, whichever way
        ordered.sort(key=lambda entry: _eta(entry[1]) == _NEVER)
    return ordered


def window(entries: list[Entry], page: int, size: int) -> tuple[list[Entry], int]:
    """The entries of one page, and the page that was really taken: past the end is the last one."""
    last = max(1, -(-len(entries) // size))
    page = min(page, last)
    return entries[(page - 1) * size : page * size], page
