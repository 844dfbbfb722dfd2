"""A directory that one program at a time uses."""

from __future__ import annotations

import fcntl
import os
import tempfile
from pathlib import Path

from lib.errors import Conflict, StateError
from model import statedir

LOCK = 'in-use'
BELOW = 'manager'  # so that it never is a server's own STATE_DIR


class Place:
    """The directory, ours until closed or until this process ends, however it ends.

    :param parent: where it is made; None for a temporary one, which is removed in the end.
    :raises StateError: it cannot be made or is open to others.
    :raises Conflict: another program uses it.
    """

    def __init__(self, parent: str | os.PathLike[str] | None) -> None:
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        if parent is None:
            self._temporary = tempfile.TemporaryDirectory(prefix='pyrotorrent-', ignore_cleanup_errors=True)
            self.path = self._temporary.name
        else:
            self.path = str(statedir.private_directory(Path(os.fspath(parent)).expanduser() / BELOW))
        self._lock = self._locked()

    def _locked(self) -> int:
        file = Path(self.path) / LOCK
        try:
            lock = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise StateError(f'{file} cannot be made: {error.strerror}.') from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(lock)
            raise Conflict(
                f'Another program uses {self.path} already. Give each its own state_dir, or end the other one.'
            ) from error
        return lock

    def close(self) -> None:
        """Let go of it."""
        os.close(self._lock)
        if self._temporary is not None:
            self._temporary.cleanup()
