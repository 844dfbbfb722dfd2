"""Which events are wanted: of these kinds, of that client, of torrents that a query means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from lib.errors import UnknownName
from model import query
from model.fields import AT, COLUMNS, Row
from model.happenings import KINDS
from model.query_patterns import Run


class Judged(Protocol):
    """What is judged of an event (:class:`model.eventlog.Event`)."""

    @property
    def at(self) -> float: ...
    @property
    def kind(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


class EventFilter:
    """A choice of events; an empty part of it leaves none out.

    :param kinds: of :data:`model.happenings.KINDS`.
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
            if kind not in KINDS:
                raise UnknownName('kind of event', kind, KINDS, field='kinds')
        self._node = query.parse(text)

    def matches(self, event: Judged) -> bool:
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


def torrent_row(event: Judged) -> Row | None:
    """The torrent of the event as a row of the snapshot; None where it has none."""
    told = event.data.get('torrent')
    if not isinstance(told, Mapping):
        return None
    row = [told.get(column.key) for column in COLUMNS]
    row[AT['target']] = event.target
    return tuple(row)
