"""aria2 as a client of pyroTorrent, through its JSON-RPC (Debian's package aria2).

Start it with ``aria2c --enable-rpc --rpc-secret=WORD --seed-ratio=0.0`` and put this file beside config.py::

    rtorrent_config = {'aria': {'client': 'aria2:Aria2', 'options': {'secret': 'WORD'}}}

aria2 names its downloads by a number of its own (gid); downloads that are no torrents are left out.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterable, Mapping
from http.client import HTTPConnection
from typing import Any

from lib.errors import Conflict
from model.backends.client import Client

KEYS = [
    'gid', 'status', 'infoHash', 'totalLength', 'completedLength', 'uploadLength', 'downloadSpeed', 'uploadSpeed',
    'connections', 'numSeeders', 'dir', 'bittorrent', 'errorMessage', 'following', 'verifyIntegrityPending',
]  # fmt: skip
MOST = 10_000  # downloads asked for at once


class Aria2(Client):
    """One aria2.

    :param secret: the word of ``--rpc-secret``.
    :param port: of ``--rpc-listen-port``.
    """

    def __init__(
        self, secret: str = '', host: str = '127.0.0.1', port: int = 6800, timeout: float = 8.0
    ) -> None:
        self.secret, self.place, self.timeout = secret, (host, port), timeout

    def _ask(self, method: str, *params: Any) -> Any:
        call = {'id': 1, 'method': f'aria2.{method}', 'params': [f'token:{self.secret}', *params]}
        connection = HTTPConnection(*self.place, timeout=self.timeout)
        try:
            connection.request('POST', '/jsonrpc', json.dumps({'jsonrpc': '2.0', **call}))
            answer = json.load(connection.getresponse())
        finally:
            connection.close()
        if 'error' in answer:  # how aria2 says that it cannot do something
            raise Conflict(f'aria2: {answer["error"]["message"]}')
        return answer['result']

    def _downloads(self) -> dict[str, dict[str, Any]]:
        """The torrents by info hash. Of a magnet and the torrent that came of it, the torrent counts."""
        found = self._ask('tellActive', KEYS)
        found += self._ask('tellWaiting', 0, MOST, KEYS) + self._ask('tellStopped', 0, MOST, KEYS)
        torrents = [each for each in found if each.get('infoHash') and each['status'] != 'removed']
        return {each['infoHash']: each for each in sorted(torrents, key=lambda each: 'following' in each)}

    def _gid(self, hash: str) -> str:
        return str(self._downloads()[hash]['gid'])

    # the five methods

    def list(self) -> Iterable[str]:
        return self._downloads().keys()

    def get_torrent(self, hash: str) -> Mapping[str, Any] | None:
        found = self._downloads().get(hash)
        return self._told(found) if found else None

    def pause(self, hash: str) -> object:
        download = self._downloads()[hash]
        return None if download['status'] == 'paused' else self._ask('forcePause', download['gid'])

    def resume(self, hash: str) -> object:
        download = self._downloads()[hash]
        return self._ask('unpause', download['gid']) if download['status'] == 'paused' else None

    def remove(self, hash: str) -> object:
        download = self._downloads()[hash]
        if download['status'] in ('active', 'waiting', 'paused'):
            return self._ask('forceRemove', download['gid'])
        return self._ask('removeDownloadResult', download['gid'])

    # more that it can do

    def list_torrents(self) -> Iterable[Mapping[str, Any]]:
        return [self._told(download) for download in self._downloads().values()]

    def _told(self, of: dict[str, Any]) -> dict[str, Any]:
        about = of.get('bittorrent', {})
        info, size, done = about.get('info'), int(of['totalLength']), int(of['completedLength'])
        status = of['status']
        if info and not size:  # aria2 counts when it starts a torrent for the first time
            size = sum(int(file['length']) for file in self._ask('getFiles', of['gid']))
        return {
            'hash': of['infoHash'],
            'name': info['name'] if info else of['infoHash'],
            'active': status == 'active',
            'downloaded': done,
            'uploaded': int(of['uploadLength']),
            'length': size if info else 0,
            'path': '',
            'extra': {'comment': about.get('comment', ''), 'gid': of['gid']},
            'state': status in ('active', 'waiting', 'paused'),
            'is_open': status in ('active', 'paused'),
            'hashing': of.get('verifyIntegrityPending') == 'true',
            'message': of.get('errorMessage', '') if status == 'error' else '',
            'down_rate': int(of['downloadSpeed']),
            'up_rate': int(of['uploadSpeed']),
            'peers_connected': int(of['connections']),
            'peers_complete': int(of.get('numSeeders', 0)),
            'directory': of['dir'],
            'base_path': os.path.join(of['dir'], info['name']) if info else '',
            'is_multi_file': about.get('mode') == 'multi',
            'is_meta': not info,
        }

    def add_torrent(self, data: bytes, *, start: bool, directory: str) -> object:
        return self._ask('addTorrent', base64.b64encode(data).decode(), [], self._placed(start, directory))

    def add_magnet(self, link: str, *, start: bool, directory: str) -> object:
        return self._ask('addUri', [link], self._placed(start, directory))

    @staticmethod
    def _placed(start: bool, directory: str) -> dict[str, str]:
        return {'pause': 'false' if start else 'true'} | ({'dir': directory} if directory else {})

    def files(self, hash: str) -> Iterable[Mapping[str, Any]]:
        download = self._downloads()[hash]
        torrent = download.get('bittorrent', {})
        top = download['dir']
        if torrent.get('mode') == 'multi':
            top = os.path.join(top, torrent.get('info', {}).get('name', ''))
        for file in self._ask('getFiles', download['gid']):
            yield {
                'path': os.path.relpath(file['path'], top),
                'size': int(file['length']),
                'done': int(file['completedLength']),
                'priority': int(file['selected'] == 'true'),
            }

    def peers(self, hash: str) -> Iterable[Mapping[str, Any]]:
        for peer in self._ask('getPeers', self._gid(hash)):
            bits = bytes.fromhex(peer['bitfield'])
            have = sum(byte.bit_count() for byte in bits)
            yield {
                'address': peer['ip'],
                'port': int(peer['port']),
                'progress': 1.0 if peer['seeder'] == 'true' else have / max(1, 8 * len(bits)),
                'down_rate': int(peer['downloadSpeed']),
                'up_rate': int(peer['uploadSpeed']),
            }

    def trackers(self, hash: str) -> Iterable[Mapping[str, Any]]:
        tiers = self._downloads()[hash].get('bittorrent', {}).get('announceList', [])
        return [{'url': url} for tier in tiers for url in tier]

    def rates(self) -> Mapping[str, Any]:
        told = self._ask('getGlobalStat')
        return {'down': int(told['downloadSpeed']), 'up': int(told['uploadSpeed'])}

    def limits(self) -> Mapping[str, Any]:
        told = self._ask('getGlobalOption')
        return {'down': int(told['max-overall-download-limit']), 'up': int(told['max-overall-upload-limit'])}

    def set_limits(self, down: int, up: int) -> object:
        wanted = {'max-overall-download-limit': str(down), 'max-overall-upload-limit': str(up)}
        return self._ask('changeGlobalOption', wanted)

    def directory(self) -> str:
        return str(self._ask('getGlobalOption')['dir'])

    def version(self) -> str:
        return f'aria2 {self._ask("getVersion")["version"]}'
