#!/usr/bin/env python3
"""Check the connection: prints the libTorrent version of every configured rTorrent, or what stands in the way."""

import sys

from lib import environment

if __name__ == '__main__':
    environment.enter()

from pyrotorrent import main

if __name__ == '__main__':
    sys.exit(main([*sys.argv[1:], 'check']))
