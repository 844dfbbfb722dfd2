"""A state directory of its own for each test, and a clock that is set by hand."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from lib.config import Config, make
from model import database
from model.database import open_database
from model.users import Users
from tests.rig.state import prepared

PROJECT = Path(__file__).resolve().parents[2]
NOBODY = 65534
PASSWORD = 'correct horse battery'


class Clock:
    """Unix time that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def break_migrations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the database fail when all migrations are done and nothing is committed."""
    genuine = database._migrate

    def broken(connection: Connection) -> None:
        genuine(connection)
        raise sa.exc.OperationalError('', {}, Exception('the lights went out'))

    monkeypatch.setattr(database, '_migrate', broken)


@pytest.fixture
def config(tmp_path: Path, database_url: str) -> Config:
    return make({'STATE_DIR': str(tmp_path / 'state'), 'DATABASE_URL': database_url})


@pytest.fixture
def engine(config: Config):
    opened = open_database(prepared(config))
    yield opened
    opened.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def users(engine: Engine, clock: Clock) -> Users:
    return Users(engine, clock)


@pytest.fixture
def start(config: Config):
    """Start Python code in a process of its own, where ``config`` is the test's. At the end it is killed."""
    running: list[subprocess.Popen[str]] = []

    def begin(code: str) -> subprocess.Popen[str]:
        values = {'STATE_DIR': config.STATE_DIR, 'DATABASE_URL': config.DATABASE_URL}
        head = f'from lib.config import make\nconfig = make({values!r})\n'
        process = subprocess.Popen(
            [sys.executable, '-c', head + code],
            cwd=PROJECT,
            env={**os.environ, 'PYTHONPATH': str(PROJECT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield begin
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture
def outside_config():
    """As ``config``, at a place that an ordinary user can reach too: pytest keeps its own directories closed."""
    place = Path(tempfile.mkdtemp(prefix='pyrotorrent-people-'))
    place.chmod(0o711)
    yield make({'STATE_DIR': str(place / 'state')})
    subprocess.run(['chmod', '-R', 'u+rwX', str(place)], check=True)
    shutil.rmtree(place)


@pytest.fixture
def as_ordinary_user():
    """Run a function in a child that file permissions apply to, whoever runs the tests; its result as text.

    The child gets all it needs by fork, since another user may not be able to read our Python.
    """

    def run(function, owned: Path) -> str:
        superuser = os.geteuid() == 0
        if superuser:
            for each in (owned, *owned.rglob('*')):
                os.chown(each, NOBODY, NOBODY)
        receiver, sender = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                if superuser:
                    os.setgroups([])
                    os.setuid(NOBODY)
                text = str(function())
            except BaseException as error:
                text = f'{type(error).__name__}: {error}'
            os.write(sender, text.encode())
            os._exit(0)
        os.close(sender)
        with os.fdopen(receiver) as file:
            text = file.read()
        os.waitpid(child, 0)
        return text

    return run
