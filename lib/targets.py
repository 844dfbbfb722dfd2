"""The connections to the configured clients, one ``Rpc`` per target and process."""

from __future__ import annotations

import threading

from lib import config as configuration
from lib.config import Config
from lib.errors import ConfigError, UnknownName
from lib.wire import transport, url
from lib.wire.rpc import Rpc

# Sockets cannot be shared between processes, so each process has its own table; nothing else is kept here.
_lock = threading.RLock()
_connections: dict[str, Rpc] = {}


def configure(config: Config) -> None:
    """Make the connections of ``config`` (nothing is sent yet).

    :raises ConfigError: a target's URL is wrong.
    """
    made = {name: connect(config, name) for name in config.targets}
    with _lock:
        reset()
        _connections.update(made)


def connect(config: Config, name: str) -> Rpc:
    """The connection that ``config`` describes for the target ``name``."""
    address = url.parse(config.targets[name].url)
    link = transport.connect(address, target=name, max_reply=config.MAX_REPLY_BYTES)
    return Rpc(link, target=name, timeout=config.RPC_TIMEOUT, connections=config.RPC_CONNECTIONS)


def reset() -> None:
    """Forget all connections."""
    with _lock:
        _connections.clear()


def names() -> list[str]:
    """The names of the targets, in the order of ``rtorrent_config``."""
    with _lock:
        if not _connections:
            configure(configuration.load())
        return list(_connections)


def connection(name: str | None = None) -> Rpc:
    """The connection of the target ``name``, or of the first one. Loads the configuration where nobody has yet.

    :raises ConfigError: there is no target at all.
    :raises UnknownName: there is no target of this name.
    """
    known = names()
    if not known:
        raise ConfigError(
            'No rTorrent is configured. Set rtorrent_config in config.py (see config.py.example).'
        )
    if name is not None and name not in known:
        raise UnknownName('target', name, known)
    return _connections[name or known[0]]
