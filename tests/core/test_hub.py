"""Several clients side by side."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import pytest

from lib import config, targets
from lib.errors import ClosedEarly, NoSocket, NotFound, TimedOut
from lib.wire.rpc import Rpc
from model import actions
from model import hub as module
from model.actions import run_many
from model.backends.base import Backend, Overview
from model.backends.rtorrent import RTorrentBackend
from model.hub import Answer, Hub
from tests.core.support import Fake, backend_of, frozen, hub_of, loaded
from tests.rig import wait_for
from tests.rig.factory import Factory


def overviews(hub: Hub, view: str = 'main', names: Sequence[str] | None = None) -> list[Answer[Overview]]:
    """What the clients, or those of ``names``, answer when all are asked at the same time."""
    return hub.each(hub.backends if names is None else names, lambda backend: backend.overview(view))


def test_all_answer_in_configured_order(start_rtorrent: Factory) -> None:
    first, second = start_rtorrent('0.9.8'), start_rtorrent('0.16')
    made = loaded(second)
    results = overviews(hub_of(first, second))
    assert [result.name for result in results] == ['box', 'box2']
    assert [[row[0] for row in result.value.rows] for result in results if result.value] == [
        [],
        [made.info_hash],
    ]


def test_one_that_is_down_one_that_hangs_and_one_that_lies_hurt_nobody(start_rtorrent: Factory) -> None:
    good, down, hung = start_rtorrent(), start_rtorrent(start=False), start_rtorrent()
    made = loaded(good)
    liar = RTorrentBackend(Rpc(Fake(lambda body: b'<html>hello</html>'), target='liar'))
    backends = [backend_of(hung, 'hung'), backend_of(down, 'down'), liar, backend_of(good, 'good')]
    hub = Hub(backends, patience=4.0)
    with frozen(hung):
        results = overviews(hub)
    assert [result.name for result in results] == ['hung', 'down', 'liar', 'good']
    assert [result.value is None for result in results] == [True, True, True, False]
    assert isinstance(results[0].error, TimedOut)
    assert isinstance(results[1].error, NoSocket)
    assert results[2].error is not None
    assert results[2].error.code == 'bad_reply'
    assert results[3].value is not None
    assert results[3].value.rows[0][0] == made.info_hash


def test_some_of_them(start_rtorrent: Factory) -> None:
    hub = hub_of(start_rtorrent(), start_rtorrent(start=False))
    assert [result.name for result in overviews(hub, 'main', ['box'])] == ['box']
    with pytest.raises(NotFound, match='no client “nix”'):
        overviews(hub, 'main', ['nix'])
    (result,) = overviews(hub, 'nix', ['box'])
    assert isinstance(result.error, NotFound)


@pytest.mark.parametrize('name', ['', 'nix', None, 7, ['box'], '__class__'])
def test_only_configured_names(name: object) -> None:
    with pytest.raises(NotFound):
        Hub([]).get(name)  # type: ignore[arg-type]


def stuck(release: threading.Event) -> Callable[[bytes], bytes]:
    def answer(body: bytes) -> bytes:
        release.wait(60)
        raise ClosedEarly('Let go.')

    return answer


def test_a_client_that_hangs_gets_only_so_many_threads() -> None:
    release = threading.Event()
    fake = Fake(stuck(release))
    slow = RTorrentBackend(Rpc(fake, target='slow', connections=100, timeout=90))
    other = RTorrentBackend(Rpc(Fake(lambda body: b''), target='other'))
    hub = Hub([slow, other], patience=0.05)
    try:
        errors = [overviews(hub)[0].error for _ in range(10)]
        assert all(isinstance(error, TimedOut) for error in errors)
        assert [error.sent for error in errors if isinstance(error, TimedOut)] == [True] * 4 + [False] * 6
        wait_for(lambda: len(fake.sent) == module._THREADS_PER_TARGET, 10, 'its threads to have begun')
        selections = [('slow', 'A' * 40), ('other', 'A' * 40)]
        assert run_many(hub, selections, 'start')[0].state == 'failed'  # nothing was sent, and that is known
    finally:
        release.set()
    wait_for(lambda: hub._busy['slow'] == 0, 20, 'the threads to end')


def test_a_write_nobody_waits_for_any_longer_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    backends = [RTorrentBackend(Rpc(Fake(stuck(release)), target=name, timeout=30)) for name in ('a', 'b')]
    monkeypatch.setattr(actions, '_PATIENCE', 0.05)
    try:
        outcomes = run_many(Hub(backends), [('a', 'A' * 40), ('b', 'A' * 40)], 'start')
    finally:
        release.set()
    assert [outcome.state for outcome in outcomes] == ['unknown', 'unknown']


def test_a_mistake_of_the_program_is_not_hidden() -> None:
    def wrong(backend: Backend) -> int:
        raise ZeroDivisionError

    backends = [RTorrentBackend(Rpc(Fake(lambda body: b''), target=name)) for name in 'ab']
    for hub in (Hub(backends), Hub(backends[:1])):
        with pytest.raises(ZeroDivisionError):
            hub.each(hub.backends, wrong)


def test_from_the_configuration(start_rtorrent: Factory, tmp_path: object) -> None:
    one, two = start_rtorrent(), start_rtorrent()
    path = one.directory / 'config.py'
    path.write_text(
        f'rtorrent_config = {{"one": {{"url": "{one.url}"}}, "two": {{"url": "{two.url}"}}}}\n'
        f'DOWNLOAD_ROOTS = ["{one.downloads}"]\nSTATE_DIR = "{one.directory}/state"\n'
    )
    path.chmod(0o600)
    loaded_config = config.load(str(path), {})
    targets.configure(loaded_config)
    try:
        hub = Hub.from_targets(loaded_config)
        assert list(hub.backends) == ['one', 'two']
        assert hub.roots == (str(one.downloads),)
        assert all(result.value for result in overviews(hub))
        assert (hub.get('one').globals().free_space or 0) > 0
        assert list(Hub.from_targets().backends) == ['one', 'two']
    finally:
        targets.reset()
