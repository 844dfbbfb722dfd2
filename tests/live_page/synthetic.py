"""A client with as many torrents as a test likes, that does what it is told: real ones of that number take minutes."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from lib.errors import NotFound, PyroError
from model.backends.base import CAPABILITIES, Backend, Changes, Globals, Outcome, Overview, Watch
from model.fields import INDEX, LIST, Row

NOW = 1_763_640_000
WORDS = ('debian', 'void', 'haiku', 'plan9', 'alpine', 'openbsd', 'fedora', 'arch', 'slackware', 'gentoo')
KINDS = ('amd64-DVD', 'live-x86_64', 'netinst', 'arm64', 'source', 'riscv64-minimal')
LABELS = ('linux', 'bsd', '', 'films & fun', 'books')
TRACKERS = ('tracker.example.org', 'open.example.net', 'bt.example.com')


def made(number: int, **values: Any) -> Row:
    """The torrent of that number: mostly stopped or seeding, one in twenty moves."""
    dice = random.Random(number)
    size = dice.randrange(1 << 20, 1 << 34)
    moves, complete = number % 20 == 0, number % 5 != 0
    done = size if complete else int(size * dice.random() * 0.99)
    fields = {
        'hash': f'{number:040X}',
        'name': f'{dice.choice(WORDS)}-{dice.randrange(1, 20)}.{dice.randrange(10)}-{dice.choice(KINDS)}-{number:06}',
        'size_bytes': size,
        'completed_bytes': done,
        'left_bytes': size - done,
        'down_rate': dice.randrange(1 << 10, 1 << 24) if moves and not complete else 0,
        'up_rate': dice.randrange(1 << 10, 1 << 22) if moves else 0,
        'down_total': done,
        'up_total': size,
        'ratio': dice.randrange(0, 6000),
        'state': int(moves or number % 3 == 0),
        'is_open': True,
        'is_active': moves or number % 3 == 0,
        'hashing': 0,
        'complete': complete,
        'message': 'Storage error: [no space left on device]' if number % 97 == 0 else '',
        'label': LABELS[number % len(LABELS)],
        'priority': 2,
        'peers_connected': dice.randrange(1, 60) if moves else 0,
        'peers_complete': dice.randrange(0, 20) if moves else 0,
        'size_files': 1,
        'added': NOW - number * 977,
        'started': NOW,
        'finished': NOW - number * 700 if complete else 0,
        'directory': f'/data/{LABELS[number % len(LABELS)] or "other"}',
        'base_path': '/data/x',
        'is_private': number % 7 == 0,
        'is_multi_file': False,
        'is_meta': False,
        'throttle': '',
        'tracker': TRACKERS[number % len(TRACKERS)],
    } | values
    return tuple(fields[field.key] for field in LIST)


class Synthetic(Backend):
    """Holds rows, by number from 1.

    :ivar trouble: raised at each tick, where a test sets it.
    :ivar verbs: what it was told to do.
    :ivar more: it has not told everything yet.
    """

    kind = 'synthetic'
    capabilities = CAPABILITIES

    def __init__(self, name: str, count: int) -> None:
        self.name = name
        self.trouble: PyroError | None = None
        self.more = False
        self.verbs: list[tuple[str, int]] = []
        self._lock = threading.Lock()
        self._rows = {row[0]: row for row in map(made, range(1, count + 1))}
        self._changed: list[Row] | None = None
        self._gone: list[str] = []

    def change(self, number: int, **values: Any) -> None:
        """Give a torrent other values; one that is not there comes."""
        with self._lock:
            old = self._rows.get(f'{number:040X}') or made(number)
            row = list(old)
            for key, value in values.items():
                row[INDEX[key]] = value
            self._put(tuple(row))

    def remove(self, *numbers: int) -> None:
        with self._lock:
            for number in numbers:
                self._rows.pop(f'{number:040X}')
                self._gone.append(f'{number:040X}')

    def _put(self, row: Row) -> None:
        self._rows[row[0]] = row
        if self._changed is not None:
            self._changed.append(row)

    def watch(self) -> Watch:
        return _Watch(self)

    def changes(self) -> Changes:
        if self.trouble:
            raise self.trouble
        with self._lock:
            rows, whole = (
                (list(self._rows.values()), True) if self._changed is None else (self._changed, False)
            )
            gone, self._changed, self._gone = tuple(self._gone), [], []
        return Changes(rows, self.globals(), gone, whole=whole, more=self.more)

    def views(self) -> list[str]:
        return ['main', 'started', 'stopped']

    def rows(self, view: str = 'main') -> list[Row]:
        return list(self._rows.values())

    def globals(self) -> Globals:
        return Globals(up_rate=3 << 20, down_rate=12 << 20, free_space=1 << 40, views=self.views())

    def overview(self, view: str = 'main') -> Overview:
        return Overview(self.rows(), self.globals())

    def row(self, info_hash: str) -> Row:
        try:
            return self._rows[info_hash]
        except KeyError:
            raise NotFound('There is no such torrent.') from None

    def perform(self, verb: str, hashes: Sequence[str], args: Mapping[str, Any]) -> list[Outcome]:
        state = {'stop': 0, 'start': 1}.get(verb)
        self.verbs.append((verb, len(hashes)))
        for info_hash in hashes:
            if state is not None:
                values = {
                    'state': state,
                    'is_active': bool(state),
                    'down_rate': 0,
                    'up_rate': 0,
                    'message': '',
                }
                self.change(int(info_hash, 16), **values)
        return [Outcome(self.name, info_hash, verb, 'done') for info_hash in hashes]

    def _never(self, *args: Any, **kwargs: Any) -> Any:
        raise NotFound('This client cannot do that.')

    detail = add = settings = set_settings = encryption = set_encryption = _never


class _Watch(Watch):
    def __init__(self, backend: Synthetic) -> None:
        self._backend = backend

    def tick(self) -> Changes:
        return self._backend.changes()
