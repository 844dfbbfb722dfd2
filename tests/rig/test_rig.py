"""The rig itself: what the other tests rely on."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import struct
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from lib.errors import ConfigError, PyroError
from tests.rig import Rtorrent, Tracker, bencode, make, wait_for
from tests.rig.factory import VERSIONS, Factory, sweep


def test_a_fresh_rtorrent_answers_on_its_socket(any_rtorrent: Rtorrent) -> None:
    assert any_rtorrent.call('system.pid') == any_rtorrent.pid
    assert any_rtorrent.url == f'scgi://{any_rtorrent.socket}'
    assert any_rtorrent.hashes() == []
    assert any_rtorrent.call('directory.default') == str(any_rtorrent.downloads)


def test_both_versions_are_what_they_are_called(start_rtorrent: Factory) -> None:
    versions = [start_rtorrent(version).call('system.client_version') for version in VERSIONS]
    assert [version.startswith(wanted) for version, wanted in zip(versions, VERSIONS, strict=True)] == [
        True,
        True,
    ]


@pytest.mark.parametrize('seeder', VERSIONS)
@pytest.mark.parametrize('leecher', VERSIONS)
def test_two_rtorrents_transfer_through_the_tracker(
    start_rtorrent: Factory, tracker: Tracker, seeder: str, leecher: str
) -> None:
    giver, taker = start_rtorrent(seeder), start_rtorrent(leecher)
    torrent = make(giver.downloads, 'tree', {'a/one': 700_000, 'two': b'2' * 1000}, announce=tracker.url)
    giver.load(torrent.seed, torrent.info_hash, start=True)
    tracker.wait_for_seed(torrent.info_hash)
    taker.load(torrent.data, torrent.info_hash, start=True)
    wait_for(lambda: taker.call('d.complete', torrent.info_hash), 30, 'the transfer to finish')
    for part in 'a/one', 'two':
        assert (taker.downloads / 'tree' / part).read_bytes() == (torrent.path / part).read_bytes()


def test_the_session_survives_a_stop_and_a_kill(any_rtorrent: Rtorrent, tmp_path: Path) -> None:
    torrent = make(any_rtorrent.downloads, 'kept', 5000, announce='http://127.0.0.1:1/announce')
    any_rtorrent.load(torrent.seed, torrent.info_hash)
    assert any_rtorrent.restart().hashes() == [torrent.info_hash]
    any_rtorrent.kill()
    assert not any_rtorrent.running
    assert any_rtorrent.start().hashes() == [torrent.info_hash]


def test_hashes_of_sparse_content_are_those_of_its_bytes(tmp_path: Path) -> None:
    sizes = {'a': 100, 'b/c': 70_000, 'd': 1, 'e': 200_000}
    torrent = make(tmp_path, 'sparse', sizes, piece=32768, random_bytes=50)
    content = b''.join((tmp_path / 'sparse' / part).read_bytes() for part in sizes)
    pieces = [hashlib.sha1(content[at : at + 32768]).digest() for at in range(0, len(content), 32768)]
    assert torrent.size == len(content)
    assert bencode(b''.join(pieces)) in torrent.data


def test_rtorrents_die_with_the_process_that_started_them(short_tmp: Path) -> None:
    script = (
        'import sys, pathlib, signal\n'
        'from lib.demo.rtorrent import Rtorrent\n'
        'print(Rtorrent(pathlib.Path(sys.argv[1])).start().pid, flush=True)\n'
        'signal.pause()\n'
    )
    command = [sys.executable, '-c', script, str(short_tmp)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert Path('/proc', str(pid)).exists()
        os.kill(parent.pid, signal.SIGKILL)
    wait_for(lambda: _gone(pid), 10, 'rTorrent to end with its parent')


def _gone(pid: int) -> bool:
    """Ended; nobody may have collected it where the machine's first process does not."""
    try:
        return ') Z ' in Path('/proc', str(pid), 'stat').read_text()
    except FileNotFoundError:
        return True


def test_directories_of_killed_runs_are_swept(tmp_path: Path) -> None:
    with subprocess.Popen(['true']) as ended:
        pass
    stale, own = Path(f'/tmp/pyro-test-{ended.pid}-x'), Path(f'/tmp/pyro-test-{os.getpid()}-x')
    for directory in stale, own:
        directory.mkdir()
    sweep()
    assert (stale.exists(), own.exists()) == (False, True)
    own.rmdir()


def test_what_cannot_start_says_why(tmp_path: Path, start_rtorrent: Factory) -> None:
    with pytest.raises(PyroError, match='ended at once'):
        start_rtorrent(settings=['no.such.command = 1'])
    with pytest.raises(ConfigError, match='apt-get install nonesuch'):
        Rtorrent(tmp_path / 'a', ('nonesuch',), socket=Path('/tmp/pyro-no-socket')).start()
    with pytest.raises(ConfigError, match='longer than 100 bytes'):
        Rtorrent(tmp_path / ('x' * 100))


def test_the_tracker_refuses_what_it_should(start_rtorrent: Factory, tracker: Tracker) -> None:
    rtorrent = start_rtorrent()
    torrent = make(rtorrent.downloads, 'refused', 5000, announce=tracker.refusing_url)
    rtorrent.load(torrent.seed, torrent.info_hash, start=True)
    message = wait_for(lambda: rtorrent.call('d.message', torrent.info_hash), 20, 'the refusal')
    assert 'Unregistered torrent' in message
    assert tracker.peers(torrent.info_hash) == []


def test_the_tracker_bears_malformed_and_broken_requests(
    tracker: Tracker, capfd: pytest.CaptureFixture[str]
) -> None:
    port = int(tracker.url.rpartition(':')[2].partition('/')[0])
    for line in b'GET /announce?info_hash=x&port=ten HTTP/1.0', b'GET /announce HTTP/1.0', b'\xff\xfe', b'':
        with socket.create_connection(('127.0.0.1', port), timeout=10) as connection:
            connection.sendall(line + b'\r\n\r\n')
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(4096):
                pass
    with socket.create_connection(('127.0.0.1', port), timeout=10) as rude:
        # A reset instead of an orderly end, as from a client that dies.
        rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        rude.sendall(b'GET /scrape HTTP/1.0\r\n')
    with urllib.request.urlopen(f'{tracker.url}?info_hash=x&port=1&left=0', timeout=10) as answer:
        assert b'8:intervali600e' in answer.read()
    assert 'Traceback' not in capfd.readouterr().err
