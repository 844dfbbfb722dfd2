"""One check before any handler that changes something: does the request come from our own page or a program?

Browsers say where a request comes from (``Sec-Fetch-Site``, ``Origin``, ``Referer``); what lies is not a browser and
has no cookie of a logged-in person. The session's token in every form is the second belt. ``SameSite=Lax`` on the
cookie is the third.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lib.errors import Denied
from lib.words import said

if TYPE_CHECKING:
    from werkzeug import Request

SAFE_METHODS = frozenset(('GET', 'HEAD', 'OPTIONS'))
_REMEDY = 'Reload the page and send the form again.'


def from_browser(request: Request) -> bool:
    """Whether the request has marks that only browsers set."""
    return bool(request.cookies) or any(
        name in request.headers for name in ('Origin', 'Sec-Fetch-Site', 'Referer')
    )


def check_origin(request: Request) -> None:
    """Refuse a request that does not say that it comes from a page of ours.

    :raises Denied: another site's, or none named.
    """
    site = request.headers.get('Sec-Fetch-Site')
    if site is not None and site != 'same-origin':
        raise Denied('The request comes from another web site and was refused.')
    origin = request.headers.get('Origin') or request.headers.get('Referer')
    if origin is None and site is None:
        raise Denied('The request does not say which page it comes from (no Origin header) and was refused.')
    if origin is not None and not _is_ours(origin, request):
        raise Denied('The request comes from another web site and was refused.')


def _is_ours(origin: str, request: Request) -> bool:
    parts = urlsplit(origin)
    ports = {'http': ':80', 'https': ':443'}
    if parts.scheme not in ports:
        return False
    # The scheme is not compared: behind a proxy that ends TLS we see http where the browser sees https.
    return parts.netloc.lower().removesuffix(ports[parts.scheme]) == request.host.lower().removesuffix(
        ports[parts.scheme]
    )


def check_token(request: Request, expected: str) -> None:
    """Refuse a request without the session's token (form field ``csrf`` or header ``X-CSRF-Token``).

    :raises Denied: missing, or another session's.
    """
    given = request.headers.get('X-CSRF-Token') or request.form.get('csrf', '')
    if not hmac.compare_digest(_unmasked(given), expected.encode()):
        raise Denied(said('The form is no longer valid. %(remedy)s', remedy=_REMEDY))


def masked(token: str) -> str:
    """The token as a page holds it: other letters in each page, since pages go out compressed (BREACH)."""
    data = token.encode()
    pad = secrets.token_bytes(len(data))
    return base64.urlsafe_b64encode(pad + _mixed(pad, data)).decode()


def _unmasked(given: str) -> bytes:
    """The token in what a page held; nothing where it is no such thing."""
    try:
        data = base64.urlsafe_b64decode(given.encode('ascii'))
    except ValueError:
        return b''
    half = len(data) // 2
    return _mixed(data[:half], data[half:]) if len(data) % 2 == 0 else b''


def _mixed(pad: bytes, data: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(pad, data, strict=True))
