"""The connections to the configured rTorrents, one ``Rpc`` per target and process. Other clients have none."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from lib import config as configuration
from lib.config import Config
from lib.errors import ConfigError, UnknownName, UsageError
from lib.targetspecs import TargetSpec
from lib.wire import transport, url
from lib.wire.rpc import Rpc
from lib.words import said

# Sockets cannot be shared between processes, so each process has its own table; nothing else is kept here.
_lock = threading.RLock()
_connections: dict[str, Rpc] = {}
_specs: Mapping[str, TargetSpec] = {}


def configure(config: Config) -> None:
    """Make the connections of ``config`` (nothing is sent yet).

    :raises ConfigError: a target's URL is wrong.
    """
    global _specs
    specs = config.targets
    made = {name: connect(config, name) for name, spec in specs.items() if spec.kind == 'rtorrent'}
    with _lock:
        reset()
        _connections.update(made)
        _specs = specs


def connect(config: Config, name: str) -> Rpc:
    """The connection that ``config`` describes for the target ``name``."""
    address = url.parse(config.targets[name].url)
    link = transport.connect(address, target=name, max_reply=config.MAX_REPLY_BYTES)
    return Rpc(link, target=name, timeout=config.RPC_TIMEOUT, connections=config.RPC_CONNECTIONS)


def reset() -> None:
    """Forget all connections."""
    global _specs
    with _lock:
        _connections.clear()
        _specs = {}


def specs() -> Mapping[str, TargetSpec]:
    """All targets, in the order of ``rtorrent_config``. Loads the configuration where nobody has yet."""
    with _lock:
        if not _specs:
            configure(configuration.load())
        return _specs


def names() -> list[str]:
    """The names of the rTorrents, in that order."""
    return [name for name, spec in specs().items() if spec.kind == 'rtorrent']


def connection(name: str | None = None) -> Rpc:
    """The connection of the rTorrent ``name``, or of the first one. Loads the configuration where nobody has yet.

    :raises ConfigError: there is no rTorrent at all.
    :raises UnknownName: there is no target of this name.
    :raises UsageError: this target is no rTorrent.
    """
    known = names()
    if name is not None and name not in known:
        if name in specs():
            raise UsageError(
                said('“%(name)s” is no rTorrent, and this speaks to rTorrents only.', name=name),
                field='target',
            )
        raise UnknownName('client', name, known, field='target')
    if not known:
        raise ConfigError(
            'No rTorrent is configured. Set rtorrent_config in config.py (see config.py.example).'
        )
    return _connections[name or known[0]]
