"""Fetching of .torrent files by URL, done by us so that rTorrent never follows a stranger's link.

Only http and https, only to addresses that are public or expressly allowed, at every redirect anew; no cookies, no
credentials, no proxy from the environment, no compression; one deadline and one size limit for everything.
"""

from __future__ import annotations

import ipaddress
import re
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpx

from lib.errors import FetchError, TooLarge, UsageError
from lib.pinned import Budget, PinnedTransport, explained
from lib.texts import whole_number
from lib.words import said

MAX_URL = 8192  # characters
MAX_REDIRECTS = 5

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HEADERS = {
    'User-Agent': 'pyroTorrent',
    'Accept': 'application/x-bittorrent, */*;q=0.5',
    'Accept-Encoding': 'identity',
    'Connection': 'close',
}


@dataclass(frozen=True, slots=True)
class Fetched:
    """
    :ivar data: the body; empty where ``magnet`` is set.
    :ivar final_url: the URL that gave it, after redirects.
    :ivar content_type: as the server says; not checked.
    :ivar magnet: the magnet link that the URL redirects to, as indexers do, else ``''``. It was not followed.
    """

    data: bytes
    final_url: str
    content_type: str
    magnet: str = ''


def fetch(
    url: str,
    *,
    max_bytes: int,
    timeout: float,
    allowed_networks: Sequence[str] = (),
    context: ssl.SSLContext | None = None,
) -> Fetched:
    """Fetch what ``url`` names.

    :param max_bytes: the largest body accepted.
    :param timeout: seconds for everything: names, connections, redirects, the body.
    :param allowed_networks: networks (CIDR) that may be reached although they are not public.
    :param context: TLS settings, where the usual ones will not do.
    :raises UsageError: the URL is not one to fetch.
    :raises TooLarge: the body is larger than ``max_bytes``.
    :raises FetchError: the address is not allowed, or there was no usable answer in time.
    """
    check_url(url)
    budget = Budget(timeout)
    allowed = [ipaddress.ip_network(network) for network in allowed_networks]
    transport = PinnedTransport(budget, allowed, context, setting='FETCH_ALLOWED_NETWORKS')
    try:
        with explained(url, budget, timeout):
            return _follow(transport, url, max_bytes)
    finally:
        transport.close()


def check_url(url: str) -> None:
    """Check the form of a URL; nothing is sent.

    :raises UsageError: it is not http or https, is malformed, or holds credentials.
    """
    if len(url) > MAX_URL:
        raise UsageError(
            said('The address is longer than %(max_url)s characters.', max_url=f'{MAX_URL:,}'), field='url'
        )
    if not url or not url.isprintable() or ' ' in url or '\\' in url:
        raise UsageError(
            'The address is empty, or holds blanks, backslashes or control characters.', field='url'
        )
    if not re.match(r'https?://[^/?#]', url, re.IGNORECASE):
        raise UsageError('The address must begin with http:// or https:// and a host name.', field='url')
    try:
        parts = urlsplit(url)
        well_formed = parts.port != 0 and _is_host(httpx.URL(url).raw_host)
    except (ValueError, httpx.InvalidURL):
        well_formed = False
    if not well_formed or '%' in parts.netloc:
        raise UsageError('The address names no valid host and port.', field='url')
    if '@' in parts.netloc:
        raise UsageError('The address must not hold a user name or password.', field='url')


def _is_host(host: bytes) -> bool:
    """Whether it may be asked for: an IPv6 address, or labels of a name as DNS has them."""
    labels = host.removesuffix(b'.').split(b'.')
    return b':' in host or all(0 < len(label) < 64 and label.lower() != b'xn--' for label in labels)


def _follow(transport: PinnedTransport, url: str, max_bytes: int) -> Fetched:
    for _ in range(MAX_REDIRECTS + 1):
        response = transport.handle_request(httpx.Request('GET', url, headers=_HEADERS))
        try:
            if response.status_code not in _REDIRECTS:
                return _received(response, url, max_bytes)
            target = response.headers.get('location', '')
        finally:
            response.close()
        if target[:7].lower() == 'magnet:':
            return Fetched(b'', url, '', magnet=target)
        url = _next(url, target)
    raise FetchError(
        said('The address redirects more than %(max_redirects)s times.', max_redirects=MAX_REDIRECTS)
    )


def _next(url: str, location: str) -> str:
    """Where a redirect leads, checked like the first address."""
    try:
        following = urljoin(url, location)
        check_url(following)
    except (UsageError, ValueError) as error:
        raise FetchError(
            said('The address redirects to one that is not fetched. %(error)s', error=error)
        ) from None
    if url[:6].lower() == 'https:' and following[:6].lower() != 'https:':
        raise FetchError('The address redirects from https to http, which would give up its protection.')
    return following


def _received(response: httpx.Response, url: str, max_bytes: int) -> Fetched:
    if response.status_code != 200:
        raise FetchError(
            said(
                'The server answered with status %(status_code)s instead of the file.',
                status_code=response.status_code,
            )
        )
    encoding = response.headers.get('content-encoding', 'identity').strip().lower()
    if encoding not in ('', 'identity'):
        raise FetchError('The server sent a compressed answer although none was asked for.')
    too_large = TooLarge(
        said('The file behind the address is larger than %(max_bytes)s bytes.', max_bytes=f'{max_bytes:,}'),
        field='url',
    )
    if (whole_number(response.headers.get('content-length', ''), 19) or 0) > max_bytes:
        raise too_large
    body = bytearray()
    for piece in response.iter_raw():
        body += piece
        if len(body) > max_bytes:
            raise too_large
    return Fetched(bytes(body), url, response.headers.get('content-type', ''))
