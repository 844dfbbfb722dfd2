from __future__ import annotations

import contextlib
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib import paths
from lib.errors import Denied, NotFound


@pytest.fixture
def root(tmp_path):
    (tmp_path / 'root' / 'films').mkdir(parents=True)
    (tmp_path / 'root-evil').mkdir()
    (tmp_path / 'outside').mkdir()
    return tmp_path / 'root'


def test_a_root_and_everything_below_it_is_allowed(root):
    for inside in (root, root / 'films', root / 'films' / 'not' / 'yet', root / 'a b$(x)`;"\\'):
        assert paths.confine(str(inside), [str(root)]) == str(inside)
    assert paths.confine(f'{root}//films/./', [f'{root}/']) == str(root / 'films')


@pytest.mark.parametrize(
    'path',
    [
        '',
        '.',
        'films',
        '~',
        '~/x',
        '/',
        '//',
        '/etc',
        '{root}-evil',
        '{root}-evil/x',
        '{root}/..',
        '/{root}x',
    ],
)
def test_everything_else_is_denied(root, path):
    with pytest.raises(Denied):
        paths.confine(path.format(root=root), [str(root)])


@pytest.mark.parametrize(
    'tail',
    ['/../outside', '/films/../films', '/a\n', '/a\0', '/a\x7f', '/a\x85', '/\udc80', '/' + 'x' * 5000],
)
def test_malformed_paths_are_denied_even_below_a_root(root, tail):
    with pytest.raises(Denied):
        paths.confine(str(root) + tail, [str(root)])


def test_a_link_counts_as_where_it_leads(root):
    (root / 'out').symlink_to(root.parent / 'outside')
    (root / 'dangling').symlink_to('/nowhere')
    (root / 'in').symlink_to(root / 'films')
    (root.parent / 'other-name').symlink_to(root)

    for link in ('out', 'out/x', 'dangling'):
        with pytest.raises(Denied):
            paths.confine(str(root / link), [str(root)])
    assert paths.confine(str(root / 'in' / 'x'), [str(root)]) == str(root / 'films' / 'x')
    assert paths.confine(str(root / 'films'), [str(root.parent / 'other-name')]) == str(root / 'films')


def test_without_roots_nothing_is_allowed(root):
    with pytest.raises(Denied, match='DOWNLOAD_ROOTS'):
        paths.confine(str(root), [])


def test_the_slash_is_never_allowed_but_may_be_a_root(root):
    assert paths.confine(str(root), ['/']) == str(root)
    with pytest.raises(Denied):
        paths.confine('/', ['/'])


def test_denials_name_no_directory(root):
    with pytest.raises(Denied) as caught:
        paths.confine('/etc', [str(root)])

    assert str(root) not in str(caught.value)


@given(st.text('ab./~\0\n', max_size=20))
def test_confine_never_answers_with_something_outside(path):
    try:
        real = paths.confine(path, ['/a/b'])
    except Denied:
        return
    assert real == '/a/b' or real.startswith('/a/b/')


@pytest.mark.parametrize(
    'relative', ['', '/', '/a', 'a/', 'a//b', '.', '..', 'a/../b', '../../etc/passwd', 'a\0b']
)
def test_names_that_no_file_has(relative):
    with pytest.raises(NotFound):
        paths.split(relative)


def read(root, *parts):
    descriptor = paths.open_below(str(root), parts)
    try:
        return os.read(descriptor, 100)
    finally:
        os.close(descriptor)


def test_a_file_is_opened(root):
    (root / 'films' / 'a').write_bytes(b'content')

    assert read(root, 'films', 'a') == b'content'


def test_names_are_taken_as_they_are(root):
    for name in ('..x', '-rf', 'a\\b', 'a\nb', '%2e%2e', os.fsdecode(b'\xff')):
        (root / name).write_bytes(b'x')
        assert read(root, name) == b'x'


@pytest.mark.parametrize(
    'parts',
    [
        (),
        ('',),
        ('.',),
        ('..', 'root', 'a'),
        ('films/a',),
        ('films\0',),
        ('\ud800',),
        ('x' * 300,),
        ('films',),
        ('no', 'a'),
    ],
)
def test_what_is_no_file_is_not_found(root, parts):
    (root / 'films' / 'a').write_bytes(b'content')
    with pytest.raises(NotFound):
        paths.open_below(str(root), parts)


@pytest.mark.parametrize('where', ['relative', ''])
def test_only_absolute_roots(root, where, monkeypatch):
    monkeypatch.chdir(root)
    (root / 'a').write_bytes(b'content')
    with pytest.raises(NotFound):
        paths.open_below(where, ('a',))


def test_no_link_is_followed_anywhere(root):
    (root.parent / 'outside' / 'a').write_bytes(b'secret')
    (root / 'films' / 'file').symlink_to(root.parent / 'outside' / 'a')
    (root / 'films' / 'directory').symlink_to(root.parent / 'outside')
    (root.parent / 'link').symlink_to(root.parent / 'outside')

    for start, parts in (
        (root, ('films', 'file')),
        (root, ('films', 'directory', 'a')),
        (root.parent / 'link', ('a',)),
    ):
        with pytest.raises(NotFound):
            paths.open_below(str(start), parts)


def test_pipes_and_devices_are_not_found(root):
    os.mkfifo(root / 'pipe')
    with pytest.raises(NotFound):
        paths.open_below(str(root), ('pipe',))
    with pytest.raises(NotFound):
        paths.open_below('/dev', ('null',))


def test_unreadable_files_are_denied(root, monkeypatch):
    def refuse(*_args, **_options):
        raise PermissionError

    monkeypatch.setattr(os, 'open', refuse)
    with pytest.raises(Denied):
        paths.open_below(str(root), ('a',))


def test_lost_characters_are_explained(root):
    with pytest.raises(NotFound, match='“\\?”'):
        paths.open_below(str(root), ('a??b',))


def test_no_descriptor_is_left_open(root):
    (root / 'films' / 'a').write_bytes(b'content')
    before = os.listdir('/proc/self/fd')
    for parts in (('films', 'a'), ('films',), ('no',), ('films', 'no'), ('..',)):
        with contextlib.suppress(NotFound):
            os.close(paths.open_below(str(root), parts))
    assert len(os.listdir('/proc/self/fd')) == len(before)
