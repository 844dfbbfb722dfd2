"""The application of tests.web, with what it sends to rTorrent written down."""

from __future__ import annotations

import re
import xmlrpc.client
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.methods import TABLES
from tests.core.support import Recorder
from tests.rig import Rtorrent
from tests.web.conftest import build, site  # noqa: F401  fixtures
from tests.web.site import Site

WRITES = {
    command for table in TABLES.values() for line in table.values() if line.write for command in line.commands
}
WRITES |= {'load.raw', 'load.start', 'load.normal', 'load.raw_start', 'd.directory.set', 'd.custom.set'}


class Tap:
    """:ivar recorder: the bytes that went to rTorrent."""

    def __init__(self, attacked: Site, target: str = 'home') -> None:
        rpc = attacked.services.hub.backends[target].rpc
        self.recorder = rpc._transport = Recorder(rpc._transport)

    def names(self) -> list[str]:
        """The commands sent, those inside of a ``system.multicall`` one by one."""
        found: list[str] = []
        for body in self.recorder.sent:
            params, name = xmlrpc.client.loads(body)
            found += [call['methodName'] for call in params[0]] if name == 'system.multicall' else [str(name)]
        return found

    def writes(self) -> list[str]:
        """What changed anything; not the marks of our own with which a poller follows rTorrent's events."""
        ours = re.compile(r'pyro_(gone|mark)_[0-9]+\.set')
        return [
            name
            for name in self.names()
            if name in WRITES or name.endswith('.set')
            if not ours.fullmatch(name)
        ]


@pytest.fixture
def tap(site: Site) -> Tap:  # noqa: F811
    """What ``site`` sends from now on."""
    return Tap(site)


@pytest.fixture
def oracle(rtorrent: Rtorrent) -> Iterator[Path]:
    """A file that only a command run by rTorrent would make; that the test leaves it unmade is checked at its end."""
    path = rtorrent.directory / 'oracle'
    yield path
    assert not path.exists()
    assert rtorrent.running
