"""The fields that a query may name, and what may be compared with them: one table, for the parser and the reference."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from lib.errors import UnknownName
from lib.words import N_, named, said
from model.fields import AT, STATES, Row
from model.query_patterns import Run, Value, regex, whole

#: Whether a torrent, by its row in the snapshot, is meant.
Test = Callable[[Row], bool]
#: Makes a Test for one evaluation.
Bind = Callable[[Run], Test]

OPERATORS = ('=', '!=', '<', '<=', '>', '>=')
# One function for each relation, since thousands of rows pass it: what is not known compares with nothing.
_COMPARE: dict[str, Callable[[int, int | None, float], Test]] = {
    '=': lambda at, unknown, bound: lambda row: row[at] == bound and row[at] != unknown,
    '<': lambda at, unknown, bound: (
        lambda row: (got := row[at]) is not None and got < bound and got != unknown
    ),
    '<=': lambda at, unknown, bound: (
        lambda row: (got := row[at]) is not None and got <= bound and got != unknown
    ),
    '>': lambda at, unknown, bound: (
        lambda row: (got := row[at]) is not None and got > bound and got != unknown
    ),
    '>=': lambda at, unknown, bound: (
        lambda row: (got := row[at]) is not None and got >= bound and got != unknown
    ),
}
_DECIMAL = re.compile(r'-?[0-9]{1,15}(\.[0-9]{1,6})?')
_SIZE = re.compile(r'([0-9]{1,15}(?:\.[0-9]{1,6})?)([kmgtp]?)(?:i?b)?', re.IGNORECASE)
_DURATION = re.compile(r'(?:[0-9]{1,9}[yMwdhms])+')
_PARTS = re.compile(r'([0-9]+)([yMwdhms])')
_DATE = re.compile(r'[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2})?)?')
_SECONDS = {'y': 365 * 86400, 'M': 30 * 86400, 'w': 7 * 86400, 'd': 86400, 'h': 3600, 'm': 60, 's': 1}
_FLAGS = {'yes': True, 'true': True, '1': True, 'no': False, 'false': False, '0': False}
_PRIORITIES = {'off': 0, 'low': 1, 'normal': 2, 'high': 3}


@dataclass(frozen=True, slots=True)
class QueryField:
    """One name of the query language.

    :ivar kind: the key of its kind in :data:`KINDS`.
    :ivar help: what it is, for the reference.
    :ivar at: its place in a row of the snapshot.
    :ivar also: other names that mean the same: the row's, and rtcontrol's.
    :ivar unknown: the number that says that the value is not known, as None does.
    """

    name: str
    kind: str
    help: str
    at: int
    also: tuple[str, ...] = ()
    unknown: int | None = None


def _column(
    name: str, kind: str, what: str, key: str = '', also: tuple[str, ...] = (), unknown: int | None = None
) -> QueryField:
    """A field by the column it is, where that has another name."""
    names = (key, *also) if key else also
    others = tuple(dict.fromkeys(each for each in names if each != name))
    return QueryField(name, kind, what, AT[key or name], others, unknown)


def _moment(name: str, what: str, also: tuple[str, ...] = ()) -> QueryField:
    return _column(name, 'time', what, also=also, unknown=0)


FIELDS: tuple[QueryField, ...] = (
    _column('name', 'text', N_('The name.')),
    _column('hash', 'text', N_('The info hash, 40 hexadecimal digits.')),
    _column('state', 'state', said('What it does: %(states)s.', states=', '.join(STATES)), 'status'),
    _column('label', 'text', N_('The label.')),
    _column('message', 'text', N_('What the tracker or rTorrent complains about.')),
    _column('target', 'text', N_('The name of the client it is in.')),
    _column('tracker', 'text', N_('The host of its first tracker.')),
    _column('size', 'size', N_('The size of the data.'), 'size_bytes'),
    _column('done', 'percent', N_('How much of the data is there.'), 'progress'),
    _column('left', 'size', N_('What is still to come.'), 'left_bytes'),
    _column('down', 'size', N_('The rate at which it downloads, per second.'), 'down_rate'),
    _column('up', 'size', N_('The rate at which it uploads, per second.'), 'up_rate'),
    _column('downloaded', 'size', N_('What was downloaded in all.'), 'down_total'),
    _column('uploaded', 'size', N_('What was uploaded in all.'), 'up_total'),
    _column('ratio', 'ratio', N_('Uploaded by size.')),
    _column('peers', 'number', N_('Connected peers.'), 'peers_connected'),
    _column('seeds', 'number', N_('Connected peers that have everything.'), 'peers_complete'),
    _column('files', 'number', N_('The number of files.'), 'size_files'),
    _moment('added', N_('When it was added.'), ('loaded',)),
    _moment('started', N_('When it was first started.')),
    _moment('finished', N_('When it was complete.'), ('completed',)),
    _column('eta', 'duration', N_('The time left at the present rate.')),
    _column('priority', 'priority', N_('Its priority: off, low, normal or high.'), also=('prio',)),
    _column('private', 'flag', N_('Whether its peers come from its trackers only.'), 'is_private'),
    _column('complete', 'flag', N_('Whether all data is there.'), also=('is_complete',)),
    _column('directory', 'text', N_('The directory it is saved in.')),
    _column('path', 'text', N_('The file or directory of its data.'), 'base_path'),
    _column('throttle', 'text', N_('The name of its throttle.')),
)
BY_NAME: dict[str, QueryField] = {name: field for field in FIELDS for name in (field.name, *field.also)}

#: Fields whose values begin with a slash, so that one alone does not begin a regular expression.
PATHS = frozenset({'directory', 'path'})


def find(name: str, value: Value) -> QueryField:
    """The field of this name.

    :param value: the place of the name in the query.
    :raises QueryError: there is none; says the nearest.
    """
    found = BY_NAME.get(name.lower())
    if found is None:
        unknown = UnknownName('field', name, BY_NAME)
        raise value.wrong('%(unknown)s', nearest=unknown.nearest, unknown=unknown)
    return found


def compare(field: QueryField, op: str, value: Value) -> Bind:
    """The condition ``field op value``; op is one of :data:`OPERATORS`.

    What is not known is neither equal to, less nor more than anything; ``""`` asks for it.

    :raises QueryError: the field cannot be compared so, or not with this.
    """
    if op == '!=':
        equal = compare(field, '=', value)
        return lambda run: _negate(equal(run))
    if value.text == '' and value.kind == 'text':
        if op != '=':
            raise value.wrong('Nothing is less or more than the empty text; use = or !=.')
        return _fixed(_empty(field))
    if value.kind != 'text' and field.kind not in ('text', 'state'):
        raise value.wrong(
            'Regular expressions are for text; %(field)s takes %(takes)s.',
            field=field.name,
            takes=named(KINDS[field.kind].takes),
        )
    kind = KINDS[field.kind]
    if op != '=' and not kind.ordered:
        raise value.wrong('“%(field)s” can be compared with = and != only.', field=field.name)
    return kind.compare(field, op, value)


def _fixed(test: Test) -> Bind:
    return lambda run: test


def _negate(test: Test) -> Test:
    return lambda row: not test(row)


def _empty(field: QueryField) -> Test:
    at, empty = field.at, (None, '') if field.unknown is None else (None, '', field.unknown)
    return lambda row: row[at] in empty


def _ordered(field: QueryField, op: str, bound: float) -> Test:
    return _COMPARE[op](field.at, field.unknown, bound)


def _text(field: QueryField, op: str, value: Value) -> Bind:
    at = field.at
    if value.kind == 'text':
        check = whole(value)
        return _fixed(lambda row: check(row[at] or ''))
    expression = regex(value)

    def bind(run: Run) -> Test:
        check = expression(run)
        return lambda row: check(row[at] or '')

    return bind


def _state(field: QueryField, op: str, value: Value) -> Bind:
    if value.kind == 'text' and not any(map(whole(value), STATES)):
        unknown = UnknownName('state', value.plain, STATES)
        raise value.wrong(
            '%(unknown)s The states are %(states)s.',
            nearest=unknown.nearest,
            unknown=unknown,
            states=', '.join(STATES),
        )
    return _text(field, op, value)


def _number(scale: int = 1, ending: str = '', takes: str = N_('a number such as 3')) -> Callable[..., Bind]:
    def numbers(field: QueryField, op: str, value: Value) -> Bind:
        text = value.plain.removesuffix(ending)
        if not _DECIMAL.fullmatch(text):
            raise value.wrong(
                '“%(value)s” is not a number; %(field)s takes %(takes)s.',
                field=field.name,
                takes=named(takes),
            )
        return _fixed(_ordered(field, op, _simple(Decimal(text) * scale)))

    return numbers


def _percent(field: QueryField, op: str, value: Value) -> Bind:
    text = value.plain.removesuffix('%')
    if not _DECIMAL.fullmatch(text):
        raise value.wrong(
            '“%(value)s” is not a number of percent; %(field)s takes one such as 50 or 50%%.',
            field=field.name,
        )
    return _fixed(_ordered(field, op, float(Decimal(text) / 100)))  # the float nearest to it, as a row has it


def _simple(number: Decimal) -> float:
    """A number that is quickly compared, and exact where it is whole."""
    return int(number) if number == number.to_integral_value() else float(number)


def _size(field: QueryField, op: str, value: Value) -> Bind:
    found = _SIZE.fullmatch(value.plain)
    if not found:
        raise value.wrong(
            '“%(value)s” is not a size; %(field)s takes one such as 700m, 4g or 1.5t.', field=field.name
        )
    scale = 1024 ** ('kmgtp'.index(found[2].lower()) + 1 if found[2] else 0)
    return _fixed(_ordered(field, op, _simple(Decimal(found[1]) * scale)))


def _flag(field: QueryField, op: str, value: Value) -> Bind:
    wanted = _FLAGS.get(value.plain.lower())
    if wanted is None:
        raise value.wrong('“%(value)s” is neither yes nor no; %(field)s takes one of them.', field=field.name)

    at = field.at
    return _fixed(lambda row: (got := row[at]) is not None and bool(got) is wanted)


def _priority(field: QueryField, op: str, value: Value) -> Bind:
    text = value.plain.lower()
    if text not in _PRIORITIES and text not in ('0', '1', '2', '3'):
        raise value.wrong('“%(value)s” is not a priority; they are off, low, normal and high, or 0 to 3.')
    return _fixed(_ordered(field, op, _PRIORITIES[text] if text in _PRIORITIES else int(text)))


def _duration(field: QueryField, op: str, value: Value) -> Bind:
    if not _DURATION.fullmatch(value.plain):
        raise value.wrong(
            '“%(value)s” is not a duration; %(field)s takes one such as 45m or 1d12h.', field=field.name
        )
    return _fixed(_ordered(field, op, _seconds(value)))


def _seconds(value: Value) -> int:
    return sum(int(number) * _SECONDS[unit] for number, unit in _PARTS.findall(value.plain))


def _time(field: QueryField, op: str, value: Value) -> Bind:
    if _DURATION.fullmatch(value.plain):
        return _ago(field, op, value)
    begin, end = _span(field, value)
    if op == '=':
        since, before = _ordered(field, '>=', begin), _ordered(field, '<', end)
        return _fixed(lambda row: since(row) and before(row))
    # A day is not a moment: what is after it begins when it ends.
    turned = {'<': ('<', begin), '<=': ('<', end), '>': ('>=', end), '>=': ('>=', begin)}
    return _fixed(_ordered(field, *turned[op]))


def _ago(field: QueryField, op: str, value: Value) -> Bind:
    """Less than two weeks ago is later than the moment two weeks ago."""
    if op == '=':
        raise value.wrong(
            'No torrent is “%(value)s” old to the second; use %(field)s< or %(field)s>.', field=field.name
        )
    turned, seconds = {'<': '>', '<=': '>=', '>': '<', '>=': '<='}[op], _seconds(value)
    return lambda run: _ordered(field, turned, run.now - seconds)


def _span(field: QueryField, value: Value) -> tuple[float, float]:
    """The first second of a day, minute or second, in the server's time zone, and the first one after it."""
    found = _DATE.fullmatch(value.plain)
    try:
        if not found:
            raise ValueError
        begin = datetime.fromisoformat(value.plain)
        unit = 'days' if not found[1] else 'minutes' if not found[2] else 'seconds'
        return begin.timestamp(), (begin + timedelta(**{unit: 1})).timestamp()
    except (ValueError, OverflowError, OSError):
        raise value.wrong(
            '“%(value)s” is not a time; %(field)s takes a duration such as 2w3d (counted back from now) '
            'or a date such as 2026-01-31 or 2026-01-31T12:30.',
            field=field.name,
        ) from None


@dataclass(frozen=True, slots=True)
class Kind:
    """What can be compared with a field, and how.

    :ivar takes: in words, for messages and the reference.
    :ivar ordered: whether there is less and more.
    """

    takes: str
    ordered: bool
    compare: Callable[[QueryField, str, Value], Bind]


KINDS: dict[str, Kind] = {
    'text': Kind(N_('text, with * and ?, or a regular expression'), False, _text),
    'state': Kind(N_('the word of a state'), False, _state),
    'size': Kind(N_('a size such as 700m, 4g or 1.5t'), True, _size),
    'percent': Kind(N_('a number of percent such as 50 or 50%'), True, _percent),
    'ratio': Kind(N_('a number such as 1.5'), True, _number(1000, takes=N_('a number such as 1.5'))),
    'number': Kind(N_('a number such as 3'), True, _number()),
    'time': Kind(N_('a duration such as 2w3d, or a date'), True, _time),
    'duration': Kind(N_('a duration such as 45m or 1d12h'), True, _duration),
    'priority': Kind(N_('off, low, normal or high'), True, _priority),
    'flag': Kind(N_('yes or no'), False, _flag),
}
