"""The conformance kit on real clients: what the contract promises holds for each of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lib.errors import Conflict, ConnectError
from lib.targetspecs import TargetSpec
from model.backends.base import Backend
from model.backends.conformance import Kit, checks, run
from model.backends.load import make_backend
from tests.backends.aria import Aria, example
from tests.core.support import backend_of, loaded
from tests.rig import transmission
from tests.rig.factory import VERSIONS, Factory
from tests.rig.transmission import TransmissionFactory

#: What a client may lack: the checks of it.
OF_TRANSMISSION = {'move', 'rename', 'queue', 'start now', 'limits of a torrent', 'removing with data'}


def conforms(backend: Backend) -> set[str]:
    """:returns: the names of the checks that do not apply, after seeing that all others are kept."""
    before = {row[0] for row in backend.rows()}
    with Kit(backend, patience=60) as kit:
        results = list(run(kit, checks(write=True)))
        assert [(each.check.name, each.message) for each in results if each.state == 'broken'] == []
    assert {row[0] for row in backend.rows()} == before  # it leaves nothing behind
    return {each.check.name for each in results if each.state == 'not tried'}


@pytest.mark.parametrize('version', VERSIONS)
def test_rtorrent(start_rtorrent: Factory, version: str) -> None:
    rtorrent = start_rtorrent(version)
    for name in ('one', 'two'):
        loaded(rtorrent, name=name)
    assert conforms(backend_of(rtorrent, socket=str(rtorrent.socket))) == OF_TRANSMISSION


@pytest.fixture
def start_transmission() -> Iterator[TransmissionFactory]:
    factory = TransmissionFactory()
    yield factory
    factory.close()


@pytest.mark.parametrize('version', transmission.VERSIONS)
def test_transmission(start_transmission: TransmissionFactory, version: str) -> None:
    backend = start_transmission(version).backend()
    assert str(backend.globals().client_version).startswith(version)
    with Kit(backend) as others:
        others.torrent()
        assert conforms(backend) == {'open', 'close', 'throttle', 'switching trackers'}


@pytest.fixture
def aria(tmp_path: Path) -> Iterator[Aria]:
    aria = Aria(tmp_path)
    yield aria.start()
    aria.stop()


def test_the_example(aria: Aria) -> None:
    backend = aria.backend()
    with Kit(backend) as others:
        others.torrent()
        lacking = conforms(backend)
    tried = {check.needs for check in checks(write=True) if check.name not in lacking} - {''}
    claims = {
        'pause',
        'resume',
        'erase',
        'add',
        'magnet',
        'add_directory',
        'files',
        'peers',
        'trackers',
        'settings',
    }
    assert (backend.capabilities, tried) == (claims, claims)
    version = backend.globals().client_version
    assert version is not None
    assert version.startswith('aria2 1.')


@pytest.mark.parametrize(('changed', 'error'), [({'secret': 'wrong'}, Conflict), ({'port': 9}, ConnectError)])
def test_the_example_says_what_is_wrong(aria: Aria, changed: dict[str, Any], error: type[Exception]) -> None:
    spec = TargetSpec('aria', 'client', client=example(), options=aria.options | changed)
    with pytest.raises(error, match=r'aria2: Unauthorized|Connection refused'):
        make_backend(spec).rows()
