"""A tick is one request and finds what changed, whoever changed it and whoever else follows the same rTorrent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lib.errors import WireError
from model.backends import rtorrent_feed, rtorrent_slices, rtorrent_sweep
from model.backends.base import Changes
from model.backends.rtorrent import RTorrentBackend
from model.backends.rtorrent_watch import RTorrentWatch
from model.fields import AT
from model.snapshot import Snapshot
from tests.core.support import backend_of, loaded
from tests.rig import Made, Rtorrent, bencode, wait_for
from tests.rig.factory import Factory


class Follower:
    """A watch and what its ticks said so far."""

    def __init__(self, backend: RTorrentBackend) -> None:
        self.backend = backend
        self.watch = RTorrentWatch(backend)
        self.snapshot = Snapshot()

    def tick(self) -> Changes:
        changes = self.watch.tick()
        self.snapshot.update('box', changes.rows, changes.gone, whole=changes.whole)
        return changes

    def one(self) -> Changes:
        """A tick, which has to be one request and no full list."""
        before = self.backend.rpc.requests
        changes = self.tick()
        assert self.backend.rpc.requests == before + 1
        assert not changes.whole
        return changes

    def values(self, key: str) -> dict[str, Any]:
        return {row[AT['name']]: row[AT[key]] for row in self.snapshot.all()[1]}

    @property
    def slot(self) -> int:
        """The number of its feed, 0 for none."""
        return self.watch._feed.slot if self.watch._feed else 0


@pytest.fixture
def no_sweep(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is found is found by events."""
    monkeypatch.setattr(rtorrent_sweep, 'FEW', -1)
    monkeypatch.setattr(rtorrent_sweep, 'ROUND', 1e9)
    return


def test_every_event_is_found_in_one_request(any_rtorrent: Rtorrent, no_sweep: None) -> None:
    first = loaded(any_rtorrent, 'first')
    follower = Follower(backend_of(any_rtorrent))
    assert follower.tick().whole
    assert follower.slot == 1
    assert follower.one().rows == []
    loaded(any_rtorrent, 'second')
    assert [row[AT['name']] for row in follower.one().rows] == ['second']
    for command, key, value in (
        ('d.open', 'is_open', 1),
        ('d.start', 'is_active', 1),
        ('d.pause', 'is_active', 0),
        ('d.resume', 'is_active', 1),
        ('d.stop', 'state', 0),
        ('d.close', 'is_open', 0),
    ):
        any_rtorrent.call(command, first.info_hash)
        wait_for(lambda: follower.one() and follower.values(key)['first'] == value, 10, command)  # noqa: B023
    any_rtorrent.call('d.check_hash', first.info_hash)
    wait_for(lambda: follower.one() and follower.values('complete')['first'] == 1, 10, 'the check')
    any_rtorrent.call('d.erase', first.info_hash)
    assert follower.one().gone == (first.info_hash,)
    assert list(follower.values('name')) == ['second']
    after = follower.one()
    assert (after.rows, after.gone) == ([], ())


def test_what_was_erased_and_added_again_is_there(any_rtorrent: Rtorrent, no_sweep: None) -> None:
    made = loaded(any_rtorrent)
    follower = Follower(backend_of(any_rtorrent))
    follower.tick()
    any_rtorrent.call('d.erase', made.info_hash)
    any_rtorrent.load(made.data, made.info_hash)
    changes = follower.one()
    assert changes.gone == (made.info_hash,)
    assert [each[0] for each in changes.rows] == [made.info_hash]
    assert list(follower.values('name')) == ['thing']


def test_what_was_written_is_read_although_no_event_tells(any_rtorrent: Rtorrent, no_sweep: None) -> None:
    made = loaded(any_rtorrent)
    follower = Follower(backend_of(any_rtorrent))
    follower.tick()
    any_rtorrent.call('d.custom1.set', made.info_hash, 'new')
    assert follower.one().rows == []
    follower.watch.want([made.info_hash, 'A' * 40])
    assert follower.one().gone == ('A' * 40,)
    assert follower.values('label') == {'thing': 'new'}


def test_the_tracker_is_the_first_that_is_on(any_rtorrent: Rtorrent) -> None:
    info = {'length': 1, 'piece length': 16384, 'pieces': b'x' * 20}
    tiers = [['http://one.example:1/secret#key'], ['http://[', 'https://two.example/x']]
    for number in range(2):
        data = bencode(
            {'announce': tiers[0][0], 'announce-list': tiers, 'info': {**info, 'name': f'n{number}'}}
        )
        any_rtorrent.call('load.raw', '', data)
    wait_for(lambda: len(any_rtorrent.hashes()) == 2, 10, 'the torrents')
    follower = Follower(backend_of(any_rtorrent))
    follower.tick()
    assert follower.values('tracker') == {'n0': 'one.example', 'n1': 'one.example'}
    for info_hash in any_rtorrent.hashes():
        any_rtorrent.call('t.is_enabled.set', f'{info_hash}:t0', 0)
    follower.one()
    assert set(follower.values('tracker').values()) == {'two.example'}


@pytest.fixture
def many_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty torrents are read as a hundred thousand would be."""
    monkeypatch.setattr(rtorrent_sweep, 'FEW', 0)
    monkeypatch.setattr(rtorrent_sweep, 'SMALL', 1)
    monkeypatch.setattr(rtorrent_sweep, 'ROUND', 0.0)
    monkeypatch.setattr('model.backends.rtorrent_watch._AT_ONCE', 0)
    monkeypatch.setattr('model.backends.rtorrent_watch.MOST', 2)


def fill(rtorrent: Rtorrent, count: int) -> list[Made]:
    return [loaded(rtorrent, f'n{number}', 1000) for number in range(count)]


def test_the_sweep_sees_all(any_rtorrent: Rtorrent, many_parts: None) -> None:
    made = fill(any_rtorrent, 40)
    follower = Follower(backend_of(any_rtorrent))
    assert follower.tick().more
    assert set(follower.values('tracker').values()) == {None}
    parts = len(rtorrent_sweep.parts(40))
    assert parts == 64
    ticks = 0
    while follower.one().more:
        ticks += 1
    assert ticks < parts + 5
    assert set(follower.values('tracker').values()) == {'127.0.0.1'}
    for each in made:
        any_rtorrent.call('d.custom1.set', each.info_hash, f'label of {each.name}')
    late = fill(any_rtorrent, 45)[40:]  # the views take in what comes later
    follower.one()  # the late ones come by their event
    read = [row[0] for _ in range(parts) for row in follower.one().rows]
    assert sorted(read) == sorted({each.info_hash for each in (*made, *late)})  # each once in a round
    assert follower.values('label') == {each.name: f'label of {each.name}' for each in made} | {
        each.name: '' for each in late
    }
    assert follower.values('tracker').keys() == {each.name for each in (*made, *late)}


@pytest.mark.parametrize('count', [0, 1, 400, 401, 6400, 6401, 10_000, 100_000, 1_000_000])
def test_each_torrent_is_in_exactly_one_part(count: int) -> None:
    parts = rtorrent_sweep.parts(count)
    hashes = [f'{number:03X}' + '7' * 37 for number in range(4096)]
    assert all(sum(part.holds(each) for part in parts) == 1 for each in hashes)
    most = max(sum(part.holds(each) for each in hashes) for part in parts) / 4096 * count
    assert most <= rtorrent_sweep.SMALL or count > 102_400


def test_several_followers_do_not_starve_one_another(any_rtorrent: Rtorrent, no_sweep: None) -> None:
    made = loaded(any_rtorrent)
    followers = [Follower(backend_of(any_rtorrent)) for _ in range(rtorrent_feed.SLOTS)]
    for follower in followers:
        follower.tick()
    assert sorted(follower.slot for follower in followers) == [1, 2, 3, 4]
    any_rtorrent.call('d.start', made.info_hash)
    other = loaded(any_rtorrent, 'other')
    for follower in followers:
        follower.one()
        assert follower.values('state') == {'thing': 1, 'other': 0}
    any_rtorrent.call('d.erase', other.info_hash)
    assert [follower.one().gone for follower in followers] == [(other.info_hash,)] * 4


def test_whoever_finds_another_in_its_feed_takes_another(any_rtorrent: Rtorrent, no_sweep: None) -> None:
    made = loaded(any_rtorrent)
    first, second = Follower(backend_of(any_rtorrent)), Follower(backend_of(any_rtorrent))
    first.tick()
    any_rtorrent.call('pyro_mark_1.set', '', '')  # as if both had found it free at the same moment
    second.tick()
    assert (first.slot, second.slot) == (1, 1)
    any_rtorrent.call('d.start', made.info_hash)
    second.one()
    assert first.tick().whole  # the other one took the event away, and that is known
    assert first.values('state') == {'thing': 1}
    wait_for(lambda: (first.tick(), second.tick()) and first.slot != second.slot, 10, 'them to part')
    any_rtorrent.call('d.stop', made.info_hash)
    for follower in (first, second):
        wait_for(lambda: follower.tick() and follower.values('state') == {'thing': 0}, 5, 'the stop')  # noqa: B023


def test_a_feed_whose_owner_died_is_taken_over(any_rtorrent: Rtorrent) -> None:
    dead = Follower(backend_of(any_rtorrent))
    dead.tick()
    now = any_rtorrent.call('system.time_seconds')
    any_rtorrent.call('pyro_mark_1.set', '', f'{"0" * 16} {now - rtorrent_feed.LEASE + 30}')
    alive = Follower(backend_of(any_rtorrent))
    alive.tick()
    assert alive.slot == 2
    any_rtorrent.call('pyro_mark_1.set', '', f'{"0" * 16} {now - rtorrent_feed.LEASE - 1}')
    third = Follower(backend_of(any_rtorrent))
    third.tick()
    assert third.slot == 1


def test_the_same_follower_keeps_its_feed(any_rtorrent: Rtorrent) -> None:
    follower, other = Follower(backend_of(any_rtorrent)), Follower(backend_of(any_rtorrent))
    follower.tick()
    other.tick()
    follower.watch.close()
    other.watch._fresh = other.watch._whole = True  # as after an answer that was lost
    assert other.tick().whole
    assert other.slot == 2


def test_closing_leaves_no_commands_behind(any_rtorrent: Rtorrent) -> None:
    follower = Follower(backend_of(any_rtorrent))
    follower.tick()
    events = ['event.download.erased', 'event.download.opened', 'event.download.inserted_new']
    mine = '~zz_pyro_1'
    assert all(mine in any_rtorrent.call('method.list_keys', '', event) for event in events)
    follower.watch.close()
    assert not any(mine in any_rtorrent.call('method.list_keys', '', event) for event in events)
    assert any_rtorrent.call('pyro_mark_1', '') == ''
    assert not [view for view in backend_of(any_rtorrent).views() if view.startswith('pyro')]


@pytest.fixture
def without_feed(monkeypatch: pytest.MonkeyPatch) -> None:
    """All feeds are in use."""
    monkeypatch.setattr(rtorrent_feed, 'find', lambda *_, **__: None)


@pytest.mark.parametrize('few', [0, 300])
def test_without_a_feed_everything_is_found_too(
    any_rtorrent: Rtorrent, without_feed: None, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(rtorrent_slices, '_FEW', few)
    made = fill(any_rtorrent, 6)
    follower = Follower(backend_of(any_rtorrent))
    follower.tick()
    assert follower.slot == 0
    any_rtorrent.call('d.start', made[0].info_hash)
    any_rtorrent.call('d.custom1.set', made[1].info_hash, 'x')
    any_rtorrent.call('d.erase', made[2].info_hash)
    fill(any_rtorrent, 7)  # brings back the erased one and a seventh
    any_rtorrent.call('d.erase', made[3].info_hash)
    for _ in range(17 if few == 0 else 1):
        follower.one()
    assert follower.values('name').keys() == {'n0', 'n1', 'n2', 'n4', 'n5', 'n6'}
    assert follower.values('state')['n0'] == 1
    assert follower.values('label')['n1'] == 'x'
    assert set(follower.values('tracker').values()) == {'127.0.0.1'}
    any_rtorrent.call('d.custom1.set', made[4].info_hash, 'y')
    follower.watch.want([made[4].info_hash])
    follower.one()
    assert follower.values('label')['n4'] == 'y'
    follower.watch.want([made[3].info_hash])  # gone already
    follower.one()


@pytest.mark.parametrize('feed', [True, False])
def test_another_session_behind_the_same_address(
    start_rtorrent: Factory, monkeypatch: pytest.MonkeyPatch, feed: bool
) -> None:
    if not feed:
        monkeypatch.setattr(rtorrent_feed, 'find', lambda *_, **__: None)
        monkeypatch.setattr(rtorrent_slices, '_FEW', 0)
    rtorrent = start_rtorrent('0.9.8')
    loaded(rtorrent, 'old')
    follower = Follower(backend_of(rtorrent))
    follower.tick()
    follower.one()
    rtorrent.kill()
    for file in rtorrent.session.iterdir():
        file.unlink()
    rtorrent.start()  # the poller did not even see it go
    loaded(rtorrent, 'new')
    assert follower.tick().whole
    assert list(follower.values('name')) == ['new']
    follower.one()


def test_what_was_lost_with_an_answer_is_read_again(any_rtorrent: Rtorrent, no_sweep: None) -> None:
    made = loaded(any_rtorrent)
    follower = Follower(backend_of(any_rtorrent))
    follower.tick()
    any_rtorrent.call('d.start', made.info_hash)
    send = follower.backend.rpc.multicall

    def lossy(*asked: Any, **how: Any) -> Any:
        send(*asked, **how)
        raise WireError('The answer was lost on purpose.')

    follower.backend.rpc.multicall = lossy  # type: ignore[method-assign]
    with pytest.raises(WireError):
        follower.tick()
    follower.backend.rpc.multicall = send  # type: ignore[method-assign]
    assert follower.tick().whole
    assert follower.values('state') == {'thing': 1}


def test_more_than_one_reply_can_hold_is_read_in_parts(
    any_rtorrent: Rtorrent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('model.backends.rtorrent.REPLY_BUDGET', 1000)
    monkeypatch.setattr('model.backends.rtorrent_watch._LARGE', 2)
    made = fill(any_rtorrent, 8)
    follower = Follower(backend_of(any_rtorrent))
    assert len(follower.tick().rows) == 8
    any_rtorrent.call('d.start', made[0].info_hash)
    assert not follower.tick().whole
    for each in made:
        any_rtorrent.call('d.open', each.info_hash)
    assert follower.tick().whole
    assert set(follower.values('is_open').values()) == {1}


def test_parts_are_cut_by_the_size_of_now(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(rtorrent_sweep.parts(3)) == 1
    monkeypatch.setattr(rtorrent_sweep, 'SMALL', 1)
    assert len(rtorrent_sweep.parts(3)) == 16


def test_a_view_that_another_program_changed_hides_no_torrent(
    any_rtorrent: Rtorrent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rtorrent_sweep, 'SMALL', 1)
    monkeypatch.setattr(rtorrent_sweep, 'FEW', 1000)
    made = [loaded(any_rtorrent, name) for name in ('one', 'two', 'three')]
    follower = Follower(backend_of(any_rtorrent))
    for _ in range(20):
        follower.tick()
    for digit in rtorrent_sweep.DIGITS:
        any_rtorrent.call('view.filter', '', f'pyro_slice_{digit}', 'false=')
    for _ in range(20):
        assert follower.tick().gone == ()
    any_rtorrent.call('method.set_key', '', 'event.download.erased', f'~zz_pyro_{follower.slot}')
    any_rtorrent.call('d.erase', made[0].info_hash)
    wait_for(lambda: follower.tick() and set(follower.values('name')) == {'two', 'three'}, 20, 'the end')
