"""A process that records what one rTorrent does, and kills itself at a point in its first transaction with events.

``python -m tests.events.child STATE DATABASE_URL URL [POINT]``
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine

from lib import config, targets
from model import poller as polling
from model.database import open_database
from model.events.eventlog import EventLog
from model.events.recorder import Recorder
from model.hub import Hub
from model.leases import Leases

#: Before a statement, before the commit and after it.
POINTS = ('UPDATE event_states', 'INSERT INTO events', 'COMMIT', 'TOLD')


def database(state: Path, database_url: str) -> Engine:
    values = {'rtorrent_config': {}, 'STATE_DIR': str(state), 'DATABASE_URL': database_url}
    return open_database(config.make(values))


def die(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(engine: Engine, point: str) -> None:
    """Die at the point of the first transaction that writes events."""
    events: list[int] = []

    def statement(_connection: Any, _cursor: Any, text: str, *_: Any) -> None:
        if point and text.startswith(f'{point} '):
            die()
        if text.startswith('INSERT INTO events '):
            events.append(1)

    sa.event.listen(engine, 'before_cursor_execute', statement)
    sa.event.listen(engine, 'commit', lambda _: die() if point == 'COMMIT' and events else None)


class Log(EventLog):
    """Dies before anybody is told."""

    point = ''

    def tell(self, newest: int) -> None:
        if self.point == 'TOLD':
            die()
        super().tell(newest)


def main(state: str, database_url: str, url: str, point: str) -> None:
    polling.WATCHED, polling.UNWATCHED, polling._SHARE = 0.05, 0.05, 0
    targets.configure(config.make({'rtorrent_config': {'box': {'url': url}}, 'STATE_DIR': state}))
    engine = database(Path(state), database_url)
    arm(engine, point)
    log = Log(engine)
    log.point = point
    hub = Hub.from_targets(None)
    hub.start()
    Recorder(hub, log, Leases(engine)).start()
    time.sleep(120)  # to be killed


if __name__ == '__main__':
    main(*sys.argv[1:5])
