from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.http import http_date, parse_options_header
from werkzeug.test import EnvironBuilder, run_wsgi_app

from lib.errors import Denied, NotFound
from lib.web import files
from tests.rig import wait_for

CONTENT = bytes(range(256)) * 4096  # 1 MiB
SIZE = len(CONTENT)


@pytest.fixture
def film(tmp_path):
    path = tmp_path / 'film' / 'film.mkv'
    path.parent.mkdir()
    path.write_bytes(CONTENT)
    return path


class Answer:
    def __init__(self, response, environ):
        self.pieces, status, self.headers = run_wsgi_app(response, environ)
        self.pieces = list(self.pieces)
        self.status = int(status.split()[0])

    @property
    def body(self):
        return b''.join(self.pieces)


def get(path: Path, method='GET', name='film.mkv', **headers):
    environ = EnvironBuilder(method=method, headers=headers).get_environ()
    return Answer(files.serve_file(environ, str(path.parent), [path.name], download_name=name), environ)


def test_whole_file_in_pieces(film):
    answer = get(film)

    assert (answer.status, answer.body) == (200, CONTENT)
    assert {len(piece) for piece in answer.pieces} == {256 * 1024}
    assert answer.headers['Content-Length'] == str(SIZE)
    assert answer.headers['Accept-Ranges'] == 'bytes'


def test_foreign_content_cannot_act_as_a_page_of_ours(tmp_path):
    page = tmp_path / 'page.html'
    page.write_text('<script>alert(1)</script>')

    headers = get(page, name='page.html').headers

    assert headers['Content-Type'] == 'application/octet-stream'
    assert headers['Content-Security-Policy'] == "sandbox; default-src 'none'"
    assert headers['X-Content-Type-Options'] == 'nosniff'
    assert headers['Content-Disposition'].startswith('attachment;')
    assert headers['Cache-Control'] == 'private, no-cache'


@pytest.mark.parametrize(
    ('asked', 'start', 'end'),
    [
        ('bytes=0-0', 0, 1),
        ('bytes=0-', 0, SIZE),
        ('bytes=300000-700000', 300000, 700001),
        ('bytes=1048575-', SIZE - 1, SIZE),
        ('bytes=-10', SIZE - 10, SIZE),
        ('bytes=5-99999999999999999999', 5, SIZE),
    ],
)
def test_ranges(film, asked, start, end):
    answer = get(film, Range=asked)

    assert (answer.status, answer.body) == (206, CONTENT[start:end])
    assert answer.headers['Content-Range'] == f'bytes {start}-{end - 1}/{SIZE}'
    assert answer.headers['Content-Length'] == str(end - start)


@given(start=st.integers(0, SIZE - 1), length=st.integers(1, SIZE))
def test_any_range_is_exact(tmp_path_factory, start, length):
    path = tmp_path_factory.getbasetemp() / 'ranges.bin'
    if not path.exists():
        path.write_bytes(CONTENT)
    assert get(path, Range=f'bytes={start}-{start + length - 1}').body == CONTENT[start : start + length]


@pytest.mark.parametrize('asked', [f'bytes={SIZE}-', 'bytes=99999999999-'])
def test_a_range_outside_the_file(film, asked):
    answer = get(film, Range=asked)

    assert answer.status == 416
    assert answer.headers['Content-Range'] == f'bytes */{SIZE}'
    assert answer.headers['X-Content-Type-Options'] == 'nosniff'


@pytest.mark.parametrize('asked', ['bytes=0-1,5-6', 'lines=1-2', 'bytes=x', 'bytes=5-2', '', 'bytes=-'])
def test_ranges_that_we_do_not_serve_give_the_whole_file(film, asked):
    assert (get(film, Range=asked).status, get(film, Range=asked).body) == (200, CONTENT)


def test_a_download_is_resumed_only_if_the_file_is_the_same(film):
    tag = get(film).headers['ETag']
    same = get(film, **{'Range': 'bytes=10-', 'If-Range': tag})
    os.utime(film, ns=(1, 1))
    changed = get(film, **{'Range': 'bytes=10-', 'If-Range': tag})

    assert (same.status, same.body) == (206, CONTENT[10:])
    assert (changed.status, changed.body) == (200, CONTENT)


def test_not_modified(film):
    first = get(film)

    for headers in (
        {'If-None-Match': first.headers['ETag']},
        {'If-Modified-Since': first.headers['Last-Modified']},
    ):
        again = get(film, **headers)
        assert (again.status, again.body) == (304, b'')
    assert get(film, **{'If-Modified-Since': http_date(0)}).status == 200


def test_head_has_the_headers_and_no_body(film):
    answer = get(film, 'HEAD')

    assert (answer.status, answer.body) == (200, b'')
    assert answer.headers['Content-Length'] == str(SIZE)


def test_an_empty_file(tmp_path):
    (tmp_path / 'empty').touch()

    answer = get(tmp_path / 'empty', Range='bytes=0-')

    assert (answer.status, answer.body, answer.headers['Content-Length']) == (200, b'', '0')


def test_a_file_that_grows_or_shrinks_never_overruns_its_length(film):
    for change, expected in ((b'x' * SIZE * 2, SIZE), (b'x' * 300000, 300000)):
        film.write_bytes(CONTENT)
        environ = EnvironBuilder().get_environ()
        response = files.serve_file(environ, str(film.parent), [film.name], download_name='x')
        film.write_bytes(change)
        assert len(Answer(response, environ).body) == expected


def test_every_answer_closes_the_file(film):
    before = len(os.listdir('/proc/self/fd'))
    tag = get(film).headers['ETag']
    get(film, 'HEAD')
    get(film, Range='bytes=1-2')
    get(film, Range=f'bytes={SIZE}-')
    get(film, **{'If-None-Match': tag})
    environ = EnvironBuilder().get_environ()
    response = files.serve_file(environ, str(film.parent), [film.name], download_name='x')
    cut_short = response(environ, lambda *_: None)
    next(iter(cut_short))
    cut_short.close()

    assert len(os.listdir('/proc/self/fd')) == before


NAMES = {
    'a\r\nSet-Cookie: x=1': 'a__Set-Cookie: x=1',
    'a";x="': 'a";x="',
    'a\\"b': 'a_"b',
    'é😀.mkv': 'é😀.mkv',
    '\u202egpj.exe': '_gpj.exe',
    '../../etc/passwd': '_.._etc_passwd',
    '': 'download',
    '...': 'download',
    'x' * 500: 'x' * 200,
    '\udcff': '_',
    '100% ok': '100% ok',
}


@pytest.mark.parametrize(('name', 'kept'), NAMES.items(), ids=map(ascii, NAMES))
def test_suggested_names(name, kept):
    value = files.disposition(name)

    assert parse_options_header(value) == ('attachment', {'filename': kept})
    assert value.split('"')[1].isascii()


@given(st.text(max_size=300))
def test_any_name_makes_one_harmless_header(name):
    value = files.disposition(name)

    assert value.isascii()
    assert value.isprintable()
    assert value.count('"') == 2
    assert len(value) < 3000


def test_a_torrent_file_is_an_attachment_too():
    environ = EnvironBuilder().get_environ()
    answer = Answer(files.serve_torrent(b'd4:infodee', download_name='a.torrent'), environ)

    assert answer.body == b'd4:infodee'
    assert answer.headers['Content-Type'] == 'application/x-bittorrent'
    assert answer.headers['Content-Disposition'].startswith('attachment;')


def test_locate_several_files(tmp_path):
    base = tmp_path / 'dl' / 'show'
    found = files.locate(str(base), True, 'season 1/one.mkv', [str(tmp_path / 'dl')])

    assert found == (str(base), ('season 1', 'one.mkv'))


def test_locate_a_single_file(tmp_path):
    found = files.locate(str(tmp_path / 'film.mkv'), False, '', [str(tmp_path)])

    assert found == (str(tmp_path), ('film.mkv',))


def test_locate_resolves_links_on_the_way_to_the_torrent(tmp_path):
    (tmp_path / 'disk' / 'show').mkdir(parents=True)
    (tmp_path / 'dl').symlink_to(tmp_path / 'disk')

    for roots in ([str(tmp_path / 'dl')], [str(tmp_path / 'disk')]):
        assert files.locate(str(tmp_path / 'dl' / 'show'), True, 'a', roots) == (
            str(tmp_path / 'disk' / 'show'),
            ('a',),
        )


@pytest.mark.parametrize(
    ('base', 'multi', 'relative'),
    [
        ('', True, 'a'),
        ('', False, 'a'),
        ('.', True, 'a'),
        ('./show', True, 'a'),
        ('show', False, ''),
        ('~', True, 'a'),
        ('{root}/../secret', True, 'a'),
        ('{root}/a\0', True, 'a'),
        ('{root}/show', True, ''),
        ('{root}/show', True, '../x'),
        ('{root}/show', True, '/etc/passwd'),
        ('{root}/show', True, 'a/./b'),
        ('{root}/show', True, 'a//b'),
        ('{root}/show', True, 'a\0'),
    ],
)
def test_locate_finds_no_place(tmp_path, base, multi, relative):
    with pytest.raises(NotFound):
        files.locate(base.format(root=tmp_path), multi, relative, [str(tmp_path)])


@pytest.mark.parametrize(
    'base', ['/', '///', '{root}', '{root}/', '{root}/.', '{root}-evil/a', '/etc', '{root}/out']
)
def test_locate_never_leaves_the_roots(tmp_path, base):
    root = tmp_path / 'dl'
    root.mkdir()
    (tmp_path / 'dl-evil').mkdir()
    (root / 'out').symlink_to('/etc')
    with pytest.raises(Denied):
        files.locate(base.format(root=root), True, 'passwd', [str(root)])


@pytest.mark.parametrize('base', ['/', '/passwd', '{root}-evil/a', '/etc/passwd'])
def test_locate_never_leaves_the_roots_for_a_single_file(tmp_path, base):
    with pytest.raises(Denied):
        files.locate(base.format(root=tmp_path / 'dl'), False, '', [str(tmp_path / 'dl')])


def test_locate_takes_no_root_for_a_torrent_though_it_lies_below_another(tmp_path):
    with pytest.raises(Denied, match='of its own'):
        files.locate(str(tmp_path / 'dl'), True, 'a', [str(tmp_path), str(tmp_path / 'dl')])


def test_locate_needs_a_root(tmp_path):
    with pytest.raises(Denied, match='DOWNLOAD_ROOTS'):
        files.locate(str(tmp_path / 'a'), False, '', [])


ESCAPES = [
    '../secret',
    '%2e%2e/secret',
    '..%2fsecret',
    '%252e%252e/secret',
    '/etc/passwd',
    'a/../../secret',
    '\\..\\secret',
]
ESCAPES += ['%00', '.', '', 'film.mkv/..', 'film.mkv\0.txt', '?ilm.mkv', '*', 'link', 'directory/passwd']


@pytest.mark.parametrize('relative', ESCAPES)
def test_nothing_outside_the_torrent_is_ever_served(film, relative):
    (film.parent.parent / 'secret').write_text('secret')
    (film.parent / 'link').symlink_to('/etc/passwd')
    (film.parent / 'directory').symlink_to('/etc')
    with pytest.raises(NotFound):
        root, parts = files.locate(str(film.parent), True, relative, [str(film.parent.parent)])
        files.serve_file(EnvironBuilder().get_environ(), root, parts, download_name='x')


@pytest.mark.parametrize('swapped', ['file', 'directory', 'torrent'])
def test_a_link_swapped_in_between_is_never_followed(tmp_path, swapped):
    for place, content in (('dl/show/sub', b'fine'), ('outside/show/sub', b'secret')):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / 'file').write_bytes(content)
    name = {'file': 'show/sub/file', 'directory': 'show/sub', 'torrent': 'show'}[swapped]
    stop = threading.Event()
    swapper = threading.Thread(target=_swap, args=(tmp_path / 'dl' / name, tmp_path / 'outside' / name, stop))
    swapper.start()
    seen = set()

    def look():
        seen.update(_served(tmp_path / 'dl') for _ in range(3000))
        return b'fine' in seen  # on a busy machine the other thread may stand still in between for long

    try:
        wait_for(look, 60, 'a look at the right time')
    finally:
        stop.set()
        swapper.join()
    assert seen <= {b'fine', None}


def _served(root: Path):
    try:
        directory, parts = files.locate(str(root / 'show'), True, 'sub/file', [str(root)])
        environ = EnvironBuilder().get_environ()
        return Answer(files.serve_file(environ, directory, parts, download_name='x'), environ).body
    except (NotFound, Denied):
        return None


def _swap(inside: Path, outside: Path, stop: threading.Event) -> None:
    """Replace what is ``inside`` by a link to ``outside`` and back, as fast as possible."""
    aside = inside.with_name('aside')
    link = inside.with_name('link')
    while not stop.is_set():
        link.symlink_to(outside)
        inside.rename(aside)
        link.rename(inside)
        inside.unlink()
        aside.rename(inside)
