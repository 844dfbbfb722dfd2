"""Saved views: addresses of the list that an account gave a name."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

import sqlalchemy as sa
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from lib.errors import Conflict, NotFound, UnknownName, UsageError
from lib.words import said
from model import choice, query, sorting
from model.database import reading, writing
from model.tables import views

MAX_NAME = 60  # characters, as is
MAX_ADDRESS = 2000
MAX_EACH = 100  # of one account
#: What the address of a list may hold, in the order in which it is kept; the last two may be repeated.
PARAMETERS = ('q', 'sort', 'target', 'view', 'in', 'not')
_REPEATED = ('in', 'not')


@dataclass(frozen=True, slots=True)
class View:
    """:ivar address: the query of the list's address, without “?”; ``changed`` is in Unix seconds."""

    name: str
    address: str
    changed: int


class Saved:
    """The saved views of one database. Every method may raise StateError, where the database does not answer.

    ``owner`` is the number of an account, None where nobody logs in: then all share one list.
    """

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._clock = clock

    def list(self, owner: int | None) -> Sequence[View]:
        """The views of an account, by name."""
        found = sa.select(views.c.name, views.c.address, views.c.changed).where(views.c.owner == (owner or 0))
        with reading(self._engine) as connection:
            rows = [View(*row) for row in connection.execute(found)]
        return sorted(rows, key=lambda view: (view.name.casefold(), view.name))

    def get(self, owner: int | None, name: str) -> View:
        """:raises NotFound: the account has no view of this name."""
        with reading(self._engine) as connection:
            row = connection.execute(sa.select(*_COLUMNS).where(_of(owner, name))).first()
        if row is None:
            raise _missing(name)
        return View(*row)

    def put(self, owner: int | None, name: str, address: str, *, new_name: str | None = None) -> View:
        """Make a view, or give that of this name another address.

        :param new_name: gives it another name as well.
        :raises UsageError: name or address will not do.
        :raises Conflict: the account has too many views, one of the new name, or is gone.
        """
        name, address = check_name(name), check_address(address)
        called = name if new_name is None else check_name(new_name)
        values = {'name': called, 'address': address, 'changed': int(self._clock())}
        try:
            with writing(self._engine) as connection:
                changed = connection.execute(views.update().where(_of(owner, name)).values(**values))
                if not changed.rowcount:
                    _check_number(connection, owner)
                    more = {'user_id': owner, 'owner': owner or 0}
                    connection.execute(views.insert().values(**values, **more))
        except IntegrityError as error:
            raise Conflict(
                said('There is a view “%(called)s” already, or the account is gone.', called=called)
            ) from error
        return View(called, address, values['changed'])  # type: ignore[arg-type]  # it is the int from above

    def remove(self, owner: int | None, name: str) -> None:
        """:raises NotFound: the account has no view of this name."""
        with writing(self._engine) as connection:
            if not connection.execute(views.delete().where(_of(owner, name))).rowcount:
                raise _missing(name)


_COLUMNS = (views.c.name, views.c.address, views.c.changed)


def _of(owner: int | None, name: str) -> sa.ColumnElement[bool]:
    return (views.c.owner == (owner or 0)) & (views.c.name == name)


def _check_number(connection: Connection, owner: int | None) -> None:
    mine = sa.select(sa.func.count()).select_from(views).where(views.c.owner == (owner or 0))
    if connection.execute(mine).scalar_one() >= MAX_EACH:
        raise Conflict(
            said(
                'There are %(max_each)s saved views already. Remove those that are not used any more.',
                max_each=MAX_EACH,
            )
        )


def _missing(name: str) -> NotFound:
    return NotFound(said('There is no saved view “%(name)s”.', name=name[:MAX_NAME]))


def check_name(name: str) -> str:
    """:raises UsageError: this cannot be the name of a view."""
    name = name.strip()
    odd = not name.isprintable() or name in ('.', '..') or name.startswith('/') or name.endswith('/')
    if odd or not 1 <= len(name) <= MAX_NAME:
        raise UsageError(
            said(
                'The name of a view has 1 to %(max_name)s plain characters, and no slash at its ends.',
                max_name=MAX_NAME,
            ),
            field='name',
        )
    return name


def check_address(address: str) -> str:
    """The query of a list's address, with its parameters in one order.

    :raises UsageError: it holds something else, or the list would not understand it.
    """
    address = address.removeprefix('?')
    if len(address) > MAX_ADDRESS:
        raise UsageError(
            said('The address of a view has at most %(max_address)s characters.', max_address=MAX_ADDRESS),
            field='address',
        )
    try:
        pairs = parse_qsl(address, keep_blank_values=True, strict_parsing=bool(address), errors='strict')
    except ValueError:
        raise UsageError('The address of a view has the form q=…&sort=….', field='address') from None
    given: dict[str, list[str]] = {}
    for key, value in pairs:
        if key not in PARAMETERS:
            raise UnknownName('parameter of a list', key, PARAMETERS, field='address')
        given.setdefault(key, []).append(value)
    _check_parameters(given)
    kept = urlencode([(key, value) for key in PARAMETERS for value in given.get(key, ()) if value])
    if len(kept) > MAX_ADDRESS:
        raise UsageError(
            said('The address of a view has at most %(max_address)s characters.', max_address=MAX_ADDRESS),
            field='address',
        )
    return kept


def _check_parameters(given: dict[str, list[str]]) -> None:
    for key, values in given.items():
        if len(values) > 1 and key not in _REPEATED:
            raise UsageError(
                said('“%(key)s” occurs more than once in the address.', key=key), field='address'
            )
    only = {key: given[key][0] for key in given if key not in _REPEATED}
    target = only.get('target', '')
    # A client that is away for a while keeps its views.
    asked = choice.read(
        only.get('q', ''),
        given.get('in', ()),
        given.get('not', ()),
        target,
        targets=[target] if target else [],
    )
    query.parse(asked.query)
    if only.get('sort'):
        sorting.read(only['sort'])
