"""Starts pyroTorrent the way docs/setup.rst says, and ends it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from tests.rig import Rtorrent, Tracker, wait_for
from tests.rig.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = 'correct horse battery'

CONFIG = """\
BASE_URL = '/torrent'
STATIC_URL = '/static/torrent'
STATE_DIR = {state!r}
DOWNLOAD_ROOTS = {roots!r}
FETCH_ALLOWED_NETWORKS = ['127.0.0.0/8']
LOG_FILE = {log!r}
rtorrent_config = {{
    name: {{'scgi': {{'unix-socket': path}}}} for name, path in {sockets!r}.items()
}}
session_options = {{'session.cookie_expires': True}}
"""

# The seed's own recipe; today's lighttpd wants the slash.
LIGHTTPD = """\
server.modules = ( "mod_rewrite", "mod_fastcgi", "mod_alias" )
server.document-root = "{www}"
server.bind = "127.0.0.1"
server.port = {port}
server.errorlog = "{directory}/lighttpd.log"
server.upload-dirs = ( "{directory}" )
mimetype.assign = ( ".css" => "text/css", ".js" => "text/javascript", ".svg" => "image/svg+xml",
    ".png" => "image/png" )
url.rewrite-once = ( "^/torrent" => "/torrent.tfcgi" )
fastcgi.server += ( ".tfcgi" => ( "torrentfcgi" => ( "socket" => "{fcgi}", "docroot" => "{root}" ) ) )
alias.url += ( "/static/torrent/" => "{root}/static/" )
"""


class Stack:
    """:param clients: the rTorrents by the names of their targets, e.g. ``home`` and ``box``."""

    def __init__(self, directory: Path, **clients: Rtorrent) -> None:
        self._clients = clients
        self.directory = directory
        # spawn-fcgi refuses socket paths that are too long for the kernel.
        self._short = Path(tempfile.mkdtemp(prefix='pyro-', dir='/tmp'))
        self.tracker = Tracker()
        self.tracker.__enter__()
        self._configure()
        self._spawn()
        self._serve()

    @property
    def home(self) -> Rtorrent:
        return self._clients['home']

    @property
    def box(self) -> Rtorrent:
        """It seeds what ``home`` downloads."""
        return self._clients['box']

    def _configure(self) -> None:
        values = {
            'state': str(self.directory / 'state'),
            'roots': [str(client.downloads) for client in self._clients.values()],
            'log': str(self.directory / 'pyrotorrent.log'),
            'sockets': {name: client.socket for name, client in self._clients.items()},
        }
        self.config = self.directory / 'config.py'
        self.config.write_text(CONFIG.format(**values))
        self.environ = {**os.environ, 'PYROTORRENT_CONFIG': str(self.config)}

    def command(self, *arguments: str, text: str = '') -> subprocess.CompletedProcess[str]:
        """Run ``pyrotorrent.py`` with arguments; ``text`` is its standard input."""
        return subprocess.run(
            [sys.executable, str(ROOT / 'pyrotorrent.py'), *arguments],
            input=text, env=self.environ, capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip

    def _spawn(self) -> None:
        """The seed's command line; the script finds its ``.venv`` itself."""
        fcgi, pid_file = self._short / 'torrent.sock-1', self._short / 'pid'
        script = str(ROOT / 'pyrotorrent.py')
        argv = ['spawn-fcgi', script, '-s', str(fcgi), '-d', str(ROOT), '-P', str(pid_file)]
        path = os.pathsep.join(
            part for part in os.environ['PATH'].split(os.pathsep) if part != str(Path(sys.executable).parent)
        )
        subprocess.run(argv, env={**self.environ, 'PATH': path}, check=True, capture_output=True, timeout=60)
        self._pid = int(pid_file.read_text())

    def _serve(self) -> None:
        port = free_port()
        www = self.directory / 'www'
        www.mkdir()
        (www / 'torrent.tfcgi').touch()
        conf = self.directory / 'lighttpd.conf'
        conf.write_text(
            LIGHTTPD.format(
                www=www, port=port, directory=self.directory, fcgi=self._short / 'torrent.sock-1', root=ROOT
            )
        )
        program = shutil.which('lighttpd', path='/usr/sbin:/usr/bin')
        assert program, 'lighttpd is missing: apt-get install lighttpd'
        self._lighttpd = subprocess.Popen([program, '-D', '-f', str(conf)])
        self.origin = f'http://127.0.0.1:{port}'
        self.url = f'{self.origin}/torrent/'
        wait_for(self._answers, 30, 'pyroTorrent to answer behind lighttpd')

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f'{self.url}health', timeout=10) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def close(self) -> None:
        self._lighttpd.kill()
        self._lighttpd.wait()
        os.kill(self._pid, signal.SIGTERM)
        wait_for(lambda: not Path('/proc', str(self._pid)).exists(), 30, 'pyroTorrent to end')
        self.tracker.__exit__(None, None, None)
        shutil.rmtree(self._short)
