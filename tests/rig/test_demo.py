"""The demo of ``make run``."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.config import make as make_config
from lib.demo.catalogue import HOME, SEEDBOX, Entry
from lib.demo.show import Demo, sweep
from lib.demo.torrents import make
from tests.rig import Rtorrent, wait_for

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = ('d.name=', 'd.completed_bytes=', 'd.size_bytes=', 'd.is_active=', 'd.message=', 'd.custom1=')


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    with Demo(tmp_path) as running:
        yield running


def rows(rtorrent: Rtorrent) -> dict[str, list[object]]:
    return {row[0]: row[1:] for row in rtorrent.call('d.multicall2', '', 'main', *COLUMNS)}


def test_the_demo_shows_every_kind_of_torrent_and_really_transfers(demo: Demo, tmp_path: Path) -> None:
    home, seedbox = (demo.rtorrents[name] for name in (HOME, SEEDBOX))
    before = rows(home)['debian-13.2.0-amd64-netinst.iso']
    assert 0 < int(str(before[0])) < int(str(before[1]))
    assert before[4] == 'linux'
    wait_for(lambda: rows(home)['debian-13.2.0-amd64-netinst.iso'][0] != before[0], 30, 'progress at home')
    wait_for(lambda: seedbox.call('throttle.global_down.rate', ''), 30, 'a rate at the seedbox')
    wait_for(lambda: 'connect' in str(rows(home)['openbsd-install78.img'][3]), 30, 'the silent tracker')
    wait_for(
        lambda: 'Unregistered' in str(rows(seedbox)['haiku-r1beta5-x86_64-anyboot.iso'][3]), 30, 'a refusal'
    )
    stopped = rows(home)['gutenberg-2026-best-of.zip']
    assert stopped[2] == 0
    assert 0 < int(str(stopped[0])) < int(str(stopped[1]))
    complete = rows(seedbox)['NetBSD-10.1-amd64.iso']
    assert complete[:3] == [complete[1], complete[1], 0]
    used = sum(path.stat().st_blocks * 512 for path in tmp_path.rglob('*') if path.is_file())
    assert used < 400e6


def test_its_targets_are_a_valid_configuration(demo: Demo) -> None:
    config = make_config({'rtorrent_config': demo.rtorrent_config, 'DOWNLOAD_ROOTS': demo.download_roots})
    assert {name: spec.url for name, spec in config.targets.items()} == {
        name: demo.rtorrents[name].url for name in (HOME, SEEDBOX)
    }


def test_what_is_not_downloaded_does_not_pass_a_check(demo: Demo) -> None:
    home = demo.rtorrents[HOME]
    row = next(
        row
        for row in home.call(
            'd.multicall2', '', 'main', 'd.name=', 'd.hash=', 'd.completed_bytes=', 'd.size_bytes='
        )
        if row[0] == 'tails-amd64-7.2.img'
    )
    home.call('d.stop', row[1])
    home.call('d.check_hash', row[1])
    wait_for(lambda: not home.call('d.hashing', row[1]), 30, 'the check to finish')
    assert row[2] <= home.call('d.completed_bytes', row[1]) < row[3]


def test_finished_transfers_start_over(tmp_path: Path) -> None:
    entries = (
        Entry('once', 3_000_000, (SEEDBOX,), HOME, 5000),
        Entry('tree', {'a/b': 2_000_000, 'c': 1_000}, (HOME,), SEEDBOX, 5000),
    )
    with Demo(tmp_path, rest=0.5, entries=entries) as demo:
        for name, owner in ('once', HOME), ('tree', SEEDBOX):
            _two_rounds(demo.rtorrents[owner], name)


def test_who_was_stopped_and_started_goes_on(tmp_path: Path) -> None:
    entry = Entry('once', 30_000_000, (SEEDBOX,), HOME, 200)
    with Demo(tmp_path, alone=0.5, entries=(entry,)) as demo:
        home = demo.rtorrents[HOME]
        (digest,) = home.hashes()

        def peers() -> int:
            return int(home.call('d.peers_connected', digest))

        def loaded() -> int:
            return int(home.call('d.completed_bytes', digest))

        wait_for(lambda: loaded() > 500_000, 60, 'some of it to come')
        home.call('d.stop', digest)
        wait_for(lambda: not peers(), 60, 'the peers to go')
        before = loaded()
        home.call('d.start', digest)
        wait_for(lambda: digest in home.hashes() and peers(), 60, 'the peers to come again')
        wait_for(lambda: loaded() > before, 60, 'more of it')


def _two_rounds(rtorrent: Rtorrent, name: str) -> None:
    def finished() -> int:
        times = rtorrent.call('d.multicall2', '', 'main', 'd.name=', 'd.timestamp.finished=')
        return int(dict(times).get(name, 0))

    first = wait_for(finished, 30, f'the first round of {name}')
    wait_for(lambda: finished() > first, 40, f'the second round of {name}')


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGKILL])
def test_nothing_runs_after_it_ends(short_tmp: Path, number: signal.Signals) -> None:
    script = (
        'import sys, pathlib, signal\n'
        'from lib.demo import Demo\n'
        'with Demo(pathlib.Path(sys.argv[1])) as demo:\n'
        '    print(*[each.pid for each in demo.rtorrents.values()], flush=True)\n'
        '    signal.pause()\n'
    )
    command = [sys.executable, '-c', script, str(short_tmp)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT
    ) as parent:
        assert parent.stdout is not None
        pids = [int(word) for word in parent.stdout.readline().split()]
        assert len(pids) == 3
        os.kill(parent.pid, number)
    wait_for(lambda: not any(map(_runs, pids)), 10, 'the rTorrents to end')


def _runs(pid: int) -> bool:
    try:
        return ') Z ' not in Path('/proc', str(pid), 'stat').read_text()
    except FileNotFoundError:
        return False


def test_a_torrent_that_nobody_has_writes_nothing(tmp_path: Path) -> None:
    torrent = make(tmp_path, 'absent', 5_000_000, announce='http://127.0.0.1:1/announce', have=0.0)
    assert not torrent.path.exists()
    assert torrent.data == torrent.seed
    whole = make(tmp_path, 'absent', 5_000_000, announce='http://127.0.0.1:1/announce')
    assert whole.info_hash == torrent.info_hash


def test_what_killed_demos_left_is_swept(tmp_path: Path) -> None:
    with subprocess.Popen(['true']) as ended:
        pass
    for name, pid in ('demo-killed', ended.pid), ('demo-running', os.getpid()), ('other-killed', ended.pid):
        (tmp_path / name / 'demo').mkdir(parents=True)
        (tmp_path / name / 'demo' / 'pid').write_text(str(pid))
    (tmp_path / 'demo-strange').mkdir()
    (tmp_path / 'demo-strange' / 'demo').symlink_to(tmp_path / 'other-killed' / 'demo')
    sweep(tmp_path / 'demo-new')
    left = {path.parent.name for path in tmp_path.glob('*/demo')}
    assert left == {'demo-running', 'other-killed', 'demo-strange'}
    assert (tmp_path / 'other-killed' / 'demo' / 'pid').exists()
