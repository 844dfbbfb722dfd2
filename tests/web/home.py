"""A site with one rTorrent that has one torrent."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from lib.wire.transport import Transport
from model.backends.rtorrent import RTorrentBackend
from tests.rig import Made, Rtorrent, make
from tests.web.site import Browser, Site

ANNOUNCE = 'http://127.0.0.1:1/SECRETKEY/announce'
CONTENT: dict[str, int | bytes] = {'a.txt': b'0123456789', 'sub/b.bin': 40_000}
LONG = 'x' * 256


class Counted:
    """A transport that counts what a poller did not send, which may have its turn at any time.

    :ivar requests: how many.
    """

    def __init__(self, transport: Transport) -> None:
        self.requests = 0
        self._transport = transport

    def send(self, body: bytes, deadline: float, *, trusted: bool = True) -> bytes:
        self.requests += not threading.current_thread().name.startswith('poll-')
        return self._transport.send(body, deadline, trusted=trusted)

    def close(self) -> None:
        self._transport.close()


@dataclass
class Home:
    """A site with one rTorrent ``home`` that has the torrent ``made``, and an administrator's browser.

    :ivar sent: what was sent to it by others than the poller.
    """

    site: Site
    browser: Browser
    rtorrent: Rtorrent
    made: Made
    sent: Counted

    def path(self, tail: str = '') -> str:
        return f'/torrent/home/{self.made.info_hash}{tail}'

    def state(self) -> list[Any]:
        """Everything the forms could change in the client."""
        call, at = self.rtorrent.call, self.made.info_hash
        return [
            self.site.services.hub.get('home').settings(),
            self.rtorrent.hashes(),
            *(
                call(f'd.{name}', at)
                for name in ('state', 'custom1', 'priority', 'throttle_name', 'directory')
            ),
            call('f.multicall', at, '', 'f.priority='),
            call('t.multicall', at, '', 't.is_enabled='),
        ]


def at_home(site: Site, rtorrent: Rtorrent) -> Home:
    """Load the torrent and log in."""
    made = make(rtorrent.downloads, 'two files', CONTENT, announce=ANNOUNCE)
    rtorrent.load(made.seed, made.info_hash)
    backend = site.services.hub.backends['home']
    assert isinstance(backend, RTorrentBackend)
    backend.rpc._transport = sent = Counted(backend.rpc._transport)
    return Home(site, site.browser('ada'), rtorrent, made, sent)


def unescaped(answer: TestResponse) -> str:
    return answer.text.replace('&#39;', "'").replace('&#34;', '"').replace('&gt;', '>').replace('&lt;', '<')
