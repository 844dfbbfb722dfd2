"""The torrents of a view in one request."""

from __future__ import annotations

from lib import plans
from lib.baserequester import BaseRequester
from lib.wire.rpc import Rpc


class TorrentRequester(BaseRequester):
    """``TorrentRequester('').get_name().get_hash().all()``

    :param view: name of a view; ``''`` is ``main``, all torrents.
    :param target: a configured name, a connection, or None for the first configured target.
    :raises UsageError: ``view`` cannot be the name of a view.
    :raises UnknownName: there is no such target.
    """

    kind = 'torrent'

    def __init__(self, view: str = '', target: str | Rpc | None = None) -> None:
        super().__init__(plans.torrents(view), target)
