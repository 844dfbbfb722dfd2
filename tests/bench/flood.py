"""Flood from the npm registry, as its own documentation starts it, over an rTorrent of ours."""

from __future__ import annotations

import fcntl
import shutil
import socket
import subprocess
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from tests.e2e.stack import ROOT
from tests.rig import Rtorrent, end, spawn, wait_for

VERSION = '4.11.0'  # the newest that runs on Debian's Node 20; later ones ask for 22
HOME = ROOT / '.cache' / f'flood-{VERSION}'


def install() -> Path:
    """Flood's program file, installed on the first call."""
    program = HOME / 'node_modules' / 'flood' / 'dist' / 'index.js'
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME / 'lock').open('w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.exists():
            command = ['npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
            subprocess.run([*command, '--prefix', str(HOME), f'flood@{VERSION}'], check=True, timeout=600)
    return program


def free_port() -> int:
    with socket.create_server(('127.0.0.1', 0)) as probe:
        return int(probe.getsockname()[1])


class Flood:
    """A running Flood without login; ``url`` is its page, ``pid`` its process."""

    def __init__(self, rtorrent: Rtorrent) -> None:
        self._directory = Path(tempfile.mkdtemp(prefix='pyro-flood-'))
        port = free_port()
        self.url = f'http://127.0.0.1:{port}/'
        options = [
            '--auth',
            'none',
            '--rtsocket',
            rtorrent.socket,
            '--host',
            '127.0.0.1',
            '--port',
            str(port),
        ]
        argv = ['node', str(install()), *options, '--rundir', str(self._directory / 'run')]
        self._process = spawn(argv, output=self._directory / 'output.log', cwd=self._directory)
        self.pid = self._process.pid
        wait_for(self._answers, 60, f'Flood to answer at {self.url}')

    def _answers(self) -> bool:
        assert self._process.poll() is None, (self._directory / 'output.log').read_text()[-2000:]
        try:
            with urllib.request.urlopen(self.url, timeout=10) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def close(self) -> None:
        end(self._process)
        shutil.rmtree(self._directory, ignore_errors=True)
