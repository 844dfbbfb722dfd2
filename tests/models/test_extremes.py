"""The greatest and least numbers that the table lets through do not end rTorrent, now or with the next torrent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lib.errors import Fault
from lib.methods import TABLES, Method, check
from lib.methods.arguments import MAX_COUNT, MAX_INTEGER
from lib.wire.rpc import Rpc
from tests.models.conftest import Loaded
from tests.rig import Rtorrent, make

EXTREMES = {
    'flag': (0, 1),
    'count': (0, MAX_COUNT),
    'positive': (1, 2**31 - 1),
    'numwant': (-1, 0, MAX_COUNT),
    'size': (0, MAX_INTEGER),
    'rate': (0, 1, 2**32 - 1),
    'priority': (0, 3),
}


def setters(kind: str) -> Iterator[tuple[Method, int]]:
    """Each setter with one number, and each number to try with it."""
    for method in TABLES[kind].values():
        if method.write and len(method.args) == 1 and method.args[0] in EXTREMES:
            for value in EXTREMES[method.args[0]]:
                yield method, value


def try_out(rtorrent: Rtorrent, rpc: Rpc, method: Method, value: int, subject: str) -> None:
    names = [name for name in method.commands if name in rtorrent.call('system.listMethods')]
    if not names:
        return
    try:
        rpc.call(names[0], subject, *check(method, [value]))
    except Fault:
        assert rtorrent.running  # refused, which is fine


@pytest.mark.parametrize(('method', 'value'), list(setters('rtorrent')), ids=str)
def test_of_the_client(loaded: Loaded, method: Method, value: int) -> None:
    rtorrent = loaded.rtorrent
    try_out(rtorrent, loaded.rpc, method, value, '')
    other = make(rtorrent.downloads, 'other', 50_000, announce='http://127.0.0.1:1/announce', have=0)
    rtorrent.load(other.seed, other.info_hash, start=True)
    rtorrent.call('d.start', loaded.info_hash)
    assert rtorrent.call('system.pid') == rtorrent.pid, (method.name, value)


@pytest.mark.parametrize(('method', 'value'), list(setters('torrent')), ids=str)
def test_of_a_torrent(loaded: Loaded, method: Method, value: int) -> None:
    rtorrent = loaded.rtorrent
    try_out(rtorrent, loaded.rpc, method, value, loaded.info_hash)
    rtorrent.call('d.start', loaded.info_hash)
    rtorrent.call('d.stop', loaded.info_hash)
    assert rtorrent.call('system.pid') == rtorrent.pid, (method.name, value)
