"""POST to whatever somebody calls a receiver: where it may go, and what it may answer."""

from __future__ import annotations

import contextlib
import gzip
import itertools
import socket
import ssl
import threading
import tracemalloc
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib import post as posting
from lib.errors import FetchError, PyroError, UsageError
from lib.post import MAX_REPLY, Posted
from tests.intake.servers import endless, http
from tests.intake.test_fetch import PRIVATE, WRONG
from tests.webhooks.conftest import LOOPBACK
from tests.webhooks.endpoint import Endpoint, Got

Serve = Callable[..., Endpoint]


@pytest.fixture
def serve() -> Iterator[Serve]:
    started: list[Endpoint] = []

    def start(answer: bytes | Callable[[Got], object] = b'', **options: object) -> Endpoint:
        endpoint = Endpoint(**options)  # type: ignore[arg-type]
        endpoint.answer = answer if callable(answer) else lambda _got: answer  # type: ignore[assignment]
        started.append(endpoint)
        return endpoint

    yield start
    for endpoint in started:
        endpoint.close()


def post(url: str, body: bytes = b'{}', timeout: float = 60.0, **options: object) -> Posted:
    allowed = {'allowed_networks': LOOPBACK, **options}
    return posting.post(url, body, {'X-A': 'b'}, timeout=timeout, **allowed)  # type: ignore[arg-type]


@pytest.mark.parametrize('url', WRONG, ids=range(len(WRONG)))
def test_addresses_of_another_form_are_refused(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        post(url)

    assert 'secret' not in str(caught.value)


@pytest.mark.parametrize('host', PRIVATE)
def test_private_addresses_are_not_even_connected_to(
    serve: Serve, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = serve(http())
    monkeypatch.setattr(socket, 'create_connection', lambda *_a, **_o: pytest.fail('a connection was made'))

    with pytest.raises((FetchError, UsageError), match=r'private network|No address|no valid host') as caught:
        post(endpoint.url(host=host), allowed_networks=[])

    assert endpoint.got == []
    assert 'FETCH_' not in str(caught.value)


def test_a_name_that_answers_public_first_and_private_then_gets_nothing(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = serve(http())
    answers = itertools.chain(['192.0.2.1', '192.0.2.1'], itertools.repeat('127.0.0.1'))
    real = socket.getaddrinfo
    tried: list[str] = []
    monkeypatch.setattr(
        socket, 'getaddrinfo', lambda _host, port, **options: real(next(answers), port, **options)
    )
    monkeypatch.setattr('lib.pinned.is_public', lambda address: str(address) == '192.0.2.1')

    def connect(address: tuple[str, int], *_args: object) -> socket.socket:
        tried.append(address[0])
        raise OSError

    monkeypatch.setattr(socket, 'create_connection', connect)
    for _ in range(3):
        with pytest.raises(FetchError):
            post(endpoint.url(host='rebinding.example'), allowed_networks=[])

    assert tried == ['192.0.2.1', '192.0.2.1']  # the third time it named ourselves
    assert endpoint.got == []


def test_proxies_of_the_environment_are_not_asked(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy, endpoint = serve(http()), serve(http())
    for name in ('http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'):
        monkeypatch.setenv(name, proxy.url())

    assert post(endpoint.url()).status == 200

    assert (len(proxy.got), len(endpoint.got)) == (0, 1)


def test_cookies_are_not_kept(serve: Serve) -> None:
    endpoint = serve(http(Set_Cookie='a=b'))

    post(endpoint.url())
    post(endpoint.url())

    assert all('cookie' not in got.headers for got in endpoint.got)


def test_tls_is_checked(
    serve: Serve,
    certificate: tuple[ssl.SSLContext, ssl.SSLContext],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    theirs, ours = certificate
    endpoint = serve(http(b'safe'), context=theirs)
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, 'getaddrinfo', lambda _host, *args, **options: real('127.0.0.1', *args, **options)
    )

    assert post(endpoint.url(host='hooks.example'), context=ours).reply == b'safe'
    for host, context in (('hooks.example', None), ('wrong.example', ours)):
        with pytest.raises(FetchError):
            post(endpoint.url(host=host), context=context)
    assert len(endpoint.got) == 1


def test_a_large_reply_is_read_as_far_as_it_matters(serve: Serve) -> None:
    endpoint = serve(lambda _got: endless(b'x' * 65536, b'HTTP/1.1 200 OK\r\n\r\n'))

    tracemalloc.start()
    posted = post(endpoint.url())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert posted == Posted(200, {}, b'x' * MAX_REPLY)
    assert peak < 10 * 2**20


LIES = {
    'less than it says': (http(b'abc', Content_Length='1000'), b'abc'),
    'more than it says': (http(b'abcdef', Content_Length='3'), b'abc'),
    'a terabyte': (http(b'abc', Content_Length=str(10**12)), b'abc'),
    'a broken chunk': (b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nZZZ\r\n', b'abc'),
    'no length': (b'HTTP/1.1 200 OK\r\n\r\nabc', b'abc'),
    'compressed': (http(gzip.compress(b'\0' * 10**7), Content_Encoding='gzip'), b''),
}


@pytest.mark.parametrize('name', LIES)
def test_what_lies_about_its_reply_got_it_all_the_same(serve: Serve, name: str) -> None:
    answer, reply = LIES[name]

    posted = post(serve(answer).url())

    assert (posted.status, posted.reply) == (200, reply)


NO_STATUS = {
    'nothing': b'',
    'no HTTP': b'SSH-2.0-OpenSSH\r\n',
    'two lengths': b'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx',
    'a length that is none': http(Content_Length='-1'),
    'no end of headers': b'HTTP/1.1 200 OK\r\nX: y\r\n',
}


@pytest.mark.parametrize('name', NO_STATUS)
def test_what_is_no_reply_is_an_error(serve: Serve, name: str) -> None:
    with pytest.raises(FetchError):
        post(serve(NO_STATUS[name]).url())


def test_endless_headers_end(serve: Serve) -> None:
    for piece in (b'X: ' + b'y' * 500 + b'\r\n', b'y' * 65536):
        with pytest.raises(FetchError):
            post(serve(lambda _got, piece=piece: endless(piece, b'HTTP/1.1 200 OK\r\nA: ')).url())


def test_endless_interim_replies_end(serve: Serve) -> None:
    with pytest.raises(FetchError):
        post(serve(lambda _got: endless(b'HTTP/1.1 102 Processing\r\n\r\n' * 1000)).url())


def dripping(first: bytes, done: threading.Event) -> Callable[[Got], Iterator[bytes]]:
    def answer(_got: Got) -> Iterator[bytes]:
        yield first
        while not done.wait(0.02):
            yield b'x'

    return answer


@pytest.mark.parametrize('first', [b'', b'HTTP/1.1 200', b'HTTP/1.1 200 OK\r\nX: '])
def test_a_drip_before_the_status_ends_at_the_deadline(serve: Serve, first: bytes) -> None:
    done = threading.Event()

    with pytest.raises(FetchError):
        post(serve(dripping(first, done)).url(), timeout=0.3)
    done.set()


def test_a_drip_after_the_status_changes_nothing(serve: Serve) -> None:
    done = threading.Event()
    endpoint = serve(dripping(b'HTTP/1.1 204 None\r\nContent-Length: 0\r\n\r\n', done))
    assert post(endpoint.url(), timeout=60).status == 204

    slow = serve(dripping(b'HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n', done))
    posted = post(slow.url(), timeout=3.0)
    done.set()

    assert posted.status == 200
    assert set(posted.reply) <= set(b'x')


def test_a_receiver_that_reads_nothing_ends_at_the_deadline() -> None:
    with socket.create_server(('127.0.0.1', 0)) as listener, pytest.raises(FetchError):
        post(f'http://127.0.0.1:{listener.getsockname()[1]}/', b'x' * 10_000_000, timeout=0.3)


def test_private_receivers_all_fail_alike(serve: Serve) -> None:
    done = threading.Event()
    closed = serve()
    closed.close()
    endpoints = [closed, serve(), serve(b'SSH-2.0\r\n'), serve(dripping(b'', done))]
    said = set()
    for endpoint in endpoints:
        with pytest.raises(FetchError) as caught:
            post(endpoint.url('/secret'), timeout=0.5)
        said.add(str(caught.value))
    done.set()

    assert said == {'“127.0.0.1” gave no usable answer.'}


def test_a_header_with_a_line_break_is_not_sent(serve: Serve) -> None:
    endpoint = serve(http())

    with pytest.raises(FetchError):
        posting.post(endpoint.url(), b'', {'X-A': 'b\r\nX-C: d'}, timeout=60, allowed_networks=LOOPBACK)

    assert all('x-c' not in got.headers for got in endpoint.got)


@given(
    st.binary(max_size=80),
    st.sampled_from([b'', b'HTTP/1.1 200 OK\r\n', b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n']),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_answer_raises_nothing_but_our_error(serve: Serve, noise: bytes, start: bytes) -> None:
    with contextlib.suppress(PyroError):
        post(serve(start + noise).url())


def test_names_that_nobody_answers_keep_no_plain_address_waiting(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = threading.BoundedSemaphore(1)
    busy.acquire()
    monkeypatch.setattr('lib.pinned._resolvers', busy)

    assert post(serve(http(b'')).url(), timeout=5.0).status == 200
