"""Starts rTorrents for a test and ends them after it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from lib.demo.rtorrent import Rtorrent
from tests.rig.testing_suite import of_testing

PREFIX = 'pyro-test-'
VERSIONS = ('0.9.8', '0.16')


class Factory:
    """Calling it starts an rTorrent in a short temporary directory; :meth:`close` ends all and removes them.

    Each start takes some 20 ms, so tests take a fresh one instead of sharing.
    """

    def __init__(self) -> None:
        self._started: list[Rtorrent] = []

    def __call__(
        self,
        version: str = '0.9.8',
        *,
        settings: Sequence[str] = (),
        address: str = '127.0.0.1',
        start: bool = True,
    ) -> Rtorrent:
        """Start one.

        :param version: ``'0.9.8'`` or ``'0.16'``.
        :param settings: more lines for its configuration.
        :param start: ``False`` leaves starting it to the test.
        """
        # A socket path has room for 100 bytes only, less than pytest's own tmp_path may take.
        directory = Path(tempfile.mkdtemp(prefix=f'{PREFIX}{os.getpid()}-', dir='/tmp'))
        if version == '0.16':
            program, executable = of_testing('rtorrent')
            made = Rtorrent(directory, program, executable=executable, settings=settings, address=address)
        else:
            made = Rtorrent(directory, settings=settings, address=address)
        self._started.append(made)
        return made.start() if start else made

    def close(self) -> None:
        """End all that were started and remove their directories."""
        while self._started:
            rtorrent = self._started.pop()
            rtorrent.kill()
            shutil.rmtree(rtorrent.directory, ignore_errors=True)


def sweep() -> None:
    """Remove the directories of test runs that were killed."""
    for directory in (each for place in ('/tmp', '/dev/shm') for each in Path(place).glob(f'{PREFIX}*')):
        owner = directory.name.removeprefix(PREFIX).partition('-')[0]
        if owner.isdigit() and not Path('/proc', owner).exists():
            shutil.rmtree(directory, ignore_errors=True)
