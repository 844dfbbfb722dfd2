"""``pyrotorrent.py shell``: an interactive Python with the models loaded."""

from __future__ import annotations

import code
import readline
import rlcompleter
from argparse import Namespace
from typing import Any

from lib import config, targets
from lib.peerrequester import PeerRequester
from lib.torrentfilerequester import TorrentFileRequester
from lib.torrentrequester import TorrentRequester
from lib.trackerrequester import TrackerRequester
from model.rtorrent import RTorrent
from model.torrent import Torrent

BANNER = """pyroTorrent. r is the first rTorrent; RTorrent('name') another one. Try:
>>> r.query().get_upload_rate().get_hostname().first()
>>> TorrentRequester('').get_name().get_hash().all()"""


def names() -> dict[str, Any]:
    """What is loaded. ``r`` is missing where no rTorrent is configured."""
    kinds = (RTorrent, Torrent, TorrentRequester, TorrentFileRequester, PeerRequester, TrackerRequester)
    loaded: dict[str, Any] = {kind.__name__: kind for kind in kinds}
    if targets.names():
        loaded['r'] = RTorrent()
    return loaded


def run(options: Namespace) -> None:
    """Start the shell."""
    targets.configure(config.load(options.config))
    loaded = names()
    readline.set_completer(rlcompleter.Completer(loaded).complete)
    readline.parse_and_bind('tab: complete')
    code.interact(banner=BANNER, local=loaded, exitmsg='')
