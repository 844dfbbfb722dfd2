"""A database with its log of events, receivers in it, and the rounds of the dispatcher one by one under a clock."""

from __future__ import annotations

import itertools
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from lib import config
from model.database import open_database
from model.events.eventlog import Event, EventLog
from model.leases import Leases
from model.webhooks.collecting import Collector
from model.webhooks.dispatch import Dispatcher
from model.webhooks.outbox import LEASE, Outbox
from model.webhooks.receivers import Webhook, Webhooks
from model.webhooks.sending import Outcome, Sender
from tests.rig.state import prepared
from tests.webhooks.endpoint import Endpoint

BEGIN = 1_750_000_000.0
LOOPBACK = ['127.0.0.0/8', '::1/128']
MAILS = {'SMTP_HOST': '127.0.0.1', 'SMTP_PORT': 9, 'SMTP_FROM': 'torrents@example.org'}


class Clock:
    def __init__(self) -> None:
        self.now = BEGIN

    def __call__(self) -> float:
        return self.now


class Stage:
    """One database and what works on it."""

    def __init__(self, place: Path, **settings: Any) -> None:
        values = {'STATE_DIR': str(place), 'WEBHOOK_ALLOWED_NETWORKS': LOOPBACK, 'WEBHOOK_TIMEOUT': 60.0}
        self.config = config.make({**values, **MAILS, **settings})
        self.engine = open_database(prepared(self.config))
        # No power is cut here: a killed process needs no waiting for the disk.
        if not self.config.DATABASE_URL:
            faster = 'PRAGMA synchronous = OFF'
            sa.event.listen(self.engine, 'connect', lambda raw, _record: raw.execute(faster))
        self.engine.dispose()
        self.clock = Clock()
        self.log = EventLog(self.engine, self.clock)
        self.leases = Leases(self.engine, self.clock)
        self.hooks = Webhooks(self.engine, self.config, self.clock)
        self.sender = Sender(self.config, self.clock)
        self.outbox = Outbox(self.hooks, self.log, self.leases, jitter=lambda: 1.0)
        self.collector = Collector(self.hooks, self.log, self.leases, rest=lambda _seconds: None)
        self.endpoints: list[Endpoint] = []
        self.dispatchers: list[Dispatcher] = []
        self._numbers = itertools.count()

    def endpoint(self, **options: Any) -> Endpoint:
        self.endpoints.append(Endpoint(**options))
        return self.endpoints[-1]

    def dispatcher(self, **options: Any) -> Dispatcher:
        parts = {'sender': self.sender, 'outbox': self.outbox, 'collector': self.collector}
        made = Dispatcher(self.hooks, self.log, self.leases, **{**parts, **options})
        self.dispatchers.append(made)
        return made

    def hook(self, endpoint: Endpoint | None = None, **fields: Any) -> Webhook:
        """A receiver; of JSON where ``fields`` do not say else."""
        url = endpoint.url() if endpoint else 'http://127.0.0.1:9/'
        made = {'name': f'hook {next(self._numbers)}', 'style': 'json', 'url': url}
        return self.hooks.create({**made, **fields})

    def tell(self, *names: str, kind: str = 'finished', **fields: Any) -> None:
        """Something happens to torrents of these names."""
        torrent = {'name': 'x', 'size_bytes': 1_500_000_000, 'ratio': 1500, 'label': 'linux'}
        data = fields.pop('data', {'torrent': torrent})
        self.log.add(
            Event(0, self.clock(), 'home', 'A' * 40, kind, name, data=data, **fields) for name in names
        )

    def collect(self) -> None:
        assert self.leases.hold(LEASE, 30.0)
        while self.collector.collect():
            pass

    def send(self, seconds: float = 0.0) -> list[Outcome]:
        """Wait, and send all that is due then."""
        self.clock.now += seconds
        self.collect()
        outcomes = []
        while due := [head for head in self.outbox.heads() if head.due <= self.clock()]:
            for head in due:
                claim = self.outbox.claim(head.webhook_id)
                assert claim
                outcomes.append(self.sender.send(claim.receiver, claim.uid, claim.event))
                self.outbox.record(claim, outcomes[-1])
        return outcomes

    def close(self) -> None:
        for dispatcher in self.dispatchers:
            dispatcher.close()
        for endpoint in self.endpoints:
            endpoint.close()
        self.engine.dispose()


@pytest.fixture
def make_stage(tmp_path: Path, database_url: str) -> Iterator[Callable[..., Stage]]:
    """``make_stage(SETTING=…)``."""
    made: list[Stage] = []

    def make(**settings: Any) -> Stage:
        made.append(Stage(tmp_path / f'state{len(made)}', DATABASE_URL=database_url, **settings))
        return made[-1]

    yield make
    for stage in made:
        stage.close()


@pytest.fixture
def stage(make_stage: Callable[..., Stage]) -> Stage:
    return make_stage()


@pytest.fixture(scope='session')
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Contexts of a server called hooks.example and of a client that trusts it."""
    place = tmp_path_factory.mktemp('tls')
    command = ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
    command += ['-keyout', f'{place}/key', '-out', f'{place}/certificate', '-days', '2']
    command += ['-subj', '/CN=hooks.example', '-addext', 'subjectAltName=DNS:hooks.example']
    subprocess.run(command, check=True, capture_output=True)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(f'{place}/certificate', f'{place}/key')
    return server, ssl.create_default_context(cafile=f'{place}/certificate')
