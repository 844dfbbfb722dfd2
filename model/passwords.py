"""Passwords: which are accepted, and their argon2id hashes.

A password is compared after Unicode normalisation (NFC), since the same keys give composed characters on one system
and decomposed ones on another; apart from that only exactly the same bytes match.
"""

from __future__ import annotations

import contextlib
import threading
import unicodedata
from collections.abc import Iterator

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from lib.errors import TooManyAttempts, UsageError
from lib.words import said

MIN_BYTES = 8
MAX_BYTES = 1024

# A hash takes 64 MiB and the better part of two processors. Two at a time leave the machine to the torrents, and few
# may wait, so that a flood of logins cannot take all request threads.
AT_ONCE = 2
WAITING = 4
PATIENCE = 10.0  # seconds one waits for its turn

_hasher = PasswordHasher()
_places = threading.BoundedSemaphore(AT_ONCE + WAITING)
_turns = threading.BoundedSemaphore(AT_ONCE)


def checked(password: str) -> bytes:
    """A new password as the bytes to be hashed.

    :raises UsageError: it is too short, too long, or not text.
    """
    try:
        raw = normal(password)
    except UnicodeEncodeError as error:
        raise UsageError('The password holds a character that is none.', field='password') from error
    if not MIN_BYTES <= len(raw) <= MAX_BYTES:
        raise UsageError(
            said(
                'A password needs at least %(min_bytes)s characters and at most %(max_bytes)s bytes.',
                min_bytes=MIN_BYTES,
                max_bytes=MAX_BYTES,
            ),
            field='password',
        )
    return raw


def hashed(raw: bytes) -> str:
    """The hash to be stored, with its parameters and salt in it.

    :raises TooManyAttempts: too many are being hashed at the moment.
    """
    with place(), _turn():
        return _hasher.hash(raw)


def matches(stored: str | None, password: str) -> bool:
    """Whether ``password`` is the one of the hash. None, where there is no such account, costs the same time.

    To be called in a :func:`place`.

    :raises TooManyAttempts: too many are being hashed at the moment.
    """
    try:
        raw = normal(password[: MAX_BYTES + 1])[: MAX_BYTES + 1]
    except UnicodeEncodeError:
        raw, stored = b'', None
    with _turn():
        if stored is None:
            _hasher.hash(raw)
            return False
        try:
            return _hasher.verify(stored, raw)
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def normal(password: str) -> bytes:
    """The bytes that are hashed.

    :raises UnicodeEncodeError: a lone surrogate is in it.
    """
    return unicodedata.normalize('NFC', password).encode()


@contextlib.contextmanager
def place() -> Iterator[None]:
    """One of the few places for those whose password is, or is about to be, looked at.

    :raises TooManyAttempts: all are taken; nobody waits for one.
    """
    if not _places.acquire(blocking=False):
        raise _busy()
    try:
        yield
    finally:
        _places.release()


@contextlib.contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=PATIENCE):
        raise _busy()
    try:
        yield
    finally:
        _turns.release()


def _busy() -> TooManyAttempts:
    return TooManyAttempts(
        'Too many people log in at this moment. Try again in a few seconds.', retry_after=3
    )
