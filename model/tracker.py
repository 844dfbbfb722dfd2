"""One tracker of a torrent."""

from __future__ import annotations

from lib.methods import subjects
from lib.trackerquery import TrackerQuery
from lib.wire.rpc import Rpc
from model.remote import Remote


class Tracker(Remote):
    """One tracker of a torrent. ``Tracker(info_hash, index).get_url()``

    :param info_hash: 40 hexadecimal digits.
    :param index: number of the tracker in the torrent, from 0.
    :param target: a configured name, a connection, or None for the first configured target.
    :raises UsageError: the hash or the index is none.
    :raises UnknownName: there is no such target.
    """

    kind = 'tracker'

    def __init__(self, info_hash: str, index: int, target: str | Rpc | None = None) -> None:
        super().__init__(subjects.tracker(info_hash, index), target)
        self._index = index

    def query(self) -> TrackerQuery:
        """A query that asks several things in one request."""
        return TrackerQuery(self.subject[:40], self._index, self.rpc)
