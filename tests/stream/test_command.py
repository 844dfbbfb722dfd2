"""``pyrotorrent.py events``: JSON lines, as they come."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lib import config
from model.database import open_database
from model.events import eventstates
from model.events.eventlog import EventLog
from model.events.recorder import LEASE
from model.leases import Leases
from tests.commands.conftest import ROOT, Command, command, configure
from tests.rig import Rtorrent, make, wait_for
from tests.stream.conftest import TORRENT, event

__all__ = ['command', 'configure']  # fixtures
Start = Callable[..., 'subprocess.Popen[str]']


@pytest.fixture
def log(command: Command, tmp_path: Path) -> Iterator[EventLog]:
    """The log of the state directory, as a server has it."""
    engine = open_database(config.load(str(tmp_path / 'config.py')))
    yield EventLog(engine)
    engine.dispose()


@pytest.fixture
def start(log: EventLog, tmp_path: Path) -> Iterator[Start]:
    """``start('--kinds', 'error')``: the command, running."""
    running: list[subprocess.Popen[str]] = []

    def started(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / 'pyrotorrent.py'), 'events', *arguments],
            env={**os.environ, 'PYROTORRENT_CONFIG': str(tmp_path / 'config.py')},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        running.append(process)
        return process

    yield started
    for process in running:
        process.kill()
        process.communicate()


def told(text: str) -> list[tuple[int, str]]:
    return [(line['id'], line['kind']) for line in map(json.loads, text.splitlines())]


class Running:
    """The command while it runs.

    :ivar lines: what it printed and nobody took yet.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.put(line)

    def next(self) -> Any:
        """The next event."""
        return json.loads(self.lines.get(timeout=60))


def test_what_is_there(command: Command, log: EventLog) -> None:
    log.add([event('added'), event('error', 'box'), event('label', torrent={**TORRENT, 'label': 'bsd'})])
    everything = command('events', '--no-follow')
    assert told(everything.stdout) == [(1, 'added'), (2, 'error'), (3, 'label')]
    assert json.loads(everything.stdout.splitlines()[0]) == log.since(0)[0].public()
    chosen = command(
        'events', '--no-follow', '--after', '1', '--kinds', 'added, label', '--query', 'label=bsd'
    )
    assert told(chosen.stdout) == [(3, 'label')]
    later = command('events', '--no-follow', '--after', '99')
    assert 'forgotten' in later.stderr


@pytest.mark.parametrize(
    ('arguments', 'status', 'words'),
    [
        (('--query', 'ratio>many'), 1, 'is not a number'),
        (('--target', 'nas'), 1, 'There is no client'),
        (('--after', '-1'), 2, 'is not the number of an event'),
    ],
)
def test_what_is_wrong_is_said(command: Command, arguments: tuple[str, str], status: int, words: str) -> None:
    answer = command('events', *arguments)
    assert (answer.returncode, answer.stdout) == (status, '')
    assert words in answer.stderr and 'Traceback' not in answer.stderr


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_what_a_server_records_is_followed_until_ctrl_c(start: Start, log: EventLog, number: int) -> None:
    assert Leases(log.engine).hold(LEASE, 60)
    log.add([event('added')])
    process = start('--after', '0')
    running = Running(process)
    assert running.next()['kind'] == 'added'
    log.add([event('error')])
    assert running.next()['kind'] == 'error'
    process.send_signal(number)
    assert process.wait(60) == 130
    assert process.stderr and process.stderr.read() == ''


def test_it_ends_when_nobody_reads_any_more(start: Start, log: EventLog) -> None:
    log.add([event('added')] * 3)
    for arguments in (('--after', '0'), ()):
        process = start(*arguments)
        assert process.stdout and process.stderr
        if arguments:
            process.stdout.readline()
        process.stdout.close()
        assert process.wait(60) == 0
        assert process.stderr.read() == ''
        process.stderr.close()


def test_without_a_server_it_follows_the_clients_itself(
    start: Start, configure: Callable[[str], Path], rtorrent: Rtorrent, log: EventLog
) -> None:
    configure(f'rtorrent_config = {{"home": {{"url": {rtorrent.url!r}}}}}')
    process = start('--kinds', 'added,label')
    running = Running(process)
    # What was there before the first look is no news.
    wait_for(lambda: 'home' in eventstates.load(log.engine)[1], 60, 'the client was looked at')
    made = make(rtorrent.downloads, 'tree', 70_000, announce='http://127.0.0.1:1/announce')
    rtorrent.load(made.seed, made.info_hash)
    added = running.next()
    assert (added['kind'], added['hash'], added['target']) == ('added', made.info_hash, 'home')
    rtorrent.call('d.custom1.set', made.info_hash, 'linux')
    assert running.next()['detail'] == 'linux'
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    wait_for(lambda: Leases(log.engine).hold(LEASE, 5), 30, 'the lease is free at once')
