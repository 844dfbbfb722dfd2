"""What one account may cost all others: seconds of the processor for making lists, which come back with time."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lib.errors import TooMuch
from lib.words import said_n

#: Seconds of the processor. Typing a search on 100,000 torrents takes some two or three.
MOST = 20.0
#: Seconds in which as much comes back.
PERIOD = 60.0


class Allowance:
    """How much each account has spent of late, in this process.

    :param clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._spent: dict[int, tuple[float, float]] = {}  # seconds, and when that was so
        self._lock = threading.Lock()

    def check(self, who: int | None) -> None:
        """:raises TooMuch: the account has nothing left. Nobody in particular (None) always has."""
        over = self._spend(who, 0.0) - MOST
        if over >= 0.0:
            wait = max(1, math.ceil(over * PERIOD / MOST))
            raise TooMuch(
                said_n(
                    'Your searches took more time than one account has. Wait %(num)s second before a new one.',
                    'Your searches took more time than one account has. Wait %(num)s seconds before a new one.',
                    wait,
                ),
                retry_after=wait,
            )

    @contextmanager
    def spending(self, who: int | None) -> Iterator[None]:
        """What this thread takes of the processor inside counts as spent."""
        began = time.thread_time()
        try:
            yield
        finally:
            self._spend(who, time.thread_time() - began)

    def _spend(self, who: int | None, seconds: float) -> float:
        """What the account has spent by now, with so many seconds more."""
        if who is None:
            return 0.0
        with self._lock:
            now = self._clock()
            spent, at = self._spent.get(who, (0.0, now))
            spent = max(0.0, spent - (now - at) * MOST / PERIOD) + seconds
            self._spent[who] = spent, now
            return spent
