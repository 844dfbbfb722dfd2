"""Listeners: called in order, once, each for itself, whatever another one does, and on where they were."""

from __future__ import annotations

import logging
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from lib.errors import Conflict, UnknownName, UsageError
from model.events.eventlog import Event
from model.events.happenings import KINDS
from model.fields import COLUMNS
from model.manager import Manager, Torrent
from model.manager.listeners import FUNCTIONS, Trouble
from tests.rig import spawn, wait_for

ROOT = Path(__file__).resolve().parents[2]
HASH = 'A' * 40
TORRENT = dict.fromkeys((column.key for column in COLUMNS if column.key != 'id'), 0) | {
    'target': 'home', 'hash': HASH, 'name': 'tree', 'status': 'seeding', 'progress': 1.0,
}  # fmt: skip


def event(kind: str, detail: str = '', **data: object) -> Event:
    about_torrent = kind not in ('offline', 'online', 'disk_low', 'webhook')
    found: dict[str, Any] = {'torrent': TORRENT} if about_torrent else {}
    return Event(0, time.time(), 'home', HASH if about_torrent else '', kind, 'tree', detail, found | data)


class Everything:
    """Writes down which of its functions was called with what."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Any:
        if name not in FUNCTIONS:
            raise AttributeError(name)
        return lambda *arguments: self.calls.append((name, arguments))

    def names(self) -> list[str]:
        return [name for name, _ in self.calls]


def test_each_kind_calls_its_functions_with_what_it_is_about() -> None:
    heard = Everything()
    with Manager({}) as manager:
        manager.add_listener(heard)
        manager.events.add(
            [
                event('added'),
                event('stopped'),
                event('started'),
                event('paused'),
                event('updated', diff={'label': ['', 'linux']}),
                event('label', 'linux'),
                event('tracker_error', 'Tracker: [no]'),
                event('error', 'disk full'),
                event('offline', 'refused'),
                event('finished'),
            ]
        )
        wait_for(lambda: len(heard.calls) >= 23, 20, 'the calls')
    assert [name for name in heard.names() if name != 'on_event'] == [
        *('on_added', 'on_stopped', 'on_paused', 'on_started', 'on_resumed', 'on_paused', 'on_updated', 'on_label'),
        *('on_tracker_error', 'on_error', 'on_error', 'on_offline', 'on_error', 'on_finished'),
    ]  # fmt: skip
    arguments = dict(heard.calls)
    (added,) = arguments['on_added']
    assert isinstance(added, Torrent)
    assert (added.server, added.hash, added.finished) == ('home', HASH, False)
    assert arguments['on_updated'] == (added, {'label': ['', 'linux']})
    assert arguments['on_label'] == (added, 'linux')
    assert arguments['on_offline'] == ('home', 'refused')
    troubles = [given[0] for name, given in heard.calls if name == 'on_error']
    assert [(each.kind, each.server, bool(each.torrent), str(each)) for each in troubles] == [
        ('tracker_error', 'home', True, 'tree: Tracker: [no]'),
        ('error', 'home', True, 'tree: disk full'),
        ('offline', 'home', False, 'tree: refused'),
    ]
    ids = [given[0].id for name, given in heard.calls if name == 'on_event']
    assert ids == sorted(set(ids))


def test_every_kind_that_is_told_has_a_function_or_comes_as_an_event_alone() -> None:
    heard = Everything()
    kinds = [kind for kind in KINDS if kind != 'did']
    with Manager({}) as manager:
        manager.add_listener(heard)
        manager.events.add([event(kind) for kind in kinds])
        wait_for(lambda: heard.names().count('on_event') == len(kinds), 20, 'the events')
    assert {f'on_{kind}' for kind in kinds} - set(heard.names()) == {'on_webhook'}
    assert set(FUNCTIONS) == set(heard.names())


def test_what_a_listener_raises_is_logged_and_told_to_itself_only(caplog: pytest.LogCaptureFixture) -> None:
    own: list[Trouble] = []
    others = Everything()
    heard: list[str] = []

    def fails(torrent: Torrent) -> None:
        heard.append(torrent.hash)
        raise ValueError('mistake of mine')

    def fails_again(trouble: Trouble) -> None:
        own.append(trouble)
        raise KeyError('another')

    with caplog.at_level(logging.ERROR), Manager({}) as manager:
        manager.add_listener(on_added=fails, on_error=fails_again)
        manager.add_listener(others)
        manager.events.add([event('added'), event('added')])
        wait_for(lambda: len(own) == 2 and others.names().count('on_event') == 2, 20, 'both events')
    assert heard == [HASH, HASH]
    assert own[0].kind == 'listener'
    assert isinstance(own[0].__cause__, ValueError)
    assert 'on_added failed: ValueError: mistake of mine' in str(own[0])
    assert 'on_error' not in others.names()
    assert 'on_added of the listener “1” failed' in caplog.text
    assert 'on_error of the listener “1” failed' in caplog.text


class Mute(Exception):
    def __str__(self) -> str:
        raise ValueError('no words')


@pytest.mark.parametrize('error', [SystemExit(3), Mute()], ids=type)
def test_whatever_a_listener_raises_it_is_called_again(error: BaseException) -> None:
    troubles: list[Trouble] = []

    def fails(_torrent: Torrent) -> None:
        raise error

    with Manager({}) as manager:
        manager.add_listener(on_added=fails, on_error=troubles.append)
        manager.events.add([event('added'), event('added')])
        wait_for(lambda: len(troubles) == 2, 20, 'both troubles')
    assert troubles[0].__cause__ is error


def test_one_that_hangs_holds_up_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr('model.manager.listeners.LEAVING', 1.0)
    let_go, hangs, others = threading.Event(), threading.Event(), Everything()

    def hang(_torrent: Torrent) -> None:
        hangs.set()
        let_go.wait(60)

    with Manager({}) as manager:
        manager.add_listener(on_added=hang)
        manager.add_listener(others)
        manager.events.add([event('added')])
        assert hangs.wait(60)
        manager.events.add([event('finished')])
        wait_for(lambda: 'on_finished' in others.names(), 20, 'the other listener to be told')
    let_go.set()


def test_functions_are_checked() -> None:
    with Manager({}) as manager:
        with pytest.raises(UnknownName, match=r'on_finsihed.*Did you mean “on_finished”'):
            manager.add_listener(on_finsihed=print)
        with pytest.raises(UsageError, match='on_added has to be a function'):
            manager.add_listener(on_added='print')  # type: ignore[arg-type]
        with pytest.raises(UsageError, match='at least one function'):
            manager.add_listener(object())
        manager.add_listener(name='mine', on_added=print)
        with pytest.raises(Conflict, match='called “mine”'):
            manager.add_listener(name='mine', on_added=print)
    with pytest.raises(Conflict, match='was closed'):
        manager.add_listener(on_added=print)
    with pytest.raises(Conflict, match='was closed'):
        manager.start()


def test_a_removed_listener_hears_nothing_more_and_begins_anew(tmp_path: Path) -> None:
    heard, again = Everything(), Everything()
    with Manager({}, state_dir=tmp_path) as manager:
        handle = manager.add_listener(heard, name='mine')
        manager.events.add([event('added')])
        wait_for(heard.names, 20, 'the first')
        handle.remove()
        manager.events.add([event('finished')])
        manager.add_listener(again, name='mine')
        manager.events.add([event('stopped')])
        wait_for(lambda: 'on_stopped' in again.names(), 20, 'the third')
    assert 'on_finished' not in heard.names() + again.names()


def test_a_listener_may_remove_itself_and_close_the_manager() -> None:
    heard: list[str] = []

    def once(torrent: Torrent) -> None:
        heard.append(torrent.hash)
        handle.remove()

    with Manager({}) as manager:
        handle = manager.add_listener(on_added=once)
        manager.add_listener(on_finished=lambda _torrent: manager.close())
        manager.events.add([event('added'), event('added')])
        wait_for(lambda: manager._positions.get(handle.name) is None, 20, 'the first')
        manager.events.add([event('finished')])
        assert manager.wait(60)
    assert heard == [HASH]
    assert manager.wait(0)


def test_a_restart_neither_repeats_nor_loses(tmp_path: Path) -> None:
    heard: list[int] = []
    third = threading.Event()

    def hear(found: Event) -> None:
        heard.append(found.id)
        if len(heard) == 3:
            third.set()

    for _ in range(2):
        with Manager({}, state_dir=tmp_path) as manager:
            manager.events.add([event('added') for _ in range(5)])  # before anybody listens
            manager.add_listener(on_event=hear)
            manager.events.add([event('added') for _ in range(5)])
            assert third.wait(60)
    with Manager({}, state_dir=tmp_path) as manager:
        manager.add_listener(on_event=hear)
        wait_for(lambda: len(heard) >= 15, 20, 'what was left')
    assert heard == list(range(6, 21))


def test_a_kill_repeats_one_at_most(tmp_path: Path) -> None:
    script = (
        'import sys, os, pathlib\n'
        'from model.manager import Manager\n'
        'told = open(sys.argv[2], "a")\n'
        'def hear(event):\n'
        '    print(event.id, file=told, flush=True)\n'
        'with Manager({}, state_dir=sys.argv[1]) as manager:\n'
        '    manager.add_listener(on_event=hear)\n'
        '    manager.wait()\n'
    )
    with Manager({}, state_dir=tmp_path) as manager:
        manager.add_listener(on_event=print, name='1').close()
        manager.events.add([event('added') for _ in range(60)])
    told = tmp_path / 'told'

    def ids() -> list[int]:
        return [int(line) for line in told.read_text().splitlines()] if told.exists() else []

    for seen in 5, 30, 60:
        program = spawn(
            [sys.executable, '-c', script, str(tmp_path), str(told)], output=tmp_path / 'out', cwd=ROOT
        )
        try:
            wait_for(lambda seen=seen: len(set(ids())) >= seen, 60, f'{seen} events')
        finally:
            program.kill()
            program.wait()
    assert sorted(set(ids())) == list(range(1, 61))
    assert len(ids()) <= 62


def test_what_was_forgotten_before_it_was_told_is_said(tmp_path: Path) -> None:
    heard = Everything()
    with Manager({}, state_dir=tmp_path) as manager:
        manager.add_listener(on_event=print, name='1').close()
        manager.events._kept = 10  # of 50,000
        manager.events.add([event('added') for _ in range(30)])
    with Manager({}, state_dir=tmp_path) as manager:
        manager.add_listener(heard)
        wait_for(lambda: heard.names().count('on_event') == 10, 20, 'those that are left')
    (gap,) = [given[0] for name, given in heard.calls if name == 'on_error']
    assert gap.kind == 'gap'
    assert 'from 1 to 20' in str(gap)


def test_a_directory_is_one_programs_and_never_a_servers(tmp_path: Path) -> None:
    with Manager({}, state_dir=tmp_path) as manager:
        with pytest.raises(Conflict, match='Another program uses'):
            Manager({}, state_dir=tmp_path)
        assert Path(manager.config.STATE_DIR).parent == tmp_path
    Manager({}, state_dir=tmp_path).close()
    with Manager({}) as manager:
        place = Path(manager.config.STATE_DIR)
        assert place.stat().st_mode & 0o077 == 0
    assert not place.exists()
