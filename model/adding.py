"""Adding torrents: everything is checked here before a client sees any of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from lib.errors import Conflict, UsageError
from lib.words import said
from model import actions, metainfo, placing
from model import magnet as magnets
from model.backends.base import Added, AddRequest, Backend
from model.hub import SEEN, Hub

__all__ = ['Added', 'add']

MAX_TORRENT = 10 << 20  # bytes, where the caller names no limit


def add(
    hub: Hub,
    target: str,
    *,
    torrent: bytes | None = None,
    magnet: str | None = None,
    start: bool = True,
    label: str = '',
    directory: str = '',
    roots: Sequence[str] | None = None,
    max_bytes: int = MAX_TORRENT,
    private_trackers: Literal['allow', 'refuse'] = 'allow',
) -> Added:
    """Add a .torrent file or a magnet link to a client.

    :param torrent: the file's bytes; or else
    :param magnet: the link.
    :param start: whether to start it.
    :param label: for people; ``''`` for none.
    :param directory: where its data goes, an absolute path; ``''`` for the client's default.
    :param roots: the directories below which that must lie; the hub's (DOWNLOAD_ROOTS) where none are given.
    :param max_bytes: the largest .torrent to take.
    :param private_trackers: whether trackers on private addresses cost a warning or the torrent.
    :return: it is there now. If it was before, nothing about it was changed.
    :raises UsageError: something is wrong with what was given; nothing was sent.
    :raises Denied: the directory is not allowed.
    :raises NotFound: there is no such client.
    :raises Conflict: the client did not take it.
    :raises WireError: the client did not answer; TimedOut says that it may have been added.
    """
    backend = hub.get(target)
    label = actions.check_label(label)
    request, warnings = _checked(torrent, magnet, max_bytes, private_trackers)
    if request.data is None and 'magnet' not in backend.capabilities:
        raise Conflict(said('%(target)s takes no magnet links.', target=target))
    if request.data is not None and 'add' not in backend.capabilities:
        raise Conflict(said('%(target)s takes no .torrent files.', target=target))
    _require_told(backend, label, directory)
    if directory:
        directory = placing.confine(hub, target, directory, hub.roots if roots is None else roots)
    added = backend.add(replace(request, start=bool(start), label=label, directory=directory))
    hub.poke([target], wait=SEEN, torrents={target: [added.hash]})
    return replace(added, warnings=(*warnings, *added.warnings))


def _require_told(backend: Backend, label: str, directory: str) -> None:
    """:raises Conflict: the client would silently forget the label or the directory."""
    if label and 'label' not in backend.capabilities:
        raise Conflict(said('%(target)s keeps no labels. Leave the label empty.', target=backend.name))
    if directory and 'add_directory' not in backend.capabilities:
        raise Conflict(said('%(target)s cannot be told a directory. Leave it empty.', target=backend.name))


def _checked(
    torrent: bytes | None, magnet: str | None, max_bytes: int, private_trackers: Literal['allow', 'refuse']
) -> tuple[AddRequest, tuple[str, ...]]:
    if (torrent is None) == (magnet is None):
        raise UsageError('Give either a .torrent file or a magnet link.', field='torrent')
    if torrent is not None:
        found = metainfo.check(torrent, max_bytes=max_bytes, private_trackers=private_trackers)
        return AddRequest(found.info_hash, found.name, found.clean), found.warnings
    link = magnets.parse(magnet or '', private_trackers=private_trackers)
    return AddRequest(link.info_hash, link.name, None, link.uri), link.warnings
