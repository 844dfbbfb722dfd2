"""Somebody's class as a backend: what it tells, what it can do, and everything it may do wrong."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

from lib.errors import BadReply, ConfigError, Conflict, ConnectError, NotFound, PyroError, TimedOut, WireError
from lib.targetspecs import TargetSpec
from model import actions, adding, settings
from model.backends import simple
from model.backends.client import FILE, METHODS, MORE, OPTIONAL, PEER, REQUIRED, TORRENT, TRACKER
from model.backends.load import make_backend
from model.backends.simple import SimpleBackend
from model.fields import INDEX, state_of
from model.hub import Hub
from tests.backends.clients import ONE, TWO, Full, Plain, entry
from tests.intake.torrents import hash_of, single, torrent
from tests.rig import wait_for

FIRST = ONE.upper()
INFO = single()


def backend(kind: type, timeout: float = 10.0, **options: Any) -> SimpleBackend:
    made = make_backend(TargetSpec('own', 'client', client=kind, options=options))
    assert isinstance(made, SimpleBackend)
    made._calls.worker.timeout = timeout
    return made


def field(row: tuple[Any, ...], key: str) -> Any:
    return row[INDEX[key]]


def test_the_five_methods_are_enough() -> None:
    own = backend(Plain)
    assert own.kind == 'Plain'
    assert own.capabilities == {'pause', 'resume', 'erase'}
    first, second = own.overview().rows
    assert (first[0], second[0]) == (FIRST, TWO.upper())
    told = {
        key: field(first, key) for key in ('name', 'size_bytes', 'completed_bytes', 'up_total', 'left_bytes')
    }
    assert list(told.values()) == ['torrent aaaa', 1000, 500, 250, 500]
    assert (field(first, 'ratio'), field(first, 'complete'), state_of(first)) == (500, False, 'downloading')
    assert own.row(FIRST) == first
    assert own.facts(FIRST).extra['loaded_file'] == 'aaaa.torrent'
    detail = own.detail(FIRST)
    assert (detail.row, detail.files, detail.peers, detail.trackers) == (first, [], [], [])
    assert own.globals().down_rate is None


def test_its_verbs_are_seen_in_the_next_list() -> None:
    hub = Hub([backend(Plain)])
    assert actions.run(hub, 'own', FIRST, 'pause').ok
    assert [state_of(row) for row in hub.get('own').rows()] == ['paused', 'downloading']
    assert actions.run(hub, 'own', FIRST, 'resume').ok
    assert state_of(hub.get('own').row(FIRST)) == 'downloading'
    assert actions.run(hub, 'own', FIRST, 'erase').ok
    assert [row[0] for row in hub.get('own').rows()] == [TWO.upper()]
    outcome = actions.run(hub, 'own', FIRST, 'pause')
    assert isinstance(outcome.error, NotFound)
    assert 'cannot do “Start”' in str(actions.run(hub, 'own', TWO.upper(), 'start').error)


def test_what_a_class_has_is_what_it_can_do() -> None:
    own = backend(Full)
    assert own.capabilities == {method.capability for method in METHODS.values()} - {''} | {'add_directory'}
    for method in OPTIONAL:
        without = type('Without', (Full,), {method.name: None})
        if method.capability and method.name != 'set_limits':
            # None is how Python takes a method away from a subclass.
            assert method.capability in own.capabilities
            assert method.capability not in backend(without).capabilities
    assert 'settings' not in backend(type('Without', (Full,), {'limits': None})).capabilities


def test_everything_it_can_do() -> None:
    hub = Hub([backend(Full, hashes=[ONE])], roots=['/srv'])
    own = hub.get('own')
    for verb, args, key, value in [
        ('stop', {}, 'state', 0),
        ('start', {}, 'state', 1),
        ('label', {'label': 'x'}, 'label', 'x'),
        ('priority', {'priority': 3}, 'priority', 3),
        ('check', {}, 'hashing', 0),
        ('announce', {}, 'state', 1),
    ]:
        outcome = actions.run(hub, 'own', FIRST, verb, args)
        assert outcome.ok, outcome
        assert field(own.row(FIRST), key) == value
    assert actions.run(hub, 'own', FIRST, 'file_priority', {'indexes': [0], 'priority': 2}).ok
    assert actions.run(hub, 'own', FIRST, 'tracker_enable', {'index': 0, 'on': False}).ok
    detail = own.detail(FIRST)
    assert [file.priority for file in detail.files] == [2]
    assert [(tracker.is_enabled, tracker.type, tracker.seeds) for tracker in detail.trackers] == [
        (False, 'http', 3)
    ]
    assert [(peer.id, peer.flags) for peer in detail.peers] == [('192.0.2.1:6881', 'encrypted')]
    assert (own.files(FIRST), own.peers(FIRST), own.trackers(FIRST)) == (
        detail.files,
        detail.peers,
        detail.trackers,
    )
    told = own.overview().globals
    assert (told.down_rate, told.up_rate, told.free_space, told.client_version) == (
        100,
        50,
        1 << 30,
        'Full 1.0',
    )
    settings.apply(hub, 'own', {'down_limit': 4096})
    assert own.settings() == {'up_limit': 0, 'down_limit': 4096, 'directory': '/srv/full'}


def test_adding() -> None:
    hub = Hub([backend(Full)], roots=['/srv'])
    added = adding.add(hub, 'own', torrent=torrent(INFO), start=False, label='new', directory='/srv/there')
    assert (added.hash, added.existed, added.warnings) == (hash_of(INFO), False, ())
    row = hub.get('own').row(added.hash)
    assert [field(row, key) for key in ('label', 'directory', 'state')] == ['new', '/srv/there', 0]
    assert adding.add(hub, 'own', torrent=torrent(INFO)).existed
    link = adding.add(hub, 'own', magnet=f'magnet:?xt=urn:btih:{TWO}')
    assert field(hub.get('own').row(link.hash), 'is_meta') is True


class Adds(Plain):
    """Its method for adding takes the .torrent and nothing else."""

    def __init__(self) -> None:
        super().__init__([])

    def add_torrent(self, data: bytes) -> None:
        hash = hash_of(INFO)
        self.torrents[hash] = entry(hash)

    def set_label(self, hash: str, label: str) -> None:
        self.torrents[hash]['label'] = label


def test_what_its_adding_does_not_take_is_done_after_it() -> None:
    hub = Hub([backend(Adds)], roots=['/srv'])
    added = adding.add(hub, 'own', torrent=torrent(INFO), start=False, label='new')
    row = hub.get('own').row(added.hash)
    assert (field(row, 'label'), state_of(row)) == ('new', 'paused')


@pytest.mark.parametrize(
    ('kind', 'more', 'words'),
    [
        (Adds, {'directory': '/srv/x'}, 'directory'),
        (type('Bare', (Adds,), {'set_label': None}), {'label': 'x'}, 'label'),
    ],
)
def test_what_cannot_be_done_when_adding_is_said_before(kind: type, more: dict[str, str], words: str) -> None:
    hub = Hub([backend(kind)], roots=['/srv'])
    with pytest.raises(Conflict, match=words):
        adding.add(hub, 'own', torrent=torrent(INFO), **more)  # type: ignore[arg-type]
    assert hub.get('own').rows() == []


def test_what_it_took_and_does_not_list_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simple, 'SEEN', 0.0)
    kind = type('Loses', (Adds,), {'add_torrent': lambda self, data: None})
    with pytest.raises(Conflict, match='does not list it'):
        adding.add(Hub([backend(kind)]), 'own', torrent=torrent(INFO))


# what it returns


def telling(**more: Any) -> type:
    """A class whose one torrent has these keys; without those that are ``...``."""
    told = {key: value for key, value in (entry(ONE) | more).items() if value is not ...}

    class Tells(Plain):
        def __init__(self) -> None:
            self.torrents = {ONE: told}

    return Tells


class Evil(str):
    """A text that would run code of its own."""

    __slots__ = ()

    def __str__(self) -> str:
        raise AssertionError

    def __len__(self) -> int:
        raise AssertionError

    def __getitem__(self, at: object) -> str:
        raise AssertionError


@pytest.mark.parametrize(
    ('more', 'words'),
    [
        ({'name': ...}, "without 'name'"),
        ({'name': 3}, "'name' = 3 (int); return a text"),
        ({'name': b'x'}, "'name' = b'x' (bytes); return a text"),
        ({'hash': ONE[:-1]}, '40 hexadecimal digits'),
        ({'hash': None}, "'hash' = None"),
        ({'hash': 'g' * 40}, '40 hexadecimal digits'),
        ({'hash': TWO}, 'the torrent that was asked for'),
        ({'active': 'yes'}, "'active' = 'yes' (str); return True or False"),
        ({'downloaded': -1}, "'downloaded' = -1 (int); return a number, 0 or more"),
        ({'downloaded': '5'}, "'downloaded' = '5' (str); return a number"),
        ({'length': float('nan')}, "'length' = nan"),
        ({'length': 1 << 70}, "'length' = a value of the type int"),
        ({'length': 10**400}, "'length' = a value of the type int"),
        ({'length': True}, "'length' = True; return a number"),
        ({'path': None}, "'path' = None; return a text"),
        ({'extra': [1]}, "'extra' = a value of the type list; return a mapping"),
        ({'extra': {'a': object()}}, "'extra'['a' (str)] = a value of the type object"),
        ({'down_rate': 'fast'}, "'down_rate'"),
        ({'label': 7}, "'label'"),
        ({'added': []}, "'added'"),
        ({'is_private': 2}, "'is_private'"),
    ],
)
def test_wrong_values_are_named_with_what_to_return(more: dict[str, Any], words: str) -> None:
    own = backend(telling(**more))
    for ask in (own.rows, lambda: own.row(FIRST)):
        with pytest.raises(BadReply) as caught:
            ask()
        assert words in str(caught.value)
    assert str(caught.value).startswith("Tells.get_torrent('aaaaaaaa…') returned ")


@pytest.mark.parametrize(
    ('more', 'key', 'value'),
    [
        ({'name': 'a\x00\x1b[31m\ud800b'}, 'name', 'a��[31m�b'),
        ({'name': Evil('ok')}, 'name', 'ok'),
        ({'name': 'x' * 5000}, 'name', 'x' * 4096),
        ({'downloaded': 2000}, 'completed_bytes', 1000),
        ({'downloaded': 10.9}, 'completed_bytes', 10),
        ({'downloaded': 1000}, 'complete', True),
        ({'downloaded': 1000, 'complete': False}, 'complete', False),
        ({'length': 0, 'downloaded': 0}, 'complete', False),
        ({'active': 0}, 'is_active', False),
        ({'finished': True}, 'finished', None),
        ({'finished': 7}, 'finished', 7),
        ({'tracker': 'https://t.example.org/key/announce?passkey=x'}, 'tracker', 't.example.org'),
        ({'tracker': 'http://[x/'}, 'tracker', ''),
        ({'label': None}, 'label', None),
        ({'unheard_of': object()}, 'message', ''),
    ],
)
def test_what_is_made_of_values(more: dict[str, Any], key: str, value: object) -> None:
    assert field(backend(telling(**more)).row(FIRST), key) == value


@pytest.mark.parametrize(
    ('more', 'state'),
    [
        ({}, 'downloading'),
        ({'downloaded': 1000}, 'seeding'),
        ({'active': False}, 'paused'),
        ({'active': False, 'state': False}, 'stopped'),
        ({'state': 1, 'active': False, 'is_open': False}, 'queued'),
        ({'hashing': True}, 'checking'),
        ({'message': 'No space left.'}, 'error'),
    ],
)
def test_states(more: dict[str, Any], state: str) -> None:
    assert state_of(backend(telling(**more)).row(FIRST)) == state


def test_one_that_can_start_is_stopped_when_it_is_not_active() -> None:
    kind = type('Starts', (telling(active=False),), {'start': lambda self, hash: None})
    assert state_of(backend(kind).row(FIRST)) == 'stopped'


def doing(method: str, act: Callable[..., Any], base: type = Plain) -> type:
    """A class with one method of its own."""
    return type('Does', (base,), {method: act})


def raising(error: BaseException) -> Callable[..., Any]:
    def act(*args: object) -> None:
        raise error

    return act


def many(self: object) -> list[str]:
    found = [f'{number:040x}' for number in range(150_000)]
    return [*found, found[-1]]


def forever(self: object) -> Iterator[str]:
    return (f'{number:040x}' for number in count())


@pytest.mark.parametrize(
    ('kind', 'words'),
    [
        (doing('list', lambda self: None), 'Does.list() returned None; return a list'),
        (doing('list', lambda self: ONE), "returned 'aaaaa"),
        (doing('list', lambda self: {ONE: 1}), 'a value of the type dict; return a list'),
        (doing('list', lambda self: [ONE, 7]), 'returned 7 (int); an info hash is'),
        (doing('list', lambda self: [ONE, ONE.upper()]), 'return each torrent once'),
        (doing('list', many), 'return each torrent once'),
        (doing('list', forever), 'more than 200000 items'),
        (doing('get_torrent', lambda self, hash: [hash]), 'return a mapping'),
        (doing('list_torrents', lambda self: [entry(ONE), entry(ONE)]), 'return each torrent once'),
        (doing('list_torrents', lambda self: 5), 'Does.list_torrents() returned 5 (int); return a list'),
        (doing('list_torrents', lambda self: [None]), 'returned None; return a mapping'),
        (doing('rates', lambda self: 7), "return {'down': …, 'up': …}"),
        (doing('rates', lambda self: {'down': '7'}), "'down' = '7' (str); return a number"),
        (doing('version', lambda self: 7), 'Does.version() returned'),
        (doing('free_space', lambda self: -7), 'Does.free_space() returned'),
        (
            doing('get_torrent', raising(ZeroDivisionError('oh'))),
            'Does.get_torrent raised ZeroDivisionError: oh (test_',
        ),
        (doing('get_torrent', raising(KeyError('nme'))), "raised KeyError: 'nme'"),
        (doing('list', raising(SystemExit(3))), 'raised SystemExit: 3'),
        (doing('list', raising(KeyboardInterrupt())), 'raised KeyboardInterrupt'),
        (doing('list', raising(ValueError('a\nb\x1b' + 'c' * 5000))), 'raised ValueError: a b�ccc'),
    ],
)
def test_nonsense_is_one_error_that_says_whose(kind: type, words: str) -> None:
    with pytest.raises(BadReply) as caught:
        backend(kind).overview()
    assert words in str(caught.value)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize(
    ('method', 'told', 'words'),
    [
        ('files', [{'path': 'a', 'size': 1}], "without 'done'"),
        ('files', [{'path': '../a', 'size': 1, 'done': 0}], 'a path lies below'),
        ('files', [{'path': '/a', 'size': 1, 'done': 0}], 'a path lies below'),
        ('files', [{'path': 'a', 'size': 1, 'done': 0, 'priority': 3}], '0, 1 or 2'),
        ('peers', [{'port': 1}], "without 'address'"),
        ('peers', [{'address': 'x', 'progress': 50}], "'progress' = 50 (int); return a share from 0 to 1"),
        ('trackers', [{}], "without 'url'"),
        ('trackers', 'none', 'return a list'),
    ],
)
def test_nonsense_about_parts(method: str, told: object, words: str) -> None:
    own = backend(doing(method, lambda self, hash: told, Full), hashes=[ONE])
    with pytest.raises(BadReply) as caught:
        getattr(own, method)(FIRST)
    assert words in str(caught.value)


def test_what_a_peer_is_not_told_to_have_sent_is_not_known() -> None:
    told = [{'address': '192.0.2.1', 'up_total': 5}]
    (peer,) = backend(doing('peers', lambda self, hash: told, Full), hashes=[ONE]).peers(FIRST)
    assert (peer.down_total, peer.up_total, peer.peer_rate) == (None, 5, None)


def test_a_torrent_that_goes_while_it_is_listed_is_left_out() -> None:
    class Goes(Plain):
        def get_torrent(self, hash: str) -> Any:
            self.torrents.pop(ONE, None)
            return super().get_torrent(hash)

    assert [row[0] for row in backend(Goes).rows()] == [TWO.upper()]
    assert [row[0] for row in backend(doing('get_torrent', lambda self, hash: None)).rows()] == []


def test_hashes_are_asked_for_as_the_class_writes_them() -> None:
    own = backend(Plain, hashes=['aB' * 20])
    assert own.row('AB' * 20)[0] == 'AB' * 20
    with pytest.raises(NotFound):
        own.row('C' * 40)


def test_false_says_that_it_was_not_done() -> None:
    hub = Hub([backend(doing('pause', lambda self, hash: False))])
    outcome = actions.run(hub, 'own', FIRST, 'pause')
    assert (outcome.state, outcome.message) == ('failed', 'own says that it could not be done.')


@pytest.mark.parametrize(
    ('error', 'kind'),
    [
        (ConnectionRefusedError(111, 'refused'), ConnectError),
        (TimeoutError('slow'), TimedOut),
        (BrokenPipeError(32, 'broken'), WireError),
        (Conflict('Not now.'), Conflict),
    ],
)
def test_errors_of_connections_and_of_ours(error: Exception, kind: type[PyroError]) -> None:
    own = backend(doing('list', raising(error)))
    with pytest.raises(PyroError) as caught:
        own.rows()
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    ('error', 'state'), [(TimeoutError('slow'), 'unknown'), (ValueError('no'), 'failed')]
)
def test_a_verb_that_raises(error: Exception, state: str) -> None:
    hub = Hub([backend(doing('pause', raising(error)))])
    outcomes = actions.run_many(hub, [('own', FIRST), ('own', TWO.upper())], 'pause')
    assert [outcome.state for outcome in outcomes] == [state, state]


def test_one_that_hangs_keeps_nobody() -> None:
    release, entered = threading.Event(), threading.Event()

    def hang(self: object) -> list[str]:
        entered.set()
        release.wait(60)
        return []

    own = backend(doing('list', hang), timeout=1.0)
    try:
        with pytest.raises(TimedOut, match=r'Does.list did not return within 1 seconds') as caught:
            own.rows()
        assert caught.value.sent
        assert entered.is_set()
        worker = own._calls.worker
        wait_for(lambda: time.monotonic() - worker._since > worker.timeout, 10, 'the call to be late itself')
        for _ in range(20):  # nobody waits behind it, and no thread is spent on it
            with pytest.raises(TimedOut, match='still has not returned') as caught:
                own.rows()
            assert not caught.value.sent
        assert own._calls.worker._jobs.empty()
        assert sum(thread.name == 'client-own' for thread in threading.enumerate()) >= 1
    finally:
        release.set()
    wait_for(lambda: own._calls.worker._since is None, 10, 'the call to return')
    own._calls.worker.timeout = 10
    assert own.rows() == []


def test_what_was_not_begun_in_time_is_never_done() -> None:
    release, entered, asked = threading.Event(), threading.Event(), []

    def slow(self: object, hash: str) -> None:
        asked.append(hash)
        entered.set()
        release.wait(60)

    own = backend(doing('pause', slow), timeout=10)
    first = threading.Thread(target=own.perform, args=('pause', [FIRST], {}), daemon=True)
    first.start()
    assert entered.wait(60)
    own._calls.worker.timeout = 0.2
    own._calls.worker._since = time.monotonic() + 100  # it did not take long yet
    with pytest.raises(TimedOut) as caught:
        own._calls.call('pause', TWO, read=lambda value, told: None)
    assert not caught.value.sent
    release.set()
    first.join(60)
    own._calls.worker.timeout = 10
    assert len(own.rows()) == 2
    assert asked == [ONE]


def test_calls_never_overlap_and_come_from_one_thread() -> None:
    threads: set[int] = set()
    inside = threading.Lock()

    class Watched(Plain):
        def __init__(self) -> None:
            super().__init__()
            threads.add(threading.get_ident())

        def get_torrent(self, hash: str) -> Any:
            threads.add(threading.get_ident())
            assert inside.acquire(blocking=False)
            try:
                return super().get_torrent(hash)
            finally:
                inside.release()

    own = backend(Watched)
    askers = [threading.Thread(target=own.rows) for _ in range(8)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert len(threads) == 1
    assert threads != {threading.get_ident()}


def test_its_thread_ends_with_it() -> None:
    own = backend(Plain)
    thread = own._calls.worker._thread
    assert thread is not None
    del own
    wait_for(lambda: not thread.is_alive(), 10, 'the thread to end')


def test_the_poller_tells_and_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    broken, good = backend(telling(name=3)), make_backend(TargetSpec('good', 'client', client=Plain))
    hub = Hub([broken, good])
    try:
        states = {state.name: state for state in hub.look()}
        assert (states['own'].status, states['good'].status) == ('failed', 'ok')
        assert "Tells.get_torrent('aaaaaaaa…') returned with 'name' = 3 (int)" in str(states['own'].error)
        assert hub.snapshot.count('good') == 2
        assert 'mistake in asking' not in caplog.text
    finally:
        hub.close(5)


def test_tables_name_what_there_is() -> None:
    assert {method.name for method in REQUIRED} == {'list', 'get_torrent', 'pause', 'resume', 'remove'}
    assert all(hasattr(Full, name) for name in METHODS)
    for keys in ((*TORRENT, *MORE), FILE, PEER, TRACKER):
        names = [key.name for key in keys]
        assert len(names) == len(set(names))
        assert all(key.help.endswith('.') for key in keys)


# a class that cannot be a client


@pytest.mark.parametrize(
    ('kind', 'options', 'words'),
    [
        (type('Empty', (), {}), {}, ['Empty', 'lacks list()', 'lacks remove(hash)', 'docs/backends.rst']),
        (doing('pause', None), {}, ['lacks pause(hash)']),  # type: ignore[arg-type]
        (doing('files', 7), {}, ['its files is no method']),  # type: ignore[arg-type]
        (doing('pause', lambda self: None), {}, ['pause cannot be called with (hash)']),
        (doing('check', lambda self, hash, more: None), {}, ['check cannot be called with (hash)']),
        (Plain, {'colour': 1}, ['Plain.__init__ raised TypeError', 'colour', 'options']),
        (
            doing('__init__', raising(ValueError('wrong secret'))),
            {},
            ['__init__ raised ValueError: wrong secret'],
        ),
    ],
)
def test_what_keeps_a_class_from_being_one(kind: type, options: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        backend(kind, **options)
    for word in words:
        assert word in str(caught.value)


def test_async_methods_are_refused() -> None:
    async def pause(self: object, hash: str) -> None: ...

    with pytest.raises(ConfigError, match='its pause is “async”'):
        backend(doing('pause', pause))


def test_one_that_cannot_connect_yet_is_asked_again() -> None:
    up = threading.Event()

    class Connects(Plain):
        def __init__(self) -> None:
            if not up.is_set():
                raise ConnectionRefusedError(111, 'Connection refused')
            super().__init__()

    own = backend(Connects)
    with pytest.raises(ConnectError, match='Connection refused'):
        own.rows()
    up.set()
    assert len(own.rows()) == 2


def test_no_message_shows_a_secret_of_its_options() -> None:
    def fail(self: Any) -> None:
        raise ValueError('http://u:other-one@box/?token=third-one rejected hunter2!')

    kind = doing('list', fail)
    kind.__init__ = lambda self, **options: None  # type: ignore[misc]
    own = backend(kind, api_key='hunter2!')
    with pytest.raises(BadReply) as caught:
        own.rows()
    for secret in ('hunter2!', 'other-one', 'third-one'):
        assert secret not in str(caught.value)
