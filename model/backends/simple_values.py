"""What a class of somebody else's returned, held against :mod:`.client`.

Everything here runs in the thread of that class (:mod:`.simple_worker`), since to read a mapping may run its code.
Texts are foreign as any name of a torrent: control characters become U+FFFD, and what is too long is cut.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from lib.errors import BadReply
from lib.texts import REPLACEMENT, UNFIT
from model.backends.client import Key

MAX_TEXT = 4096  # characters
MAX_ITEMS = 200_000  # torrents, or parts of one
MAX_EXTRA = 64
MOST = 1 << 62  # of any number
_HASH = re.compile('[0-9A-Fa-f]{40}')
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Returned:
    """Which method of which class returned something; ``place`` is what people read: ``MyClient.list()``."""

    target: str
    place: str

    def refused(self, got: object, wanted: str, what: str = '') -> BadReply:
        """The error that says what is wrong, and what to return instead."""
        where = f'with {what} = {shown(got)}' if what else shown(got)
        return self.error(f'returned {where}; {wanted}')

    def error(self, what: str) -> BadReply:
        """The error that says what the method did wrong."""
        return BadReply(f'{self.place} {what}', target=self.target, method=self.place)


def shown(value: object) -> str:
    """What something is, in a few characters; nothing of its own is run for that."""
    if value is None or value is True or value is False:
        return str(value)
    if type(value) is str or type(value) is bytes:
        return f'{value[:40]!r} ({type(value).__name__})'
    if type(value) is float or (type(value) is int and abs(value) < MOST):
        return f'{value!r} ({type(value).__name__})'
    return f'a value of the type {type(value).__name__[:60]}'


def text(value: object, said: Returned, what: str) -> str:
    """A text, clean and short."""
    if not isinstance(value, str):
        raise said.refused(value, 'return a text (str).', what)
    return clean(value)


def clean(value: str) -> str:
    """A text that can be shown and logged; none of its own is run where it is of a class derived from str."""
    return UNFIT.sub(REPLACEMENT, str.__str__(value)[:MAX_TEXT])


def number(value: object, said: Returned, what: str) -> int:
    """A whole number from 0 to 2⁶²; what stands behind a point is cut off."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST:
        raise said.refused(value, 'return a number, 0 or more.', what)
    return int(value)


def share(value: object, said: Returned, what: str) -> float:
    """A share, 0 to 1."""
    if not isinstance(value, int | float) or not 0 <= value <= 1:
        raise said.refused(value, 'return a share from 0 to 1.', what)
    return float(value)


def flag(value: object, said: Returned, what: str) -> bool:
    """Yes or no."""
    if isinstance(value, bool) or (type(value) is int and value in (0, 1)):
        return bool(value)
    raise said.refused(value, 'return True or False.', what)


def info_hash(value: object, said: Returned, what: str = '') -> str:
    """An info hash as the class writes it."""
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise said.refused(value, 'an info hash is a text of 40 hexadecimal digits.', what)
    return str.__str__(value)


def mapping(value: object, said: Returned, what: str = '') -> dict[str, Any]:
    """The facts of the client's own: texts and numbers by name."""
    if not isinstance(value, Mapping):
        raise said.refused(value, 'return a mapping such as a dict.', what)
    found: dict[str, Any] = {}
    for key, item in islice(value.items(), MAX_EXTRA):
        plain = item is None or isinstance(item, bool | int | float)
        found[text(key, said, 'a key')] = item if plain else text(item, said, f'{what}[{shown(key)}]')
    return found


_CHECKS: Mapping[str, Callable[[object, Returned, str], Any]] = {
    'text': text, 'number': number, 'share': share, 'flag': flag, 'hash': info_hash, 'mapping': mapping,
}  # fmt: skip


def items(value: object, said: Returned) -> list[Any]:
    """The items of something that can be gone through, and is no text or mapping."""
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise said.refused(value, 'return a list.')
    found = list(islice(value, MAX_ITEMS + 1))
    if len(found) > MAX_ITEMS:
        raise said.error(f'returned more than {MAX_ITEMS} items; return each once, and come to an end.')
    return found


def hashes(value: object, said: Returned) -> list[str]:
    """Info hashes as the class writes them, each once."""
    found = [info_hash(item, said) for item in items(value, said)]
    require_once([each.upper() for each in found], said)
    return found


def require_once(found: Iterable[str], said: Returned) -> None:
    """:raises BadReply: a hash is among them twice."""
    twice = next((each for each, times in Counter(found).items() if times > 1), None)
    if twice is not None:
        raise said.refused(twice, 'return each torrent once.', 'twice the hash')


def read(value: object, keys: Iterable[Key], said: Returned) -> dict[str, Any]:
    """What a mapping has of ``keys``, each of its kind; None where it has none."""
    if not isinstance(value, Mapping):
        raise said.refused(value, 'return a mapping such as a dict.')
    return {key.name: _read_key(value, key, said) for key in keys}


def _read_key(value: Mapping[Any, Any], key: Key, said: Returned) -> Any:
    item = value.get(key.name, _MISSING)
    if item is _MISSING and key.required:
        raise said.error(f'returned a mapping without {key.name!r}; it is needed: {key.help}')
    if item is _MISSING or (item is None and not key.required):
        return None
    return _CHECKS[key.kind](item, said, repr(key.name))
