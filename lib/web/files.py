"""Finished files and .torrent files as downloads: resumable, confined, and never shown as a page of ours.

A torrent's content is foreign. It is sent as an attachment of no particular type under a policy that forbids
everything, so that an HTML or SVG file inside a torrent cannot act in pyroTorrent's name.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from werkzeug import Request, Response
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.http import parse_range_header

from lib import paths
from lib.errors import Denied, NotFound

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

PIECE = 256 * 1024  # bytes read and sent at a time
MAX_NAME = 200  # characters of a suggested file name

HEADERS = {
    'Content-Security-Policy': "sandbox; default-src 'none'",
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'private, no-cache',
    'Cross-Origin-Resource-Policy': 'same-origin',
}


def locate(
    base_path: str, is_multi: bool, relative_path: str, roots: Sequence[str]
) -> tuple[str, tuple[str, ...]]:
    """Find where a file of a torrent lies: the directory it is confined to, and its names below that.

    rTorrent's replies lose bytes of names that are not UTF-8, and 0.9.8 all characters beyond U+FFFF: such a file is
    then not found. It is never searched for by pattern, which could find another torrent's.

    :param base_path: the torrent's ``d.base_path``: its directory, or the file itself.
    :param is_multi: the torrent's ``d.is_multi_file``.
    :param relative_path: the file's ``f.path``; not used for a torrent that is a single file.
    :param roots: where torrents may lie: DOWNLOAD_ROOTS, or else the client's default directory.
    :raises NotFound: the torrent has no place on disk yet, or the path is not one of a file.
    :raises Denied: the torrent lies outside ``roots``, or in a root itself instead of below it.
    """
    if not base_path.startswith('/') or '\0' in base_path or '..' in base_path.split('/'):
        raise NotFound(
            'The torrent has no files on disk yet, or the client does not say where. Start it once.'
        )
    base = base_path.rstrip('/')
    if is_multi:
        directory, parts = paths.real(base or '/'), paths.split(relative_path)
    else:
        directory, parts = paths.real(os.path.dirname(base)), (os.path.basename(base),)
    whole = directory if is_multi else os.path.join(directory, *parts)
    if whole == '/' or any(whole == paths.real(root) for root in roots):
        raise Denied(
            'The torrent has no directory or file of its own, so its files cannot be told from others.'
        )
    if not any(paths.is_below(whole, root) for root in roots):
        raise Denied(
            'The torrent lies outside the download directories. The administrator can add its directory to '
            'DOWNLOAD_ROOTS in config.py.'
        )
    return directory, parts


def serve_file(
    source: WSGIEnvironment | Request, root: str, parts: Sequence[str], *, download_name: str
) -> Response:
    """Answer GET and HEAD for a regular file: whole, a range of it, or “not modified”.

    :param root: a real directory, from :func:`locate`.
    :param parts: the names below it; no symbolic link is followed.
    :param download_name: the name suggested to the browser.
    :raises NotFound: there is no such file.
    :raises Denied: our user may not read it.
    """
    body = _Body(paths.open_below(root, parts))
    try:
        return _conditional(source, body, download_name)
    except BaseException:
        body.close()
        raise


def serve_torrent(data: bytes, *, download_name: str) -> Response:
    """Answer with a .torrent file, ``data``."""
    response = Response(data, mimetype='application/x-bittorrent', headers=HEADERS)
    response.headers['Content-Disposition'] = disposition(download_name)
    return response


def disposition(name: str) -> str:
    """The Content-Disposition of an attachment, for any text as its name (RFC 6266)."""
    name = ''.join(char if _harmless(char) else '_' for char in name[:MAX_NAME]).strip('. ') or 'download'
    plain = ''.join(char if char.isascii() and char not in '"\\%' else '_' for char in name)
    encoded = quote(name, safe='!#$&+-.^_`|~', errors='replace')
    return f'attachment; filename="{plain}"; filename*=UTF-8\'\'{encoded}'


def _harmless(char: str) -> bool:
    # isprintable is false for control characters, line breaks, surrogates and the marks that turn text around.
    return char.isprintable() and char not in '/\\'


def _conditional(source: WSGIEnvironment | Request, body: _Body, download_name: str) -> Response:
    environ = dict(source.environ if isinstance(source, Request) else source)
    if not _one_range(environ.get('HTTP_RANGE')):
        del environ['HTTP_RANGE']
    response = Response(body, mimetype='application/octet-stream', headers=HEADERS, direct_passthrough=True)
    response.headers['Content-Disposition'] = disposition(download_name)
    response.content_length = body.size
    response.last_modified = body.modified  # type: ignore[assignment]
    response.set_etag(body.tag)
    try:
        return response.make_conditional(environ, accept_ranges=True, complete_length=body.size)
    except RequestedRangeNotSatisfiable:
        body.close()
        return _out_of_range(body.size)


def _one_range(header: object) -> bool:
    """Whether ``header`` is absent or asks for one range; anything else is ignored, as RFC 9110 permits."""
    if header is None:
        return True
    parsed = parse_range_header(str(header))
    return parsed is not None and parsed.units == 'bytes' and len(parsed.ranges) == 1


def _out_of_range(size: int) -> Response:
    headers: Mapping[str, str] = {**HEADERS, 'Content-Range': f'bytes */{size}', 'Accept-Ranges': 'bytes'}
    return Response(
        f'The range lies outside the file, which has {size} bytes.\n', status=416, headers=headers
    )


class _Body:
    """The bytes of an open file as an iterable of pieces, never more of them than were announced.

    The size is taken once: a file that grows while it is sent must not overrun its Content-Length.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._position = 0
        status = os.fstat(descriptor)
        self.size = status.st_size
        self.modified = status.st_mtime
        self.tag = f'{status.st_ino:x}-{status.st_size:x}-{status.st_mtime_ns:x}'

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        wanted = min(PIECE, self.size - self._position)
        piece = os.pread(self._descriptor, wanted, self._position) if wanted > 0 else b''
        if not piece:
            raise StopIteration
        self._position += len(piece)
        return piece

    def seekable(self) -> bool:
        return True

    def seek(self, position: int) -> None:
        self._position = position

    def tell(self) -> int:
        return self._position

    def close(self) -> None:
        """Close the file; called by the WSGI server at the end, whatever the end was."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def __del__(self) -> None:
        self.close()
