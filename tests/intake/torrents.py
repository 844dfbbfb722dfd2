"""Builds .torrent files of any shape, proper and improper."""

from __future__ import annotations

import hashlib
from typing import Any

from lib.bencode import Value, dumps

ANNOUNCE = b'http://tracker.example.org/announce'
PIECE = 16384


def single(name: bytes = b'single', size: int = 20000, **changes: Value | None) -> dict[bytes, Value]:
    """An info dictionary with one file; ``piece_length=...`` changes a key, None leaves it out."""
    return _changed(
        {b'name': name, b'length': size, b'piece length': PIECE, b'pieces': hashes(size)}, changes
    )


def multi(*paths: tuple[bytes, ...], name: bytes = b'multi', **changes: Value | None) -> dict[bytes, Value]:
    """An info dictionary with a list of files of 1000 bytes each."""
    files: list[Value] = [{b'length': 1000, b'path': list(path)} for path in paths]
    info: dict[bytes, Value] = {b'name': name, b'files': files, b'piece length': PIECE}
    return _changed({**info, b'pieces': hashes(1000 * len(paths))}, changes)


def hashes(size: int, piece_length: int = PIECE) -> bytes:
    """As many piece hashes as ``size`` bytes need."""
    return b'h' * 20 * -(-size // piece_length)


def torrent(info: Value, **outer: Value | None) -> bytes:
    """A .torrent file around ``info``."""
    return dumps(_changed({b'announce': ANNOUNCE, b'info': info}, outer))


def hash_of(info: Value) -> str:
    return hashlib.sha1(dumps(info), usedforsecurity=False).hexdigest().upper()


def unordered(info: dict[bytes, Value]) -> bytes:
    """``info`` encoded with its keys in the wrong order."""
    return b'd%be' % b''.join(dumps(key) + dumps(info[key]) for key in sorted(info, reverse=True))


def raw_torrent(info: bytes) -> bytes:
    """A .torrent file around an info dictionary that is encoded already."""
    return b'd8:announce%b4:info%be' % (dumps(ANNOUNCE), info)


def _changed(base: dict[bytes, Value], changes: dict[str, Any]) -> dict[bytes, Value]:
    named = {key.replace('__', '.').encode(): value for key, value in changes.items()}
    named = {_spelled(key): value for key, value in named.items()}
    return {key: value for key, value in {**base, **named}.items() if value is not None}


def _spelled(key: bytes) -> bytes:
    spellings = {
        b'piece_length': b'piece length',
        b'announce_list': b'announce-list',
        b'url_list': b'url-list',
    }
    spellings |= {b'magnet_uri': b'magnet-uri', b'meta_version': b'meta version', b'file_tree': b'file tree'}
    return spellings.get(key, key)
