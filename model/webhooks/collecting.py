"""From the log of events into the queues of receivers.

How far the log was read for a receiver is written down in the transaction that queues what was found, so that nothing
is queued twice or forgotten, wherever a process is ended.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from lib.errors import QueryError, UsageError
from model.database import reading, writing
from model.events.eventfilter import EventFilter
from model.events.eventlog import Event, EventLog
from model.leases import Leases
from model.tables import webhooks
from model.webhooks import deliveries
from model.webhooks.outbox import LEASE
from model.webhooks.receivers import Webhooks

log = logging.getLogger(__name__)

BATCH = 200  # events looked at in one go
SHARE = 500  # deliveries written in one transaction and a few more, since nobody else can write meanwhile
TURN = 0.5  # seconds for those that do not answer, before the others have their turn again
STUCK = 5  # failures in a row after which a receiver counts as one that does not answer
_BREATH = 0.1  # seconds at most that we leave to others after a transaction

#: Told only to those who name it: it would never end.
QUIET = ('updated',)


@dataclass(frozen=True, slots=True)
class _Part:
    """What one receiver is to get now.

    :ivar wanted: events with their numbers, as they are stored.
    :ivar last: the event up to which the log was looked through for it.
    """

    row: Any
    wanted: Sequence[tuple[int, str]]
    last: int


class Collector:
    """
    :param leases: nothing is queued where LEASE is another's.
    :param rest: waits for so many seconds, or less where the process ends.
    """

    def __init__(
        self,
        hooks: Webhooks,
        events: EventLog,
        leases: Leases,
        *,
        rest: Callable[[float], object],
    ) -> None:
        self._hooks = hooks
        self._events = events
        self._leases = leases
        self._rest = rest

    def collect(self) -> bool:
        """Queue the next events for all who want them; how far that is, is remembered in the same transaction.

        First for those that answer, and no more than their queues take: the rest waits in the log of events. Those
        that do not have some of the time, and what their queues do not take is dropped.

        :return: whether there may be more.
        """
        with reading(self._hooks.engine) as connection:
            rows = connection.execute(sa.select(webhooks)).all()
            waiting = deliveries.waiting(connection)
        groups: dict[tuple[bool, int], list[Any]] = {}
        for row in rows:
            groups.setdefault((_is_stuck(row), row.cursor), []).append(row)
        until, more = time.monotonic() + TURN, False
        for (stuck, cursor), group in sorted(groups.items(), key=lambda item: item[0]):
            found = self._events.since(cursor, limit=BATCH)
            if not found:
                continue
            self._warn_of_gap(group, found[0].id)
            texts = {event.id: deliveries.stored_event(event.public()) for event in found}
            parts = [_part(row, found, texts, None if stuck else waiting.get(row.id, 0)) for row in group]
            for share in _shares(parts):
                if stuck and time.monotonic() > until:
                    return True
                if not self._take(share):
                    return False
            more |= len(found) == BATCH and any(part.last == found[-1].id for part in parts)
        return more

    def _warn_of_gap(self, group: Sequence[Any], next_id: int) -> None:
        cursor = group[0].cursor
        if next_id > cursor + 1 and (first := min(next_id, self._events.first_id())) > cursor + 1:
            names = ', '.join(row.name for row in group)
            log.warning(
                'Webhooks %s: events %d to %d were forgotten before they could wait there.',
                names,
                cursor + 1,
                first - 1,
            )

    def _take(self, share: Sequence[_Part]) -> bool:
        """Write down some parts; whether that is ours to do."""
        began = time.monotonic()
        with writing(self._hooks.engine) as connection:
            if not self._leases.holds(connection, LEASE):
                return False
            now = self._hooks.clock()
            for part in share:
                self._queue(connection, part, now)
        # As long as we kept others from writing, they may keep us.
        self._rest(min(time.monotonic() - began, _BREATH))
        return True

    def _queue(self, connection: Connection, part: _Part, now: float) -> None:
        # Another process may have been here, or somebody who changed or removed it.
        row = part.row
        same = (webhooks.c.id == row.id) & (webhooks.c.cursor == row.cursor)
        moved = webhooks.update().where(same).values(cursor=part.last)
        if part.last <= row.cursor or not connection.execute(moved).rowcount:
            return
        entries = [deliveries.entry(secrets.token_hex(16), *each, now) for each in part.wanted]
        dropped = deliveries.add(connection, row.id, entries) if entries else 0
        if dropped:
            more = webhooks.c.dropped + dropped
            connection.execute(webhooks.update().where(webhooks.c.id == row.id).values(dropped=more))


def _is_stuck(row: Any) -> bool:
    """Whether nothing gets through to a receiver at present; one that fails now and then only is slower."""
    return bool(row.state != 'active' or row.failures >= STUCK)


def _part(row: Any, found: Sequence[Event], texts: Mapping[int, str], waiting: int | None) -> _Part:
    """
    :param texts: of the events, as they are stored.
    :param waiting: how many deliveries wait for it; None where its queue takes all and drops the oldest.
    """
    wanted, last = _chosen(row, found), found[-1].id
    if waiting is not None and len(wanted) > (room := max(0, deliveries.MAX_WAITING - waiting)):
        wanted = wanted[:room]
        last = wanted[-1].id if wanted else row.cursor
    return _Part(row, [(event.id, texts[event.id]) for event in wanted], last)


def _shares(parts: Iterable[_Part]) -> Iterator[list[_Part]]:
    """The parts, as many together as one transaction takes."""
    share: list[_Part] = []
    for part in parts:
        share.append(part)
        if sum(len(each.wanted) for each in share) >= SHARE:
            yield share
            share = []
    if share:
        yield share


def _chosen(row: Any, found: Iterable[Event]) -> list[Event]:
    """The events that a receiver has not seen and wants."""
    new = [event for event in found if event.id > row.cursor]
    try:
        wanted = EventFilter(json.loads(row.kinds), text=row.query)
    except UsageError as error:  # of another version of ours
        log.warning('Webhook %s is told nothing: %s', row.name, error)
        return []
    return [event for event in new if _wants(wanted, event, row.name)]


def _wants(wanted: EventFilter, event: Event, name: str) -> bool:
    if not wanted.kinds and event.kind in QUIET:
        return False
    if event.kind == 'webhook' and event.name == name:  # it would hear of its own end when that is over
        return False
    try:
        return wanted.matches(event)
    except QueryError as error:
        log.warning('Webhook %s is not told of event %s: %s', name, event.id, error)
        return False
