"""Answers that last: how many there may be at once, and what ends them."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lib.errors import Busy, TooMuch
from lib.words import said

if TYPE_CHECKING:
    from werkzeug import Request

BEAT = 15.0  # seconds between two signs of life, and between two looks at the right to listen
LASTS = 300.0  # seconds after which a stream ends, for the client to come back
SLICE = 0.5  # seconds after which one that waits looks up
RETRY_AFTER = 10  # seconds


class Streams:
    """Each stream, and each long poll while it waits, holds a thread of the server.

    :param most: places.
    :ivar share: of them, those that one account may hold, so that its programs leave some to the others.
    """

    def __init__(self, most: int, *, beat: float = BEAT, lasts: float = LASTS) -> None:
        self.most = most
        self.share = (most + 1) // 2
        self.beat = beat
        self.lasts = lasts
        self.ended = threading.Event()
        self._lock = threading.Lock()
        self._taken: Counter[int | None] = Counter()

    @property
    def taken(self) -> int:
        """Places that are taken."""
        with self._lock:
            return self._taken.total()

    def enter(self, account: int | None) -> None:
        """Take a place; :meth:`leave` gives it back.

        :param account: whose it is; None where nobody logs in, and nobody can be told from anybody.
        :raises Busy: there is none.
        :raises TooMuch: the account has its share.
        """
        with self._lock:
            if self._taken.total() >= self.most or self.ended.is_set():
                raise Busy(
                    'There are as many streams as there may be (MAX_STREAMS). Ask again later, or without waiting.',
                    retry_after=RETRY_AFTER,
                )
            if account is not None and self._taken[account] >= self.share:
                raise TooMuch(
                    said(
                        'Your account has %(share)s streams open, as many as one may have: half of MAX_STREAMS. '
                        'Close one, ask again later, or without waiting.',
                        share=self.share,
                    ),
                    retry_after=RETRY_AFTER,
                )
            self._taken[account] += 1

    def leave(self, account: int | None) -> None:
        with self._lock:
            self._taken[account] -= 1
            self._taken += Counter()  # forgets those who have none

    @contextmanager
    def place(self, account: int | None) -> Iterator[None]:
        """A place inside."""
        self.enter(account)
        try:
            yield
        finally:
            self.leave(account)

    def close(self) -> None:
        """End them all: the server stops."""
        self.ended.set()


def gone(request: Request) -> bool:
    """Whether the client has left, as far as the server can tell."""
    look = request.environ.get('pyrotorrent.gone')
    return bool(look and look())
