"""What the tests stand on: real rTorrents of two versions, a tracker, torrents with data, waiting without sleeping."""

from lib.demo.process import end, spawn
from lib.demo.rtorrent import Rtorrent
from lib.demo.torrents import Made, bencode, make
from lib.demo.tracker import Tracker
from tests.rig.patience import wait_for, wait_for_peers

__all__ = ['Made', 'Rtorrent', 'Tracker', 'bencode', 'end', 'make', 'spawn', 'wait_for', 'wait_for_peers']
