"""The files of torrents as trees, one directory at a time, however many files there are.

A torrent may have 100,000 files: they are read in one request, made into a tree once and kept for some seconds, longer
where reading took long, while somebody opens one directory after the other. Each process keeps its own; what another
one changed shows when the time is over.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from lib.errors import NotFound
from lib.words import said
from model.backends.base import FileRow

#: Deeper directories count as part of the names in them.
MAX_DEPTH = 32
KEPT = 8  # trees
FRESH = 3.0  # seconds
_SHARE = 10  # what took long to read is good for at least so many times as long, at most LONGEST seconds
LONGEST = 60.0
IDLE = 120.0  # seconds after which a tree that nobody looks at is let go of


@dataclass
class Directory:
    """A directory and what is below it, at any depth.

    :ivar files: those right in it; ``count`` of all below, ``size`` and ``done`` in bytes.
    :ivar priorities: those that occur below.
    """

    name: str
    path: str
    dirs: dict[str, Directory] = field(default_factory=dict)
    files: list[tuple[str, FileRow]] = field(default_factory=list)
    count: int = 0
    size: int = 0
    done: int = 0
    priorities: set[int] = field(default_factory=set)

    @property
    def priority(self) -> int | None:
        """The priority of everything below, None where there are several."""
        return next(iter(self.priorities)) if len(self.priorities) == 1 else None

    def add(self, file: FileRow) -> None:
        self.count += 1
        self.size += file.size
        self.done += file.completed_bytes
        self.priorities.add(file.priority)

    def entries(self) -> list[Directory | tuple[str, FileRow]]:
        """Directories, then files, by name."""
        dirs = sorted(self.dirs.values(), key=lambda each: each.name.casefold())
        return [*dirs, *sorted(self.files, key=lambda each: each[0].casefold())]

    def indexes(self) -> Iterator[int]:
        """The numbers of all files below."""
        waiting = [self]
        while waiting:
            place = waiting.pop()
            waiting.extend(place.dirs.values())
            yield from (file.index for _, file in place.files)


def tree(files: list[FileRow]) -> Directory:
    """The root of the tree. Empty parts of a path do not count."""
    root = Directory('', '')
    for file in files:
        *above, name = _parts(file)
        place = root
        place.add(file)
        for part in above:
            below = place.dirs.get(part)
            if below is None:
                below = place.dirs[part] = Directory(part, f'{place.path}/{part}' if place.path else part)
            place = below
            place.add(file)
        place.files.append((name, file))
    return root


def _parts(file: FileRow) -> list[str]:
    parts = [part for part in file.path.split('/') if part] or [f'file {file.index}']
    return [*parts[:MAX_DEPTH], '/'.join(parts[MAX_DEPTH:])] if len(parts) > MAX_DEPTH else parts


def find(root: Directory, path: str) -> Directory:
    """:raises NotFound: the torrent has no such directory."""
    place = root
    for part in path.split('/') if path else ():
        below = place.dirs.get(part)
        if below is None:
            raise NotFound(said('The torrent has no directory “%(path)s”.', path=path[:200]))
        place = below
    return place


@dataclass
class _Kept:
    until: float = 0.0
    looked: float = 0.0
    root: Directory | None = None
    turn: threading.Lock = field(default_factory=threading.Lock)


class FileTrees:
    """The trees that were looked at last.

    :param clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()
        self._timer: threading.Timer | None = None

    def get(self, key: tuple[str, str], read: Callable[[], list[FileRow]]) -> Directory:
        """The tree of the torrent ``key`` (target, info hash); of those who ask at once, one reads it."""
        kept = self._place(key)
        with kept.turn:
            if kept.root is None or self._clock() >= kept.until:
                began = self._clock()
                kept.root = tree(read())
                now = self._clock()
                kept.until = now + min(max(FRESH, _SHARE * (now - began)), LONGEST)
            return kept.root

    def forget(self, key: tuple[str, str]) -> None:
        """Read it anew next time, after a change."""
        with self._lock:
            self._kept.pop(key, None)

    def _place(self, key: tuple[str, str]) -> _Kept:
        with self._lock:
            kept = self._kept.setdefault(key, _Kept())
            kept.looked = self._clock()
            self._kept.move_to_end(key)
            self._sweep_later()
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return kept

    def sweep(self) -> None:
        """Let go of the trees that nobody has looked at for IDLE seconds."""
        with self._lock:
            self._timer = None
            old = self._clock() - IDLE
            for key in [key for key, kept in self._kept.items() if kept.looked <= old]:
                del self._kept[key]
            if self._kept:
                self._sweep_later()

    def _sweep_later(self) -> None:
        """Have :meth:`sweep` called; the lock is held."""
        if self._timer is None:
            self._timer = threading.Timer(IDLE, self.sweep)
            self._timer.name, self._timer.daemon = 'trees', True
            with contextlib.suppress(RuntimeError):  # no room for one more thread: some later look has it
                self._timer.start()
                return
            self._timer = None
