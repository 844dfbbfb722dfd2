"""STATE_DIR and the secret are ours alone or nothing starts (AUTH-4, REL-21)."""

from __future__ import annotations

import os
import re
import signal
import stat
from pathlib import Path

import pytest

from lib.config import make
from lib.errors import StateError
from model import statedir


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_directory_and_secret_are_made_for_us_alone(config):
    before = os.umask(0)
    try:
        key = statedir.secret(config)
    finally:
        os.umask(before)
    directory = Path(config.STATE_DIR)
    assert (mode(directory), mode(directory / 'secret')) == (0o700, 0o600)
    assert len(key) == 32
    assert [path.name for path in directory.iterdir()] == ['secret']


def test_the_secret_stays(config):
    assert statedir.secret(config) == statedir.secret(config)


def test_two_directories_have_two_secrets(config, tmp_path):
    assert statedir.secret(config) != statedir.secret(make({'STATE_DIR': str(tmp_path / 'other')}))


@pytest.mark.parametrize('bits', [0o750, 0o705, 0o770, 0o777, 0o701, 0o720])
def test_an_open_directory_is_refused_with_the_remedy(config, bits):
    statedir.prepare(config).chmod(bits)
    with pytest.raises(StateError, match=f'open to other users.*{bits:04o}.*chmod'):
        statedir.prepare(config)
    assert mode(Path(config.STATE_DIR)) == bits  # not repaired in silence


@pytest.mark.parametrize('bits', [0o640, 0o604, 0o660, 0o644, 0o620])
def test_an_open_secret_is_refused(config, bits):
    statedir.secret(config)
    (Path(config.STATE_DIR) / 'secret').chmod(bits)
    with pytest.raises(StateError, match='open to other users'):
        statedir.secret(config)


@pytest.mark.parametrize(
    'text', ['', 'development key', 'ab' * 31, 'zz' * 32, '\n', 'ab' * 31 + '\0'], ids=repr
)
def test_a_secret_that_is_none_is_refused(config, text):
    statedir.secret(config)
    path = Path(config.STATE_DIR) / 'secret'
    path.write_text(text)
    with pytest.raises(StateError, match=f'{re.escape(str(path))}.*at least 32 bytes.*Delete it'):
        statedir.secret(config)


def test_a_link_in_place_of_the_secret_is_refused(config, tmp_path):
    elsewhere = tmp_path / 'planted'
    elsewhere.write_text('ab' * 32)
    elsewhere.chmod(0o600)
    (statedir.prepare(config) / 'secret').symlink_to(elsewhere)
    with pytest.raises(StateError, match='cannot be used'):
        statedir.secret(config)


def test_a_file_in_place_of_the_directory_is_refused(config):
    Path(config.STATE_DIR).write_text('')
    with pytest.raises(StateError, match='has to be a directory'):
        statedir.prepare(config)


def test_what_another_user_owns_is_refused(config, monkeypatch):
    statedir.prepare(config)
    monkeypatch.setattr(os, 'geteuid', lambda: 4242)
    with pytest.raises(StateError, match=r'we run as user 4242.*chown -R 4242'):
        statedir.prepare(config)


def test_a_place_where_we_may_not_write_is_said(outside_config, as_ordinary_user):
    closed = statedir.prepare(outside_config)
    closed.chmod(0o500)
    config = make({'STATE_DIR': str(closed / 'state')})
    said = as_ordinary_user(lambda: statedir.prepare(config), closed)
    assert said.startswith('StateError: The directory') and 'Permission denied' in said


def test_processes_that_start_at_once_share_one_secret(start):
    code = 'import sys; from model import statedir; sys.stdin.read(1); print(statedir.secret(config).hex())'
    processes = [start(code) for _ in range(6)]
    for process in processes:
        process.stdin.write('x')
        process.stdin.flush()
    assert len({process.communicate()[0] for process in processes}) == 1


def test_killed_while_making_the_secret_leaves_a_whole_one_or_none(start, config):
    """The process makes and removes its secret without end and is killed somewhere in between, ten times."""
    code = """
from model import statedir
path = statedir.prepare(config) / 'secret'
while True:
    statedir.secret(config)
    print('x', flush=True)
    path.unlink()
"""
    path = Path(config.STATE_DIR) / 'secret'
    for turn in range(10):
        process = start(code)
        for _ in range(turn * 7 + 1):
            process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert not path.exists() or len(bytes.fromhex(path.read_text())) == 32
        assert len(statedir.secret(config)) == 32
        path.unlink()
