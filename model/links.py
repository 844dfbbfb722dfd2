"""One-time links: the one that makes the first account, and those that log in."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from lib.errors import Conflict
from model import secretkeys
from model.database import reading, writing
from model.tables import links

PURPOSES = ('setup', 'login')
_TOKEN = re.compile(secretkeys.SHAPE)
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Link:
    """:ivar purpose: ``setup`` or ``login``; ``user_id`` is whom it logs in, ``expires`` is in Unix seconds."""

    purpose: str
    user_id: int | None
    expires: int


class Links:
    """The links of one database. Every method may raise StateError, where the database does not answer.

    :param clock: Unix time in seconds.
    """

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._clock = clock

    def create(self, purpose: str, user_id: int | None, ttl: float) -> str:
        """Make a link's token. A new ``setup`` link replaces the one before.

        :param user_id: whom a ``login`` link logs in; None for ``setup``.
        :param ttl: seconds for which it is good.
        :raises Conflict: the account is gone, or other processes make setup links all the time.
        """
        if purpose not in PURPOSES or (purpose == 'login') != (user_id is not None):
            raise ValueError(f'no link for {purpose!r} and {user_id!r}')
        token = secretkeys.make()
        now = int(self._clock())
        slot = 'setup' if purpose == 'setup' else None
        values = {'hash': secretkeys.digest(token), 'purpose': purpose, 'user_id': user_id, 'slot': slot}
        old = links.c.expires < now
        if slot is not None:
            old |= links.c.slot == slot
        for _ in range(_TRIES):
            try:
                with writing(self._engine) as connection:
                    connection.execute(links.delete().where(old))
                    connection.execute(links.insert().values(**values, expires=now + int(ttl)))
                return token
            except IntegrityError:
                continue  # another process made one between our two statements (not with SQLite)
        raise Conflict('The link could not be made: the account is gone, or others make links all the time.')

    def peek(self, token: str) -> Link | None:
        """The link of this token while it is good; does not use it up."""
        if not _TOKEN.fullmatch(token):
            return None
        query = sa.select(links.c.purpose, links.c.user_id, links.c.expires).where(*self._good(token))
        with reading(self._engine) as connection:
            row = connection.execute(query).first()
        return None if row is None else Link(*row)

    def use(self, token: str) -> Link | None:
        """Use the link up. Of several processes that try at once, one gets it and the others None."""
        link = self.peek(token)
        if link is None:
            return None
        with writing(self._engine) as connection:
            claimed = connection.execute(
                links.update().where(*self._good(token)).values(used=int(self._clock()), slot=None)
            )
        return link if claimed.rowcount == 1 else None

    def _good(self, token: str) -> tuple[sa.ColumnElement[bool], ...]:
        unused, alive = links.c.used.is_(None), links.c.expires >= int(self._clock())
        return links.c.hash == secretkeys.digest(token), unused, alive
