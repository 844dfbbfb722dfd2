from __future__ import annotations

from urllib.parse import parse_qs, quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.errors import TooLarge, UsageError
from model import magnet

HASH = 'AB' * 20
XT = f'xt=urn:btih:{HASH}'


def test_parts_are_read():
    found = magnet.parse(
        f' MAGNET:?{XT.lower()}&dn=A+name%21&tr=udp%3A%2F%2Fa.example%3A80&tr.1=http://b.example/x '
    )

    assert (found.info_hash, found.name) == (HASH, 'A name!')
    assert found.trackers == ('udp://a.example:80', 'http://b.example/x')
    assert found.warnings == ()


def test_base_32_becomes_hexadecimal():
    assert magnet.parse('magnet:?xt=urn:btih:VOV2XK5LVOV2XK5LVOV2XK5LVOV2XK5L').info_hash == HASH


def test_only_what_was_understood_is_handed_on():
    found = magnet.parse(
        f'magnet:?x.pe=10.0.0.1:22&{XT}&xs=http://10.0.0.1/&ws=http://c/&so=1&kt=a&xl=5&dn=n#frag'
    )

    assert found.uri == f'magnet:?xt=urn:btih:{HASH}&dn=n%23frag'


def test_a_tracker_with_a_query_stays_one_parameter():
    found = magnet.parse(f'magnet:?{XT}&tr=http%3A%2F%2Fa.example%2F%3Fx%3D1%26y%3D%25')

    assert found.trackers == ('http://a.example/?x=1&y=%',)
    assert parse_qs(found.uri[8:])['tr'] == ['http://a.example/?x=1&y=%']


def test_both_versions_are_used_by_the_first():
    assert magnet.parse(f'magnet:?xt=urn:btmh:1220{"0" * 64}&{XT}').info_hash == HASH


@pytest.mark.parametrize(
    ('uri', 'why'),
    [
        ('', 'begin with'),
        ('http://a.example/', 'begin with'),
        ('magnet:', 'begin with'),
        ('magnet:?', 'no “xt='),
        ('magnet:?dn=x', 'no “xt='),
        ('magnet:?xt=urn:sha1:' + 'A' * 32, 'no “xt='),
        ('magnet:?xt=urn:btmh:1220' + '0' * 64, 'version 2'),
        ('magnet:?xt=urn:btih:', 'neither'),
        ('magnet:?xt=urn:btih:' + 'A' * 39, 'neither'),
        ('magnet:?xt=urn:btih:' + 'A' * 41, 'neither'),
        ('magnet:?xt=urn:btih:' + 'G' * 40, 'neither'),
        ('magnet:?xt=urn:btih:' + '1' * 32, 'neither'),
        ('magnet:?xt=urn:btih:' + 'A' * 40 + '%0A', 'neither'),
        ('magnet:?xt=urn:btih:' + '\N{FULLWIDTH DIGIT ONE}' * 40, 'neither'),
        ('magnet:?xt=urn:btih:' + '0' * 40, 'all zeros'),
        (f'magnet:?{XT}&xt=urn:btih:{"C" * 40}', 'more than one'),
        (f'magnet:?{XT}&tr=file:///etc/passwd', 'must begin'),
        (f'magnet:?{XT}&tr=http://a/%0d%0aX', 'special characters'),
        (f'magnet:?{XT}&tr=http://a/%00', 'special characters'),
        (f'magnet:?{XT}' + '&a=b' * 500, '500 parameters'),
    ],
)
def test_refused_in_a_sentence(uri, why):
    with pytest.raises(UsageError, match=why) as caught:
        magnet.parse(uri)

    assert str(caught.value).endswith('.')
    assert caught.value.field == 'magnet'


def test_limits():
    with pytest.raises(TooLarge, match='16,384'):
        magnet.parse('magnet:?' + XT + '&dn=' + 'x' * 16384)
    with pytest.raises(TooLarge, match='200 trackers'):
        magnet.parse(f'magnet:?{XT}' + ''.join(f'&tr=http://{n}.example' for n in range(201)))
    assert len(magnet.parse(f'magnet:?{XT}&dn=' + 'x' * 9999).name) == 255


def test_trackers_warn():
    found = magnet.parse(f'magnet:?{XT}&tr=wss://a.example&tr=http://127.0.0.1/&tr=&tr=http://127.0.0.1/')

    assert found.trackers == ('http://127.0.0.1/',)
    assert [text for text in found.warnings if 'WebSocket' in text]
    assert [text for text in found.warnings if 'private network' in text]
    with pytest.raises(UsageError, match='private network'):
        magnet.parse(f'magnet:?{XT}&tr=http://127.0.0.1/', private_trackers='refuse')
    assert 'DHT' in magnet.parse(f'magnet:?{XT}').warnings[0]


@given(st.text())
def test_any_text_raises_nothing_but_our_error(text):
    for uri in (text, 'magnet:?' + text, f'magnet:?{XT}&{text}', f'magnet:?{XT}&tr=http://{text}'):
        try:
            found = magnet.parse(uri)
        except UsageError as error:
            assert str(error).isprintable()
        else:
            assert magnet.parse(found.uri).uri == found.uri


@given(st.text(max_size=255))
def test_the_rebuilt_link_holds_the_same_name_and_no_special_character(name):
    found = magnet.parse(f'magnet:?{XT}&dn=' + quote(name, safe='', errors='replace'))

    assert set(found.uri) <= set('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~%&=:?')
    assert parse_qs(found.uri[8:]).get('dn', [''])[0] == found.name
