"""The tree of a torrent's files."""

from __future__ import annotations

from lib.web import filetree
from model.backends.base import FileRow


def file(index: int, path: str, size: int = 100, done: int = 100) -> FileRow:
    return FileRow(index, path, size, done, done / size if size else 1.0, 1)


def test_directories_come_first_and_sum_up() -> None:
    nodes = filetree.tree(
        [file(0, 'zz'), file(1, 'b/two', 100, 0), file(2, 'b/a/one'), file(3, 'Aa')], lambda f: ''
    )
    assert [(node.depth, node.name, node.is_dir, node.percent) for node in nodes] == [
        (0, 'b', True, 50),
        (1, 'a', True, 100),
        (2, 'one', False, 100),
        (1, 'two', False, 0),
        (0, 'Aa', False, 100),
        (0, 'zz', False, 100),
    ]
    assert nodes[0].size == '200 B'
    assert [node.index for node in nodes if not node.is_dir] == [2, 1, 3, 0]


def test_an_empty_directory_part_and_a_name_that_is_missing() -> None:
    nodes = filetree.tree([file(0, 'a//b'), file(1, '')], lambda f: f'/get/{f.index}')
    assert [node.name for node in nodes] == ['a', '', 'b', 'file 1']
    assert nodes[-1].download_url == '/get/1'


def test_a_path_of_ten_thousand_parts_is_cut() -> None:
    nodes = filetree.tree([file(0, '/'.join(['d'] * 10_000))], lambda f: '')
    assert len(nodes) == filetree.MAX_DEPTH + 1
    assert not nodes[-1].is_dir
