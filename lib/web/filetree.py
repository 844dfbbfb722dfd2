"""The files of a torrent as a tree for the page: directories before their contents, sizes and progress summed up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from lib import format as fmt
from model.backends.base import FileRow

#: Deeper directories are shown as one line with their last part.
MAX_DEPTH = 32
PRIORITIES = {0: 'off', 1: 'normal', 2: 'high'}


@dataclass
class Node:
    """A line of the tree. ``index`` is None for a directory; ``depth`` counts from 0."""

    name: str
    depth: int
    is_dir: bool
    size: str = ''
    done: str = ''
    percent: int = 0
    priority: str = ''
    index: int | None = None
    download_url: str = ''


@dataclass
class _Dir:
    name: str
    dirs: dict[str, _Dir] = field(default_factory=dict)
    files: list[FileRow] = field(default_factory=list)
    size: int = 0
    completed: int = 0


def tree(files: Iterable[FileRow], link: Callable[[FileRow], str], *, binary: bool = True) -> list[Node]:
    """The lines of the tree; ``link`` gives the address a file can be downloaded from, ``''`` where it cannot yet."""
    root = _Dir('')
    for file in files:
        _insert(root, file)
    return list(_lines(root, 0, link, binary))


def _insert(root: _Dir, file: FileRow) -> None:
    """Put a file below its directories, adding its bytes to each of them."""
    place = root
    *above, _ = file.path.split('/', MAX_DEPTH)
    for part in above:
        place = place.dirs.setdefault(part, _Dir(part))
        place.size += file.size
        place.completed += file.completed_bytes
    place.files.append(file)


def _lines(place: _Dir, depth: int, link: Callable[[FileRow], str], binary: bool) -> Iterator[Node]:
    # Recursion is bounded by MAX_DEPTH.
    for name in sorted(place.dirs, key=str.casefold):
        below = place.dirs[name]
        share = below.completed / below.size if below.size else 1.0
        percent = fmt.whole_percent(share)
        yield Node(fmt.clip(name), depth, True, fmt.size(below.size, binary=binary), f'{percent} %', percent)
        yield from _lines(below, depth + 1, link, binary)
    for file in sorted(place.files, key=lambda item: item.path.casefold()):
        yield _line(file, depth, link(file), binary)


def _line(file: FileRow, depth: int, url: str, binary: bool) -> Node:
    percent = fmt.whole_percent(file.progress)
    name = fmt.clip(file.path.rsplit('/', 1)[-1] or f'file {file.index}')
    priority = PRIORITIES.get(file.priority, str(file.priority))
    return Node(
        name,
        depth,
        False,
        fmt.size(file.size, binary=binary),
        f'{percent} %',
        percent,
        priority,
        file.index,
        url,
    )
