"""The demo of ``make run``: private rTorrents that really transfer data to one another over loopback.

The parts that start rTorrents, track peers and make torrents also carry the tests.
"""

from lib.demo.show import Demo

__all__ = ['Demo']
