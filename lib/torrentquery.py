"""Several things of one torrent in one request."""

from __future__ import annotations

from lib.methods import subjects
from lib.multibase import MultiBase
from lib.wire.rpc import Rpc


class TorrentQuery(MultiBase):
    """``TorrentQuery(info_hash).get_name().is_complete().first()``

    :param info_hash: 40 hexadecimal digits.
    :param target: a configured name, a connection, or None for the first configured target.
    :raises UsageError: the hash is none.
    :raises UnknownName: there is no such target.
    """

    kind = 'torrent'

    def __init__(self, info_hash: str, target: str | Rpc | None = None) -> None:
        super().__init__(subjects.torrent(info_hash), target)
