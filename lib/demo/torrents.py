"""Torrents with real data, made in milliseconds whatever their size.

Each file begins with pseudo-random bytes, then each piece with a stamp, and the rest are holes: half a gigabyte takes
a few megabytes of disk, and most pieces have one and the same hash. No piece is all zeros, so what has not been
downloaded yet, itself a hole, does not pass for downloaded when rTorrent checks it.
"""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

HEAD = 16 * 1024
PIECE = 256 * 1024
STAMP = b'pyroTorrent demo'

Region = tuple[int, bytes]  # offset and what is there


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
    have: float = 1.0,
    more: Mapping[str, Any] | None = None,
    info: Mapping[str, Any] | None = None,
) -> Made:
    """Write content below ``directory`` and make the torrent of it.

    :param content: size in bytes or the bytes themselves, for one file; for several, a mapping of relative paths
        to these.
    :param announce: URL of the tracker; without one rTorrent 0.9.8 refuses the torrent.
    :param piece: piece length in bytes.
    :param random_bytes: how many bytes at the start of each file given by size are not zero.
    :param have: share of the pieces, from the first, that is written and that the resume data in ``seed`` names.
    :param more: further keys of the .torrent, ``info`` further keys of its info dictionary.
    """
    path = directory / name
    single = not isinstance(content, Mapping)
    files = {'': content} if not isinstance(content, Mapping) else content
    paths = [path / part if part else path for part in files]
    sizes = [data if isinstance(data, int) else len(data) for data in files.values()]
    regions = list(_regions(paths, files.values(), piece, random_bytes))
    done = round(-(-sum(sizes) // piece) * have)
    if done:
        _write(paths, sizes, [(at, data) for at, data in regions if at < done * piece])
    meta: dict[str, Any] = {
        'name': name,
        'piece length': piece,
        'pieces': b''.join(_hashes(regions, sum(sizes), piece)),
        **({'length': sizes[0]} if single else {'files': _listing(files, sizes)}),
        **(info or {}),
    }
    torrent = {'info': meta, 'creation date': 1_700_000_000, **(more or {})}
    if announce:
        torrent['announce'] = announce
    seed = {**torrent, **({'libtorrent_resume': _resume(paths, piece, done)} if done else {})}
    digest = hashlib.sha1(bencode(meta), usedforsecurity=False).hexdigest().upper()
    return Made(name, bencode(torrent), bencode(seed), digest, sum(sizes), path)


def _regions(
    paths: list[Path], contents: Iterable[int | bytes], piece: int, random_bytes: int
) -> Iterator[Region]:
    """What is not zero, by its offset in all files put end to end; no region crosses the end of its file."""
    start = 0
    for path, content in zip(paths, contents, strict=True):
        if isinstance(content, bytes):
            yield start, content
            start += len(content)
            continue
        end = start + content
        head = random.Random(path.name).randbytes(min(random_bytes, content))  # noqa: S311 - content, no secret
        yield start, head
        for at in range(-(-(start + len(head)) // piece) * piece, end, piece):
            yield at, STAMP[: end - at]
        start = end


def _write(paths: list[Path], sizes: list[int], regions: list[Region]) -> None:
    """Make the files, with holes where no region is."""
    waiting = deque(regions)
    start = 0
    for path, size in zip(paths, sizes, strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open('wb') as stream:
            while waiting and waiting[0][0] < start + size:
                at, data = waiting.popleft()
                stream.seek(at - start)
                stream.write(data)
            stream.truncate(size)
        start += size


def _hashes(regions: list[Region], total: int, piece: int) -> Iterator[bytes]:
    """SHA-1 of each piece."""
    parts: dict[int, list[Region]] = defaultdict(list)
    for at, data in regions:
        for number in range(at // piece, (at + len(data) - 1) // piece + 1):
            low = number * piece
            parts[number].append((max(at - low, 0), data[max(low - at, 0) : low + piece - at]))
    for number, start in enumerate(range(0, total, piece)):
        yield _hash(min(piece, total - start), tuple(parts[number]))


@lru_cache(maxsize=256)
def _hash(length: int, parts: tuple[Region, ...]) -> bytes:
    buffer = bytearray(length)
    for at, data in parts:
        buffer[at : at + len(data)] = data
    return hashlib.sha1(buffer, usedforsecurity=False).digest()


def _listing(files: Mapping[str, int | bytes], sizes: list[int]) -> list[dict[str, Any]]:
    return [{'path': part.split('/'), 'length': size} for part, size in zip(files, sizes, strict=True)]


def _resume(paths: list[Path], piece: int, done: int) -> dict[str, Any]:
    """rTorrent's own note of the pieces that are there, tied to the files' times."""
    states = [path.stat() for path in paths]
    pieces = -(-sum(state.st_size for state in states) // piece)
    files: list[dict[str, int]] = []
    offset = 0
    for state in states:
        first, end = offset // piece, -(-(offset + state.st_size) // piece)
        files.append(
            {'completed': max(0, min(end, done) - first), 'mtime': int(state.st_mtime), 'priority': 1}
        )
        offset += state.st_size
    if done == pieces:
        return {'bitfield': pieces, 'files': files}
    bits = ''.join('1' if number < done else '0' for number in range(-(-pieces // 8) * 8))
    return {'bitfield': int(bits, 2).to_bytes(len(bits) // 8, 'big'), 'files': files}
