"""dTorrent's list of servers, made into the shapes of ``rtorrent_config``."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from lib.errors import ConfigError, UnknownName

_KEYS = ('name', 'root_path', 'rtorrent_host', 'rtorrent_port', 'interval_check', 'client')
_PORT = 80  # of the web server before rTorrent, as in dTorrent's own example


def servers(entries: Sequence[Any]) -> tuple[dict[str, Any], list[str]]:
    """``rtorrent_config`` and DOWNLOAD_ROOTS of a list as dTorrent takes it.

    :raises ConfigError: an entry is not as dTorrent has them. What a value means is checked by ``rtorrent_config``.
    """
    targets: dict[str, Any] = {}
    roots: list[str] = []
    for number, entry in enumerate(entries):
        where = f'servers[{number}]'
        if not isinstance(entry, Mapping) or not isinstance(entry.get('name'), str):
            raise ConfigError(
                f'{where} has to be a mapping with a name: {{"name": "home", "rtorrent_host": …}}.'
            )
        for key in entry:
            if key not in _KEYS:
                raise ConfigError(f'{where}: {UnknownName("key", str(key), _KEYS)}')
        if entry['name'] in targets:
            raise ConfigError(
                f'{where}: there is another server called {entry["name"]!r}. Give each its own name.'
            )
        targets[entry['name']] = _target(entry, where)
        if entry.get('root_path'):
            roots.append(os.path.abspath(os.path.expanduser(entry['root_path'])))
    return targets, list(dict.fromkeys(roots))


def _target(entry: Mapping[str, Any], where: str) -> dict[str, Any]:
    interval = entry.get('interval_check')
    if interval is not None and (type(interval) not in (int, float) or interval <= 0):
        raise ConfigError(f'{where}: interval_check has to be milliseconds, such as 1000, not {interval!r}.')
    more = {} if interval is None else {'interval': interval / 1000}
    if entry.get('client') is not None:
        options = {key: entry[key] for key in ('rtorrent_host', 'rtorrent_port', 'root_path') if key in entry}
        return {'client': entry['client'], **({'options': options} if options else {}), **more}
    address = {'host': entry.get('rtorrent_host'), 'port': entry.get('rtorrent_port', _PORT), 'url': '/RPC2'}
    return {'http': address, **more}
