"""Where data may lie: the configured roots, or else a client's own default directory."""

from __future__ import annotations

from collections.abc import Sequence

from lib import paths
from model.hub import Hub


def roots(hub: Hub, target: str, configured: Sequence[str]) -> list[str]:
    """The directories below which this client's torrents may be placed and read.

    :raises WireError: the default directory had to be asked for and the client did not answer.
    """
    if configured:
        return list(configured)
    default = hub.get(target).settings().get('directory') or ''
    return [default] if default.startswith('/') else []


def confine(hub: Hub, target: str, path: str, configured: Sequence[str]) -> str:
    """``path``, when it lies below one of :func:`roots`.

    :raises Denied: it does not.
    """
    return paths.confine(path, roots(hub, target, configured))
