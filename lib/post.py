"""Sending to a receiver of events, wherever somebody says it is.

Only to addresses that are public or expressly allowed, judged when the connection is made; no redirect is followed, no
proxy of the environment used, no cookie kept, no compression asked for; one deadline for everything.
"""

from __future__ import annotations

import contextlib
import ipaddress
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import httpcore
import httpx

from lib.errors import FetchError
from lib.fetch import check_url
from lib.pinned import Budget, PinnedTransport, explained

MAX_REPLY = 64 * 1024  # bytes that are read of a reply
NETWORKS = 'WEBHOOK_ALLOWED_NETWORKS'

_HEADERS = {
    'User-Agent': 'pyroTorrent',
    'Accept': '*/*',
    'Accept-Encoding': 'identity',
    'Connection': 'close',
}


@dataclass(frozen=True, slots=True)
class Posted:
    """
    :ivar headers: of the reply, with names in lower case.
    :ivar reply: the beginning of the reply, empty where it came compressed although nobody asked for that.
    """

    status: int
    headers: Mapping[str, str]
    reply: bytes


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    timeout: float,
    allowed_networks: Sequence[str] = (),
    context: ssl.SSLContext | None = None,
) -> Posted:
    """Send ``body`` to ``url``. What follows a status line decides nothing, so a reply may break off or lie.

    :param timeout: seconds for everything: the name, the connection, the request, the reply.
    :param allowed_networks: networks (CIDR) that may be reached although they are not public.
    :param context: TLS settings, where the usual ones will not do.
    :raises UsageError: the URL is not one to send to.
    :raises FetchError: the address is not allowed, or no status came in time.
    """
    check_url(url)
    budget = Budget(timeout)
    allowed = [ipaddress.ip_network(network) for network in allowed_networks]
    transport = PinnedTransport(budget, allowed, context, setting=NETWORKS)
    try:
        with explained(url, budget, timeout):
            request = httpx.Request('POST', url, headers={**_HEADERS, **headers}, content=body)
            response = transport.handle_request(request)
        return Posted(response.status_code, dict(response.headers), _beginning(response))
    finally:
        transport.close()


def _beginning(response: httpx.Response) -> bytes:
    reply = bytearray()
    failures = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, FetchError)
    with contextlib.suppress(*failures), contextlib.closing(response):
        if response.headers.get('content-encoding', 'identity').strip().lower() not in ('', 'identity'):
            return b''
        for piece in response.iter_raw():
            reply += piece
            if len(reply) >= MAX_REPLY:
                break
    return bytes(reply[:MAX_REPLY])
