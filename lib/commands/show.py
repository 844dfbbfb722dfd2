"""``config`` and ``check``: what is set, and what answers."""

from __future__ import annotations

import re
from argparse import Namespace
from typing import Any

from rich.console import Console
from rich.text import Text

from lib import config as configuration
from lib import targets
from lib.errors import PyroError
from model.rtorrent import RTorrent

_PASSWORD = re.compile(r'(://[^:/@\s]*):[^@\s]*@')
_SECRET_KEYS = re.compile('secret|password|key', re.IGNORECASE)


def masked(value: Any, name: str = '') -> Any:
    """``value`` without its secrets: passwords in URLs, and whatever a secret-sounding key holds."""
    if isinstance(value, dict):
        return {key: masked(item, str(key)) for key, item in value.items()}
    if isinstance(value, str):
        if _SECRET_KEYS.search(name):
            return '•••'
        return _PASSWORD.sub(r'\1:•••@', value)
    return value


def config(options: Namespace) -> None:
    """Print every setting with its effective value."""
    console = Console(soft_wrap=True, highlight=False)
    effective = configuration.load(options.config)
    console.print(Text(f'# from {effective.source or "the defaults; there is no config.py"}'))
    for field in configuration.table():
        value = getattr(effective, field.name)
        if field.metadata['secret']:
            value = masked(value, field.name)
        console.print(Text(f'{field.name} = {value!r}'))


def check(options: Namespace) -> int:
    """Connect to every target; 1 where one does not answer."""
    console = Console(soft_wrap=True, highlight=False)
    targets.configure(configuration.load(options.config))
    failed = 0
    for name in targets.names():
        try:
            console.print(Text(f'{name}: libTorrent version: {RTorrent(name).get_libtorrent_version()}'))
        except PyroError as error:
            failed += 1
            console.print(Text(f'{name}: Failed to connect to libTorrent: {error}'))
    if not targets.names():
        console.print(
            Text('No rTorrent is configured. Set rtorrent_config in config.py (see config.py.example).')
        )
    return 1 if failed or not targets.names() else 0
