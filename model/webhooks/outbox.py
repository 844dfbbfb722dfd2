"""The queues of all receivers: emptied one by one, each in order.

Everything here is a short transaction; nothing is sent. What is to be sent is marked first and what became of it is
written down afterwards, so that a crash between leaves a mark, and it is sent again under the same number.
"""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from lib.words import packed, said, unpacked
from model.database import reading, writing
from model.events.eventlog import Event, EventLog
from model.leases import Leases
from model.tables import deliveries as table
from model.tables import webhooks
from model.webhooks import deliveries
from model.webhooks.receivers import Webhooks
from model.webhooks.sending import Outcome, Receiver, one_line

log = logging.getLogger(__name__)

LEASE = 'webhooks'
MAX_TRIES = 13
FIRST_WAIT, SECOND_WAIT, LONGEST_WAIT = 1.0, 5.0, 3600.0  # seconds
LEAST_FAILURES = 5  # in a row before a receiver is given up, however long it takes


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


def jitter() -> float:
    """A factor that differs each time, so that receivers that failed together are not tried together again."""
    return random.uniform(1.0, 1.25)  # noqa: S311  it is no secret


class Outbox:
    """
    :param leases: every writing method does nothing where LEASE is another's.
    :param jitter: what each wait is multiplied by.
    """

    def __init__(
        self,
        hooks: Webhooks,
        events: EventLog,
        leases: Leases,
        jitter: Callable[[], float] = jitter,
    ) -> None:
        self._hooks = hooks
        self._events = events
        self._leases = leases
        self._jitter = jitter

    def heads(self) -> list[Head]:
        """What comes next, of every active receiver that has something to be sent."""
        has = sa.exists().where((table.c.webhook_id == webhooks.c.id) & table.c.state.in_(deliveries.OPEN))
        wanted = sa.select(webhooks.c.id, webhooks.c.due, webhooks.c.failures)
        with reading(self._hooks.engine) as connection:
            rows = connection.execute(wanted.where((webhooks.c.state == 'active') & has)).all()
        now = self._hooks.clock()
        return [Head(row.id, _due(row, now), row.failures > 0) for row in rows]

    def claim(self, webhook_id: int) -> Claim | None:
        """Mark the next delivery of a receiver as being sent; None where there is none after all, or not yet.

        Each receiver has one sender. So what is marked already was left by one that is gone or failed: it may have
        arrived or not, and is sent again.
        """
        with writing(self._hooks.engine) as connection:
            hook = connection.execute(sa.select(webhooks).where(webhooks.c.id == webhook_id)).first()
            if hook is None or hook.state != 'active' or not self._leases.holds(connection, LEASE):
                return None
            if _due(hook, now := self._hooks.clock()) > now:
                return None  # it failed since somebody looked
            mine = (table.c.webhook_id == webhook_id) & table.c.state.in_(deliveries.OPEN)
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
                newest = self._events.write(connection, [_given_up(hook, unpacked(after['notice']), now)])
        if newest:
            self._events.tell(newest)
            log.warning('Webhook %s is paused: %s', hook.name, unpacked(after['notice']))

    def _after(self, hook: Any, claim: Claim, outcome: Outcome, now: float) -> dict[str, Any]:
        """What changes of a receiver."""
        if outcome.verdict == 'done':
            return {'failures': 0, 'failing': None, 'due': 0.0}
        failures, since = hook.failures + 1, now if hook.failing is None else hook.failing
        wait = max(backoff(failures), outcome.retry_after) * self._jitter()
        after = {'failures': failures, 'failing': since, 'due': now + wait}
        if hook.state != 'active':
            return after  # somebody paused it meanwhile
        if outcome.verdict == 'gone':
            gone = said('The receiver says that it is gone (status %(status)s).', status=outcome.status)
            return after | {'state': 'broken', 'notice': packed(gone)}
        if _is_hopeless(failures, now - since, self._hooks.config.WEBHOOK_PATIENCE):
            notice = said(
                'Nothing could be delivered %(failures)s times in a row. %(error)s',
                failures=failures,
                error=outcome.words,
            )
            return after | {'state': 'broken', 'notice': packed(notice, one_line)}
        return after

    def put_back(self, seconds: float) -> None:
        """Have all that waits be due as much earlier as the clock was put back."""
        late, since = self._hooks.clock(), webhooks.c.failing
        with writing(self._hooks.engine) as connection:
            if not self._leases.holds(connection, LEASE):
                return
            for due, open_ in (
                (webhooks.c.due, sa.true()),
                (table.c.due, table.c.state.in_(deliveries.OPEN)),
            ):
                change = due.table.update().where((due > late) & open_)
                connection.execute(change.values(due=due - seconds))
            connection.execute(webhooks.update().where(since > late).values(failing=since - seconds))
        log.warning(
            'The clock was put back by %.0f seconds; what waits for it is due as much earlier.', seconds
        )

    def prune(self) -> None:
        """Forget old deliveries."""
        with writing(self._hooks.engine) as connection:
            ids = connection.execute(sa.select(webhooks.c.id)).scalars().all()
            deliveries.prune(connection, ids, self._hooks.clock())


def backoff(failures: int) -> float:
    """Seconds to wait after so many failures in a row.

    The first time a moment: who fails now and then must not fall behind, since the others wait for this one.
    """
    return FIRST_WAIT if failures == 1 else min(SECOND_WAIT * 2.0 ** min(failures - 2, 30), LONGEST_WAIT)


def _due(row: Any, now: float) -> float:
    """From when on a receiver may be tried."""
    # Later than ever meant only where the clock was put back meanwhile.
    return float(row.due) if row.due <= now + 2 * LONGEST_WAIT else 0.0


def _is_hopeless(failures: int, seconds: float, patience: float) -> bool:
    """Whether a receiver is given up.

    :param seconds: since the first failure. They also pass where nothing is tried: while the machine sleeps, or when
        its clock is put right. So there have to be as many tries as fit into that time at least.
    """
    return seconds >= patience and failures >= max(LEAST_FAILURES, patience / (2 * LONGEST_WAIT))


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
