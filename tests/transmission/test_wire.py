"""Everything that can go wrong between us and a Transmission, real and pretended."""

from __future__ import annotations

import contextlib
import gzip
import json
import logging
import re
import threading
from itertools import count
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lib.errors import (
    BadReply,
    ClosedEarly,
    ConfigError,
    ConnectionRefused,
    NotPermitted,
    PyroError,
    ReplyTooLarge,
    TimedOut,
    WireError,
)
from lib.wire import transmission as wire
from lib.wire.transmission import CONNECTIONS, Link
from lib.wire.transmission_refusals import NotTransmission, Refusal
from model.backends.transmission import TransmissionBackend
from model.fields import LIST
from tests.rig import wait_for
from tests.rig.ports import free_port
from tests.rig.transmission import Transmission, TransmissionFactory
from tests.transmission.fake import HASH, SESSION, answers, backend_of, ok, torrents
from tests.wire.fakes import Server, Visit, http

SECRET = 's3cr3t-pä€ss'


@pytest.fixture(scope='module')
def guarded(start_transmission: TransmissionFactory) -> Transmission:
    """One that wants a name and a password."""
    return start_transmission(
        rpc_authentication_required=True,
        rpc_username='me',
        rpc_password=SECRET,
        rpc_host_whitelist='good.example',
    )


def test_a_password_in_any_alphabet(guarded: Transmission) -> None:
    told = TransmissionBackend('box', url=guarded.url, user='me', password=SECRET).globals()
    assert told.client_version == '3.00'


@pytest.mark.parametrize(('user', 'password'), [('', ''), ('me', 'wrong'), ('you', SECRET)])
def test_a_wrong_password(guarded: Transmission, user: str, password: str) -> None:
    with pytest.raises(NotPermitted, match='rpc-username and rpc-password') as caught:
        TransmissionBackend('box', url=guarded.url, user=user, password=password).globals()
    assert not caught.value.sent
    assert caught.value.target == 'box'


def test_a_host_name_it_does_not_know(daemon: Transmission, monkeypatch: pytest.MonkeyPatch) -> None:
    """As its guard against DNS rebinding sees it: with a name that is not in rpc-host-whitelist."""
    monkeypatch.setattr(
        wire._Exchange,
        '_headers',
        lambda self, length: [
            ('Host', 'evil.example'),
            ('Content-Length', str(length)),
        ],
    )
    with pytest.raises(NotPermitted, match='rpc-host-whitelist'):
        daemon.backend().globals()


def test_an_address_it_does_not_let_in(start_transmission: TransmissionFactory) -> None:
    shy = start_transmission(rpc_whitelist='10.9.8.7')
    with pytest.raises(NotPermitted, match='rpc-whitelist in'):
        shy.backend().globals()


def test_nobody_listens() -> None:
    with pytest.raises(ConnectionRefused, match='Nobody listens'):
        TransmissionBackend('box', url=f'http://127.0.0.1:{free_port()}').globals()


@pytest.mark.parametrize('path', ['/rpc', '/transmission/web/', '/RPC2'])
def test_a_wrong_path(daemon: Transmission, path: str) -> None:
    link = Link(f'http://127.0.0.1:{daemon.port}{path}', target='box')
    with pytest.raises(NotTransmission, match='the path, which is /transmission/rpc') as caught:
        link.ask(lambda client: client.get_session())
    assert not caught.value.sent


@pytest.mark.parametrize('path', ['', '/', '/transmission', '/transmission/'])
def test_without_a_path_the_usual_one_is_meant(daemon: Transmission, path: str) -> None:
    assert TransmissionBackend('box', url=f'http://127.0.0.1:{daemon.port}{path}').globals().port


def test_a_wrong_url() -> None:
    with pytest.raises(ConfigError) as caught:
        TransmissionBackend('box', url='http://me:hidden@/x')
    assert 'hidden' not in str(caught.value)


def test_a_frozen_one_and_a_busy_one(daemon: Transmission) -> None:
    daemon.backend().globals()
    backend = daemon.backend(timeout=1.0)
    daemon.freeze()
    try:
        with pytest.raises(TimedOut) as caught:
            backend.globals()
        assert caught.value.sent
    finally:
        daemon.thaw()
    assert daemon.backend().globals().port


def test_the_session_is_renewed_when_it_was_restarted(start_transmission: TransmissionFactory) -> None:
    own = start_transmission()
    backend = own.backend()
    backend.globals()
    before = backend.link.session
    own.restart()
    backend.globals()
    assert backend.link.session not in ('', before)


def test_no_more_than_four_at_once_from_many_threads() -> None:
    now, most, lock = 0, 0, threading.Lock()
    all_of_them, too_many = threading.Event(), threading.Event()

    def reply(request: dict[str, Any]) -> Any:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
            if most > CONNECTIONS:
                too_many.set()
            if now == CONNECTIONS:
                all_of_them.set()
        all_of_them.wait(60)
        too_many.wait(0.2)  # time for others to come as well
        with lock:
            now -= 1
        return {**SESSION, 'peer-port': 7} if request['method'] == 'session-get' else {}

    with Server(answers(reply)) as server:
        backend = backend_of(server)
        ports: list[int | None] = []
        threads = [threading.Thread(target=lambda: ports.append(backend.globals().port)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert ports == [7] * 8
    assert most == CONNECTIONS


def test_a_real_one_asked_from_many_threads(daemon: Transmission) -> None:
    backend = daemon.backend()
    found: list[object] = []

    def ask() -> None:
        for _ in range(10):
            found.append((backend.globals().port, backend.rows(), backend.settings()['directory']))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [(daemon.peer_port, [], str(daemon.downloads))] * 80


def test_neither_name_nor_password_is_told_to_anybody(
    guarded: Transmission, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    backend = TransmissionBackend('box', url=guarded.url, user='me', password=SECRET)
    backend.overview()
    told = [repr(backend), repr(backend.link), str(vars(backend)), caplog.text]
    for server in (answers(lambda request: http(b'<html>')), lambda visit: visit.sock.close()):
        with Server(server) as pretended, pytest.raises(PyroError) as caught:
            backend_of(pretended, user='me', password=SECRET).overview()
        told += [str(caught.value), repr(caught.value), repr(caught.value.__cause__), caplog.text]
    assert capfd.readouterr().err == ''  # the library would print whole replies
    assert not [text for text in told if SECRET in text or 'me:' in text or 'Basic' in text]


def test_proxies_of_the_environment_are_not_asked(
    daemon: Transmission, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Server(lambda visit: visit.sock.close()) as proxy:
        for name in 'http_proxy', 'HTTP_PROXY', 'all_proxy':
            monkeypatch.setenv(name, f'http://127.0.0.1:{proxy.port}')
        monkeypatch.delenv('no_proxy', raising=False)
        assert daemon.backend().globals().port
        assert not proxy.visits


# What a pretended one may answer


@pytest.mark.parametrize(
    'reply',
    [
        b'<html><body>Welcome</body></html>',
        b'',
        b'null',
        b'7',
        b'[]',
        b'"success"',
        b'{}',
        b'{"result": "success"}',
        b'{"result": "success", "arguments": null}',
        b'{"result": "success", "arguments": []}',
        b'{"result": "success", "arguments": {}}',
        b'{"result": "success", "arguments": {"version": null, "rpc-version": "x"}}',
        b'{"result": null, "arguments": {}}',
        b'\xff\xfe\x00',
        b'[' * 100_000,
        b'{"a":' * 100_000,
        b'9' * 10_000,
        b'{"result": "success", "arguments": {"version": 1e999, "rpc-version": NaN}}',
    ],
)
def test_what_is_no_answer(reply: bytes) -> None:
    with Server(answers(lambda request: http(reply))) as server:
        backend = backend_of(server)
        for ask in backend.globals, backend.rows, backend.watch().tick:
            with pytest.raises(BadReply) as caught:
                ask()
            assert caught.value.target == 'box'


@pytest.mark.parametrize(
    ('status', 'kind'),
    [
        ('302 Found', NotTransmission),
        ('400 Bad', NotTransmission),
        ('404 Not Found', NotTransmission),
        ('409 Conflict', BadReply),
        ('500 Oops', BadReply),
        ('502 Bad Gateway', NotTransmission),
        ('504 Gateway Timeout', TimedOut),
    ],
)
def test_other_answers_of_http(status: str, kind: type[WireError]) -> None:
    reply = http(b'x', 'Location: http://169.254.169.254/', 'X-Transmission-Session-Id: 1', status=status)
    with Server(answers(lambda request: reply)) as server, pytest.raises(kind):
        backend_of(server).globals()


def test_a_reply_without_end() -> None:
    def pour(visit: Visit) -> None:
        visit.read_http()
        visit.sock.sendall(b'HTTP/1.1 200 OK\r\n\r\n')
        while True:
            visit.sock.sendall(b' ' * (1 << 20))

    with Server(pour) as server, pytest.raises(ReplyTooLarge):
        backend_of(server).globals()


@pytest.mark.parametrize('part', [b'[],', b'{"":0},', b'0,'])
def test_a_reply_that_would_become_a_mountain_of_objects(
    part: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, 'MAX_VALUES', 1000)
    reply = b'{"result": "success", "arguments": {"x": [%b0]}}' % (part * 1001)
    with Server(answers(lambda request: http(reply))) as server, pytest.raises(ReplyTooLarge, match='1,000'):
        backend_of(server).globals()


@pytest.mark.parametrize(
    ('headers', 'body'),
    [(('Content-Encoding: gzip',), gzip.compress(b'0' * (1 << 20))), (('X-A: b',) * 99_999, b'{}')],
)
def test_a_reply_that_is_compressed_or_all_headers(headers: tuple[str, ...], body: bytes) -> None:
    reply = http(body, *headers)
    with Server(answers(lambda request: reply)) as server, pytest.raises(BadReply, match=r'compressed|HTTP'):
        backend_of(server).globals()


def test_a_session_of_which_no_name_holds() -> None:
    names = count()

    def reply(request: dict[str, Any]) -> bytes:
        return http(b'', f'X-Transmission-Session-Id: {next(names)}', status='409 Conflict')

    with Server(answers(reply)) as server, pytest.raises(BadReply, match='as Transmission does'):
        backend_of(server).globals()
    assert next(names) == 3


def test_a_reply_that_trickles() -> None:
    enough = threading.Event()

    def trickle(visit: Visit) -> None:
        visit.read_http()
        for byte in b'HTTP/1.1 200 OK\r\nX-Slow: ' + b'x' * 10_000:
            visit.sock.sendall(bytes([byte]))
            if enough.wait(0.05):
                return

    with Server(trickle) as server:
        with pytest.raises(TimedOut):
            backend_of(server, timeout=0.5).globals()
        enough.set()


def test_a_connection_that_ends_early_is_tried_once_more_for_reading_only() -> None:
    asked = list[str]()

    def drop(visit: Visit) -> None:
        _, body = visit.read_http()
        method = json.loads(body)['method']
        asked.append(method)
        if method == 'session-get':
            visit.send(ok(SESSION))

    with Server(drop) as server:
        backend = backend_of(server)
        with pytest.raises(ClosedEarly):
            backend.rows()
        assert asked == ['session-get', 'torrent-get', 'torrent-get']
        asked.clear()
        with pytest.raises(ClosedEarly):
            backend.set_settings({'pex': True})
        assert asked == ['session-set']


def test_what_it_refuses_is_said_without_its_control_characters() -> None:
    def reply(request: dict[str, Any]) -> Any:
        if request['method'] == 'session-get':
            return SESSION
        return http(json.dumps({'result': 'no\x1b[31m\ndirectory' + 'x' * 9999, 'arguments': {}}).encode())

    with Server(answers(reply)) as server, pytest.raises(Refusal, match=r'no \[31m directoryxxx') as caught:
        backend_of(server).rows()
    assert len(caught.value.text) <= 300


def test_one_that_is_too_old() -> None:
    session = {'version': '2.94 (d8e60ee44f)', 'rpc-version': 15}
    with Server(answers(lambda request: session)) as server, pytest.raises(BadReply, match=r'2\.94.*3\.00'):
        backend_of(server).watch().tick()


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just('\ud800\x00'),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)
_FIELDS = (
    *(
        'name',
        'status',
        'error',
        'errorString',
        'rateDownload',
        'uploadRatio',
        'labels',
        'trackers',
        'wanted',
    ),
    *('files', 'fileStats', 'peers', 'trackerStats', 'pieces', 'pieceCount', 'downloadDir', 'editDate'),
    *('addedDate', 'haveValid', 'haveUnchecked', 'bandwidthPriority', 'metadataPercentComplete'),
    *('leftUntilDone', 'isPrivate', 'peersConnected', 'startDate', 'doneDate', 'uploadedEver'),
)
_UNFIT = re.compile('[\x00-\x1f\x7f-\x9f\ud800-\udfff]')
_TYPES = {'int': int, 'str': str, 'bool': bool, 'float': float}


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(_FIELDS), _ANY))
@example({'downloadDir': '\ud7fc', 'name': '\x85'})
def test_fields_of_other_types_than_promised(changes: dict[str, Any]) -> None:
    with Server(torrents(changes)) as server:
        backend = backend_of(server)
        for rows in backend.rows(), backend.watch().tick().rows:
            (row,) = rows
            for field, value in zip(LIST, row, strict=True):
                assert value is None or type(value) is _TYPES[field.type]
                assert not isinstance(value, str) or not _UNFIT.search(value), field.key
        for ask in (backend.detail, backend.pieces):
            with contextlib.suppress(BadReply):
                ask(HASH)


@pytest.mark.parametrize('changes', [{'id': None}, {'id': 'x'}, {'hashString': 'x'}, {'hashString': None}])
def test_a_torrent_without_its_number_or_hash_is_nobodys(changes: dict[str, Any]) -> None:
    with Server(torrents(changes)) as server:
        backend = backend_of(server)
        for ask in backend.rows, backend.watch().tick:
            with pytest.raises(BadReply):
                ask()


def test_pieces_that_would_fill_the_memory() -> None:
    with Server(torrents({'pieceCount': 1 << 60, 'pieces': 'gA=='})) as server, pytest.raises(BadReply):
        backend_of(server).pieces(HASH)


def test_the_client_is_made_again_after_it_could_not_be(start_transmission: TransmissionFactory) -> None:
    own = start_transmission()
    backend = own.backend()
    own.stop()
    with pytest.raises(ConnectionRefused):
        backend.globals()
    own.start()
    assert wait_for(lambda: backend.globals().port, 10, 'an answer')
