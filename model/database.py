"""The state database: opened, brought to our schema, and handed out as transactions.

SQLite in ``STATE_DIR`` unless ``DATABASE_URL`` names a PostgreSQL. All errors of the database leave this room as
:class:`lib.errors.StateError`, with a sentence for people; only a broken unique rule stays
``sqlalchemy.exc.IntegrityError``, for the caller who expects it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import URL, Connection, CursorResult, Engine, event
from sqlalchemy.exc import ArgumentError, IntegrityError, SQLAlchemyError

from lib.config import Config
from lib.errors import ConfigError, StateError
from model import statedir

log = logging.getLogger(__name__)

FILE = 'pyrotorrent.sqlite3'
BUSY_TIMEOUT = 10.0  # seconds to wait for another process that writes
#: Seconds after which PostgreSQL ends a transaction whose process stands still or is out of reach.
ABANDONED = 60.0
#: Seconds after which a PostgreSQL whose machine does not answer is out of reach: with a statement, and with a new
#: connection. Long enough for a network that is busy; DATABASE_URL may name others.
SILENT = 8
CONNECTING = 5
#: Of the schema, oldest first; the files are in model/migrations/versions.
REVISIONS = ('0001', '0002', '0003', '0004')
MIGRATIONS = Path(__file__).with_name('migrations')

# One writes at a time. Our own threads queue here, in order and without holding a connection; only other processes are
# waited for in the database.
_WRITING = 0x7079726F  # the advisory lock that stands for that in PostgreSQL
_KINDS = ('sqlite', 'postgresql')

_turns: weakref.WeakKeyDictionary[Engine, threading.Lock] = weakref.WeakKeyDictionary()


def open_database(config: Config, *, make: bool = True) -> Engine:
    """The database of ``config``, brought to our schema.

    :param make: make it where there is none. Who only looks things up is better told that there is none.
    :raises ConfigError: ``DATABASE_URL`` cannot be used.
    :raises StateError: the database is damaged, not accessible, not there, or of a newer pyroTorrent.
    """
    engine = _engine(_url(config, make), config.THREADS)
    try:
        _check(engine)
        _bring_up_to_date(engine, make)
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextlib.contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection for looking things up.

    :raises StateError: the database does not answer.
    """
    try:
        with engine.connect() as connection:
            yield connection
    except SQLAlchemyError as error:
        raise _failure(engine, error) from error


@contextlib.contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that alone writes, of all processes: what it reads stays true until it ends.

    :raises StateError: the database does not answer or cannot be written to; nothing was changed.
    :raises IntegrityError: a row broke a rule of the tables; nothing was changed.
    """
    turn = _turns[engine]
    if not turn.acquire(timeout=BUSY_TIMEOUT):
        raise _locked(engine)
    try:
        with engine.execution_options(writes=True).begin() as connection:
            yield connection
    except IntegrityError:
        raise
    except SQLAlchemyError as error:
        raise _failure(engine, error) from error
    finally:
        turn.release()


def _url(config: Config, make: bool) -> URL:
    if config.DATABASE_URL:
        try:
            url = sa.make_url(config.DATABASE_URL)
        except ArgumentError as error:
            raise ConfigError(
                'DATABASE_URL is not a database URL. Write e.g. postgresql+psycopg://user:password@host/name, or '
                'leave it empty for SQLite.'
            ) from error
        if (
            url.get_backend_name() == 'sqlite'
            and url.database
            and not url.database.startswith(('file:', ':'))
        ):
            _demand_file(Path(url.database), make)
        return url
    path = Path(config.STATE_DIR) / FILE
    if make:
        statedir.prepare(config)
    _demand_file(path, make)
    if os.access(path.parent, os.W_OK):
        return URL.create('sqlite', database=str(path))
    # SQLite keeps files beside the database even for reading, unless it is told that nothing ever changes.
    log.warning('%s is read-only: nobody can log in, and nothing is remembered.', path.parent)
    query = {'mode': 'ro', 'immutable': '1', 'uri': 'true'}
    return URL.create('sqlite', database='file:' + quote(str(path)), query=query)


def _demand_file(path: Path, make: bool) -> None:
    """SQLite itself would make it with the permissions of the day."""
    if not make and not os.path.lexists(path):
        raise _none(str(path))
    try:
        statedir.private_file(path)
    except OSError as error:
        raise StateError(f'The database {path} cannot be made: {error.strerror}.') from error


def _engine(url: URL, threads: int) -> Engine:
    # One connection per request thread and some to spare; they are opened when needed and kept.
    options: dict[str, Any] = {'pool_size': threads + 4, 'max_overflow': 0, 'pool_timeout': BUSY_TIMEOUT}
    kind = url.get_backend_name()
    if kind == 'sqlite':
        options['connect_args'] = {'timeout': BUSY_TIMEOUT}
    else:
        # Each statement sees what was committed before it, whatever the server's default: also after a wait.
        options |= {'pool_pre_ping': True, 'isolation_level': 'READ COMMITTED'}
        options['connect_args'] = _patience(url)
    try:
        if kind not in _KINDS:
            raise ArgumentError('only SQLite and PostgreSQL will do')
        engine = sa.create_engine(url, **options)
    except (ImportError, SQLAlchemyError, TypeError) as error:
        raise ConfigError(
            f'DATABASE_URL {url.render_as_string(hide_password=True)} cannot be used: {error}. Install its driver '
            'beside pyroTorrent, or leave DATABASE_URL empty for SQLite.'
        ) from error
    if kind == 'sqlite' and url.database and os.path.isfile(url.database):
        _refuse_other_file(engine, url.database)
    event.listen(engine, 'connect', _prepare_sqlite if kind == 'sqlite' else _prepare_postgresql)
    event.listen(engine, 'begin', _begin_sqlite if kind == 'sqlite' else _begin_postgresql)
    _turns[engine] = threading.Lock()
    _forget_after_fork(engine)
    return engine


def _patience(url: URL) -> dict[str, int]:
    """How long libpq waits for a machine that is gone; by itself it does so for a quarter of an hour."""
    if url.drivername not in ('postgresql', 'postgresql+psycopg', 'postgresql+psycopg2'):
        return {}
    waits = {
        'connect_timeout': CONNECTING,
        'tcp_user_timeout': SILENT * 1000,  # for what was sent and is not acknowledged
        # And where an answer is waited for, so that nothing is on its way:
        'keepalives_idle': max(1, SILENT // 2),
        'keepalives_interval': max(1, SILENT // 4),
        'keepalives_count': 2,
    }
    return {name: value for name, value in waits.items() if name not in url.query}


def _refuse_other_file(engine: Engine, path: str) -> None:
    """Refuse to work on a file that is not in its place any more: what is written to it is lost when we end."""
    known = _identity(path)

    def check(*_: object) -> None:
        if _identity(path) != known:
            raise StateError(
                f'The database {path} was removed or replaced while pyroTorrent has it open, and is not written to any '
                'more. Stop pyroTorrent, put the file back, from a backup if need be, and start again.'
            )

    event.listen(engine, 'do_connect', check)  # SQLite would make an empty one
    event.listen(engine, 'begin', check)


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # Python's module is not to begin transactions by its own rules
    connection.execute('PRAGMA foreign_keys = ON')


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later cannot wait for its turn, so writers take it at once.
    if connection.get_execution_options().get('writes'):
        connection.exec_driver_sql('BEGIN IMMEDIATE')
    else:
        # Past SQLAlchemy: this cannot fail, and every request does it.
        raw: Any = connection.connection.dbapi_connection
        raw.execute('BEGIN')


def _prepare_postgresql(connection: Any, _record: object) -> None:
    with contextlib.closing(connection.cursor()) as cursor:
        cursor.execute(f"SET lock_timeout = '{BUSY_TIMEOUT:g}s'")
        # A machine that lost its power in the middle must not keep the others from writing.
        cursor.execute(f"SET idle_in_transaction_session_timeout = '{ABANDONED:g}s'")
    connection.commit()  # or the end of the first transaction would undo it


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get('writes'):
        connection.exec_driver_sql(f'SELECT pg_advisory_xact_lock({_WRITING})')


def _forget_after_fork(engine: Engine) -> None:
    """Connections must not be shared with a child process; the child opens its own."""
    known = weakref.ref(engine)

    def forget() -> None:
        mine = known()
        if mine is not None:
            mine.dispose(close=False)
            _turns[mine] = threading.Lock()  # a thread that is not in the child may have held it

    os.register_at_fork(after_in_child=forget)


def _check(engine: Engine) -> None:
    """Find damage at the start and not in the middle of a request."""
    if engine.dialect.name == 'postgresql':
        _check_encoding(engine)
        return
    with reading(engine) as connection:
        found = connection.exec_driver_sql('PRAGMA quick_check(1)').scalar()
    if found != 'ok':
        raise _damaged(engine)
    if 'mode' in engine.url.query:
        return
    # Outside any transaction, as SQLite demands. The mode stays with the file.
    with contextlib.closing(engine.raw_connection()) as raw, contextlib.suppress(Exception):
        raw.cursor().execute('PRAGMA journal_mode = WAL')


def _check_encoding(engine: Engine) -> None:
    with reading(engine) as connection:
        encoding = connection.exec_driver_sql('SHOW server_encoding').scalar()
    if encoding != 'UTF8':
        raise ConfigError(
            f'The database {name_of(engine)} has the encoding {encoding}, which cannot hold every name. Make one with '
            "CREATE DATABASE … TEMPLATE template0 ENCODING 'UTF8'."
        )


def _bring_up_to_date(engine: Engine, make: bool) -> None:
    with reading(engine) as connection:
        revision = _revision(connection)
        if revision == REVISIONS[-1]:
            return
    if revision is None and not make:
        raise _none(name_of(engine))
    with writing(engine) as connection:
        revision = _revision(connection)  # again: another process may have done it meanwhile
        if revision is not None and revision not in REVISIONS:
            raise StateError(
                f'The database {name_of(engine)} is of a newer pyroTorrent (its schema is {revision[:40]}, ours is '
                f'{REVISIONS[-1]}). Install that version again, or restore the backup you made before it.'
            )
        if revision != REVISIONS[-1]:
            log.info(
                'The database %s is brought from schema %s to %s.', name_of(engine), revision, REVISIONS[-1]
            )
            _migrate(connection)


def _revision(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table('alembic_version'):
        return None
    found = connection.execute(sa.text('SELECT version_num FROM alembic_version')).scalar()
    return None if found is None else str(found)


def _migrate(connection: Connection) -> None:
    logging.getLogger('alembic').setLevel(logging.WARNING)  # it talks about its plugins
    # Imported here: it costs a tenth of a second, and almost every start has nothing to migrate.
    import alembic.command
    import alembic.config

    options = alembic.config.Config()
    options.set_main_option('script_location', str(MIGRATIONS).replace('%', '%%'))
    options.attributes['connection'] = connection
    alembic.command.upgrade(options, 'head')


def new_id(result: CursorResult[Any]) -> int:
    """The number that the database gave to a row just inserted."""
    made = result.inserted_primary_key
    assert made is not None
    return int(made[0])


def name_of(engine: Engine) -> str:
    """The database for messages: the path of a file, the URL without its password of a server."""
    if engine.dialect.name == 'sqlite':
        return str(engine.url.database)
    return engine.url.render_as_string(hide_password=True)


def _none(name: str) -> StateError:
    return StateError(
        f'There is no database of pyroTorrent at {name}. If there was one, put it back from a backup. If it is '
        'elsewhere, set STATE_DIR or DATABASE_URL in config.py. If this is the first start, begin with “pyrotorrent '
        'run” or “pyrotorrent user add NAME”, which make it.'
    )


def _damaged(engine: Engine) -> StateError:
    return StateError(
        f'The database {name_of(engine)} is damaged. Put a backup in its place; or move it away together with its '
        '-wal and -shm files and start anew, and all accounts and tokens have to be made again.'
    )


def _locked(engine: Engine) -> StateError:
    return StateError(
        f'The database {name_of(engine)} was locked for {BUSY_TIMEOUT:.0f} seconds, most likely by another process. '
        'Try again; if it goes on, find the process that has it open.'
    )


def _failure(engine: Engine, error: SQLAlchemyError) -> StateError:
    """What an error of the database means, for people."""
    name, words = name_of(engine), str(getattr(error, 'orig', None) or error)
    lowered = words.lower()
    kind = getattr(getattr(error, 'orig', None), 'sqlite_errorname', '')
    if kind.startswith('SQLITE_IOERR') and 'READ' not in kind:
        return StateError(
            f'The disk of the database {name} does not take what is written: a quota or the largest size of a file is '
            'reached, or the disk fails. Nothing was changed; make room there.'
        )
    if any(sign in lowered for sign in ('malformed', 'not a database', 'corrupt', 'disk i/o')):
        return _damaged(engine)
    if getattr(error, 'orig', None) and ('timed out' in lowered or 'timeout expired' in lowered):
        return StateError(
            f'The machine of the database {name} does not answer. Check that it runs and that the network leads there; '
            'nothing has to be restarted here.'
        )
    if 'locked' in lowered or 'lock timeout' in lowered:
        return _locked(engine)
    if 'disk is full' in lowered or 'disk full' in lowered:
        return StateError(f'The disk of the database {name} is full. Nothing was changed; make room there.')
    if 'readonly' in lowered or 'read-only' in lowered:
        return StateError(
            f'The database {name} cannot be written to. Nothing was changed; check its owner and its file system.'
        )
    if 'unable to open' in lowered:
        return StateError(f'The database {name} cannot be opened. Check that it and its directory are ours.')
    return StateError(f'The database {name} failed: {words.splitlines()[0][:300] if words else "no reason"}')
