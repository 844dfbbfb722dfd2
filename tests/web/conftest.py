"""A whole application in this process, over real rTorrents."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lib import config, targets
from tests.rig import Rtorrent
from tests.web.site import Site

Build = Callable[..., Site]


@contextlib.contextmanager
def building(place: Path) -> Iterator[Build]:
    """``build(home=rtorrent, **settings)`` makes a site with its state in ``place``; a target may also be a URL."""

    sites: list[Site] = []

    def made(settings: dict[str, object] | None = None, **clients: Rtorrent | str) -> Site:
        named = {
            name: {'url': client if isinstance(client, str) else client.url}
            for name, client in clients.items()
        }
        values = {'rtorrent_config': named, 'STATE_DIR': str(place / 'state'), **(settings or {})}
        sites.append(Site(config.make(values)))
        return sites[-1]

    try:
        yield made
    finally:
        for site in sites:
            site.services.close()
        targets.reset()


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    """``build(home=rtorrent, **settings)``, of the test's own."""
    with building(tmp_path) as made:
        yield made


@pytest.fixture
def site(build: Build, rtorrent: Rtorrent) -> Site:
    """A site over one fresh rTorrent 0.9.8 called ``home``, nobody logged in."""
    return build(home=rtorrent)
