"""A private rTorrent: its own directory, a unix socket, loopback only, gone when we are."""

from __future__ import annotations

import contextlib
import subprocess
import xmlrpc.client
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lib.demo import process, scgi
from lib.errors import ConfigError, PyroError

SOCKET_LIMIT = 100  # bytes; the kernel's limit is 107 and rTorrent cuts longer paths without a word

SETTINGS = """\
system.daemon.set = true
session.path.set = {session}
directory.default.set = {downloads}
network.bind_address.set = {address}
network.local_address.set = {address}
{port_range} = 20000-60000
dht.mode.set = disable
protocol.pex.set = no
trackers.use_udp.set = no
pieces.hash.on_completion.set = no
log.open_file = "log", {log}
log.add_output = "warn", "log"
{more}
network.scgi.open_local = {socket}
"""

RENAMED = {
    'port_range': ('network.listen.port.range.set', 'network.port_range.set'),
}


class Rtorrent:
    """One rTorrent in ``directory`` (made here): ``session``, ``downloads``, ``socket``, ``log`` lie in it.

    :param program: argv that runs rTorrent.
    :param executable: rTorrent itself; the command names in it decide how the configuration is written.
    :param settings: more lines for its configuration, before the socket opens.
    :param address: loopback address for peers.
    :param socket: path of the RPC socket where the directory's own path is too long for one.
    """

    def __init__(
        self,
        directory: Path,
        program: Sequence[str] = ('rtorrent',),
        *,
        executable: Path = Path('/usr/bin/rtorrent'),
        settings: Sequence[str] = (),
        address: str = '127.0.0.1',
        socket: Path | None = None,
    ) -> None:
        self.directory = directory
        self.session = directory / 'session'
        self.downloads = directory / 'downloads'
        self.log = directory / 'rtorrent.log'
        self.output = directory / 'output.log'
        self.address = address
        self._socket = socket or directory / 'rpc'
        self._program = [*program]
        self._executable = executable
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        if len(bytes(self._socket)) > SOCKET_LIMIT:
            raise ConfigError(f'The socket path {self._socket} is longer than {SOCKET_LIMIT} bytes.')

    @property
    def socket(self) -> str:
        """Path of the RPC socket."""
        return str(self._socket)

    @property
    def url(self) -> str:
        """The target's URL, for ``rtorrent_config``."""
        return f'scgi://{self._socket}'

    @property
    def pid(self) -> int:
        """Process id. :raises PyroError: it was never started."""
        if self._process is None:
            raise PyroError('This rTorrent was never started.')
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def start(self, timeout: float = 60.0) -> Rtorrent:
        """Start it and wait until it answers.

        :param timeout: seconds it may take.
        :raises ConfigError: rTorrent is not installed.
        :raises PyroError: it ended at once or did not answer; the text holds what it printed.
        """
        for directory in (self.session, self.downloads):
            directory.mkdir(parents=True, exist_ok=True)
        self._socket.unlink(missing_ok=True)
        configuration = self.directory / 'rtorrent.rc'
        configuration.write_text(self._configuration(), encoding='utf-8')
        self._process = process.spawn(
            [*self._program, '-n', '-o', f'import={configuration}'], output=self.output, cwd=self.directory
        )
        process.wait_for(self._answers, timeout, f'rTorrent to answer at {self.socket}')
        return self

    def call(self, method: str, *params: Any) -> Any:
        """Call a command; see :func:`lib.demo.scgi.call`."""
        return scgi.call(self.socket, method, *params)

    def hashes(self) -> list[str]:
        """Info hashes of all its torrents, upper case."""
        return [str(value) for value in self.call('download_list', '', 'main')]

    def load(self, torrent: bytes, info_hash: str, *, start: bool = False) -> None:
        """Load a torrent and wait until it is there.

        :raises PyroError: rTorrent did not take it within a minute (its own answer is 0 either way).
        """
        self.call('load.raw_start' if start else 'load.raw', '', xmlrpc.client.Binary(torrent))
        process.wait_for(lambda: info_hash in self.hashes(), 60, f'torrent {info_hash} to be loaded')

    def stop(self) -> None:
        """End it in order: the session is saved. Does nothing when it does not run."""
        if self._process is not None:
            self._settle()
            process.end(self._process)

    def kill(self) -> None:
        """End it at once, as a crash would: its socket and lock file stay behind."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def restart(self) -> Rtorrent:
        """Stop and start again with the same session."""
        self.stop()
        return self.start()

    def _configuration(self) -> str:
        commands = self._executable.read_bytes() if self._executable.exists() else b''
        names = {key: new if new.encode() in commands else old for key, (new, old) in RENAMED.items()}
        return SETTINGS.format(
            session=self.session,
            downloads=self.downloads,
            address=self.address,
            log=self.log,
            more='\n'.join(self._settings),
            socket=self.socket,
            **names,
        )

    def _settle(self) -> None:
        """Give 0.16 the time to save new torrents: told to end in the middle of it, it forgets them."""
        with contextlib.suppress(OSError, PyroError):
            process.wait_for(
                lambda: all((self.session / f'{digest}.torrent').exists() for digest in self.hashes()),
                2,
                'the session to be saved',
            )

    def _answers(self) -> bool:
        if not self.running:
            printed = self.output.read_text(encoding='utf-8', errors='replace')[-2000:]
            raise PyroError(f'rTorrent ended at once. It printed: {printed}')
        try:
            return bool(self.call('system.pid'))
        except OSError:
            return False
