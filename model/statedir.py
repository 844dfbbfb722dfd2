"""The state directory: what only our user may read, and the secret that signs the session cookies.

Everything that decides who may log in lies below ``STATE_DIR``. Another user who could write there could plant a
session or a password, so a directory or file that others can reach is refused, not repaired: by then it may have
been read or changed already.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import tempfile
from pathlib import Path

from lib.config import Config
from lib.errors import StateError

KEY_FILE = 'secret'
SECRET_BYTES = 32


def prepare(config: Config) -> Path:
    """The state directory, made with mode 0700 where it does not exist.

    :raises StateError: it cannot be made, is another user's, or is open to others.
    """
    return private_directory(Path(config.STATE_DIR))


def secret(config: Config) -> bytes:
    """The key that signs the cookies: 32 random bytes, made once and shared by all processes of this directory.

    :raises StateError: the file cannot be made, is open to others, or does not hold a key.
    """
    path = prepare(config) / KEY_FILE
    try:
        if not path.exists():
            _make_once(path, secrets.token_hex(SECRET_BYTES) + '\n')
        return _read(path)
    except OSError as error:
        raise StateError(f'The secret file {path} cannot be used: {error.strerror}.') from error


def private_directory(path: Path) -> Path:
    """``path`` as a directory of ours alone; made where it does not exist.

    :raises StateError: it cannot be made, is another user's, or is open to others.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=0o700)
        found = path.stat()
    except OSError as error:
        raise StateError(
            f'The directory {path} cannot be made: {error.strerror}. Make it yourself, or set STATE_DIR to a '
            'directory that our user may write to.'
        ) from error
    if not stat.S_ISDIR(found.st_mode):
        raise StateError(f'{path} has to be a directory and is none. Move it away, or set another STATE_DIR.')
    refuse_shared(path, found)
    return path


def private_file(path: Path) -> None:
    """Make ``path`` an empty file of mode 0600 where it does not exist.

    :raises OSError: it can be neither made nor looked at.
    :raises StateError: it is another user's, or is open to others.
    """
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
    except FileExistsError:
        refuse_shared(path, path.stat())


def refuse_shared(path: Path, found: os.stat_result) -> None:
    """Refuse what another user owns or may reach.

    :raises StateError: with the command that puts it right.
    """
    if found.st_uid != os.geteuid():
        raise StateError(
            f'{path} belongs to user {found.st_uid} and we run as user {os.geteuid()}. Start pyroTorrent as its '
            f'owner, or give it to us: chown -R {os.geteuid()} {path}'
        )
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o077:
        wanted = 'u=rwX,go='
        raise StateError(
            f'{path} is open to other users (mode {mode:04o}), who could read or plant logins. If you trust what '
            f'is in it, close it: chmod -R {wanted} {path}. If not, delete it and start anew.'
        )


def _make_once(path: Path, text: str) -> None:
    """Write ``path`` whole or not at all; of several processes that try at once, one wins and all use its file."""
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f'.{path.name}.')  # O_EXCL, mode 0600
    try:
        with os.fdopen(number, 'w') as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(name, path)
    finally:
        os.unlink(name)
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _read(path: Path) -> bytes:
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW)) as file:
        refuse_shared(path, os.fstat(file.fileno()))
        text = file.read(1024).strip()
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b''
    if len(key) < SECRET_BYTES:
        raise StateError(
            f'The secret file {path} does not hold a key of at least {SECRET_BYTES} bytes in hexadecimal. Delete '
            'it: a new one is made at the next start, and everybody has to log in again.'
        )
    return key
