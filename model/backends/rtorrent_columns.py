"""Where rTorrent keeps each field of a list row, and how its raw rows become ours.

Every expression here is a constant: rTorrent evaluates columns, so nothing from outside may ever become part of one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from lib.texts import whole_number
from lib.wire import columns
from model.fields import INDEX, LIST, Row, decode_label

#: Field -> command; ``label`` and ``added`` are made from the commands of EXTRA.
SOURCES: dict[str, str] = {
    'hash': 'd.hash',
    'name': 'd.name',
    'size_bytes': 'd.size_bytes',
    'completed_bytes': 'd.completed_bytes',
    'down_rate': 'd.down.rate',
    'up_rate': 'd.up.rate',
    'down_total': 'd.down.total',
    'up_total': 'd.up.total',
    'ratio': 'd.ratio',
    'state': 'd.state',
    'is_open': 'd.is_open',
    'is_active': 'd.is_active',
    'hashing': 'd.hashing',
    'complete': 'd.complete',
    'message': 'd.message',
    'priority': 'd.priority',
    'peers_connected': 'd.peers_connected',
    'peers_complete': 'd.peers_complete',
    'size_files': 'd.size_files',
    'started': 'd.timestamp.started',
    'finished': 'd.timestamp.finished',
    'directory': 'd.directory',
    'base_path': 'd.base_path',
    'is_private': 'd.is_private',
    'is_multi_file': 'd.is_multi_file',
    'is_meta': 'd.is_meta',
    'throttle': 'd.throttle_name',
    'left_bytes': 'd.left_bytes',
}

# rTorrent does not remember when a torrent was added (d.load_date is set anew whenever rTorrent starts), but
# ruTorrent and pyrocore note it in custom fields, as we do.
ADDTIME, TM_LOADED, LOAD_DATE, CUSTOM1 = (
    'd.custom=addtime',
    'd.custom=tm_loaded',
    'd.load_date=',
    'd.custom1=',
)
EXTRA = (CUSTOM1, ADDTIME, TM_LOADED, LOAD_DATE)

_TEXTS = frozenset(
    {CUSTOM1, ADDTIME, TM_LOADED}
    | {f'{SOURCES[field.key]}=' for field in LIST if field.type == 'str' and field.key in SOURCES}
)

_MESSAGE_CAP = 1024  # a tracker may send megabytes as its failure reason


@dataclass(frozen=True)
class Plan:
    """The columns to ask one rTorrent for, and the way from its raw rows to ours.

    :ivar columns: one expression for each value.
    :ivar kinds: their types, ``int`` or ``str``.
    :ivar convert: makes rows of ours from rows with one value for each of ``columns``.
    """

    columns: tuple[str, ...]
    kinds: tuple[str, ...]
    convert: Callable[[Iterable[tuple[Any, ...]]], list[Row]]

    def ask(self) -> tuple[str, ...]:
        """The columns of a ``d.multicall2``, in the shape that costs rTorrent least."""
        return columns.ask(self.columns, self.kinds)

    def rows(self, answer: Sequence[tuple[Any, ...]]) -> list[Row]:
        """The rows of ours in the answer to :meth:`ask`.

        :raises BadReply: it is no answer to that.
        """
        return self.convert(columns.decode(answer, self.columns, self.kinds))


def plan(methods: frozenset[str]) -> Plan:
    """The plan for a server with ``methods``; fields it has no command for become None."""
    wanted = tuple(column for column in _wanted() if column.partition('=')[0] in methods)
    return Plan(wanted, tuple('str' if column in _TEXTS else 'int' for column in wanted), _converter(wanted))


def _wanted() -> Iterator[str]:
    yield from (f'{command}=' for command in SOURCES.values())
    yield from EXTRA


def _converter(wanted: tuple[str, ...]) -> Callable[[Iterable[tuple[Any, ...]]], list[Row]]:
    place = {column: at for at, column in enumerate(wanted)}
    # A raw row is lengthened by these four, so that one itemgetter makes the whole row of ours.
    missing, label, added, message = range(len(wanted), len(wanted) + 4)
    made = {'label': label, 'added': added, 'message': message}
    order = [made.get(field.key, place.get(f'{SOURCES.get(field.key)}=', missing)) for field in LIST]
    pick = itemgetter(*order)
    label_of, message_of = _reader(place, CUSTOM1), _reader(place, 'd.message=')
    added_of = _added(place)

    def convert(raws: Iterable[tuple[Any, ...]]) -> list[Row]:
        return [
            pick((*raw, None, decode_label(label_of(raw)), added_of(raw), _cut(message_of(raw))))
            for raw in raws
        ]

    return convert


def _cut(message: Any) -> Any:
    return message[:_MESSAGE_CAP] if message else message


def _nothing(_raw: tuple[Any, ...]) -> Any:
    return None


def _reader(place: dict[str, int], column: str) -> Callable[[tuple[Any, ...]], Any]:
    return itemgetter(place[column]) if column in place else _nothing


def _added(place: dict[str, int]) -> Callable[[tuple[Any, ...]], int]:
    notes = [_reader(place, column) for column in (ADDTIME, TM_LOADED)]
    seen = [_reader(place, column) for column in ('d.timestamp.started=', 'd.timestamp.finished=', LOAD_DATE)]

    def added(raw: tuple[Any, ...]) -> int:
        for note in notes:
            at = unix_time(note(raw))
            if at:
                return at
        # Nobody noted it: the earliest time at which it was certainly there.
        return min((at for at in (read(raw) for read in seen) if at), default=0)

    return added


def unix_time(text: Any) -> int:
    """The time in a custom field, which any tool may have written: whole seconds, else 0."""
    if isinstance(text, str):
        return whole_number(text.strip(), 12) or 0
    return int(text or 0)


def row_bytes(rows: list[Row]) -> int:
    """About how many bytes rTorrent needed in XML for each of ``rows``."""
    texts = [INDEX[field.key] for field in LIST if field.type == 'str']
    sample = rows[:: max(1, len(rows) // 500)]
    letters = sum(len(row[at] or '') for row in sample for at in texts)
    return 500 + 4 * letters // max(1, len(sample))
