"""What our check lets through, and what real rTorrents do with it."""

from __future__ import annotations

import contextlib
import xmlrpc.client

import pytest

from lib.bencode import dumps
from lib.errors import UsageError
from model import magnet, metainfo
from tests.intake.torrents import ANNOUNCE, hash_of, hashes, multi, raw_torrent, single, torrent, unordered
from tests.rig import Rtorrent, wait_for

LIMIT = 10 << 20

ACCEPTED = {
    'single': torrent(single()),
    'several': torrent(multi((b'a', b'b'), (b'a', b'c'), (b'd',))),
    'private': torrent(single(private=1)),
    'outer keys out of order': b'd4:info' + dumps(single()) + b'8:announce' + dumps(ANNOUNCE) + b'e',
    'control characters': torrent(multi((b'a\x01\xff\x1b\n',), name=b'b\x02\xff')),
    'looks like a command': torrent(single(b'$execute=touch,x;~')),
    'longest names': torrent(multi((b'x' * 255, b'y' * 255), name=b'z' * 255)),
    'one empty file': torrent(
        multi((b'a',), (b'b',), files=[{b'length': 0, b'path': [b'a']}, {b'length': 2000, b'path': [b'b']}])
    ),
    'least piece length': torrent(single(piece_length=1025, pieces=hashes(20000, 1025))),
    'largest piece length': torrent(single(piece_length=128 << 20, pieces=b'h' * 20)),
    'no tracker': torrent(single(), announce=None),
    'no tracker, empty list': torrent(single(), announce=None, announce_list=[]),
    'unspoken tracker only': torrent(single(), announce=b'wss://a.example/'),
    'flat announce-list': torrent(single(), announce=None, announce_list=[ANNOUNCE]),
    'private keys': torrent(
        single(), rtorrent={b'directory': b'/etc'}, libtorrent_resume=b'', magnet_uri=b'x'
    ),
    'both versions': torrent(single(meta_version=2, file_tree={})),
    'names in another encoding': torrent(
        multi((b'a',), files=[{b'length': 1000, b'path': [b'a'], b'path.utf-8': [b'b']}])
    ),
    'many files': torrent(multi(*((b'd%d' % (n % 9), b'f%d' % n) for n in range(3000)))),
}


@pytest.mark.parametrize('name', ACCEPTED)
def test_what_we_accept_is_loaded_under_the_same_hash(any_rtorrent: Rtorrent, name):
    found = metainfo.check(ACCEPTED[name], max_bytes=LIMIT)

    any_rtorrent.load(found.clean, found.info_hash)

    assert any_rtorrent.call('d.size_bytes', found.info_hash) == found.size
    assert any_rtorrent.call('d.size_files', found.info_hash) == len(found.files)
    assert any_rtorrent.call('d.is_multi_file', found.info_hash) == found.is_multi
    assert any_rtorrent.call('d.chunk_size', found.info_hash) == found.piece_length
    assert any_rtorrent.call('d.size_chunks', found.info_hash) == found.piece_count
    assert any_rtorrent.call('d.is_private', found.info_hash) == found.private


def test_what_was_accepted_survives_a_restart(any_rtorrent: Rtorrent):
    found = metainfo.check(ACCEPTED['no tracker'], max_bytes=LIMIT)
    any_rtorrent.load(found.clean, found.info_hash)

    any_rtorrent.restart()

    assert any_rtorrent.hashes() == [found.info_hash]


ENDS_RTORRENT = {
    'file twice': multi((b'a',), (b'a',)),
    'file and directory': multi((b'a',), (b'a', b'b')),
}


@pytest.mark.parametrize('name', ENDS_RTORRENT)
def test_what_ends_rtorrent_is_refused(any_rtorrent: Rtorrent, name):
    data = torrent(ENDS_RTORRENT[name])

    with pytest.raises(UsageError, match='would end rTorrent'):
        metainfo.check(data, max_bytes=LIMIT)
    send_to_its_end(any_rtorrent, 'load.raw', xmlrpc.client.Binary(data))


NEVER_LOADED = {
    'info out of order': raw_torrent(unordered(single())),
    'everything empty': torrent(single(size=0)),
    'least piece length less one': torrent(single(piece_length=1024, pieces=hashes(20000, 1024))),
    'unresolved magnet': torrent(single(meta_download=1)),
    'no name': torrent(single(name=None)),
}


@pytest.mark.parametrize('name', NEVER_LOADED)
def test_what_rtorrent_ignores_in_silence_is_refused_in_a_sentence(rtorrent: Rtorrent, name):
    with pytest.raises(UsageError):
        metainfo.check(NEVER_LOADED[name], max_bytes=LIMIT)
    sentinel = single(b'sentinel')

    rtorrent.call('load.raw', '', xmlrpc.client.Binary(NEVER_LOADED[name]))
    rtorrent.load(torrent(sentinel), hash_of(sentinel))

    assert rtorrent.hashes() == [hash_of(sentinel)]


MAGNETS = {
    'hexadecimal': 'magnet:?xt=urn:btih:' + 'aB' * 20 + '&tr=http%3A%2F%2Ft.example%3A80%2Fa%3Fx%3D1%262',
    'base 32': 'magnet:?dn=x%20y&tr=udp://t.example:80&xt=urn:btih:' + 'abcdefghijklmnopqrstuvwxyz234567',
    'looks like a command': 'magnet:?xt=urn:btih:'
    + '12' * 20
    + '&dn=$execute=touch,x;"\'(&tr=http://t.example/',
}


@pytest.mark.parametrize('name', MAGNETS)
def test_a_rebuilt_magnet_link_is_loaded_with_its_trackers(any_rtorrent: Rtorrent, name):
    found = magnet.parse(MAGNETS[name])

    any_rtorrent.call('load.normal', '', found.uri)

    wait_for(lambda: found.info_hash in any_rtorrent.hashes(), 10, 'the magnet link to be loaded')
    urls = any_rtorrent.call('t.multicall', found.info_hash, '', 't.url=')
    assert [url for [url] in urls if url != 'dht://'] == list(found.trackers)


def test_a_magnet_link_without_hash_ends_rtorrent_016(rtorrent_016: Rtorrent):
    uri = 'magnet:?tr=http://t.example/&xt=urn:btih:' + '0' * 40

    with pytest.raises(UsageError, match='all zeros'):
        magnet.parse(uri)
    send_to_its_end(rtorrent_016, 'load.normal', uri)


def send_to_its_end(rtorrent: Rtorrent, method: str, argument: object) -> None:
    """Send what ends this rTorrent: 0.16 before it answers, 0.9.8 after."""
    with contextlib.suppress(ConnectionResetError):
        rtorrent.call(method, '', argument)
    wait_for(lambda: not rtorrent.running, 10, 'rTorrent to end')
