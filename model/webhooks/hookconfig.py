"""Receivers that config.py names: the setting WEBHOOKS, brought into the database when a server starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from lib.config import Config
from lib.errors import ConfigError, UsageError
from model import secretkeys
from model.tables import webhooks
from model.webhooks import hookfields

_FIELDS = frozenset(hookfields.FIELDS) - {'name', 'options'}


def configured(config: Config, most: int) -> dict[str, dict[str, Any]]:
    """What each is to be in the table, by name.

    :raises ConfigError: one is wrong, or there are more than ``most``.
    """
    if len(config.WEBHOOKS) > most:
        raise ConfigError(f'WEBHOOKS names {len(config.WEBHOOKS)} receivers; there can be {most}.')
    return {name: _checked(name, entry, config) for name, entry in config.WEBHOOKS.items()}


def _checked(name: str, entry: Mapping[str, Any], config: Config) -> dict[str, Any]:
    fields: dict[str, Any] = {key: value for key, value in entry.items() if key in _FIELDS}
    if name != name.strip():
        raise ConfigError(f'WEBHOOKS[{name!r}] will not do: the name begins or ends with a blank.')
    # Numbers are written as such there, e.g. a priority or the number of a chat.
    options = {key: str(value) if type(value) is int else value for key, value in entry.items()}
    fields['options'] = {key: value for key, value in options.items() if key not in _FIELDS}
    try:
        values = hookfields.check({**fields, 'name': name}, config)
    except UsageError as error:
        raise ConfigError(f'WEBHOOKS[{name!r}] will not do: {error}') from error
    return {**values, 'source': 'config'}


def sync(
    connection: Connection, wanted: Mapping[str, Mapping[str, Any]], fresh: Mapping[str, Any], now: float
) -> None:
    """Make, change and remove, so that the table has what the configuration has; queues stay with their receivers.

    :param fresh: what a new one begins with.
    """
    rows: dict[str, Any] = {row.name: row for row in connection.execute(sa.select(webhooks))}
    for old in rows.values():
        if old.source == 'config' and old.name not in wanted:
            connection.execute(webhooks.delete().where(webhooks.c.id == old.id))
    for name, values in wanted.items():
        row = rows.get(name)
        if row is not None and row.source != 'config':
            other = {'name': _free(name, rows)}
            connection.execute(webhooks.update().where(webhooks.c.id == row.id).values(**other))
            row = None
        if row is None:
            secret = values['secret'] or secretkeys.make()
            connection.execute(webhooks.insert().values(**{**fresh, **values, 'secret': secret}))
            continue
        kept = {**values, 'secret': values['secret'] or row.secret}
        if any(getattr(row, key) != value for key, value in kept.items()):
            connection.execute(webhooks.update().where(webhooks.c.id == row.id).values(**kept, changed=now))


def _free(name: str, taken: Mapping[str, Any]) -> str:
    """A name for the one of the page, where the configuration has taken its own."""
    names = (f'{name[: hookfields.MAX_NAME - 4]} {number}' for number in range(2, 1000))
    return next(each for each in names if each not in taken)
