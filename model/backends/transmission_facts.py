"""What Transmission says of itself as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from lib.errors import BadReply
from lib.wire.transmission import Link
from lib.words import said
from model.backends.base import Globals
from model.backends.transmission_values import count, flag, number, text

NEEDED = 16  # the version of its RPC that has labels, which came with 3.00
SPEED = 1000  # bytes/s in the unit of its limits


class Facts(NamedTuple):
    """Its settings and its totals, as it said them."""

    session: Mapping[str, Any]
    stats: Mapping[str, Any]


def read_session(link: Link) -> dict[str, Any]:
    """Its settings, under its own names.

    :raises BadReply: it is older than what we know to speak to.
    """
    session: dict[str, Any] = link.ask(lambda client: dict(client.get_session().fields), read=True)
    if (number(session.get('rpc-version')) or 0) < NEEDED:
        raise BadReply(
            said(
                '%(name)s is Transmission %(version)s; it has to be 3.00 or newer.',
                name=link.target,
                version=text(session.get('version'), 40) or '?',
            ),
            target=link.target,
        )
    return session


def read_stats(link: Link) -> dict[str, Any]:
    """Its rates and totals, under its own names."""
    return link.ask(lambda client: dict(client.session_stats().fields), read=True)


def read(link: Link) -> Facts:
    """Both."""
    return Facts(read_session(link), read_stats(link))


def limit(session: Mapping[str, Any], direction: str) -> int | None:
    """The rate limit that holds, in bytes/s, 0 for none.

    :param direction: ``up`` or ``down``.
    """
    name = f'speed-limit-{direction}'
    on, value = flag(session.get(f'{name}-enabled')), count(session.get(name))
    if flag(session.get('alt-speed-enabled')):
        on, value = True, count(session.get(f'alt-speed-{direction}'))
    if on is None or value is None:
        return None
    return value * SPEED if on else 0


def kilobytes(rate: int) -> int:
    """A limit in its unit. Rounded up, so that a form that shows KiB/s shows what was entered."""
    return -(-rate // SPEED)


def globals_of(facts: Facts) -> Globals:
    """What all clients say of themselves. The totals are those since it was started."""
    session, stats = facts
    now = stats.get('current-stats')
    totals = now if isinstance(now, dict) else {}
    return Globals(
        up_rate=count(stats.get('uploadSpeed')),
        down_rate=count(stats.get('downloadSpeed')),
        up_total=count(totals.get('uploadedBytes')),
        down_total=count(totals.get('downloadedBytes')),
        up_limit=limit(session, 'up'),
        down_limit=limit(session, 'down'),
        free_space=count(session.get('download-dir-free-space')),
        views=['main'],
        client_version=(text(session.get('version'), 40) or '').partition(' ')[0] or None,
        port=count(session.get('peer-port')),
        max_open_sockets=count(session.get('peer-limit-global')),
    )
