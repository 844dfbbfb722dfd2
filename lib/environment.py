"""Runs a script of the checkout with the checkout's own ``.venv``, whoever started it.

``spawn-fcgi … pyrotorrent.py`` and ``./test.py`` start the system's Python, which does not have what we need.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

VENV = Path(__file__).resolve().parent.parent / '.venv'


def enter() -> None:
    """Start over in ``.venv`` where there is one beside us, unless some virtual environment was chosen already.

    Open descriptors stay, so a socket on standard input is still there.
    """
    python = VENV / 'bin' / 'python'
    if sys.prefix == sys.base_prefix and python.exists():
        os.execv(python, [str(python), *sys.orig_argv[1:]])
