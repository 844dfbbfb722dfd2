"""``user`` and ``token``: the accounts and their tokens from the terminal."""

from __future__ import annotations

import getpass
import sys
from argparse import Namespace

from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy import Engine

from lib import config as configuration
from lib import format as fmt
from lib.errors import NotFound, UsageError
from model.database import open_database
from model.links import Links
from model.tokens import Tokens
from model.users import User, Users

LOGIN_LINK = 3600  # seconds a login link is good for


def _database(options: Namespace, *, make: bool = False) -> Engine:
    return open_database(configuration.load(options.config), make=make)


def _find(users: Users, name: str) -> User:
    found = users.find(name)
    if found is None:
        raise NotFound(f'There is no account “{name}”. “pyrotorrent user list” shows those there are.')
    return found


def _password(options: Namespace) -> str:
    """A password from standard input, or typed twice."""
    if options.password_stdin:
        return sys.stdin.readline().rstrip('\r\n')
    if not sys.stdin.isatty():
        raise UsageError(
            'There is no terminal to type a password at. Use --password-stdin.', field='password'
        )
    first = getpass.getpass('Password: ')
    if first != getpass.getpass('Again: '):
        raise UsageError('The two passwords differ. Nothing was changed.', field='password')
    return first


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, pad_edge=False, header_style='bold')


def user_add(options: Namespace) -> None:
    """Make an account."""
    user = Users(_database(options, make=True)).add(options.name, _password(options), options.role)
    print(f'The account “{user.name}” ({user.role}) is made.')


def user_list(options: Namespace) -> None:
    """List the accounts."""
    table = _table('name', 'role')
    for user in Users(_database(options)).list():
        table.add_row(Text(user.name), user.role)
    Console().print(
        table if table.row_count else 'There are no accounts yet. “pyrotorrent user add NAME” makes one.'
    )


def user_password(options: Namespace) -> None:
    """Set a password."""
    users = Users(_database(options))
    users.set_password(_find(users, options.name).id, _password(options))
    print(f'The password of “{options.name}” is changed; its logins have ended.')


def user_role(options: Namespace) -> None:
    """Give an account another role."""
    users = Users(_database(options))
    user = _find(users, options.name)
    users.set_role(user.id, options.role, force=options.force)
    print(f'The account “{user.name}” ({options.role}) was “{user.role}”.')


def user_remove(options: Namespace) -> None:
    """Remove an account with its tokens."""
    users = Users(_database(options))
    users.remove(_find(users, options.name).id, force=options.force)
    print(f'The account “{options.name}” is removed.')


def user_link(options: Namespace) -> None:
    """Print the path of a link that logs in once."""
    engine = _database(options)
    user = _find(Users(engine), options.name)
    base = configuration.load(options.config).BASE_URL
    print(f'{base}/once/{Links(engine).create("login", user.id, LOGIN_LINK)}')


def token_add(options: Namespace) -> None:
    """Make a token; only its hash is kept."""
    engine = _database(options)
    user = _find(Users(engine), options.user)
    print(Tokens(engine).add(user, options.label, options.write))
    print('Keep it now: it is not shown again.', file=sys.stderr)


def token_list(options: Namespace) -> None:
    """List the tokens."""
    table = _table('id', 'user', 'label', 'scope', 'made', 'last used')
    for token in Tokens(_database(options)).list():
        scope = 'write' if token.write else 'read'
        times = fmt.moment(token.created), fmt.moment(token.last_used)
        table.add_row(str(token.id), Text(token.user_name), Text(token.label), scope, *times)
    Console().print(table if table.row_count else 'There are no tokens.')


def token_revoke(options: Namespace) -> None:
    """Revoke a token."""
    if not Tokens(_database(options)).revoke(options.id):
        raise NotFound(f'There is no token {options.id}. “pyrotorrent token list” shows those there are.')
    print(f'Token {options.id} is revoked.')
