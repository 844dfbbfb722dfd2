"""A client with everything that the parts around the list show: trees of 100,000 files, hundreds of peers, failures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lib.errors import Conflict
from model.backends.base import (
    CAPABILITIES,
    Detail,
    Facts,
    FileRow,
    Globals,
    Outcome,
    PeerRow,
    Pieces,
    TrackerRow,
)
from tests.live_page.synthetic import NOW, Synthetic

HOSTILE = '<img src=x onerror=alert(1)>'
FLAGS = ('incoming encrypted', 'encrypted', '', 'encrypted obfuscated snubbed', 'incoming')


class Client(Synthetic):
    """:ivar refuse: info hashes at which every verb fails.
    :ivar limits: what was set, by name.
    :ivar asked: parts that were asked for, in order.
    :param files: how many files each torrent has.
    """

    capabilities = CAPABILITIES

    def __init__(self, name: str, count: int, *, files: int = 120, peers: int = 24) -> None:
        super().__init__(name, count)
        self.refuse: set[str] = set()
        self.limits: dict[str, Any] = {'up_limit': 0, 'down_limit': 5 << 20}
        self.asked: list[str] = []
        self.tracker_on = [True, True, False]
        self._peers = peers
        self._files = [self._file(at, files) for at in range(files)]

    def _file(self, at: int, count: int) -> FileRow:
        path = f'season {at % 4 + 1}/episode {at:05}.mkv' if at < count // 2 else f'file {at:06}.bin'
        if at == count - 1:
            path = f'{HOSTILE}.txt'
        size = (at * 7919) % (1 << 30) + 1
        done = size if at % 3 == 0 else size // 3
        return FileRow(at, path, size, done, done / size, 1)

    def globals(self) -> Globals:
        return Globals(
            up_rate=3 << 20,
            down_rate=12 << 20,
            free_space=1 << 40,
            views=self.views(),
            client_version='0.9.8',
            **self.limits,
        )

    def perform(self, verb: str, hashes: Sequence[str], args: Mapping[str, Any]) -> list[Outcome]:
        done = [each for each in hashes if each not in self.refuse]
        outcomes = {each.hash: each for each in super().perform(verb, done, args)}
        for info_hash in done:
            number = int(info_hash, 16)
            if verb == 'erase':
                self.remove(number)
            elif verb in ('label', 'priority', 'throttle', 'directory'):
                self.change(number, **args)
            elif verb == 'file_priority':
                for index in args['indexes']:
                    old = self._files[index]
                    self._files[index] = FileRow(
                        index, old.path, old.size, old.completed_bytes, old.progress, args['priority']
                    )
            elif verb == 'tracker_enable':
                self.tracker_on[args['index']] = bool(args['on'])
        refused = Conflict('The client says: Could not be done now.')
        return [outcomes.get(each) or Outcome(self.name, each, verb, 'failed', refused) for each in hashes]

    def settings(self) -> dict[str, Any]:
        return {'directory': '/data', **self.limits}

    def set_settings(self, values: Mapping[str, Any]) -> None:
        self.limits.update(values)

    def facts(self, info_hash: str) -> Facts:
        self.asked.append('facts')
        return Facts(
            self.row(info_hash),
            {
                'chunks': 1204,
                'chunk_size': 1 << 20,
                'chunks_done': 812,
                'comment': HOSTILE,
                'created': NOW,
                'free_space': 1 << 40,
                'skip_total': 12345,
                'state_changed': NOW,
            },
        )

    def detail(self, info_hash: str) -> Detail:
        facts = self.facts(info_hash)
        return Detail(
            facts.row, self.files(info_hash), self.peers(info_hash), self.trackers(info_hash), facts.extra
        )

    def files(self, info_hash: str) -> list[FileRow]:
        self.asked.append('files')
        return list(self._files)

    def peers(self, info_hash: str) -> list[PeerRow]:
        self.asked.append('peers')
        return [
            PeerRow(
                f'{at:040X}',
                f'203.0.113.{at % 250}' if at % 3 else f'2001:db8::{at:x}',
                6881 + at,
                HOSTILE if at == 1 else f'qBittorrent {4 + at % 2}.{at % 7}',
                (at * 37 % 101) / 100,
                max(0, (900_000 - at * 61_000)),
                (at * 977) % 300_000,
                at << 22,
                at << 20,
                at * 1000,
                'encrypted' in FLAGS[at % 5],
                'incoming' in FLAGS[at % 5],
                'snubbed' in FLAGS[at % 5],
                False,
                FLAGS[at % 5],
            )
            for at in range(self._peers)
        ]

    def trackers(self, info_hash: str) -> list[TrackerRow]:
        self.asked.append('trackers')
        urls = ('https://tracker.example.org/announce', 'udp://open.example.net:1337', f'http://{HOSTILE}')
        return [
            TrackerRow(
                at, url, 'http', 0, self.tracker_on[at], at == 0, False, False, 52 if at == 0 else 0, 3, 900,
                NOW if at == 0 else 0, NOW if at else 0, 3 if at == 1 else 0, NOW + (1 << 28), 1800, 4,
            )
            for at, url in enumerate(urls)
        ]  # fmt: skip

    def pieces(self, info_hash: str) -> Pieces:
        self.asked.append('pieces')
        digits = ''.join('1' if at % 17 < 11 else '0' for at in range(1208))
        return Pieces(1204, 1 << 20, digits[:1204].count('1'), int(digits, 2).to_bytes(151))
