"""Host names we answer to, proxies we believe."""

from __future__ import annotations

import pytest
from werkzeug.exceptions import BadRequest, MisdirectedRequest

from lib.web import hosts

OURS = ['localhost', '[::1]', '*.example.org']


@pytest.mark.parametrize('host', ['localhost', 'LOCALHOST:8000', '[::1]:80', 'a.example.org', 'localhost.'])
def test_our_hosts_pass(host: str) -> None:
    hosts.check({'HTTP_HOST': host}, OURS)


@pytest.mark.parametrize(
    'host', ['evil.com', 'example.org.evil.com', 'evilexample.org', '127.0.0.1', 'example.org']
)
def test_foreign_hosts_are_refused(host: str) -> None:
    with pytest.raises(MisdirectedRequest):
        hosts.check({'HTTP_HOST': host}, OURS)


@pytest.mark.parametrize(
    'host', ['', 'localhost,evil.com', 'a b', 'localhost/', 'localhost:port', '\r\n', 'x@localhost']
)
def test_what_is_not_one_host_is_refused(host: str) -> None:
    with pytest.raises(BadRequest):
        hosts.check({'HTTP_HOST': host}, OURS)


def forwarded(peer: str) -> dict[str, str]:
    return {
        'REMOTE_ADDR': peer,
        'HTTP_HOST': 'inner',
        'wsgi.url_scheme': 'http',
        'HTTP_X_FORWARDED_FOR': '1.2.3.4, 5.6.7.8',
        'HTTP_X_FORWARDED_PROTO': 'https',
        'HTTP_X_FORWARDED_HOST': 'outer.example.org',
    }


def test_a_trusted_proxy_is_believed_for_the_last_hop_only() -> None:
    environ = forwarded('10.0.0.1')
    hosts.believe_proxy(environ, ['10.0.0.0/24'])
    assert environ['REMOTE_ADDR'] == '5.6.7.8'
    assert environ['wsgi.url_scheme'] == 'https'
    assert environ['HTTP_HOST'] == 'outer.example.org'


@pytest.mark.parametrize('peer', ['10.0.1.1', '', 'unix'])
def test_anyone_else_is_not(peer: str) -> None:
    environ = forwarded(peer)
    hosts.believe_proxy(environ, ['10.0.0.0/24'])
    assert environ == forwarded(peer)


@pytest.mark.parametrize(
    ('address', 'expected'),
    [('127.0.0.1', True), ('127.9.9.9', True), ('::1', True), ('10.0.0.1', False), ('', False)],
)
def test_loopback(address: str, expected: bool) -> None:
    assert hosts.is_loopback(address) is expected
