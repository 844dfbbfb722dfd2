"""Answers that last: how many there may be at once, and what ends them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lib.errors import Busy

if TYPE_CHECKING:
    from werkzeug import Request

BEAT = 15.0  # seconds between two signs of life, and between two looks at the right to listen
LASTS = 300.0  # seconds after which a stream ends, for the client to come back
SLICE = 0.5  # seconds after which one that waits looks up
RETRY_AFTER = 10  # seconds


class Streams:
    """Each stream, and each long poll while it waits, holds a thread of the server.

    :param most: places.
    """

    def __init__(self, most: int, *, beat: float = BEAT, lasts: float = LASTS) -> None:
        self.most = most
        self.beat = beat
        self.lasts = lasts
        self.ended = threading.Event()
        self._lock = threading.Lock()
        self._taken = 0

    @property
    def taken(self) -> int:
        """Places that are taken."""
        return self._taken

    def enter(self) -> None:
        """Take a place; :meth:`leave` gives it back.

        :raises Busy: there is none.
        """
        with self._lock:
            if self._taken >= self.most or self.ended.is_set():
                raise Busy(
                    'There are as many streams as there may be (MAX_STREAMS). Ask again later, or without waiting.',
                    retry_after=RETRY_AFTER,
                )
            self._taken += 1

    def leave(self) -> None:
        with self._lock:
            self._taken -= 1

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place inside."""
        self.enter()
        try:
            yield
        finally:
            self.leave()

    def close(self) -> None:
        """End them all: the server stops."""
        self.ended.set()


def gone(request: Request) -> bool:
    """Whether the client has left, as far as the server can tell."""
    look = request.environ.get('pyrotorrent.gone')
    return bool(look and look())
