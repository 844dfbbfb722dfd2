"""The JSON batches: the seed's request, order, sharing of requests, and every way to get it wrong."""

from __future__ import annotations

from typing import Any

import pytest
import simplejson

from lib import targets
from lib.calls import columns
from lib.errors import ConnectError, Denied, TooLarge, UnknownName, UsageError
from lib.wire.rpc import Rpc
from model import batch, replysize
from tests.models.conftest import Loaded
from tests.models.recorder import MODERN, Recorder

HASH = '8EB5801B88D34D50A6E7594B6678A2CF6224766E'
READ = {'target': 'fake', 'type': 'rtorrent', 'attributes': [['get_upload_rate', []]]}


class Fakes:
    """Recorders as targets ``fake`` and ``other``; ``down`` cannot be reached."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.recorders = {'fake': Recorder(), 'other': Recorder()}
        self._rpcs = {name: Rpc(recorder, target=name) for name, recorder in self.recorders.items()}
        monkeypatch.setattr(targets, 'connection', self._connection)

    def _connection(self, name: str | None = None) -> Rpc:
        if name == 'down':
            raise ConnectError('Nobody listens.', target='down')
        return self._rpcs[name or 'fake']

    @property
    def fake(self) -> Recorder:
        return self.recorders['fake']

    def run(self, *items: object, write: bool = True, confine: batch.Confine | None = None) -> list[Any]:
        results = batch.run(
            list(items), may_write=write, allowed_targets=['fake', 'other', 'down'], confine=confine
        )
        return list(simplejson.loads(simplejson.dumps(results)))


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> Fakes:
    return Fakes(monkeypatch)


def item(kind: str, *attributes: object, **members: object) -> dict[str, object]:
    return {'target': 'fake', 'type': kind, 'attributes': list(attributes), **members}


def code(result: Any) -> str:
    assert set(result) == {'error'}
    assert set(result['error']) == {'code', 'message'}
    assert len(result['error']['message']) > 10
    return str(result['error']['code'])


def test_the_seeds_request(loaded: Loaded) -> None:
    values = [
        {
            'target' : 'sheevareborn',
            'type' : 'torrentrequester',
            'view' : '',
            'attributes' : [
                ('get_name', []),
                ('get_download_rate', []),
                ('get_upload_rate', []),
                ('is_complete', []),
                ('get_size_bytes', []),
                ('get_download_total', []),
                ('get_hash', [])
            ]
        },
        {
            'target' : 'sheevareborn',
            'type' : 'rtorrent',
            'attributes' : [
                ('set_upload_throttle', [20480]),
                ('get_upload_throttle', [])
            ]
        },
        {
            'target' : 'sheevareborn',
            'type' : 'rtorrent',
            'attributes' : [
                ('set_upload_throttle', [20480*2]),
                ('get_upload_throttle', [])
            ]
        },

        {
            'target' : 'sheevareborn',
            'type' : 'torrent',
            'hash' : loaded.info_hash,
            'attributes' : (
                ('get_hash', []),
                ('get_name', []),
                ('is_complete', [])
            )
        }
    ]  # fmt: skip
    loaded.rpc.methods  # noqa: B018  asked once per connection
    before = loaded.rpc.requests
    the_page = batch.run(
        simplejson.loads(simplejson.dumps(values)), may_write=True, allowed_targets=['sheevareborn']
    )
    assert loaded.rpc.requests - before == 1
    assert simplejson.loads(simplejson.dumps(the_page)) == [
        [
            {
                'get_name': 'two',
                'get_download_rate': 0,
                'get_upload_rate': 0,
                'is_complete': 0,
                'get_size_bytes': 3000,
                'get_download_total': 0,
                'get_hash': loaded.info_hash,
            }
        ],
        {'set_upload_throttle': 0, 'get_upload_throttle': 20480},
        {'set_upload_throttle': 0, 'get_upload_throttle': 40960},
        {'get_hash': loaded.info_hash, 'get_name': 'two', 'is_complete': 0},
    ]


def test_the_other_types(loaded: Loaded) -> None:
    target = {'target': 'sheevareborn', 'hash': loaded.info_hash.lower()}
    results = batch.run(
        [
            {**target, 'type': 'file', 'attributes': ['get_path']},
            {**target, 'type': 'file', 'index': 1, 'attributes': [['set_priority', [2]], 'get_priority']},
            {**target, 'type': 'tracker', 'attributes': [['get_url']]},
            {**target, 'type': 'tracker', 'index': 0, 'attributes': [['disable'], ['is_enabled', []]]},
            {**target, 'type': 'peer', 'attributes': [['get_address', []]]},
            {**target, 'type': 'peer', 'index': 'A' * 40, 'attributes': ['get_address']},
            {**target, 'type': 'file', 'index': 7, 'attributes': ['get_path']},
            {'target': 'sheevareborn', 'type': 'torrent', 'hash': 'B' * 40, 'attributes': ['get_name']},
            {'type': 'torrentrequester', 'view': 'nope', 'attributes': ['get_name']},
            {'type': 'rtorrent', 'attributes': ['get_uptime', 'get_startup_time']},
        ],
        may_write=True,
        allowed_targets=['sheevareborn'],
    )
    assert results[:5] == [
        [{'get_path': 'a.txt'}, {'get_path': 'sub/b.txt'}],
        {'set_priority': 0, 'get_priority': 2},
        [{'get_url': 'http://127.0.0.1:1/announce'}],
        {'disable': 0, 'is_enabled': 0},
        [],
    ]
    assert [code(result) for result in results[5:9]] == ['fault', 'fault', 'no_such_torrent', 'unknown_name']
    assert 0 <= results[9]['get_uptime'] < 120
    assert loaded.rtorrent.running


def test_what_one_target_is_asked_goes_out_together_and_in_order(fakes: Fakes) -> None:
    fakes.run(
        item('torrentrequester', 'get_name'),
        item('rtorrent', ['set_upload_throttle', [1]], 'get_upload_throttle'),
        item('rtorrent', 'get_upload_rate', target='other'),
        item('torrent', 'get_name', ['set_custom', ['k', 'v']], hash=HASH),
        item('file', 'get_path', hash=HASH),
        item('rtorrent', ['set_upload_throttle', [2]]),
    )
    assert len(fakes.fake.bodies) == 1
    assert len(fakes.recorders['other'].bodies) == 1
    assert fakes.fake.calls() == [
        ('d.multicall2', ['', 'main', 'd.name=']),
        ('throttle.global_up.max_rate.set', ['', 1]),
        ('throttle.global_up.max_rate', ['']),
        ('d.name', [HASH]),
        ('d.custom.set', [HASH, 'k', 'v']),
        ('f.multicall', [HASH, '', 'f.path=']),
        ('throttle.global_up.max_rate.set', ['', 2]),
    ]
    assert fakes.fake.trusted == [True]
    assert fakes.recorders['other'].trusted == [False]


def test_a_repeated_attribute_keeps_its_last_value(fakes: Fakes) -> None:
    fakes.fake.values['throttle.global_up.max_rate.set'] = 7
    result = fakes.run(
        item('rtorrent', ['set_upload_throttle', [1]], ['set_upload_throttle', [2]], 'get_pid', 'get_pid')
    )
    assert result == [{'set_upload_throttle': 7, 'get_pid': 0}]
    custom = fakes.run(item('torrent', ['get_custom', ['a']], ['get_custom', ['b']], hash=HASH))
    assert custom == [{'get_custom(a)': 0, 'get_custom(b)': 0}]


@pytest.mark.parametrize(
    ('wrong', 'expected'),
    [
        *[(value, 'bad_input') for value in (None, 7, 'rtorrent', [], {}, {'type': 'rtorrent'}, [READ])],
        ({**READ, 'type': 'execute'}, 'unknown_name'),
        ({**READ, 'type': None}, 'bad_input'),
        ({**READ, 'type': ['rtorrent']}, 'bad_input'),
        ({**READ, 'target': 'fak'}, 'unknown_name'),
        ({**READ, 'target': 7}, 'bad_input'),
        ({**READ, 'target': None}, 'bad_input'),
        ({**READ, 'view': ''}, 'unknown_name'),
        ({**READ, 'hash': HASH}, 'unknown_name'),
        ({**READ, 'exec': 'x'}, 'unknown_name'),
        ({**READ, 'type': 'torrent'}, 'bad_input'),
        ({**READ, 'type': 'torrent', 'hash': ''}, 'bad_input'),
        ({**READ, 'type': 'torrent', 'hash': f'{HASH}:f0'}, 'bad_input'),
        ({**READ, 'type': 'torrent', 'hash': [HASH]}, 'bad_input'),
        ({**READ, 'type': 'torrent', 'hash': HASH, 'index': 0}, 'unknown_name'),
        ({**READ, 'type': 'file', 'hash': ''}, 'bad_input'),
        ({**READ, 'type': 'file', 'hash': HASH, 'index': '0'}, 'bad_input'),
        ({**READ, 'type': 'file', 'hash': HASH, 'index': None}, 'bad_input'),
        ({**READ, 'type': 'peer', 'hash': HASH, 'index': 0}, 'bad_input'),
        ({**READ, 'type': 'torrentrequester', 'view': None}, 'bad_input'),
        ({**READ, 'type': 'torrentrequester', 'view': ['main']}, 'bad_input'),
        ({**READ, 'type': 'torrentrequester', 'attributes': ['set_priority']}, 'unknown_name'),
        ({**READ, 'type': 'torrentrequester', 'attributes': ['erase']}, 'unknown_name'),
        ({**READ, 'type': 'torrentrequester', 'attributes': ['get_custom_items']}, 'unknown_name'),
        ({**READ, 'attributes': []}, 'bad_input'),
        ({**READ, 'attributes': None}, 'bad_input'),
        ({**READ, 'attributes': 'get_pid'}, 'bad_input'),
        ({**READ, 'attributes': {'get_pid': []}}, 'bad_input'),
        ({**READ, 'attributes': ['get_name']}, 'unknown_name'),
        ({**READ, 'attributes': [['get_pid', [], []]]}, 'bad_input'),
        ({**READ, 'attributes': [['get_pid', None]]}, 'bad_input'),
        ({**READ, 'attributes': [['get_pid', 'x']]}, 'bad_input'),
        ({**READ, 'attributes': [[['get_pid']]]}, 'bad_input'),
        ({**READ, 'attributes': [[]]}, 'bad_input'),
        ({**READ, 'attributes': [None]}, 'bad_input'),
        ({**READ, 'attributes': [7]}, 'bad_input'),
        ({**READ, 'attributes': [['get_pid', [1]]]}, 'bad_input'),
        ({**READ, 'attributes': [['set_upload_throttle', ['1']]]}, 'bad_input'),
        ({**READ, 'attributes': [['set_upload_throttle', [-1]]]}, 'bad_input'),
        ({**READ, 'attributes': [['set_upload_throttle', [1.0]]]}, 'bad_input'),
        ({**READ, 'attributes': ['get_pid'] * 101}, 'bad_input'),
        ({**READ, 'attributes': ['get_pid', 'execute']}, 'unknown_name'),
    ],
)
def test_a_wrong_item_is_not_sent_and_the_others_answer(fakes: Fakes, wrong: object, expected: str) -> None:
    results = fakes.run(READ, wrong, item('rtorrent', 'get_pid'))
    assert code(results[1]) == expected
    assert [results[0], results[2]] == [{'get_upload_rate': 0}, {'get_pid': 0}]
    assert fakes.fake.calls() == [('throttle.global_up.rate', ['']), ('system.pid', [''])]
    fakes.fake.bodies.clear()
    assert code(fakes.run(wrong)[0]) == expected
    assert fakes.fake.bodies == []


@pytest.mark.parametrize('request_', [None, {}, 'x', 7, READ])
def test_a_request_that_is_no_list_is_refused(fakes: Fakes, request_: object) -> None:
    with pytest.raises(UsageError, match='has to be a list'):
        batch.run(request_, may_write=True, allowed_targets=['fake'])


def test_a_request_of_too_many_items_is_refused(fakes: Fakes) -> None:
    assert len(fakes.run(*[READ] * 100)) == 100
    fakes.fake.bodies.clear()
    with pytest.raises(UsageError, match='101 items; 100 are allowed'):
        fakes.run(*[READ] * 101)
    assert fakes.fake.bodies == []


def test_an_empty_request_has_an_empty_answer(fakes: Fakes) -> None:
    assert fakes.run() == []


def test_setters_need_the_right_to_write(fakes: Fakes) -> None:
    results = fakes.run(
        item('rtorrent', 'get_pid', ['set_upload_throttle', [1]]),
        item('torrent', 'erase', hash=HASH),
        item('file', ['set_priority', [0]], hash=HASH, index=0),
        item('tracker', 'disable', hash=HASH, index=0),
        item('peer', 'ban', hash=HASH, index=HASH),
        item('rtorrent', ['set_directory', ['/srv']]),
        READ,
        write=False,
    )
    assert [code(result) for result in results[:6]] == ['denied'] * 6
    assert results[6] == {'get_upload_rate': 0}
    assert fakes.fake.calls() == [('throttle.global_up.rate', [''])]


def test_directories_are_confined(fakes: Fakes) -> None:
    asked = []

    def confine(target: str, path: str) -> str:
        asked.append((target, path))
        if not path.startswith('/srv/'):
            raise Denied('Outside of the download directories.')
        return path.rstrip('/')

    results = fakes.run(
        item('torrent', ['set_directory', ['/srv/a/']], hash=HASH),
        item('rtorrent', ['set_directory', ['/etc']]),
        item('torrent', ['set_directory_base', ['/srv/../etc']], hash=HASH),
        confine=confine,
    )
    assert results[0] == {'set_directory': 0}
    assert [code(result) for result in results[1:]] == ['denied', 'bad_input']
    assert asked == [('fake', '/srv/a/'), ('fake', '/etc')]
    assert fakes.fake.calls() == [('d.directory.set', [HASH, '/srv/a'])]


def test_directories_cannot_be_set_where_nobody_confines_them(fakes: Fakes) -> None:
    assert code(fakes.run(item('torrent', ['set_directory', ['/srv']], hash=HASH))[0]) == 'denied'
    assert fakes.fake.bodies == []


def test_a_target_that_is_not_allowed_does_not_exist(fakes: Fakes) -> None:
    [result] = batch.run([{**READ, 'target': 'other'}], may_write=True, allowed_targets=['fake'])
    assert code(result) == 'unknown_name'
    assert fakes.recorders['other'].bodies == []
    [result] = batch.run([READ], may_write=True, allowed_targets=[])
    assert code(result) == 'unknown_name'


def test_a_target_that_is_down_fails_alone(fakes: Fakes) -> None:
    results = fakes.run(item('rtorrent', 'get_pid', target='down'), READ)
    assert code(results[0]) == 'unreachable'
    assert results[1] == {'get_upload_rate': 0}


def test_a_command_that_the_server_lacks_fails_its_item_only(monkeypatch: pytest.MonkeyPatch) -> None:
    fakes = Fakes(monkeypatch)
    fakes.fake.methods = sorted(MODERN - {'protocol.encryption', 'd.tracker.has_active'})
    results = fakes.run(
        item('rtorrent', 'get_pid', 'get_encryption'),
        item('torrentrequester', 'get_name', 'has_active_tracker'),
        READ,
    )
    assert code(results[0]) == 'method_missing'
    assert results[1:] == [[{'get_name': 0, 'has_active_tracker': None}], {'get_upload_rate': 0}]
    assert ('system.pid', ['']) not in fakes.fake.calls()


def test_views_are_asked_for_once(fakes: Fakes) -> None:
    asked = []
    answer = fakes.fake.answer

    def watched(name: str, params: list[Any]) -> Any:
        asked.append(name)
        return answer(name, params)

    fakes.fake.answer = watched  # type: ignore[method-assign]
    results = fakes.run(
        *[item('torrentrequester', 'get_name', view=view) for view in ('mine', 'nope', 'mine', '', 'stopped')]
    )
    assert asked.count('view.list') == 1
    assert code(results[1]) == 'unknown_name'
    assert results[0] == results[2] == results[3] == results[4] == [{'get_name': 0}]


def test_a_large_batch_goes_in_several_requests_and_stops_at_the_first_that_fails(fakes: Fakes) -> None:
    text = '&' * 4000
    writes = [item('torrent', ['set_custom1', [text]], hash=HASH) for _ in range(100)]
    assert fakes.run(*writes) == [{'set_custom1': 0}] * 100
    assert len(fakes.fake.bodies) > 1
    assert max(map(len, fakes.fake.bodies)) < 500_000
    assert fakes.fake.calls() == [('d.custom1.set', [HASH, text])] * 100
    first = len(fakes.fake.calls()) // len(fakes.fake.bodies)
    fakes.fake.bodies.clear()
    fakes.fake.fail_at = fakes.fake.tried + 1
    results = fakes.run(*writes)
    answered = [result for result in results if 'error' not in result]
    assert 0 < len(answered) <= 2 * first
    assert [code(result) for result in results[len(answered) :]] == ['timed_out'] * (100 - len(answered))
    assert len(fakes.fake.bodies) == 1


def test_lists_that_would_kill_rtorrent_are_refused(fakes: Fakes) -> None:
    fakes.fake.values.update({'view.size': 50_000, 'd.size_files': 1000})
    wide = plain_columns()[:40]
    results = fakes.run(
        item('torrentrequester', *wide),
        item('torrentrequester', 'get_hash'),
        item('file', 'get_path', 'get_size_bytes', hash=HASH),
    )
    assert code(results[0]) == 'too_large'
    assert results[1:] == [[{'get_hash': 0}], [{'get_path': 0, 'get_size_bytes': 0}]]
    assert [name for name, _ in fakes.fake.calls()] == [
        *('view.size', 'view.size', 'd.size_files', 'd.multicall2', 'f.multicall'),
    ]


def test_a_list_of_few_columns_is_not_counted_first(fakes: Fakes) -> None:
    fakes.run(item('torrentrequester', *plain_columns()[:20]))
    assert [name for name, _ in fakes.fake.calls()] == ['d.multicall2']


def test_a_list_that_cannot_be_counted_is_asked_for_all_the_same(loaded_098: Loaded) -> None:
    names = plain_columns()
    [torrents, nothing] = batch.run(
        [
            {'type': 'torrentrequester', 'attributes': names},
            {'type': 'peer', 'hash': 'B' * 40, 'attributes': ['get_id']},
        ],
        may_write=False,
        allowed_targets=['sheevareborn'],
    )
    assert [len(row) for row in torrents] == [len(names)]
    assert code(nothing) == 'no_such_torrent'


def test_error_classes_match_their_codes() -> None:
    assert (UnknownName.code, TooLarge.code, Denied.code) == ('unknown_name', 'too_large', 'denied')
    assert replysize.MAX_REPLY < 100 << 20


def plain_columns() -> list[str]:
    return [name for name, method in columns('torrent').items() if not method.args]
