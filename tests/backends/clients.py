"""Classes as somebody might write them: the least there can be, and one with everything."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from model import magnet as magnets
from model import metainfo
from model.backends.client import Client

ONE, TWO = 'a' * 40, 'b' * 40


def entry(hash: str, **more: Any) -> dict[str, Any]:
    """A torrent as get_torrent tells it."""
    told = {
        'hash': hash,
        'name': f'torrent {hash[:4]}',
        'active': True,
        'downloaded': 500,
        'uploaded': 250,
        'length': 1000,
        'path': f'{hash[:4]}.torrent',
    }
    return told | more


class Plain:
    """dTorrent's five methods and no base class."""

    def __init__(self, hashes: Iterable[str] = (ONE, TWO)) -> None:
        self.torrents = {hash: entry(hash) for hash in hashes}

    def list(self) -> Any:
        return list(self.torrents)

    def get_torrent(self, hash: str) -> Any:
        return self.torrents[hash]

    def pause(self, hash: str) -> Any:
        self.torrents[hash]['active'] = False

    def resume(self, hash: str) -> Any:
        self.torrents[hash]['active'] = True

    def remove(self, hash: str) -> Any:
        del self.torrents[hash]


class Full(Client):
    """Everything there is, kept in memory."""

    def __init__(self, directory: str = '/srv/full', hashes: Iterable[str] = ()) -> None:
        self.where = directory
        self.torrents = {hash: self._entry(hash) for hash in hashes}
        self.limit = {'down': 0, 'up': 0}
        self.parts: dict[str, list[dict[str, Any]]] = {}
        self.announced: list[str] = []

    def _entry(self, hash: str, **more: Any) -> dict[str, Any]:
        usual = {
            'state': True,
            'label': '',
            'priority': 2,
            'down_rate': 10,
            'up_rate': 5,
            'directory': self.where,
        }
        return entry(hash, **usual | more)

    def list(self) -> Iterable[str]:
        return list(self.torrents)

    def list_torrents(self) -> Any:
        return [dict(torrent) for torrent in self.torrents.values()]

    def get_torrent(self, hash: str) -> Any:
        return self.torrents.get(hash)

    def pause(self, hash: str) -> object:
        self.torrents[hash]['active'] = False
        return None

    def resume(self, hash: str) -> object:
        self.torrents[hash]['active'] = self.torrents[hash]['state']
        return None

    def remove(self, hash: str) -> object:
        del self.torrents[hash]
        return None

    def start(self, hash: str) -> object:
        self.torrents[hash] |= {'active': True, 'state': True}
        return None

    def stop(self, hash: str) -> object:
        self.torrents[hash] |= {'active': False, 'state': False}
        return None

    def check(self, hash: str) -> object:
        return self.torrents[hash] and None

    def announce(self, hash: str) -> object:
        self.announced.append(hash)
        return None

    def set_label(self, hash: str, label: str) -> object:
        self.torrents[hash]['label'] = label
        return None

    def set_priority(self, hash: str, priority: int) -> object:
        self.torrents[hash]['priority'] = priority
        return None

    def set_file_priority(self, hash: str, indexes: list[int], priority: int) -> object:
        for index in indexes:
            self.files(hash)[index]['priority'] = priority
        return None

    def set_tracker(self, hash: str, index: int, on: bool) -> object:
        self.trackers(hash)[index]['enabled'] = on
        return None

    def add_torrent(self, data: bytes, *, start: bool, label: str, directory: str) -> object:
        found = metainfo.check(data, max_bytes=1 << 20)
        length = sum(file.size for file in found.files)
        hash = found.info_hash.lower()
        self.torrents[hash] = self._entry(
            hash, name=found.name, length=length, downloaded=0, label=label, active=start, state=start,
            directory=directory or self.where,
        )  # fmt: skip
        return hash

    def add_magnet(self, link: str, *, start: bool, label: str, directory: str) -> object:
        hash = magnets.parse(link).info_hash.lower()
        self.torrents[hash] = self._entry(
            hash, length=0, downloaded=0, is_meta=True, label=label, active=start, state=start,
            directory=directory or self.where,
        )  # fmt: skip
        return hash

    def files(self, hash: str) -> Any:
        torrent = self.torrents[hash]
        usual = [
            {'path': torrent['name'], 'size': torrent['length'], 'done': torrent['downloaded'], 'priority': 1}
        ]
        return self.parts.setdefault(f'files {hash}', usual)

    def peers(self, hash: str) -> Any:
        return [
            {'address': '192.0.2.1', 'port': 6881, 'client': 'Else 1', 'progress': 0.5, 'encrypted': True}
        ]

    def trackers(self, hash: str) -> Any:
        usual = [{'url': 'http://tracker.example.org/announce', 'enabled': True, 'working': True, 'seeds': 3}]
        return self.parts.setdefault(f'trackers {hash}', usual)

    def rates(self) -> Any:
        return {'down': 100, 'up': 50}

    def limits(self) -> Any:
        return dict(self.limit)

    def set_limits(self, down: int, up: int) -> object:
        self.limit = {'down': down, 'up': up}
        return None

    def free_space(self) -> int | None:
        return 1 << 30

    def directory(self) -> str:
        return self.where

    def version(self) -> str:
        return 'Full 1.0'
