"""The state in PostgreSQL: its schema, its transactions, and what befalls it."""

from __future__ import annotations

import threading

import alembic.command
import alembic.config
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from lib.config import make
from lib.errors import ConfigError, NotFound, StateError
from model import database
from model.database import open_database, writing
from model.events.eventlog import Event, EventLog
from model.jobs import Jobs
from model.notes import Notes
from model.saved import Saved
from model.tables import metadata
from model.tokens import Tokens
from model.users import Users
from tests.people.conftest import PASSWORD, break_migrations


@pytest.fixture
def database_url(postgres):
    return postgres.fresh()


@pytest.fixture
def bare(postgres, tmp_path):
    """The configuration of a database without tables."""
    return make({'STATE_DIR': str(tmp_path / 'state'), 'DATABASE_URL': postgres.fresh(schema=False)})


def upgraded(url, revision):
    """A database as an earlier version left it."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        options = alembic.config.Config()
        options.set_main_option('script_location', str(database.MIGRATIONS))
        options.attributes['connection'] = connection
        alembic.command.upgrade(options, revision)
    return engine


def happening():
    return Event(0, 1.0, 'home', 'A' * 40, 'added', 'thing')


@pytest.mark.parametrize('before', ['', *database.REVISIONS])
def test_every_earlier_schema_leads_to_the_tables(bare, before):
    if before:
        old = upgraded(bare.DATABASE_URL, before)
        with old.begin() as connection:
            if before == '0002':
                what = "('home', 'A', 1.5, 'added', 'x', NULL)"
                for _ in range(3):
                    columns = 'target, hash, at, kind, detail, who'
                    connection.execute(sa.text(f'INSERT INTO history ({columns}) VALUES {what}'))
        old.dispose()
    engine = open_database(bare)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={'compare_type': True})
        assert compare_metadata(context, metadata) == []
        widths = (
            connection.exec_driver_sql('SELECT DISTINCT data_type::text FROM pg_sequences').scalars().all()
        )
        assert widths == ['bigint']
    log = EventLog(engine)
    log.add([happening()])
    assert log.last_id() == (4 if before == '0002' else 1)
    engine.dispose()


def test_who_only_reads_makes_no_tables(bare):
    with pytest.raises(StateError, match=r'no database of pyroTorrent at postgresql.*/test'):
        open_database(bare, make=False)
    open_database(bare).dispose()
    open_database(bare, make=False).dispose()


def test_a_migration_that_fails_leaves_nothing(bare, monkeypatch):
    break_migrations(monkeypatch)
    with pytest.raises(StateError, match='the lights went out'):
        open_database(bare)
    engine = sa.create_engine(bare.DATABASE_URL)
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()


def test_processes_that_start_at_once_migrate_once(bare, start, postgres):
    code = f"""
import sys
from lib.config import make
from model.database import open_database
config = make({{'STATE_DIR': config.STATE_DIR, 'DATABASE_URL': {bare.DATABASE_URL!r}}})
print('ready', flush=True)
sys.stdin.read(1)
open_database(config)
print('opened')
"""
    processes = [start(code) for _ in range(2)]
    assert [process.stdout.readline() for process in processes] == ['ready\n'] * 2
    assert [process.communicate('x')[0] for process in processes] == ['opened\n'] * 2


def test_a_newer_schema_is_refused(engine, config):
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0999'"))
    with pytest.raises(StateError, match=r'newer pyroTorrent.*0999'):
        open_database(config)


def test_a_database_that_cannot_hold_every_name_is_refused(postgres, tmp_path):
    postgres.execute("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    config = make({'STATE_DIR': str(tmp_path), 'DATABASE_URL': postgres.url('latin')})
    with pytest.raises(ConfigError, match=r"encoding LATIN1.*ENCODING 'UTF8'"):
        open_database(config)


def test_another_kind_of_database_is_refused(tmp_path):
    with pytest.raises(ConfigError, match='only SQLite and PostgreSQL'):
        open_database(make({'STATE_DIR': str(tmp_path), 'DATABASE_URL': 'mysql://me:secret@host/name'}))


def test_one_writes_at_a_time_and_all_may_read(engine, config, monkeypatch):
    """Of two processes, each with its own connections."""
    monkeypatch.setattr(database, 'BUSY_TIMEOUT', 0.2)
    other = open_database(config)
    users = Users(other)
    with writing(engine):
        assert users.count() == 0
        with pytest.raises(StateError, match='was locked for'):
            users.add('ann', PASSWORD, 'admin')
    assert users.add('ann', PASSWORD, 'admin').name == 'ann'
    other.dispose()


def test_what_a_writer_reads_is_what_the_one_before_wrote(engine, config, postgres):
    """Also where the administrator of the database prefers snapshots."""
    name = engine.url.database
    postgres.execute(f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'")
    others = [open_database(config) for _ in range(2)]
    barrier = threading.Barrier(2)

    def count_up(engine):
        barrier.wait()
        for _ in range(20):
            with writing(engine) as connection:
                known = connection.execute(sa.text("SELECT value FROM notes WHERE name = 'x'")).scalar()
                connection.execute(sa.text('DELETE FROM notes'))
                value = int(known or 0) + 1
                connection.execute(sa.text(f"INSERT INTO notes VALUES ('home', 'x', '{value}', 1)"))

    threads = [threading.Thread(target=count_up, args=(each,)) for each in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Notes(engine).get('home', 'x')[0] == '40'
    for each in others:
        each.dispose()


def test_a_process_that_stands_still_in_the_middle_keeps_nobody_from_writing(engine, config, monkeypatch):
    monkeypatch.setattr(database, 'ABANDONED', 0.3)
    frozen = open_database(config)
    with pytest.raises(StateError, match=r'idle-in-transaction|closed'), writing(frozen) as connection:
        connection.execute(sa.text("INSERT INTO notes VALUES ('home', 'x', '1', 1)"))
        Notes(engine).put('home', 'y', '2')
        connection.execute(sa.text('SELECT 1'))
    assert Notes(engine).get('home', 'x') is None
    assert Notes(engine).get('home', 'y')[0] == '2'
    frozen.dispose()


def test_more_threads_than_connections_write_at_once(engine, config):
    notebook, failed = Notes(engine), []

    def write(number):
        try:
            notebook.put('home', str(number), 'x')
        except StateError as error:
            failed.append(error)

    with writing(engine):
        threads = [threading.Thread(target=write, args=(each,)) for each in range(config.THREADS + 20)]
        for thread in threads:
            thread.start()
        assert Users(engine).count() == 0
    for thread in threads:
        thread.join()
    assert failed == []


def test_it_is_restarted_and_we_go_on(engine, users, postgres):
    ann = users.add('ann', PASSWORD, 'admin')
    postgres.stop()
    with pytest.raises(StateError, match='failed: connection'):
        users.count()
    postgres.start()
    assert users.get(ann.id) == ann


def test_text_and_numbers_that_it_has_no_room_for_are_just_not_there(engine):
    log = EventLog(engine)
    log.add([happening()])
    assert (log.since(0, target='a\0b'), log.of('home', 'a\0b'), Jobs(engine).get('a\0b')) == ([], [], None)
    with pytest.raises(NotFound):
        Saved(engine).get(None, 'a\0b')
    assert (log.since(2**40), len(log.latest(before=2**53))) == ([], 1)
    assert (Users(engine).get(2**40), Tokens(engine).revoke(2**53)) == (None, False)


def test_an_error_never_shows_the_password(tmp_path, postgres):
    url = f'postgresql+psycopg://pyro:topsecret@/missing?host={postgres.directory}'
    with pytest.raises(StateError, match='"missing" does not exist') as caught:
        open_database(make({'STATE_DIR': str(tmp_path), 'DATABASE_URL': url}))
    assert 'topsecret' not in str(caught.value)
