"""Several things of one connected peer in one request."""

from __future__ import annotations

from lib.methods import subjects
from lib.multibase import MultiBase
from lib.wire.rpc import Rpc


class PeerQuery(MultiBase):
    """``PeerQuery(info_hash, peer_id).get_address().get_client_version().first()``

    :param info_hash: 40 hexadecimal digits.
    :param peer_id: the peer’s ``get_id``.
    :param target: a configured name, a connection, or None for the first configured target.
    :raises UsageError: the hash or the id is none.
    :raises UnknownName: there is no such target.
    """

    kind = 'peer'

    def __init__(self, info_hash: str, peer_id: str, target: str | Rpc | None = None) -> None:
        super().__init__(subjects.peer(info_hash, peer_id), target)
