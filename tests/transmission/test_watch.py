"""Following a real Transmission: what it costs, and that nothing is missed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lib.errors import PyroError, TimedOut
from model.backends import transmission_watch
from model.backends.base import Changes
from model.backends.transmission import TransmissionBackend
from model.backends.transmission_watch import AGE, LOADING, SWEEP, TransmissionWatch
from model.fields import INDEX, Row
from model.snapshot import Snapshot
from tests.rig import make, wait_for
from tests.rig.transmission import Transmission, TransmissionFactory
from tests.transmission.fake import backend_of, torrents
from tests.wire.fakes import Server

NOBODY = 'http://127.0.0.1:1/announce'


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Follower:
    """A watch, a snapshot that is told, and the requests that the last tick took."""

    def __init__(self, daemon: Transmission) -> None:
        self.daemon, self.clock, self.snapshot = daemon, Clock(), Snapshot()
        self.backend = daemon.backend()
        self.watch = TransmissionWatch(self.backend.link, self.clock)
        self.requests = 0

    def tick(self, seconds: float = 1.0) -> Changes:
        self.clock.now += seconds
        before = self.backend.link.requests
        changes = self.watch.tick()
        self.requests = self.backend.link.requests - before
        self.snapshot.update('box', changes.rows, changes.gone, whole=changes.whole)
        return changes

    def rows(self) -> dict[str, Row]:
        return {row[INDEX['hash']]: row[: len(INDEX)] for row in self.snapshot.all('box')[1]}

    def right(self) -> bool:
        """Whether the snapshot is what a look at everything says."""
        return self.rows() == {row[INDEX['hash']]: row for row in self.backend.rows()}

    def until(self, condition: Callable[[], object], what: str, *, seconds: float = 1.0) -> None:
        """Tick until it is so; with 0 seconds between, what is read now and then only does not count."""

        def there() -> object:
            self.tick(seconds)
            return condition()

        wait_for(there, 30, what)


def torrent(daemon: Transmission, name: str, *, start: bool = False) -> str:
    return daemon.load(make(daemon.downloads, name, 3 << 18, announce=NOBODY, have=1 / 3), start=start)


@pytest.fixture(params=['few', 'many'])
def own(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, start_transmission: TransmissionFactory
) -> Transmission:
    """A fresh one that is followed as those with few torrents are, and as those with many."""
    if request.param == 'many':
        monkeypatch.setattr(transmission_watch, 'FEW', -1)
    return start_transmission()


def test_everything_that_happens_is_seen(own: Transmission) -> None:
    follower = Follower(own)
    assert follower.tick().whole
    behind = own.link()
    hashes = [torrent(own, f't{n}') for n in range(4)]
    ids: list[int | str] = [each.lower() for each in hashes]
    follower.until(lambda: len(follower.rows()) == 4 and follower.right(), 'four torrents')

    behind.ask(lambda client: client.change_torrent(ids[:1], labels=['films', 'new']))
    behind.ask(lambda client: client.change_torrent(ids[1:2], bandwidth_priority=1))
    behind.ask(lambda client: client.start_torrent(ids[2:3]))
    behind.ask(lambda client: client.rename_torrent_path(ids[3], 't3', 'other'))
    follower.until(
        lambda: (
            follower.right()
            and follower.rows()[hashes[0]][INDEX['label']] == 'films, new'
            and follower.rows()[hashes[1]][INDEX['priority']] == 3
            and follower.rows()[hashes[2]][INDEX['is_active']]
            and follower.rows()[hashes[3]][INDEX['name']] == 'other'
        ),
        'what others did',
    )
    behind.ask(lambda client: client.remove_torrent(ids[:2]))
    follower.until(lambda: follower.rows().keys() == set(hashes[2:]), 'two to be gone', seconds=0)
    torrent(own, 't0')  # the same again: another number there, another torrent for us
    follower.until(lambda: follower.right() and len(follower.rows()) == 3, 'the one that came again')
    assert follower.rows()[hashes[0]][INDEX['label']] == ''


def test_a_restart(own: Transmission) -> None:
    follower = Follower(own)
    hashes = [torrent(own, f'r{n}') for n in range(3)]
    follower.tick()
    # The others keep their numbers, and nobody remembers what was removed.
    own.link().ask(lambda client: client.remove_torrent([hashes[2].lower()]))
    own.restart()
    seen = [follower.tick(0).gone]
    assert follower.rows().keys() == set(hashes)  # Transmission answers before it has loaded its torrents
    wait_for(lambda: len(follower.backend.rows()) == 2, 30, 'two to be loaded')
    follower.tick(LOADING)
    assert follower.rows().keys() == set(hashes[:2])
    own.link().ask(lambda client: client.remove_torrent([hashes[0].lower()]))
    own.restart()  # numbers begin anew
    seen.append(follower.tick(0).gone)
    wait_for(lambda: len(follower.backend.rows()) == 1, 30, 'the last to be loaded')
    follower.tick(LOADING)
    assert follower.rows().keys() == {hashes[1]}
    assert seen == [(), ()]


def test_all_are_read_now_and_then(own: Transmission) -> None:
    follower = Follower(own)
    torrent(own, 'any')
    follower.until(follower.right, 'it')
    assert len(follower.tick(SWEEP).rows) == 1


def test_what_a_failed_tick_saw_is_not_lost(own: Transmission, monkeypatch: pytest.MonkeyPatch) -> None:
    follower = Follower(own)
    hashes = [torrent(own, f'f{n}') for n in range(3)]
    follower.until(follower.right, 'three')
    own.link().ask(lambda client: client.remove_torrent([hashes[0].lower()]))
    hashes.append(torrent(own, 'another'))
    post = follower.backend.link.transport.post

    def lossy(body: bytes, *more: Any) -> Any:
        reply = post(body, *more)
        if b'totalSize' in body:  # the second request, for what is new
            raise TimedOut('lost on purpose')
        return reply

    with monkeypatch.context() as lose:
        lose.setattr(follower.backend.link.transport, 'post', lossy)
        for _ in range(2):
            with pytest.raises(PyroError):
                follower.tick(0)
    follower.tick(0)
    assert follower.rows().keys() == set(hashes[1:])


@pytest.mark.parametrize('start', [True, False])
def test_a_check_does_not_look_like_a_start_or_a_stop(own: Transmission, start: bool) -> None:
    follower = Follower(own)
    info_hash = torrent(own, 'checked', start=start)
    follower.until(lambda: follower.right() and follower.rows()[info_hash][INDEX['is_active']] is start, 'it')
    state, seen = INDEX['state'], list[int]()
    for _ in range(5):
        follower.backend.perform('check', [info_hash], {})
        follower.watch.want([info_hash])
        while follower.tick(0).more:
            seen.append(follower.rows()[info_hash][state])
    follower.backend.perform('check', [info_hash], {})
    follower.watch._session = 'another'  # everything is read anew
    follower.tick(0)
    seen.append(follower.rows()[info_hash][state])
    assert set(seen) == {int(start)}


def test_what_was_written_to_is_read_until_it_shows(own: Transmission) -> None:
    follower = Follower(own)
    info_hash = torrent(own, 'written')
    follower.until(follower.right, 'it')
    follower.watch.want([info_hash])
    assert [follower.tick().more for _ in range(3)] == [True, True, False]


def test_two_requests_a_tick_and_what_is_still_is_not_sent(
    own: Transmission, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower = Follower(own)
    for n in range(4):
        torrent(own, f'still{n}')
    follower.tick()
    follower.until(follower.right, 'all')
    if transmission_watch.FEW < 0:  # as it is a minute later
        recent = transmission_watch._recent
        monkeypatch.setattr(transmission_watch, '_recent', lambda client: ([], recent(client)[1]))
    most, sent = 0, 0
    for _ in range(2 * int(AGE)):
        changes = follower.tick()
        most = max(most, follower.requests)
        sent += len(changes.rows)
    assert most <= 2
    assert follower.right()
    if transmission_watch.FEW < 0:
        assert sent == 4 * (2 * AGE // SWEEP)


def test_limits_that_were_set_show_at_once(own: Transmission) -> None:
    follower = Follower(own)
    follower.tick()
    own.link().ask(lambda client: client.set_session(speed_limit_down=50, speed_limit_down_enabled=True))
    assert follower.tick().globals.down_limit == 0
    follower.watch.want(())
    assert follower.tick().globals.down_limit == 50_000


def test_nothing_is_asked_for_a_watch_that_nobody_ticks(own: Transmission) -> None:
    backend: TransmissionBackend = own.backend()
    backend.watch().close()
    assert backend.link.requests == 0


@pytest.mark.parametrize('few', [300, -1])
def test_a_name_that_changes_within_the_second_of_another_change(
    monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """As in Transmission 4.1 when a torrent is renamed as soon as it was added: ``editDate`` is what it was."""
    monkeypatch.setattr(transmission_watch, 'FEW', few)
    changes = {'name': 'before', 'editDate': 7}
    with Server(torrents(changes)) as server:
        watch = backend_of(server).watch()
        watch.tick()
        changes['name'] = 'after'
        (row,) = watch.tick().rows
    assert row[INDEX['name']] == 'after'
