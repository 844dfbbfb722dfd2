"""What following an rTorrent costs: a tick in which nothing happens, a part of the sweep, everything; them and us.

``python -m tests.bench.bench_tick [count] [version]``; medians in milliseconds. rTorrent's time is its processor time
by the kernel's count, all of its threads, so that a busy machine moves it less than the clock on the wall.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lib.wire.rpc import Rpc
from model.backends import rtorrent_sweep, rtorrent_watch
from model.backends.rtorrent import RTorrentBackend
from model.backends.rtorrent_watch import RTorrentWatch
from model.snapshot import Snapshot
from tests.bench.bench_codec import fill
from tests.core.support import backend_of
from tests.rig import Rtorrent, wait_for
from tests.rig.factory import Factory

ROUNDS = 41
GOAL, MOST = 5.0, 20.0


def spent(rtorrent: Rtorrent) -> float:
    """Milliseconds of processor time of rTorrent so far."""
    tasks = Path(f'/proc/{rtorrent.pid}/task').glob('*/schedstat')
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e6


class Cost:
    """The median cost of something done several times: rTorrent's processor time, ours, and the wall's."""

    def __init__(self, rtorrent: Rtorrent, action: Callable[[], Any], rounds: int = ROUNDS) -> None:
        theirs, ours, wall = [], [], []
        for _ in range(rounds):
            before = spent(rtorrent), time.thread_time(), time.perf_counter()
            action()
            after = spent(rtorrent), time.thread_time(), time.perf_counter()
            theirs.append(after[0] - before[0])
            ours.append((after[1] - before[1]) * 1000)
            wall.append((after[2] - before[2]) * 1000)
        self.theirs, self.ours, self.wall = map(statistics.median, (theirs, ours, wall))

    def line(self, what: str, goal: str = '') -> str:
        figures = f'{self.theirs:8.2f}{self.ours:8.2f}{self.wall:8.2f}'
        return f'  {what:42}{figures}{goal}'


def background(rtorrent: Rtorrent) -> float:
    """Percent of a processor that rTorrent uses by itself."""
    before, begun = spent(rtorrent), time.monotonic()
    time.sleep(3)
    return (spent(rtorrent) - before) / (time.monotonic() - begun) / 10


def begin(rtorrent: Rtorrent, rpc: Rpc) -> None:
    """Start all torrents as on a seedbox, with their trackers off, so that rTorrent is not busy with announcing."""
    hashes = [str(row[0]) for row in rpc.rows('d.multicall2', '', 'main', 'd.hash=')]
    for at in range(0, len(hashes), 500):
        part = hashes[at : at + 500]
        rpc.multicall([('t.is_enabled.set', (f'{each}:t0', 0)) for each in part])
        rpc.multicall([('d.start', (each,)) for each in part])
    wait_for(lambda: background(rtorrent) < 1.0, 120, 'rTorrent to come to rest')


def following(rtorrent: Rtorrent, backend: RTorrentBackend, count: int) -> None:
    """Measure a poller's life from its first tick, and print it."""
    watch, snapshot = RTorrentWatch(backend), Snapshot()

    def tick() -> bool:
        changes = watch.tick()
        snapshot.update('home', changes.rows, changes.gone, whole=changes.whole)
        return changes.more

    def moving() -> None:
        watch._moves, watch._ticks = True, -1
        tick()

    print('                                            rTorrent    ours    wall')
    print(Cost(rtorrent, tick, 1).line('first tick, everything'))
    ticks = 1
    while tick():
        ticks += 1
    print(f'  trackers read in {ticks} ticks')
    round_, rtorrent_sweep.ROUND = rtorrent_sweep.ROUND, 1e9
    watch._moves = False
    requests = backend.rpc.requests
    quiet = Cost(rtorrent, tick)
    print(quiet.line('tick, nothing happens', f'   (goal: {GOAL:g})'))
    print(f'  requests for each tick: {(backend.rpc.requests - requests) / ROUNDS:g}')
    busy = Cost(rtorrent, moving)
    print(busy.line('tick that looks for traffic', f'   (at most {MOST:g})'))
    rtorrent_sweep.ROUND = 0.0
    watch._moves = False
    parts = len(rtorrent_sweep.parts(count))
    part = Cost(rtorrent, tick, parts)
    print(part.line(f'tick with 1/{parts} of the sweep', f'   (at most {MOST:g})'))
    rtorrent_sweep.ROUND = round_
    sweep = (part.theirs - quiet.theirs) * parts / max(round_, 2 * parts)
    looks = (busy.theirs - quiet.theirs) / rtorrent_watch._RARELY
    print(f'  rTorrent with any number of viewers: {(quiet.theirs + looks + sweep) / 10:.2f} %')
    print(Cost(rtorrent, backend.overview, 5).line('whole list, for comparison'))
    watch.close()
    assert snapshot.count('home') == count


def memory(backend: RTorrentBackend, count: int) -> None:
    """Bytes of the snapshot for each torrent, and what taking in equal rows costs us."""
    backend.overview()
    gc.collect()
    tracemalloc.start()
    snapshot = Snapshot()
    snapshot.update('home', backend.overview().rows, whole=True)
    gc.collect()
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    print(f'snapshot: {used / count:.0f} bytes a torrent')
    rows = backend.overview().rows
    begun = time.perf_counter()
    snapshot.update('home', rows, whole=True)
    print(f'  {count} equal rows taken in: {(time.perf_counter() - begun) * 1000:.1f} ms')


def main(arguments: list[str]) -> None:
    count = int(arguments[0]) if arguments else 10_000
    version = arguments[1] if len(arguments) > 1 else '0.9.8'
    factory = Factory()
    try:
        rtorrent = factory(version, settings=['network.xmlrpc.size_limit.set = 2M'])
        begin(rtorrent, fill(rtorrent, count))
        print(
            f'rTorrent {version}, {count} torrents, started; by itself it uses {background(rtorrent):.2f} %'
        )
        backend = backend_of(rtorrent)
        following(rtorrent, backend, count)
        memory(backend, count)
    finally:
        factory.close()


if __name__ == '__main__':
    main(sys.argv[1:])
