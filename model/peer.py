"""One connected peer."""

from __future__ import annotations

from lib.methods import subjects
from lib.peerquery import PeerQuery
from lib.wire.rpc import Rpc
from model.remote import Remote


class Peer(Remote):
    """One connected peer. ``Peer(info_hash, peer_id).get_address()``

    :param info_hash: 40 hexadecimal digits.
    :param peer_id: the peer’s ``get_id``.
    :param target: a configured name, a connection, or None for the first configured target.
    :raises UsageError: the hash or the id is none.
    :raises UnknownName: there is no such target.
    """

    kind = 'peer'

    def __init__(self, info_hash: str, peer_id: str, target: str | Rpc | None = None) -> None:
        super().__init__(subjects.peer(info_hash, peer_id), target)
        self._peer_id = peer_id

    def query(self) -> PeerQuery:
        """A query that asks several things in one request."""
        return PeerQuery(self.subject[:40], self._peer_id, self.rpc)
