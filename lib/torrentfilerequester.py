"""The files of a torrent in one request."""

from __future__ import annotations

from lib import plans
from lib.baserequester import BaseRequester
from lib.wire.rpc import Rpc


class TorrentFileRequester(BaseRequester):
    """``TorrentFileRequester(info_hash).get_path().get_size_bytes().all()``

    The rows are in the order of the files’ indexes.

    :param info_hash: 40 hexadecimal digits.
    :param target: a configured name, a connection, or None for the first configured target.
    :raises UsageError: the hash is none.
    :raises UnknownName: there is no such target.
    """

    kind = 'file'

    def __init__(self, info_hash: str, target: str | Rpc | None = None) -> None:
        super().__init__(plans.parts('file', info_hash), target)
