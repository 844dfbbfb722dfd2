"""A library of torrents as people have them: labels, trackers, save paths and sizes of all kinds, a few running."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from xmlrpc.client import Binary

from tests.rig import Rtorrent, bencode, wait_for

BATCH = 25
STARTED = 200  # they ask trackers that refuse at once, and so show messages
SETTINGS = ('network.xmlrpc.size_limit.set = 4M',)
# rTorrent keeps a view sorted by name; without that, loading and starting anew take half the time.
QUICK = (*SETTINGS, 'view.sort_new = name,((false))')
LABELS = ('', '', 'linux', 'music', 'films', 'books', 'talks & notes', 'maps', 'code', 'photos')
TRACKERS = tuple(f'tracker{number}.test' for number in range(14))
FOLDERS = ('downloads', 'media/films', 'media/music', 'archive/old', 'archive/new', 'seeding', 'work')
WORDS = (
    'amber', 'birch', 'cedar', 'delta', 'ember', 'fjord', 'grove', 'heron',
    'iris', 'jade', 'kelp', 'lotus', 'maple', 'north', 'otter', 'pearl',
    'quill', 'river', 'stone', 'tulip', 'zebra', 'zenith', 'zephyr', 'zeppelin',
)  # fmt: skip
PIECE = 1 << 26
SIZES = tuple(int(90_000 * 2.3**step) for step in range(14))  # bytes; 90 kB to 4.5 GB


@dataclass(frozen=True, slots=True)
class Entry:
    """One torrent of the library, fixed by its number. ``small`` ones have 90 kB and more, each its own size."""

    number: int
    small: bool = False

    @property
    def name(self) -> str:
        first, second = WORDS[self.number % len(WORDS)], WORDS[(self.number // 7) % len(WORDS)]
        return f'{first}-{second}.{self.number:05}.collection [2026] & more'

    @property
    def word(self) -> str:
        """What finds it alone."""
        return f'.{self.number:05}.'

    @property
    def label(self) -> str:
        return LABELS[self.number % 97 % len(LABELS)]

    @property
    def started(self) -> bool:
        return self.number < STARTED

    @property
    def tracker(self) -> str:
        """Host of its tracker."""
        return '127.0.0.1' if self.started else TRACKERS[self.number % 89 % len(TRACKERS)]

    @property
    def folder(self) -> str:
        return FOLDERS[self.number % 83 % len(FOLDERS)]

    @property
    def size(self) -> int:
        if self.small:
            return SIZES[0] + self.number * 100
        return SIZES[0 if self.started else self.number % len(SIZES)] + self.number

    @property
    def info_hash(self) -> str:
        return hashlib.sha1(bencode(self._info)).hexdigest().upper()

    @property
    def torrent(self) -> bytes:
        """The .torrent."""
        return bencode({'announce': f'http://{self.tracker}:1/announce', 'info': self._info})

    @property
    def _info(self) -> dict[str, object]:
        pieces = hashlib.sha1(str(self.number).encode()).digest() * -(-self.size // PIECE)
        return {'length': self.size, 'name': self.name, 'piece length': PIECE, 'pieces': pieces}


def fill(rtorrent: Rtorrent, count: int) -> list[Entry]:
    """Load ``count`` torrents and wait until they are all there. The rTorrent needs :data:`SETTINGS`."""
    entries = [Entry(number) for number in range(count)]
    for folder in FOLDERS:
        (rtorrent.downloads / folder).mkdir(parents=True, exist_ok=True)
    for start in range(0, count, BATCH):
        calls = [_load(rtorrent, entry) for entry in entries[start : start + BATCH]]
        rtorrent.call('system.multicall', calls)
    wait_for(lambda: len(rtorrent.hashes()) == count, 120, 'all torrents')
    return entries


def _load(rtorrent: Rtorrent, entry: Entry) -> dict[str, object]:
    commands = [f'd.directory.set="{rtorrent.downloads}/{entry.folder}"']
    if entry.label:
        commands.append(f'd.custom1.set="{entry.label.replace(" ", "%20").replace("&", "%26")}"')
    method = 'load.raw_start' if entry.started else 'load.raw'
    return {'methodName': method, 'params': ['', Binary(entry.torrent), *commands]}


def labels(entries: list[Entry]) -> Counter[str]:
    """How many torrents have each label; '' is none."""
    return Counter(entry.label for entry in entries)


def trackers(entries: list[Entry]) -> Counter[str]:
    """How many torrents have each tracker host."""
    return Counter(entry.tracker for entry in entries)
