"""Confinement: a path from outside never leads out of the directory it belongs to.

A name can be changed between looking and opening, so nothing here trusts a check alone: files are opened step by
step, each step relative to the directory before it and following no symbolic link.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence

from lib.errors import Denied, NotFound
from lib.texts import CONTROL
from lib.words import said

MAX_PATH = 4095  # bytes, Linux' PATH_MAX without the closing NUL
_STEP = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Without O_NONBLOCK, opening a named pipe would wait for a writer for ever.
_LAST = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


def confine(path: str, roots: Sequence[str]) -> str:
    """The real path of a directory that a person named, if it is one of ``roots`` or below one.

    The directory need not exist yet. ``''`` is refused: a caller for whom an empty field means “the client's default
    directory” does not ask. Without DOWNLOAD_ROOTS the caller passes the client's own default directory as the only
    root; with no root at all every path is refused.

    :param path: an absolute path.
    :param roots: absolute directories.
    :raises Denied: the path is relative, malformed or outside.
    """
    if not path.startswith('/'):
        raise Denied('The directory must be an absolute path, one that begins with “/”.')
    if CONTROL.search(path) or not _encodable(path) or len(os.fsencode(path)) > MAX_PATH:
        raise Denied(
            said(
                'The directory contains control characters or is longer than %(max_path)s bytes.',
                max_path=MAX_PATH,
            )
        )
    if '..' in path.split('/'):
        raise Denied('The directory must not contain “..”; write the path out.')
    real_path = real(path)
    if real_path == '/' or not any(is_below(real_path, root, itself=True) for root in roots):
        raise Denied(
            'The directory is outside the download directories. Choose one below them, or let the administrator '
            'add it to DOWNLOAD_ROOTS in config.py.'
        )
    return real_path


def real(path: str) -> str:
    """``path`` with its symbolic links resolved, as far as it exists.

    :raises NotFound: it changed while it was looked at.
    """
    try:
        return os.path.realpath(path)
    except OSError:
        raise NotFound('The directory is being changed at this moment. Try again.') from None


def is_below(path: str, root: str, *, itself: bool = False) -> bool:
    """Whether ``path`` (real, absolute) is below ``root``, whose symbolic links are resolved here.

    :param itself: the answer for ``path`` being ``root``.
    """
    real_root = real(root)
    if path == real_root:
        return itself
    return path.startswith(real_root.rstrip('/') + '/')


def split(relative: str) -> tuple[str, ...]:
    """The parts of a relative path.

    :raises NotFound: a part is empty, ``.`` or ``..``, or holds a NUL: no file has such a name.
    """
    parts = tuple(relative.split('/'))
    for part in parts:
        check_part(part)
    return parts


def check_part(part: str) -> None:
    """
    :raises NotFound: ``part`` cannot be the name of a file in a directory.
    """
    if part in ('', '.', '..') or '/' in part or '\0' in part:
        raise NotFound('There is no such file in this torrent.')


def open_below(root: str, parts: Sequence[str]) -> int:
    """Open a regular file below a directory for reading, following no symbolic link on the whole way.

    :param root: an absolute real path (:func:`real`); a link in it is not followed either.
    :param parts: the names from ``root`` to the file.
    :return: a file descriptor, which the caller closes.
    :raises NotFound: there is no such regular file.
    :raises Denied: our user may not read it.
    """
    if not parts or not root.startswith('/'):
        raise NotFound('There is no such file in this torrent.')
    for part in parts:
        check_part(part)
    try:
        return _regular(_walk([*filter(None, root.split('/')), *parts]))
    except PermissionError:
        raise Denied('The user that pyroTorrent runs as may not read this file.') from None
    except (OSError, ValueError):
        raise NotFound(_missing(parts)) from None


def _walk(names: Sequence[str]) -> int:
    """Open the last of ``names``, starting at the file system's root."""
    directory = os.open('/', _STEP)
    try:
        for name in names[:-1]:
            step = os.open(name, _STEP, dir_fd=directory)
            os.close(directory)
            directory = step
        return os.open(names[-1], _LAST, dir_fd=directory)
    finally:
        os.close(directory)


def _regular(descriptor: int) -> int:
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise FileNotFoundError


def _missing(parts: Sequence[str]) -> str:
    if any('?' in part or '\N{REPLACEMENT CHARACTER}' in part for part in parts):
        return (
            'There is no file of this name. The torrent client reports some characters of a name as “?”, and the '
            'real name cannot be known from that.'
        )
    return 'There is no such file in this torrent’s directory; it may have been moved or deleted.'


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
