"""Magnet links: checked, and rebuilt from what was understood.

torf's Magnet is no check: it knows no limits, refuses links for parameters it has not heard of (``x.pe``, ``so``,
a second ``xt`` of version 2), and lets any tracker scheme through.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, quote

from lib.errors import TooLarge, UsageError
from lib.words import N_, named, said
from model import trackerurl
from model.metafiles import text_of

MAX_URI = 16 * 1024  # characters
MAX_PARAMETERS = 500
MAX_TRACKERS = 200
MAX_NAME = 255  # characters

_HEX = re.compile(r'[0-9A-Fa-f]{40}', re.ASCII)
_BASE32 = re.compile(r'[A-Za-z2-7]{32}', re.ASCII)
_BTIH = 'urn:btih:'
_NO_HASH = '0' * 40


@dataclass(frozen=True, slots=True)
class Magnet:
    """
    :ivar info_hash: 40 hexadecimal digits in upper case.
    :ivar name: the name it suggests, ``''`` where it has none.
    :ivar uri: the link to hand on: hash, name and trackers, and nothing else.
    :ivar warnings: sentences for the person who adds it.
    """

    info_hash: str
    name: str
    trackers: tuple[str, ...]
    uri: str
    warnings: tuple[str, ...]


def parse(uri: str, *, private_trackers: Literal['allow', 'refuse'] = 'allow') -> Magnet:
    """Check a magnet link.

    :param private_trackers: whether trackers on private addresses cost a warning or the link.
    :raises TooLarge: it is longer than 16 KiB or names too many trackers.
    :raises UsageError: it is no magnet link of BitTorrent version 1, or names something that is no tracker.
    """
    pairs = _pairs(uri.strip())
    info_hash = _info_hash([value for key, value in pairs if key == 'xt'])
    name = next((text_of(value.encode()) for key, value in pairs if key == 'dn' and value), '')[:MAX_NAME]
    warnings: list[str] = []
    trackers = _trackers([value for key, value in pairs if key == 'tr'], private_trackers, warnings)
    if not trackers:
        warnings.append(N_('The magnet link names no tracker, so peers can only be found through DHT.'))
    return Magnet(info_hash, name, trackers, build(info_hash, name, trackers), tuple(warnings))


def build(info_hash: str, name: str = '', trackers: tuple[str, ...] = ()) -> str:
    """Write a magnet link in which everything but letters, digits and ``_.-~`` is percent-encoded."""
    parts = [f'xt={_BTIH}{info_hash}']
    if name:
        parts.append('dn=' + quote(name, safe='', errors='replace'))
    parts += ['tr=' + quote(url, safe='') for url in trackers]
    return 'magnet:?' + '&'.join(parts)


def _pairs(uri: str) -> list[tuple[str, str]]:
    if len(uri) > MAX_URI:
        raise TooLarge(
            said('The magnet link is longer than %(max_uri)s characters.', max_uri=f'{MAX_URI:,}'),
            field='magnet',
        )
    if uri[:8].lower() != 'magnet:?':
        raise _wrong('it must begin with “magnet:?”')
    try:
        pairs = parse_qsl(uri[8:], errors='replace', max_num_fields=MAX_PARAMETERS)
    except ValueError:
        raise _wrong(
            said('it has more than %(max_parameters)s parameters', max_parameters=MAX_PARAMETERS)
        ) from None
    # “tr.1=…&tr.2=…” is the older way to give a parameter more than once.
    return [(re.sub(r'\.\d{1,4}$', '', key.lower(), flags=re.ASCII), value) for key, value in pairs]


def _info_hash(topics: list[str]) -> str:
    hashes = {_hex(topic[len(_BTIH) :]) for topic in topics if topic.lower().startswith(_BTIH)}
    if len(hashes) > 1:
        raise _wrong('it names more than one torrent')
    if hashes == {_NO_HASH}:
        raise _wrong('its info hash is all zeros, which would end rTorrent 0.16')
    if hashes:
        return hashes.pop()
    if any(topic.lower().startswith('urn:btmh:') for topic in topics):
        raise _wrong('it is for BitTorrent version 2 only, which rTorrent does not support')
    raise _wrong('it has no “xt=urn:btih:” with an info hash')


def _hex(text: str) -> str:
    if _HEX.fullmatch(text):
        return text.upper()
    if _BASE32.fullmatch(text):
        return base64.b32decode(text.upper()).hex().upper()
    raise _wrong('its info hash is neither 40 hexadecimal digits nor 32 letters and digits in base 32')


def _trackers(urls: list[str], private: Literal['allow', 'refuse'], warnings: list[str]) -> tuple[str, ...]:
    kept: dict[str, None] = {}
    for url in filter(None, map(str.strip, urls)):
        if trackerurl.scheme(url) in trackerurl.SKIPPED:
            warnings.append(
                said(
                    'The tracker “%(url)s” is left out: rTorrent does not speak WebSocket.',
                    url=trackerurl.brief(url),
                )
            )
        else:
            kept[trackerurl.check(url, field='magnet')] = None
    if len(kept) > MAX_TRACKERS:
        raise TooLarge(
            said('The magnet link names more than %(max_trackers)s trackers.', max_trackers=MAX_TRACKERS),
            field='magnet',
        )
    warnings += trackerurl.judge_private(kept, private, _wrong)
    return tuple(kept)


def _wrong(what: str) -> UsageError:
    return UsageError(said('This magnet link cannot be used: %(what)s.', what=named(what)), field='magnet')
