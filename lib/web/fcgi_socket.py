"""The listening socket of the FastCGI server: taken over as fd 0, or made here.

A socket file is only ever removed when nobody listens on it and it is the very file we listened on.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import socket
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager

from lib.errors import ConfigError

_LONGEST_PATH = 107
_LOCK_ATTEMPTS = 50


class Listener:
    """A listening socket and, for a unix socket, the file it belongs to.

    :ivar socket: non-blocking and listening; the kernel's queue of waiting connections is ours.
    :ivar address: for people: the path or ``host:port``.
    """

    def __init__(self, listening: socket.socket, *, owned: bool) -> None:
        self.socket = listening
        self.address = _describe(listening)
        self._owned = owned
        self._file = _identity(self.address) if listening.family == socket.AF_UNIX else None

    def withdraw(self) -> None:
        """Take our own socket file away, so that nobody new connects while the queue is emptied."""
        if self._owned:
            self._unlink()

    def close(self) -> None:
        """Stop listening; leave no stale socket file behind, and never take away a live one.

        A socket handed to us (fd 0) may be kept open by a supervisor or a sibling: then the file stays.
        """
        self.socket.close()
        if self._file is None:
            return
        with _locked(os.path.dirname(self.address)):
            if _identity(self.address) == self._file and not _answers(self.address):
                self._unlink()

    def _unlink(self) -> None:
        if self._file is not None and _identity(self.address) == self._file:
            try:
                os.unlink(self.address)
            except OSError:
                return  # e.g. spawn-fcgi made it as root in /run; it replaces a stale one by itself
            self._file = None


def inherited(queue: int) -> Listener:
    """The listening socket on fd 0, as spawn-fcgi, lighttpd and systemd hand it over.

    fd 0 is then pointed at /dev/null: a child process must not inherit the socket as its stdin.

    :param queue: connections the kernel lets wait.
    :raises ConfigError: fd 0 is no listening socket.
    """
    try:
        listening = socket.socket(fileno=os.dup(0))
    except OSError as error:
        raise ConfigError(_NOT_SPAWNED) from error
    if not _is_listening(listening):
        listening.close()
        raise ConfigError(_NOT_SPAWNED)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    listening.listen(queue)
    listening.setblocking(False)
    return Listener(listening, owned=False)


_NOT_SPAWNED = (
    'The FastCGI server found no listening socket on its standard input. '
    'Start it with spawn-fcgi, or give it an address: --bind /path/to/socket or --bind 127.0.0.1:9000.'
)


def bound(bind: str, mode: int | None, queue: int) -> Listener:
    """A new listening socket.

    :param bind: a path (contains a ``/``) or ``host:port``, ``[host]:port`` for IPv6.
    :param mode: permission bits of a socket file; ``None`` means 0600, our user alone.
    :param queue: connections the kernel lets wait.
    :raises ConfigError: the address is malformed, in use, or may not be used by us.
    """
    listening = _bind_path(bind, mode) if '/' in bind else _bind_tcp(bind)
    listening.listen(queue)
    listening.setblocking(False)
    return Listener(listening, owned=True)


def _bind_path(path: str, mode: int | None) -> socket.socket:
    path = os.path.abspath(path)
    if len(os.fsencode(path)) > _LONGEST_PATH:
        raise ConfigError(
            f'The socket path {path} is longer than {_LONGEST_PATH} bytes, which unix sockets do not allow. '
            'Choose a shorter one, for example in /run.'
        )
    if not os.path.isdir(os.path.dirname(path)):
        raise ConfigError(
            f'The socket {path} cannot be made: its directory does not exist. Create it or choose another.'
        )
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # Linux gives the file the mode of the unbound socket, so nobody can slip in before the chmod.
        os.fchmod(listening.fileno(), 0o600)
        with _locked(os.path.dirname(path)):
            _remove_stale(path)
            listening.bind(path)
            # Listening before the lock goes: another start must see a live owner, not a stale file.
            listening.listen(1)
        os.chmod(path, 0o600 if mode is None else mode)
    except OSError as error:
        listening.close()
        raise ConfigError(f'The socket {path} cannot be made: {error.strerror or error}.') from error
    except ConfigError:
        listening.close()
        raise
    return listening


def _remove_stale(path: str) -> None:
    """Make room at ``path``: remove a socket nobody listens on, refuse anything else."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(found.st_mode):
        raise ConfigError(f'{path} exists and is not a socket. Remove it or choose another path.')
    if _answers(path):
        raise ConfigError(
            f'Another process is already serving on {path}. Stop it first, or choose another path.'
        )
    os.unlink(path)


def _answers(path: str) -> bool:
    """Whether somebody listens on the socket file; when in doubt, yes."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        try:
            probe.connect(path)
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except OSError:
            return True
    return True


def _bind_tcp(bind: str) -> socket.socket:
    host, port = _split(bind)
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise ConfigError(f'The address {bind} cannot be resolved: {error.strerror}.') from error
    listening = socket.socket(family, kind)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(address)
    except OSError as error:
        listening.close()
        raise ConfigError(_tcp_refusal(bind, error)) from error
    return listening


def _tcp_refusal(bind: str, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f'The address {bind} is already in use. Stop the program that listens there, or choose another.'
        )
    return f'The address {bind} cannot be used: {error.strerror or error}.'


def _split(bind: str) -> tuple[str, int]:
    matched = re.fullmatch(r'(?:\[([0-9A-Fa-f:.%a-z]+)\]|([^:\[\]]+)):([0-9]{1,5})', bind)
    if matched is None or int(matched[3]) > 65535:
        raise ConfigError(
            f'“{bind}” is not an address to serve on. Give a path with a slash, as /run/pyrotorrent/fcgi.sock, '
            'or host:port, as 127.0.0.1:9000.'
        )
    return matched[1] or matched[2], int(matched[3])


def _is_listening(candidate: socket.socket) -> bool:
    try:
        return bool(candidate.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    except OSError:
        return False


def _describe(listening: socket.socket) -> str:
    name = listening.getsockname()
    if listening.family == socket.AF_UNIX:
        # An abstract address has no file; its NUL is shown as the customary @.
        return name if isinstance(name, str) else os.fsdecode(name).replace('\0', '@')
    host, port = name[:2]
    return f'[{host}]:{port}' if ':' in host else f'{host}:{port}'


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.lstat(path)
    except (OSError, ValueError):
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISSOCK(found.st_mode) else None


@contextmanager
def _locked(directory: str) -> Iterator[None]:
    """Keep two of us from judging and replacing the same socket file at once.

    The directory itself is locked, so no lock file is left. Anybody may lock a directory they can read:
    after five seconds we go on without it rather than let a stranger keep us from starting.
    """
    try:
        handle = os.open(directory or '.', os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        yield
        return
    try:
        for _ in range(_LOCK_ATTEMPTS):
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                time.sleep(0.1)
        yield
    finally:
        os.close(handle)
