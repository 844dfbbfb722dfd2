"""dTorrent's own list of servers, as its README has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from model.manager import Manager
from tests.manager.test_listeners import Everything
from tests.rig import wait_for

HASH, OTHER = 'B' * 40, 'C' * 40


class MyClient:
    """dTorrent's five methods."""

    torrents: dict[str, dict[str, Any]]

    def __init__(self, rtorrent_host: str, rtorrent_port: int) -> None:
        type(self).made_with = (rtorrent_host, rtorrent_port)

    made_with: tuple[str, int] = ('', 0)

    def list(self) -> list[str]:
        return [*self.torrents]

    def get_torrent(self, info_hash: str) -> dict[str, Any]:
        return self.torrents[info_hash]

    def pause(self, info_hash: str) -> None:
        self.torrents[info_hash]['active'] = False

    def resume(self, info_hash: str) -> None:
        self.torrents[info_hash]['active'] = True

    def remove(self, info_hash: str) -> None:
        del self.torrents[info_hash]


def test_its_example_configuration_is_taken_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    first = {
        'name': 'MyFirstServer', 'root_path': './data', 'rtorrent_host': '127.0.0.1', 'rtorrent_port': 80,
        'interval_check': 1000,
    }  # fmt: skip
    second = {'name': 'MySecondServer', 'rtorrent_host': 'box.example', 'interval_check': 2500}
    manager = Manager([first, second])
    specs = manager.config.targets
    assert manager.servers == ('MyFirstServer', 'MySecondServer')
    assert [(spec.url, spec.interval) for spec in specs.values()] == [
        ('http://127.0.0.1:80/RPC2', 1.0),
        ('http://box.example:80/RPC2', 2.5),
    ]
    assert [str(tmp_path / 'data')] == manager.config.DOWNLOAD_ROOTS
    manager.close()


def test_a_client_of_its_own_is_followed_and_steered() -> None:
    torrent = {
        'hash': HASH, 'name': 'mine', 'active': True, 'downloaded': 0, 'uploaded': 0, 'length': 1000,
        'path': 'mine.torrent', 'extra': {},
    }  # fmt: skip
    MyClient.torrents = {OTHER: {**torrent, 'hash': OTHER}}  # that a list is empty is doubted for a while
    heard = Everything()
    server = {
        'name': 'mine', 'rtorrent_host': 'localhost', 'rtorrent_port': 5000, 'interval_check': 200,
        'client': MyClient,
    }  # fmt: skip
    with Manager([server]) as manager:
        manager.add_listener(heard)
        assert [each.hash for each in manager.get_all()] == [OTHER]
        MyClient.torrents[HASH] = torrent
        wait_for(lambda: 'on_added' in heard.names(), 30, 'on_added')
        assert not manager.pause(HASH).active
        wait_for(lambda: 'on_paused' in heard.names(), 30, 'on_paused')
        assert manager.resume(HASH).active
        wait_for(lambda: 'on_resumed' in heard.names(), 30, 'on_resumed')
        torrent['downloaded'] = 1000
        wait_for(lambda: 'on_finished' in heard.names(), 30, 'on_finished')
        assert manager.delete(HASH).finished
        wait_for(lambda: 'on_removed' in heard.names(), 60, 'on_removed')
    assert MyClient.made_with == ('localhost', 5000)
