"""Free space on the disks that a client saves to, where they are ours to see."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable

from model.fields import INDEX, Row

EVERY = 30.0  # seconds
MOST = 200  # paths that are looked at, the most used ones
_FIRST = 0.3  # seconds that the first answer is waited for
_DIRECTORY, _SEVERAL = INDEX['directory'], INDEX['is_multi_file']

Space = tuple[str, int, int]  # path, bytes free, bytes in all


class Spaces:
    """Measured in a thread of its own, for a disk that hangs must not hold up the poller.

    :ivar known: one entry for each file system; the client's default directory first, then the most used path of each.
    :ivar free: bytes free in the default directory, None where it cannot be said.
    """

    def __init__(self) -> None:
        self.known: tuple[Space, ...] = ()
        self.free: int | None = None
        self._at = float('-inf')
        self._measured = threading.Event()
        self._thread: threading.Thread | None = None

    def refresh(self, default: str, rows: Callable[[], Iterable[Row]]) -> None:
        """Measure again where it is time.

        :param default: the client's default directory; ``''`` where its disks are not ours to see.
        :param rows: gives the torrents.
        """
        now = time.monotonic()
        if not default or now - self._at < EVERY or (self._thread and self._thread.is_alive()):
            return
        first, self._at = self._thread is None, now
        self._thread = threading.Thread(target=self._run, args=(default, rows), name='spaces', daemon=True)
        self._thread.start()
        if first:
            self._measured.wait(_FIRST)

    def _run(self, default: str, rows: Callable[[], Iterable[Row]]) -> None:
        default = os.path.expanduser(default)
        self.known, self.free = measure(default, save_paths(rows()))
        self._measured.set()


def save_paths(rows: Iterable[Row]) -> list[str]:
    """Where the data of torrents lies, the most used first; a torrent's own directory counts as the one it is in."""
    folders = Counter((row[_DIRECTORY], bool(row[_SEVERAL])) for row in rows if row[_DIRECTORY])
    paths: Counter[str] = Counter()
    for (folder, several), number in folders.items():
        paths[os.path.dirname(folder.rstrip('/')) if several else folder] += number
    return [path for path, _ in paths.most_common(MOST)]


def measure(default: str, paths: Iterable[str]) -> tuple[tuple[Space, ...], int | None]:
    """Each file system once, and the space of ``default``; what is not there or not ours is left out."""
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
