"""Which events are wanted: of these kinds, of that client, of torrents that a query means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lib.errors import UnknownName
from model import query
from model.events.eventlog import HISTORY_ONLY, Event
from model.events.happenings import KINDS
from model.fields import AT, COLUMNS, Row
from model.query_patterns import Run

#: Kinds that may be wanted.
TOLD = tuple(kind for kind in KINDS if kind not in HISTORY_ONLY)


class EventFilter:
    """A choice of events; an empty part of it leaves none out.

    :param kinds: of :data:`TOLD`.
    :param target: the name of a client.
    :param text: in the query language of the list. It is judged on the torrent as it was when the event was told, and
        durations count back from then; an event of a client as a whole has no torrent and fits no query.
    :raises UnknownName: there is no such kind.
    :raises QueryError: the query is wrong; says where.
    """

    def __init__(self, kinds: Iterable[str] = (), target: str = '', text: str = '') -> None:
        self.kinds = tuple(dict.fromkeys(kinds))
        self.target = target
        self.query = text.strip()
        for kind in self.kinds:
            if kind not in TOLD:
                raise UnknownName('kind of event', kind, TOLD, field='kinds')
        self._node = query.parse(text)

    def matches(self, event: Event) -> bool:
        """Whether the event is wanted.

        :raises QueryError: the regular expressions of the query take too long.
        """
        if (self.kinds and event.kind not in self.kinds) or (self.target and event.target != self.target):
            return False
        if not self.query:
            return True
        row = torrent_row(event)
        # Bound anew for each, since what is bound may take so much time in all and no more.
        return row is not None and self._node.bind(Run(event.at))(row)


def torrent_row(event: Event) -> Row | None:
    """The torrent of the event as a row of the snapshot; None where it has none."""
    told = event.data.get('torrent')
    if not isinstance(told, Mapping):
        return None
    row = [told.get(column.key) for column in COLUMNS]
    row[AT['target']] = event.target
    return tuple(row)
