"""Ten minutes of random work on real rTorrents, watched by viewers: nothing may grow, and all has to be right.

``python -m tests.bench.bench_soak [minutes] [seed]``; ends with 1 where something grew, or was wrong.
"""

from __future__ import annotations

import random
import statistics
import sys
import time

from tests.bench.soak import Problem, Size, Soak
from tests.rig.factory import Factory

MINUTES = 10.0
WARM_UP = 0.4  # of the time; what a process needs it has by then
VIEWERS = 6
PAUSE = 0.5  # seconds between two looks of a viewer
EVERY = 40  # samples that are printed
# Between the time right after the warm-up and the end: MB, and numbers of things.
TOLERANCES = {'rss': 8, 'descriptors': 3, 'database': 10, 'threads': 2}


def work(soak: Soak, seconds: float) -> list[Size]:
    """Something about three times a second, and the sizes in even steps."""
    sizes, begun = [soak.size()], time.monotonic()
    while (at := time.monotonic() - begun) < seconds:
        try:
            soak.step()
        except Problem as problem:
            soak.viewers[0].problems.append(repr(problem))
        time.sleep(0.3)
        if at >= len(sizes) * seconds / EVERY:
            sizes.append(soak.size())
            print(f'  {at:5.0f} s  {_told(sizes[-1])}', flush=True)
    return sizes


def _told(size: Size) -> str:
    return (
        f'{size.rss:7.1f} MB  {size.descriptors:3d} + {size.database} descriptors  {size.threads:3d} threads'
    )


def grown(sizes: list[Size]) -> list[str]:
    """What is greater at the end than right after the warm-up."""
    warm = sizes[int(len(sizes) * WARM_UP) :]
    part = max(1, len(warm) // 3)
    found = []
    for name, tolerance in TOLERANCES.items():
        first, last = (
            statistics.median(getattr(size, name) for size in each) for each in (warm[:part], warm[-part:])
        )
        verdict = 'GREW' if last > first + tolerance else 'kept'
        print(
            f'  {name}: {first:.1f} after the warm-up, {last:.1f} at the end (at most {tolerance:g} more): {verdict}'
        )
        if verdict == 'GREW':
            found.append(name)
    return found


def main(arguments: list[str]) -> int:
    minutes = float(arguments[0]) if arguments else MINUTES
    seed = int(arguments[1]) if len(arguments) > 1 else random.randrange(1 << 30)
    factory = Factory()
    try:
        clients = {'home': factory('0.9.8'), 'box': factory('0.16', address='127.0.0.2')}
        print(f'{minutes:g} minutes, {VIEWERS} viewers, rTorrent 0.9.8 and 0.16, seed {seed}', flush=True)
        soak = Soak(clients, seed=seed, viewers=VIEWERS, pause=PAUSE)
        try:
            return _run(soak, minutes * 60)
        finally:
            soak.close()
    finally:
        factory.close()


def _run(soak: Soak, seconds: float) -> int:
    sizes = work(soak, seconds)
    print(f'  done: {soak.done}; {sum(viewer.looks for viewer in soak.viewers)} looks')
    wrong = [problem for viewer in soak.viewers for problem in viewer.problems] + soak.compare()
    if 'Traceback' in soak.ours.log:
        wrong.append('a traceback in the log: ' + soak.ours.log.partition('Traceback')[2][:2000])
    print(f'  wrong: {len(wrong)}')
    for each in wrong[:20]:
        print(f'    {each[:1000]}')
    return 1 if grown(sizes) or wrong else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
