"""Which network addresses count as public.

The list is our own, not :attr:`ipaddress.IPv4Address.is_global`, whose answer differs between Python releases.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import TypeAlias

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

# IANA's special-purpose registries (RFC 6890 and its successors), multicast and the reserved rest.
_CLOSED_V4 = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12',
        '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15',
        '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4',
    )
)  # fmt: skip
_OPEN_V6 = ipaddress.IPv6Network('2000::/3')
# Within 2000::/3; 6to4 and Teredo carry an IPv4 address that a relay would deliver to.
_CLOSED_V6 = tuple(
    ipaddress.IPv6Network(text)
    for text in ('2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20')
)  # fmt: skip
# What else IDNA (RFC 3490, 3.1) takes for the dot between labels.
_DOTS = str.maketrans('。．｡', '...')


def plain(address: Address) -> Address:
    """``address``, or the IPv4 address that an IPv4-mapped IPv6 address stands for."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def is_public(address: Address) -> bool:
    """Whether ``address`` belongs to the internet at large, and to no machine or network in particular."""
    address = plain(address)
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _CLOSED_V4)
    return address in _OPEN_V6 and not any(address in network for network in _CLOSED_V6)


def is_within(address: Address, networks: Iterable[Network]) -> bool:
    """Whether ``address`` is in one of ``networks``."""
    address = plain(address)
    return any(address in network for network in networks)


def names_private(host: str) -> bool:
    """Whether ``host``, as written in a URL, is plainly an address that is not public. Asks no name server."""
    bare = host.translate(_DOTS).strip('[]').rstrip('.').lower()
    if bare == 'localhost' or bare.endswith(('.localhost', '.local', '.internal')):
        return True
    try:
        return not is_public(ipaddress.ip_address(bare.partition('%')[0]))
    except ValueError:
        # Every form of an IPv4 address the resolver also takes (127.1, 0x7f.1) ends in a number; no domain does.
        return bare.rpartition('.')[2].startswith('0x') or bare.rpartition('.')[2].isdigit()
