"""The state database under everything that befalls databases (REL-14, REL-15, REL-21)."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from lib.config import make
from lib.errors import ConfigError, StateError
from model import database
from model.database import FILE, open_database, reading, writing
from model.links import Links
from model.notes import Notes
from model.tables import metadata, notes
from model.tokens import Tokens
from model.users import Users
from tests.people.conftest import PASSWORD, break_migrations


@pytest.fixture
def path(config) -> Path:
    return Path(config.STATE_DIR) / FILE


def closed(config) -> None:
    """Make the database and leave it."""
    open_database(config).dispose()


def test_a_new_database_is_ours_alone(engine, path):
    with writing(engine) as connection:
        connection.execute(sa.text("INSERT INTO notes VALUES ('a', 'b', 'c', 1.5)"))
    files = list(path.parent.glob(FILE + '*'))
    assert len(files) == 3  # the database, its log, its index
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


@pytest.mark.parametrize('url', ['', 'sqlite:///{}/other.sqlite3'])
def test_who_only_reads_makes_none(config, tmp_path, url):
    config = make({'STATE_DIR': config.STATE_DIR, 'DATABASE_URL': url.format(tmp_path)})
    before = list(tmp_path.iterdir())
    with pytest.raises(StateError, match=r'no database .*sqlite3\. If there was one'):
        open_database(config, make=False)
    assert list(tmp_path.iterdir()) == before
    open_database(config).dispose()
    open_database(config, make=False).dispose()


def test_how_sqlite_is_set(engine):
    with reading(engine) as connection:
        ask = lambda name: connection.exec_driver_sql(f'PRAGMA {name}').scalar()  # noqa: E731
        assert (ask('journal_mode'), ask('foreign_keys'), ask('busy_timeout')) == ('wal', 1, 10_000)


def test_an_open_database_is_refused(config, path):
    closed(config)
    path.chmod(0o640)
    with pytest.raises(StateError, match='open to other users'):
        open_database(config)


def test_the_migrations_lead_to_the_tables(engine):
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={'compare_type': True})
        assert compare_metadata(context, metadata) == []


def test_the_known_revisions_are_those_there_are():
    options = AlembicConfig()
    options.set_main_option('script_location', str(database.MIGRATIONS))
    scripts = [script.revision for script in ScriptDirectory.from_config(options).walk_revisions()]
    assert tuple(reversed(scripts)) == database.REVISIONS


def test_a_second_start_does_not_migrate(config, monkeypatch):
    closed(config)
    monkeypatch.setattr(database, '_migrate', lambda connection: pytest.fail('migrated again'))
    closed(config)


def test_a_migration_that_fails_leaves_nothing(config, path, monkeypatch):
    break_migrations(monkeypatch)
    with pytest.raises(StateError, match='the lights went out'):
        open_database(config)
    with sqlite3.connect(path) as raw:
        assert raw.execute('SELECT count(*) FROM sqlite_master').fetchone() == (0,)


def test_processes_that_start_at_once_migrate_once(start, config):
    code = """
import sys
from model.database import open_database
sys.stdin.read(1)
open_database(config)
print('opened')
"""
    processes = [start(code) for _ in range(4)]
    for process in processes:
        process.stdin.write('x')
        process.stdin.flush()
    assert [process.communicate()[0] for process in processes] == ['opened\n'] * 4


def test_a_newer_schema_is_refused_and_left_alone(config, path):
    closed(config)
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '0999'")
    with pytest.raises(StateError, match=r'newer pyroTorrent.*0999.*' + database.REVISIONS[-1]):
        open_database(config)
    with sqlite3.connect(path) as raw:
        assert raw.execute('SELECT version_num FROM alembic_version').fetchone() == ('0999',)


def damage_header(data: bytearray) -> bytearray:
    data[:16] = b'no database here'
    return data


def damage_pages(data: bytearray) -> bytearray:
    for place in range(4096, len(data), 512):
        data[place : place + 8] = b'\xff' * 8
    return data


def damage_schema(data: bytearray) -> bytearray:
    data[100:108] = b'\xff' * 8
    return data


@pytest.mark.parametrize(
    'damage', [damage_header, damage_pages, damage_schema, lambda data: data[: len(data) // 2]]
)
def test_a_damaged_database_is_refused_and_kept(config, path, damage):
    with_people = open_database(config)
    Users(with_people).add('ann', PASSWORD, 'admin')
    with_people.dispose()
    broken = bytes(damage(bytearray(path.read_bytes())))
    path.write_bytes(broken)
    with pytest.raises(StateError, match=f'{path} is damaged.*backup'):
        open_database(config)
    assert path.read_bytes() == broken  # accounts are never thrown away by us


def test_damage_is_found_before_anybody_meets_it(config, path):
    """Only the tokens are damaged, which opening has no need to read."""
    closed(config)
    with sqlite3.connect(path) as raw:
        (page,) = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = 'tokens'").fetchone()
    with path.open('r+b') as file:
        file.seek((page - 1) * 4096 + 1)
        file.write(b'\xff' * 6)
    with pytest.raises(StateError, match='is damaged'):
        open_database(config)


def test_a_database_that_breaks_while_open_gives_our_error(engine, users, path):
    users.add('ann', PASSWORD, 'admin')
    engine.dispose()
    data = path.read_bytes()
    path.write_bytes(bytes(damage_pages(bytearray(data))))
    with pytest.raises(StateError, match='is damaged'):
        users.list()


@pytest.mark.parametrize('replaced', [False, True])
def test_a_database_taken_from_under_us_is_written_to_no_more(engine, users, path, replaced):
    users.add('ann', PASSWORD, 'admin')
    copy = path.read_bytes()
    path.unlink()
    if replaced:
        path.write_bytes(copy)
    for act in (users.list, lambda: users.add('ben', PASSWORD, 'read')):
        with pytest.raises(StateError, match=r'was removed or replaced.*put the file back'):
            act()
    engine.dispose()  # nor does a new connection make an empty one
    with pytest.raises(StateError, match='was removed or replaced'):
        users.list()
    assert path.exists() == replaced


def test_a_quota_is_no_damage(start, config):
    open_database(config).dispose()
    child = """
import resource
from lib.errors import StateError
from model.database import open_database, writing
from model.tables import notes
engine = open_database(config)
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 19, 1 << 19))  # as a quota, it gives no ENOSPC
try:
    for number in range(5000):
        with writing(engine) as connection:
            connection.execute(notes.insert().values(target="x" * 250, name=str(number), value="y", at=1))
except StateError as error:
    print(error)
"""
    told = start(child).communicate(timeout=120)[0]
    assert 'does not take what is written: a quota' in told
    assert 'damaged' not in told


def test_a_locked_database_is_said(config, path, monkeypatch):
    monkeypatch.setattr(database, 'BUSY_TIMEOUT', 0.05)
    users = Users(open_database(config))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute('BEGIN IMMEDIATE')
    assert users.count() == 0  # reading goes on
    with pytest.raises(StateError, match='was locked for'):
        users.add('ann', PASSWORD, 'admin')
    other.execute('ROLLBACK')
    other.close()
    assert users.add('ann', PASSWORD, 'admin').name == 'ann'


def test_a_start_waits_for_nobody_who_writes(config, path, monkeypatch):
    monkeypatch.setattr(database, 'BUSY_TIMEOUT', 0.05)
    closed(config)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute('BEGIN IMMEDIATE')
    assert Users(open_database(config)).count() == 0
    other.close()


def test_threads_of_ours_queue_for_writing_without_connections(config):
    """More threads than connections write at once, and reading goes on."""
    engine = open_database(config)
    notebook, failed = Notes(engine), []

    def write(number: int) -> None:
        try:
            for turn in range(3):
                notebook.put('home', str(number), str(turn))
        except StateError as error:
            failed.append(error)

    with writing(engine):
        threads = [
            threading.Thread(target=write, args=(number,)) for number in range(2 * config.THREADS + 20)
        ]
        for thread in threads:
            thread.start()
        assert Users(engine).count() == 0
    for thread in threads:
        thread.join()
    assert failed == []
    assert all(notebook.get('home', str(number))[0] == '2' for number in range(len(threads)))


def test_who_waits_too_long_for_our_own_threads_is_told(engine, users, monkeypatch):
    monkeypatch.setattr(database, 'BUSY_TIMEOUT', 0.05)
    with writing(engine), pytest.raises(StateError, match='was locked for'):
        users.add('ann', PASSWORD, 'admin')
    assert users.add('ann', PASSWORD, 'admin').name == 'ann'


def test_a_child_forked_in_the_middle_of_a_write_can_write(engine, users):
    receiver, sender = os.pipe()
    with writing(engine):
        child = os.fork()
        if child == 0:
            database.BUSY_TIMEOUT = 0.05
            free = database._turns[engine].acquire(timeout=0)
            os.write(sender, str(free).encode())
            os._exit(0)
        os.waitpid(child, 0)
    assert os.read(receiver, 100) == b'True'
    assert users.add('ann', PASSWORD, 'admin').name == 'ann'


def test_a_full_disk_leaves_those_who_are_in(engine, users):
    """Nobody can log in, since wrong passwords could not be counted; tokens go on; it all resumes by itself."""
    ann = users.add('ann', PASSWORD, 'admin')
    tokens = Tokens(engine)
    header = 'Bearer ' + tokens.add(ann, 'script', True)

    def limit(pages: int) -> None:
        event_free = engine.raw_connection()
        event_free.cursor().execute(f'PRAGMA max_page_count = {pages}')
        event_free.close()

    limit(1)
    with pytest.raises(StateError, match=r'is full\. Nothing was changed'):
        for number in range(2000):
            with writing(engine) as connection:
                connection.execute(notes.insert().values(target='x' * 250, name=str(number), value='y', at=1))
    with pytest.raises(StateError, match=r'is full\. Nothing was changed'):
        for _ in range(200):
            users.add('ben' + 'n' * 60, PASSWORD, 'read')
            users.remove(users.find('ben' + 'n' * 60).id)
            Links(engine).create('login', ann.id, 60)
    assert tokens.verify(header).name == 'ann'
    assert users.get(ann.id) == ann
    limit(1_000_000)
    assert users.add('ben', PASSWORD, 'read').name == 'ben'


def test_a_read_only_file_lets_look(outside_config, as_ordinary_user):
    config = outside_config
    engine = open_database(config)
    ann = Users(engine).add('ann', PASSWORD, 'admin')
    header = 'Bearer ' + Tokens(engine).add(ann, 'script', True)
    engine.dispose()
    Path(config.STATE_DIR, FILE).chmod(0o400)

    def look() -> str:
        opened = open_database(config)
        assert Users(opened).get(ann.id) == ann
        assert Tokens(opened).verify(header).name == 'ann'
        try:
            Users(opened).verify('ann', PASSWORD, '192.0.2.1')
        except StateError as error:
            return str(error)
        return 'logged in'

    assert 'cannot be written to' in as_ordinary_user(look, Path(config.STATE_DIR))


def test_a_read_only_directory_lets_look(outside_config, as_ordinary_user):
    engine = open_database(outside_config)
    ann = Users(engine).add('ann', PASSWORD, 'admin')
    engine.dispose()
    directory = Path(outside_config.STATE_DIR)
    directory.chmod(0o500)
    assert (
        as_ordinary_user(lambda: Users(open_database(outside_config)).get(ann.id) == ann, directory) == 'True'
    )


@pytest.mark.parametrize(
    'url', ['nonsense', 'nosuchdatabase://host/name', 'postgresql+nosuchdriver://host/name']
)
def test_an_impossible_url_is_a_config_error(tmp_path, url):
    with pytest.raises(ConfigError, match='DATABASE_URL'):
        open_database(make({'STATE_DIR': str(tmp_path / 'state'), 'DATABASE_URL': url}))


def test_an_error_never_shows_the_password_of_the_url(tmp_path):
    url = 'postgresql+nosuchdriver://me:topsecret@host/name'
    with pytest.raises(ConfigError) as caught:
        open_database(make({'STATE_DIR': str(tmp_path / 'state'), 'DATABASE_URL': url}))
    assert 'topsecret' not in str(caught.value)


def test_a_database_elsewhere_by_url(tmp_path):
    config = make({'STATE_DIR': str(tmp_path / 'state'), 'DATABASE_URL': f'sqlite:///{tmp_path}/elsewhere'})
    assert Users(open_database(config)).count() == 0
    assert stat.S_IMODE((tmp_path / 'elsewhere').stat().st_mode) == 0o600


def test_a_place_where_no_database_can_be_is_said(tmp_path):
    url = f'sqlite:///{tmp_path}/missing/database'
    with pytest.raises(StateError, match='missing/database cannot be made: No such file'):
        open_database(make({'STATE_DIR': str(tmp_path / 'state'), 'DATABASE_URL': url}))


def test_a_forked_child_opens_its_own_connections(engine, users):
    ann = users.add('ann', PASSWORD, 'admin')
    receiver, sender = os.pipe()
    child = os.fork()
    if child == 0:
        fresh = engine.pool.checkedin() == 0
        os.write(sender, f'{fresh} {users.get(ann.id) == ann}'.encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(receiver, 100) == b'True True'
    assert users.get(ann.id) == ann


def test_killed_while_writing_accounts_leaves_old_or_new(start, config):
    """A process adds, changes and removes without end and is killed in between; every time all is consistent."""
    code = """
import itertools
from argon2 import PasswordHasher
from model import passwords
passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
from model.database import open_database
from model.tokens import Tokens
from model.users import Users
engine = open_database(config)
users, tokens = Users(engine), Tokens(engine)
if users.count() == 0:
    users.add('ann', 'correct horse battery', 'admin')
for number in itertools.count():
    ben = users.find('ben') or users.add('ben', 'correct horse battery', 'write')
    tokens.add(ben, 'script', True)
    users.set_password(ben.id, 'another horse battery')
    users.remove(ben.id)
    print(number, flush=True)
"""
    for turn in range(8):
        process = start(code)
        for _ in range(turn * 5 + 1):
            process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        engine = open_database(config)
        users = Users(engine)
        known = {user.id for user in users.list()}
        assert users.verify('ann', PASSWORD, f'192.0.2.{turn}').role == 'admin'
        assert {token.user_id for token in Tokens(engine).list()} <= known
        with reading(engine) as connection:
            assert connection.exec_driver_sql('PRAGMA integrity_check').scalar() == 'ok'
            assert connection.exec_driver_sql('PRAGMA foreign_key_check').all() == []
        engine.dispose()
