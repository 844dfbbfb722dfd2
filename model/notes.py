"""What we did to a client and want to remember, where the client itself cannot tell."""

from __future__ import annotations

import time
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy import Engine

from model.database import reading, writing
from model.tables import notes


class Notes:
    """The notes of one database. Every method may raise StateError, where the database does not answer.

    :param clock: Unix time in seconds.
    """

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._clock = clock

    def get(self, target: str, key: str) -> tuple[str, float] | None:
        """The value and when it was put (Unix seconds), None where there is none."""
        with reading(self._engine) as connection:
            row = connection.execute(sa.select(notes.c.value, notes.c.at).where(*_named(target, key))).first()
        return None if row is None else (row.value, row.at)

    def put(self, target: str, key: str, value: str) -> None:
        """Keep a value with the present time."""
        values = {'value': value, 'at': self._clock()}
        with writing(self._engine) as connection:
            if not connection.execute(notes.update().where(*_named(target, key)).values(**values)).rowcount:
                connection.execute(notes.insert().values(target=target, name=key, **values))


def _named(target: str, key: str) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return notes.c.target == target, notes.c.name == key
