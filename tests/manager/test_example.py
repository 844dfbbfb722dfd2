"""The example of the documentation does what it says."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from tests.rig import Rtorrent, Tracker, make, spawn, wait_for
from tests.rig.factory import Factory

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / 'docs' / 'examples' / 'manager.py'


def test_the_example_follows_a_real_download(
    any_rtorrent: Rtorrent, start_rtorrent: Factory, tracker: Tracker, tmp_path: Path
) -> None:
    seeder = start_rtorrent('0.9.8', address='127.0.0.2')
    first, second = (make(seeder.downloads, name, 300_000, announce=tracker.url) for name in ('one', 'two'))
    any_rtorrent.load(first.data, first.info_hash)
    seeder.load(second.seed, second.info_hash, start=True)
    tracker.wait_for_seed(second.info_hash)
    output = tmp_path / 'output'
    environment = {**os.environ, 'PYTHONPATH': str(ROOT)}
    program = spawn([sys.executable, str(EXAMPLE), any_rtorrent.url], output=output, environment=environment)

    def said() -> list[str]:
        return output.read_text().splitlines()

    try:
        wait_for(lambda: "['one']" in said(), 60, 'the list')
        any_rtorrent.load(second.data, second.info_hash, start=True)
        wait_for(lambda: 'finished: two 300000' in said(), 90, 'the end of the download')
        program.send_signal(signal.SIGINT)
        assert program.wait(60) == 0
    finally:
        program.kill()
        program.wait()
    assert [line for line in said() if not line.startswith('trouble')] == [
        "['one']",
        'added: two',
        'finished: two 300000',
    ]


def test_the_example_is_ten_lines() -> None:
    lines = [line for line in EXAMPLE.read_text().splitlines() if line.strip()]
    assert len(lines) <= 10
