"""FastCGI behind lighttpd: our room against flup alone, many slow requests at once, and restarts under load.

``python -m tests.bench.bench_fcgi [seconds]``, seconds for each measurement. Needs wrk and lighttpd.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.serving.rig import Program, Rig, Web, tool

CONNECTIONS = (1, 16, 64)
ROUNDS = 3
SLOW = 200
RESTARTS = 5
GOAL = 3.0


class Bench:
    """lighttpd with flup alone under ``/flup`` and our room under ``/room``."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._kept = {name: self._listen(name) for name in ('flup', 'room')}
        self._port = free_port()
        servers = ', '.join(
            f'"/{name}" => (( "socket" => "{rig.path(name)}", "check-local" => "disable" ))'
            for name in self._kept
        )
        self.web: Web = rig.lighttpd(
            f'fastcgi.server = ( {servers} )\n$SERVER["socket"] == "127.0.0.1:{self._port}" {{ }}\n'
        )
        self._programs = {name: self.start(name) for name in self._kept}

    def _listen(self, name: str) -> socket.socket:
        kept = socket.socket(socket.AF_UNIX)
        kept.bind(str(self._rig.path(name)))
        kept.listen(1024)
        return kept

    def start(self, name: str) -> Program:
        more = ('--flup',) if name == 'flup' else ('--threads', '16')
        return self._rig.sample('--prefix', f'/{name}', *more, stdin=self._kept[name])

    def restart(self, name: str) -> None:
        """A successor on the same listening socket, then the end of the predecessor."""
        successor = self.start(name)
        self._programs[name].stop()
        assert self._programs[name].wait() == 0
        self._programs[name] = successor

    def load(self, name: str, connections: int, seconds: float) -> subprocess.Popen[str]:
        url = f'http://127.0.0.1:{self._port}/{name}/hello'
        return subprocess.Popen(
            [tool('wrk'), '-t1', f'-c{connections}', f'-d{seconds:g}s', '--latency', url],
            stdout=subprocess.PIPE,
            text=True,
        )

    def rate(self, name: str, connections: int, seconds: float) -> tuple[float, float]:
        """Requests per second and microseconds of processor time; an error in any request ends it all."""
        before = self._processor_time(name)
        said = self.load(name, connections, seconds).communicate()[0]
        assert not errors(said), said
        spent = self._processor_time(name) - before
        return number(r'Requests/sec:\s+([\d.]+)', said), spent * 1e6 / number(r'(\d+) requests in', said)

    def _processor_time(self, name: str) -> float:
        pid = self._programs[name].process.pid
        fields = Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def number(pattern: str, said: str) -> float:
    found = re.search(pattern, said)
    assert found, said
    return float(found[1])


def errors(said: str) -> int:
    """Failed requests in wrk's report."""
    bad = re.search(r'Non-2xx or 3xx responses: (\d+)', said)
    broken = re.search(r'Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)', said)
    return (int(bad[1]) if bad else 0) + (sum(map(int, broken.groups())) if broken else 0)


def free_port() -> int:
    with socket.create_server(('127.0.0.1', 0)) as probe:
        return int(probe.getsockname()[1])


def hello(bench: Bench, seconds: float) -> None:
    """Both in turns, so that a busy moment of the machine hits both; the processor time hardly minds one."""
    print('hello-world behind lighttpd, requests a second (medians) and processor time of a request')
    for connections in CONNECTIONS:
        found: dict[str, list[tuple[float, float]]] = {'flup': [], 'room': []}
        for _ in range(ROUNDS):
            for name, measured in found.items():
                measured.append(bench.rate(name, connections, seconds))
        (flup, flup_cost), (room, room_cost) = (
            (statistics.median(column) for column in zip(*measured, strict=True))
            for measured in found.values()
        )
        print(
            f'  {connections:3d} connections  flup {flup:7.0f} ({flup_cost:3.0f} us)'
            f'  ours {room:7.0f} ({room_cost:3.0f} us)  {room / flup:.1f} x'
            + (f'   (goal: {GOAL:g} x)' if connections == 16 else ''),
            flush=True,
        )


def slow(bench: Bench) -> None:
    """More requests at once than there are threads."""
    begun = time.perf_counter()
    with ThreadPoolExecutor(SLOW) as many:
        answers = list(many.map(lambda _: bench.web.ask('/room/slow?0.25').status, range(SLOW)))
    spent = time.perf_counter() - begun
    answered = answers.count(200)
    print(
        f'{SLOW} requests of 0.25 s at once on 16 threads: {answered} answered in {spent:.1f} s', flush=True
    )


def restarts(bench: Bench, seconds: float) -> None:
    """Restarts while 16 connections ask without a pause."""
    running = bench.load('room', 16, max(seconds, RESTARTS * 2))
    done = 0
    while done < RESTARTS and running.poll() is None:
        bench.restart('room')
        done += 1
    said = running.communicate()[0]
    count = number(r'(\d+) requests in', said)
    print(f'{done} restarts under load, socket kept outside: {errors(said)} errors in {count:.0f} requests')


def main(arguments: list[str]) -> None:
    seconds = float(arguments[0]) if arguments else 3.0
    directory = Path(tempfile.mkdtemp(prefix='pyro-'))
    with contextlib.closing(Rig(directory)) as rig:
        bench = Bench(rig)
        hello(bench, seconds)
        slow(bench)
        restarts(bench, seconds)
    shutil.rmtree(directory)


if __name__ == '__main__':
    main(sys.argv[1:])
