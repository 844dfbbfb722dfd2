"""The queues of all receivers: filled from the log of events, emptied one by one, each in order.

Everything here is a short transaction; nothing is sent. What is to be sent is marked first and what became of it is
written down afterwards, so that a crash between leaves a mark, and it is sent again under the same number.
"""

from __future__ import annotations

import json
import logging
import random
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
BATCH = 200  # events looked at in one go
SHARE = 500  # deliveries written in one transaction and a few more, since nobody else can write meanwhile
TURN = 0.5  # seconds for those that do not answer, before the others have their turn again
_BREATH = 0.1  # seconds at most that we leave to others after a transaction
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


@dataclass(frozen=True, slots=True)
class _Part:
    """What one receiver is to get now.

    :ivar wanted: events with their numbers, as they are stored.
    :ivar last: the event up to which the log was looked through for it.
    """

    row: Any
    wanted: Sequence[tuple[int, str]]
    last: int


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
            self._mind_the_gap(group, found[0].id)
            texts = {event.id: deliveries.kept(event.public()) for event in found}
            parts = [_part(row, found, texts, None if stuck else waiting.get(row.id, 0)) for row in group]
            for share in _shares(parts):
                if stuck and time.monotonic() > until:
                    return True
                if not self._take(share):
                    return False
            more |= len(found) == BATCH and any(part.last == found[-1].id for part in parts)
        return more

    def _mind_the_gap(self, group: Sequence[Any], next_id: int) -> None:
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
        time.sleep(min(time.monotonic() - began, _BREATH))
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

    def heads(self) -> list[Head]:
        """What comes next, of every active receiver that has something waiting."""
        waits = sa.exists().where((table.c.webhook_id == webhooks.c.id) & (table.c.state == 'waiting'))
        wanted = sa.select(webhooks.c.id, webhooks.c.due, webhooks.c.failures)
        with reading(self._hooks.engine) as connection:
            rows = connection.execute(wanted.where((webhooks.c.state == 'active') & waits)).all()
        latest = self._hooks.clock() + 2 * LONGEST_WAIT  # later only where the clock was put back meanwhile
        return [Head(row.id, row.due if row.due <= latest else 0.0, row.failures > 0) for row in rows]

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


def _is_stuck(row: Any) -> bool:
    """Whether nothing gets through to a receiver at present."""
    return bool(row.state != 'active' or row.failures > 0)


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
