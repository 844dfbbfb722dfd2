"""A BitTorrent tracker on loopback, so that private rTorrents find one another."""

from __future__ import annotations

import ipaddress
import threading
from collections import defaultdict
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from lib.demo.process import wait_for
from lib.demo.torrents import bencode

INTERVAL = 600  # seconds; rTorrent takes no shorter one
MOST_PEERS = 50


@dataclass(frozen=True)
class Peer:
    """Somebody who announced. ``left`` is what it still lacks, in bytes."""

    address: str
    port: int
    left: int

    def compact(self) -> bytes:
        return ipaddress.IPv4Address(self.address).packed + self.port.to_bytes(2, 'big')


class Tracker:
    """Answers announces and scrapes while the ``with`` block lasts. ``url`` is its announce URL.

    Announces to ``{url}/refuse`` are answered with a failure, as trackers do for torrents that they do not know.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._swarms: dict[str, dict[tuple[str, int], Peer]] = defaultdict(dict)
        self._server = _Server(('127.0.0.1', 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)

    @property
    def url(self) -> str:
        """The announce URL."""
        return f'http://127.0.0.1:{self._server.server_address[1]}/announce'

    @property
    def refusing_url(self) -> str:
        """An announce URL that always answers “Unregistered torrent”."""
        return f'{self.url}/refuse'

    def peers(self, info_hash: str) -> list[Peer]:
        """Who announced a torrent, in no particular order. ``info_hash`` in upper-case hexadecimal."""
        with self._lock:
            return [*self._swarms.get(info_hash, {}).values()]

    def wait_for_seed(self, info_hash: str, timeout: float = 60.0) -> None:
        """Wait until somebody who has all of a torrent announced it.

        A rTorrent asks again after ten minutes only: a downloader that asks before its seeder waits that long.
        """
        wait_for(
            lambda: any(peer.left == 0 for peer in self.peers(info_hash)),
            timeout,
            f'a seed of {info_hash} to announce',
        )

    def __enter__(self) -> Tracker:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, query: dict[str, list[bytes]], client: str) -> dict[str, Any]:
        """The reply to a request, before encoding."""
        hashes = [value.hex().upper() for value in query.get('info_hash', [])]
        if path == '/scrape':
            return {'files': {digest: self._counts(digest) for digest in hashes}}
        if path != '/announce' or not hashes:
            return {'failure reason': 'Unregistered torrent'}
        try:
            port, left = (int(query.get(key, [b'0'])[0]) for key in ('port', 'left'))
            address = str(ipaddress.IPv4Address(query.get('ip', [client.encode()])[0].decode('ascii')))
        except ValueError:
            return {'failure reason': 'Malformed announce'}
        peer = Peer(address, port & 0xFFFF, left)
        return self._announce(hashes[0], peer, query.get('event', [b''])[0])

    def _announce(self, digest: str, peer: Peer, event: bytes) -> dict[str, Any]:
        key = (peer.address, peer.port)
        with self._lock:
            swarm = self._swarms[digest]
            swarm.pop(key, None)
            others = [*swarm.values()][-MOST_PEERS:]
            if event != b'stopped':
                swarm[key] = peer
        counts = self._counts(digest)
        return {
            'interval': INTERVAL,
            'complete': counts['complete'],
            'incomplete': counts['incomplete'],
            'peers': b''.join(other.compact() for other in others),
        }

    def _counts(self, digest: str) -> dict[str, int]:
        peers = self.peers(digest)
        complete = sum(peer.left == 0 for peer in peers)
        return {'complete': complete, 'downloaded': complete, 'incomplete': len(peers) - complete}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: an rTorrent that ends hangs up in the middle of its announce."""


def _handler(tracker: Tracker) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            # Latin-1 there and back keeps the bytes of the info hash.
            pairs = parse_qs(parts.query, encoding='latin-1', keep_blank_values=True)
            query = {key: [value.encode('latin-1') for value in values] for key, values in pairs.items()}
            body = bencode(tracker.answer(parts.path, query, self.client_address[0]))
            self.send_response(200)
            self.send_header('Content-Type', 'text/plain')
            self.send_header('Content-Length', str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler
