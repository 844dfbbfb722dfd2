from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.errors import ConfigError
from lib.wire.url import Address, parse


@pytest.mark.parametrize(
    ('url', 'address'),
    [
        ('scgi:///run/rtorrent.sock', Address('scgi', '', 0, '/run/rtorrent.sock')),
        ('scgi:///run/my%20r%C3%A9.sock', Address('scgi', '', 0, '/run/my ré.sock')),
        ('SCGI:///a', Address('scgi', '', 0, '/a')),
        ('scgi://127.0.0.1:5000', Address('scgi', '127.0.0.1', 5000, '')),
        ('scgi://box:5000/', Address('scgi', 'box', 5000, '')),
        ('scgi://[::1]:5000', Address('scgi', '::1', 5000, '')),
        ('http://box', Address('http', 'box', 80, '/RPC2')),
        ('http://box:8080/a/b?c=d', Address('http', 'box', 8080, '/a/b?c=d')),
        ('https://me:se%3Acret@box/x', Address('https', 'box', 443, '/x', 'me', 'se:cret')),
        ('https://me@[fe80::1]:444/', Address('https', 'fe80::1', 444, '/', 'me')),
    ],
)
def test_addresses(url: str, address: Address) -> None:
    assert parse(url) == address


@pytest.mark.parametrize(
    ('url', 'said'),
    [
        ('', 'is not an address'),
        ('/run/rtorrent.sock', 'is not an address'),
        ('ftp://box/x', 'scheme “ftp”'),
        ('scgi+ssh://box/x', 'scheme “scgi\\+ssh”'),
        ('scgi://', 'path of a socket is missing'),
        ('scgi:///', 'path of a socket is missing'),
        ('scgi:///a%00b', 'path of a socket is missing'),
        ('scgi:///run/' + 'x' * 103, 'has 108 bytes'),
        ('scgi://box', 'port'),
        ('scgi://box:0', 'port'),
        ('scgi://box:65536', 'port'),
        ('scgi://box:5000/path', 'a host and a port'),
        ('scgi://me:geheim@box:5000', 'no user'),
        ('http://', 'not a host'),
        ('http://-oProxyCommand=x/', 'not a host'),
        ('http://a b/', 'blank'),
        ('http://a/\r\nX: y', 'blank or a control'),
        ('http://a\0/', 'blank or a control'),
        ('http://a/ü', 'path may hold only'),
        ('http://:geheim@box/', 'user:password'),
        ('http://a:b%0Ac@box/', 'plain text'),
        ('http://a%3Ab:geheim@box/', 'user:password'),
        ('http://::1/', 'not a host'),
        ('http://[::1/', 'not a host'),
        ('http://box:x/', 'not a host'),
    ],
)
def test_what_is_wrong_is_said_without_the_password(url: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        parse(url)
    assert 'geheim' not in str(caught.value)


def test_a_path_of_107_bytes_is_the_longest() -> None:
    assert len(parse('scgi:///' + 'x' * 106).path) == 107


def test_neither_repr_nor_str_show_the_login() -> None:
    address = parse('https://me:geheim@box/x')
    assert 'geheim' not in repr(address)
    assert str(address) == 'https://box:443/x'
    assert str(parse('scgi://[::1]:5')) == 'scgi://[::1]:5'
    assert str(parse('scgi:///run/x')) == '/run/x'


@given(st.text() | st.from_regex(r'(scgi|https?)://.*'))
def test_nothing_but_config_errors(url: str) -> None:
    try:
        parse(url)
    except ConfigError as error:
        assert len(str(error)) < 600
