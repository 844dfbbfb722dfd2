"""A site with one rTorrent that has one torrent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from tests.rig import Made, Rtorrent, make
from tests.web.site import Browser, Site

ANNOUNCE = 'http://127.0.0.1:1/SECRETKEY/announce'
CONTENT: dict[str, int | bytes] = {'a.txt': b'0123456789', 'sub/b.bin': 40_000}
LONG = 'x' * 256


@dataclass
class Home:
    """A site with one rTorrent ``home`` that has the torrent ``made``, and an administrator's browser."""

    site: Site
    browser: Browser
    rtorrent: Rtorrent
    made: Made

    def path(self, tail: str = '') -> str:
        return f'/torrent/home/{self.made.info_hash}{tail}'

    @property
    def requests(self) -> int:
        return self.site.services.hub.backends['home'].rpc.requests  # type: ignore[attr-defined]

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
    return Home(site, site.browser('ada'), rtorrent, made)


def unescaped(answer: TestResponse) -> str:
    return answer.text.replace('&#39;', "'").replace('&#34;', '"').replace('&gt;', '>').replace('&lt;', '<')
