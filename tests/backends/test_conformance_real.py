"""The conformance kit on real clients: what the contract promises holds for each of them."""

from __future__ import annotations

import pytest

from model.backends.base import Backend
from model.backends.conformance import Kit, checks, run
from tests.core.support import backend_of, loaded
from tests.rig.factory import VERSIONS, Factory


def conforms(backend: Backend, *, own: str = '') -> set[str]:
    """:returns: the names of the checks that do not apply, after seeing that all others are kept."""
    with Kit(backend, own=own, patience=60) as kit:
        results = list(run(kit, checks(write=True)))
        assert [(each.check.name, each.message) for each in results if each.state == 'broken'] == []
    return {each.check.name for each in results if each.state == 'not tried'}


@pytest.mark.parametrize('version', VERSIONS)
def test_rtorrent(start_rtorrent: Factory, version: str) -> None:
    rtorrent = start_rtorrent(version)
    others = {loaded(rtorrent, name=name).info_hash for name in ('one', 'two')}
    backend = backend_of(rtorrent, socket=str(rtorrent.socket))
    assert conforms(backend) == {
        'move',
        'rename',
        'queue',
        'start now',
        'limits of a torrent',
        'removing with data',
    }
    assert {row[0] for row in backend.rows()} == others
