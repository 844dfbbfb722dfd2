"""What may follow in a search that somebody types: fields, and for each field the values that there are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from lib.words import N_, said_n
from model import query
from model.fields import STATES
from model.query_fields import BY_NAME, FIELDS, KINDS, PATHS, QueryField
from model.snapshot import Snapshot

MOST = 12  # items
_MAX_VALUE = 200  # characters of a value worth completing

#: Fields whose values are few enough to be offered from what torrents have.
_TOLD = frozenset({'label', 'tracker', 'target', 'directory', 'throttle', 'message'})
_EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    'state': tuple((state, '') for state in STATES),
    'flag': (('yes', ''), ('no', '')),
    'priority': (('off', ''), ('low', ''), ('normal', ''), ('high', '')),
    'size': (('100k', ''), ('100m', ''), ('1g', ''), ('10g', '')),
    'percent': (('50', ''), ('100', N_('complete'))),
    'ratio': (('1', ''), ('2', '')),
    'number': (('0', ''), ('1', '')),
    'time': (('1h', N_('an hour')), ('1d', N_('a day')), ('1w', N_('a week')), ('1M', N_('30 days'))),
    'duration': (('10m', N_('ten minutes')), ('1h', N_('an hour')), ('1d', N_('a day'))),
}
_KEYWORDS = (
    ('OR', N_('one side or the other')),
    ('AND', N_('both sides')),
    ('NOT', N_('what follows is not so')),
)
# One part of a search: a condition or a word, as far as it has been typed. Nothing in it can be matched in two ways.
_PART = re.compile(
    r'!*(?:(?P<field>[^\W\d]\w*)(?P<op><=|>=|!=|<>|==|=|<|>))?'
    r'(?P<value>"(?:\\.|[^"\\])*"?|(?:\\.|[^\s\[\]()\\"])*\\?)',
    re.DOTALL,
)
_NEEDS_QUOTES = re.compile(r'[\s\[\]()"]|^[=<>!]')
_SPECIAL = re.compile(r'([*?\\"])')


class Item(NamedTuple):
    """:ivar text: takes the place of what was typed; ``what`` it is, for people."""

    text: str
    what: str


@dataclass(frozen=True, slots=True)
class Completion:
    """What may stand from ``start`` to before ``end`` of the text, the likeliest first."""

    start: int
    end: int
    items: tuple[Item, ...]


def complete(text: str, at: int, snapshot: Snapshot) -> Completion:
    """The completions of a search where its cursor is; nothing wrong with it is an error here.

    :param at: characters before the cursor.
    """
    at = max(0, min(at, len(text)))
    part = _part(text, at) if len(text) <= query.MAX_LENGTH else None
    if part is None:
        return Completion(at, at, ())
    begin = part.start('value')
    if part['op'] and at >= begin:
        field = BY_NAME.get(part['field'].lower())
        typed = text[begin:at]
        items = _values(field, part['op'], typed, snapshot) if field and not _is_regex(field, typed) else ()
        return Completion(begin, part.end('value'), _first(items))
    begin = part.end() - len(part[0].lstrip('!'))
    typed = text[begin:at]
    items = _names(typed) if not typed.startswith('"') else ()
    return Completion(begin, part.end('op') if part['op'] else part.end(), _first(items))


def _part(text: str, at: int) -> re.Match[str] | None:
    """The part that the cursor is in or behind."""
    found = None
    for part in _PART.finditer(text):
        if part.start() > at:
            break
        if at <= part.end() and (part[0] or found is None):
            found = part
            if part[0]:
                break
    return found


def _first(items: Iterable[Item]) -> tuple[Item, ...]:
    found: dict[str, Item] = {}
    for item in items:
        found.setdefault(item.text, item)
        if len(found) == MOST:
            break
    return tuple(found.values())


def _is_regex(field: QueryField, typed: str) -> bool:
    return typed.startswith('/') and field.name not in PATHS


def _names(typed: str) -> Iterator[Item]:
    """Names of fields that begin so; of one that is whole, its operators."""
    sought = typed.lower()
    whole = BY_NAME.get(sought)
    if whole:
        operators = ('=', '>', '<', '>=', '<=', '!=') if KINDS[whole.kind].ordered else ('=', '!=')
        yield from (Item(f'{typed}{op}', whole.help) for op in operators)
    yield from (
        Item(_begun(name, field), field.help)
        for names in (lambda field: (field.name,), lambda field: field.also)
        for field in FIELDS
        for name in names(field)
        if name.startswith(sought) and name != sought
    )
    if typed:
        yield from (Item(word, what) for word, what in _KEYWORDS if word.startswith(typed) and word != typed)


def _begun(name: str, field: QueryField) -> str:
    """A condition up to its value, with the operator that is usual."""
    if field.kind in ('time', 'duration'):
        return f'{name}<'
    return f'{name}{">" if field.kind in ("size", "ratio", "number") else "="}'


def _values(field: QueryField, op: str, typed: str, snapshot: Snapshot) -> Iterator[Item]:
    sought = _plain(typed).casefold()
    if field.name in _TOLD:
        counts = _counted(snapshot, field.at)
        inside = sorted(
            counts.items(), key=lambda item: (not item[0].casefold().startswith(sought), -item[1], item[0])
        )
        yield from (
            Item(_quoted(field, value), said_n('%(num)s torrent', '%(num)s torrents', count))
            for value, count in inside
            if sought in value.casefold() and len(value) <= _MAX_VALUE
        )
        return
    if field.kind == 'time' and op in ('=', '==', '!=', '<>'):
        return  # no torrent is a week old to the second
    yield from (
        Item(value, what) for value, what in _EXAMPLES.get(field.kind, ()) if value.startswith(sought)
    )


def _counted(snapshot: Snapshot, at: int) -> Counter[str]:
    _, rows = snapshot.all()
    return Counter(row[at] or '' for row in rows)


def _plain(typed: str) -> str:
    return re.sub(r'\\(.)', r'\1', typed.removeprefix('"').removesuffix('"'), flags=re.DOTALL)


def _quoted(field: QueryField, value: str) -> str:
    """A value as it is written in a search."""
    written = _SPECIAL.sub(r'\\\1', value)
    regex = value.startswith('/') and (field.name not in PATHS or value.endswith('/'))
    return f'"{written}"' if not value or regex or _NEEDS_QUOTES.search(value) else written
