"""How rTorrent is told which object a command is for: ``HASH``, ``HASH:f0``, ``HASH:t0``, ``HASH:pID``.

rTorrent 0.9.8 dies when an ``f.*`` command gets anything but a file, and an empty subject means “whatever is there”
to many others. So these strings are made here and nowhere else.
"""

from __future__ import annotations

import re

from lib.errors import UsageError
from lib.methods import arguments

_HASH = re.compile(r'[0-9A-Fa-f]{40}')
_MOST = 10_000_000  # files of one torrent; far beyond what rTorrent loads


def torrent(info_hash: object, field: str = 'hash') -> str:
    """The info hash in upper case.

    :raises UsageError: it is not 40 hexadecimal digits.
    """
    return _hexadecimal(info_hash, 'An info hash', field)


def file(info_hash: object, index: object) -> str:
    """The subject of the file ``index`` of a torrent, counted from 0.

    :raises UsageError: the hash or the index is none.
    """
    return f'{torrent(info_hash)}:f{_number(index)}'


def tracker(info_hash: object, index: object) -> str:
    """The subject of the tracker ``index`` of a torrent, counted from 0.

    :raises UsageError: the hash or the index is none.
    """
    return f'{torrent(info_hash)}:t{_number(index)}'


def peer(info_hash: object, peer_id: object) -> str:
    """The subject of a connected peer by its id (``get_id``).

    :raises UsageError: the hash or the id is none.
    """
    return f'{torrent(info_hash)}:p{_hexadecimal(peer_id, "A peer id", "index")}'


def view(name: object) -> str:
    """The name of a view. That there is one is asked of the server before it is used.

    :raises UsageError: it cannot be a view’s name.
    """
    try:
        return arguments.view(name)
    except ValueError as error:
        raise UsageError(f'The view must be {error}.', field='view') from None


def _hexadecimal(value: object, what: str, field: str) -> str:
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise UsageError(f'{what} must be 40 hexadecimal digits.', field=field)
    return value.upper()


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _MOST:
        raise UsageError('An index must be a whole number from 0.', field='index')
    return value
