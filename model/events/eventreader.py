"""Going through the log of events for one who listens: from a number on, only what he wants, telling him of gaps."""

from __future__ import annotations

from model.events.eventfilter import EventFilter
from model.events.eventlog import Event, EventLog

LOOK = 500  # events that are read at a time
DEPTH = 10_000  # and for one answer


class EventReader:
    """A place in the log.

    :ivar at: the events up to this number were looked at.
    :ivar behind: whether there may be more right now.
    """

    def __init__(self, log: EventLog, wanted: EventFilter, after: int | None) -> None:
        """:param after: the last event that is known; None for the newest."""
        self._log = log
        self._wanted = wanted
        self._newest = log.last_id()
        self.at = self._newest if after is None else after
        self.behind = self.at != self._newest

    def gap(self) -> bool:
        """Whether events after ``at`` are forgotten, or ``at`` is of another log: then the oldest one is next."""
        first = self._log.first_id()
        if first - 1 <= self.at <= self._newest:
            return False
        self.at = max(first - 1, 0)
        self.behind = True
        return True

    def next(self, most: int) -> list[Event]:
        """The next events that are wanted, at most so many, oldest first; of a query, among :data:`LOOK`.

        :raises QueryError: the regular expressions of the query take too long.
        :raises StateError: the database does not answer.
        """
        newest, wanted = self._newest, self._wanted
        limit = LOOK if wanted.query else most
        found = self._log.since(self.at, kinds=wanted.kinds, target=wanted.target, limit=limit)
        chosen: list[Event] = []
        for event in found:
            if len(chosen) == most:
                return chosen
            self.at = event.id
            if wanted.matches(event):
                chosen.append(event)
        self.behind = len(found) == limit
        if not self.behind:
            self.at = max(self.at, newest)  # those between are not wanted
        return chosen

    def wait(self, seconds: float) -> None:
        """Until there is something new, at most so long; costs no look at the database of its own."""
        self._newest = self._log.wait(self.at, seconds)
        self.behind = self._newest > self.at


def page(log: EventLog, wanted: EventFilter, before: int | None, most: int) -> tuple[list[Event], int | None]:
    """The newest events that are wanted, the newest first, at most so many; and the number before which others are.

    Looks at no more than :data:`DEPTH` events, so that there may be fewer, or none, and others all the same.

    :param before: only events with smaller numbers.
    :raises QueryError: the regular expressions of the query take too long.
    :raises StateError: the database does not answer.
    """
    chosen: list[Event] = []
    for _ in range(DEPTH // LOOK):
        limit = LOOK if wanted.query else most + 1
        found = log.latest(before=before, kinds=wanted.kinds, target=wanted.target, limit=limit)
        for event in found:
            if len(chosen) == most:
                return chosen, before
            before = event.id
            if wanted.matches(event):
                chosen.append(event)
        if len(found) < limit:
            return chosen, None
    return chosen, before
