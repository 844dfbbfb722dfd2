"""New torrents for :class:`model.manager.Manager`, from .torrent files and from data that is there already."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from lib import paths
from lib.config import Config
from lib.errors import NotFound, PyroError, UsageError
from model import actions, adding, metainfo, placing
from model.backends.base import Added
from model.hub import Hub
from model.manager.managed import Torrent
from model.metainfo import Metainfo


@dataclass(frozen=True, slots=True)
class Created:
    """What became of a .torrent file.

    :ivar success: whether the client has the torrent now.
    :ivar torrent: the torrent, None without success.
    :ivar existed: the client had it before, and nothing about it was changed.
    :ivar warnings: sentences worth reading all the same.
    :ivar error: why there is no success, else None.
    """

    success: bool
    torrent: Torrent | None = None
    existed: bool = False
    warnings: tuple[str, ...] = ()
    error: PyroError | None = None


def create(
    hub: Hub,
    config: Config,
    server: str,
    path: str | os.PathLike[str],
    *,
    start: bool = True,
    label: str = '',
    directory: str = '',
    data: str | None = None,
) -> Added:
    """Add a .torrent file to a client.

    :param directory: where its data goes, ``''`` for the client's default.
    :param data: where its data lies already (:func:`holding`); the client then checks it.
    :raises PyroError: it was not added, or nobody knows whether it was.
    """
    content = _read(path, config.MAX_TORRENT_BYTES)
    if data is not None:
        found = metainfo.check(content, max_bytes=config.MAX_TORRENT_BYTES)
        directory = holding(hub, server, found, os.fspath(data))
    added = adding.add(
        hub,
        server,
        torrent=content,
        start=start,
        label=label,
        directory=directory,
        max_bytes=config.MAX_TORRENT_BYTES,
        private_trackers=config.PRIVATE_TRACKERS,
    )
    if data is not None and not start and not added.existed:  # one that is started is checked before
        outcome = actions.run(hub, server, added.hash, 'check')
        if outcome.error is not None:
            raise outcome.error
    return added


def holding(hub: Hub, server: str, found: Metainfo, data: str) -> str:
    """The directory to give to a client for a torrent whose data is there already.

    :param data: the torrent's own file or directory, or the directory that holds it: an absolute path.
    :raises UsageError: what lies there has another name than the torrent wants.
    :raises NotFound: there is nothing.
    :raises Denied: it lies outside of the allowed directories; links are followed first.
    """
    allowed = placing.roots(hub, server, hub.roots)
    name = os.fsdecode(found.raw_name)
    place = paths.confine(data, allowed)
    if os.path.basename(place) != name or os.path.lexists(os.path.join(place, name)):
        place = paths.confine(os.path.join(place, name), allowed)
    if os.path.basename(place) != name:
        raise UsageError(
            f'{data} leads to a file of another name than the torrent has, “{found.name}”. Move it, or rename it.',
            field='data',
        )
    # A client on another machine has directories that we do not see.
    if any(map(os.path.isdir, allowed)) and not os.path.lexists(place):
        raise NotFound(
            f'There is no data of the torrent “{found.name}” at {data}. Name its file or directory, or where that lies.'
        )
    return os.path.dirname(place)


def _read(path: str | os.PathLike[str], limit: int) -> bytes:
    try:
        with Path(path).open('rb') as file:
            return file.read(limit + 1)  # one too many says that there is more
    except OSError as error:
        raise NotFound(f'The .torrent file {os.fspath(path)} cannot be read: {error.strerror}.') from error
