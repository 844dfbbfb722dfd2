"""Waiting for what two rTorrents do with one another."""

from __future__ import annotations

from collections.abc import Callable

from lib.demo.process import wait_for
from lib.demo.rtorrent import Rtorrent
from lib.errors import PyroError

ONCE = 20.0  # seconds
RESTARTS = 3


def wait_for_peers(taker: Rtorrent, condition: Callable[[], object], what: str) -> None:
    """Wait for a transfer to ``taker``, starting it anew where nothing comes.

    An rTorrent leaves a peer alone for minutes that turned it away once, as one does that still holds the connection
    over which the metadata of a magnet came. It forgets that when it is restarted.
    """
    for _ in range(RESTARTS):
        try:
            wait_for(condition, ONCE, what)
        except PyroError:
            taker.restart()
        else:
            return
    wait_for(condition, ONCE, what)
