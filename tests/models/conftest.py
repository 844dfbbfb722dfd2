"""Connections to real rTorrents, and torrents in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from lib import config, targets
from lib.wire.rpc import Rpc
from tests.rig import Made, Rtorrent, make

Connect = Callable[[Rtorrent], Rpc]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """``connect(rtorrent)`` makes it the only configured target, ``sheevareborn``, and returns its connection."""

    def connected(rtorrent: Rtorrent) -> Rpc:
        targets.configure(config.make({'rtorrent_config': {'sheevareborn': {'url': rtorrent.url}}}))
        return targets.connection()

    yield connected
    targets.reset()


@dataclass(frozen=True)
class Loaded:
    """A running rTorrent with one stopped torrent of two files."""

    rtorrent: Rtorrent
    rpc: Rpc
    made: Made

    @property
    def info_hash(self) -> str:
        return self.made.info_hash


def load(rtorrent: Rtorrent, rpc: Rpc) -> Loaded:
    """Load the torrent ``two``."""
    content = {'a.txt': b'a' * 1000, 'sub/b.txt': b'b' * 2000}
    made = make(rtorrent.downloads, 'two', content, announce='http://127.0.0.1:1/announce')
    rtorrent.load(made.seed, made.info_hash)
    return Loaded(rtorrent, rpc, made)


@pytest.fixture
def loaded(any_rtorrent: Rtorrent, connect: Connect) -> Loaded:
    """An rTorrent of each version in turn, configured, with the torrent ``two``."""
    return load(any_rtorrent, connect(any_rtorrent))


@pytest.fixture
def loaded_098(rtorrent: Rtorrent, connect: Connect) -> Loaded:
    """The same with rTorrent 0.9.8 only."""
    return load(rtorrent, connect(rtorrent))
