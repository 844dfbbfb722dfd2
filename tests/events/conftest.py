"""A database for each test, and a recorder that looks when it is told to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from lib import config
from model.database import open_database
from tests.events.support import Stage
from tests.rig.state import prepared


@pytest.fixture
def engine(tmp_path: Path, database_url: str) -> Iterator[Engine]:
    values = {'rtorrent_config': {}, 'STATE_DIR': str(tmp_path / 'state'), 'DATABASE_URL': database_url}
    made = open_database(prepared(config.make(values)))
    yield made
    made.dispose()


@pytest.fixture
def stage(engine: Engine) -> Stage:
    return Stage(engine)
