"""One file of a torrent."""

from __future__ import annotations

from lib.methods import subjects
from lib.torrentfilequery import TorrentFileQuery
from lib.wire.rpc import Rpc
from model.remote import Remote


class TorrentFile(Remote):
    """One file of a torrent. ``TorrentFile(info_hash, index).get_path()``

    :param info_hash: 40 hexadecimal digits.
    :param index: number of the file in the torrent, from 0.
    :param target: a configured name, a connection, or None for the first configured target.
    :raises UsageError: the hash or the index is none.
    :raises UnknownName: there is no such target.
    """

    kind = 'file'

    def __init__(self, info_hash: str, index: int, target: str | Rpc | None = None) -> None:
        super().__init__(subjects.file(info_hash, index), target)
        self._index = index

    def query(self) -> TorrentFileQuery:
        """A query that asks several things in one request."""
        return TorrentFileQuery(self.subject[:40], self._index, self.rpc)
