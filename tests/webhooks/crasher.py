"""Dispatchers that are killed at some point of their work.

python -m tests.webhooks.crasher PLACE DATABASE_URL reads points, one a line, and says how each process ended.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Any

from lib import config
from model.database import open_database
from model.events.eventlog import EventLog
from model.leases import Leases
from model.webhooks.collecting import Collector
from model.webhooks.dispatch import Dispatcher
from model.webhooks.outbox import Outbox
from model.webhooks.receivers import Webhooks

POINTS = (
    'before _queue',
    'after collect',
    'before claim',
    'after claim',
    'before record',
    'before _record',
    'after record',
)


def die(*_args: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def deliver(place: str, database_url: str, point: str) -> None:
    """Deliver until ``point`` is reached the second time."""
    when, _, name = point.partition(' ')
    left = threading.Semaphore(1)

    def maybe_die() -> None:
        if not left.acquire(blocking=False):
            die()

    values = {'STATE_DIR': place, 'DATABASE_URL': database_url, 'WEBHOOK_ALLOWED_NETWORKS': ['127.0.0.0/8']}
    settings = config.make(values)
    engine = open_database(settings)
    log, leases = EventLog(engine), Leases(engine)
    hooks = Webhooks(engine, settings)
    outbox, collector = Outbox(hooks, log, leases), Collector(hooks, log, leases, rest=lambda _seconds: None)
    dispatcher = Dispatcher(hooks, log, leases, outbox=outbox, collector=collector)
    owner: Any = next(part for part in (outbox, collector, dispatcher) if hasattr(part, name))
    real = getattr(owner, name)

    def wrapped(*args: Any) -> Any:
        if when == 'before':
            maybe_die()
        result = real(*args)
        if when == 'after':
            maybe_die()
        return result

    setattr(owner, name, wrapped)
    dispatcher.start()
    threading.Event().wait()


def main(place: str, database_url: str) -> None:
    """Each in a child of its own: what is imported once need not be again."""
    for line in sys.stdin:
        child = os.fork()
        if not child:
            deliver(place, database_url, line.strip())
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == '__main__':
    main(*sys.argv[1:])
