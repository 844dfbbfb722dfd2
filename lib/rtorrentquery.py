"""Several things of one rTorrent in one request."""

from __future__ import annotations

from lib.multibase import MultiBase
from lib.wire.rpc import Rpc


class RTorrentQuery(MultiBase):
    """``RTorrentQuery().get_upload_rate().get_hostname().first()``

    :param target: a configured name, a connection, or None for the first configured target.
    :raises UnknownName: there is no such target.
    """

    kind = 'rtorrent'

    def __init__(self, target: str | Rpc | None = None) -> None:
        super().__init__('', target)
