"""A PostgreSQL whose machine is gone: an error for people, and not a page that loads for a quarter of an hour."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from lib.config import make
from lib.errors import StateError
from model import database
from model.database import open_database, reading
from tests.rig import wait_for
from tests.rig.silence import Way

PATIENCE = 60.0


@pytest.fixture
def way(postgres):
    way = Way(postgres.directory / '.s.PGSQL.5432')
    yield way
    way.close()


@pytest.fixture
def open_over(way, postgres, tmp_path):
    """Opens a new database over TCP; more of its URL."""
    engines = []

    def open_(more=''):
        url = sa.make_url(postgres.fresh()).set(host='127.0.0.1', port=way.port, query={})
        settings = {'STATE_DIR': str(tmp_path), 'DATABASE_URL': url.render_as_string() + more}
        engines.append(open_database(make(settings)))
        return engines[-1]

    yield open_
    for engine in engines:
        engine.dispose()


def tell(engine, outcome, statement='SELECT 1', turn=None):
    """Run a statement, with ``turn`` once both have met there, and note what came of it."""
    try:
        with reading(engine) as connection:
            if turn:
                turn.wait(PATIENCE)
            connection.execute(sa.text(statement))
        outcome.append('well')
    except StateError as error:
        outcome.append(str(error))


def test_a_machine_that_falls_silent_is_an_error_soon(open_over, way, postgres, monkeypatch):
    """For a statement that is sent, for one that waits for its answer, and for a new connection."""
    monkeypatch.setattr(database, 'SILENT', 3)
    monkeypatch.setattr(database, 'CONNECTING', 2)
    engine, outcome, turn = open_over(), [], threading.Barrier(2)

    def start(*arguments):
        threading.Thread(target=tell, args=(engine, outcome, *arguments), daemon=True).start()

    start('SELECT pg_sleep(600)')
    sleeping = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    wait_for(lambda: postgres.execute(sleeping), PATIENCE, 'the statement that waits')
    start('SELECT 1', turn)
    wait_for(lambda: turn.n_waiting == 1, PATIENCE, 'a connection')
    way.fall_silent()
    turn.wait(PATIENCE)
    start()
    wait_for(lambda: len(outcome) == 3, PATIENCE, 'three errors')
    for each in outcome:
        assert 'does not answer. Check that it runs' in each
    way.come_back()
    tell(engine, outcome)
    assert outcome[-1] == 'well'


def test_the_waits_are_as_promised_and_as_the_url_says(open_over):
    def waits(engine):
        with engine.connect() as connection:
            return connection.connection.dbapi_connection.info.get_parameters()

    assert waits(open_over()).items() >= {'connect_timeout': '5', 'tcp_user_timeout': '8000'}.items()
    patient = waits(open_over('?tcp_user_timeout=30000'))
    assert (patient['tcp_user_timeout'], patient['keepalives_idle']) == ('30000', '4')
