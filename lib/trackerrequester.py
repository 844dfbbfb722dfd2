"""The trackers of a torrent in one request."""

from __future__ import annotations

from lib import plans
from lib.baserequester import BaseRequester
from lib.wire.rpc import Rpc


class TrackerRequester(BaseRequester):
    """``TrackerRequester(info_hash).get_url().is_enabled().all()``

    The rows are in the order of the trackers’ indexes.

    :param info_hash: 40 hexadecimal digits.
    :param target: a configured name, a connection, or None for the first configured target.
    :raises UsageError: the hash is none.
    :raises UnknownName: there is no such target.
    """

    kind = 'tracker'

    def __init__(self, info_hash: str, target: str | Rpc | None = None) -> None:
        super().__init__(plans.parts('tracker', info_hash), target)
