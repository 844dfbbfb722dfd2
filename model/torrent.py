"""One torrent in rTorrent."""

from __future__ import annotations

from lib.methods import subjects
from lib.peerrequester import PeerRequester
from lib.torrentfilerequester import TorrentFileRequester
from lib.torrentquery import TorrentQuery
from lib.trackerrequester import TrackerRequester
from lib.wire.rpc import Rpc
from model.remote import Remote


class Torrent(Remote):
    """One torrent. ``Torrent(info_hash).get_name()``

    :param info_hash: 40 hexadecimal digits.
    :param target: a configured name, a connection, or None for the first configured target.
    :raises UsageError: the hash is none.
    :raises UnknownName: there is no such target.
    """

    kind = 'torrent'

    def __init__(self, info_hash: str, target: str | Rpc | None = None) -> None:
        super().__init__(subjects.torrent(info_hash), target)

    @property
    def info_hash(self) -> str:
        """The info hash in upper case."""
        return self.subject

    def query(self) -> TorrentQuery:
        """A query that asks several things in one request."""
        return TorrentQuery(self.info_hash, self.rpc)

    def files(self) -> TorrentFileRequester:
        """A requester for its files."""
        return TorrentFileRequester(self.info_hash, self.rpc)

    def peers(self) -> PeerRequester:
        """A requester for its connected peers."""
        return PeerRequester(self.info_hash, self.rpc)

    def trackers(self) -> TrackerRequester:
        """A requester for its trackers."""
        return TrackerRequester(self.info_hash, self.rpc)
