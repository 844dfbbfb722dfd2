"""Torrents with real data, made in milliseconds whatever their size.

Each file begins with pseudo-random bytes and goes on as a hole, so half a gigabyte takes a few kilobytes of disk and
its hashes need not be computed: all pieces of zeros have the same one.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

HEAD = 16 * 1024
PIECE = 256 * 1024


@dataclass(frozen=True)
class Made:
    """A torrent and what it is about.

    :ivar data: the .torrent file.
    :ivar seed: the same with resume data, for the rTorrent that has the content: it need not hash it.
    :ivar info_hash: 40 upper-case hexadecimal digits, as rTorrent writes it.
    :ivar size: bytes of content.
    :ivar path: the content on disk, a file or a directory.
    """

    name: str
    data: bytes
    seed: bytes
    info_hash: str
    size: int
    path: Path


def bencode(value: Any) -> bytes:
    """Encode ints, bytes, str (as UTF-8), lists and dicts (str keys) as BitTorrent does."""
    if isinstance(value, int):
        return b'i%de' % value
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return b'%d:%b' % (len(value), value)
    if isinstance(value, list):
        return b'l%be' % b''.join(map(bencode, value))
    pairs = sorted((key.encode(), item) for key, item in value.items())
    return b'd%be' % b''.join(bencode(key) + bencode(item) for key, item in pairs)


def make(
    directory: Path,
    name: str,
    content: int | bytes | Mapping[str, int | bytes],
    *,
    announce: str = '',
    piece: int = PIECE,
    random_bytes: int = HEAD,
    more: Mapping[str, Any] | None = None,
    info: Mapping[str, Any] | None = None,
) -> Made:
    """Write content below ``directory`` and make the torrent of it.

    :param content: size in bytes or the bytes themselves, for one file; for several, a mapping of relative paths
        to these.
    :param announce: URL of the tracker; without one rTorrent 0.9.8 refuses the torrent.
    :param piece: piece length in bytes.
    :param random_bytes: how many bytes at the start of each file given by size are not zero.
    :param more: further keys of the .torrent, ``info`` further keys of its info dictionary.
    """
    path = directory / name
    single = not isinstance(content, Mapping)
    files = {'': content} if not isinstance(content, Mapping) else content
    extents = [_write(path / part if part else path, data, random_bytes) for part, data in files.items()]
    sizes = [size for _, size in extents]
    meta: dict[str, Any] = {
        'name': name,
        'piece length': piece,
        'pieces': b''.join(_hashes(extents, piece)),
        **({'length': sizes[0]} if single else {'files': _listing(files, sizes)}),
        **(info or {}),
    }
    torrent = {'info': meta, 'creation date': 1_700_000_000, **(more or {})}
    if announce:
        torrent['announce'] = announce
    seed = {**torrent, 'libtorrent_resume': _resume(path, files, sum(sizes), piece)}
    digest = hashlib.sha1(bencode(meta), usedforsecurity=False).hexdigest().upper()
    return Made(name, bencode(torrent), bencode(seed), digest, sum(sizes), path)


def _write(path: Path, data: int | bytes, random_bytes: int) -> tuple[bytes, int]:
    """Write one file; its head (what is not zero) and its size."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(data, bytes):
        path.write_bytes(data)
        return data, len(data)
    head = random.Random(path.name).randbytes(min(random_bytes, data))  # noqa: S311 - content, not secrets
    with path.open('wb') as stream:
        stream.write(head)
        stream.truncate(data)
    return head, data


def _hashes(extents: list[tuple[bytes, int]], piece: int) -> Iterator[bytes]:
    """SHA-1 of each piece of the files put end to end."""
    total = sum(size for _, size in extents)
    heads = []
    offset = 0
    for head, size in extents:
        heads.append((offset, head))
        offset += size
    for start in range(0, total, piece):
        end = min(start + piece, total)
        parts = [(at, head) for at, head in heads if at < end and at + len(head) > start]
        if not parts:
            yield _zeros(end - start)
            continue
        buffer = bytearray(end - start)
        for at, head in parts:
            low, high = max(at, start), min(at + len(head), end)
            buffer[low - start : high - start] = head[low - at : high - at]
        yield hashlib.sha1(buffer, usedforsecurity=False).digest()


@lru_cache(maxsize=256)
def _zeros(length: int) -> bytes:
    return hashlib.sha1(bytes(length), usedforsecurity=False).digest()


def _listing(files: Mapping[str, int | bytes], sizes: list[int]) -> list[dict[str, Any]]:
    return [{'path': part.split('/'), 'length': size} for part, size in zip(files, sizes, strict=True)]


def _resume(path: Path, files: Mapping[str, Any], size: int, piece: int) -> dict[str, Any]:
    """rTorrent's own note that all pieces are there, tied to the files' times."""
    entries = []
    for part in files:
        status = (path / part if part else path).stat()
        entries.append(
            {'completed': -(-status.st_size // piece), 'mtime': int(status.st_mtime), 'priority': 1}
        )
    return {'bitfield': -(-size // piece), 'files': entries}
