"""Starts the sample program and real web servers for a test, and ends them."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.rig.ports import free_port

HERE = Path(__file__).resolve().parent
SAMPLE = HERE / 'sample.py'
NOBODY = 65534
PATIENCE = 60.0


def until(condition: Callable[[], object], what: str) -> object:
    """Wait for a condition, failing with ``what`` when it does not come true."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f'waited {PATIENCE:g} s in vain: {what}')


def tool(name: str) -> str:
    """A program of the system, found also where a user's PATH does not look."""
    found = shutil.which(name, path=f'{os.environ.get("PATH", "")}:/usr/sbin:/sbin')
    assert found, f'{name} is missing: apt-get install {name}'
    return found


@dataclass
class Program:
    """A running sample program."""

    process: subprocess.Popen[str]
    address: str

    def stop(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)

    def wait(self) -> int:
        return self.process.wait(PATIENCE)

    def alive(self) -> bool:
        return self.process.poll() is None


class Rig:
    """What a test has started, in order; ``close`` ends it all."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._ending = contextlib.ExitStack()
        self._numbers = iter(range(1000))

    def close(self) -> None:
        self._ending.close()

    def path(self, name: str) -> Path:
        return self.directory / name

    def sample(self, *arguments: str, stdin: socket.socket | None = None) -> Program:
        """The sample program, once it is ready."""
        process = self.process([sys.executable, str(SAMPLE), *arguments], stdin=stdin)
        address = process.stdout.readline().strip()
        assert address, process.stderr.read()
        return Program(process, address)

    def process(self, command: list[str], stdin: socket.socket | None = None) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL if stdin is None else stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.adopt(process)
        return process

    def adopt(self, process: subprocess.Popen[str]) -> None:
        """End this process with the test."""
        self._ending.callback(_end, process)

    def web(self, host: str, port: int) -> Web:
        return Web((host, port))

    def fcgi(self, *arguments: str) -> Program:
        """The sample program on a unix socket of its own; ``address`` is the path."""
        return self.sample('--bind', str(self.path('fcgi.sock')), *arguments)

    def spawn(self, socket_path: Path, *arguments: str) -> int:
        """The sample program started by the real spawn-fcgi; its process id."""
        number = next(self._numbers)
        pid_file = self.path(f'spawned-{number}.pid')
        script = self.path(f'spawned-{number}.sh')
        script.write_text(f'#!/bin/sh\nexec {sys.executable} {SAMPLE} {" ".join(arguments)}\n')
        script.chmod(0o755)
        subprocess.run(
            [tool('spawn-fcgi'), '-s', str(socket_path), '-P', str(pid_file), '--', str(script)],
            check=True, capture_output=True,
        )  # fmt: skip
        pid = int(pid_file.read_text())
        self._ending.callback(_end_spawned, pid)
        return pid

    def lighttpd(self, configuration: str, modules: str = '"mod_rewrite", "mod_fastcgi", "mod_alias"') -> Web:
        """A real lighttpd on a unix socket."""
        listening = self.path('lighttpd.sock')
        root = self.path('www')
        root.mkdir(exist_ok=True)
        file = self.path('lighttpd.conf')
        file.write_text(
            f'server.modules = ( {modules} )\n'
            f'server.document-root = "{root}"\nserver.bind = "{listening}"\n'
            f'server.errorlog = "{self.path("lighttpd.log")}"\nserver.upload-dirs = ( "{self.directory}" )\n'
            + configuration
        )
        process = self.process([tool('lighttpd'), '-D', '-f', str(file)])
        return self._web(process, listening)

    def nginx(self, locations: str) -> Web:
        """A real nginx on a unix socket."""
        listening = self.path('nginx.sock')
        file = self.path('nginx.conf')
        temporary = ''.join(
            f'{kind}_temp_path {self.directory}/{kind}; '
            for kind in ('client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi')
        )
        file.write_text(
            f'daemon off; master_process off; pid {self.path("nginx.pid")}; error_log {self.path("nginx.log")};\n'
            f'events {{ }} http {{ access_log off; {temporary}\n'
            f'server {{ listen unix:{listening};\n{locations}\n}} }}\n'
        )
        process = self.process([tool('nginx'), '-p', str(self.directory), '-c', str(file), '-e', 'stderr'])
        return self._web(process, listening)

    def apache(self, configuration: str) -> Web:
        """A real Apache with the modules that docs/setup.rst asks for; it knows no unix sockets to listen on."""
        port = free_port()
        modules = ('mpm_event', 'authz_core', 'env', 'proxy', 'proxy_fcgi', 'proxy_http')
        loaded = ''.join(
            f'LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n' for name in modules
        )
        who = ''
        if (
            os.geteuid() == 0
        ):  # which it would not serve as; our group may use the socket, as in the documentation
            who = f'User #{NOBODY}\nGroup #{os.getegid()}\n'
            self.directory.chmod(0o750)
        file = self.path('apache.conf')
        file.write_text(
            f'ServerRoot "{self.directory}"\nServerName localhost\nListen 127.0.0.1:{port}\n{loaded}{who}'
            f'PidFile "{self.path("apache.pid")}"\nErrorLog "{self.path("apache.log")}"\n'
            # As many at a time as in Debian, in one process that need not be started meanwhile.
            'ServerLimit 1\nThreadLimit 150\nThreadsPerChild 150\nMaxRequestWorkers 150\n'
            f'KeepAliveTimeout 1\nDefaultRuntimeDir "{self.directory}"\nDocumentRoot "{self.directory}"\n'
            + configuration
        )
        process = self.process([tool('apache2'), '-D', 'FOREGROUND', '-f', str(file)])
        self._ending.callback(_end_with_children, process)

        def ready() -> bool:
            assert process.poll() is None, process.stderr.read() + self.path('apache.log').read_text()
            with socket.socket() as probe:
                return probe.connect_ex(('127.0.0.1', port)) == 0

        until(ready, 'Apache listens')
        return Web(('127.0.0.1', port), process)

    def _web(self, process: subprocess.Popen[str], listening: Path) -> Web:
        def ready() -> bool:
            assert process.poll() is None, process.stderr.read()
            return connects(listening)

        until(ready, 'the web server listens')
        return Web(listening, process)


@dataclass
class Web:
    """An HTTP server on a unix socket, or on ``(host, port)``."""

    address: Path | tuple[str, int]
    process: subprocess.Popen[str] | None = None

    @contextlib.contextmanager
    def open(self) -> Iterator[http.client.HTTPConnection]:
        """A connection for as long as the block lasts; an answer that is still coming is left."""
        connection = self._connection()
        used = connection.sock
        try:
            yield connection
        finally:
            # http.client may have handed the socket to the response; shutdown reaches it there too.
            with contextlib.suppress(OSError), socket.socket(fileno=os.dup(used.fileno())) as same:
                same.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection('localhost', timeout=PATIENCE)
        if isinstance(self.address, tuple):
            connection.sock = socket.create_connection(self.address, PATIENCE)
        else:
            connection.sock = socket.socket(socket.AF_UNIX)
            connection.sock.settimeout(PATIENCE)
            connection.sock.connect(str(self.address))
        return connection

    def ask(self, path: str, body: bytes | None = None, method: str | None = None) -> Reply:
        """One request; an answer that breaks off raises ``http.client.IncompleteRead`` or a socket error."""
        with contextlib.closing(self._connection()) as connection:
            connection.request(method or ('GET' if body is None else 'POST'), path, body)
            response = connection.getresponse()
            return Reply(response.status, response.read(), response.headers)


@dataclass
class Reply:
    status: int
    body: bytes
    headers: http.client.HTTPMessage


def connects(path: Path) -> bool:
    """Whether anybody listens on a unix socket."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.kill()
    process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()


def _end_with_children(process: subprocess.Popen[str]) -> None:
    """Those of Apache outlive one that is killed."""
    process.terminate()
    process.wait(PATIENCE)


def exists(pid: int) -> bool:
    """Whether a process that is not our child runs."""
    try:
        state = Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != 'Z'


def _end_spawned(pid: int) -> None:
    if exists(pid):
        os.kill(pid, signal.SIGKILL)
