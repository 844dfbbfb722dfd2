"""What real rTorrents do is told, in order, and by whoever lives."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from model import poller as polling
from model.events import eventstates
from model.events import recorder as module
from model.events.eventlog import Event, EventLog
from model.events.recorder import Recorder
from model.hub import Hub
from model.leases import Leases
from tests.core.support import hub_of, loaded
from tests.events import child
from tests.rig import Rtorrent, Tracker, make, wait_for
from tests.rig.factory import Factory
from tests.rig.postgres import BOTH

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60  # seconds

Told = Callable[[str], list[str]]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, 'WATCHED', 0.05)
    monkeypatch.setattr(polling, '_SHARE', 0)
    monkeypatch.setattr(module, 'PAUSE', 0.01)
    monkeypatch.setattr('model.backends.rtorrent_sweep.ROUND', 0.1)


@pytest.fixture
def follow(engine: Engine) -> Iterator[Callable[[Rtorrent], EventLog]]:
    """Record what an rTorrent does from now on."""
    running: list[tuple[Hub, Recorder]] = []

    def made(rtorrent: Rtorrent) -> EventLog:
        hub, log = hub_of(rtorrent), EventLog(engine)
        recorder = Recorder(hub, log, Leases(engine))
        running.append((hub, recorder))
        for poller in hub.pollers.values():
            poller.start(watched=True)
        recorder.start()
        wait_for(lambda: is_listed(engine), PATIENCE, 'the first list to be known')
        return log

    yield made
    for hub, recorder in running:
        recorder.close(PATIENCE)
        hub.close(5)


def is_listed(engine: Engine) -> bool:
    kept = eventstates.load(engine)[1]
    return 'box' in kept and kept['box'].client.listed


def until(log: EventLog, after: int, kind: str) -> list[Event]:
    """What is told up to the next event of that kind; without updates."""
    wait_for(lambda: log.since(after, kinds=[kind]), PATIENCE, kind)
    last = log.since(after, kinds=[kind])[0].id
    return [event for event in log.since(after) if event.id <= last and event.kind != 'updated']


def test_what_is_done_to_a_torrent(
    any_rtorrent: Rtorrent, follow: Callable[[Rtorrent], EventLog], tmp_path: Path
) -> None:
    made = loaded(any_rtorrent)
    log, after = follow(any_rtorrent), 0
    seen: list[str] = []
    for command, args, kind in (
        ('d.start', (), 'started'),
        ('d.pause', (), 'paused'),
        ('d.resume', (), 'resumed'),
        ('d.custom1.set', ('tv%20show',), 'label'),
        ('d.stop', (), 'stopped'),
        ('d.close', (), ''),
        ('d.directory.set', (str(tmp_path),), 'moved'),
        ('d.erase', (), 'removed'),
    ):
        any_rtorrent.call(command, made.info_hash, *args)
        if kind:
            found = until(log, after, kind)
            after = found[-1].id
            seen += [
                event.kind for event in found if event.kind not in ('checking', 'checked', 'tracker_error')
            ]
            assert (found[-1].hash, found[-1].target, found[-1].name) == (made.info_hash, 'box', 'thing')
    assert seen == ['started', 'paused', 'resumed', 'label', 'stopped', 'moved', 'removed']
    assert [event.detail for event in log.since(0, kinds=['label', 'moved'])] == ['tv show', str(tmp_path)]


def test_a_download_ends_and_its_tracker_and_data_fail(
    any_rtorrent: Rtorrent, start_rtorrent: Factory, tracker: Tracker, follow: Callable[[Rtorrent], EventLog]
) -> None:
    seed = start_rtorrent('0.9.8', address='127.0.0.2')
    made = make(seed.downloads, 'film', 500_000, announce=tracker.url)
    seed.load(made.data, made.info_hash, start=True)
    log = follow(any_rtorrent)
    any_rtorrent.load(made.data, made.info_hash, start=True)
    told = [event.kind for event in until(log, 0, 'finished')]
    assert (told[0], told[-1], told.count('finished')) == ('added', 'finished', 1)
    last = log.last_id()
    any_rtorrent.kill()
    any_rtorrent.start()
    lost = make(any_rtorrent.downloads, 'lost', 100_000, announce='http://127.0.0.1:1/announce')
    any_rtorrent.load(lost.data, lost.info_hash, start=True)
    complaint = until(log, last, 'tracker_error')[-1]
    assert (complaint.hash, complaint.detail[:9]) == (lost.info_hash, 'Tracker: ')
    last = log.last_id()
    wait_for(lambda: any_rtorrent.call('d.complete', lost.info_hash), PATIENCE, 'the check of its data')
    any_rtorrent.call('d.stop', lost.info_hash)
    any_rtorrent.call('d.close', lost.info_hash)
    (any_rtorrent.downloads / 'lost').unlink()
    any_rtorrent.call('d.start', lost.info_hash)
    error = until(log, last, 'error')[-1]
    assert (error.hash, error.detail[:30]) == (lost.info_hash, 'Download registered as complet')
    assert [event.hash for event in log.since(0, kinds=['finished'])] == [made.info_hash]


@BOTH
def test_wherever_the_recorder_is_killed_the_next_one_goes_on(
    rtorrent: Rtorrent, tmp_path: Path, database_url: str
) -> None:
    def start(point: str) -> subprocess.Popen[bytes]:
        """A process that records, and kills itself at a point."""
        argv = [sys.executable, '-m', 'tests.events.child', state, database_url, rtorrent.url, point]
        return subprocess.Popen(argv, cwd=ROOT)

    state = str(tmp_path / 'state')
    first = loaded(rtorrent)
    engine = child.database(Path(state), database_url)
    log = EventLog(engine)
    recorder = start('')
    wait_for(lambda: is_listed(engine), PATIENCE, 'the first list to be known')
    recorder.kill()
    recorder.wait(PATIENCE)
    made = []
    for number, point in enumerate(child.POINTS):
        made.append(loaded(rtorrent, f'film{number}'))
        rtorrent.call('d.custom1.set', first.info_hash, f'label{number}')
        assert start(point).wait(PATIENCE) == -9, point
    rtorrent.call('d.erase', made[0].info_hash)
    recorder = start('')
    try:
        wait_for(lambda: log.since(0, kinds=['removed']), PATIENCE, 'the last change')
    finally:
        recorder.kill()
        recorder.wait(PATIENCE)
    told = log.since(0)
    assert sorted(event.name for event in told if event.kind == 'added') == sorted(each.name for each in made)
    assert [event.name for event in told if event.kind == 'removed'] == ['film0']
    labels = [event.detail for event in told if event.kind == 'label']
    assert labels == sorted(set(labels))
    assert labels[-1] == f'label{len(child.POINTS) - 1}'
    diffs = [event.data['diff']['label'] for event in told if event.kind == 'updated']
    assert [new for _, new in diffs] == labels
    assert [old for old, _ in diffs] == ['', *labels[:-1]]
    engine.dispose()
