"""Free space on the disks that a client saves to: measured where they are ours to see, else as the client says."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from lib.errors import PyroError
from model.fields import INDEX, Row

log = logging.getLogger(__name__)

EVERY = 30.0  # seconds
MOST = 200  # paths that are looked at, the most used ones
MOST_ASKED = 20  # of which the client is asked
ALIKE = 2**26  # bytes: where nothing else tells, two paths whose free space differs by less are one disk
_FIRST = 0.3  # seconds that the first answer is waited for
_HASH, _OPEN = INDEX['hash'], INDEX['is_open']
_DIRECTORY, _SEVERAL = INDEX['directory'], INDEX['is_multi_file']

Space = tuple[str, int, int]  # path, bytes free, bytes in all (0: not told)
Ask = Callable[[Sequence[str]], Sequence[int | None]]


class Spaces:
    """Looked at in a thread of its own, for a disk that hangs must not hold up the poller.

    :param ask: what the client says, as :meth:`model.backends.base.Backend.free_space_of`.
    :param rows: gives its torrents.
    :ivar known: one entry for each file system; the client's default directory first, then the most used path of each.
    :ivar free: bytes free in the default directory, None where it cannot be said.
    """

    def __init__(self, ask: Ask, rows: Callable[[], Sequence[Row]]) -> None:
        self.known: tuple[Space, ...] = ()
        self.free: int | None = None
        self._ask = ask
        self._rows = rows
        self._at = float('-inf')
        self._measured = threading.Event()
        self._thread: threading.Thread | None = None

    def refresh(self, directory: str) -> None:
        """Look again where it is time.

        :param directory: the client's default one; ``''`` where its disks are not ours to see, and it has to be asked.
        """
        now = time.monotonic()
        if now - self._at < EVERY or (self._thread and self._thread.is_alive()):
            return
        first, self._at = self._thread is None, now
        self._thread = threading.Thread(target=self._run, args=(directory,), name='spaces', daemon=True)
        self._thread.start()
        if first:
            self._measured.wait(_FIRST)

    def _run(self, directory: str) -> None:
        try:
            rows = self._rows()
            if directory:
                self.known, self.free = measure(directory, save_paths(rows))
            else:
                self.known, self.free = spaces_of(self._ask, rows), None
        except PyroError as error:  # that a client does not answer is said elsewhere
            log.info('Free space: %s', error)
        finally:
            self._measured.set()


def save_paths(rows: Iterable[Row]) -> list[str]:
    """Where the data of torrents lies, the most used first."""
    folders = Counter((row[_DIRECTORY], bool(row[_SEVERAL])) for row in rows if row[_DIRECTORY])
    paths: Counter[str] = Counter()
    for (folder, several), number in folders.items():
        paths[_parent(folder) if several else folder] += number
    return [path for path, _ in paths.most_common(MOST)]


def _save_path(row: Row) -> str:
    return _parent(row[_DIRECTORY]) if row[_SEVERAL] else row[_DIRECTORY]


def _parent(folder: str) -> str:
    """A torrent's own directory counts as the one it is in."""
    return os.path.dirname(folder.rstrip('/'))


def measure(default: str, paths: Iterable[str]) -> tuple[tuple[Space, ...], int | None]:
    """Each file system once, and the space of ``default``; what is not there or not ours is left out."""
    default = os.path.expanduser(default)
    found: dict[int, Space] = {}
    free = None
    for path in dict.fromkeys((default, *paths)):
        try:
            device = os.stat(path).st_dev
            if device in found:
                continue
            disk = os.statvfs(path)
        except (OSError, ValueError):
            continue
        found[device] = (path, disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize)
        if path == default:
            free = found[device][1]
    return tuple(found.values()), free


def spaces_of(ask: Ask, rows: Sequence[Row]) -> tuple[Space, ...]:
    """What a client says of the disks of its torrents; each once, as far as their free space tells them apart.

    :param ask: gives the free bytes for each of some open torrents, by info hash.
    """
    found: list[Space] = []
    some = _one_open_in_each(rows)
    answers = ask([*some.values()]) if some else ()
    for path, free in zip(some, answers, strict=True):
        if free is not None and all(abs(free - known) > ALIKE for _, known, _ in found):
            found.append((path, free, 0))
    return tuple(found)


def _one_open_in_each(rows: Sequence[Row]) -> dict[str, str]:
    """An open torrent for each of the most used save paths that have one."""
    one = {_save_path(row): row[_HASH] for row in rows if row[_OPEN] and row[_DIRECTORY]}
    paths = [path for path in save_paths(rows) if path in one]
    return {path: one[path] for path in paths[:MOST_ASKED]}
