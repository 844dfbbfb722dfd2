"""A question whose answer would end rTorrent (it dies above 100 MiB) is not asked, whoever asks it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.attack.conftest import Tap
from tests.intake import torrents
from tests.rig import Rtorrent, wait_for
from tests.web.site import Program, Site

PIECES = 300_000


def big(rtorrent: Rtorrent) -> str:
    """A running torrent of so many pieces that what is known of them measures 0.6 MB; its info hash."""
    info = torrents.single(b'big', PIECES * torrents.PIECE)
    file = rtorrent.directory / 'big.torrent'
    file.write_bytes(torrents.torrent(info, announce=b'http://127.0.0.1:1/announce'))
    rtorrent.call('load.start', '', str(file))
    info_hash = torrents.hash_of(info)
    wait_for(lambda: info_hash in rtorrent.hashes(), 20, 'the torrent to be loaded')
    wait_for(lambda: rtorrent.call('d.chunks_seen', info_hash), 20, 'the torrent to be active')
    assert len(str(rtorrent.call('d.chunks_seen', info_hash))) == 2 * PIECES
    return info_hash


def refused(results: Any) -> int:
    return sum('error' in result and result['error']['code'] == 'too_large' for result in results)


@pytest.fixture
def reader(site: Site) -> Program:
    return site.program('eve', 'read', write=False)


def test_what_is_known_of_each_piece_a_thousand_times(rtorrent: Rtorrent, reader: Program) -> None:
    item = {'type': 'torrent', 'hash': big(rtorrent)}
    answers = reader.ask(*[{**item, 'attributes': ['get_chunks_seen', 'get_bitfield'] * 50}] * 100)
    assert refused(answers) == 99  # one is within the budget
    assert rtorrent.running
    [answer] = reader.ask({**item, 'attributes': ['get_chunks_seen', 'get_bitfield']})
    assert len(answer['get_chunks_seen']) == 2 * PIECES
    assert len(answer['get_bitfield']) == PIECES // 4


def test_a_list_of_them(rtorrent: Rtorrent, reader: Program) -> None:
    big(rtorrent)
    lists = [{'type': 'torrentrequester', 'attributes': ['get_chunks_seen']}] * 100
    answers = reader.ask(*lists)
    assert rtorrent.running
    assert 0 < refused(answers) < 100


def test_a_column_asked_for_twice_is_sent_once(reader: Program, tap: Tap) -> None:
    reader.ask({'type': 'torrentrequester', 'attributes': ['get_name', ['get_custom', ['a']]] * 50})
    [body] = [body for body in tap.recorder.sent if b'd.multicall2' in body]
    assert body.count(b'd.name=') == body.count(b'd.custom=a') == 1
