"""Receivers of events: programs, chats and mailboxes that are told what happens. docs/webhooks.rst explains them."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from lib.config import Config
from lib.errors import Conflict, NotFound
from lib.words import said
from model import secretkeys
from model.database import new_id, reading, writing
from model.events.eventlog import Event
from model.tables import events, webhooks
from model.webhooks import deliveries, hookconfig, hookfields, webhook
from model.webhooks.deliveries import Delivery
from model.webhooks.hookstyles import STYLES, Option, Style
from model.webhooks.sending import Receiver, Sender
from model.webhooks.webhook import Webhook

__all__ = ['STYLES', 'Delivery', 'Option', 'Style', 'Webhook', 'Webhooks']

MAX_WEBHOOKS = 100


class Webhooks:
    """The receivers of one database. Every method may raise StateError, where the database does not answer.

    :param clock: Unix seconds.
    :param sender: sends tests; by default under the rules of ``config``.
    :raises ConfigError: a receiver in WEBHOOKS is wrong.
    """

    def __init__(
        self,
        engine: Engine,
        config: Config,
        clock: Callable[[], float] = time.time,
        *,
        sender: Sender | None = None,
    ) -> None:
        self.engine = engine
        self.config = config
        self.clock = clock
        self.sender = sender or Sender(config, clock)
        self._configured = hookconfig.configured(config, MAX_WEBHOOKS)

    def sync(self) -> None:
        """Bring the receivers of the configuration into the database."""
        now = self.clock()
        with writing(self.engine) as connection:
            fresh = {**_NEW, 'cursor': newest(connection), 'created': now, 'changed': now}
            hookconfig.sync(connection, self._configured, fresh, now)

    def all(self) -> list[Webhook]:
        """All receivers, by name."""
        with reading(self.engine) as connection:
            found = webhook.read(connection, connection.execute(sa.select(webhooks)).all())
        return sorted(found, key=lambda hook: (hook.name.casefold(), hook.name))

    def get(self, webhook_id: int) -> Webhook:
        """:raises NotFound: there is no such receiver."""
        with reading(self.engine) as connection:
            return self._get(connection, webhook_id)

    def create(self, fields: Mapping[str, Any]) -> Webhook:
        """Make a receiver. It is told what happens from now on.

        :param fields: any of ``name style url options kinds query secret``; ``name`` and ``style`` have to be there.
        :raises UsageError: a field is wrong; ``field`` says which.
        :raises Conflict: there is one of that name, or there are too many.
        """
        values = hookfields.check(fields, self.config)
        values['secret'] = values['secret'] or secretkeys.make()
        now = self.clock()
        try:
            with writing(self.engine) as connection:
                _check_number(connection)
                row = {**values, **_NEW, 'cursor': newest(connection), 'created': now, 'changed': now}
                made = new_id(connection.execute(webhooks.insert().values(source='page', **row)))
                return self._get(connection, made)
        except IntegrityError as error:
            raise _taken(values['name']) from error

    def change(self, webhook_id: int, fields: Mapping[str, Any]) -> Webhook:
        """Change a receiver. What is not given stays; so do an empty address and empty secret options.

        :raises UsageError: a field is wrong; ``field`` says which.
        :raises Conflict: there is another of that name, or this one comes from the configuration.
        :raises NotFound: there is no such receiver.
        """
        try:
            with writing(self.engine) as connection:
                old = _own(connection, webhook_id)
                merged = hookfields.merged(_fields(old), fields)
                values = hookfields.check(merged, self.config)
                hookfields.check_move(_fields(old), fields, merged)
                values['changed'] = self.clock()
                connection.execute(webhooks.update().where(webhooks.c.id == webhook_id).values(**values))
                return self._get(connection, webhook_id)
        except IntegrityError as error:
            raise _taken(str(fields.get('name', ''))) from error

    def remove(self, webhook_id: int) -> None:
        """Remove a receiver with its queue and its log.

        :raises NotFound: there is no such receiver.
        :raises Conflict: it comes from the configuration.
        """
        with writing(self.engine) as connection:
            _own(connection, webhook_id)
            connection.execute(webhooks.delete().where(webhooks.c.id == webhook_id))

    def pause(self, webhook_id: int) -> Webhook:
        """Send it nothing more; its queue still fills.

        :raises NotFound: there is no such receiver.
        """
        return self._set(webhook_id, {'state': 'paused', 'notice': ''})

    def resume(self, webhook_id: int) -> Webhook:
        """Send it what waits, and what comes.

        :raises NotFound: there is no such receiver.
        """
        fresh = {'state': 'active', 'notice': '', 'failures': 0, 'failing': None, 'due': 0.0}
        with writing(self.engine) as connection:
            deliveries.hurry(connection, webhook_id, self.clock())
        return self._set(webhook_id, fresh)

    def discard(self, webhook_id: int) -> Webhook:
        """Empty its queue.

        :raises NotFound: there is no such receiver.
        """
        with writing(self.engine) as connection:
            _row(connection, webhook_id)
            deliveries.discard(connection, webhook_id, self.clock())
            return self._get(connection, webhook_id)

    def secret(self, webhook_id: int) -> str:
        """What signs the deliveries of a receiver.

        :raises NotFound: there is no such receiver.
        """
        with reading(self.engine) as connection:
            return str(_row(connection, webhook_id).secret)

    def rotate(self, webhook_id: int) -> str:
        """A new secret; the old one counts no more.

        :raises NotFound: there is no such receiver.
        :raises Conflict: it comes from the configuration.
        """
        secret = secretkeys.make()
        with writing(self.engine) as connection:
            _own(connection, webhook_id)
            values = {'secret': secret, 'changed': self.clock()}
            connection.execute(webhooks.update().where(webhooks.c.id == webhook_id).values(**values))
        return secret

    def deliveries(self, webhook_id: int, *, before: int | None = None, limit: int = 50) -> list[Delivery]:
        """What was and will be sent to a receiver, the newest first.

        :param before: the id of a delivery; only older ones are meant.
        :raises NotFound: there is no such receiver.
        """
        with reading(self.engine) as connection:
            _row(connection, webhook_id)
            return deliveries.list_of(connection, webhook_id, before, limit)

    def retry(self, webhook_id: int, delivery_id: int) -> Delivery:
        """Send one that ended once more, with the same uid.

        :raises NotFound: there is no such receiver or delivery.
        :raises Conflict: it waits already.
        """
        with writing(self.engine) as connection:
            _row(connection, webhook_id)
            connection.execute(webhooks.update().where(webhooks.c.id == webhook_id).values(due=0.0))
            return deliveries.again(connection, webhook_id, delivery_id, self.clock())

    def test(self, webhook_id: int) -> Delivery:
        """Send a test at once, past the queue, and wait for what becomes of it.

        :raises NotFound: there is no such receiver.
        """
        with reading(self.engine) as connection:
            known = Receiver.of(_row(connection, webhook_id))
        uid, now = secrets.token_hex(16), self.clock()
        event = Event(
            0, now, '', '', 'test', 'pyroTorrent', 'This is a test; events will arrive here.'
        ).public()
        outcome = self.sender.send(known, uid, event)
        waiting = deliveries.entry(uid, 0, deliveries.stored_event(event), now)
        ended = {**waiting, **outcome.columns, 'tries': 1, 'ended': self.clock()}
        ended['state'] = 'done' if outcome.verdict == 'done' else 'failed'
        with writing(self.engine) as connection:
            _row(connection, webhook_id)  # it may have been removed meanwhile
            return deliveries.put(connection, webhook_id, ended)

    def _set(self, webhook_id: int, values: Mapping[str, Any]) -> Webhook:
        with writing(self.engine) as connection:
            connection.execute(webhooks.update().where(webhooks.c.id == webhook_id).values(**values))
            return self._get(connection, webhook_id)

    def _get(self, connection: Connection, webhook_id: int) -> Webhook:
        return webhook.read(connection, [_row(connection, webhook_id)])[0]


_NEW = {'state': 'active', 'notice': '', 'failures': 0, 'failing': None, 'due': 0.0, 'dropped': 0}


def newest(connection: Connection) -> int:
    """The number of the newest event, 0 where there is none."""
    return connection.execute(sa.select(sa.func.max(events.c.id))).scalar() or 0


def _fields(row: Any) -> dict[str, Any]:
    """What :meth:`Webhooks.create` would be given to make this."""
    kept = {key: getattr(row, key) for key in ('name', 'style', 'url', 'query', 'secret')}
    return kept | {'options': json.loads(row.options), 'kinds': json.loads(row.kinds)}


def _row(connection: Connection, webhook_id: int) -> Any:
    row = connection.execute(sa.select(webhooks).where(webhooks.c.id == webhook_id)).first()
    if row is None:
        raise NotFound('There is no such webhook; it may have been removed.')
    return row


def _own(connection: Connection, webhook_id: int) -> Any:
    """The row of a receiver that may be changed here."""
    row = _row(connection, webhook_id)
    if row.source == 'config':
        raise Conflict('This webhook comes from WEBHOOKS in config.py, and can only be changed there.')
    return row


def _check_number(connection: Connection) -> None:
    if connection.execute(sa.select(sa.func.count()).select_from(webhooks)).scalar_one() >= MAX_WEBHOOKS:
        raise Conflict(
            said(
                'There are %(max_webhooks)s webhooks already. Remove those that are not needed any more.',
                max_webhooks=MAX_WEBHOOKS,
            )
        )


def _taken(name: str) -> Conflict:
    return Conflict(said('There is a webhook “%(name)s” already.', name=name[: hookfields.MAX_NAME]))
