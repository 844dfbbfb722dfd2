#!/usr/bin/env python3
"""pyroTorrent's command line: finds the configuration, starts what is asked for.

Started by a FastCGI spawner (a listening socket on standard input, no arguments) it serves FastCGI.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from lib import environment

if __name__ == '__main__':
    environment.enter()

from lib.commands import conform, events, people, serve, shell, show
from lib.errors import PyroError
from lib.version import VERSION
from model.users import ROLES


def parser() -> argparse.ArgumentParser:
    """The whole command line on one screen."""
    root = argparse.ArgumentParser(
        prog='pyrotorrent', description='Web interface, API and automation for rTorrent.'
    )
    root.add_argument(
        '--config', metavar='FILE', help='the configuration file (default: see the documentation)'
    )
    root.add_argument('--version', action='version', version=f'pyroTorrent {VERSION}')
    commands = root.add_subparsers(metavar='COMMAND', dest='command')

    run = commands.add_parser('run', help='serve config.py, or a demonstration where there is none')
    run.add_argument('--port', type=int, help='port to listen on')
    run.set_defaults(call=serve.run)

    http = commands.add_parser('http', help='serve with the embedded web server')
    http.add_argument('--host', help='address to listen on (default: HTTP_HOST)')
    http.add_argument('--port', type=int, help='port to listen on (default: HTTP_PORT)')
    http.set_defaults(call=serve.http)

    fcgi = commands.add_parser('fcgi', help='serve FastCGI to a web server')
    fcgi.add_argument(
        '--bind', metavar='PATH|HOST:PORT', help='socket to make (default: the one on standard input)'
    )
    fcgi.set_defaults(call=serve.fcgi)

    commands.add_parser('shell', help='an interactive Python with the models loaded').set_defaults(
        call=shell.run
    )

    config = commands.add_parser('config', help='print the effective settings, secrets masked')
    config.set_defaults(call=show.config)

    check = commands.add_parser('check', help='connect to every client and say what came of it')
    check.set_defaults(call=show.check)

    _conform(commands)
    happenings = commands.add_parser(
        'events', help='print what happens to torrents and clients as JSON lines'
    )
    events.options(happenings)
    happenings.set_defaults(call=events.run)

    _people(commands)
    return root


def _conform(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser('conform', help='check that a client keeps the promises of a backend')
    command.add_argument('name', help='of a client in rtorrent_config')
    command.add_argument(
        '--write', action='store_true', help='also add, change and remove a torrent of its own'
    )
    command.add_argument(
        '--torrent', metavar='HASH', help='change and remove this one, for clients that cannot add'
    )
    command.add_argument('--only', action='append', metavar='CHECK', help='this check only; may be repeated')
    command.add_argument('--yes', action='store_true', help='do not ask before something is changed')
    command.set_defaults(call=conform.conform)


def _people(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    user = commands.add_parser('user', help='add, list or remove people').add_subparsers(
        required=True, metavar='ACTION'
    )
    add = user.add_parser('add', help='make an account')
    add.add_argument('name')
    add.add_argument('--role', choices=ROLES, default='admin', help='default: admin')
    add.set_defaults(call=people.user_add)
    user.add_parser('list', help='list the accounts').set_defaults(call=people.user_list)
    password = user.add_parser('password', help='set a password; ends all logins of the account')
    password.add_argument('name')
    password.set_defaults(call=people.user_password)
    for taking in (add, password):
        taking.add_argument(
            '--password-stdin', action='store_true', help='read the password from standard input'
        )
    role = user.add_parser('role', help='give an account another role')
    role.add_argument('name')
    role.add_argument('role', choices=ROLES)
    role.add_argument('--force', action='store_true', help='even the last administrator')
    role.set_defaults(call=people.user_role)
    remove = user.add_parser('remove', help='remove an account')
    remove.add_argument('name')
    remove.add_argument('--force', action='store_true', help='even the last administrator')
    remove.set_defaults(call=people.user_remove)
    link = user.add_parser('link', help='print a link that logs in once')
    link.add_argument('name')
    link.set_defaults(call=people.user_link)

    token = commands.add_parser('token', help='add, list or revoke API tokens').add_subparsers(
        required=True, metavar='ACTION'
    )
    add = token.add_parser('add', help='make a token and print it once')
    add.add_argument('user')
    add.add_argument('label', help='what it is for')
    add.add_argument('--write', action='store_true', help='may change things (default: read only)')
    add.set_defaults(call=people.token_add)
    token.add_parser('list', help='list the tokens').set_defaults(call=people.token_list)
    revoke = token.add_parser('revoke', help='revoke a token')
    revoke.add_argument('id', type=int)
    revoke.set_defaults(call=people.token_revoke)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it went well, 1 with a sentence when it did not, 2 for a wrong command line."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if not any(not word.startswith('-') for word in given) and serve.is_spawned():
        given = [*given, 'fcgi']
    root = parser()
    options = root.parse_args(given)
    if options.command is None:
        root.print_help()
        return 2
    try:
        return int(options.call(options) or 0)
    except PyroError as error:
        serve.complain(str(error))
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == '__main__':
    sys.exit(main())
