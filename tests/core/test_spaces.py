"""Free space where the disks of a client are not ours to see."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest

from model import spaces
from model.hub import Hub
from tests.core.rows import row
from tests.core.support import backend_of, loaded
from tests.rig import wait_for
from tests.rig.factory import Factory

ROWS = [
    row('A', directory='/x/one', is_multi_file=1, is_open=1),
    row('B', directory='/x/two/', is_multi_file=1, is_open=0),
    row('C', directory='/y', is_open=1),
    row('D', directory='/y', is_open=1),
    row('E', directory='/z', is_open=0),
    row('F', directory='', is_open=1),
]


def test_an_open_torrent_of_each_save_path_is_asked_about() -> None:
    asked: list[str] = []

    def ask(hashes: Sequence[str]) -> list[int | None]:
        asked.extend(each.strip('_') for each in hashes)
        return [5 * 2**30, 7 * 2**40]

    assert spaces.spaces_of(ask, ROWS) == (('/x', 5 * 2**30, 0), ('/y', 7 * 2**40, 0))
    assert asked == ['A', 'D']


def test_paths_with_as_much_room_are_one_disk_and_what_is_not_told_is_none() -> None:
    assert spaces.spaces_of(lambda _some: [2**40, 2**40 + 4096], ROWS) == (('/x', 2**40, 0),)
    assert spaces.spaces_of(lambda _some: [None, 2**40], ROWS) == (('/y', 2**40, 0),)
    assert spaces.spaces_of(lambda _some: pytest.fail('asked for nothing'), ROWS[4:]) == ()


@pytest.mark.parametrize('version', ['0.9.8', '0.16'])
def test_an_rtorrent_elsewhere_says_what_is_free(start_rtorrent: Factory, version: str) -> None:
    rtorrent = start_rtorrent(version)
    made = loaded(rtorrent)
    rtorrent.call('d.open', made.info_hash)
    hub = Hub([backend_of(rtorrent)])  # whose socket, as far as it knows, is not on this machine
    hub.start(watched=True)
    wait_for(lambda: hub.look()[0].spaces, 30, 'the free space')
    ((path, free, _total),) = hub.look()[0].spaces
    disk = os.statvfs(path)
    assert abs(free - disk.f_bavail * disk.f_frsize) < 2**30
    hub.close(5)
