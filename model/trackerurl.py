"""The check of tracker URLs, wherever they come from: a .torrent file, a magnet link or a form.

The torrent client contacts every tracker it is given, so a URL is passed on only if it is plainly a tracker's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Literal
from urllib.parse import urlsplit

from lib.addresses import names_private
from lib.errors import UsageError
from lib.texts import printable
from lib.words import said

SCHEMES = ('http', 'https', 'udp')
#: Schemes of trackers that rTorrent does not speak; such URLs are left out, not refused.
SKIPPED = ('ws', 'wss')
MAX_URL = 2048  # bytes

_PLAIN = re.compile(r'[\x21-\x7e]+')
_HOST = re.compile(r'[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]')


def check(url: str, *, field: str = 'tracker') -> str:
    """Return ``url`` unchanged if it may be given to a torrent client.

    :raises UsageError: the scheme is not http, https or udp, or the URL is malformed; names the URL.
    """
    shown = brief(url)
    if len(url) > MAX_URL:
        raise UsageError(
            said(
                'The tracker URL “%(shown)s” is longer than %(max_url)s bytes.', shown=shown, max_url=MAX_URL
            ),
            field=field,
        )
    if not _PLAIN.fullmatch(url):
        raise UsageError(
            said('The tracker URL “%(shown)s” is empty or holds blanks or special characters.', shown=shown),
            field=field,
        )
    if scheme(url) not in SCHEMES:
        raise UsageError(
            said('The tracker URL “%(shown)s” must begin with http://, https:// or udp://.', shown=shown),
            field=field,
        )
    if not _has_server(url):
        raise UsageError(
            said('The tracker URL “%(shown)s” names no valid host and port.', shown=shown), field=field
        )
    return url


def scheme(url: str) -> str:
    """What stands before ``://``, in lower case; ``''`` where that is missing."""
    before, separator, _ = url.partition('://')
    return before.lower() if separator else ''


def is_private(url: str) -> bool:
    """Whether the URL's host is written as an address, or a name, of this machine or a private network."""
    try:
        return names_private(urlsplit(url).hostname or '')
    except ValueError:
        return True


def judge_private(
    urls: Iterable[str], private: Literal['allow', 'refuse'], wrong: Callable[[str], UsageError]
) -> list[str]:
    """Warnings about those of the URLs that :func:`is_private` is true of.

    :param wrong: makes the error, where they are refused, of what is wrong.
    """
    warnings: list[str] = []
    for url in filter(is_private, urls):
        shown = brief(url)
        if private == 'refuse':
            raise wrong(
                said(
                    '“%(shown)s” is an address in a private network or on the client’s own machine',
                    shown=shown,
                )
            )
        warnings.append(
            said(
                '“%(shown)s” is an address in a private network or on the client’s own machine.', shown=shown
            )
        )
    return warnings


def masked(url: str) -> str:
    """The address without what may be a personal key: scheme and host."""
    try:
        parts = urlsplit(url)
        return f'{parts.scheme}://{parts.hostname or ""}/…'
    except ValueError:
        return '…'


def brief(text: str) -> str:
    """Foreign text made fit for a sentence: one line, at most 80 characters."""
    clean = printable(text[:81])
    return clean if len(clean) <= 80 else clean[:79] + '…'


def _has_server(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    host = parts.netloc.rpartition('@')[2]
    bare = host[: host.index(']') + 1] if host.startswith('[') else host.partition(':')[0]
    needs_port = parts.scheme == 'udp'
    return bool(_HOST.fullmatch(bare)) and port != 0 and (port is not None or not needs_port)
