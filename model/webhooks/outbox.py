"""The queues of all receivers: filled from the log of events, emptied one by one, each in order.

Everything here is a short transaction; nothing is sent. What is to be sent is marked first and what became of it is
written down afterwards, so that a crash between leaves a mark, and it is sent again under the same number.
"""

from __future__ import annotations

import json
import logging
import random
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from lib.errors import QueryError, UsageError
from lib.words import said
from model.database import reading, writing
from model.events.eventfilter import EventFilter
from model.events.eventlog import Event, EventLog
from model.leases import Leases
from model.tables import deliveries as table
from model.tables import webhooks
from model.webhooks import deliveries
from model.webhooks.receivers import Webhooks
from model.webhooks.sending import Outcome, Receiver

log = logging.getLogger(__name__)

LEASE = 'webhooks'
BATCH = 500  # events looked at in one go
MAX_TRIES = 12
FIRST_WAIT, LONGEST_WAIT = 5.0, 3600.0  # seconds
LEAST_FAILURES = 5  # in a row before a receiver is given up, however long it takes

#: Told by default: all but what would never end.
QUIET = ('updated',)


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that is ours to send.

    :ivar tries: with this one.
    """

    id: int
    receiver: Receiver
    uid: str
    event_id: int
    event: dict[str, Any]
    tries: int


@dataclass(frozen=True, slots=True)
class Head:
    """The next delivery of an active receiver: from when, and whether the receiver failed of late."""

    webhook_id: int
    due: float
    failing: bool


class Outbox:
    """
    :param leases: every writing method does nothing where LEASE is another's.
    :param shaken: what a wait is multiplied by, so that receivers that failed together do not return together.
    """

    def __init__(
        self,
        hooks: Webhooks,
        events: EventLog,
        leases: Leases,
        shaken: Callable[[], float] = lambda: random.uniform(1.0, 1.25),  # noqa: S311  it is no secret
    ) -> None:
        self._hooks = hooks
        self._events = events
        self._leases = leases
        self._shaken = shaken

    def reclaim(self) -> None:
        """Queue again what a process that is gone was sending: it may have arrived or not."""
        with writing(self._hooks.engine) as connection:
            if self._leases.holds(connection, LEASE):
                connection.execute(
                    table.update().where(table.c.state == 'sending').values(state='waiting', due=0.0)
                )

    def collect(self) -> bool:
        """Queue the next events for all who want them, and remember how far that is, in one transaction.

        :return: whether there may be more.
        """
        with reading(self._hooks.engine) as connection:
            rows = connection.execute(sa.select(webhooks)).all()
        if not rows:
            return False
        found = self._events.since(min(row.cursor for row in rows), limit=BATCH)
        if not found:
            return False
        wanted = {row.id: _chosen(row, found) for row in rows}
        now = self._hooks.clock()
        with writing(self._hooks.engine) as connection:
            if not self._leases.holds(connection, LEASE):
                return False
            for row in rows:
                self._queue(connection, row, wanted[row.id], found[-1].id, now)
        return len(found) == BATCH

    def _queue(
        self, connection: Connection, row: Any, wanted: Sequence[Event], last: int, now: float
    ) -> None:
        # Another process may have been here, or somebody who changed or removed it.
        same = (webhooks.c.id == row.id) & (webhooks.c.cursor == row.cursor)
        moved = webhooks.update().where(same).values(cursor=last)
        if last <= row.cursor or not connection.execute(moved).rowcount:
            return
        entries = [deliveries.entry(secrets.token_hex(16), event.id, event.public(), now) for event in wanted]
        dropped = deliveries.add(connection, row.id, entries) if entries else 0
        if dropped:
            more = webhooks.c.dropped + dropped
            connection.execute(webhooks.update().where(webhooks.c.id == row.id).values(dropped=more))

    def heads(self) -> list[Head]:
        """What comes next, of every active receiver that has something waiting."""
        other = table.alias()
        first = (
            sa.select(sa.func.min(other.c.id))
            .where((other.c.webhook_id == webhooks.c.id) & (other.c.state == 'waiting'))
            .scalar_subquery()
        )
        wanted = (
            sa.select(webhooks.c.id, webhooks.c.due, webhooks.c.failures, table.c.due.label('own'))
            .select_from(webhooks.join(table, table.c.id == first))
            .where(webhooks.c.state == 'active')
        )
        with reading(self._hooks.engine) as connection:
            rows = connection.execute(wanted).all()
        return [Head(row.id, max(row.due, row.own), row.failures > 0) for row in rows]

    def claim(self, webhook_id: int) -> Claim | None:
        """Mark the next delivery of a receiver as being sent; None where there is none after all."""
        with writing(self._hooks.engine) as connection:
            hook = connection.execute(sa.select(webhooks).where(webhooks.c.id == webhook_id)).first()
            if hook is None or hook.state != 'active' or not self._leases.holds(connection, LEASE):
                return None
            mine = (table.c.webhook_id == webhook_id) & (table.c.state == 'waiting')
            row = connection.execute(sa.select(table).where(mine).order_by(table.c.id).limit(1)).first()
            if row is None:
                return None
            values = {'state': 'sending', 'tries': row.tries + 1}
            connection.execute(table.update().where(table.c.id == row.id).values(**values))
        return Claim(row.id, Receiver.of(hook), row.uid, row.event_id, json.loads(row.event), row.tries + 1)

    def record(self, claim: Claim, outcome: Outcome) -> None:
        """Write down what became of it."""
        with writing(self._hooks.engine) as connection:
            now, newest = self._hooks.clock(), 0
            hook = connection.execute(sa.select(webhooks).where(webhooks.c.id == claim.receiver.id)).first()
            if hook is None:
                return
            after = self._after(hook, claim, outcome, now)
            if not connection.execute(_ended(claim, outcome, after, now)).rowcount:
                return  # it was taken for lost, and is another's now
            connection.execute(webhooks.update().where(webhooks.c.id == hook.id).values(**after))
            if after.get('state') == 'broken':
                newest = self._events.write(connection, [_given_up(hook, after['notice'], now)])
        if newest:
            self._events.tell(newest)
            log.warning('Webhook %s is paused: %s', hook.name, after['notice'])

    def _after(self, hook: Any, claim: Claim, outcome: Outcome, now: float) -> dict[str, Any]:
        """What changes of a receiver."""
        if outcome.verdict == 'done':
            return {'failures': 0, 'failing': None, 'due': 0.0}
        failures, since = hook.failures + 1, now if hook.failing is None else hook.failing
        wait = max(backoff(failures), outcome.retry_after) * self._shaken()
        after = {'failures': failures, 'failing': since, 'due': now + wait}
        if hook.state != 'active':
            return after  # somebody paused it meanwhile
        if outcome.verdict == 'gone':
            gone = said('The receiver says that it is gone (status %(status)s).', status=outcome.status)
            return after | {'state': 'broken', 'notice': str(gone)}
        if failures >= LEAST_FAILURES and now - since >= self._hooks.config.WEBHOOK_PATIENCE:
            notice = said(
                'Nothing could be delivered %(failures)s times in a row. %(error)s',
                failures=failures,
                error=outcome.words,
            )
            return after | {'state': 'broken', 'notice': str(notice)}
        return after

    def prune(self) -> None:
        """Forget old deliveries."""
        with writing(self._hooks.engine) as connection:
            ids = connection.execute(sa.select(webhooks.c.id)).scalars().all()
            deliveries.prune(connection, ids, self._hooks.clock())


def backoff(failures: int) -> float:
    """Seconds to wait after so many failures in a row."""
    return min(FIRST_WAIT * 2.0 ** min(failures - 1, 30), LONGEST_WAIT)


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


def _ended(claim: Claim, outcome: Outcome, after: dict[str, Any], now: float) -> sa.Update:
    values = outcome.columns
    if outcome.verdict == 'done':
        values |= {'state': 'done', 'ended': now}
    elif outcome.verdict == 'refused' or (outcome.verdict == 'again' and claim.tries >= MAX_TRIES):
        values |= {'state': 'failed', 'ended': now}
    else:
        values |= {'state': 'waiting', 'due': after['due']}
    mine = (table.c.id == claim.id) & (table.c.state == 'sending') & (table.c.tries == claim.tries)
    return table.update().where(mine).values(**values)


def _given_up(hook: Any, notice: str, now: float) -> Event:
    return Event(0, now, '', '', 'webhook', hook.name, notice)
