"""The response headers that every answer carries, errors included."""

from __future__ import annotations

from werkzeug import Response

CONTENT_SECURITY_POLICY = '; '.join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

# Referrer-Policy: with no-referrer browsers send “Origin: null” with our own forms, and the origin check could
# not tell them from a foreign page's; same-origin tells other sites just as little.
ALWAYS = {
    'Content-Security-Policy': CONTENT_SECURITY_POLICY,
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cache-Control': 'no-store',
}


def secure(response: Response) -> Response:
    """Add what is missing; a header that a handler has set (a sandbox for files, caching of assets) stays."""
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)
    return response
