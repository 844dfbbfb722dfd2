"""The pieces of a torrent, drawn small: as many buckets as a screen has room for."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from model.backends.base import Pieces

BUCKETS = 4096


@dataclass(frozen=True, slots=True)
class PieceMap:
    """Bits of ``count`` buckets, the first one's highest; the last byte is filled up with zeros.

    Bucket *i* stands for the pieces from ``i * pieces // count`` up to before ``(i + 1) * pieces // count``.

    :ivar whole: set where all pieces of a bucket are there; ``some`` where any of them is.
    """

    count: int
    whole: bytes
    some: bytes


def draw(pieces: Pieces, most: int = BUCKETS) -> PieceMap | None:
    """The map; None where it is not known which pieces are there."""
    if not pieces.count:
        return None
    if pieces.bits is not None:
        digits = f'{int.from_bytes(pieces.bits):0{8 * len(pieces.bits)}b}'[: pieces.count]
    elif pieces.done in (0, pieces.count):
        digits = ('1' if pieces.done else '0') * pieces.count
    else:
        return None
    count = min(pieces.count, most)
    edges = [at * pieces.count // count for at in range(count + 1)]
    parts = [digits[begin:end] for begin, end in itertools.pairwise(edges)]
    return PieceMap(count, _packed('0' not in part for part in parts), _packed('1' in part for part in parts))


def _packed(bits: Iterable[bool]) -> bytes:
    digits = ''.join('1' if bit else '0' for bit in bits)
    size = -(-len(digits) // 8)
    return int(digits.ljust(8 * size, '0'), 2).to_bytes(size)
