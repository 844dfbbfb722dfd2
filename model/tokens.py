"""Tokens with which programs use the API in the name of an account."""

from __future__ import annotations

import hmac
import logging
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Engine

from lib.errors import Conflict, StateError, UsageError
from lib.words import said
from model import secretkeys
from model.database import reading, writing
from model.tables import tokens, users
from model.users import User

log = logging.getLogger(__name__)

PREFIX = 'pyro_'
MAX_LABEL = 80
MAX_PER_USER = 100
USED_EVERY = 60  # seconds between two notes of the last use
_HEADER = re.compile(f'Bearer ({PREFIX}{secretkeys.SHAPE})')


@dataclass(frozen=True, slots=True)
class Token:
    """:ivar created: Unix seconds; ``last_used`` likewise, to the minute, None where never."""

    id: int
    user_id: int
    user_name: str
    label: str
    write: bool
    created: int
    last_used: int | None


@dataclass(frozen=True, slots=True)
class Identity:
    """In whose name a token acts.

    :ivar role: ``read`` or ``write``; never more than its account's.
    :ivar administers: it may write, and its account is an administrator's.
    """

    token_id: int
    user_id: int
    name: str
    role: str
    administers: bool


_JOINED = tokens.join(users, tokens.c.user_id == users.c.id)
_ROLES = (tokens.c.write, users.c.role)
_BY_HASH = (
    sa.select(tokens.c.id, tokens.c.user_id, tokens.c.hash, tokens.c.last_used, users.c.name, *_ROLES)
    .select_from(_JOINED)
    .where(tokens.c.hash == sa.bindparam('wanted'))
)


class Tokens:
    """The tokens of one database. Every method may raise StateError, where the database does not answer.

    :param clock: Unix time in seconds.
    """

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._clock = clock

    def add(self, user: User, label: str, write: bool) -> str:
        """Make a token. What is returned is shown once; only its hash is kept.

        :param write: whether it may change things, and not only look.
        :raises UsageError: the label will not do, or the account itself may only look.
        :raises Conflict: the account has too many tokens, or is gone.
        """
        label = label.strip()
        if not 1 <= len(label) <= MAX_LABEL or not label.isprintable():
            raise UsageError(
                said(
                    'Say in 1 to %(max_label)s plain characters what the token is for.', max_label=MAX_LABEL
                ),
                field='label',
            )
        if write and user.role == 'read':
            raise UsageError(
                said('The account “%(name)s” may only look, so its tokens cannot do more.', name=user.name),
                field='scope',
            )
        secret = PREFIX + secretkeys.make()
        values = {'user_id': user.id, 'hash': secretkeys.digest(secret), 'label': label, 'write': write}
        with writing(self._engine) as connection:
            mine = sa.select(sa.func.count()).select_from(tokens).where(tokens.c.user_id == user.id)
            if connection.execute(mine).scalar_one() >= MAX_PER_USER:
                raise Conflict(
                    said(
                        'The account has %(max_per_user)s tokens. Revoke those that are not used any more.',
                        max_per_user=MAX_PER_USER,
                    )
                )
            if connection.execute(sa.select(users.c.id).where(users.c.id == user.id)).first() is None:
                raise Conflict('This account is gone.')
            connection.execute(tokens.insert().values(**values, created=int(self._clock())))
        return secret

    def list(self, user_id: int | None = None) -> Sequence[Token]:
        """The tokens of an account, or of all (None), oldest first."""
        columns = (tokens.c.id, tokens.c.user_id, users.c.name, tokens.c.label, tokens.c.write)
        query = sa.select(*columns, tokens.c.created, tokens.c.last_used).select_from(_JOINED)
        if user_id is not None:
            query = query.where(tokens.c.user_id == user_id)
        with reading(self._engine) as connection:
            return [Token(*row) for row in connection.execute(query.order_by(tokens.c.id))]

    def revoke(self, token_id: int, user_id: int | None = None) -> bool:
        """End a token at once; False where there is none (of that account, where one is given)."""
        which = tokens.c.id == token_id
        if user_id is not None:
            which &= tokens.c.user_id == user_id
        with writing(self._engine) as connection:
            return bool(connection.execute(tokens.delete().where(which)).rowcount)

    def verify(self, header: str) -> Identity | None:
        """In whose name a request acts, by its ``Authorization`` header; None where the token is not valid.

        Only ``Bearer``, one blank and one token will do: a repeated header arrives joined by a comma, and guessing
        which half is meant is how two programs come to see two different requests.
        """
        found = _HEADER.fullmatch(header)
        if found is None:
            return None
        wanted = secretkeys.digest(found[1])
        with reading(self._engine) as connection:
            row = connection.execute(_BY_HASH, {'wanted': wanted}).first()
        # The index compares in its own time, but hashes: how far one fits tells nothing about a token that would.
        if row is None or not hmac.compare_digest(row.hash, wanted):
            return None
        self._note_use(row.id, row.last_used)
        role = _role(row.write, row.role)
        administers = role == 'write' and row.role == 'admin'
        return Identity(row.id, row.user_id, row.name, role, administers)

    def role(self, token_id: int) -> str | None:
        """What a token may do by now, for what goes on after its request: None where it was revoked."""
        with reading(self._engine) as connection:
            which = sa.select(*_ROLES).select_from(_JOINED).where(tokens.c.id == token_id)
            row = connection.execute(which).first()
        return None if row is None else _role(row.write, row.role)

    def _note_use(self, token_id: int, last_used: int | None) -> None:
        now = int(self._clock())
        if last_used is not None and 0 <= now - last_used < USED_EVERY:
            return
        try:
            with writing(self._engine) as connection:
                connection.execute(tokens.update().where(tokens.c.id == token_id).values(last_used=now))
        except StateError as error:
            log.warning('The last use of token %d is not noted: %s', token_id, error)


def _role(write: bool, role: str) -> str:
    return 'write' if write and role in ('write', 'admin') else 'read'
