"""Waiting as long as a slow, busy machine takes, and for what two rTorrents do with one another."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from lib.demo import process
from lib.demo.rtorrent import Rtorrent
from lib.errors import PyroError

LEAST = 60.0  # seconds
ONCE = 20.0
RESTARTS = 3
Result = TypeVar('Result')


def wait_for(condition: Callable[[], Result], timeout: float, what: str) -> Result:
    """:func:`lib.demo.process.wait_for`, for at least a minute: what is right comes at once, except where all is slow.

    :param timeout: seconds after which to give up, where that is longer.
    """
    return process.wait_for(condition, max(timeout, LEAST), what)


def wait_for_peers(taker: Rtorrent, condition: Callable[[], object], what: str) -> None:
    """Wait for a transfer to ``taker``, starting it anew where nothing comes.

    An rTorrent leaves a peer alone for minutes that turned it away once, as one does that still holds the connection
    over which the metadata of a magnet came. It forgets that when it is restarted.
    """
    for _ in range(RESTARTS):
        try:
            process.wait_for(condition, ONCE, what)
        except PyroError:
            taker.restart()
        else:
            return
    wait_for(condition, ONCE, what)
