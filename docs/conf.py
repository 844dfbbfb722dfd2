"""Sphinx settings; build with ``make docs``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from lib.version import VERSION

project = 'pyroTorrent'
release = VERSION
extensions: list[str] = []
exclude_patterns = ['_build']
html_theme = 'alabaster'
html_theme_options = {'description': 'Web interface for rTorrent', 'fixed_sidebar': True}
