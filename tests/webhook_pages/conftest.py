"""The application without torrent clients, one for all tests of a module, and a receiver on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lib import config, targets
from model.tables import deliveries, webhooks
from model.webhooks.deliveries import entry, stored_event
from model.webhooks.receivers import Webhook
from tests.web.conftest import Build, build
from tests.web.site import Browser, Program, Site
from tests.webhooks.endpoint import Endpoint

__all__ = ['Build', 'build']
LOOPBACK = {'WEBHOOK_ALLOWED_NETWORKS': ['127.0.0.0/8'], 'WEBHOOK_TIMEOUT': 60.0}
MAILS = {'SMTP_HOST': '127.0.0.1', 'SMTP_PORT': 9, 'SMTP_FROM': 'torrents@example.org'}
ADDRESS = 'https://hooks.example.org/secret-path?key=hidden'

Make = Callable[..., Webhook]


class People:
    """Who visits: one browser and one program for each role, and a program of an administrator that may only read."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.browsers: dict[str, Browser] = {}
        self.programs: dict[str, Program] = {}

    def browser(self, role: str = 'admin') -> Browser:
        if role not in self.browsers:
            self.browsers[role] = self.site.browser(f'{role} at a desk', role)
        return self.browsers[role]

    def program(self, role: str = 'admin', *, write: bool = True) -> Program:
        name = f'{role} that {"writes" if write else "reads"}'
        if name not in self.programs:
            self.programs[name] = self.site.program(name, role, write=write)
        return self.programs[name]


@pytest.fixture(scope='module')
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    values = {'STATE_DIR': str(tmp_path_factory.mktemp('state') / 'state'), 'rtorrent_config': {}}
    values |= LOOPBACK | MAILS
    made = People(Site(config.make(values)))
    yield made
    made.site.services.close()
    targets.reset()


@pytest.fixture
def site(people: People) -> Site:
    """The application, with no webhooks."""
    with people.site.services.engine.begin() as connection:
        connection.execute(webhooks.delete())
    return people.site


@pytest.fixture
def browser(people: People, site: Site) -> Browser:
    """An administrator's."""
    return people.browser()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    made = Endpoint()
    yield made
    made.close()


@pytest.fixture
def make(site: Site) -> Make:
    """``make(name, **fields)``: a receiver; of JSON where the fields do not say else."""

    def made(name: str = 'script', **fields: Any) -> Webhook:
        return site.services.webhooks.create({'name': name, 'style': 'json', 'url': ADDRESS, **fields})

    return made


def form(style: str = 'json', **fields: Any) -> dict[str, Any]:
    """What the form sends; ``url`` and options are of the style."""
    common = {'name': 'script', 'kind': ['finished', 'error'], 'query': ''}
    own = {f'{style}.{name}': value for name, value in fields.items() if name not in common}
    return {
        **common,
        **{name: value for name, value in fields.items() if name in common},
        'style': style,
        **own,
    }


def deliver(site: Site, hook: Webhook, count: int = 1, **columns: Any) -> None:
    """Deliveries as if they had been tried."""
    now = columns.pop('created', 1_750_000_000.0)
    event = {'kind': 'finished', 'name': columns.pop('name', 'haiku-r1beta5')}
    fresh = [entry(f'{at:032x}', at, stored_event(event), now) for at in range(count)]
    rows = [{**row, 'webhook_id': hook.id, **columns} for row in fresh]
    with site.services.engine.begin() as connection:
        connection.execute(deliveries.insert(), rows)
