"""pyroTorrent's embedded server as a process of its own, over an rTorrent of ours, with an account."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

from tests.e2e.stack import PASSWORD, ROOT
from tests.rig import Rtorrent, end, spawn, wait_for

PROGRAM = (sys.executable, str(ROOT / 'pyrotorrent.py'))


class Ours:
    """A running pyroTorrent; ``url`` is its list, ``pid`` its process, ``cookie`` a session of its account.

    :param rtorrents: by the names of their targets.
    :param settings: more for its configuration.
    """

    def __init__(self, settings: dict[str, object] | None = None, **rtorrents: Rtorrent) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix='pyro-ours-'))
        self._write({name: {'url': each.url} for name, each in rtorrents.items()}, settings or {})
        self._environ = {**os.environ, 'PYROTORRENT_CONFIG': str(self.directory / 'config.py')}
        self.command('user', 'add', 'ada', '--password-stdin', text=f'{PASSWORD}\n')
        self.start()
        self.cookie = self._log_in()

    def start(self) -> None:
        """Serve; again after :meth:`kill`, at another port."""
        output = self.directory / 'output.log'
        output.unlink(missing_ok=True)
        serve = [*PROGRAM, 'http', '--port', '0']
        self._process = spawn(serve, output=output, cwd=self.directory, environment=self._environ)
        self.pid = self._process.pid
        wait_for(lambda: ' serves ' in output.read_text() or not self.running, 60, 'pyroTorrent to serve')
        assert self.running, output.read_text()
        self.url = output.read_text().partition(' serves ')[2].split()[0]

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self._process.kill()
        self._process.wait()

    def command(self, *arguments: str, text: str = '') -> str:
        """Run ``pyrotorrent.py`` and return what it prints; ``text`` is its standard input."""
        done = subprocess.run(
            [*PROGRAM, *arguments], input=text, env=self._environ, text=True, check=True, capture_output=True
        )
        return done.stdout

    def _write(self, targets: dict[str, dict[str, str]], settings: dict[str, object]) -> None:
        values = {
            'rtorrent_config': targets,
            'STATE_DIR': str(self.directory / 'state'),
            'LOG_FILE': str(self.directory / 'pyrotorrent.log'),
            **settings,
        }
        lines = [f'{name} = {value!r}\n' for name, value in values.items()]
        (self.directory / 'config.py').write_text(''.join(lines))

    def _log_in(self) -> str:
        body = urlencode({'name': 'ada', 'password': PASSWORD}).encode()
        asked = urllib.request.Request(f'{self.url}login', body, {'Origin': self.url.rstrip('/')})
        opener = urllib.request.build_opener(_Stay)
        with opener.open(asked, timeout=60) as answer:
            return str(answer.headers['Set-Cookie']).partition(';')[0]

    @property
    def log(self) -> str:
        file = self.directory / 'pyrotorrent.log'
        return file.read_text(encoding='utf-8') if file.exists() else ''

    def close(self) -> None:
        end(self._process)
        shutil.rmtree(self.directory, ignore_errors=True)


class _Stay(urllib.request.HTTPErrorProcessor):
    """Takes a redirection as the answer."""

    def http_response(self, request: urllib.request.Request, response: object) -> object:
        return response

    https_response = http_response
