"""The connected peers of a torrent in one request."""

from __future__ import annotations

from lib import plans
from lib.baserequester import BaseRequester
from lib.wire.rpc import Rpc


class PeerRequester(BaseRequester):
    """``PeerRequester(info_hash).get_address().get_upload_rate().all()``

    :param info_hash: 40 hexadecimal digits.
    :param target: a configured name, a connection, or None for the first configured target.
    :raises UsageError: the hash is none.
    :raises UnknownName: there is no such target.
    """

    kind = 'peer'

    def __init__(self, info_hash: str, target: str | Rpc | None = None) -> None:
        super().__init__(plans.parts('peer', info_hash), target)
