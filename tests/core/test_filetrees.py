"""The files of a torrent as a tree, and how long it is kept."""

from __future__ import annotations

import threading
import weakref

import pytest

from lib.errors import NotFound
from model import filetrees
from model.backends.base import FileRow
from model.filetrees import KEPT, MAX_DEPTH, FileTrees, find, tree
from tests.rig import wait_for


def file(index: int, path: str, size: int = 10, done: int = 5, priority: int = 1) -> FileRow:
    return FileRow(index, path, size, done, 0.5, priority)


def test_a_directory_knows_what_is_below_it() -> None:
    root = tree(
        [
            file(0, 'a/b/c', priority=0),
            file(1, 'a/d'),
            file(2, 'e', size=7, done=7),
            file(3, 'a/b/f', priority=0),
        ]
    )
    assert (root.count, root.size, root.done, root.priority) == (4, 37, 22, None)
    below = find(root, 'a/b')
    assert (below.count, below.path, below.priority, sorted(below.indexes())) == (2, 'a/b', 0, [0, 3])
    assert sorted(find(root, 'a').indexes()) == [0, 1, 3]
    with pytest.raises(NotFound):
        find(root, 'a/d')


def test_odd_paths_hide_no_file_and_cost_no_recursion() -> None:
    paths = ['', '/', '//a', 'a//b', 'a/', '../../etc', 'a', 'x/' * 5000 + 'y']
    root = tree([file(at, path) for at, path in enumerate(paths)])
    assert sorted(root.indexes()) == list(range(len(paths)))
    deepest, depth = find(root, 'x'), 1
    while deepest.dirs:
        [deepest], depth = deepest.dirs.values(), depth + 1
    assert depth == MAX_DEPTH
    assert find(root, deepest.path) is deepest
    assert [name for name, _ in root.files] == ['file 0', 'file 1', 'a', 'a', 'a']


def test_directories_come_first_by_name() -> None:
    root = tree([file(0, 'b'), file(1, 'A'), file(2, 'Z/1'), file(3, 'c/1')])
    names = [each.name if isinstance(each, filetrees.Directory) else each[0] for each in root.entries()]
    assert names == ['c', 'Z', 'A', 'b']


def test_a_tree_is_read_again_when_its_time_is_over() -> None:
    now, reads, took = [100.0], [], 0.0

    def read() -> list[FileRow]:
        reads.append(now[0])
        now[0] += took
        return [file(0, 'a')]

    for cost, kept in ((0.0, 3.0), (2.0, 20.0), (30.0, 60.0)):
        took = cost
        trees = FileTrees(lambda: now[0])
        reads.clear()
        trees.get(('home', 'A'), read)
        end = now[0] + kept
        now[0] = end - 0.5
        trees.get(('home', 'A'), read)
        assert len(reads) == 1
        now[0] = end
        trees.get(('home', 'A'), read)
        assert len(reads) == 2
        trees.forget(('home', 'A'))
        trees.get(('home', 'A'), read)
        assert len(reads) == 3


def test_so_many_trees_are_kept() -> None:
    trees, reads = FileTrees(), []
    for number in [*range(KEPT + 1), 0, KEPT]:
        trees.get(('home', str(number)), lambda number=number: reads.append(number) or [])  # type: ignore[misc]
    assert reads == [*range(KEPT + 1), 0]


def test_of_those_who_ask_at_once_one_reads() -> None:
    trees, reads, gate = FileTrees(), [], threading.Event()

    def read() -> list[FileRow]:
        reads.append(1)
        gate.wait(60)
        return []

    threads = [threading.Thread(target=trees.get, args=(('home', 'A'), read)) for _ in range(5)]
    for thread in threads:
        thread.start()
    gate.set()
    for thread in threads:
        thread.join(60)
    assert reads == [1]


def test_trees_that_nobody_looks_at_are_let_go_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filetrees, 'IDLE', 0.05)
    trees = FileTrees()
    kept = weakref.ref(trees.get(('home', 'A'), lambda: [file(0, 'a/b')]))
    wait_for(lambda: kept() is None, 20, 'the end of the tree')
    assert trees.get(('home', 'A'), lambda: [file(0, 'c')]).count == 1


def test_a_tree_that_is_looked_at_stays() -> None:
    now = [0.0]
    trees = FileTrees(lambda: now[0])
    kept = {name: trees.get(('home', name), lambda: [file(0, 'a')]) for name in 'AB'}
    now[0] = filetrees.IDLE - 1
    kept['B'] = trees.get(('home', 'B'), lambda: [file(0, 'a')])
    now[0] = filetrees.IDLE
    trees.sweep()
    assert trees.get(('home', 'B'), list) is kept['B']
    assert trees.get(('home', 'A'), list) is not kept['A']
