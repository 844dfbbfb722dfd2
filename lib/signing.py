"""Signatures of what is sent to receivers of events: that it comes from here, unchanged, and just now."""

from __future__ import annotations

import hashlib
import hmac

TOLERANCE = 300.0  # seconds


def sign(secret: str, timestamp: str, uid: str, body: bytes) -> str:
    """The value of ``X-PyroTorrent-Signature``.

    :param timestamp: Unix seconds, as in ``X-PyroTorrent-Timestamp``.
    :param uid: as in ``X-PyroTorrent-Delivery``.
    """
    told = f'{timestamp}.{uid}.'.encode() + body
    return 'sha256=' + hmac.new(secret.encode(), told, hashlib.sha256).hexdigest()


def verify(
    secret: str,
    timestamp: str,
    uid: str,
    body: bytes,
    signature: str,
    now: float,
    tolerance: float = TOLERANCE,
) -> bool:
    """Whether a delivery is genuine and new. Whatever the headers hold, nothing is raised.

    :param now: Unix seconds.
    :param tolerance: seconds that clocks and ways may differ; an older delivery is somebody's repetition.
    """
    expected = sign(secret, timestamp, uid, body)
    is_ours = hmac.compare_digest(expected.encode(), signature.encode('utf-8', 'surrogateescape'))
    return is_ours and timestamp.isdecimal() and abs(now - int(timestamp)) <= tolerance
