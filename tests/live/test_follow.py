"""Pollers over real rTorrents: what somebody who looks at the list sees, whatever happens to the clients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from model import actions, adding, settings
from model import poller as module
from model.fields import AT
from model.hub import Hub
from tests.core.support import backend_of, frozen, hub_of, loaded
from tests.rig import Rtorrent, Tracker, make, wait_for
from tests.rig.factory import Factory
from tests.rig.patience import wait_for_peers


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, 'WATCHED', 0.05)
    monkeypatch.setattr(module, '_SHARE', 0)


@pytest.fixture
def follow() -> Iterator[Any]:
    hubs: list[Hub] = []

    def made(*rtorrents: Rtorrent) -> Hub:
        hubs.append(hub_of(*rtorrents))
        return hubs[-1]

    yield made
    for hub in hubs:
        hub.close(5)


def seen(hub: Hub, key: str = 'state', target: str = '') -> dict[str, Any]:
    hub.look()
    return {row[AT['name']]: row[AT[key]] for row in hub.snapshot.all(target)[1]}


def test_what_another_program_does_is_seen(follow: Any, any_rtorrent: Rtorrent) -> None:
    made = loaded(any_rtorrent)
    hub = follow(any_rtorrent)
    assert seen(hub) == {'thing': 0}
    assert seen(hub, 'tracker') == {'thing': '127.0.0.1'}
    any_rtorrent.call('d.start', made.info_hash)
    wait_for(lambda: seen(hub) == {'thing': 1}, 10, 'the start')
    any_rtorrent.call('d.custom1.set', made.info_hash, 'tv%20show')
    wait_for(lambda: seen(hub, 'label') == {'thing': 'tv show'}, 10, 'the label')
    any_rtorrent.call('d.erase', made.info_hash)
    wait_for(lambda: seen(hub) == {}, 10, 'the end')
    [state] = hub.look()
    assert state.client_version == any_rtorrent.call('system.client_version')
    assert state.count == 0


def test_the_list_after_a_write_shows_it(
    follow: Any, any_rtorrent: Rtorrent, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = loaded(any_rtorrent)
    hub = follow(any_rtorrent)
    seen(hub)
    monkeypatch.setattr(module, 'WATCHED', 1000.0)  # nothing comes by itself
    monkeypatch.setattr('model.hub.SEEN', 20.0)
    for verb, args, key, value in (
        ('label', {'label': 'films'}, 'label', 'films'),
        ('priority', {'priority': 3}, 'priority', 3),
        ('start', {}, 'state', 1),
        ('stop', {}, 'state', 0),
    ):
        assert actions.run_many(hub, [('box', made.info_hash)], verb, args, wait=20)[0].ok
        assert seen(hub, key) == {'thing': value}, verb
    new = make(any_rtorrent.downloads, 'new', 1000, announce='http://127.0.0.1:1/announce')
    adding.add(hub, 'box', torrent=new.data, label='fresh', start=False)
    assert seen(hub, 'label') == {'thing': 'films', 'new': 'fresh'}
    settings.apply(hub, 'box', {'down_limit': 100 * 1024})
    facts = hub.look()[0].globals
    assert facts is not None
    assert facts.down_limit == 100 * 1024
    actions.run_many(hub, [('box', made.info_hash)], 'erase', wait=20)
    assert seen(hub) == {'new': 0}


def test_many_writes_at_once_are_seen(
    follow: Any, any_rtorrent: Rtorrent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('model.backends.rtorrent_watch.MOST', 3)
    monkeypatch.setattr('model.backends.rtorrent_sweep.FEW', 0)
    monkeypatch.setattr('model.backends.rtorrent_sweep.SMALL', 1)
    monkeypatch.setattr('model.backends.rtorrent_sweep.ROUND', 1e9)
    made = [loaded(any_rtorrent, f'n{number}', 1000) for number in range(20)]
    hub = follow(any_rtorrent)
    seen(hub)
    actions.run_many(hub, [('box', each.info_hash) for each in made], 'label', {'label': 'all'})
    wait_for(lambda: set(seen(hub, 'label').values()) == {'all'}, 10, 'the labels')


def test_a_transfer_is_seen_from_its_start_to_its_rest(
    follow: Any, start_rtorrent: Factory, tracker: Tracker
) -> None:
    # Two addresses, since an rTorrent does not connect to itself.
    giver, taker = start_rtorrent('0.9.8', address='127.0.0.2'), start_rtorrent('0.16', address='127.0.0.3')
    made = make(giver.downloads, 'film', 3_000_000, announce=tracker.url, random_bytes=3_000_000)
    giver.load(made.seed, made.info_hash, start=True)
    hub = follow(giver, taker)
    wait_for(lambda: seen(hub, 'status', 'box') == {'film': 'seeding'}, 20, 'the seed')
    seen_rates: list[int] = []
    taker.call('throttle.global_down.max_rate.set_kb', '', 1000)  # slow enough to be seen
    taker.call('load.raw_start', '', made.data)

    def finished() -> bool:
        seen_rates.extend(seen(hub, 'down_rate', 'box2').values())
        return seen(hub, 'progress', 'box2') == {'film': 1.0}

    wait_for_peers(taker, finished, 'the transfer')
    wait_for(lambda: seen(hub, 'status', 'box2') == {'film': 'seeding'}, 20, 'the end to be seen')
    assert seen(hub, 'finished', 'box2')['film'] > 0
    wait_for(lambda: seen(hub, 'up_total', 'box')['film'] >= made.size, 20, 'what was given')
    assert max(seen_rates) > 0
    taker.call('d.stop', made.info_hash)
    giver.call('d.stop', made.info_hash)
    # Rates fade within a minute or so; no event tells.
    wait_for(lambda: {*seen(hub, 'down_rate').values(), *seen(hub, 'up_rate').values()} == {0}, 120, 'rest')


def test_stopped_killed_hung_and_back(follow: Any, start_rtorrent: Factory, any_rtorrent: Rtorrent) -> None:
    other = start_rtorrent('0.9.8')
    loaded(any_rtorrent)
    loaded(other, 'neighbour')
    hub = follow(any_rtorrent, other)
    assert seen(hub) == {'thing': 0, 'neighbour': 0}

    def failed() -> bool:
        return hub.look()[0].status == 'failed'

    def back() -> bool:
        hub.poke(['box'])
        return hub.look()[0].status == 'ok'

    any_rtorrent._settle()
    any_rtorrent.kill()
    wait_for(failed, 10, 'the failure')
    [state, fine] = hub.look()
    assert fine.status == 'ok'
    assert state.error is not None
    assert state.error.code in ('refused', 'no_socket')
    assert state.retry >= state.seen > 0
    assert seen(hub) == {'thing': 0, 'neighbour': 0}  # what was known stays, with its age
    any_rtorrent.start()
    wait_for(back, 20, 'the recovery')
    any_rtorrent.stop()
    wait_for(failed, 10, 'the stop')
    for file in any_rtorrent.session.iterdir():
        file.unlink()
    any_rtorrent.start()
    loaded(any_rtorrent, 'another')
    wait_for(back, 20, 'the recovery')
    wait_for(lambda: seen(hub) == {'another': 0, 'neighbour': 0}, 10, 'the other session')


def test_one_that_hangs_is_said_to_and_comes_back(follow: Any, any_rtorrent: Rtorrent) -> None:
    made = loaded(any_rtorrent)
    hub = follow(any_rtorrent)
    hub.backends['box'].rpc._timeout = 0.5
    seen(hub)
    with frozen(any_rtorrent):
        wait_for(lambda: hub.look()[0].status == 'failed', 10, 'the failure')
        error = hub.look()[0].error
        assert error is not None
        assert error.code == 'timed_out'
    any_rtorrent.call('d.start', made.info_hash)
    hub.poke(['box'])
    wait_for(lambda: seen(hub) == {'thing': 1}, 20, 'the recovery')


def test_two_hubs_on_one_rtorrent(follow: Any, any_rtorrent: Rtorrent) -> None:
    made = [loaded(any_rtorrent, f'n{number}', 1000) for number in range(4)]
    hubs = [follow(any_rtorrent) for _ in range(2)]
    for hub in hubs:
        seen(hub)
    for each in made:
        any_rtorrent.call('d.start', each.info_hash)
    for hub in hubs:
        wait_for(lambda: set(seen(hub).values()) == {1}, 10, 'the starts')  # noqa: B023
    for each in made[1:]:
        any_rtorrent.call('d.erase', each.info_hash)
    for hub in hubs:
        wait_for(lambda: seen(hub) == {'n0': 1}, 10, 'the ends')  # noqa: B023


def test_free_space_is_told_for_clients_on_our_disks(any_rtorrent: Rtorrent) -> None:
    loaded(any_rtorrent)
    near, far = backend_of(any_rtorrent, 'near', any_rtorrent.socket), backend_of(any_rtorrent, 'far')
    hub = Hub([near, far])
    try:
        wait_for(lambda: hub.look()[0].spaces, 10, 'the spaces')
        [state, other] = hub.look()
        assert state.spaces[0][0] == str(any_rtorrent.downloads)
        assert state.globals is not None
        assert state.globals.free_space == state.spaces[0][1] > 0
        assert other.spaces == ()
        assert other.globals is not None
        assert other.globals.free_space is None
    finally:
        hub.close(5)
