"""One rTorrent as a whole: rates, limits, network, memory, views."""

from __future__ import annotations

from lib.rtorrentquery import RTorrentQuery
from lib.wire.rpc import Rpc
from model.remote import Remote


class RTorrent(Remote):
    """One rTorrent. ``RTorrent().get_upload_rate()`` asks the first configured one.

    :param target: a configured name, a connection, or None for the first configured target.
    :raises UnknownName: there is no such target.
    """

    kind = 'rtorrent'

    def __init__(self, target: str | Rpc | None = None) -> None:
        super().__init__('', target)

    def query(self) -> RTorrentQuery:
        """A query that asks several things in one request."""
        return RTorrentQuery(self.rpc)
