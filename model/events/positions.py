"""How far readers of the log of events have come that have a name and go on after a restart."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Engine

from model.database import reading, writing
from model.tables import positions


class Positions:
    """The positions of one database. Every method may raise StateError, where the database does not answer."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, name: str) -> int | None:
        """The last event that was dealt with; None of somebody new."""
        with reading(self._engine) as connection:
            return connection.execute(
                sa.select(positions.c.position).where(positions.c.name == name)
            ).scalar()

    def set(self, name: str, position: int) -> None:
        """Keep it."""
        mine = positions.update().where(positions.c.name == name).values(position=position)
        with writing(self._engine) as connection:
            if not connection.execute(mine).rowcount:
                connection.execute(positions.insert().values(name=name, position=position))

    def remove(self, name: str) -> None:
        """Forget it."""
        with writing(self._engine) as connection:
            connection.execute(positions.delete().where(positions.c.name == name))
