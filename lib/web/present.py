"""From the model's tuples to the words and figures of the list page. Pure: no request, no clock unless given.

A page holds 150 rows and is drawn every few seconds for everybody who looks, so a row is one pick, one tuple.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple
from urllib.parse import quote

from lib import format as fmt
from lib import translate
from lib.errors import QueryError
from lib.translate import gettext, pgettext
from lib.words import N_
from model import fields, sorting
from model.sorting import Sort

ListRow = tuple[Any, ...]


class Row(NamedTuple):
    """One torrent as the list shows it; all but ``percent`` and the flags are text, ready to be escaped.

    :ivar state: the one word of :data:`model.fields.STATES`; ``icon`` is the name of its shape.
    :ivar done: percent as text, ``done`` when complete; ``percent`` is 0 to 100.
    :ivar peers: seeds/peers that are connected.
    :ivar still: classes for the figures that are a dash, so that the page need not compare them again.
    :ivar message: the client's complaint, clipped; ``failed`` says that it takes the place of the rates.
    """

    hash: str
    target: str
    name: str
    state: str
    icon: str
    size: str
    done: str
    percent: int
    down: str
    up: str
    eta: str
    ratio: str
    peers: str
    label: str
    added: str
    added_at: str
    message: str
    failed: bool
    still: str
    url: str


class Column(NamedTuple):
    """A column head: where a click on it leads, and how the list is sorted now (``asc``, ``desc`` or None).

    :ivar head: the label, shorter where the column has no room for it.
    :ivar current: of the first key; ``order`` of any, whose place among the keys is ``rank``, from 1 (0 for none).
    :ivar add_url: sorts what is equal so far by this column, or turns it round in its place.
    """

    key: str
    label: str
    head: str
    url: str
    current: str | None
    numeric: bool
    rank: int = 0
    order: str | None = None
    add_url: str = ''


@dataclass(frozen=True, slots=True)
class View:
    """A view to choose; ``count`` is None where it is not known."""

    name: str
    count: int | None
    url: str
    current: bool


class PageLink(NamedTuple):
    number: int
    url: str
    current: bool


class TargetStatus(NamedTuple):
    """One client's line in the status bar: rates and free space as text, ``age`` of what is shown as text."""

    name: str
    ok: bool
    error: str
    remedy: str
    age: str
    down: str
    up: str
    free: str
    url: str


class WrongQuery(NamedTuple):
    """A search that is wrong: the pieces of its text before, at and after the fault, which may be empty.

    :ivar place: the number of the character, from 1.
    """

    message: str
    place: int
    before: str
    marked: str
    after: str


def wrong_query(query: str, error: QueryError) -> WrongQuery:
    """What the page says of *query*, which is wrong as *error* says."""
    begin, end = error.position, error.position + error.length
    return WrongQuery(translate.message_of(error), begin + 1, query[:begin], query[begin:end], query[end:])


#: key, label, numeric: the columns of the list in order.
COLUMNS = (
    ('name', N_('Name'), False),
    ('state', N_('State'), False),
    ('size', N_('Size'), True),
    ('done', N_('Done'), True),
    ('down', N_('Down'), True),
    ('up', N_('Up'), True),
    ('eta', N_('ETA'), True),
    ('ratio', N_('Ratio'), True),
    ('peers', N_('Peers'), True),
    ('label', N_('Label'), False),
    ('added', N_('Added'), True),
)

ICONS = {
    'downloading': 'down',
    'seeding': 'up',
    'stopped': 'stop',
    'paused': 'pause',
    'checking': 'check',
    'error': 'error',
    'queued': 'queue',
}

NAME_LENGTH = 255
MESSAGE_LENGTH = 200
LABEL_LENGTH = 60

_KEYS = ('hash', 'name', 'size_bytes', 'down_rate', 'up_rate', 'ratio', 'message', 'label')
_MORE = ('peers_connected', 'peers_complete', 'added')
_pick = itemgetter(*(fields.INDEX[key] for key in _KEYS + _MORE))


def rows(
    list_rows: Iterable[ListRow],
    target: str,
    *,
    prefix: str = '',
    now: float | None = None,
    binary: bool = True,
) -> list[Row]:
    """The view objects of some rows of *target*.

    :param prefix: what every address starts with (``BASE_URL`` without its last slash).
    :param now: Unix seconds that ages are counted from; the present by default.
    """
    moment = time.time() if now is None else now
    address = base(prefix, target)
    return [row(item, target, address, moment, binary) for item in list_rows]


def base(prefix: str, target: str) -> str:
    """What the addresses of a target's torrents start with."""
    return f'{prefix}/torrent/{quote(target, safe="")}/'


def row(item: ListRow, target: str, address: str, now: float, binary: bool = True) -> Row:
    """One row; *address* is what :func:`base` gives for the target, *binary* the kind of units."""
    (info_hash, name, size, down, up, ratio, message, label, peers, seeds, added) = _pick(item)
    state = fields.state_of(item)
    percent = fmt.whole_percent(fields.progress(item))
    seconds = fields.eta(item) if down else None
    return Row(
        info_hash,
        target,
        fmt.clip(name or info_hash, NAME_LENGTH),
        state,
        ICONS.get(state, 'stop'),
        fmt.size(size, binary=binary),
        gettext('done') if percent == 100 else f'{percent} %',
        percent,
        fmt.rate(down, binary=binary),
        fmt.rate(up, binary=binary),
        fmt.eta(seconds),
        fmt.ratio(ratio),
        f'{seeds or 0}/{peers}' if peers else fmt.NONE,
        fmt.clip(label, LABEL_LENGTH) if label else '',
        fmt.age(now - added) if added else fmt.NONE,
        fmt.moment(added) if added else '',
        fmt.clip(message, MESSAGE_LENGTH) if message else '',
        state == 'error' and not down and not up,
        _still(down, up, seconds, peers),
        address + info_hash,
    )


def _still(down: int | None, up: int | None, seconds: int | None, peers: int | None) -> str:
    return (
        ('' if down else ' no-down')
        + ('' if up else ' no-up')
        + (' no-eta' if seconds is None else '')
        + ('' if peers else ' no-peers')
    )


def columns(sort: Sort, link: Callable[[Sort], str]) -> list[Column]:
    """The column heads. ``link`` makes the address of another order; a click on the first key turns it round.

    Figures sort from the largest at the first click, words from A.
    """
    falls = dict(sort)
    first = sort[0][0]
    heads = {'ratio': pgettext('short', 'Ratio'), 'added': pgettext('short', 'Added')}

    def column(key: str, label: str, numeric: bool) -> Column:
        current = ('desc' if falls[key] else 'asc') if key in falls else None
        turned = (key, numeric if current is None else not falls[key])
        others = tuple(each for each in sort if each[0] != key)[: sorting.MAX_KEYS - 1]
        added = tuple(turned if each[0] == key else each for each in sort) if current else (*others, turned)
        alone = (turned,) if key == first or current is None else ((key, falls[key]),)
        rank = [each[0] for each in sort].index(key) + 1 if current else 0
        head = heads.get(key, label)
        at_first = current if key == first else None
        return Column(key, label, head, link(alone), at_first, numeric, rank, current, link(added))

    return [column(*spec) for spec in COLUMNS]


def pages(total: int, page: int, per_page: int, link: Callable[[int], str]) -> list[PageLink]:
    """Links to the first and last page and those around *page* (from 1); empty when all fits on one."""
    last = max(1, -(-total // per_page))
    if last == 1:
        return []
    shown = sorted({1, last, *range(max(1, page - 2), min(last, page + 2) + 1)})
    return [PageLink(number, link(number), number == page) for number in shown]


def totals(list_rates: Sequence[tuple[int | None, int | None]], *, binary: bool = True) -> tuple[str, str]:
    """Down and up of several clients together, as text, from (down, up) in bytes a second each."""
    return (
        fmt.rate(sum(down or 0 for down, _ in list_rates), binary=binary),
        fmt.rate(sum(up or 0 for _, up in list_rates), binary=binary),
    )
