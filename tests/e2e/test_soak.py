"""Random work on two real rTorrents, watched: ``make bench ARGS=soak`` does the same for ten minutes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bench.soak import Soak
from tests.rig import wait_for
from tests.rig.factory import Factory

STEPS = 60


@pytest.fixture
def soak(start_rtorrent: Factory) -> Iterator[Soak]:
    clients = {'home': start_rtorrent('0.9.8'), 'box': start_rtorrent('0.16', address='127.0.0.2')}
    made = Soak(clients, seed=7, viewers=4, pause=0.02)
    yield made
    made.close()


def test_random_work_leaves_right_lists_and_nothing_behind(soak: Soak) -> None:
    soak.see_each()
    for name in ('home', 'box'):
        soak.crash(name)
    soak.see_each()
    before = soak.size()
    for _ in range(STEPS):
        soak.step()
    soak.crash('home')
    assert soak.compare() == []
    assert [problem for viewer in soak.viewers for problem in viewer.problems] == []
    assert 'Traceback' not in soak.ours.log
    wait_for(lambda: soak.size().descriptors <= before.descriptors + 1, 20, 'descriptors to be let go')
    wait_for(lambda: soak.size().threads <= before.threads, 20, 'threads to end')
