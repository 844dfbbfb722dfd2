"""What a window of the list costs: cold, after a change, for ten viewers, as JSON; rows go straight into the snapshot.

``python -m tests.bench.bench_window [count ...]``; times in milliseconds of wall clock in one process.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import simplejson

from lib.web.v1 import windows
from model import sorting
from model.choice import Choice
from model.fields import INDEX, Row
from model.hub import Hub
from tests.core.rows import row

ROUNDS = 41
CHANGED = 300  # rows, of those in any place
LIMIT = 100
#: With PROCESSOR set, processor time: for a machine that does other things as well.
CLOCK = time.process_time if os.environ.get('PROCESSOR') else time.perf_counter

#: What is asked for: words for people, search, order, picks.
ASKED: tuple[tuple[str, Choice, str], ...] = (
    ('everything by name', Choice(), 'name'),
    ('everything by rate', Choice(), '-up,-down'),
    ('search and order', Choice('size>1g ratio<3 [ state=seeding OR state=downloading ]'), '-up,name'),
    ('words', Choice('linux 1'), '-added'),
    ('regular expression', Choice('name=/linux.*[13579]$/'), '-ratio'),
    ('time', Choice('added<4w'), '-added'),
    ('picks', Choice('', (('label', 'film'), ('label', 'music')), (('state', 'stopped'),)), '-up,-size,name'),
)


def rows(count: int, dice: random.Random) -> list[Row]:
    """Torrents as a busy client has them: most of them rest."""
    words = ('linux', 'film', 'Season', 'music', 'archive')
    now = int(time.time())
    return [
        row(
            f'{dice.choice(words)} {dice.randrange(count)} part {at}',
            hash=f'{at:040X}',
            size_bytes=dice.randrange(1 << 34),
            completed_bytes=0,
            up_rate=dice.randrange(1 << 20) if dice.random() < 0.02 else 0,
            ratio=dice.randrange(9000),
            state=int(dice.random() < 0.9),
            is_open=1,
            is_active=int(dice.random() < 0.9),
            complete=int(dice.random() < 0.95),
            label=dice.choice(('', 'film', 'music', 'iso', 'own')),
            tracker=f'tracker{dice.randrange(40)}.example.org',
            added=now - dice.randrange(10**8),
            directory=f'/srv/{dice.randrange(30)}',
        )
        for at in range(count)
    ]


class Bench:
    """A hub without clients and the rows it is said to have."""

    def __init__(self, count: int) -> None:
        self.hub = Hub(())
        self._dice = random.Random(1)
        self._rows = rows(count, self._dice)
        self.hub.snapshot.update('home', self._rows, whole=True)

    def change(self) -> None:
        """What a tick brings: other rates here and there."""
        changed = []
        for at in self._dice.sample(range(len(self._rows)), CHANGED):
            values = list(self._rows[at])
            values[INDEX['up_rate']] = self._dice.randrange(1 << 20)
            values[INDEX['ratio']] += 1
            self._rows[at] = tuple(values)
            changed.append(self._rows[at])
        self.hub.snapshot.update('home', changed)

    def ask(self, choice: Choice, sort: str, since: str = '') -> tuple[str, int]:
        """The token and the bytes of an answer, as the handler makes it."""
        found = self.hub.lists.window(choice, sorting.read(sort), 0, LIMIT, since)
        if not found.changed:
            return found.token, 0
        return found.token, len(simplejson.dumps(windows.answer(found, 0, LIMIT)))


def timed(action: Callable[[], Any]) -> tuple[float, Any]:
    begin = CLOCK()
    result = action()
    return (CLOCK() - begin) * 1000, result


def measure(bench: Bench, choice: Choice, sort: str) -> str:
    cold, (token, full) = timed(lambda: bench.ask(choice, sort))
    times, sizes = [], []
    for _ in range(ROUNDS):
        bench.change()
        took, (token, size) = timed(lambda: bench.ask(choice, sort, token))  # noqa: B023  called at once
        times.append(took)
        sizes.append(size)
    idle, _ = timed(lambda: bench.ask(choice, sort, token))
    p50, worst = statistics.median(times), max(times)
    return (
        f'cold {cold:7.1f}   after a change p50 {p50:6.2f}, worst {worst:6.2f}   nothing new {idle:5.2f}   '
        f'{full:7,} bytes whole, {statistics.median(sizes):7,.0f} as difference'
    )


def viewers(bench: Bench, number: int) -> float:
    """Milliseconds until all of them have seen one change."""
    choice, sort = ASKED[2][1:]
    tokens = [bench.ask(choice, sort)[0]] * number
    times = []
    for _ in range(ROUNDS):
        bench.change()
        threads = [threading.Thread(target=bench.ask, args=(choice, sort, token)) for token in tokens]
        took, _ = timed(lambda: [[each.start() for each in threads], [each.join() for each in threads]])  # noqa: B023
        tokens = [bench.ask(choice, sort)[0]] * number
        times.append(took)
    return statistics.median(times)


def memory(count: int) -> tuple[float, float]:
    """Bytes for each torrent: of the snapshot, and of one list of everything."""
    given = rows(count, random.Random(1))
    tracemalloc.start()
    hub = Hub(())
    hub.snapshot.update('home', given, whole=True)
    held, _ = tracemalloc.get_traced_memory()
    hub.lists.window(Choice(), sorting.DEFAULT, 0, LIMIT)
    listed, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return held / count, (listed - held) / count


def main() -> None:
    for count in [int(word) for word in sys.argv[1:]] or [10_000, 100_000]:
        bench = Bench(count)
        limit = 5 if count <= 10_000 else 20
        print(f'{count:,} torrents, {CHANGED} change between looks (p50 at most {limit} ms)')
        for words, choice, sort in ASKED:
            print(f'  {words:20} {measure(bench, choice, sort)}')
        one, ten = viewers(bench, 1), viewers(bench, 10)
        print(f'  one viewer {one:.2f}, ten viewers together {ten:.2f}')
        print(
            '  memory: {:.0f} bytes a torrent in the snapshot, {:.0f} more in a list'.format(*memory(count))
        )


if __name__ == '__main__':
    main()
