"""Two servers share a PostgreSQL; the one that records is killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from lib import config
from model.database import open_database, reading
from model.events import eventstates
from model.events.eventlog import EventLog
from model.tables import leases
from model.webhooks.receivers import Webhooks
from tests.core.support import loaded
from tests.rig import Rtorrent, end, wait_for
from tests.rig.frozen import freeze
from tests.rig.postgres import Postgres
from tests.webhooks.endpoint import Endpoint

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120  # seconds
ADDRESS = re.compile(r'http://127\.0\.0\.1:\d+')

Serve = Callable[[str], subprocess.Popen[bytes]]


@pytest.fixture
def url(postgres: Postgres) -> str:
    return postgres.fresh()


@pytest.fixture
def serve(rtorrent: Rtorrent, url: str, tmp_path: Path) -> Iterator[Serve]:
    """``serve(name)``: a server with a state directory of its own, as on another machine."""
    running: list[subprocess.Popen[bytes]] = []

    def begin(name: str) -> subprocess.Popen[bytes]:
        file = tmp_path / f'{name}.py'
        file.write_text(
            f'STATE_DIR = {str(tmp_path / name)!r}\nDATABASE_URL = {url!r}\n'
            f"rtorrent_config = {{'box': {{'url': {rtorrent.url!r}}}}}\n"
            "WEBHOOK_ALLOWED_NETWORKS = ['127.0.0.0/8']\nUSE_AUTH = False\n"
        )
        file.chmod(0o600)
        with (tmp_path / f'{name}.log').open('wb') as log:
            command = [sys.executable, 'pyrotorrent.py', '--config', str(file), 'http', '--port', '0']
            running.append(subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log))
        return running[-1]

    yield begin
    for process in running:
        end(process)


def holder(engine: Engine, lease: str) -> int:
    """The process that has it; 0 where there is none."""
    with reading(engine) as connection:
        found = connection.execute(sa.select(leases.c.holder).where(leases.c.name == lease)).scalar()
    return int(found.split('/')[-2]) if found else 0


def lists(address: str, names: list[str]) -> bool:
    """Whether a server's list has all of these."""
    with urllib.request.urlopen(f'{address}/api/v1/torrents?limit=100', timeout=PATIENCE) as answer:
        text = answer.read().decode()
    return all(f'"{name}"' in text for name in names)


def test_the_other_takes_over_and_tells_each_event_once(
    rtorrent: Rtorrent, serve: Serve, url: str, tmp_path: Path
) -> None:
    settings = config.make({'DATABASE_URL': url, 'WEBHOOK_ALLOWED_NETWORKS': ['127.0.0.0/8']})
    engine, endpoint = open_database(settings), Endpoint()
    log, hooks = EventLog(engine), Webhooks(engine, settings)
    hooks.create({'name': 'all', 'style': 'json', 'url': endpoint.url(), 'kinds': ['added']})
    first = serve('one')
    wait_for(lambda: 'box' in eventstates.load(engine)[1], PATIENCE, 'the first list to be known')
    second = serve('two')
    assert holder(engine, 'recorder') == first.pid
    names = [f'before{number}' for number in range(5)]
    for name in names:
        loaded(rtorrent, name)
    wait_for(lambda: log.since(0, kinds=['added']), PATIENCE, 'the first event')
    address = wait_for(
        lambda: ADDRESS.search((tmp_path / 'two.log').read_text()), PATIENCE, 'the second server'
    )
    freeze(first.pid)
    for number in range(3):  # nobody tells of these while they come
        names.append(f'between{number}')
        loaded(rtorrent, names[-1])
    wait_for(lambda: lists(address[0], names), PATIENCE, 'the second to know of them')
    os.kill(first.pid, signal.SIGKILL)
    first.wait(PATIENCE)
    for number in range(5):
        names.append(f'after{number}')
        loaded(rtorrent, names[-1])
    wait_for(lambda: len({got.uid for got in endpoint.got}) == len(names), PATIENCE, 'all deliveries')
    assert {holder(engine, lease) for lease in ('recorder', 'webhooks')} == {second.pid}
    assert sorted(event.name for event in log.since(0, kinds=['added'])) == sorted(names)
    told = {got.uid: got.json['event']['name'] for got in endpoint.got}
    assert sorted(told.values()) == sorted(names)
    endpoint.close()
    engine.dispose()
