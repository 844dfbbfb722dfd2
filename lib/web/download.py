"""Downloads: a finished file of a torrent (with Range, so that it can be resumed), and the .torrent itself."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from werkzeug import Response

from lib import bencode, paths
from lib import format as fmt
from lib.errors import Conflict, NotFound, UsageError
from lib.web import files
from model import actions, placing
from model.backends.base import Detail, FileRow
from model.fields import INDEX

if TYPE_CHECKING:
    from lib.web.context import Context

NAME, IS_MULTI, BASE_PATH = INDEX['name'], INDEX['is_multi_file'], INDEX['base_path']


def file(context: Context, target: str, hash: str, index: int) -> Response:
    """One finished file, from the disc that we share with the client, and from the torrent's own data only."""
    detail = context.backend(target).detail(actions.check_hash(hash))
    wanted = _finished(detail, index)
    roots = placing.roots(context.services.hub, target, context.services.config.DOWNLOAD_ROOTS)
    root, parts = files.locate(
        detail.row[BASE_PATH] or '',
        bool(detail.row[IS_MULTI]),
        wanted.path if detail.row[IS_MULTI] else '',
        roots,
    )
    return files.serve_file(context.request, root, parts, download_name=parts[-1])


def _finished(detail: Detail, index: int) -> FileRow:
    wanted = next((item for item in detail.files if item.index == index), None)
    if wanted is None:
        raise NotFound('This torrent has no such file.')
    if wanted.completed_bytes < wanted.size:
        raise Conflict('This file is not complete yet.')
    return wanted


def metainfo(context: Context, target: str, hash: str) -> Response:
    """The .torrent, from the client's session directory; without its trackers for who may only look.

    Their addresses may hold the owner's personal key.
    """
    info_hash = actions.check_hash(hash)
    backend = context.backend(target)
    name = fmt.clip(str(backend.row(info_hash)[NAME] or info_hash), 200)
    directory = backend.settings().get('session') or ''
    if not os.path.isabs(directory) or not os.path.isdir(directory):
        raise NotFound(
            'The .torrent lies in the session directory of the client, and that is not on this machine or not set.'
        )
    place, file = paths.real(directory), [f'{info_hash}.torrent']
    if context.who.can_write:
        return files.serve_file(context.request, place, file, download_name=f'{name}.torrent')
    with os.fdopen(paths.open_below(place, file), 'rb') as stream:
        return files.serve_torrent(_without_trackers(stream.read()), download_name=f'{name}.torrent')


def _without_trackers(data: bytes) -> bytes:
    try:
        members = bencode.members(data)
    except UsageError:
        raise NotFound('The .torrent in the session directory of the client is damaged.') from None
    kept = {key: member.raw for key, member in members.items() if key in (b'info', b'creation date')}
    return bencode.joined(kept)
