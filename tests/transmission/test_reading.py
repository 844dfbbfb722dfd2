"""Rows, details and globals of a real Transmission."""

from __future__ import annotations

from typing import Any

import pytest

from lib.errors import NotFound
from model.backends.transmission import TransmissionBackend
from model.fields import INDEX, LIST, Row, progress, state_of
from tests.rig import Tracker, bencode, make, wait_for
from tests.rig.transmission import Transmission
from tests.transmission.fake import HASH, backend_of, torrents
from tests.wire.fakes import Server

NOBODY = 'http://127.0.0.1:1/announce'
MAGNET = 'AB' * 20


def told(row: Row) -> dict[str, Any]:
    return {field.key: row[at] for at, field in enumerate(LIST)}


def wait_for_status(backend: TransmissionBackend, info_hash: str, status: str) -> Row:
    def there() -> Row | None:
        row = backend.row(info_hash)
        return row if state_of(row) == status else None

    found = wait_for(there, 30, f'{info_hash} to be {status}')
    assert found is not None
    return found


def test_a_row_in_our_words(daemon: Transmission, backend: TransmissionBackend) -> None:
    content = {'a/one': 700_000, 'two': b'2' * 1000}
    made = make(daemon.downloads, 'tree', content, announce='http://tracker.example:1/x?passkey=secret')
    daemon.load(made)
    row = told(backend.row(made.info_hash))
    added = row.pop('added')
    assert added > 1_700_000_000
    assert row == {
        'hash': made.info_hash,
        'name': 'tree',
        'size_bytes': 701_000,
        'completed_bytes': 701_000,
        'down_rate': 0,
        'up_rate': 0,
        'down_total': 0,
        'up_total': 0,
        'ratio': 0,
        'state': 0,
        'is_open': False,
        'is_active': False,
        'hashing': 0,
        'complete': True,
        'message': '',
        'label': '',
        'priority': 2,
        'peers_connected': 0,
        'peers_complete': None,
        'size_files': 2,
        'started': 0,
        'finished': 0,
        'directory': str(daemon.downloads),
        'base_path': str(daemon.downloads / 'tree'),
        'is_private': False,
        'is_multi_file': True,
        'is_meta': False,
        'throttle': None,
        'left_bytes': 0,
        'tracker': 'tracker.example',
    }
    assert backend.row(made.info_hash) in backend.rows()
    assert backend.overview().rows == backend.rows()


def test_one_file_or_a_directory_with_one(daemon: Transmission, backend: TransmissionBackend) -> None:
    file = make(daemon.downloads, 'single', 5000, announce=NOBODY, info={'private': 1})
    directory = make(daemon.downloads, 'lonely', {'only': 5000}, announce=NOBODY)
    for made in (file, directory):
        daemon.load(made)
    rows = {row['hash']: row for row in map(told, backend.rows())}
    assert [rows[made.info_hash]['is_multi_file'] for made in (file, directory)] == [False, True]
    assert [rows[made.info_hash]['is_private'] for made in (file, directory)] == [True, False]
    assert [each.path for each in backend.files(file.info_hash)] == ['single']
    assert [each.path for each in backend.files(directory.info_hash)] == ['only']
    for made in (file, directory):  # asked alone or with all others
        assert told(backend.facts(made.info_hash).row) == rows[made.info_hash]
        assert told(backend.detail(made.info_hash).row) == rows[made.info_hash]


def test_states(daemon: Transmission, backend: TransmissionBackend) -> None:
    whole = make(daemon.downloads, 'whole', 5000, announce=NOBODY)
    part = make(daemon.downloads, 'part', 3 << 18, announce=NOBODY, have=1 / 3)
    for made in (whole, part):
        daemon.load(made)
    row = told(wait_for_status(backend, part.info_hash, 'stopped'))
    assert (row['completed_bytes'], row['left_bytes'], row['complete']) == (1 << 18, 2 << 18, False)
    assert backend.pieces(part.info_hash).bits == b'\x80'
    assert (backend.pieces(part.info_hash).done, backend.pieces(whole.info_hash).done) == (1, 1)
    for made in (whole, part):
        assert backend.perform('start', [made.info_hash], {})[0].ok
    wait_for_status(backend, whole.info_hash, 'seeding')
    wait_for_status(backend, part.info_hash, 'downloading')
    (tracker,) = wait_for(
        lambda: [each for each in backend.trackers(part.info_hash) if each.failures], 30, 'the announce'
    )
    assert (tracker.url, tracker.type, tracker.is_enabled, tracker.is_working) == (
        NOBODY,
        'http',
        True,
        False,
    )
    assert 'connect' in tracker.message
    (whole.path).unlink()
    backend.perform('stop', [whole.info_hash], {})
    wait_for_status(backend, whole.info_hash, 'stopped')
    backend.perform('check', [whole.info_hash], {})
    row = told(wait_for_status(backend, whole.info_hash, 'error'))
    assert 'No data found' in row['message']


def test_a_trackers_refusal_reads_as_rtorrents_do(daemon: Transmission, backend: TransmissionBackend) -> None:
    with Tracker() as tracker:
        made = make(daemon.downloads, 'refused', 3 << 18, announce=tracker.refusing_url, have=1 / 3)
        daemon.load(made, start=True)
        row = wait_for_status(backend, made.info_hash, 'error')
    assert row[INDEX['message']].startswith('Tracker: [')
    assert 'Unregistered torrent' in row[INDEX['message']]


def test_a_queued_torrent_is_started_and_waits(daemon: Transmission, backend: TransmissionBackend) -> None:
    backend.set_settings({'download_queue': 1})
    made = [make(daemon.downloads, f'queued{n}', 3 << 18, announce=NOBODY, have=0.0) for n in range(2)]
    for each in made:
        daemon.load(each)
        backend.perform('start', [each.info_hash], {})
    row = told(wait_for_status(backend, made[1].info_hash, 'queued'))
    assert (row['state'], row['is_open'], row['is_active']) == (1, False, False)
    assert backend.perform('start_now', [made[1].info_hash], {})[0].ok
    wait_for_status(backend, made[1].info_hash, 'downloading')
    backend.set_settings({'download_queue': 0})


def test_a_magnet_waits_for_its_metadata(daemon: Transmission, backend: TransmissionBackend) -> None:
    link = f'magnet:?xt=urn:btih:{MAGNET}&dn=some%20name'
    daemon.link().ask(lambda client: client.add_torrent(link, paused=True))
    row = told(backend.row(MAGNET))
    assert (row['name'], row['is_meta'], row['complete'], row['size_bytes']) == ('some name', True, False, 0)
    assert (row['size_files'], row['is_multi_file'], row['tracker'], row['ratio']) == (0, False, '', 0)
    assert progress(backend.row(MAGNET)) == 0
    detail = backend.detail(MAGNET)
    assert (detail.files, detail.peers, detail.trackers) == ([], [], [])
    assert detail.extra['metadata_progress'] == 0.0
    pieces = backend.pieces(MAGNET)
    assert (pieces.count, pieces.bits) == (0, None)


def test_priorities_and_progress_of_files(daemon: Transmission, backend: TransmissionBackend) -> None:
    made = make(
        daemon.downloads, 'files', {'a': 1 << 18, 'b': 1 << 18, 'c': 1 << 18}, announce=NOBODY, have=0.34
    )
    daemon.load(made)
    for indexes, priority in ([0], 2), ([1], 0):
        assert backend.perform('file_priority', [made.info_hash], {'indexes': indexes, 'priority': priority})[
            0
        ].ok
    files = backend.files(made.info_hash)
    assert [(each.path, each.priority, each.progress) for each in files] == [
        ('a', 2, 1.0),
        ('b', 0, 0.0),
        ('c', 1, 0.0),
    ]
    row = told(backend.row(made.info_hash))
    assert (row['left_bytes'], row['complete']) == (1 << 18, False)  # of what is wanted


def test_facts_of_the_client(daemon: Transmission, backend: TransmissionBackend) -> None:
    told = backend.globals()
    assert told.client_version == '3.00'
    assert told.port == daemon.peer_port
    assert (told.up_limit, told.down_limit) == (0, 0)
    assert told.free_space is not None
    assert told.free_space > 0
    assert (told.library_version, told.hostname, told.open_sockets) == (None, None, None)
    assert backend.views() == ['main']
    with pytest.raises(NotFound, match='no view “seeding”'):
        backend.rows('seeding')


def test_a_torrent_that_is_not_there(backend: TransmissionBackend) -> None:
    nothing = '0' * 40
    for ask in (
        backend.row,
        backend.detail,
        backend.facts,
        backend.files,
        backend.peers,
        backend.trackers,
        backend.pieces,
    ):
        with pytest.raises(NotFound, match=nothing):
            ask(nothing)


def test_names_that_are_no_text_for_people(daemon: Transmission, backend: TransmissionBackend) -> None:
    meta = {'length': 5, 'name': 'a\x07b\u202e', 'piece length': 16384, 'pieces': b'x' * 20}
    data = bencode({'info': meta, 'comment': 'two\nlines \x1b[31m'})
    added = daemon.link().ask(lambda client: client.add_torrent(data, paused=True).fields['hashString'])
    row = told(backend.row(added.upper()))
    assert '\x07' not in row['name']
    assert '\x1b' not in backend.facts(added.upper()).extra['comment']


def test_what_a_peer_sent_in_all_where_it_is_told() -> None:
    """As by Transmission 4.1."""
    told = {'address': '192.0.2.1', 'bytes_to_client': 7, 'bytes_to_peer': 5}
    with Server(torrents({'peers': [told, {'address': '192.0.2.2'}]})) as server:
        totals = [(peer.down_total, peer.up_total) for peer in backend_of(server).peers(HASH)]
    assert totals == [(7, 5), (None, None)]
