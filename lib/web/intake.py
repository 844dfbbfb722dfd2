"""What pages and programs share when they add torrents: fetching, checking, the limits of the configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib import fetch
from lib import format as fmt
from lib.errors import NotFound, TooLarge, UnknownName
from lib.web import shared
from lib.web.settings import NO_TARGET
from lib.words import said
from model import adding
from model.backends.base import Added

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lib.web.context import Context

MAX_ITEMS = 200


@dataclass(frozen=True)
class Item:
    """One thing to add: ``source`` names it for people; exactly one of the others is set."""

    source: str
    data: bytes | None = None
    magnet: str | None = None
    address: str | None = None


@dataclass(frozen=True)
class Wish:
    """What is to become of the items."""

    target: str
    start: bool = True
    label: str = ''
    directory: str = ''


def of_link(link: str) -> Item:
    """A magnet link, a bare info hash or an address of a .torrent."""
    if link.lower().startswith('magnet:'):
        return Item(fmt.clip(link, 80), magnet=link)
    if shared.is_hash(link):
        return Item(link, magnet=shared.magnet_of(link))
    return Item(fmt.clip(link, 80), address=link)


def of_files(context: Context) -> list[Item]:
    """The .torrent files of the form, each read to one byte past the limit."""
    limit = context.services.config.MAX_TORRENT_BYTES
    return [Item(name, data=stream.read(limit + 1)) for name, stream in shared.uploaded(context.request)]


def target_of(context: Context, name: str) -> str:
    """The client of that name, the first one where none is given.

    :raises NotFound: no client is configured.
    :raises UnknownName: there is none of that name.
    """
    backends = context.services.hub.backends
    if not backends:
        raise NotFound(NO_TARGET)
    target = name or next(iter(backends))
    if target not in backends:
        raise UnknownName('client', target, backends, field='target')
    return target


def check_number(items: Sequence[Item]) -> None:
    """:raises TooLarge: these are too many for one request."""
    if len(items) > MAX_ITEMS:
        raise TooLarge(
            said(
                'At most %(max_items)s torrents at a time, please; these are %(count)s.',
                max_items=MAX_ITEMS,
                count=len(items),
            ),
            field='links',
        )


def add(context: Context, wish: Wish, item: Item) -> Added:
    """Add one item, fetching it first where it is an address.

    :raises PyroError: it was not added, or nobody knows whether it was.
    """
    config = context.services.config
    data, magnet = (item.data, item.magnet) if item.address is None else _fetched(context, item.address)
    return adding.add(
        context.services.hub,
        wish.target,
        torrent=data,
        magnet=magnet,
        start=wish.start,
        label=wish.label.strip(),
        directory=wish.directory.strip(),
        roots=config.DOWNLOAD_ROOTS,
        max_bytes=config.MAX_TORRENT_BYTES,
        private_trackers=config.PRIVATE_TRACKERS,
    )


def _fetched(context: Context, address: str) -> tuple[bytes | None, str | None]:
    """The .torrent at an address, or the magnet that the address leads to, as those of indexers do."""
    config = context.services.config
    found = fetch.fetch(
        address,
        max_bytes=config.MAX_TORRENT_BYTES,
        timeout=config.FETCH_TIMEOUT,
        allowed_networks=config.FETCH_ALLOWED_NETWORKS,
    )
    return (None, found.magnet) if found.magnet else (found.data, None)
