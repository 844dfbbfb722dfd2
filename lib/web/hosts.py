"""Which host names we answer to, and which proxies may speak for a client.

The Host check stops DNS rebinding: a foreign page whose name is made to point at us still sends its own name.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.exceptions import BadRequest, MisdirectedRequest

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_HOST = re.compile(r'(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+)(:[0-9]{1,5})?')

# Some proxies name the client's port as well; each connection would be another sender to the count of logins.
_WITH_PORT = re.compile(r'(?:([0-9.]+)|\[([0-9A-Fa-f:.]+)\])(?::[0-9]+)?')
_BELIEVED = 'pyrotorrent.believed'


def check(environ: WSGIEnvironment, allowed: Iterable[str]) -> None:
    """Refuse a request whose Host header is missing, malformed or not in ``allowed``.

    :raises BadRequest: no Host, or not one host.
    :raises MisdirectedRequest: a host that is not ours (421).
    """
    match = _HOST.fullmatch(environ.get('HTTP_HOST', ''))
    if match is None:
        raise BadRequest('The Host header has to name one host.')
    name = match[1].lower().rstrip('.')
    if not any(_covers(pattern, name) for pattern in allowed):
        raise MisdirectedRequest(
            'This host name is not one of ours. If it should be, its owner adds it to ALLOWED_HOSTS in config.py.'
        )


def _covers(pattern: str, name: str) -> bool:
    return pattern in ('*', name) or (pattern.startswith('*.') and name.endswith(pattern[1:]))


def is_loopback(address: str) -> bool:
    """Whether ``address`` is of this machine; an empty one (a unix socket) is not a proof."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def believe_proxy(environ: WSGIEnvironment, trusted: Iterable[str]) -> None:
    """Take client address, scheme and host from ``X-Forwarded-*``, last hop only, where the peer is trusted.

    From anyone else the headers are ignored.
    """
    if not _is_trusted(environ.get('REMOTE_ADDR', ''), trusted):
        return
    environ[_BELIEVED] = True
    client, proto, host = (_last(environ, f'HTTP_X_FORWARDED_{name}') for name in ('FOR', 'PROTO', 'HOST'))
    if client:
        with_port = _WITH_PORT.fullmatch(client)
        environ['REMOTE_ADDR'] = (with_port[1] or with_port[2]) if with_port else client
    if proto in ('http', 'https'):
        environ['wsgi.url_scheme'] = proto
    if host:
        environ['HTTP_HOST'] = host


def is_believed(environ: WSGIEnvironment) -> bool:
    """Whether :func:`believe_proxy` took a trusted proxy's word for this request."""
    return _BELIEVED in environ


def _is_trusted(address: str, trusted: Iterable[str]) -> bool:
    try:
        peer = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(peer in ipaddress.ip_network(network) for network in trusted)


def _last(environ: WSGIEnvironment, header: str) -> str:
    return str(environ.get(header, '')).rsplit(',', 1)[-1].strip()
