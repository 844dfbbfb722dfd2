"""Accounts and tokens from the terminal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pyrotorrent import main
from tests.commands.conftest import Command

PASSWORD = 'correct horse battery'


def test_accounts(command: Command) -> None:
    made = command('user', 'add', 'ada', '--password-stdin', text=f'{PASSWORD}\n')
    assert made.returncode == 0, made.stderr
    assert PASSWORD not in made.stdout + made.stderr
    assert (
        command('user', 'add', 'bob', '--role', 'read', '--password-stdin', text=f'{PASSWORD}\n').returncode
        == 0
    )
    assert command('user', 'list').stdout.split() == ['name', 'role', 'ada', 'admin', 'bob', 'read']
    assert command('user', 'password', 'bob', '--password-stdin', text='another good one\n').returncode == 0
    assert command('user', 'role', 'bob', 'write').returncode == 0
    assert command('user', 'list').stdout.split()[-2:] == ['bob', 'write']
    assert command('user', 'remove', 'bob').returncode == 0
    for last in (('role', 'ada', 'read'), ('remove', 'ada')):
        refused = command('user', *last)
        assert refused.returncode == 1
        assert 'last administrator' in refused.stderr
    assert 'ada' in command('user', 'list').stdout
    assert command('user', 'remove', 'ada', '--force').returncode == 0
    assert 'no accounts yet' in command('user', 'list').stdout


@pytest.mark.parametrize(
    'arguments', ['events', 'events --no-follow', 'user list', 'user link ada', 'token revoke 1']
)
def test_a_database_that_is_not_there_is_missed_and_not_made(
    configure: Callable[[str], Path], capsys: pytest.CaptureFixture[str], arguments: str
) -> None:
    file = configure('')
    place = file.with_name('state')
    assert main(['--config', str(file), *arguments.split()]) == 1
    assert f'no database of pyroTorrent at {place}/pyrotorrent.sqlite3. If there' in capsys.readouterr().err
    assert not place.exists()


def test_what_is_wrong_is_a_sentence(command: Command) -> None:
    for arguments, words in (
        (('user', 'add', 'ada', '--password-stdin'), 'password'),
        (('user', 'add', 'ada'), '--password-stdin'),
        (('user', 'role', 'nobody', 'read'), 'nobody'),
        (('user', 'remove', 'nobody'), 'nobody'),
        (('user', 'password', 'nobody', '--password-stdin'), 'nobody'),
        (('token', 'revoke', '7'), '7'),
        (('token', 'add', 'nobody', 'x'), 'nobody'),
        (('--config', '/nonexistent.py', 'user', 'list'), '/nonexistent.py'),
    ):
        answer = command(*arguments, text='short\n')
        assert answer.returncode == 1, arguments
        assert words in answer.stderr
        assert 'Traceback' not in answer.stderr


def test_a_second_account_of_the_same_name_is_refused(command: Command) -> None:
    command('user', 'add', 'ada', '--password-stdin', text=f'{PASSWORD}\n')
    again = command('user', 'add', 'ADA', '--password-stdin', text=f'{PASSWORD}\n')
    assert again.returncode == 1
    assert 'ADA' in again.stderr


def test_tokens(command: Command) -> None:
    command('user', 'add', 'ada', '--password-stdin', text=f'{PASSWORD}\n')
    made = command('token', 'add', 'ada', 'script', '--write')
    assert made.stdout.startswith('pyro_')
    listed = command('token', 'list').stdout
    assert 'script' in listed
    assert made.stdout.strip() not in listed
    number = listed.splitlines()[1].split()[0]
    assert command('token', 'revoke', number).returncode == 0
    assert 'no tokens' in command('token', 'list').stdout


def test_a_login_link_is_a_path_of_ours(command: Command) -> None:
    command('user', 'add', 'ada', '--password-stdin', text=f'{PASSWORD}\n')
    assert command('user', 'link', 'ada').stdout.startswith('/once/')
