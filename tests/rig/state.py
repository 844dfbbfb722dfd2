"""A state directory whose database has its tables already."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

from lib.config import Config, make
from model import statedir
from model.database import FILE, open_database


def prepared(config: Config) -> Config:
    """Put a database without rows into ``STATE_DIR`` where none is and none is elsewhere.

    To migrate costs more than most tests do; the first start itself has its own, in tests/people/test_database.py.
    """
    path = Path(config.STATE_DIR, FILE)
    if not config.DATABASE_URL and not path.exists():
        statedir.prepare(config)
        statedir.private_file(path)
        path.write_bytes(_empty())
    return config


@functools.cache
def _empty() -> bytes:
    with tempfile.TemporaryDirectory() as place:
        config = make({'STATE_DIR': f'{place}/state'})
        open_database(config).dispose()
        return Path(config.STATE_DIR, FILE).read_bytes()
