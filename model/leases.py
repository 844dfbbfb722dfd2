"""Work that one process at a time may do for a database: whoever holds its lease."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from model import process
from model.database import reading, writing
from model.tables import leases


class Leases:
    """The leases of one database. Every method may raise StateError, where the database does not answer.

    Two objects count as two holders, even in one process.

    :param clock: Unix time in seconds.
    """

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._clock = clock
        self._word = secrets.token_hex(4)

    def hold(self, name: str, seconds: float) -> bool:
        """Take the lease, or prolong it; asking often costs a look, and a write in half of ``seconds``.

        :param seconds: how long it lasts if the holder's machine falls silent. That its process ended is seen at once
            where it was on this machine.
        """
        with reading(self._engine) as connection:
            row = connection.execute(sa.select(leases).where(leases.c.name == name)).first()
        now, me = self._clock(), self._me()
        values = {'holder': me, 'until': now + seconds}
        if row is None:
            return self._insert(name, values)
        if row.holder == me:
            if seconds / 2 < row.until - now <= seconds:
                return True
        elif self._held(row, now, seconds):
            return False
        seen = (leases.c.holder == row.holder) & (leases.c.until == row.until)
        with writing(self._engine) as connection:
            return bool(
                connection.execute(leases.update().where(leases.c.name == name, seen).values(values)).rowcount
            )

    def holds(self, connection: Connection, name: str) -> bool:
        """Whether the lease is still ours, inside a transaction that writes what only its holder may."""
        return bool(
            connection.execute(sa.select(leases.c.holder).where(leases.c.name == name)).scalar() == self._me()
        )

    def release(self, name: str) -> None:
        """Let go of it, so that another one may take it at once."""
        with writing(self._engine) as connection:
            connection.execute(leases.delete().where(leases.c.name == name, leases.c.holder == self._me()))

    def _insert(self, name: str, values: dict[str, Any]) -> bool:
        try:
            with writing(self._engine) as connection:
                connection.execute(leases.insert().values(name=name, **values))
        except IntegrityError:  # another one was quicker
            return False
        return True

    def _me(self) -> str:
        return f'{self._word}/{process.name()}'  # asked each time: a child of ours is not us

    @staticmethod
    def _held(row: Any, now: float, seconds: float) -> bool:
        if process.runs(row.holder.partition('/')[2]) is False:
            return False
        return bool(now < row.until <= now + 2 * seconds)  # more than that only after its clock was put back
