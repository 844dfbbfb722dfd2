"""From what is configured to a backend of its kind."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote

from lib import targets
from lib.config import Config
from lib.errors import ConfigError
from lib.targetspecs import TargetSpec
from lib.wire.rpc import Rpc
from model.backends.base import Backend
from model.backends.rtorrent import RTorrentBackend


def make_backend(
    spec: TargetSpec, config: Config | None = None, connection: Callable[[str], Rpc] = targets.connection
) -> Backend:
    """The backend of one configured client; nothing is sent yet.

    :param config: the other settings, such as how long a client may take.
    :param connection: finds the connection of an rTorrent by its name; those of the process, if not given.
    :raises ConfigError: it cannot be made of this; says why.
    """
    if spec.kind == 'rtorrent':
        return RTorrentBackend(connection(spec.name), socket=_socket(spec.url))
    raise ConfigError(f'rtorrent_config[{spec.name!r}]: clients of the kind {spec.kind} are not known yet.')


def _socket(url: str) -> str:
    """The path in the URL of a unix socket, else ``''``."""
    return unquote(url.removeprefix('scgi://')) if url.startswith('scgi:///') else ''
