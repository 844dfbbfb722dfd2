"""A private PostgreSQL: on a unix socket in a directory of its own, with a new database for each test."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest

from lib import config
from lib.demo.process import end, wait_for
from model.database import open_database
from tests.rig.factory import PREFIX

NOBODY = 65534  # PostgreSQL refuses to run as root
PATIENCE = 60.0
#: Has a test keep its state in each of the databases there may be.
BOTH = pytest.mark.parametrize('database', ['sqlite', 'postgresql'])
MEMORY = Path('/dev/shm')  # a new database is 300 files: a twentieth of the time
SETTINGS = (
    *('listen_addresses=', 'fsync=off', 'full_page_writes=off', 'synchronous_commit=off'),
    *('shared_buffers=32MB', 'max_connections=200', 'autovacuum=off'),
    'dynamic_shared_memory_type=mmap',  # in the directory of the data, and gone with it
)


class Postgres:
    """It runs from the beginning; :meth:`close` ends it and removes its directory."""

    def __init__(self) -> None:
        self._programs = programs()
        place = MEMORY if os.access(MEMORY, os.W_OK) else Path('/tmp')
        self.directory = Path(tempfile.mkdtemp(prefix=f'{PREFIX}{os.getpid()}-', dir=place))
        self._log = self.directory / 'log'
        self._data = self.directory / 'data'
        self._numbers = itertools.count()
        self._template = ''
        if os.geteuid() == 0:
            os.chown(self.directory, NOBODY, NOBODY)
        options = ['--username=pyro', '--auth=trust', '--no-sync', '--no-locale', '--encoding=UTF8']
        subprocess.run(
            self._as_nobody('initdb', f'--pgdata={self._data}', *options), check=True, capture_output=True
        )
        self.process = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        """Start it; after :meth:`stop`, with what it held."""
        settings = [word for setting in SETTINGS for word in ('-c', setting)]
        command = self._as_nobody('postgres', '-D', str(self._data), '-k', str(self.directory), *settings)
        with self._log.open('ab') as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_for(self._answers, PATIENCE, f'PostgreSQL, which said {self._log}')
        return self.process

    def stop(self) -> None:
        """End it at once; what was under way breaks off."""
        self.process.send_signal(2)
        end(self.process, PATIENCE)

    def fresh(self, *, schema: bool = True) -> str:
        """The DATABASE_URL of a new database.

        :param schema: whether it has our tables already.
        """
        if schema and not self._template:
            self._template = 'empty'
            self._create(self._template)
            url = self.url(self._template)
            open_database(config.make({'STATE_DIR': '/nonexistent', 'DATABASE_URL': url})).dispose()
        name = f'test{next(self._numbers)}'
        self._create(name, f'TEMPLATE {self._template}' if schema else '')
        return self.url(name)

    def execute(self, statement: str, database: str = 'postgres') -> list[tuple[object, ...]]:
        """Run a statement as the superuser; its rows."""
        with psycopg.connect(self._where(database), autocommit=True) as connection:
            found = connection.execute(statement)
            return found.fetchall() if found.description else []

    def url(self, database: str) -> str:
        return f'postgresql+psycopg://pyro@/{database}?host={self.directory}'

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _create(self, name: str, more: str = '') -> None:
        self.execute(f'CREATE DATABASE {name} {more}')

    def _where(self, database: str) -> str:
        return f'host={self.directory} user=pyro dbname={database}'

    def _answers(self) -> bool:
        assert self.process.poll() is None, self._log.read_text()
        try:
            self.execute('SELECT 1')
        except psycopg.OperationalError:
            return False
        return True

    def _as_nobody(self, program: str, *arguments: str) -> list[str]:
        who = [f'--reuid={NOBODY}', f'--regid={NOBODY}', '--clear-groups'] if os.geteuid() == 0 else []
        # The last setting is lost where the user changes afterwards; setpriv does it in this order.
        kept = ['/usr/bin/setpriv', *who, '--pdeathsig', 'KILL', '--']
        return [*kept, str(self._programs / program), *arguments]


def programs() -> Path:
    """Where the newest PostgreSQL of the system has its programs; Debian keeps them out of PATH."""
    found = sorted(Path('/usr/lib/postgresql').glob('*/bin/postgres'), key=lambda path: int(path.parts[-3]))
    assert found, 'PostgreSQL is missing: apt-get install --no-install-recommends postgresql'
    return found[-1].parent
