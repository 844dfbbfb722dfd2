"""Several things of one tracker of a torrent in one request."""

from __future__ import annotations

from lib.methods import subjects
from lib.multibase import MultiBase
from lib.wire.rpc import Rpc


class TrackerQuery(MultiBase):
    """``TrackerQuery(info_hash, index).get_url().is_enabled().first()``

    :param info_hash: 40 hexadecimal digits.
    :param index: number of the tracker in the torrent, from 0.
    :param target: a configured name, a connection, or None for the first configured target.
    :raises UsageError: the hash or the index is none.
    :raises UnknownName: there is no such target.
    """

    kind = 'tracker'

    def __init__(self, info_hash: str, index: int, target: str | Rpc | None = None) -> None:
        super().__init__(subjects.tracker(info_hash, index), target)
