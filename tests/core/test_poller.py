"""The thread that asks one client: whatever the client does, it lives, says so once, and comes back."""

from __future__ import annotations

import gc
import logging
import re
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from lib.errors import NoSocket
from model import poller as module
from model.backends.base import Changes, Globals, Watch
from model.backends.foreign import ForeignBackend
from model.hub import Hub
from model.snapshot import Snapshot
from model.spaces import measure, save_paths
from tests.core.test_snapshot import row
from tests.rig import wait_for

WORDS = Globals(up_rate=1, client_version='1.0')


class Script(Watch):
    """Does at each tick what the test says, the last word again and again."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.closed = False

    def tick(self) -> Changes:
        client = self._client
        with client.lock:
            client.ticks += 1
            client.inside += 1
            client.most = max(client.most, client.inside)
            word = client.words.popleft() if len(client.words) > 1 else client.words[0]
        try:
            said = word() if callable(word) else word
            if isinstance(said, BaseException):
                raise said
            return said  # type: ignore[no-any-return]
        finally:
            with client.lock:
                client.inside -= 1

    def want(self, hashes: Iterable[str]) -> None:
        self._client.wanted += hashes

    def close(self) -> None:
        self.closed = True


class Client:
    """A backend that can be followed and nothing else."""

    kind = 'script'
    capabilities: frozenset[str] = frozenset()
    choices: Mapping[str, tuple[str, ...]] = {}

    def __init__(self, *words: Any, name: str = 'box') -> None:
        self.name = name
        self.words = deque(words)
        self.watches: list[Script] = []
        self.wanted: list[str] = []
        self.ticks = self.inside = self.most = 0
        self.lock = threading.Lock()

    def free_space_of(self, hashes: Sequence[str]) -> list[None]:
        return [None] * len(hashes)

    def watch(self) -> Script:
        self.watches.append(Script(self))
        return self.watches[-1]


def whole(*hashes: str, **values: Any) -> Changes:
    return Changes([row(each) for each in hashes], WORDS, whole=True, **values)


DOWN = NoSocket('There is no socket.', target='box')


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, 'WATCHED', 0.01)
    monkeypatch.setattr(module, 'UNWATCHED', 0.01)


@pytest.fixture
def follow() -> Iterator[Callable[..., Hub]]:
    """``follow(client, ...)`` makes a hub of them."""
    hubs = []

    def made(*clients: Client | ForeignBackend, **settings: Any) -> Hub:
        hubs.append(Hub(clients, **settings))  # type: ignore[arg-type]
        return hubs[-1]

    yield made
    for hub in hubs:
        hub.close(5)


def test_an_error_is_said_once_and_so_is_its_end(
    follow: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.random, 'uniform', lambda low, high: 0.001)
    client = Client(whole('A'), DOWN, DOWN, DOWN, whole('A', 'B'))
    hub = follow(client)
    with caplog.at_level(logging.INFO, logger='model.poller'):
        hub.look()
        wait_for(lambda: hub.snapshot.count('box') == 2, 10, 'the recovery')
    assert [record.getMessage() for record in caplog.records] == [
        'box: There is no socket.',
        'box: answers again',
    ]
    assert client.most == 1  # never two ticks at a time
    [state] = hub.look()
    assert (state.status, state.error, state.count, state.client_version) == ('ok', None, 2, '1.0')


def test_a_failure_keeps_what_was_known_and_says_when_it_is_tried_again(
    follow: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.random, 'uniform', lambda low, high: 1000.0)
    client = Client(whole('A'), DOWN, whole('B'))
    hub = follow(client)
    assert hub.look()[0].seen > 0
    wait_for(lambda: hub.look()[0].status == 'failed', 10, 'the failure')
    [state] = hub.look()
    assert state.error is DOWN
    assert (state.count, hub.snapshot.count('box')) == (1, 1)
    assert state.retry > state.seen > 0
    hub.poke(['box'], wait=10)  # tried at once, although a thousand seconds of rest were ordered
    assert hub.look()[0].status == 'ok'
    assert hub.look()[0].retry == 0
    assert hub.snapshot.get('box', 'A') is None


def test_back_off_grows_to_its_limit(follow: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(module.random, 'uniform', lambda low, high: 0.0)
    monkeypatch.setattr(module, 'min', lambda *of: pauses.append(min(*of)) or min(*of), raising=False)
    hub = follow(Client(DOWN))
    hub.look()
    wait_for(lambda: hub.look()[0].ticks > 8, 10, 'some tries')
    assert {1.0, 2.0, 4.0, 8.0, 16.0, 30.0} <= set(pauses)
    assert max(pauses) == 30.0


def test_waiting_for_a_client_that_comes_up_is_followed_by_no_long_rest(
    follow: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.random, 'uniform', lambda low, high: 0.001)
    monkeypatch.setattr(module, '_SHARE', 10_000)
    loaded = threading.Event()

    def loads() -> Changes:
        loaded.wait(0.05)
        return whole('A')

    client = Client(loads, DOWN, loads, whole('A', 'B'))
    hub = follow(client)
    hub.look()
    wait_for(lambda: hub.snapshot.count('box') == 2, 10, 'the ticks after the recovery')


NONSENSE = [
    None,
    [],
    Changes([['A']], WORDS),  # type: ignore[list-item]
    Changes([('A',)], WORDS),
    Changes([(None, *row('A')[1:])], WORDS),
    Changes([(*row('A')[:1], *row('A')[2:], {})], None),  # type: ignore[arg-type]
    Changes([tuple('A' if at else 'x' for at in range(len(row('A'))))], WORDS),
    ZeroDivisionError('no'),
    SystemExit(3),
    KeyboardInterrupt(),
    RecursionError(),
]


@pytest.mark.parametrize('nonsense', NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_is_an_error_and_not_the_end(
    follow: Any, nonsense: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.random, 'uniform', lambda low, high: 1000.0)
    one, two = 'A' * 40, 'B' * 40
    client = Client(whole(one), nonsense, whole(one, two))
    hub = follow(ForeignBackend(client))  # type: ignore[arg-type]
    hub.look()
    wait_for(lambda: hub.look()[0].status == 'failed', 10, 'the failure')
    [state] = hub.look()
    assert state.error is not None
    assert state.error.code == 'bad_reply'
    assert re.match('box( |: Script[.]tick)', str(state.error))
    assert [each[0] for each in hub.snapshot.all()[1]] == [one]
    hub.poke(['box'], wait=10)
    assert hub.snapshot.count('box') == 2


def test_a_client_that_hangs_holds_nobody(follow: Any) -> None:
    release = threading.Event()
    hung = Client(lambda: release.wait(60) and whole('A'), name='hung')
    hub = follow(hung, Client(whole('B')), patience=2.0)
    try:
        states = {state.name: state for state in hub.look()}
        assert states['hung'].status == 'starting'
        assert states['box'].status == 'ok'
        hub.poke(['hung'], wait=0.05)
        assert hung.most == 1
        assert hub.pollers['hung'].waiting() > 0
    finally:
        release.set()
    wait_for(lambda: hub.snapshot.count('hung') == 1, 10, 'the late answer')
    hub.close(10)
    assert hub.pollers['hung'].waiting() == 0


def test_what_nobody_looks_at_ends_and_begins_anew(follow: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, 'UNUSED', 0.05)
    client = Client(whole('A'))
    hub = follow(client)
    hub.look()
    poller = hub.pollers['box']
    wait_for(lambda: poller._thread is None and client.watches[0].closed, 10, 'the end')
    client.words = deque([whole('A', 'B')])
    assert hub.look()[0].count == 2  # the page that begins it anew waits for all of it
    assert len(client.watches) >= 2


def test_a_server_follows_although_nobody_looks(follow: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, 'UNUSED', 0.0)
    client = Client(whole('A'))
    hub = follow(client, patience=1e6)
    hub.start()
    wait_for(lambda: client.ticks > 5, 10, 'some ticks')
    hub.close(5)
    assert client.watches[0].closed
    assert hub.pollers['box']._thread is None
    hub.look()
    assert hub.pollers['box']._thread is None  # closed is closed


def test_a_hub_that_is_let_go_of_takes_its_threads_with_it() -> None:
    client = Client(whole('A'))
    hub = Hub([client])  # type: ignore[list-item]
    hub.look()
    del hub
    gc.collect()
    wait_for(lambda: client.watches[0].closed, 10, 'the end')


def test_the_first_look_after_a_while_is_fresh(follow: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, 'WATCHED', 0.0)
    monkeypatch.setattr(module, 'UNWATCHED', 1000.0)
    monkeypatch.setattr(module, 'LOOKS', -1.0)  # nobody ever counts as watching
    client = Client(whole('A'), whole('A', 'B'), whole('A', 'B', 'C'))
    hub = follow(client)
    assert hub.look()[0].count == 1
    monkeypatch.setattr(module, 'UNWATCHED', 0.0)
    assert hub.look()[0].count > 1


def test_a_poke_asks_for_what_was_written_and_begins_nothing(follow: Any) -> None:
    client = Client(whole('A'))
    hub = follow(client)
    hub.poke(['box', 'nix'], wait=10, torrents={'box': ['A']})
    assert client.watches == []  # nobody looks, so nobody needs to know
    hub.look()
    hub.poke(['box', 'nix'], wait=10, torrents={'box': ['A', 'B'], 'nix': ['C']})
    assert client.wanted == ['A', 'B']


def test_more_to_tell_comes_soon(follow: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, 'WATCHED', 1000.0)
    monkeypatch.setattr(module, 'SOON', 0.01)
    hub = follow(Client(whole('A', more=True), whole('A', 'B', more=True), whole('A', 'B', 'C')))
    hub.look()
    wait_for(lambda: hub.snapshot.count('box') == 3, 10, 'the rest')


def test_space_is_told_once_for_each_file_system(follow: Any, tmp_path: Path) -> None:
    (tmp_path / 'a').mkdir()
    here, paths = (
        str(tmp_path),
        [str(tmp_path / 'a'), str(tmp_path / 'gone'), '/proc', '/nowhere', 'a\0b', ''],
    )
    spaces, free = measure(here, paths)
    assert [space[0] for space in spaces] == [here, '/proc']
    assert free == spaces[0][1] > 0
    assert spaces[0][2] >= spaces[0][1]
    rows = [
        row('A', directory='/x/one', is_multi_file=1),
        row('B', directory='/x/two/', is_multi_file=1),
        row('C', directory='/y'),
        row('D', directory=''),
    ]
    assert save_paths(rows) == ['/x', '/y']
    hub = follow(Client(whole('A', directory=here)))
    [state] = hub.look()
    assert state.spaces == spaces[:1] or state.spaces[0][0] == here
    assert state.globals is not None
    assert state.globals.free_space == state.spaces[0][1]


@pytest.mark.parametrize(
    ('interval', 'watched', 'unwatched'),
    [(None, 1.0, 5.0), (0.2, 0.2, 5.0), (7.0, 7.0, 7.0), (600.0, 600.0, 600.0)],
)
def test_a_client_may_have_an_interval_of_its_own(
    monkeypatch: pytest.MonkeyPatch, interval: float | None, watched: float, unwatched: float
) -> None:
    monkeypatch.setattr(module, 'WATCHED', 1.0)
    monkeypatch.setattr(module, 'UNWATCHED', 5.0)
    poller = module.Poller(Client(whole('A')), Snapshot(), interval)
    poller._looked = 1000.0
    assert poller._wait(1001.0, 0.0) == watched
    assert poller._wait(2000.0, 0.0) == unwatched
    assert poller._wait(1001.0, 1000.0) == max(
        module.LONGEST, watched
    )  # a slow client rests, and not for ever
