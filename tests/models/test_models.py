"""The models against both versions: every reader answers, every setter is read back."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from lib import startup
from lib.errors import Fault, MethodMissing, NoSuchTorrent, UnknownName
from lib.methods import ALONE, TABLES
from lib.wire.rpc import Rpc
from model.peer import Peer
from model.rtorrent import RTorrent
from model.torrent import Torrent
from model.torrentfile import TorrentFile
from model.tracker import Tracker
from tests.models.conftest import Connect, Loaded
from tests.models.recorder import recorded
from tests.rig import Rtorrent, make, wait_for
from tests.rig import Tracker as RealTracker
from tests.rig.factory import Factory

ARGUMENTS = {'view': 'main', 'throttle_name': 'slow', 'key': 'k'}
RESULTS: dict[str, type | tuple[type, ...]] = {
    'int': int, 'flag': int, 'str': str, 'list': list, 'dict': dict, 'label': str, 'started': int, 'uptime': int,
}  # fmt: skip
NOT_EVERYWHERE = {
    *('get_encryption', 'get_dht_throttle', 'get_open_files', 'get_handshakes'),
    *('get_max_unchoked_uploads', 'get_max_unchoked_downloads'),
    *('has_active_tracker', 'has_announcing_tracker', 'has_usable_tracker'),
}


def readers(thing: Any) -> dict[str, Any]:
    """What every reader of a model answers, by name."""
    answers = {}
    for name, method in TABLES[thing.kind].items():
        if not method.write:
            try:
                answers[name] = getattr(thing, name)(*(ARGUMENTS[kind] for kind in method.args))
            except MethodMissing:
                assert name in NOT_EVERYWHERE, name
            except Fault:
                assert name in ALONE, name
    return answers


def typed(kind: str, answers: dict[str, Any]) -> None:
    """Check that the answers have the types that the table promises."""
    for name, value in answers.items():
        result = TABLES[kind][name].result
        if name != 'get_group_name':  # a number on 0.9.8
            assert isinstance(value, RESULTS[result]), (name, value)
        assert result != 'flag' or value in (0, 1), (name, value)


def test_every_reader_answers(loaded: Loaded) -> None:
    loaded.rtorrent.call('d.custom.set', loaded.info_hash, 'k', 'v')
    things = (
        RTorrent(),
        Torrent(loaded.info_hash),
        TorrentFile(loaded.info_hash, 1),
        Tracker(loaded.info_hash, 0),
    )
    for thing in things:
        answers = readers(thing)
        assert len(answers) >= len([m for m in TABLES[thing.kind].values() if not m.write]) - 6
        typed(thing.kind, answers)
    assert Torrent(loaded.info_hash).get_custom_items() == {'k': 'v'}
    assert Torrent(loaded.info_hash).get_custom_keys() == ['k']


def test_one_call_is_one_request(loaded: Loaded) -> None:
    torrent = Torrent(loaded.info_hash)
    torrent.get_name()
    before = loaded.rpc.requests
    assert torrent.get_size_bytes() == 3000
    assert loaded.rpc.requests - before == 1


@pytest.mark.parametrize(
    ('setter', 'value', 'getter'),
    [
        ('set_upload_throttle', 20480, 'get_upload_throttle'),
        ('set_download_throttle', 40960, 'get_download_throttle'),
        ('set_max_uploads', 7, 'get_max_uploads'),
        ('set_max_uploads_div', 2, 'get_max_uploads_div'),
        ('set_max_uploads_global', 11, 'get_max_uploads_global'),
        ('set_min_uploads', 3, 'get_min_uploads'),
        ('set_max_downloads', 8, 'get_max_downloads'),
        ('set_max_downloads_div', 2, 'get_max_downloads_div'),
        ('set_max_downloads_global', 12, 'get_max_downloads_global'),
        ('set_min_downloads', 4, 'get_min_downloads'),
        ('set_max_peers', 55, 'get_max_peers'),
        ('set_max_peers_seed', -1, 'get_max_peers_seed'),
        ('set_min_peers', 5, 'get_min_peers'),
        ('set_min_peers_seed', 6, 'get_min_peers_seed'),
        ('set_ip', '127.0.0.1', 'get_ip'),
        ('set_bind_address', '127.0.0.1', 'get_bind_address'),
        ('set_port_range', '20000-20010', 'get_port_range'),
        ('set_port_random', 1, 'get_port_random'),
        ('set_dht_port', 6882, 'get_dht_port'),
        ('set_peer_exchange', True, 'get_peer_exchange'),
        ('set_tracker_numwant', 40, 'get_tracker_numwant'),
        ('set_max_memory_usage', 1 << 29, 'get_max_memory_usage'),
        ('set_check_hash', 0, 'get_check_hash'),
        ('set_file_allocate', 1, 'get_file_allocate'),
        ('set_directory', '/tmp/$x;y "z"', 'get_directory'),
        ('set_max_open_sockets', 600, 'get_max_open_sockets'),
        ('set_send_buffer_size', 65536, 'get_send_buffer_size'),
        ('set_receive_buffer_size', 65536, 'get_receive_buffer_size'),
    ],
)
def test_settings_are_read_back(
    any_rtorrent: Rtorrent, connect: Connect, setter: str, value: object, getter: str
) -> None:
    rtorrent = RTorrent(connect(any_rtorrent))
    getattr(rtorrent, setter)(value)
    assert getattr(rtorrent, getter)() == value


@pytest.mark.parametrize(
    ('name', 'value'), [('max_open_files', 200), ('max_open_http', 20), ('use_udp_trackers', 1)]
)
def test_settings_that_only_the_old_version_reads_back(
    rtorrent: Rtorrent, rtorrent_016: Rtorrent, connect: Connect, name: str, value: int
) -> None:
    getattr(RTorrent(connect(rtorrent_016)), f'set_{name}')(
        value
    )  # taken; 0.16.17 keeps answering with its own number
    old = RTorrent(connect(rtorrent))
    getattr(old, f'set_{name}')(value)
    assert getattr(old, f'get_{name}')() == value


def test_settings_without_a_reader_are_taken(loaded: Loaded) -> None:
    rtorrent = RTorrent()
    rtorrent.set_dht('off')
    assert rtorrent.get_dht_statistics()['dht'] == 'off'
    rtorrent.set_encryption('allow_incoming', 'try_outgoing')
    rtorrent.set_throttle_up('slow', 100)
    rtorrent.set_throttle_down('slow', 50)
    assert rtorrent.get_throttle_up_max('nope') == -1
    assert rtorrent.get_throttle_up_max('slow') >= 0
    rtorrent.disable_trackers()
    rtorrent.enable_trackers()
    # Loading saves it in another thread of 0.16.17, which forgets that where it is told to save it again before.
    [file] = wait_for(lambda: [*loaded.rtorrent.session.glob('*.torrent')], 30, 'the torrent to be saved')
    resume = file.with_name(f'{file.name}.rtorrent')
    wait_for(resume.exists, 30, 'its state to be saved')
    resume.unlink()
    rtorrent.save_session()
    wait_for(resume.exists, 30, 'the session to be saved')
    assert rtorrent.get_hashes('main') == [loaded.info_hash]
    with pytest.raises(UnknownName, match='no view “nope”'):
        rtorrent.get_view_size('nope')


def test_a_torrents_settings_are_read_back(loaded: Loaded) -> None:
    torrent = Torrent(loaded.info_hash)
    for name, value in {
        'priority': 3, 'custom1': '$execute.nothrow=x;"q"(x){y},z\\', 'custom2': 'a\tb\nc', 'custom3': '<&>',
        'custom4': ' x ', 'custom5': 'é', 'peers_max': 33, 'peers_min': 3, 'uploads_max': 4, 'uploads_min': 1,
        'downloads_max': 5, 'downloads_min': 1, 'tracker_numwant': 20, 'peer_exchange': 1, 'message': 'hello',
        'max_file_size': 1 << 30, 'ignore_commands': 1, 'connection_current': 'leech', 'throttle_name': 'NULL',
        'directory_base': str(loaded.rtorrent.downloads / 'else where'),
    }.items():  # fmt: skip
        getattr(torrent, f'set_{name}')(value)
        assert getattr(torrent, f'get_{name}')() == value, name
    torrent.set_directory('/tmp/$x')
    assert torrent.get_directory() == '/tmp/$x/two'
    torrent.set_label('Ä 😀/x')
    assert (torrent.get_label(), torrent.get_custom1()) == ('Ä 😀/x', '%C3%84%20%F0%9F%98%80%2Fx')
    torrent.set_custom('k', '$cat=1')
    assert torrent.get_custom('k') == torrent.get_custom_throw('k') == '$cat=1'
    torrent.add_view('shelf')
    assert (torrent.get_views(), torrent.has_view('shelf')) == (['shelf'], 1)
    torrent.remove_view('shelf')
    assert torrent.get_views() == []
    torrent.disable_seeders()
    assert torrent.is_accepting_seeders() == 0
    torrent.enable_seeders()
    assert torrent.is_accepting_seeders() == 1


def test_what_can_be_done_with_a_torrent(loaded: Loaded) -> None:
    torrent = Torrent(loaded.info_hash)
    torrent.start()
    wait_for(lambda: torrent.is_active(), 30, 'the check before the start to end')
    assert (torrent.get_state(), torrent.is_open()) == (1, 1)
    torrent.pause()
    assert (torrent.get_state(), torrent.is_active()) == (1, 0)
    torrent.resume()
    torrent.announce()
    torrent.announce_force()
    torrent.scrape()
    torrent.disconnect_seeders()
    torrent.add_peer('127.0.0.1:9')
    torrent.stop()
    assert torrent.get_state() == 0
    torrent.close()
    assert torrent.is_open() == 0
    torrent.open()
    assert torrent.is_open() == 1
    torrent.try_close()
    torrent.try_start()
    torrent.try_stop()
    torrent.check_hash()
    wait_for(lambda: torrent.is_hash_checked(), 30, 'the check to end')
    torrent.update_priorities()
    torrent.save_resume()
    torrent.save_session()
    torrent.add_tracker(1, 'udp://127.0.0.1:9/announce')
    assert [row.get_url for row in torrent.trackers().get_url().all()][1:] == ['udp://127.0.0.1:9/announce']
    torrent.erase()
    with pytest.raises(NoSuchTorrent):
        torrent.get_name()


def test_files_and_trackers_are_changed(loaded: Loaded) -> None:
    file = TorrentFile(loaded.info_hash, 1)
    file.set_priority(2)
    Torrent(loaded.info_hash).update_priorities()
    assert [row.get_priority for row in Torrent(loaded.info_hash).files().get_priority().all()] == [1, 2]
    for end in ('first', 'last'):
        getattr(file, f'enable_prioritize_{end}')()
        assert getattr(file, f'get_prioritize_{end}')() == 1
        getattr(file, f'disable_prioritize_{end}')()
        assert getattr(file, f'get_prioritize_{end}')() == 0
    tracker = Tracker(loaded.info_hash, 0)
    for change, after in ((tracker.disable, 0), (tracker.enable, 1)):
        change()
        assert tracker.is_enabled() == after
    tracker.set_enabled(False)
    assert tracker.query().is_enabled().get_url().first() == {
        'is_enabled': 0,
        'get_url': 'http://127.0.0.1:1/announce',
    }


@pytest.mark.parametrize('version', ['0.9.8', '0.16'])
def test_peers(start_rtorrent: Factory, connect: Connect, tracker: RealTracker, version: str) -> None:
    giver, taker = start_rtorrent(version), start_rtorrent('0.9.8')
    made = make(giver.downloads, 'big', 4_000_000, announce=tracker.url)
    giver.load(made.seed, made.info_hash, start=True)
    tracker.wait_for_seed(made.info_hash)
    rpc = connect(giver)
    RTorrent(rpc).set_upload_throttle(20_000)  # so that the peer stays
    taker.load(made.data, made.info_hash, start=True)
    torrent = Torrent(made.info_hash)
    rows = wait_for(lambda: torrent.peers().get_id().get_address().all(), 60, 'a peer to connect')
    peer = Peer(made.info_hash, rows[0].get_id)
    answers = readers(peer)
    assert set(answers) == {name for name, method in TABLES['peer'].items() if not method.write}
    typed('peer', answers)
    assert answers['get_address'] == '127.0.0.1'
    assert peer.query().get_id().first() == {'get_id': rows[0].get_id}
    peer.set_snubbed(1)
    assert peer.is_snubbed() == 1
    peer.ban()
    assert peer.is_banned() == 1
    peer.disconnect_delayed()
    wait_for(lambda: not torrent.peers().get_id().all(), 60, 'the peer to be gone')
    with pytest.raises(Fault):
        peer.disconnect()


def test_startup_time_is_what_the_users_own_command_says(start_rtorrent: Factory, connect: Connect) -> None:
    own = start_rtorrent(settings=['method.insert = startup_time,value|const,$system.time='])
    rtorrent = RTorrent(connect(own))
    assert abs(rtorrent.get_startup_time() - time.time()) < 300
    answer = rtorrent.query().get_startup_time().get_uptime().get_time().first()
    assert answer.get_uptime == answer.get_time - answer.get_startup_time


def test_startup_time_falls_back_to_the_process(any_rtorrent: Rtorrent, connect: Connect) -> None:
    rtorrent = RTorrent(connect(any_rtorrent))
    created = os.stat(f'/proc/{any_rtorrent.pid}').st_ctime
    assert abs(rtorrent.get_startup_time() - created) < 300
    assert 0 <= rtorrent.get_uptime() < 300


def test_startup_time_of_another_machine_is_not_guessed(
    any_rtorrent: Rtorrent, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    rtorrent = RTorrent(connect(any_rtorrent))
    monkeypatch.setattr(socket, 'gethostname', lambda: 'elsewhere')
    assert rtorrent.get_startup_time() is None
    assert rtorrent.query().get_uptime().first() == {'get_uptime': None}


def test_another_program_with_that_number_is_not_taken_for_rtorrent(tmp_path: Path) -> None:
    here = socket.gethostname()
    assert startup.process_start(os.getpid(), here, tmp_path) is None
    (tmp_path / '7').mkdir()
    (tmp_path / '7' / 'cmdline').write_bytes(b'/usr/bin/vim\0')
    (tmp_path / '7' / 'stat').write_text('7 (a) b) S ' + ' '.join(str(n) for n in range(4, 30)))
    (tmp_path / 'stat').write_text('cpu 1 2\nbtime 1000\n')
    assert startup.process_start(7, here, tmp_path) is None
    (tmp_path / '7' / 'cmdline').write_bytes(b'/usr/bin/rtorrent\0')
    assert startup.process_start(7, here, tmp_path) == 1000 + 22 // os.sysconf('SC_CLK_TCK')
    assert startup.process_start('7', here, tmp_path) is None
    (tmp_path / 'stat').write_text('cpu 1 2\n')
    assert startup.process_start(7, here, tmp_path) is None


def test_models_have_no_other_names() -> None:
    rpc, recorder = recorded()
    for thing in (RTorrent(rpc), Torrent('A' * 40, rpc)):
        for name in ('execute', 'get_nmae', '_flush', 'system', 'd.name', 'multicall'):
            assert not hasattr(thing, name)
    with pytest.raises(AttributeError, match='Did you mean “get_hostname”'):
        RTorrent(rpc).get_hostnam()
    assert recorder.bodies == []


def test_models_say_what_they_are(loaded_098: Loaded) -> None:
    assert repr(RTorrent()) == '<RTorrent of sheevareborn>'
    assert repr(Torrent(loaded_098.info_hash)) == f'<Torrent {loaded_098.info_hash} of sheevareborn>'
    assert isinstance(RTorrent().rpc, Rpc)


def test_an_unknown_target_is_named(loaded_098: Loaded) -> None:
    with pytest.raises(UnknownName, match='Did you mean “sheevareborn”'):
        RTorrent('sheevaborn')
