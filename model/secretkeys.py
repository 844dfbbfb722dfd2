"""Random secrets that are shown once: API tokens and the tokens in one-time links.

They are 256 random bits, so nobody can guess one or try them all, and the plain SHA-256 that is stored cannot be
turned back. A slow salted hash is for passwords, which people choose; here it would only make every request of a
program cost what a login costs.
"""

from __future__ import annotations

import hashlib
import secrets

SHAPE = '[A-Za-z0-9_-]{43}'  # as a regular expression: 32 bytes in URL-safe base64


def make() -> str:
    """A new secret, 43 characters that need no quoting in URLs and headers."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is stored of it, 64 hexadecimal digits."""
    return hashlib.sha256(secret.encode()).hexdigest()
