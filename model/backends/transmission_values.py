"""What Transmission answers, made sure of its type: anything else than what was promised is None, never passed on."""

from __future__ import annotations

import re
from typing import Any

from lib.errors import BadReply
from lib.texts import REPLACEMENT, UNFIT

_MOST = 1 << 62
_HASH = re.compile('[0-9A-Fa-f]{40}')

TEXT_CAP = 4096  # characters; no name, path or address that can be used is longer
MESSAGE_CAP = 1024  # a tracker may send megabytes as its failure reason


def text(value: Any, cap: int = TEXT_CAP) -> str | None:
    """A text without control characters."""
    return UNFIT.sub(REPLACEMENT, value[:cap]) if isinstance(value, str) else None


def number(value: Any) -> int | None:
    """A whole number that fits where numbers go."""
    if isinstance(value, float) and -_MOST < value < _MOST:
        value = int(value)
    return value if type(value) is int and -_MOST < value < _MOST else None


def count(value: Any) -> int | None:
    """A number of bytes, things or seconds: at least 0, where Transmission says -1 for what it does not know."""
    found = number(value)
    return None if found is None or found < 0 else found


def real(value: Any) -> float | None:
    """A number that is one."""
    return float(value) if isinstance(value, int | float) and -_MOST < value < _MOST else None


def flag(value: Any) -> bool | None:
    """Yes or no; some fields say 0 and 1."""
    return bool(value) if isinstance(value, bool) or value in (0, 1) else None


def texts(value: Any) -> list[str]:
    """The texts of a list."""
    return [found for found in map(text, items(value)) if found]


def items(value: Any) -> list[Any]:
    """A list; an empty one for anything else."""
    return value if isinstance(value, list) else []


def mappings(value: Any) -> list[dict[str, Any]]:
    """The objects of a list."""
    return [item for item in items(value) if isinstance(item, dict)]


def number_of(torrent: dict[str, Any]) -> int:
    """The number of a torrent in this run of Transmission."""
    found = number(torrent.get('id'))
    if found is None:
        raise BadReply('Transmission answered a torrent without its number.')
    return found


def hash_of(torrent: dict[str, Any]) -> str:
    """The info hash of a torrent, as we write it."""
    value = torrent.get('hashString')
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise BadReply('Transmission answered a torrent without its info hash.')
    return value.upper()
