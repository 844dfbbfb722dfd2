"""What a look at the list costs: our whole answer beside rTorrent's own raw reply, embedded and behind lighttpd.

``python -m tests.bench.bench_overview [count]``; all times are medians in milliseconds, measured in one run, with the
requests to rTorrent counted by rTorrent's client and not by hand.
"""

from __future__ import annotations

import http.client
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lib import config, targets
from lib.web.services import make_services
from lib.wire import transport, url
from lib.wire import xmlrpc as codec
from model.backends import rtorrent_columns
from tests.bench.bench_codec import fill
from tests.e2e.stack import PASSWORD, ROOT, Stack
from tests.rig import Rtorrent
from tests.rig.factory import Factory

ROUNDS = 41


def median(action: Callable[[], Any]) -> float:
    """The median of ``ROUNDS`` runs after three that are not counted."""
    for _ in range(3):
        action()
    times = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        action()
        times.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times)


class Visitor:
    """A logged-in keep-alive connection."""

    def __init__(self, port: int, base: str) -> None:
        self.connection = http.client.HTTPConnection('127.0.0.1', port, timeout=60)
        self.base = base
        self.cookie = ''
        self.size = 0
        body = f'name=ada&password={PASSWORD.replace(" ", "+")}'
        origin = f'http://127.0.0.1:{port}'
        headers = {'Content-Type': 'application/x-www-form-urlencoded', 'Origin': origin}
        self.connection.request('POST', f'{base}/login', body, headers)
        answer = self.connection.getresponse()
        answer.read()
        assert answer.status == 303, answer.status
        self.cookie = answer.headers['Set-Cookie'].partition(';')[0]

    def look(self, path: str = '/') -> None:
        """Get a page to its last byte."""
        self.connection.request(
            'GET', self.base + path, headers={'Cookie': self.cookie, 'Accept': 'text/html'}
        )
        answer = self.connection.getresponse()
        assert answer.status == 200, answer.status
        self.size = len(answer.read())


def raw(rtorrent: Rtorrent) -> Callable[[], bytes]:
    """Asks rTorrent for the fields of the list as plain columns and reads the reply, decoding nothing."""
    link = transport.connect(url.parse(rtorrent.url))
    commands = [*(f'{command}=' for command in rtorrent_columns.SOURCES.values()), *rtorrent_columns.EXTRA]
    body = codec.dumps('d.multicall2', ['', 'main', *commands])
    return lambda: link.send(body, time.monotonic() + 60)


def embedded(directory: Path, rtorrent: Rtorrent) -> tuple[subprocess.Popen[str], int]:
    """The embedded server over ``rtorrent``, with an account."""
    file = directory / 'config.py'
    file.write_text(
        f'rtorrent_config = {{"home": {{"url": {rtorrent.url!r}}}}}\nSTATE_DIR = {str(directory / "state")!r}\n'
    )
    environ = {**os.environ, 'PYROTORRENT_CONFIG': str(file)}
    program = [sys.executable, str(ROOT / 'pyrotorrent.py')]
    add = [*program, 'user', 'add', 'ada', '--password-stdin']
    subprocess.run(add, input=PASSWORD + '\n', env=environ, text=True, check=True, stdout=subprocess.DEVNULL)
    serve = [*program, 'http', '--port', '0']
    process = subprocess.Popen(
        serve, env=environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    line = process.stdout.readline() if process.stdout else ''
    return process, int(line.rstrip().rstrip('/').rpartition(':')[2])


def requests_of(rtorrent: Rtorrent, directory: Path, some_hash: str) -> tuple[int, int]:
    """How many requests to rTorrent an overview and a torrent's page make, once the client is known."""
    services = make_services(
        config.make(
            {'rtorrent_config': {'home': {'url': rtorrent.url}}, 'STATE_DIR': str(directory / 'count')}
        )
    )
    backend, rpc = services.hub.get('home'), targets.connection('home')
    backend.overview()
    before = rpc.requests
    backend.overview()
    between = rpc.requests
    backend.detail(some_hash)
    return between - before, rpc.requests - between


def start_up() -> float:
    """Milliseconds from nothing to an imported, parsed command line."""
    command = [sys.executable, str(ROOT / 'pyrotorrent.py'), '--version']
    return median(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 150
    factory = Factory()
    directory = Path(tempfile.mkdtemp(prefix='pyro-bench-'))
    try:
        print(f'start-up of pyrotorrent.py: {start_up():.0f} ms (at most 1000)')
        _measure(factory, directory, count)
    finally:
        factory.close()
        shutil.rmtree(directory)


def _measure(factory: Factory, directory: Path, count: int) -> None:
    rtorrent = factory('0.9.8')
    fill(rtorrent, count)
    list_requests, page_requests = requests_of(rtorrent, directory, rtorrent.hashes()[0])
    print(
        f'requests to rTorrent: {list_requests} for the list, {page_requests} for a torrent’s page (1 and 1)'
    )
    alone = median(raw(rtorrent))
    process, port = embedded(directory, rtorrent)
    try:
        visitor = Visitor(port, '')
        ours = median(visitor.look)
        size = visitor.size
        page = median(lambda: visitor.look(f'/torrent/home/{rtorrent.hashes()[0]}'))
    finally:
        process.terminate()
        process.wait()
    print(f'rTorrent alone, the same fields of {count} torrents: {alone:.2f} ms')
    print(
        f'list, embedded server: {ours:.2f} ms, {ours / alone:.1f} × rTorrent, {size:,} bytes (at most 10 ms)'
    )
    print(f'a torrent’s page, embedded server: {page:.2f} ms')
    behind = _behind_lighttpd(directory, rtorrent)
    print(f'list, lighttpd and flup: {behind:.2f} ms, {behind / ours:.2f} × embedded (at most 1.5)')


def _behind_lighttpd(directory: Path, rtorrent: Rtorrent) -> float:
    below = directory / 'stack'
    below.mkdir()
    stack = Stack(below, home=rtorrent)
    try:
        stack.command('user', 'add', 'ada', '--password-stdin', text=f'{PASSWORD}\n')
        return median(Visitor(int(stack.origin.rpartition(':')[2]), '/torrent').look)
    finally:
        stack.close()


if __name__ == '__main__':
    main()
