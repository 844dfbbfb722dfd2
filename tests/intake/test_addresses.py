from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib import addresses

PRIVATE = [
    *('0.0.0.0', '10.0.0.1', '100.64.0.1', '127.0.0.1', '127.255.255.255', '169.254.169.254', '172.16.0.1'),
    *('172.31.255.255', '192.0.0.1', '192.0.2.1', '192.88.99.1', '192.168.0.1', '198.18.0.1', '198.51.100.1'),
    *('203.0.113.1', '224.0.0.1', '239.255.255.250', '240.0.0.1', '255.255.255.255'),
    *('::', '::1', '::ffff:127.0.0.1', '::ffff:10.0.0.1', '::127.0.0.1', '64:ff9b::7f00:1', '64:ff9b:1::1'),
    *('100::1', '2001::1', '2001:10::1', '2001:db8::1', '2002:7f00:1::', '3fff::1', '5f00::1', 'fc00::1', 'fd00::1'),
    *('fe80::1', 'fec0::1', 'ff02::1'),
]  # fmt: skip
PUBLIC = [
    *('1.1.1.1', '9.255.255.255', '11.0.0.0', '93.184.215.14', '100.63.255.255', '100.128.0.0', '172.15.0.1'),
    *('172.32.0.1', '192.167.0.1', '192.169.0.1', '223.255.255.255', '::ffff:1.1.1.1'),
    *('2001:4860:4860::8888', '2606:4700:4700::1111', '2a00:1450::1'),
]  # fmt: skip


@pytest.mark.parametrize('text', PRIVATE)
def test_private(text):
    assert not addresses.is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize('text', PUBLIC)
def test_public(text):
    assert addresses.is_public(ipaddress.ip_address(text))


@given(st.ip_addresses())
def test_nothing_is_public_that_python_knows_to_be_private(address):
    plain = addresses.plain(address)
    if (
        plain.is_private
        or plain.is_loopback
        or plain.is_link_local
        or plain.is_multicast
        or plain.is_reserved
    ):
        assert not addresses.is_public(address)


def test_networks_hold_addresses_of_their_own_kind():
    networks = [ipaddress.ip_network('127.0.0.0/8'), ipaddress.ip_network('fd00::/8')]

    for inside in ('127.0.0.1', '::ffff:127.0.0.1', 'fd00::1'):
        assert addresses.is_within(ipaddress.ip_address(inside), networks)
    for outside in ('128.0.0.1', '::1', '::127.0.0.1'):
        assert not addresses.is_within(ipaddress.ip_address(outside), networks)


@pytest.mark.parametrize(
    'host', ['localhost', 'LOCALHOST.', 'a.localhost', 'nas.local', 'x.internal', '127.1', '0', '0x7f000001', '0x7f.1',
             '0177.0.0.1', '2130706433', '10.0.0.1.', '[::1]', '::1', 'fe80::1%eth0']
)  # fmt: skip
def test_hosts_written_as_private(host):
    assert addresses.names_private(host)


@pytest.mark.parametrize(
    'host', ['tracker.example.org', '1.1.1.1', '[2606:4700::1111]', '0x.example', 'local', 'a1']
)
def test_hosts_written_as_public_or_unknown(host):
    assert not addresses.names_private(host)
