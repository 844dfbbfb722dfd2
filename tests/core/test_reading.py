"""Overview and details of real rTorrents: one request each, and complete."""

from __future__ import annotations

import pytest

from lib.errors import NotFound
from lib.wire.rpc import Rpc
from model.backends import rtorrent as module
from model.backends.rtorrent import RTorrentBackend, ordered_views
from model.fields import INDEX, state_of
from tests.core.support import Without, backend_of, loaded, recorder
from tests.rig import Rtorrent, Tracker, make, wait_for

BUILTIN = ['main', 'started', 'stopped', 'complete', 'incomplete', 'seeding', 'leeching', 'active', 'hashing']


def test_an_overview_is_one_request(any_rtorrent: Rtorrent) -> None:
    first, second = loaded(any_rtorrent, 'one'), loaded(any_rtorrent, 'two', {'a/b': 5000, 'c': 70_000})
    any_rtorrent.call('d.custom1.set', first.info_hash, 'caf%C3%A9%20%26')
    any_rtorrent.call('d.custom.set', first.info_hash, 'addtime', '1234567890')
    backend = backend_of(any_rtorrent)
    backend.overview()  # learns which commands there are and which of them need trust
    before = backend.rpc.requests
    overview = backend.overview()
    assert backend.rpc.requests == before + 1

    rows = {row[0]: row for row in overview.rows}
    assert rows.keys() == {first.info_hash, second.info_hash}
    one, two = rows[first.info_hash], rows[second.info_hash]
    assert None not in one[:-1]  # the tracker is asked for by those who follow
    assert one[INDEX['name']] == 'one'
    assert one[INDEX['size_bytes']] == one[INDEX['left_bytes']] == 100_000
    assert one[INDEX['label']] == 'café &'
    assert one[INDEX['added']] == 1234567890
    assert two[INDEX['added']] > 1_700_000_000
    assert (two[INDEX['size_files']], two[INDEX['is_multi_file']]) == (2, 1)
    assert state_of(one) == 'stopped'

    state = overview.globals
    assert state.views == BUILTIN
    assert state.client_version == any_rtorrent.call('system.client_version')
    assert state.pid == any_rtorrent.pid
    assert (state.up_rate, state.up_limit) == (0, 0)
    assert state.port
    assert state.free_space is None


def test_the_first_overview_costs_two_small_questions_more(rtorrent: Rtorrent) -> None:
    backend = backend_of(rtorrent)
    assert backend.overview().rows == []
    assert backend.rpc.requests == 3  # system.listMethods, what the server is, the overview


def test_facts_are_asked_again_within_the_one_request(
    rtorrent: Rtorrent, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = backend_of(rtorrent)
    backend.overview()
    rtorrent.call('view.add', '', 'fresh')
    monkeypatch.setattr(module, 'FACTS_AGE', 0.0)
    before = backend.rpc.requests
    assert backend.overview().globals.views == [*BUILTIN, 'fresh']
    assert backend.rpc.requests == before + 1


def test_views_of_the_user(any_rtorrent: Rtorrent) -> None:
    made = loaded(any_rtorrent)
    backend = backend_of(any_rtorrent)
    assert backend.overview('stopped').rows[0][0] == made.info_hash
    assert backend.overview('seeding').rows == []
    any_rtorrent.call('view.add', '', 'mine')
    any_rtorrent.call('view.add', '', 'rat_1')
    assert backend.overview('mine').view == 'mine'  # it came after the list of views was asked for
    assert backend.views() == [*BUILTIN, 'mine']


def test_views_are_ordered_and_internal_ones_hidden() -> None:
    names = ['zoo', 'hashing', 'rat_0', 'name', 'default', 'main', 'ui_dirty', 'started', 'abc']
    assert ordered_views(names) == ['main', 'started', 'hashing', 'zoo', 'abc']


@pytest.mark.parametrize('view', ['nix', 'main;x', '$cat=1', '../x', 'x' * 10_000, 'main\n', '“', 'main '])
def test_an_unknown_view_is_never_sent(start_rtorrent, view: str) -> None:  # type: ignore[no-untyped-def]
    link = recorder(start_rtorrent())
    backend = RTorrentBackend(Rpc(link, target='box'))
    backend.overview()
    link.sent.clear()
    with pytest.raises(NotFound, match='has no view'):
        backend.overview(view)
    assert len(link.sent) == 1  # which views are there now?
    assert b'd.multicall' not in link.sent[0]
    assert view.encode() not in link.sent[0]


def test_a_view_that_vanished_with_a_restart(rtorrent: Rtorrent) -> None:
    rtorrent.call('view.add', '', 'mine')
    backend = backend_of(rtorrent)
    assert backend.overview('mine').rows == []
    rtorrent.restart()
    with pytest.raises(NotFound, match='mine'):
        backend.overview('mine')
    assert backend.views() == BUILTIN


def test_a_server_of_another_version_behind_the_same_socket(start_rtorrent) -> None:  # type: ignore[no-untyped-def]
    """Commands that went away with an exchange of rTorrent are noticed, and all is learnt anew."""
    backend = backend_of(start_rtorrent())
    backend.overview()
    known = backend.rpc.methods | {'d.nosuch', 'd.multicall2'}
    plan = module.columns.plan(known)
    wrong = module.columns.Plan((*plan.columns, 'd.nosuch='), (*plan.kinds, 'int'), plan.convert)
    loaded_before = backend.rpc.methods
    backend._plan = (loaded_before, wrong)
    rtorrent_of(backend)
    assert backend.overview().rows != []


def rtorrent_of(backend: RTorrentBackend) -> None:
    """Load something: rTorrent notices an unknown column only where there is a torrent."""
    data = (
        b'd8:announce18:http://127.0.0.1:14:infod6:lengthi1e4:name1:x12:piece lengthi16384e6:pieces20:'
        + b'a' * 20
        + b'ee'
    )
    backend.rpc.call('load.raw', '', data)
    wait_for(lambda: bool(backend.rpc.call('download_list', '')), 10, 'the torrent')


@pytest.mark.parametrize('kind', ['LIVE', 'FACTS'])
def test_missing_globals_are_none(rtorrent: Rtorrent, kind: str) -> None:
    table = getattr(module, kind)
    for name, commands in table:
        backend = backend_of(rtorrent)
        rpc = Without(backend.rpc._transport, target='box')
        rpc.lacking = frozenset(commands)
        state = RTorrentBackend(rpc).overview().globals
        missing = {key for key, _ in table if key != 'directory' and getattr(state, key) is None}
        assert missing == {name} - {'directory'}


def test_a_large_list_is_asked_for_in_parts(any_rtorrent: Rtorrent, monkeypatch: pytest.MonkeyPatch) -> None:
    hashes = {loaded(any_rtorrent, f'part{at}', 1000 + at).info_hash for at in range(20)}
    backend = backend_of(any_rtorrent)
    whole = {row[0]: row for row in backend.overview().rows}
    monkeypatch.setattr(module, 'REPLY_BUDGET', 1000)
    before = backend.rpc.requests
    parts = backend.overview()
    assert backend.rpc.requests - before >= 16
    assert whole.keys() == hashes
    assert sorted(row[0] for row in parts.rows) == sorted(hashes)
    assert {row[0]: row for row in parts.rows} == whole
    assert parts.globals.views == BUILTIN


def test_a_name_with_control_bytes_costs_one_character(any_rtorrent: Rtorrent) -> None:
    bad = make(any_rtorrent.downloads, 'a\x01b\x1bc', 1000, announce='http://127.0.0.1:1/announce')
    any_rtorrent.load(bad.data, bad.info_hash)
    good = loaded(any_rtorrent)
    names = {row[0]: row[1] for row in backend_of(any_rtorrent).overview().rows}
    assert names == {bad.info_hash: 'a\ufffdb\ufffdc', good.info_hash: 'thing'}


def test_details_are_one_request(any_rtorrent: Rtorrent, tracker: Tracker) -> None:
    made = make(
        any_rtorrent.downloads,
        'several',
        {'a/b.txt': 300_000, 'c': 600_000, 'empty': 0},
        announce=tracker.url,
    )
    any_rtorrent.load(made.seed, made.info_hash, start=True)
    for key, value in (('addtime', '7'), ('x', '$y')):
        any_rtorrent.call('d.custom.set', made.info_hash, key, value)
    any_rtorrent.call('d.custom2.set', made.info_hash, 'VRS24mrkerhello%20you')
    backend = backend_of(any_rtorrent)
    backend.detail(made.info_hash)
    before = backend.rpc.requests
    detail = backend.detail(made.info_hash)
    assert backend.rpc.requests == before + 1

    assert detail.row == backend.row(made.info_hash)
    assert [(file.index, file.path, file.size) for file in detail.files] == [
        (0, 'a/b.txt', 300_000),
        (1, 'c', 600_000),
        (2, 'empty', 0),
    ]
    assert all(file.progress == 1.0 and file.completed_bytes == file.size for file in detail.files)
    assert [(one.url, one.type, one.is_enabled) for one in detail.trackers] == [(tracker.url, 'http', True)]
    assert detail.peers == []
    assert detail.extra['custom'] == {'addtime': '7', 'x': '$y'}
    assert detail.extra['comment'] == 'hello you'
    assert detail.extra['chunks'] == detail.extra['chunks_done'] == 4
    assert detail.extra['created'] == 1_700_000_000
    assert detail.extra['free_space'] > 0
    assert detail.extra['chunk_size'] == 262_144


def test_details_where_commands_are_missing(rtorrent: Rtorrent) -> None:
    """Any single command may be missing: its fact is None or its field empty, the rest is there."""
    made = loaded(rtorrent, 'several', {'a': 300_000, 'b': 1000})
    details, link = module.details, backend_of(rtorrent).rpc._transport
    for command in (*details.EXTRA.values(), *details.FILES, *details.PEERS, *details.TRACKERS):
        rpc = Without(link, target='box')
        rpc.lacking = frozenset({command})
        detail = RTorrentBackend(rpc).detail(made.info_hash)
        assert detail.row[0] == made.info_hash
        assert (len(detail.files), len(detail.trackers)) == (2, 1)
        names = [name for name, source in details.EXTRA.items() if source == command and name != 'custom']
        assert all(detail.extra[name] is None for name in names)


def test_a_file_that_is_partly_there() -> None:
    raw = {'f.path': 'a', 'f.size_bytes': 1000, 'f.size_chunks': 4, 'f.completed_chunks': 2, 'f.priority': 1}
    file = module.details.file_of(0, raw, 300)
    assert (file.completed_bytes, file.progress) == (600, 0.5)
    assert module.details.file_of(0, {**raw, 'f.completed_chunks': 3}, 500).completed_bytes == 1000
    assert module.details.file_of(0, {**raw, 'f.size_bytes': 0, 'f.size_chunks': 0}, 300).progress == 1.0


def test_reading_needs_no_trust(rtorrent: Rtorrent) -> None:
    made, link = loaded(rtorrent), recorder(rtorrent)
    backend = RTorrentBackend(Rpc(link, target='box'))
    backend.overview()
    backend.detail(made.info_hash)
    backend.row(made.info_hash)
    backend.settings()
    assert link.trusted == [False] * 6
    backend.perform('stop', [made.info_hash], {})
    assert link.trusted[6:] == [True]


def test_no_such_torrent(any_rtorrent: Rtorrent) -> None:
    backend = backend_of(any_rtorrent)
    with pytest.raises(NotFound, match='no torrent'):
        backend.detail('A' * 40)
    with pytest.raises(NotFound, match='no torrent'):
        backend.row('A' * 40)


def test_free_space_of_a_client_on_our_disks(rtorrent: Rtorrent) -> None:
    backend = backend_of(rtorrent, socket=rtorrent.socket)
    assert (backend.overview().globals.free_space or 0) > 0
