"""Debian's aria2c: its own directory, loopback only, gone when we are."""

from __future__ import annotations

import runpy
import subprocess
from pathlib import Path
from typing import Any

from lib.errors import PyroError
from lib.targetspecs import TargetSpec
from model.backends.base import Backend
from model.backends.load import make_backend
from tests.rig import end, spawn, wait_for
from tests.rig.ports import free_port

EXAMPLE = Path(__file__).resolve().parents[2] / 'docs' / 'examples' / 'aria2.py'
SECRET = 'not-a-word-of-the-tests'
_TRIES = 3


def example() -> Any:
    """The class of the documentation."""
    return runpy.run_path(str(EXAMPLE))['Aria2']


class Aria:
    """One aria2c below ``directory``, whose data lies in ``downloads``."""

    def __init__(self, directory: Path) -> None:
        self.directory, self.downloads = directory, directory / 'downloads'
        self.downloads.mkdir(parents=True)
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def options(self) -> dict[str, Any]:
        """What the class is made with."""
        return {'secret': SECRET, 'port': self.port}

    def backend(self, name: str = 'aria') -> Backend:
        return make_backend(TargetSpec(name, 'client', client=example(), options=self.options))

    def start(self) -> Aria:
        for _ in range(_TRIES):  # somebody else may take the port before it does
            self.port = self.port or free_port()
            self.process = spawn(self._argv(), output=self.directory / 'output.log', cwd=self.directory)
            wait_for(lambda: self._answers() or self.process.poll() is not None, 60, 'aria2c to answer')  # type: ignore[union-attr]
            if self.process.poll() is None:
                return self
            self.port = 0
        raise RuntimeError((self.directory / 'output.log').read_text())

    def _argv(self) -> list[str]:
        quiet = ['--no-conf', '--enable-dht=false', '--enable-dht6=false', '--bt-enable-lpd=false']
        quiet += ['--enable-peer-exchange=false', '--interface=127.0.0.1', '--console-log-level=warn']
        rpc = [
            '--enable-rpc',
            '--rpc-listen-all=false',
            f'--rpc-listen-port={self.port}',
            f'--rpc-secret={SECRET}',
        ]
        return [
            'aria2c',
            *quiet,
            *rpc,
            f'--dir={self.downloads}',
            f'--listen-port={free_port()}',
            '--seed-ratio=0.0',
        ]

    def _answers(self) -> bool:
        try:
            return bool(example()(**self.options).version())
        except (PyroError, OSError):
            return False

    def stop(self) -> None:
        if self.process is not None:
            end(self.process)
