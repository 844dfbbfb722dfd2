"""What is to be sent to receivers of events, and what became of it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from lib.errors import Conflict, NotFound
from lib.words import N_, unpacked
from model.database import new_id
from model.tables import deliveries

MAX_WAITING = 1000  # of one receiver; the oldest go
MAX_ENDED = 500  # of one receiver, kept to be looked at
KEPT_FOR = 30 * 86400.0  # seconds
MAX_WORDS = 500  # characters of an error or a reply
MAX_TEXT = 1000  # characters of one value of an event

OPEN = ('waiting', 'sending')
ENDED = ('done', 'failed', 'dropped')


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one receiver.

    :ivar uid: the same at every try, so that a receiver can tell what it has.
    :ivar event_id: 0 where it was a test.
    :ivar kind: of the event, as is ``name``.
    :ivar event: as programs get it (:meth:`model.events.eventlog.Event.public`).
    :ivar state: ``waiting`` (also while it is being sent), ``done``, ``failed``, or ``dropped`` from a full queue.
    :ivar due: Unix seconds from which it may be tried (again), as are ``created`` and ``ended``.
    :ivar status: HTTP's, of the last reply; None where none came.
    :ivar took: seconds of the last try.
    :ivar error: why the last try failed, for people; ``''`` where it did not.
    :ivar reply: the beginning of the receiver's words. Foreign text, one line.
    """

    id: int
    uid: str
    event_id: int
    kind: str
    name: str
    event: dict[str, Any]
    state: str
    tries: int
    due: float
    created: float
    ended: float | None
    status: int | None
    took: float | None
    error: str
    reply: str


def read(row: Any) -> Delivery:
    """A row of the table."""
    event = json.loads(row.event)
    state = 'waiting' if row.state in OPEN else row.state
    same = {key: getattr(row, key) for key in _SAME}
    return Delivery(
        **same,
        kind=str(event.get('kind', '')),
        name=str(event.get('name', '')),
        event=event,
        state=state,
        error=unpacked(row.error),
    )


_SAME = (
    'id', 'uid', 'event_id', 'tries', 'due', 'created', 'ended', 'status', 'took', 'reply',
)  # fmt: skip


def list_of(connection: Connection, webhook_id: int, before: int | None, limit: int) -> list[Delivery]:
    """The newest first.

    :param before: only those with a smaller id.
    """
    wanted = sa.select(deliveries).where(deliveries.c.webhook_id == webhook_id)
    if before is not None:
        wanted = wanted.where(deliveries.c.id < before)
    return [read(row) for row in connection.execute(wanted.order_by(deliveries.c.id.desc()).limit(limit))]


def waiting(connection: Connection) -> dict[int, int]:
    """How many wait, by receiver."""
    counted = sa.select(deliveries.c.webhook_id, sa.func.count()).group_by(deliveries.c.webhook_id)
    found = connection.execute(counted.where(deliveries.c.state.in_(OPEN)))
    return {row[0]: row[1] for row in found}


def last(connection: Connection) -> dict[int, Delivery]:
    """The newest that ended, by receiver."""
    ended = sa.select(sa.func.max(deliveries.c.id)).where(deliveries.c.state.in_(ENDED))
    newest = deliveries.c.id.in_(ended.group_by(deliveries.c.webhook_id))
    return {row.webhook_id: read(row) for row in connection.execute(sa.select(deliveries).where(newest))}


def again(connection: Connection, webhook_id: int, delivery_id: int, now: float) -> Delivery:
    """Have one sent once more, with the same uid.

    :raises NotFound: the receiver has no such delivery.
    :raises Conflict: it waits already.
    """
    mine = (deliveries.c.webhook_id == webhook_id) & (deliveries.c.id == delivery_id)
    row = connection.execute(sa.select(deliveries).where(mine)).first()
    if row is None:
        raise NotFound('There is no such delivery; old ones are forgotten.')
    if row.state not in ENDED:
        raise Conflict('This delivery is waiting to be sent already.')
    values = {'state': 'waiting', 'tries': 0, 'due': now, 'ended': None, 'error': ''}
    connection.execute(deliveries.update().where(mine).values(**values))
    return read(connection.execute(sa.select(deliveries).where(mine)).one())


def add(connection: Connection, webhook_id: int, entries: Sequence[Mapping[str, Any]]) -> int:
    """Queue what is new for one receiver; how many old ones had to go for it."""
    if entries:
        connection.execute(deliveries.insert(), [{'webhook_id': webhook_id, **entry} for entry in entries])
    mine = (deliveries.c.webhook_id == webhook_id) & (deliveries.c.state == 'waiting')
    newest = sa.select(deliveries.c.id).where(mine).order_by(deliveries.c.id.desc())
    last_to_go = connection.execute(newest.offset(MAX_WAITING).limit(1)).scalar()
    if last_to_go is None:
        return 0
    gone = {'state': 'dropped', 'ended': entries[-1]['created'] if entries else None}
    gone['error'] = N_('The queue was full.')
    dropped = connection.execute(
        deliveries.update().where(mine & (deliveries.c.id <= last_to_go)).values(**gone)
    ).rowcount
    _forget_ended(connection, webhook_id)  # a flood would fill the disk before anybody tidies up
    return dropped


def put(connection: Connection, webhook_id: int, values: Mapping[str, Any]) -> Delivery:
    """Write one down that ended already."""
    result = connection.execute(deliveries.insert().values(webhook_id=webhook_id, **values))
    made = deliveries.c.id == new_id(result)
    return read(connection.execute(sa.select(deliveries).where(made)).one())


def hurry(connection: Connection, webhook_id: int, now: float) -> None:
    """Have all that waits for one receiver wait no longer."""
    mine = (deliveries.c.webhook_id == webhook_id) & (deliveries.c.state == 'waiting')
    connection.execute(deliveries.update().where(mine).values(due=now))


def discard(connection: Connection, webhook_id: int, now: float) -> None:
    """Drop all that waits for one receiver."""
    mine = (deliveries.c.webhook_id == webhook_id) & (deliveries.c.state == 'waiting')
    gone = {'state': 'dropped', 'ended': now, 'error': N_('The queue was emptied.')}
    connection.execute(deliveries.update().where(mine).values(**gone))


def stored_event(event: Mapping[str, Any]) -> str:
    """An event as it is stored: in ASCII, which any database takes, whatever a name is made of."""
    return json.dumps(bounded(event))


def entry(uid: str, event_id: int, event: str, now: float) -> dict[str, Any]:
    """A new row, waiting.

    :param event: as :func:`stored_event` gives it.
    """
    return {
        'uid': uid,
        'event_id': event_id,
        'event': event,
        'state': 'waiting',
        'tries': 0,
        'due': now,
        'created': now,
        'ended': None,
        'status': None,
        'took': None,
        'error': '',
        'reply': '',
    }


def bounded(value: Any) -> Any:
    """A value as JSON has it, its texts cut: a name can be a megabyte long, and it is kept a thousand times."""
    if isinstance(value, str):
        return value if len(value) <= MAX_TEXT else value[: MAX_TEXT - 1] + '…'
    if isinstance(value, Mapping):
        return {str(key)[:MAX_TEXT]: bounded(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [bounded(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def prune(connection: Connection, webhook_ids: Sequence[int], now: float) -> None:
    """Forget what ended long ago, and what is too much."""
    ended = deliveries.c.state.in_(ENDED)
    connection.execute(deliveries.delete().where(ended & (deliveries.c.created < now - KEPT_FOR)))
    for webhook_id in webhook_ids:
        _forget_ended(connection, webhook_id)


def _forget_ended(connection: Connection, webhook_id: int) -> None:
    """Keep MAX_ENDED of a receiver, the newest."""
    mine = deliveries.c.state.in_(ENDED) & (deliveries.c.webhook_id == webhook_id)
    newest = sa.select(deliveries.c.id).where(mine).order_by(deliveries.c.id.desc())
    last_to_go = connection.execute(newest.offset(MAX_ENDED).limit(1)).scalar()
    if last_to_go is not None:
        connection.execute(deliveries.delete().where(mine & (deliveries.c.id <= last_to_go)))
