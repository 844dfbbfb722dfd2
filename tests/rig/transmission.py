"""transmission-daemon, Debian's stable or testing one: its own directory, random ports, loopback, gone when we are."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from lib.demo.process import end, spawn
from lib.demo.torrents import Made
from lib.errors import PyroError
from lib.wire.transmission import Link
from lib.wire.transmission_refusals import PATH
from model.backends.transmission import TransmissionBackend
from tests.rig.factory import PREFIX
from tests.rig.frozen import freeze
from tests.rig.patience import wait_for
from tests.rig.ports import free_port
from tests.rig.testing_suite import of_testing

PROGRAM = 'transmission-daemon'
VERSIONS = ('3.00', '4')
#: Nothing that looks for peers by itself or leaves the machine.
QUIET: dict[str, Any] = {
    'bind-address-ipv4': '127.0.0.1',
    'bind-address-ipv6': '::1',
    'blocklist-enabled': False,
    'dht-enabled': False,
    'incomplete-dir-enabled': False,
    'lpd-enabled': False,
    'pex-enabled': False,
    'port-forwarding-enabled': False,
    'rpc-authentication-required': False,
    'rpc-bind-address': '127.0.0.1',
    'rpc-enabled': True,
    'rpc-whitelist': '127.0.0.1',
    'scrape-paused-torrents-enabled': False,
    'utp-enabled': False,
}
_TRIES = 3


class Transmission:
    """One transmission-daemon in ``directory`` (made here), whose data lies in ``downloads``.

    :param version: one of :data:`VERSIONS`.
    :param settings: more entries for its settings.json.
    """

    def __init__(self, directory: Path, version: str = VERSIONS[0], **settings: Any) -> None:
        self.directory = directory
        self.downloads = directory / 'downloads'
        self.config = directory / 'config'
        self.settings = {key.replace('_', '-'): value for key, value in settings.items()}
        self.port = 0
        self._program = of_testing(PROGRAM)[0] if version == '4' else [PROGRAM]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where its RPC listens."""
        return f'http://127.0.0.1:{self.port}{PATH}'

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    @property
    def peer_port(self) -> int:
        """Where it listens for peers."""
        return int(json.loads((self.config / 'settings.json').read_text())['peer-port'])

    def start(self, timeout: float = 30.0) -> Transmission:
        """Start it and wait until it answers. A port that somebody took meanwhile costs another try."""
        for left in reversed(range(_TRIES)):
            self._begin()
            try:
                wait_for(self._answers, timeout, f'{PROGRAM} to answer')
            except PyroError:
                self.kill()
                if not left:
                    raise
            else:
                return self
        return self

    def restart(self) -> Transmission:
        """End it in order and start it at the same port."""
        self.stop()
        return self.start()

    def stop(self) -> None:
        """End it in order: what it knows of its torrents is saved."""
        if self._process is not None:
            end(self._process, 20)

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def freeze(self) -> None:
        """Let it answer nobody until :meth:`thaw`."""
        freeze(self.pid)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def link(self, *, timeout: float = 30.0, **more: str) -> Link:
        """A connection of its own, for what a test does behind the back of others."""
        return Link(self.url, target='box', timeout=timeout, **more)

    def backend(self, name: str = 'box', *, timeout: float = 30.0) -> TransmissionBackend:
        """A backend on it."""
        return TransmissionBackend(name, url=self.url, timeout=timeout)

    def load(self, made: Made, *, start: bool = False) -> str:
        """Add a torrent and wait until its data was looked at; its info hash."""
        link = self.link()
        link.ask(lambda client: client.add_torrent(made.data, paused=not start))
        ids: list[int | str] = [made.info_hash.lower()]
        wait_for(
            lambda: (
                link.ask(lambda client: client.get_torrents(ids, ['status'])[0].fields['status'])
                not in (1, 2)
            ),
            30,
            f'the check of {made.name}',
        )
        return made.info_hash

    def _begin(self) -> None:
        for directory in (self.config, self.downloads):
            directory.mkdir(parents=True, exist_ok=True)
        path = self.config / 'settings.json'
        kept = json.loads(path.read_text()) if path.exists() else {'peer-port': free_port()}
        self.port = kept.get('rpc-port') or free_port()
        ours = {'rpc-port': self.port, 'download-dir': str(self.downloads)}
        path.write_text(json.dumps({**kept, **QUIET, **ours, **self.settings}))
        environment = {key: value for key, value in os.environ.items() if not key.lower().endswith('_proxy')}
        self._process = spawn(
            [*self._program, '-f', '-g', str(self.config)],
            output=self.directory / 'output.log',
            cwd=self.directory,
            environment=environment,
        )

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise PyroError(f'{PROGRAM} ended: {(self.directory / "output.log").read_text()[-500:]}')
        with socket.socket() as sock:
            return sock.connect_ex(('127.0.0.1', self.port)) == 0


class TransmissionFactory:
    """Calling it starts a Transmission in a temporary directory; :meth:`close` ends all and removes them."""

    def __init__(self) -> None:
        self._started: list[Transmission] = []

    def __call__(self, version: str = VERSIONS[0], **settings: Any) -> Transmission:
        directory = Path(tempfile.mkdtemp(prefix=f'{PREFIX}{os.getpid()}-', dir='/tmp'))
        made = Transmission(directory, version, **settings)
        self._started.append(made)
        return made.start()

    def close(self) -> None:
        while self._started:
            made = self._started.pop()
            made.kill()
            shutil.rmtree(made.directory, ignore_errors=True)
