"""Managers of real rTorrents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from model.manager import Manager
from tests.rig import Rtorrent

Managing = Callable[..., Manager]


@pytest.fixture
def managing() -> Iterator[Managing]:
    """``managing(home=rtorrent, …)`` is a started manager of these."""
    made: list[Manager] = []

    def manage(state_dir: Path | None = None, **clients: Rtorrent) -> Manager:
        roots = [str(client.downloads) for client in clients.values()]
        servers = {name: {'url': client.url, 'interval': 0.2} for name, client in clients.items()}
        made.append(Manager(servers, state_dir=state_dir, DOWNLOAD_ROOTS=roots).start())
        return made[-1]

    yield manage
    for manager in made:
        manager.close()
