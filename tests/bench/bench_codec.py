"""What a table of 10,000 torrents costs: rTorrent's own time, our decoding, and the whole refresh.

``python -m tests.bench.bench_codec [count] [version ...]``; all times are medians in milliseconds.
"""

from __future__ import annotations

import hashlib
import statistics
import sys
import time
import xmlrpc.client
from collections.abc import Callable
from typing import Any

from lib.wire import columns, transport, url
from lib.wire import xmlrpc as codec
from lib.wire.rpc import Rpc
from tests.rig import Rtorrent, bencode, wait_for
from tests.rig.factory import VERSIONS, Factory

FIELDS = [
    *(
        'hash',
        'name',
        'size_bytes',
        'completed_bytes',
        'down.rate',
        'up.rate',
        'down.total',
        'up.total',
        'ratio',
    ),
    *(
        'state',
        'is_open',
        'is_active',
        'hashing',
        'complete',
        'message',
        'custom1',
        'priority',
        'peers_connected',
    ),
    *('peers_complete', 'size_files', 'timestamp.started', 'timestamp.finished', 'directory', 'left_bytes'),
]
TEXTS = {'hash', 'name', 'message', 'custom1', 'directory'}
COMMANDS = tuple(f'd.{field}=' for field in FIELDS)
KINDS = tuple('str' if field in TEXTS else 'int' for field in FIELDS)
ROUNDS = 11


def fill(rtorrent: Rtorrent, count: int) -> Rpc:
    """Load ``count`` small torrents, every third with a label."""
    rpc = Rpc(transport.connect(url.parse(rtorrent.url)), timeout=60)
    for start in range(0, count, 200):
        numbers = range(start, min(start + 200, count))
        rpc.multicall([('load.raw', ['', _torrent(number)]) for number in numbers])
    wait_for(lambda: len(rpc.rows('d.multicall2', '', 'main', 'd.hash=')) == count, 120, 'all torrents')
    hashes = [row[0] for row in rpc.rows('d.multicall2', '', 'main', 'd.hash=')]
    rpc.multicall([('d.custom1.set', [info_hash, 'linux%20iso']) for info_hash in hashes[::3]])
    return rpc


def _torrent(number: int) -> bytes:
    digest = hashlib.sha1(str(number).encode()).digest()
    info = {'length': 1000 + number, 'name': f'Some.Linux.Distribution.{number:05}.x86_64 [iso] & more'}
    return bencode(
        {'announce': 'http://127.0.0.1:1/announce', 'info': {**info, 'piece length': 16384, 'pieces': digest}}
    )


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = work()
    return (time.perf_counter() - start) * 1000, result


def measure(rpc: Rpc, link: transport.Transport) -> dict[str, float]:
    """All figures of one rTorrent. The questions take turns, so that a busy moment hits all of them."""
    plain = codec.dumps('d.multicall2', ['', 'main', *COMMANDS])
    joined = codec.dumps('d.multicall2', ['', 'main', *columns.ask(COMMANDS, KINDS)])
    times: dict[str, list[float]] = {}

    def note(name: str, work: Callable[[], Any]) -> Any:
        spent, result = timed(work)
        times.setdefault(name, []).append(spent)
        return result

    for _ in range(ROUNDS):
        reply = note('plain', lambda: link.send(plain, time.monotonic() + 60))
        rows = note('decode', lambda: codec.rows(reply))  # noqa: B023
        short = note('joined', lambda: link.send(joined, time.monotonic() + 60))
        same = note('decode joined', lambda: columns.decode(codec.rows(short), COMMANDS, KINDS))  # noqa: B023
        assert rows == same
        note('refresh', lambda: _refresh(rpc))
    for _ in range(3):
        note('xmlrpc.client', lambda: xmlrpc.client.loads(reply))
    return {name: statistics.median(spent) for name, spent in times.items()} | {
        'bytes': float(len(reply)),
        'bytes joined': float(len(short)),
    }


def _refresh(rpc: Rpc) -> list[tuple[Any, ...]]:
    return columns.decode(
        rpc.rows('d.multicall2', '', 'main', *columns.ask(COMMANDS, KINDS)), COMMANDS, KINDS
    )


def report(version: str, count: int, found: dict[str, float]) -> str:
    plain = found['plain']

    def line(what: str, name: str, goal: str = '') -> str:
        return f'  {what:25}{found[name]:7.1f}  {found[name] / plain:5.0%} of rTorrent{goal}'

    return '\n'.join(
        [
            f'rTorrent {version}, {count} torrents, {len(COMMANDS)} columns (medians, ms)',
            f'  replies: {found["bytes"] / 1e6:.1f} MB plain, {found["bytes joined"] / 1e6:.1f} MB joined',
            line('rTorrent, plain columns', 'plain'),
            line('our decoding', 'decode', '   (goal: 25%)'),
            line('xmlrpc.client', 'xmlrpc.client'),
            line('rTorrent, joined columns', 'joined'),
            line('our decoding of those', 'decode joined'),
            line('whole refresh', 'refresh', '   (goal: 100%)'),
        ]
    )


def main(arguments: list[str]) -> None:
    count = int(arguments[0]) if arguments else 10_000
    for version in arguments[1:] or VERSIONS:
        factory = Factory()
        try:
            rtorrent = factory(version, settings=['network.xmlrpc.size_limit.set = 2M'])
            rpc = fill(rtorrent, count)
            found = measure(rpc, transport.connect(url.parse(rtorrent.url)))
            print(report(version, count, found), flush=True)
        finally:
            factory.close()


if __name__ == '__main__':
    main(sys.argv[1:])
