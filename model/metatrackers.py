"""The addresses that a .torrent file makes a client contact: trackers, web seeds, DHT nodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from lib import bencode
from lib.bencode import Member, Value
from lib.errors import UsageError
from lib.words import N_, named, said
from model import trackerurl

MAX_TRACKERS = 1000


@dataclass(slots=True)
class Trackers:
    """
    :ivar tiers: the announce URLs that may be handed on.
    :ivar replaced: outer keys, encoded, whose value had to be rewritten to that end.
    """

    tiers: tuple[tuple[str, ...], ...] = ()
    replaced: dict[bytes, bytes] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def read(outer: dict[bytes, Member], private: Literal['allow', 'refuse']) -> Trackers:
    """Read and check the trackers of a .torrent file's outer dictionary.

    :raises UsageError: a URL is malformed or of a scheme that no tracker has; or it is private and ``private`` says so.
    """
    found = Trackers()
    single = _single(outer, found)
    tiers = _tiers(outer, found)
    # A client reads “announce” only where “announce-list” has nothing.
    found.tiers = tiers if tiers or not single else ((single,),)
    urls = [url for tier in found.tiers for url in tier]
    if len(urls) > MAX_TRACKERS:
        raise _wrong(
            said(
                'it names %(count)s trackers; at most %(max_trackers)s are accepted',
                count=f'{len(urls):,}',
                max_trackers=f'{MAX_TRACKERS:,}',
            )
        )
    if not urls:
        # rTorrent 0.9.8 without DHT refuses a file that lacks the key, but not one where it is empty.
        found.replaced[b'announce'] = b'0:'
        found.warnings.append(N_('The torrent names no tracker, so peers can only be found through DHT.'))
    extra = [single] if single and single not in urls else []
    all_urls = [*urls, *extra, *_seeds(outer), *_nodes(outer)]
    found.warnings += trackerurl.judge_private(all_urls, private, _wrong)
    return found


def _single(outer: dict[bytes, Member], found: Trackers) -> str:
    member = outer.get(b'announce')
    if member is None:
        return ''
    url = _usable(member.value, found)
    if url is None:
        found.replaced[b'announce'] = b'0:'
        return ''
    return url


def _tiers(outer: dict[bytes, Member], found: Trackers) -> tuple[tuple[str, ...], ...]:
    member = outer.get(b'announce-list')
    if member is None:
        return ()
    if not isinstance(member.value, list):
        raise _wrong('its “announce-list” is not a list')
    tiers = tuple(tier for tier in (_tier(value, found) for value in member.value) if tier)
    as_read: Value = [[url.encode() for url in tier] for tier in tiers]
    if as_read != member.value:
        found.replaced[b'announce-list'] = bencode.dumps(as_read)
    return tiers


def _tier(value: Value, found: Trackers) -> tuple[str, ...]:
    # A common mistake is a plain list of URLs where a list of lists belongs.
    urls = value if isinstance(value, list) else [value]
    checked = (_usable(url, found) for url in urls)
    return tuple(url for url in checked if url is not None)


def _usable(value: Value, found: Trackers) -> str | None:
    """The URL if it is a tracker's, None if it is blank or of a kind that rTorrent does not speak."""
    if not isinstance(value, bytes):
        raise _wrong('a tracker URL is not text')
    url = value.decode(errors='replace').strip()
    if not url:
        return None
    if trackerurl.scheme(url) in trackerurl.SKIPPED:
        found.warnings.append(
            said(
                'The tracker “%(url)s” is left out: rTorrent does not speak WebSocket.',
                url=trackerurl.brief(url),
            )
        )
        return None
    return trackerurl.check(url, field='torrent')


def _seeds(outer: dict[bytes, Member]) -> Iterator[str]:
    for key in (b'url-list', b'httpseeds'):
        value = outer[key].value if key in outer else []
        for seed in value if isinstance(value, list) else [value]:
            if isinstance(seed, bytes) and seed:
                yield seed.decode(errors='replace')


def _nodes(outer: dict[bytes, Member]) -> Iterator[str]:
    value = outer[b'nodes'].value if b'nodes' in outer else []
    for node in value if isinstance(value, list) else []:
        if isinstance(node, list) and node and isinstance(node[0], bytes):
            host = node[0].decode(errors='replace')
            yield f'dht://[{host}]' if ':' in host else f'dht://{host}'


def _wrong(what: str) -> UsageError:
    return UsageError(said('This .torrent file cannot be used: %(what)s.', what=named(what)), field='torrent')
