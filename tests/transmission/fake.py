"""What speaks as Transmission does, as far as the test wants."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from model.backends.transmission import TransmissionBackend
from tests.wire.fakes import Handler, Server, Visit, http

HASH = 'AB' * 20
SESSION: dict[str, Any] = {'version': '3.00 (bb6b5a062e)', 'rpc-version': 16, 'download-dir': '/dl'}
TORRENT: dict[str, Any] = {'id': 1, 'hashString': HASH.lower(), 'name': 'one', 'status': 0}


def answers(reply: Callable[[dict[str, Any]], Any]) -> Handler:
    """A server that answers each request with what ``reply`` makes of it: bytes of HTTP, or ``arguments``."""

    def handle(visit: Visit) -> None:
        while True:
            _, body = visit.read_http()
            if not body:
                return
            answer = reply(json.loads(body))
            visit.send(answer if isinstance(answer, bytes) else ok(answer))

    return handle


def ok(arguments: Any) -> bytes:
    """A good answer."""
    return http(json.dumps({'result': 'success', 'arguments': arguments}).encode())


def torrents(changes: dict[str, Any]) -> Handler:
    """A Transmission with one torrent, in which some fields are other than usual."""

    def reply(request: dict[str, Any]) -> Any:
        if request['method'] == 'session-get':
            return SESSION
        if request['method'] == 'session-stats':
            return {}
        return {'torrents': [{**TORRENT, **changes}], 'removed': []}

    return answers(reply)


def backend_of(server: Server, *, timeout: float = 30.0, **login: str) -> TransmissionBackend:
    return TransmissionBackend('box', url=f'http://127.0.0.1:{server.port}', timeout=timeout, **login)
