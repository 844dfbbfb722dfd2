"""What a class of somebody else's returned, held against :mod:`.client` and made into rows.

Everything here runs in the thread of that class (:mod:`.simple_worker`), since to read a mapping may run its code.
Texts are foreign as any name of a torrent: control characters become U+FFFD, and what is too long is cut.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from lib.errors import BadReply
from model.backends.base import FileRow, PeerRow, TrackerRow
from model.backends.client import FILE, MORE, PEER, TORRENT, TRACKER, Key
from model.fields import LIST, Row

MAX_TEXT = 4096  # characters
MAX_ITEMS = 200_000  # torrents, or parts of one
MAX_EXTRA = 64
_MOST = 1 << 62
_HASH = re.compile('[0-9A-Fa-f]{40}')
_UNFIT = re.compile('[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]')
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Returned:
    """Which method of which class returned something; ``place`` is what people read: ``MyClient.list()``."""

    target: str
    place: str

    def refused(self, got: object, wanted: str, what: str = '') -> BadReply:
        """The error that says what is wrong, and what to return instead."""
        where = f' with {what} = {shown(got)}' if what else f' {shown(got)}'
        return BadReply(f'{self.place} returned{where}; {wanted}', target=self.target, method=self.place)


def shown(value: object) -> str:
    """What something is, in a few characters; nothing of its own is run for that."""
    kind = type(value)
    if value is None or value is True or value is False:
        return str(value)
    if kind is str or kind is bytes:
        return f'{value[:40]!r} ({kind.__name__})'  # type: ignore[index]
    if kind is float or (kind is int and abs(value) < _MOST):  # type: ignore[arg-type]
        return f'{value!r} ({kind.__name__})'
    return f'a value of the type {kind.__name__[:60]}'


def text(value: object, said: Returned, what: str) -> str:
    """A text, clean and short."""
    if not isinstance(value, str):
        raise said.refused(value, 'return a text (str).', what)
    return _UNFIT.sub('\N{REPLACEMENT CHARACTER}', str.__str__(value)[:MAX_TEXT])


def number(value: object, said: Returned, what: str) -> int:
    """A whole number from 0 to 2⁶²; what stands behind a point is cut off."""
    fits = isinstance(value, int | float) and not isinstance(value, bool)
    if not fits or not math.isfinite(value) or not 0 <= value <= _MOST:  # type: ignore[arg-type, operator]
        raise said.refused(value, 'return a number, 0 or more.', what)
    return int(value)  # type: ignore[call-overload, no-any-return]


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


_CHECKS = {
    'text': text, 'number': number, 'share': share, 'flag': flag, 'hash': info_hash, 'mapping': mapping,
}  # fmt: skip


def items(value: object, said: Returned) -> list[Any]:
    """The items of something that can be gone through, and is no text or mapping."""
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise said.refused(value, 'return a list.')
    found = list(islice(value, MAX_ITEMS + 1))
    if len(found) > MAX_ITEMS:
        raise BadReply(
            f'{said.place} returned more than {MAX_ITEMS} items; return each once, and come to an end.',
            target=said.target,
            method=said.place,
        )
    return found


def hashes(value: object, said: Returned) -> list[str]:
    """Info hashes as the class writes them, each once."""
    found = [info_hash(item, said) for item in items(value, said)]
    _require_once([each.upper() for each in found], said)
    return found


def _require_once(found: Sequence[str], said: Returned) -> None:
    if len(set(found)) < len(found):
        twice = next(each for each in found if found.count(each) > 1)
        raise said.refused(twice, 'return each torrent once.', 'twice the hash')


def read(value: object, keys: Iterable[Key], said: Returned) -> dict[str, Any]:
    """What a mapping has of ``keys``, each of its kind; None where it has none."""
    if not isinstance(value, Mapping):
        raise said.refused(value, 'return a mapping such as a dict.')
    found: dict[str, Any] = {}
    for key in keys:
        item = value.get(key.name, _MISSING)
        if item is _MISSING or (item is None and not key.required):
            if key.required:
                raise BadReply(
                    f'{said.place} returned a mapping without {key.name!r}; it is needed: {key.help}',
                    target=said.target,
                    method=said.place,
                )
            found[key.name] = None
        else:
            found[key.name] = _CHECKS[key.kind](item, said, repr(key.name))
    return found


@dataclass(frozen=True, slots=True)
class Torrent:
    """A torrent as a class told it.

    :ivar own: its hash as the class writes it; ``path`` and ``extra`` are what a row has no room for.
    """

    own: str
    row: Row
    path: str
    extra: Mapping[str, Any]


def torrent(value: object, said: Returned, *, rests_started: bool) -> Torrent:
    """One torrent.

    :param rests_started: whether one that is not active counts as paused, and not as stopped, where it is not told.
    """
    told = read(value, TORRENT, said)
    # dTorrent tells by “finished” whether, and a row when.
    done = isinstance(value, Mapping) and value.get('finished')
    more = read(value, (key for key in MORE if key.name != 'finished' or not isinstance(done, bool)), said)
    size, there, sent = told['length'], told['downloaded'], told['uploaded']
    there = min(there, size) if size else there
    state = more['state'] if more['state'] is not None else told['active'] or rests_started
    complete = more['complete'] if more['complete'] is not None else 0 < size <= there
    row = dict.fromkeys((field.key for field in LIST), None) | more
    row |= {
        'hash': told['hash'].upper(),
        'name': told['name'],
        'size_bytes': size,
        'completed_bytes': there,
        'up_total': sent,
        'ratio': sent * 1000 // there if there else 0,
        'state': int(bool(state)),
        'is_active': told['active'],
        'is_open': bool(state) if more['is_open'] is None else more['is_open'],
        'hashing': int(bool(more['hashing'])),
        'complete': complete,
        'message': more['message'] or '',
        'left_bytes': more['left_bytes'] if more['left_bytes'] is not None else max(0, size - there),
        'tracker': _host(more['tracker']),
    }
    return Torrent(told['hash'], tuple(row[field.key] for field in LIST), told['path'], told['extra'] or {})


def torrents(value: object, said: Returned, *, rests_started: bool) -> list[Torrent]:
    """Torrents, each once."""
    found = [torrent(item, said, rests_started=rests_started) for item in items(value, said)]
    _require_once([each.row[0] for each in found], said)
    return found


def _host(tracker: str | None) -> str | None:
    """The host of a tracker; nothing else of an address is for the list, since it may hold a key."""
    if not tracker or '/' not in tracker:
        return tracker
    try:
        return urlsplit(tracker).hostname or ''
    except ValueError:
        return ''


def file(index: int, value: object, said: Returned) -> FileRow:
    """One file of a torrent."""
    told = read(value, FILE, said)
    path, size = told['path'], told['size']
    if path.startswith('/') or '..' in path.split('/'):
        raise said.refused(path, 'a path lies below the torrent’s directory.', "'path'")
    there = min(told['done'], size)
    priority = told['priority'] if told['priority'] is not None else 1
    if priority > 2:
        raise said.refused(priority, 'a priority of a file is 0, 1 or 2.', "'priority'")
    return FileRow(index, path, size, there, there / size if size else 1.0, priority)


def peer(_index: int, value: object, said: Returned) -> PeerRow:
    """One connected peer."""
    told = read(value, PEER, said)
    port = told['port'] or 0
    words = [word for word in ('incoming', 'encrypted') if told[word]]
    return PeerRow(
        id=f'{told["address"]}:{port}',
        address=told['address'],
        port=port,
        client=told['client'] or '',
        progress=told['progress'] or 0.0,
        down_rate=told['down_rate'] or 0,
        up_rate=told['up_rate'] or 0,
        down_total=told['down_total'] or 0,
        up_total=told['up_total'] or 0,
        peer_rate=0,
        is_encrypted=bool(told['encrypted']),
        is_incoming=bool(told['incoming']),
        is_snubbed=False,
        is_banned=False,
        flags=' '.join(words),
    )


def tracker(index: int, value: object, said: Returned) -> TrackerRow:
    """One tracker."""
    told = read(value, TRACKER, said)
    scheme = told['url'].partition(':')[0].lower()
    return TrackerRow(
        index=index,
        url=told['url'],
        type={'http': 'http', 'https': 'http', 'udp': 'udp', 'dht': 'dht'}.get(scheme, ''),
        group=0,
        is_enabled=told['enabled'] is not False,
        is_working=bool(told['working']),
        is_busy=bool(told['busy']),
        is_extra=False,
        seeds=told['seeds'] or 0,
        leeches=told['leeches'] or 0,
        downloaded=told['downloaded'] or 0,
        last_success=told['last_success'] or 0,
        last_failure=told['last_failure'] or 0,
        failures=told['failures'] or 0,
        next_announce=told['next_announce'] or 0,
        interval=0,
        new_peers=0,
    )
