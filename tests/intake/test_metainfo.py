from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torf import Torrent

from lib import bencode
from lib.errors import TooLarge, UsageError
from model import metainfo
from tests.intake.torrents import ANNOUNCE, hash_of, hashes, multi, raw_torrent, single, torrent, unordered
from tests.rig import make

LIMIT = 1 << 20


def check(data, **options):
    return metainfo.check(data, max_bytes=LIMIT, **options)


def files(*entries):
    """An info dictionary with file entries as given."""
    return multi(*((b'x',) for _ in entries), files=list(entries))


def entry(*path, **more):
    return {b'length': 1000, b'path': list(path), **{key.encode(): value for key, value in more.items()}}


REFUSED = {
    'nothing': (b'', 'not a .torrent'),
    'web page': (b'\n<!DOCTYPE html><html>', 'web page'),
    'zip': (b'PK\x03\x04', 'not a .torrent'),
    'magnet': (b'magnet:?xt=urn:btih:', 'not a .torrent'),
    'trailing junk': (torrent(single()) + b'\n', '1 bytes follow'),
    'truncated': (torrent(single())[:-1], 'too early'),
    'no info': (bencode.dumps({b'announce': ANNOUNCE}), 'no “info”'),
    'info is a list': (torrent([]), 'no “info”'),
    'info unordered': (raw_torrent(unordered(single())), 'not in order'),
    'info key twice': (raw_torrent(b'd4:name1:a4:name1:be'), 'twice'),
    'version 2 only': (torrent(single(pieces=None, meta_version=2, file_tree={})), 'version 2'),
    'unresolved magnet': (torrent(single(meta_download=1)), 'instruction to rTorrent'),
    'resume in info': (torrent(single(libtorrent_resume={})), 'instruction to rTorrent'),
    'private twice over': (torrent(single(private=2)), 'private'),
    'no name': (torrent(single(name=None)), 'no name'),
    'empty name': (torrent(single(b'')), 'empty'),
    'name is a number': (torrent(single(name=1)), 'not text'),
    'name is ..': (torrent(single(b'..')), r'“\.\.”'),
    'name with slash': (torrent(single(b'../x')), r'“\.\./x”'),
    'name with NUL': (torrent(single(b'a\0b')), 'no name of a file'),
    'name too long': (torrent(single(b'x' * 256)), '255 bytes'),
    'other name is ..': (torrent(single(**{'name__utf-8': b'..'})), r'“\.\.”'),
    'neither length nor files': (torrent(single(length=None)), 'either'),
    'both length and files': (torrent(multi((b'a',), length=1)), 'either'),
    'length negative': (torrent(single(length=-1)), 'no valid length'),
    'length is text': (torrent(single(length=b'1')), 'no valid length'),
    'everything empty': (torrent(single(size=0)), 'all empty'),
    'too large for a browser': (torrent(single(length=2**53, pieces=b'')), '9,007,199,254,740,992'),
    'sum too large': (torrent(files(entry(b'a', length=2**62), entry(b'b', length=2**62))), 'more than'),
    'no files': (torrent(multi()), 'list of files is empty'),
    'files is a dictionary': (torrent(multi(files={})), 'list of files is empty'),
    'file is a number': (torrent(multi((b'a',), files=[1])), 'not a file'),
    'file without path': (torrent(files({b'length': 1000})), 'no path'),
    'path empty': (torrent(multi(())), 'no path'),
    'path is text': (torrent(files({b'length': 1000, b'path': b'a'})), 'no path'),
    'part empty': (torrent(multi((b'a', b'', b'b'))), 'empty part'),
    'part .': (torrent(multi((b'.', b'a'))), r'“\.”'),
    'part ..': (torrent(multi((b'a', b'..', b'..', b'x'))), r'“\.\.”'),
    'part with slash': (torrent(multi((b'/etc/passwd',))), '/etc/passwd'),
    'part with NUL': (torrent(multi((b'a\0',))), 'no name of a file'),
    'part is a number': (torrent(multi((1,))), 'not text'),
    'part too long': (torrent(multi((b'x' * 256,))), '255 bytes'),
    'path too long': (torrent(multi((b'x' * 200,) * 21)), '4000 bytes'),
    'file twice': (torrent(multi((b'a', b'b'), (b'c',), (b'a', b'b'))), '“a/b” twice'),
    'file and directory': (torrent(multi((b'a',), (b'a', b'b'))), '“a” is both'),
    'directory and file': (torrent(multi((b'a', b'b', b'c'), (b'a', b'b'))), '“a/b” is both'),
    'other path leads out': (torrent(files(entry(b'a', **{'path.utf-8': [b'..', b'b']}))), r'“\.\.”'),
    'other path meets a path': (
        torrent(files(entry(b'a', **{'path.utf-8': [b'b']}), entry(b'b'))),
        '“b” twice',
    ),
    'no piece length': (torrent(single(piece_length=None)), 'piece length'),
    'piece length 0': (torrent(single(piece_length=0)), 'piece length'),
    'piece length small': (torrent(single(size=1024, piece_length=1024)), 'piece length'),
    'piece length large': (torrent(single(piece_length=(128 << 20) + 1)), 'piece length'),
    'no pieces': (torrent(single(pieces=None)), 'pieces'),
    'pieces is a list': (torrent(single(pieces=[])), 'pieces'),
    'pieces not of 20': (torrent(single(pieces=b'h' * 41)), '20-byte'),
    'a piece too few': (torrent(single(pieces=b'h' * 20)), '1 piece hashes .* 2 pieces'),
    'a piece too many': (torrent(single(pieces=b'h' * 60)), '3 piece hashes .* 2 pieces'),
    'tracker file': (torrent(single(), announce=b'file:///etc/passwd'), 'file:///etc/passwd.* must begin'),
    'tracker dht': (torrent(single(), announce_list=[[b'dht://x']]), 'dht://x'),
    'tracker without scheme': (torrent(single(), announce=b'tracker.example.org'), 'must begin'),
    'tracker with line break': (torrent(single(), announce=b'http://a/\r\nX: y'), 'special characters'),
    'tracker port': (torrent(single(), announce=b'udp://a.example:99999/'), 'valid host and port'),
    'tracker udp without port': (torrent(single(), announce=b'udp://a.example/'), 'valid host and port'),
    'tracker too long': (torrent(single(), announce=b'http://a/' + b'x' * 2048), 'longer than 2048'),
    'tracker is a number': (torrent(single(), announce=1), 'not text'),
    'trackers are a number': (torrent(single(), announce_list=1), 'not a list'),
    'too many trackers': (torrent(single(), announce_list=[[b'http://a/'] * 1001]), '1,001 trackers'),
}


@pytest.mark.parametrize(('data', 'why'), REFUSED.values(), ids=REFUSED)
def test_refused_in_a_sentence(data, why):
    with pytest.raises(UsageError, match=why) as caught:
        check(data)

    assert str(caught.value).endswith('.')
    assert str(caught.value).isprintable()
    assert caught.value.field == 'torrent'


def test_single_file():
    info = single(b'na\xc3\xafve.iso', private=1)

    found = check(torrent(info, comment=b'hello\x07'))

    assert (found.info_hash, found.name, found.is_multi) == (hash_of(info), 'naïve.iso', False)
    assert [(file.path, file.raw, file.size) for file in found.files] == [
        (('naïve.iso',), (b'na\xc3\xafve.iso',), 20000)
    ]
    assert (found.size, found.piece_length, found.piece_count, found.private) == (20000, 16384, 2, True)
    assert (found.trackers, found.comment, found.warnings) == ((ANNOUNCE.decode(),), 'hello\ufffd', ())


def test_several_files():
    info = multi((b'a', b'b'), (b'c',))

    found = check(torrent(info))

    assert (found.info_hash, found.is_multi, found.size) == (hash_of(info), True, 2000)
    assert [file.path for file in found.files] == [('a', 'b'), ('c',)]
    assert found.private is False


def test_agrees_with_another_reader(tmp_path):
    content = {'one.bin': 50_000, 'sub/two.bin': 70_000}
    made = make(tmp_path, 'movie', content, announce='http://t.example/a', piece=1 << 15)
    other = Torrent.read_stream(made.data)

    found = check(made.data)

    assert found.info_hash == other.infohash.upper() == made.info_hash
    assert (found.name, found.size, found.piece_length) == (other.name, other.size, other.piece_size)
    assert ['/'.join((found.name, *file.path)) for file in found.files] == [str(path) for path in other.files]


def test_private_keys_are_dropped_and_info_stays_byte_for_byte():
    info = single()
    private = {'rtorrent': {b'directory': b'/etc'}, 'libtorrent_resume': {}, 'magnet_uri': b'x'}
    data = torrent(info, **private, rtorrent_meta_download={}, comment=b'kept', nodes=[[b'a.example', 1]])

    found = check(data)

    assert set(bencode.members(found.clean)) == {b'announce', b'comment', b'info', b'nodes'}
    assert bencode.members(found.clean)[b'info'].raw == bencode.dumps(info)
    assert check(found.clean).info_hash == found.info_hash


def test_an_ordinary_file_stays_as_it_is():
    data = torrent(
        single(), announce_list=[[ANNOUNCE], [b'udp://b.example:80']], url_list=[b'https://c.example/']
    )

    assert check(data).clean == data


def test_outer_keys_out_of_order_are_put_in_order():
    data = b'd4:info' + bencode.dumps(single()) + b'8:announce' + bencode.dumps(ANNOUNCE) + b'e'

    assert check(data).clean == torrent(single())


def test_trackers_that_rtorrent_does_not_speak_are_left_out():
    tiers = [[b'wss://a.example', ANNOUNCE], [b'ws://b.example', b' '], [b'udp://c.example:80/announce ']]
    found = check(torrent(single(), announce=b'wss://a.example', announce_list=tiers))

    outer = bencode.members(found.clean)
    assert found.trackers == (ANNOUNCE.decode(), 'udp://c.example:80/announce')
    assert outer[b'announce'].value == b''
    assert outer[b'announce-list'].value == [[ANNOUNCE], [b'udp://c.example:80/announce']]
    assert len([text for text in found.warnings if 'WebSocket' in text]) == 3


def test_a_flat_announce_list_is_understood():
    found = check(torrent(single(), announce=None, announce_list=[ANNOUNCE]))

    assert found.trackers == (ANNOUNCE.decode(),)
    assert bencode.members(found.clean)[b'announce-list'].value == [[ANNOUNCE]]


def test_no_tracker_is_a_warning():
    found = check(torrent(single(), announce=None))

    assert found.trackers == ()
    assert any('DHT' in text for text in found.warnings)
    assert bencode.members(found.clean)[b'announce'].value == b''


PRIVATE = [
    {'announce': b'http://127.0.0.1:80/a'},
    {'announce': b'http://LOCALHOST./a'},
    {'announce': b'http://[::1]/a'},
    {'announce': b'udp://10.1.2.3:80'},
    {'announce': b'http://0x7f.1/'},
    {'announce': b'http://2130706433/'},
    {'announce': b'https://user:secret@192.168.0.1/'},
    {'announce_list': [[ANNOUNCE], [b'http://169.254.169.254/latest']]},
    {'announce': b'http://printer.local/'},
    {'announce': b'http://127.0.0.1/', 'announce_list': [[ANNOUNCE]]},
    {'url_list': [b'http://192.168.1.1/admin']},
    {'url_list': b'http://192.168.1.1/admin'},
    {'nodes': [[b'10.0.0.1', 22]]},
    {'nodes': [[b'::1', 22]]},
]


@pytest.mark.parametrize('outer', PRIVATE)
def test_private_addresses_warn_or_refuse(outer):
    data = torrent(single(), **outer)

    assert any('private network' in text for text in check(data).warnings)
    with pytest.raises(UsageError, match='private network'):
        check(data, private_trackers='refuse')


def test_public_addresses_pass_where_private_ones_are_refused():
    urls = [b'http://93.184.215.14:6969/a', b'udp://[2606:4700::1111]:80', b'https://t.example/x?key=1']

    found = check(torrent(single(), announce_list=[urls]), private_trackers='refuse')

    assert found.warnings == ()


@pytest.mark.parametrize('pair', [('Readme', 'README'), ('caf\u00e9', 'cafe\u0301')])
def test_names_alike_but_for_case_are_a_warning(pair):
    found = check(torrent(multi(*((name.encode(),) for name in pair))))

    assert any('one file' in text for text in found.warnings)


def test_control_characters_in_names_are_a_warning():
    found = check(torrent(multi((b'a\x01\xff\x1b',), name=b'ok')))

    assert found.files[0].path == ('a\ufffd\ufffd\ufffd',)
    assert found.files[0].raw == (b'a\x01\xff\x1b',)
    assert any('control' in text for text in found.warnings)


def test_hybrid_torrents_are_used_by_their_first_version():
    info = single(meta_version=2, file_tree={})

    assert any('version 2' in text for text in check(torrent(info)).warnings)


def test_limits_are_too_large():
    data = torrent(single())
    with pytest.raises(TooLarge, match='MAX_TORRENT_BYTES'):
        metainfo.check(data, max_bytes=len(data) - 1)
    assert metainfo.check(data, max_bytes=len(data))
    with pytest.raises(TooLarge, match='2 files; at most 1'):
        check(torrent(multi((b'a',), (b'b',))), max_files=1)


@pytest.mark.parametrize('length', [1025, 2048, 64 << 20, 128 << 20])
def test_unusual_piece_lengths_pass(length):
    size = 200 << 20
    info = single(size=size, piece_length=length, pieces=hashes(size, length))

    assert metainfo.check(torrent(info), max_bytes=10 << 20).piece_length == length


SEEDS = [
    torrent(single(), announce_list=[[ANNOUNCE], [b'udp://b.example:80']], comment=b'c', nodes=[[b'a', 1]]),
    torrent(multi((b'a', b'b'), (b'c',), private=1), url_list=[b'http://x/'], rtorrent={b'a': 1}),
]


@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 2000), st.binary(max_size=3)), min_size=1, max_size=4),
)
@settings(max_examples=400)
def test_mutated_torrents_raise_nothing_but_our_error(seed, mutations):
    data = bytearray(seed)
    for place, new in mutations:
        start = place % len(data)
        data[start : start + 1 + len(new) // 2] = new
    judge(bytes(data))


LEAVES = (
    st.integers(-(2**63), 2**63 - 1)
    | st.binary(max_size=6)
    | st.sampled_from([b'', b'.', b'..', b'a', b'a/b'])
)
ANY = st.recursive(
    LEAVES,
    lambda i: st.lists(i, max_size=4) | st.dictionaries(st.binary(max_size=6), i, max_size=4),
    max_leaves=8,
)
PATHS = st.lists(st.sampled_from([b'a', b'b', b'c']), min_size=1, max_size=3)
ENTRIES = st.fixed_dictionaries(
    {b'length': st.integers(0, 3000), b'path': PATHS}, optional={b'path.utf-8': PATHS, b'attr': ANY}
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            b'name': ANY,
            b'files': st.lists(ENTRIES, max_size=4) | ANY,
            b'length': ANY,
            b'pieces': ANY | st.just(b'h' * 20),
            b'piece length': ANY | st.just(16384),
            b'private': ANY,
            b'meta version': ANY,
        },
    ),
    st.dictionaries(
        st.sampled_from([b'announce', b'announce-list', b'nodes', b'url-list', b'comment', b'rtorrent']), ANY
    ),
)
@settings(max_examples=400)
def test_any_structure_raises_nothing_but_our_error(info, outer):
    judge(bencode.dumps({**outer, b'info': info}))


def judge(data: bytes) -> None:
    """Either refuse with our own error, or accept something that holds every promise."""
    try:
        found = check(data)
    except UsageError as error:
        assert str(error).isprintable()
        return
    paths = [file.raw for file in found.files]
    assert len(set(paths)) == len(paths)
    assert not {path[:depth] for path in paths for depth in range(1, len(path))} & set(paths)
    assert not metainfo.PRIVATE_KEYS & set(bencode.members(found.clean))
    assert check(found.clean).info_hash == found.info_hash
