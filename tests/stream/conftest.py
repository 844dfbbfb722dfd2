"""A site whose clients answer nothing, and events that the tests write themselves."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lib import config, targets
from model.events.eventlog import Event
from tests.web.site import Site

HASH = 'A' * 40
MOMENT = float(int(time.time()) - 60)  # the log forgets what is old
TORRENT: dict[str, Any] = {
    'hash': HASH, 'name': 'debian.iso', 'label': 'linux', 'ratio': 1500, 'added': 999_000, 'status': 'seeding',
    'size_bytes': 1 << 30, 'complete': True, 'tracker': 'tracker.example.org', 'target': 'home',
}  # fmt: skip


def event(
    kind: str = 'finished', target: str = 'home', torrent: dict[str, Any] | None = TORRENT, **more: Any
) -> Event:
    """An event that is in no log yet."""
    told = {
        'at': MOMENT,
        'hash': HASH if torrent else '',
        'name': torrent['name'] if torrent else target,
        **more,
    }
    return Event(0, target=target, kind=kind, data={'torrent': torrent}, **told)


Build = Callable[..., Site]


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    """``build(MAX_STREAMS=2)`` makes a site with the clients “home” and “box”."""
    sites: list[Site] = []

    def made(**settings: Any) -> Site:
        clients = {name: {'url': f'scgi://{tmp_path}/{name}.sock'} for name in ('home', 'box')}
        values = {'rtorrent_config': clients, 'STATE_DIR': str(tmp_path / 'state'), **settings}
        sites.append(Site(config.make(values)))
        return sites[-1]

    yield made
    for site in sites:
        site.services.close()
    targets.reset()


@pytest.fixture
def site(build: Build) -> Site:
    return build()
