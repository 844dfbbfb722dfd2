"""The people who may log in."""

from __future__ import annotations

import secrets
import time
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Row
from sqlalchemy.exc import IntegrityError

from lib.errors import BadLogin, Conflict, NotFound, TooManyAttempts, UnknownName, UsageError
from lib.words import said
from model import passwords
from model.database import new_id, reading, writing
from model.tables import links, users
from model.throttle import Throttle

ROLES = ('read', 'write', 'admin')
MAX_NAME = 64


@dataclass(frozen=True, slots=True)
class User:
    """:ivar role: ``admin``, ``write`` or ``read``.
    :ivar epoch: changes with the password; a session of another epoch is over.
    """

    id: int
    name: str
    role: str
    epoch: int


_USER = sa.select(users.c.id, users.c.name, users.c.role, users.c.epoch)
_BY_ID = _USER.where(users.c.id == sa.bindparam('wanted'))
_BY_NAME = _USER.add_columns(users.c.password).where(users.c.folded == sa.bindparam('wanted'))


class Users:
    """The accounts of one database. Every method may raise StateError, where the database does not answer.

    :param clock: Unix time in seconds.
    """

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._clock = clock
        self._throttle = Throttle(engine, clock)

    def count(self) -> int:
        """How many accounts there are."""
        with reading(self._engine) as connection:
            return _count(connection)

    def list(self) -> Sequence[User]:
        """All accounts, by name."""
        with reading(self._engine) as connection:
            return [User(*row) for row in connection.execute(_USER.order_by(users.c.folded))]

    def get(self, user_id: int) -> User | None:
        """The account with this number."""
        with reading(self._engine) as connection:
            row = connection.execute(_BY_ID, {'wanted': user_id}).first()
        return None if row is None else User(*row)

    def find(self, name: str) -> User | None:
        """The account of this name, in whatever case it is written."""
        row = self._row(name)
        return None if row is None else _user(row)

    def add(self, name: str, password: str, role: str) -> User:
        """Make an account.

        :raises UsageError: name, password or role will not do.
        :raises Conflict: the name is taken.
        """
        values = self._values(name, password, role)
        with writing(self._engine) as connection:
            return _insert(connection, values)

    def add_first(self, name: str, password: str, claim: Callable[[], object]) -> User:
        """Make the first account, an administrator's.

        :param claim: uses up the link that permits this and is false where it was used already. Called once, when
            name and password are found good.
        :raises UsageError: name or password will not do; the link is as good as before.
        :raises Conflict: the link is used up, or there is an account.
        """
        values = self._values(name, password, 'admin')
        if not claim():
            raise Conflict('This link was used a moment ago. Log in with the account that it made.')
        with writing(self._engine) as connection:
            if _count(connection):
                raise Conflict('There is an account already. Its administrator can make more.')
            return _insert(connection, values)

    def set_password(self, user_id: int, password: str) -> None:
        """Set the password. All sessions of the account and its unused login links end; its tokens stay.

        :raises UsageError: the password will not do.
        :raises NotFound: there is no such account.
        """
        row = self.get(user_id)
        if row is None:
            raise _gone()
        hashed = passwords.hashed(_checked(row.name, password))
        with writing(self._engine) as connection:
            changed = connection.execute(
                users.update().where(users.c.id == user_id).values(password=hashed, epoch=users.c.epoch + 1)
            )
            if not changed.rowcount:
                raise _gone()
            connection.execute(links.delete().where(links.c.user_id == user_id))

    def set_role(self, user_id: int, role: str, *, force: bool = False) -> None:
        """Give the account another role, from its next request on.

        :param force: even where no administrator is left then.
        :raises UnknownName: there is no such role.
        :raises NotFound: there is no such account.
        :raises Conflict: it is the last administrator.
        """
        _check_role(role)
        with writing(self._engine) as connection:
            if role != 'admin' and not force:
                _keep_an_admin(connection, user_id)
            if not connection.execute(users.update().where(users.c.id == user_id).values(role=role)).rowcount:
                raise _gone()

    def remove(self, user_id: int, *, force: bool = False) -> None:
        """Remove the account with its tokens and links; its sessions end.

        :param force: even where no administrator is left then.
        :raises NotFound: there is no such account.
        :raises Conflict: it is the last administrator.
        """
        with writing(self._engine) as connection:
            if not force:
                _keep_an_admin(connection, user_id)
            if not connection.execute(users.delete().where(users.c.id == user_id)).rowcount:
                raise _gone()

    def verify(self, name: str, password: str, ip: str) -> User:
        """The account that these open.

        :param ip: the address of the sender; wrong passwords are counted by it.
        :raises BadLogin: no account has this name and password.
        :raises TooManyAttempts: too many wrong ones of late, or too many logins at this moment.
        """
        account = _folded(name[: 4 * MAX_NAME])
        # A flood is turned away before it costs anything: those who guess by a look at the count, those who are too
        # many by the lack of a place.
        self._throttle.check(account, ip)
        with passwords.place():
            attempt = self._throttle.begin(account, ip)
            try:
                row = self._row(name)
                fits = passwords.matches(None if row is None else row.password, password)
            except TooManyAttempts:
                self._throttle.take_back(attempt)
                raise
            if row is None or not fits:
                raise BadLogin('The name or the password is wrong.')
            self._throttle.take_back(attempt)
            self._renew(row, password)
            return _user(row)

    def _row(self, name: str) -> Row[tuple[int, str, str, int, str]] | None:
        if len(name) > 4 * MAX_NAME or not _is_plain(name):
            return None
        with reading(self._engine) as connection:
            return connection.execute(_BY_NAME, {'wanted': _folded(name)}).first()

    def _renew(self, row: Row[tuple[int, str, str, int, str]], password: str) -> None:
        """Hash the password anew where its hash was made with parameters of the past."""
        if not passwords.is_outdated(row.password):
            return
        try:
            hashed = passwords.hashed(passwords.normal(password))
        except TooManyAttempts:
            return  # the next login will do
        same = (users.c.id == row.id) & (users.c.password == row.password)
        with writing(self._engine) as connection:
            connection.execute(users.update().where(same).values(password=hashed))

    def _values(self, name: str, password: str, role: str) -> dict[str, object]:
        name = _checked_name(name)
        _check_role(role)
        return {
            'name': name,
            'folded': _folded(name),
            'password': passwords.hashed(_checked(name, password)),
            'role': role,
            # Not from zero: after a lost database, a session of the old first account must not fit the new one.
            'epoch': secrets.randbelow(2**31),
            'created': int(self._clock()),
        }


def _user(row: Row[tuple[int, str, str, int, str]]) -> User:
    return User(row.id, row.name, row.role, row.epoch)


def _count(connection: Connection) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(users)).scalar_one()


def _insert(connection: Connection, values: dict[str, object]) -> User:
    try:
        made = connection.execute(users.insert().values(**values))
    except IntegrityError as error:
        raise Conflict(
            said('There is an account “%(values)s” already. Choose another name.', values=values['name'])
        ) from error
    return User(new_id(made), str(values['name']), str(values['role']), int(str(values['epoch'])))


def _keep_an_admin(connection: Connection, user_id: int) -> None:
    """Refuse what would leave no administrator."""
    admins = connection.execute(sa.select(users.c.id).where(users.c.role == 'admin')).scalars()
    if list(admins) == [user_id]:
        raise Conflict(
            'This is the last administrator; without one nobody can manage accounts. Make another first, or '
            'use --force on the command line.'
        )


def _folded(name: str) -> str:
    """What two names must not share: alike but for case, composition or width they would be mistaken."""
    return unicodedata.normalize('NFKC', unicodedata.normalize('NFKC', name).casefold())


def _is_plain(name: str) -> bool:
    return not any(unicodedata.category(char)[0] == 'C' for char in name)


def _checked_name(name: str) -> str:
    name = unicodedata.normalize('NFC', name)
    if not 1 <= len(name) <= MAX_NAME:
        raise UsageError(said('A name needs 1 to %(max_name)s characters.', max_name=MAX_NAME), field='name')
    if name != name.strip() or not _is_plain(name):
        raise UsageError(
            'A name must not begin or end with a blank or hold control or invisible characters.', field='name'
        )
    return name


def _checked(name: str, password: str) -> bytes:
    raw = passwords.checked(password)
    if _folded(password) == _folded(name):
        raise UsageError('The password must not be the name.', field='password')
    return raw


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise UnknownName('role', role, ROLES, field='role')


def _gone() -> NotFound:
    return NotFound('There is no such account any more.')
