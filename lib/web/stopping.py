"""Signals that ask a server to end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@contextmanager
def calls(stop: Callable[[], None]) -> Iterator[None]:
    """Inside, every SIGTERM, SIGINT and SIGHUP calls ``stop``; outside the main thread nothing is changed.

    :param stop: safe in a signal handler; the second call means "at once".
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def on_signal(number: int, frame: FrameType | None) -> None:
        stop()

    before = {number: signal.signal(number, on_signal) for number in SIGNALS}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
