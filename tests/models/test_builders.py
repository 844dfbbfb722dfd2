"""The query builders as the first pyroTorrent documented them."""

from __future__ import annotations

import socket

import pytest
import simplejson

from lib.calls import columns
from lib.errors import BadReply, Fault, MethodMissing, NoSuchTorrent, TimedOut, UnknownName, UsageError
from lib.multibase import (
    InvalidConnectionException,
    InvalidTorrentCommandException,
    InvalidTorrentException,
    MultiBase,
)
from lib.peerquery import PeerQuery
from lib.peerrequester import PeerRequester
from lib.rtorrentquery import RTorrentQuery
from lib.torrentfilequery import TorrentFileQuery
from lib.torrentfilerequester import TorrentFileRequester
from lib.torrentquery import TorrentQuery
from lib.torrentrequester import TorrentRequester
from lib.trackerquery import TrackerQuery
from lib.trackerrequester import TrackerRequester
from model.rtorrent import RTorrent
from tests.models.conftest import Loaded
from tests.models.recorder import MODERN, Recorder, recorded

UNKNOWN = 'A' * 40


def test_the_seeds_query(loaded: Loaded) -> None:
    r = RTorrent()
    r.query().get_hostname().first()  # learns the names of commands, and on 0.16 that this one needs trust
    before = loaded.rpc.requests
    answer = (
        r.query()
        .get_upload_rate()
        .get_download_rate()
        .get_ip()
        .get_hostname()
        .get_memory_usage()
        .get_max_memory_usage()
        .get_libtorrent_version()
        .first()
    )
    assert loaded.rpc.requests - before == 1
    assert answer['get_hostname'] == answer.get_hostname == socket.gethostname()
    assert list(answer) == [
        *('get_upload_rate', 'get_download_rate', 'get_ip', 'get_hostname'),
        *('get_memory_usage', 'get_max_memory_usage', 'get_libtorrent_version'),
    ]
    assert answer.get_libtorrent_version.startswith('0.')
    assert answer.get_max_memory_usage > 0


def test_the_seeds_requester(loaded: Loaded) -> None:
    loaded.rpc.methods  # noqa: B018
    before = loaded.rpc.requests
    try:
        t = TorrentRequester('')

        t.get_name().get_download_rate().get_upload_rate() \
            .is_complete().get_size_bytes().get_download_total().get_hash()  # fmt: skip

        torrents = t.all()
    except InvalidTorrentException as e:
        raise AssertionError from e
    assert loaded.rpc.requests - before == 1
    assert len(torrents) == 1
    assert repr(torrents[:1]) == (
        "[{'get_name': 'two', 'get_download_rate': 0, 'get_upload_rate': 0, 'is_complete': 0, "
        f"'get_size_bytes': 3000, 'get_download_total': 0, 'get_hash': '{loaded.info_hash}'}}]"
    )
    assert torrents[0].get_name == torrents[0]['get_name'] == 'two'
    assert simplejson.loads(simplejson.dumps(torrents)) == torrents


def test_every_column_of_every_list_works(loaded: Loaded) -> None:
    lists = {
        'torrent': TorrentRequester('main'),
        'file': TorrentFileRequester(loaded.info_hash),
        'tracker': TrackerRequester(loaded.info_hash),
        'peer': PeerRequester(loaded.info_hash),
    }
    counts = {'torrent': 1, 'file': 2, 'tracker': 1, 'peer': 0}
    for kind, requester in lists.items():
        for name, method in columns(kind).items():
            getattr(requester, name)(*(['k'] if method.args else []))
        rows = requester.all()
        assert len(rows) == counts[kind]
        assert all(len(row) == len(columns(kind)) for row in rows)
        missing = {name for row in rows for name, value in row.items() if value is None}
        newer = {'has_active_tracker', 'has_announcing_tracker', 'has_usable_tracker'}
        assert missing <= newer


def test_lists_of_a_torrents_parts(loaded: Loaded) -> None:
    files = TorrentFileRequester(loaded.info_hash.lower()).get_path().get_size_bytes().get_priority().all()
    assert files == [
        {'get_path': 'a.txt', 'get_size_bytes': 1000, 'get_priority': 1},
        {'get_path': 'sub/b.txt', 'get_size_bytes': 2000, 'get_priority': 1},
    ]
    assert TrackerRequester(loaded.info_hash).get_url().all() == [{'get_url': 'http://127.0.0.1:1/announce'}]
    assert TrackerRequester(loaded.info_hash).get_url().first() == {'get_url': 'http://127.0.0.1:1/announce'}
    assert PeerRequester(loaded.info_hash).get_address().first() is None


def test_queries_of_single_objects(loaded: Loaded) -> None:
    torrent = TorrentQuery(loaded.info_hash).get_name().get_size_files()
    assert torrent.first() == {'get_name': 'two', 'get_size_files': 2}
    assert torrent.all() == [torrent.first()]
    assert TorrentFileQuery(loaded.info_hash, 1).get_path().first() == {'get_path': 'sub/b.txt'}
    assert TrackerQuery(loaded.info_hash, 0).is_enabled().first() == {'is_enabled': 1}
    with pytest.raises(Fault):
        PeerQuery(loaded.info_hash, UNKNOWN).get_address().first()


def test_a_builder_can_be_sent_again_and_grow(loaded: Loaded) -> None:
    requester = TorrentRequester('').get_name()
    assert requester.all() == requester.all() == [{'get_name': 'two'}]
    assert requester.get_hash() is requester
    assert requester.all() == [{'get_name': 'two', 'get_hash': loaded.info_hash}]
    query = RTorrentQuery().get_upload_throttle()
    assert query.set_upload_throttle(20480).first().get_upload_throttle == 0
    assert query.first() == {'get_upload_throttle': 20480, 'set_upload_throttle': 0}


def test_a_setter_in_a_query_is_seen_by_the_getter_behind_it(loaded: Loaded) -> None:
    answer = RTorrentQuery().set_upload_throttle(40960).get_upload_throttle().first()
    assert answer.get_upload_throttle == 40960


def test_custom_fields_are_columns_with_a_key(loaded: Loaded) -> None:
    loaded.rtorrent.call('d.custom.set', loaded.info_hash, 'tm_loaded', '$cat=1;,"x"')
    assert TorrentRequester('').get_custom('tm_loaded').all() == [{'get_custom': '$cat=1;,"x"'}]
    two = TorrentRequester('').get_custom('tm_loaded').get_custom('nothing').get_name().all()
    assert two == [{'get_custom(tm_loaded)': '$cat=1;,"x"', 'get_custom(nothing)': '', 'get_name': 'two'}]
    for key in ('', 'a b', '$x', 'k,$execute=x', 'k;x', 'x' * 65):
        with pytest.raises(UsageError):
            TorrentRequester('').get_custom(key)


def test_views_are_those_the_server_has(loaded: Loaded) -> None:
    assert TorrentRequester('started').get_name().all() == []
    assert TorrentRequester('stopped').get_name().all() == [{'get_name': 'two'}]
    for view in ('nope', 'main;x', '$execute=x', '../x', 'x' * 255):
        with pytest.raises(UnknownName, match='There is no view'):
            TorrentRequester(view).get_name().all()
    loaded.rtorrent.call('view.add', '', 'my view')
    assert TorrentRequester('my view').get_name().all() == [{'get_name': 'two'}]
    for wrong in (None, 7, 'x' * 256, '\0'):
        with pytest.raises(UsageError):
            TorrentRequester(wrong)  # type: ignore[arg-type]


def test_what_is_not_there_is_said(loaded: Loaded) -> None:
    for wrong in (
        lambda: TorrentQuery(UNKNOWN).get_name().first(),
        lambda: TorrentFileRequester(UNKNOWN).get_path().all(),
        lambda: TorrentFileQuery(UNKNOWN, 0).get_path().first(),
    ):
        with pytest.raises(NoSuchTorrent) as caught:
            wrong()
        assert isinstance(caught.value, InvalidTorrentException)
    with pytest.raises(Fault):
        TorrentFileQuery(loaded.info_hash, 99).get_path().first()
    assert loaded.rtorrent.running


def test_an_unknown_command_is_refused_at_once() -> None:
    rpc, recorder = recorded()
    for builder, name, nearest in (
        (RTorrentQuery(rpc), 'get_upload_rat', 'get_upload_rate'),
        (TorrentRequester('', rpc), 'get_nmae', 'get_name'),
        (TorrentRequester('', rpc), 'set_priority', 'get_priority'),
        (TorrentFileRequester(UNKNOWN, rpc), 'get_pathh', 'get_path'),
    ):
        with pytest.raises(InvalidTorrentCommandException, match=f'Did you mean “{nearest}”') as caught:
            getattr(builder, name)
        assert isinstance(caught.value, AttributeError | UnknownName)
        assert not hasattr(builder, name)
    for name in (
        'erase',
        'set_custom1',
        'get_mode',
        'get_custom_items',
        'execute',
        '__foo__',
        '_bar',
        'd.name',
    ):
        assert not hasattr(TorrentRequester('', rpc), name)
    assert recorder.bodies == []


def test_arguments_are_checked_at_once() -> None:
    rpc, recorder = recorded()
    for wrong in (
        lambda: RTorrentQuery(rpc).set_upload_throttle('fast'),
        lambda: RTorrentQuery(rpc).get_upload_rate(1),
        lambda: TorrentRequester('', rpc).get_name('x'),
        lambda: TorrentQuery('x', rpc),
    ):
        with pytest.raises(UsageError):
            wrong()
    assert recorder.bodies == []


@pytest.mark.parametrize('kind', ['torrent', 'file', 'peer', 'tracker'])
def test_a_column_that_the_server_lacks_is_none_and_costs_nothing_else(kind: str) -> None:
    for name, method in columns(kind).items():
        rpc, _ = recorded(Recorder(MODERN - set(method.commands)))
        requester = {
            'torrent': lambda rpc: TorrentRequester('', rpc),
            'file': lambda rpc: TorrentFileRequester(UNKNOWN, rpc),
            'peer': lambda rpc: PeerRequester(UNKNOWN, rpc),
            'tracker': lambda rpc: TrackerRequester(UNKNOWN, rpc),
        }[kind](rpc)
        other = 'get_hash' if kind == 'torrent' else 'get_id' if kind == 'peer' else 'is_open'
        asked = getattr(requester, name)(*(['k'] if method.args else []))
        wanted = {name: None}
        if name != other and set(columns(kind)[other].commands).isdisjoint(method.commands):
            asked = getattr(asked, other)()
            wanted[other] = 0
        assert asked.all() == [wanted]


def test_an_old_name_is_used_where_the_new_one_is_missing() -> None:
    rpc, recorder = recorded(
        Recorder((MODERN - {'d.name', 'network.listen.port.range'}) | {'d.get_name', 'network.port_range'})
    )
    TorrentRequester('', rpc).get_name().get_hash().all()
    RTorrentQuery(rpc).get_port_range().first()
    assert recorder.calls() == [
        ('d.multicall2', ['', 'main', 'd.get_name=', 'd.hash=']),
        ('network.port_range', ['']),
    ]


def test_aliases_have_no_target_before_their_arguments() -> None:
    rpc, recorder = recorded(Recorder((MODERN - {'throttle.global_up.max_rate.set'}) | {'set_upload_rate'}))
    RTorrentQuery(rpc).set_upload_throttle(5).first()
    assert recorder.calls() == [('set_upload_rate', [5])]


def test_a_method_that_the_server_lacks_is_named() -> None:
    rpc, recorder = recorded(Recorder(MODERN - {'protocol.encryption'}))
    with pytest.raises(MethodMissing, match=r'protocol\.encryption') as caught:
        RTorrentQuery(rpc).get_upload_rate().get_encryption().first()
    assert caught.value.target == 'fake'
    assert recorder.bodies == []


def test_reads_need_no_trust_and_writes_do() -> None:
    rpc, recorder = recorded()
    RTorrentQuery(rpc).get_upload_rate().first()
    TorrentRequester('', rpc).get_name().all()
    RTorrentQuery(rpc).get_upload_rate().set_upload_throttle(0).first()
    assert recorder.trusted == [False, False, True]


def test_rows_of_another_width_are_refused() -> None:
    rpc, recorder = recorded()
    recorder.values['d.multicall2'] = [['a', 'b']]
    with pytest.raises(BadReply):
        TorrentRequester('', rpc).get_name().all()


def test_the_seeds_exceptions_catch_what_they_caught() -> None:
    rpc, recorder = recorded()
    recorder.fail_at = 0
    try:
        RTorrentQuery(rpc).get_upload_rate().first()
    except InvalidTorrentException:
        raise AssertionError from None
    except InvalidConnectionException as error:
        caught: Exception = error
    assert isinstance(caught, TimedOut)


def test_an_empty_builder_asks_for_nothing() -> None:
    rpc, recorder = recorded()
    assert RTorrentQuery(rpc).first() == {}
    assert recorder.bodies == []
    assert TorrentRequester('', rpc).all() == [{}]


def test_a_row_says_what_it_has() -> None:
    rpc, _ = recorded()
    row = RTorrentQuery(rpc).get_upload_rate().first()
    with pytest.raises(AttributeError, match='has no “get_name”; it has get_upload_rate'):
        row.get_name  # noqa: B018


def test_a_new_query_class_gets_the_methods_of_its_kind() -> None:
    class Mine(MultiBase):
        kind = 'torrent'

    assert Mine.get_name.__qualname__.endswith('Mine.get_name')
