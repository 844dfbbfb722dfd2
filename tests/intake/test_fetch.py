from __future__ import annotations

import gzip
import itertools
import socket
import ssl
import subprocess
import threading
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import fetch as fetching
from lib.errors import FetchError, PyroError, TooLarge, UsageError
from tests.intake.servers import Server, endless, http, redirect
from tests.rig.ports import free_port

LOOPBACK = ['127.0.0.0/8', '::1/128']
LIMIT = 1 << 20


@pytest.fixture
def serve():
    started = []

    def start(reply, **options):
        as_function = reply if callable(reply) else lambda _head: [reply]
        started.append(Server(as_function, **options))
        return started[-1]

    yield start
    for server in started:
        server.close()


class Names(dict[str, list[list[str]]]):
    """Names and the addresses they resolve to, one answer after the other; the last one stays.

    :ivar asked: the names that were looked up.
    """

    def __init__(self):
        super().__init__()
        self.asked = []

    def answer(self, name):
        self.asked.append(name)
        return self[name].pop(0) if len(self[name]) > 1 else self[name][0]


@pytest.fixture
def resolver(monkeypatch):
    names = Names()
    real = socket.getaddrinfo

    def getaddrinfo(host, port, *args, **options):
        addresses = names.answer(host) if host in names else [host]
        return [entry for address in addresses for entry in real(address, port, *args, **options)]

    monkeypatch.setattr(socket, 'getaddrinfo', getaddrinfo)
    return names


def fetch(url, max_bytes=LIMIT, timeout=10.0, allowed_networks=LOOPBACK, **options):
    return fetching.fetch(
        url, max_bytes=max_bytes, timeout=timeout, allowed_networks=allowed_networks, **options
    )


def test_a_file_is_fetched(serve):
    server = serve(http(b'd4:infodee', Content_Type='application/x-bittorrent'))

    found = fetch(server.url('/a%20b?c=d'))

    assert (found.data, found.content_type, found.magnet) == (b'd4:infodee', 'application/x-bittorrent', '')
    assert found.final_url == server.url('/a%20b?c=d')
    [head] = server.requests
    assert head.startswith(b'GET /a%20b?c=d HTTP/1.1\r\n')


def test_the_request_carries_nothing_of_ours(serve, monkeypatch):
    monkeypatch.setenv('NETRC', '/nonexistent')
    server = serve(http())

    fetch(server.url())

    lines = dict(line.split(b': ', 1) for line in server.requests[0].split(b'\r\n')[1:-2])
    assert {name.lower(): value for name, value in lines.items()} == {
        b'host': f'127.0.0.1:{server.port}'.encode(),
        b'user-agent': b'pyroTorrent',
        b'accept': b'application/x-bittorrent, */*;q=0.5',
        b'accept-encoding': b'identity',
        b'connection': b'close',
    }


WRONG = [
    *('', 'file:///etc/passwd', 'ftp://a.example/', 'gopher://a.example/', 'dict://a.example:1/', 'data:,x'),
    *('unix:///run/x', '//a.example/', 'http:\\\\a.example', 'http:a.example', 'http:///x', 'http://', 'javascript:x'),
    *('http://user@a.example/', 'http://user:secret@a.example/', 'http://@a.example/', 'http://a.example\\@b.example/'),
    *('http://a.example:0/', 'http://a.example:99999/', 'http://a.example:x/', 'http://[::1/', 'http://[x]/'),
    *('http://[fe80::1%25eth0]/', 'http://%31%32%37.0.0.1/', 'http://a.example/\r\nX: y', 'http://a.example/ b'),
    *('http://a.example/\0', '\thttp://a.example/', 'http://a.example/\u2028', 'http://?', 'http://#', ' http://a.example'),
    *('http://a..example/', 'http://.a.example/', 'http://a.example../', 'http://xn--.example/'),
    f'http://{"a" * 64}.example/',
    'http://a.example/' + 'x' * 8192,
]  # fmt: skip


@pytest.mark.parametrize('url', WRONG, ids=range(len(WRONG)))
def test_addresses_of_another_form_are_refused(url, monkeypatch):
    monkeypatch.setattr(socket, 'getaddrinfo', lambda *_args, **_options: pytest.fail('a name was looked up'))

    with pytest.raises(UsageError) as caught:
        fetch(url)

    assert 'secret' not in str(caught.value)


def test_upper_case_is_the_same_scheme(serve):
    assert fetch(serve(http(b'x')).url().replace('http', 'HTTP')).data == b'x'


PRIVATE = [
    *('127.0.0.1', 'localhost', 'localhost.', '127.1', '0', '0x7f.1', '0177.0.0.1', '2130706433', '0x7f000001'),
    *('[::1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::]', '0.0.0.0', '169.254.169.254', '10.0.0.1'),
    *('172.16.0.1', '192.168.1.1', '100.64.0.1', '[fd00::1]', '[fe80::1]', '224.0.0.1', '[64:ff9b::7f00:1]'),
]  # fmt: skip


@pytest.mark.parametrize('host', PRIVATE)
def test_private_addresses_are_not_even_connected_to(serve, host, monkeypatch):
    server = serve(http(b'secret'))
    monkeypatch.setattr(
        socket, 'create_connection', lambda *_args, **_options: pytest.fail('a connection was made')
    )

    # Some resolvers do not know “localhost.”, and httpx takes no number with a leading zero.
    with pytest.raises((FetchError, UsageError), match=r'private network|No address|no valid host'):
        fetch(server.url(host=host), allowed_networks=[])

    assert server.requests == []


def test_only_the_allowed_network_is_allowed(serve):
    server = serve(http(b'x'))

    assert fetch(server.url(), allowed_networks=['127.0.0.1/32']).data == b'x'
    with pytest.raises(FetchError, match='private network'):
        fetch(server.url(), allowed_networks=['127.0.0.2/32', '10.0.0.0/8', '::/0'])


def test_redirects_are_followed(serve):
    answers = {b'/a': redirect('/b'), b'/b': redirect('c?d', '307 T'), b'/c?d': http(b'here')}
    server = serve(lambda head: [answers[head.split()[1]]])

    found = fetch(server.url('/a'))

    assert (found.data, found.final_url) == (b'here', server.url('/c?d'))


@pytest.mark.parametrize('hops', [5, 6])
def test_five_redirects_at_most(serve, hops):
    count = itertools.count()
    server = serve(lambda _head: [redirect('/x') if next(count) < hops else http(b'end')])

    if hops == 5:
        assert fetch(server.url()).data == b'end'
    else:
        with pytest.raises(FetchError, match='more than 5 times'):
            fetch(server.url())
    assert len(server.requests) == 6


LOCATIONS = [
    'file:///etc/passwd',
    'ftp://x/',
    'gopher://x/',
    'data:,x',
    '',
    'http://a@{host}/',
    'http:\\\\x',
    'http://[',
]
LOCATIONS += [f'http://{host}/' for host in PRIVATE if host not in ('127.0.0.1', 'localhost', 'localhost.')]


@pytest.mark.parametrize('location', LOCATIONS)
def test_every_redirect_is_checked_anew(serve, location, resolver):
    resolver['public.example'] = [['127.0.0.5']]
    target = location.replace('{host}', 'public.example')
    server = serve(redirect(target), host='127.0.0.5')

    with pytest.raises((FetchError, UsageError)) as caught:
        fetch(server.url(host='public.example'), allowed_networks=['127.0.0.5/32'])

    assert 'redirect' in str(caught.value) or 'private network' in str(caught.value)
    assert len(server.requests) <= 6


def test_cookies_are_neither_kept_nor_sent(serve):
    answers = [http(b'', '302 Found', Location='/b', Set_Cookie='a=b'), http(b'here')]
    server = serve(lambda head: [answers[b'/b' in head]])

    fetch(server.url('/a'))

    assert b'cookie' not in server.requests[1].lower()


def test_a_redirect_to_a_magnet_link_is_told_and_not_followed(serve):
    link = 'magnet:?xt=urn:btih:' + 'A' * 40

    assert fetch(serve(redirect(link)).url()).magnet == link


def test_the_address_that_was_checked_is_the_one_connected_to(serve, resolver):
    resolver['rebind.example'] = [['127.0.0.2'], ['127.0.0.1']]
    checked, other = serve(http(b'checked'), host='127.0.0.2'), None
    other = serve(http(b'other'))

    found = fetch(checked.url(host='rebind.example'), allowed_networks=['127.0.0.2/32'])

    assert found.data == b'checked'
    assert resolver.asked == ['rebind.example']
    assert f'Host: rebind.example:{checked.port}'.encode() in checked.requests[0]
    assert other.requests == []


def test_a_name_that_changes_between_redirects_is_checked_again(serve, resolver):
    resolver['rebind.example'] = [['127.0.0.2'], ['127.0.0.1']]
    server = serve(redirect('/again'), host='127.0.0.2')

    with pytest.raises(FetchError, match='private network'):
        fetch(server.url(host='rebind.example'), allowed_networks=['127.0.0.2/32'])

    assert len(server.requests) == 1


def test_of_several_addresses_only_allowed_ones_are_tried(serve, resolver):
    resolver['mixed.example'] = [['127.0.0.1', '127.0.0.2', '127.0.0.3']]
    server = serve(http(b'here'), host='127.0.0.3')

    found = fetch(server.url(host='mixed.example'), allowed_networks=['127.0.0.2/31'])

    assert found.data == b'here'


@pytest.fixture(scope='module')
def certificate(tmp_path_factory):
    """A certificate for torrents.example, and contexts of a server that has it and a client that trusts it."""
    directory = tmp_path_factory.mktemp('tls')
    command = ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
    command += ['-keyout', 'key', '-out', 'certificate', '-days', '2', '-subj', '/CN=torrents.example']
    command += ['-addext', 'subjectAltName=DNS:torrents.example']
    subprocess.run(command, cwd=directory, check=True, capture_output=True)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(directory / 'certificate', directory / 'key')
    return server, ssl.create_default_context(cafile=str(directory / 'certificate'))


def test_tls_keeps_the_name(serve, resolver, certificate):
    names = []
    server_context, client_context = certificate
    server_context.sni_callback = lambda _socket, name, _context: names.append(name)
    resolver['torrents.example'] = [['127.0.0.1']]
    server = serve(http(b'safe'), context=server_context)

    assert fetch(server.url(host='torrents.example'), context=client_context).data == b'safe'
    assert names == ['torrents.example']


def test_certificates_are_checked(serve, resolver, certificate):
    server_context, client_context = certificate
    resolver |= {'torrents.example': [['127.0.0.1']], 'wrong.example': [['127.0.0.1']]}
    server = serve(http(b'secret'), context=server_context)

    for options in ({'host': 'wrong.example', 'context': client_context}, {'host': 'torrents.example'}):
        host = options.pop('host')
        with pytest.raises(FetchError):
            fetch(server.url(host=host), **options)
    assert server.requests == []


def test_https_does_not_lead_to_http(serve, resolver, certificate):
    server_context, client_context = certificate
    resolver['torrents.example'] = [['127.0.0.1']]
    plain = serve(http(b'plain'))
    server = serve(redirect(plain.url()), context=server_context)

    with pytest.raises(FetchError, match='from https to http'):
        fetch(server.url(host='torrents.example'), context=client_context)
    assert plain.requests == []


@pytest.mark.parametrize('name', ['http_proxy', 'https_proxy', 'all_proxy', 'HTTP_PROXY', 'ALL_PROXY'])
def test_proxies_from_the_environment_are_not_used(serve, monkeypatch, name):
    proxy, server = serve(http(b'proxy')), serve(http(b'server'))
    monkeypatch.setenv(name, proxy.url())

    assert fetch(server.url()).data == b'server'
    assert proxy.requests == []


def test_the_size_limit_is_exact(serve):
    server = serve(http(b'x' * 1000))

    assert len(fetch(server.url(), max_bytes=1000).data) == 1000
    with pytest.raises(TooLarge, match='999 bytes'):
        fetch(server.url(), max_bytes=999)


@pytest.mark.parametrize(
    'answer',
    [
        b'HTTP/1.1 200 OK\r\n\r\n' + b'x' * 1000,
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n' + b'x' * 1000 + b'\r\n0\r\n\r\n',
    ],
    ids=['until closed', 'in chunks'],
)
def test_the_size_limit_is_exact_where_no_size_is_announced(serve, answer):
    server = serve(answer)

    assert len(fetch(server.url(), max_bytes=1000).data) == 1000
    with pytest.raises(TooLarge, match='999 bytes'):
        fetch(server.url(), max_bytes=999)


def test_an_announced_size_is_refused_before_it_comes(serve):
    with pytest.raises(TooLarge):
        fetch(serve(http(b'', Content_Length=str(1 << 30))).url())


CHUNK = b'10000\r\n' + b'x' * 65536 + b'\r\n'
ENDLESS = {
    'body': lambda: endless(b'x' * 65536, b'HTTP/1.1 200 OK\r\n\r\n'),
    'chunks': lambda: endless(CHUNK, b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'),
    'tiny chunks': lambda: endless(
        b'1\r\nx\r\n' * 9999, b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
    ),
    'chunk size': lambda: endless(b'0' * 65536, b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'),
    'headers': lambda: endless(b'X-Header: ' + b'x' * 1000 + b'\r\n', b'HTTP/1.1 200 OK\r\n'),
    'header': lambda: endless(b'x' * 65536, b'HTTP/1.1 200 OK\r\nX-Header: '),
    'status line': lambda: endless(b'x' * 65536, b'HTTP/1.1 200 '),
    'informational answers': lambda: endless(b'HTTP/1.1 100 Continue\r\n\r\n' * 999),
    'early hints': lambda: endless(b'HTTP/1.1 103 Hints\r\nLink: </x>\r\n\r\n' * 99),
    'no HTTP at all': lambda: endless(b'\0' * 65536),
}


# Tiny chunks are left to the next test: tracing the memory of so many takes long.
@pytest.mark.parametrize('name', sorted(ENDLESS.keys() - {'tiny chunks'}))
def test_endless_answers_end_in_bounded_memory(serve, name):
    server = serve(lambda _head: ENDLESS[name]())
    tracemalloc.start()
    try:
        with pytest.raises((FetchError, TooLarge)):
            fetch(server.url())
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < LIMIT + (10 << 20)


@pytest.mark.parametrize('name', ['informational answers', 'early hints', 'tiny chunks'])
def test_what_is_not_the_body_counts_as_well(serve, name):
    server = serve(lambda _head: ENDLESS[name]())

    with pytest.raises(FetchError, match='more than is accepted'):
        fetch(server.url(), timeout=60)


@pytest.mark.parametrize('encoding', ['gzip', 'deflate', 'br', 'GZIP', 'x, gzip'])
def test_compressed_answers_are_refused(serve, encoding):
    body = gzip.compress(b'\0' * (10 << 20))

    with pytest.raises(FetchError, match='compressed'):
        fetch(serve(http(body, Content_Encoding=encoding)).url())


SLOW = {
    'silence': b'',
    'status line': b'HTTP/1.1 200',
    'headers': b'HTTP/1.1 200 OK\r\nX: ',
    'body': b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx',
}


@pytest.mark.parametrize('name', SLOW)
@pytest.mark.parametrize('drip', [False, True], ids=['stalled', 'dripping'])
def test_slow_answers_end_at_the_deadline(serve, name, drip):
    done = threading.Event()

    def reply(_head):
        yield SLOW[name]
        # A byte now and then resets a timeout per read, but not a deadline.
        while not done.wait(0.02):
            yield b'x' if drip else b''

    server = serve(reply)
    with pytest.raises(FetchError):
        fetch(server.url(), timeout=0.3, max_bytes=LIMIT)
    done.set()


def test_a_resolver_that_does_not_answer_ends_at_the_deadline(monkeypatch):
    done = threading.Event()

    def getaddrinfo(*_args, **_options):
        done.wait(60)
        raise socket.gaierror

    monkeypatch.setattr(socket, 'getaddrinfo', getaddrinfo)

    with pytest.raises(FetchError, match=r'within 0\.2 seconds'):
        fetch('http://slow.example/', timeout=0.2)
    done.set()


def test_a_name_without_address():
    with pytest.raises(FetchError, match='No address is known'):
        fetch('http://nothing.invalid/')


@pytest.mark.parametrize(
    'status', ['404 Not Found', '500 Oops', '206 Part', '204 None', '304 Same', '401 Login']
)
def test_only_200_is_a_file(serve, status):
    with pytest.raises(FetchError, match=f'status {status[:3]}'):
        fetch(serve(http(b'', status)).url())


def test_failures_on_private_addresses_all_sound_alike(serve):
    silent = threading.Event()
    servers = [
        serve(lambda _head: []),
        serve(lambda _head: silent.wait(60) and []),
        serve(b'SSH-2.0-OpenSSH\r\n'),
        serve(b'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx'),
    ]
    urls = [f'http://127.0.0.1:{free_port()}/'] + [server.url() for server in servers]
    said = set()
    for url in urls:
        with pytest.raises(FetchError) as caught:
            fetch(url, timeout=0.5)
        said.add(str(caught.value))
    silent.set()

    assert said == {'“127.0.0.1” gave no usable answer.'}


def test_failures_on_public_addresses_are_told_apart(serve, monkeypatch):
    monkeypatch.setattr('lib.pinned.is_public', lambda _address: True)

    with pytest.raises(FetchError, match='cannot be reached'):
        fetch(f'http://127.0.0.1:{free_port()}/', timeout=60)
    with pytest.raises(FetchError, match='not proper HTTP'):
        fetch(serve(b'SSH-2.0-OpenSSH\r\n').url())


@given(
    st.binary(max_size=80),
    st.sampled_from([b'', b'HTTP/1.1 200 OK\r\n', b'HTTP/1.1 302 Found\r\nLocation: ']),
)
@settings(max_examples=60, deadline=None)
def test_any_answer_raises_nothing_but_our_error(noise, start):
    server = Server(lambda _head: [start + noise])
    try:
        fetch(server.url(), timeout=2)
    except PyroError as error:
        assert str(error).isprintable()
    finally:
        server.close()


@given(st.text(max_size=40), st.sampled_from(['', 'http://', 'https://', 'http://a.example', 'http://[']))
def test_any_text_as_address_raises_nothing_but_our_error(text, start):
    try:
        fetching.check_url(start + text)
    except UsageError as error:
        assert str(error).isprintable()
