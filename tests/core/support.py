"""Connections to real rTorrents that can be watched, cut or answered by the test."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lib.errors import TimedOut
from lib.wire import transport, url, xmlrpc
from lib.wire.rpc import Rpc
from lib.wire.transport import Transport
from model.backends.rtorrent import RTorrentBackend
from model.hub import Hub
from tests.rig import Made, Rtorrent, make
from tests.rig.frozen import freeze


class Recorder:
    """A transport that keeps the bytes it sends, and may lose the next answer."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner
        self.sent: list[bytes] = []
        self.trusted: list[bool] = []
        self.lose: Callable[[bytes], bool] = lambda body: False

    def send(self, body: bytes, deadline: float, *, trusted: bool = True) -> bytes:
        self.sent.append(body)
        self.trusted.append(trusted)
        reply = self._inner.send(body, deadline, trusted=trusted)
        if self.lose(body):
            raise TimedOut('The answer was lost on purpose.')
        return reply

    def close(self) -> None:
        self._inner.close()

    def written(self, *names: str) -> list[bytes]:
        """What was sent that holds one of these words."""
        return [body for body in self.sent if any(name.encode() in body for name in names)]


class Fake:
    """A transport whose answers the test makes; a client that is not there."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self._answer = answer
        self.sent: list[bytes] = []

    def send(self, body: bytes, deadline: float, *, trusted: bool = True) -> bytes:
        self.sent.append(body)
        return self._answer(body)

    def close(self) -> None: ...


class Without(Rpc):
    """An Rpc to a server that lacks some commands."""

    lacking: frozenset[str] = frozenset()

    @property
    def methods(self) -> frozenset[str]:
        return super().methods - self.lacking


def recorder(rtorrent: Rtorrent) -> Recorder:
    return Recorder(transport.connect(url.parse(rtorrent.url), target='box'))


def backend_of(rtorrent: Rtorrent, name: str = 'box', socket: str = '') -> RTorrentBackend:
    """A backend on a real rTorrent; ``backend.rpc.requests`` counts."""
    link = transport.connect(url.parse(rtorrent.url), target=name)
    return RTorrentBackend(Rpc(link, target=name), socket=socket)


def hub_of(*rtorrents: Rtorrent, roots: Iterable[Path | str] = ()) -> Hub:
    """A hub of targets ``box``, ``box2``, ... that may place data below ``roots``, by default the downloads."""
    names = ['box', *(f'box{at}' for at in range(2, len(rtorrents) + 1))]
    backends = [backend_of(one, name) for name, one in zip(names, rtorrents, strict=True)]
    return Hub(backends, roots=[str(root) for root in roots] or [str(one.directory) for one in rtorrents])


@contextmanager
def frozen(rtorrent: Rtorrent) -> Iterator[None]:
    """Stop the process for a while: connections are taken, nothing is answered."""
    try:
        freeze(rtorrent.pid)
        yield
    finally:
        os.kill(rtorrent.pid, signal.SIGCONT)


def loaded(rtorrent: Rtorrent, name: str = 'thing', content: object = 100_000, announce: str = '') -> Made:
    """A torrent with data, loaded and stopped."""
    made = make(rtorrent.downloads, name, content, announce=announce or 'http://127.0.0.1:1/announce')  # type: ignore[arg-type]
    rtorrent.load(made.data, made.info_hash)
    return made


def reply(*values: object) -> bytes:
    """A reply of ``system.multicall`` with these values, for :class:`Fake`."""
    call = xmlrpc.dumps('x', [[[value] for value in values]])  # type: ignore[list-item]
    inside = call.partition(b'<params>')[2].partition(b'</params>')[0]
    return b'<?xml version="1.0"?><methodResponse><params>' + inside + b'</params></methodResponse>'
