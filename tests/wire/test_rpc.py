from __future__ import annotations

import re
import socket
import threading
import xmlrpc.client
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest

from lib.errors import (
    BadReply,
    ClosedEarly,
    Fault,
    MethodMissing,
    NoSocket,
    NoSuchTorrent,
    RequestTooLarge,
    TimedOut,
    UsageError,
    WireError,
)
from lib.wire import rpc as wire_rpc
from lib.wire import scgi, transport, url
from lib.wire.rpc import Rpc
from lib.wire.stream import ClosedUnanswered
from lib.wire.transport import Transport
from lib.wire.xmlrpc import dumps
from tests.rig import Rtorrent, bencode
from tests.rig.factory import Factory
from tests.wire import fakes
from tests.wire.fakes import Server, Visit, fault, text
from tests.wire.rendering import lines

Answer = Callable[[str, list[object], bool], bytes]
HASH = 'A' * 40


class Counted(Transport):
    """Counts the requests that are under way. (A server sees an old connection end after a new one began.)"""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner
        self._lock = threading.Lock()
        self._now = self.most = 0

    def send(self, body: bytes, deadline: float, *, trusted: bool = True) -> bytes:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            return self._inner.send(body, deadline, trusted=trusted)
        finally:
            with self._lock:
                self._now -= 1

    def close(self) -> None:
        self._inner.close()


class Canned(Transport):
    """A transport whose replies a function makes; remembers what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.asked: list[tuple[str, bool]] = []

    def send(self, body: bytes, deadline: float, *, trusted: bool = True) -> bytes:
        params, method = xmlrpc.client.loads(body)
        self.asked.append((str(method), trusted))
        return self._answer(str(method), list(params), trusted)

    def close(self) -> None:
        pass


def rpc_with(answer: Answer) -> tuple[Rpc, Canned]:
    canned = Canned(answer)
    return Rpc(canned, target='box', timeout=60), canned


def connected(rtorrent: Rtorrent, timeout: float = 60) -> Rpc:
    return Rpc(transport.connect(url.parse(rtorrent.url), target='box'), target='box', timeout=timeout)


# What is known about a client


def test_methods_are_asked_once() -> None:
    rpc, canned = rpc_with(lambda *_: lines(['a', 'b']).encode())
    assert rpc.methods == rpc.methods == {'a', 'b'}
    assert rpc.resolve(['x', 'b', 'a']) == 'b'
    assert canned.asked == [('system.listMethods', False)]
    rpc.forget()
    assert rpc.methods == {'a', 'b'}
    assert rpc.requests == 2


@pytest.mark.parametrize('failure', [fault(-503, 'no'), text('x'), lines([]).encode(), b''])
def test_a_failure_to_ask_for_methods_is_not_remembered(failure: bytes) -> None:
    replies = [failure, lines(['a']).encode()]
    rpc, _ = rpc_with(lambda *_: replies.pop(0))
    with pytest.raises(WireError):
        _ = rpc.methods
    assert rpc.methods == {'a'}


def test_a_name_that_no_version_has() -> None:
    rpc, _ = rpc_with(lambda *_: lines(['a']).encode())
    with pytest.raises(MethodMissing, match=r'x\.y') as caught:
        rpc.resolve(['x.y', 'z'])
    assert (caught.value.target, caught.value.method) == ('box', 'x.y')


# Trust


def guarded(*blocked: str) -> Answer:
    """Answers as 0.16 does, which runs ``blocked`` for trusted connections only."""

    def refusal(method: str, params: list[object]) -> str:
        return next((name for name in blocked if name == method or f'{name}=' in str(params)), '')

    def answer(method: str, params: list[object], trusted: bool) -> bytes:
        if method == 'system.multicall':
            calls = [(str(call['methodName']), list(call['params'])) for call in params[0]]  # type: ignore[attr-defined]
        else:
            calls = [(method, params)]
        results: list[object] = []
        for name, arguments in calls:
            bad = '' if trusted else refusal(name, arguments)
            words = f'Command "{bad}" is not allowed for untrusted connections.'
            results.append({'faultCode': -507, 'faultString': words} if bad else [f'{name} answers'])
        if method == 'system.multicall':
            return lines(results).encode()
        if isinstance(results[0], dict):
            return fault(-507, str(results[0]['faultString']))
        return lines([['row']] if method.endswith('multicall2') else 'x').encode()

    return answer


def test_reads_are_untrusted_and_writes_are_not() -> None:
    rpc, canned = rpc_with(guarded())
    rpc.call('d.name', HASH, read=True)
    rpc.call('d.stop', HASH)
    rpc.rows('d.multicall2', '', 'main', 'd.name=')
    rpc.multicall([('d.name', [HASH])], read=True)
    rpc.multicall([('d.stop', [HASH])])
    assert [trusted for _, trusted in canned.asked] == [False, True, False, False, True]


def test_a_read_that_needs_trust_is_repeated_and_remembered() -> None:
    rpc, canned = rpc_with(guarded('system.pid'))
    for _ in range(2):
        assert rpc.call('system.pid', read=True) == 'x'
    assert rpc.call('d.name', HASH, read=True) == 'x'
    pid = 'system.pid'
    assert canned.asked == [(pid, False), (pid, True), (pid, True), ('d.name', False)]
    rpc.forget()
    rpc.call('system.pid', read=True)
    assert canned.asked[4:] == [(pid, False), (pid, True)]


def test_a_column_that_needs_trust_does_not_cost_other_tables_their_wall() -> None:
    rpc, canned = rpc_with(guarded('d.tied_to_file'))
    rpc.rows('d.multicall2', '', 'main', 'd.name=', 'cat=$d.hash=,",",$d.tied_to_file=')
    rpc.rows('d.multicall2', '', 'main', 'd.tied_to_file=')
    rpc.rows('d.multicall2', '', 'main', 'd.name=')
    assert [trusted for _, trusted in canned.asked] == [False, True, True, False]


def test_one_call_among_several_that_needs_trust() -> None:
    rpc, canned = rpc_with(guarded('system.pid', 'view.list'))
    calls = [('d.name', [HASH]), ('system.pid', []), ('view.list', [])]
    assert rpc.multicall(calls, read=True) == ['d.name answers', 'system.pid answers', 'view.list answers']
    rpc.call('view.list', read=True)
    rpc.multicall([('d.name', [HASH])], read=True)
    assert [trusted for _, trusted in canned.asked] == [False, True, True, False]


def test_a_refusal_in_other_words_is_remembered_too() -> None:
    rpc, canned = rpc_with(lambda method, params, trusted: text('x') if trusted else fault(-507, 'No.'))
    for _ in range(2):
        assert rpc.call('system.pid', read=True) == 'x'
    assert [trusted for _, trusted in canned.asked] == [False, True, True]


def test_a_refused_write_is_not_repeated() -> None:
    rpc, canned = rpc_with(lambda *_: fault(-507, 'Recursive system.multicall forbidden'))
    with pytest.raises(Fault):
        rpc.call('d.stop', HASH)
    assert len(canned.asked) == 1


# Errors


def test_errors_carry_target_and_method() -> None:
    rpc, _ = rpc_with(lambda *_: fault(-501, 'Could not find info-hash.'))
    with pytest.raises(NoSuchTorrent) as caught:
        rpc.call('d.name', HASH, read=True)
    assert (caught.value.target, caught.value.method) == ('box', 'd.name')
    with pytest.raises(NoSuchTorrent) as caught:
        rpc.multicall([('d.name', [HASH])])
    assert caught.value.method == 'system.multicall'


def test_faults_among_several_calls_carry_theirs() -> None:
    one = {'faultCode': -506, 'faultString': 'nope'}
    rpc, _ = rpc_with(lambda *_: lines([['x'], one]).encode())
    good, bad = rpc.multicall([('d.name', [HASH]), ('d.nope', [HASH])])
    assert good == 'x'
    assert isinstance(bad, MethodMissing)
    assert (bad.target, bad.method) == ('box', 'd.nope')


def test_an_answer_to_fewer_calls_is_a_bad_reply() -> None:
    rpc, _ = rpc_with(lambda *_: lines([['x']]).encode())
    with pytest.raises(BadReply, match='1 of 2'):
        rpc.multicall([('a', []), ('b', [])])


def test_no_calls_are_no_request() -> None:
    rpc, canned = rpc_with(lambda *_: b'')
    assert rpc.multicall([]) == []
    assert canned.asked == []


def test_what_cannot_be_sent_is_not() -> None:
    rpc, canned = rpc_with(lambda *_: text('x'))
    for attempt in (
        lambda: rpc.call('', HASH),
        lambda: rpc.call('a', '\0'),
        lambda: rpc.multicall([('', [])]),
    ):
        with pytest.raises(UsageError):
            attempt()
    assert canned.asked == []


def test_a_connection_error_carries_target_and_method(tmp_path: Path) -> None:
    rpc = Rpc(transport.connect(url.Address('scgi', '', 0, str(tmp_path / 's'))), target='box')
    with pytest.raises(NoSocket) as caught:
        rpc.call('system.pid')
    assert (caught.value.target, caught.value.method) == ('box', 'system.pid')


# Repeating


def failing(first: WireError) -> Answer:
    failures = [first]

    def answer(method: str, params: list[object], trusted: bool) -> bytes:
        if failures:
            raise failures.pop()
        return lines([['x']]).encode()

    return answer


def test_a_read_that_was_closed_without_a_byte_is_asked_once_more() -> None:
    for use in (
        lambda rpc: rpc.call('a', read=True),
        lambda rpc: rpc.rows('a'),
        lambda rpc: rpc.multicall([('a', [])], read=True),
    ):
        rpc, canned = rpc_with(failing(ClosedUnanswered('gone')))
        use(rpc)
        assert rpc.requests == len(canned.asked) == 2


def test_a_read_is_not_asked_a_third_time() -> None:
    def close(method: str, params: list[object], trusted: bool) -> bytes:
        raise ClosedUnanswered('gone')

    rpc, canned = rpc_with(close)
    with pytest.raises(ClosedUnanswered):
        rpc.call('a', read=True)
    assert len(canned.asked) == 2


@pytest.mark.parametrize(
    'failure', [ClosedUnanswered('gone'), ClosedEarly('cut'), TimedOut('late'), BadReply('x')]
)
def test_a_write_is_never_repeated(failure: WireError) -> None:
    for use in (
        lambda rpc: rpc.call('a'),
        lambda rpc: rpc.multicall([('a', [])]),
        lambda rpc: rpc.rows('a', read=False),
    ):
        rpc, canned = rpc_with(failing(failure))
        with pytest.raises(type(failure)):
            use(rpc)
        assert len(canned.asked) == 1


@pytest.mark.parametrize('failure', [ClosedEarly('cut'), TimedOut('late'), BadReply('x')])
def test_other_failures_of_reads_are_not_repeated(failure: WireError) -> None:
    rpc, canned = rpc_with(failing(failure))
    with pytest.raises(type(failure)):
        rpc.call('a', read=True)
    assert len(canned.asked) == 1


# Size


def sized(limit: object, *methods: str) -> Answer:
    def answer(method: str, params: list[object], trusted: bool) -> bytes:
        if method == 'system.listMethods':
            return lines([*methods, 'x']).encode()
        return lines(limit if method == 'network.xmlrpc.size_limit' else 0).encode()

    return answer


def test_a_small_request_asks_for_no_limit() -> None:
    rpc, canned = rpc_with(sized(10))
    rpc.call('load.raw', '', b'x' * 380_000)
    assert [method for method, _ in canned.asked] == ['load.raw']


def test_a_request_over_the_limit_is_not_sent() -> None:
    rpc, canned = rpc_with(sized(600_000))
    rpc.call('load.raw', '', b'x' * 400_000)
    with pytest.raises(RequestTooLarge, match=r'takes at most 600000\. Raise network') as caught:
        rpc.call('load.raw', '', b'x' * 500_000)
    assert not caught.value.sent
    assert (caught.value.target, caught.value.method) == ('box', 'load.raw')
    assert [method for method, _ in canned.asked if method.startswith('load')] == ['load.raw']


def test_the_limit_is_asked_once_and_again_before_anything_is_refused() -> None:
    limits = [600_000, 900_000]
    rpc, canned = rpc_with(lambda method, params, trusted: sized(limits[0])(method, params, trusted))
    for _ in range(3):
        rpc.call('load.raw', '', b'x' * 400_000)
    assert [method for method, _ in canned.asked].count('network.xmlrpc.size_limit') == 1
    del limits[0]
    rpc.call('load.raw', '', b'x' * 600_000)
    assert [method for method, _ in canned.asked].count('network.xmlrpc.size_limit') == 2


@pytest.mark.parametrize(('methods', 'most'), [((), 2 << 20), (('network.rpc.use_jsonrpc',), 16 << 20)])
def test_no_limit_lifts_what_scgi_takes(methods: tuple[str, ...], most: int) -> None:
    rpc, _ = rpc_with(sized(60 << 20, *methods))
    with pytest.raises(RequestTooLarge, match=f'takes at most {most}'):
        rpc.call('load.raw', '', b'x' * (17 << 20))


# Connections and threads


def test_at_most_four_requests_are_under_way(short_tmp: Path) -> None:
    full, go = threading.Semaphore(0), threading.Event()

    def hold(visit: Visit) -> None:
        visit.read_scgi()
        full.release()
        go.wait(60)
        visit.send(fakes.scgi(text('x')))

    with Server(hold, short_tmp / 's') as server, ThreadPoolExecutor(20) as pool:
        link = Counted(transport.connect(server.address()))
        rpc = Rpc(link)
        calls = [pool.submit(rpc.call, 'a') for _ in range(20)]
        for _ in range(4):
            assert full.acquire(timeout=60)
        with pytest.raises(TimedOut, match='were busy') as caught:
            rpc.call('a', timeout=0.05)
        assert not caught.value.sent
        go.set()
        assert [call.result() for call in calls] == ['x'] * 20
        assert link.most == 4
        assert len(server.visits) == 20


@pytest.mark.parametrize('kind', ['scgi', 'http'])
def test_replies_never_cross(short_tmp: Path, kind: str) -> None:
    """32 threads share one connection; every call has a word of its own, which has to come back."""

    def by_scgi(visit: Visit) -> None:
        words = re.findall(rb'<string>(.*?)</string>', visit.read_scgi()[1])
        visit.send(fakes.scgi(lines([[word.decode()] for word in words]).encode()))

    def by_http(visit: Visit) -> None:
        while (request := visit.read_http())[0]:
            words = re.findall(rb'<string>(.*?)</string>', request[1])
            visit.send(fakes.http(lines([[word.decode()] for word in words]).encode()))

    def work(rpc: Rpc, thread: int) -> int:
        good = 0
        for number in range(60):
            word = f'{thread}-{number}'
            match number % 3:
                case 0:
                    good += rpc.call('echo', word, read=bool(number % 2)) == [[word]]
                case 1:
                    good += rpc.rows('echo', word, f'{word}+') == [(word,), (f'{word}+',)]
                case 2:
                    good += rpc.multicall([('echo', [])]) == ['methodName'] or rpc.call('echo', word) == [
                        [word]
                    ]
        return good

    handler = by_scgi if kind == 'scgi' else by_http
    with Server(handler, short_tmp / 's' if kind == 'scgi' else None) as server:
        address = server.address() if kind == 'scgi' else server.address('http', '/RPC2')
        link = Counted(transport.connect(address))
        rpc = Rpc(link, timeout=60)
        with ThreadPoolExecutor(32) as pool:
            done = list(pool.map(lambda thread: work(rpc, thread), range(32)))
        assert done == [60] * 32
        assert link.most <= 4
        link.close()


def test_the_deadline_is_for_the_call_and_not_for_each_byte(short_tmp: Path) -> None:
    stop = threading.Event()

    def drip(visit: Visit) -> None:
        visit.read_scgi()
        visit.sock.sendall(b'Status: 200 OK\r\nContent-Length: 100000\r\n\r\n')
        for _ in range(1000):
            if stop.wait(0.01):
                return
            visit.sock.sendall(b' ')

    with Server(drip, short_tmp / 's') as server:
        rpc = Rpc(transport.connect(server.address()), target='box', timeout=1.0)
        with pytest.raises(TimedOut) as caught:
            rpc.call('d.stop', HASH)
        stop.set()
    assert (caught.value.sent, caught.value.method) == (True, 'd.stop')


def test_the_retry_stays_within_the_deadline(short_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire_rpc, '_RETRY_PAUSE', 60)
    with Server(lambda visit: visit.read_scgi() and None, short_tmp / 's') as server:
        rpc = Rpc(transport.connect(server.address()), timeout=0.2)
        with pytest.raises(TimedOut):
            rpc.call('a', read=True)


# Real rTorrents


def load(rtorrent: Rtorrent, count: int) -> None:
    """Torrents without data; the replies about them are large."""
    for at in range(0, count, 100):
        calls = []
        for number in range(at, min(at + 100, count)):
            info = {
                'length': 5,
                'name': f'{number:04}' + 'x' * 200,
                'piece length': 16384,
                'pieces': b'x' * 20,
            }
            calls.append(('load.raw', ['', bencode({'announce': 'http://127.0.0.1:1/', 'info': info})]))
        connected(rtorrent).multicall(calls)
    rpc = connected(rtorrent)
    while len(rpc.rows('d.multicall2', '', 'main', 'd.hash=')) < count:
        pass


def test_a_real_client(any_rtorrent: Rtorrent) -> None:
    rpc = connected(any_rtorrent)
    assert rpc.call('system.pid', read=True) == any_rtorrent.pid
    assert {'d.multicall2', 'system.listMethods'} <= rpc.methods
    assert rpc.rows('d.multicall2', '', 'main', 'd.hash=') == []
    with pytest.raises(MethodMissing):
        rpc.call('d.get_name', HASH)
    with pytest.raises(NoSuchTorrent):
        rpc.call('d.name', HASH, read=True)
    with pytest.raises(Fault, match='view'):
        rpc.rows('d.multicall2', '', 'nowhere', 'd.hash=')
    load(any_rtorrent, 1)
    with pytest.raises(MethodMissing, match='nosuch'):
        rpc.rows('d.multicall2', '', 'main', 'd.nosuch=')


def test_reads_that_0_16_allows_to_trusted_connections_only(any_rtorrent: Rtorrent) -> None:
    rpc = connected(any_rtorrent)
    load(any_rtorrent, 1)
    names = ('system.pid', 'system.hostname', 'view.list', 'system.time')
    assert all(rpc.call(name, '', read=True) for name in names)
    assert rpc.rows('d.multicall2', '', 'main', 'd.tied_to_file=', 'cat=$d.loaded_file=') == [('', '')]
    assert not any(
        isinstance(result, Fault) for result in rpc.multicall([(name, ['']) for name in names], read=True)
    )
    before = rpc.requests
    rpc.multicall([(name, ['']) for name in names], read=True)
    assert rpc.requests == before + 1


@pytest.mark.parametrize(
    'value',
    [
        '$execute.nothrow=touch',
        '"q";(x){y},z\\',
        'é☃',
        ' \t ',
        '\n',
        'a\r\nb\r',
        '<&>]]>',
        '&#13;',
        '',
        'x' * 10_000,
    ],
)
def test_every_text_arrives_as_it_was_sent(any_rtorrent: Rtorrent, value: str) -> None:
    load(any_rtorrent, 1)
    rpc = connected(any_rtorrent)
    ((info_hash,),) = rpc.rows('d.multicall2', '', 'main', 'd.hash=')
    rpc.call('d.custom1.set', info_hash, value)
    # Replies carry a carriage return as it is, which XML reads as the end of a line.
    assert rpc.call('d.custom1', info_hash, read=True) == value.replace('\r\n', '\n').replace('\r', '\n')


def test_a_character_beyond_16_bits_arrives_though_0_9_8_cannot_say_it(any_rtorrent: Rtorrent) -> None:
    load(any_rtorrent, 1)
    rpc = connected(any_rtorrent)
    ((info_hash,),) = rpc.rows('d.multicall2', '', 'main', 'd.hash=')
    rpc.call('d.custom1.set', info_hash, 'é😀')
    said = rpc.call('d.custom1', info_hash, read=True)
    if said == '??????':
        rpc.call('d.save_full_session', info_hash)
        assert 'é😀'.encode() in (any_rtorrent.session / f'{info_hash}.torrent.rtorrent').read_bytes()
    else:
        assert said == quote('é😀')


def test_a_real_limit(start_rtorrent: Factory) -> None:
    rpc = connected(start_rtorrent('0.9.8'))
    with pytest.raises(RequestTooLarge, match='524288'):
        rpc.call('load.raw', '', b'x' * 600_000)
    rpc.call('network.xmlrpc.size_limit.set', '', 8 << 20)
    assert rpc.call('load.raw', '', b'x' * 600_000) == 0
    with pytest.raises(RequestTooLarge, match='2097152'):
        rpc.call('load.raw', '', b'x' * 1_600_000)


def test_the_largest_request_is_taken_and_one_byte_more_is_not_sent(start_rtorrent: Factory) -> None:
    rtorrent = start_rtorrent('0.9.8', settings=['network.xmlrpc.size_limit.set = 8M'])
    rpc = connected(rtorrent)
    room = (2 << 20) - len(dumps('load.raw', ['', '']))
    assert rpc.call('load.raw', '', 'x' * room) == 0
    with pytest.raises(RequestTooLarge):
        rpc.call('load.raw', '', 'x' * (room + 1))


def test_a_slow_reader_of_ours_does_not_stop_rtorrent(rtorrent: Rtorrent) -> None:
    """A reply is drained whole before anyone sees a row of it; the same reply left in the socket freezes 0.9.8."""
    load(rtorrent, 1000)
    columns = ['d.name=', 'd.name=', 'd.name=', 'd.hash=']
    rpc, other = connected(rtorrent), connected(rtorrent, timeout=60)
    for number, row in enumerate(rpc.rows('d.multicall2', '', 'main', *columns)):
        if number % 100 == 0:
            assert other.call('d.name', row[3], read=True) == row[0]
    with socket.socket(socket.AF_UNIX) as careless:
        careless.connect(rtorrent.socket)
        careless.sendall(scgi.frame(dumps('d.multicall2', ['', 'main', *columns])))
        assert careless.recv(1)
        with pytest.raises(TimedOut):
            other.call('system.pid', timeout=0.3)
    assert other.call('system.pid', timeout=60) == rtorrent.pid


def test_a_stopped_rtorrent_and_one_that_comes_back(rtorrent: Rtorrent) -> None:
    rpc = connected(rtorrent)
    pid = rpc.call('system.pid')
    rtorrent.kill()
    with pytest.raises(WireError, match='left over'):
        rpc.call('system.pid')
    rtorrent.start()
    assert rpc.call('system.pid') != pid


def test_replies_of_other_programs(short_tmp: Path) -> None:
    def page(visit: Visit) -> None:
        visit.read_scgi()
        visit.send(fakes.scgi(b'<html>'))

    with Server(page, short_tmp / 's') as server:
        rpc = Rpc(transport.connect(server.address()), target='box')
        with pytest.raises(BadReply, match='not XML-RPC') as caught:
            rpc.call('system.pid')
    assert (caught.value.target, caught.value.method) == ('box', 'system.pid')
