"""A receiver of events as it is shown: its row in the table, what waits for it, and what became of the last one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from lib.words import unpacked
from model.webhooks import deliveries, hookaddress
from model.webhooks.deliveries import Delivery
from model.webhooks.hookstyles import STYLES


@dataclass(frozen=True, slots=True)
class Webhook:
    """One receiver.

    :ivar url: where it is, whole; it may hold a secret. ``masked`` is what people see of it.
    :ivar options: what its style needs besides, without the secret ones; ``secrets`` are the names of those that are
        set.
    :ivar kinds: of events that are told; none: all but ``updated``.
    :ivar query: which torrents are meant; ``''`` all of them.
    :ivar state: ``active``; ``paused`` by somebody; ``broken``: paused since it failed for long, as ``notice`` says.
    :ivar failures: tries that failed since the last good one.
    :ivar dropped: deliveries that its full queue lost.
    :ivar source: ``page``, or ``config`` where it comes from WEBHOOKS and can only be changed there.
    :ivar waiting: deliveries in its queue.
    :ivar last: the newest delivery that ended.
    """

    id: int
    name: str
    style: str
    url: str = field(repr=False)
    options: Mapping[str, str]
    secrets: tuple[str, ...]
    kinds: tuple[str, ...]
    query: str
    state: str
    notice: str
    failures: int
    dropped: int
    source: str
    created: float
    changed: float
    waiting: int
    masked: str
    last: Delivery | None


def read(connection: Connection, rows: Sequence[Any]) -> list[Webhook]:
    """The receivers of these rows."""
    waiting, last = deliveries.waiting(connection), deliveries.last(connection)
    return [_webhook(row, waiting.get(row.id, 0), last.get(row.id)) for row in rows]


def _webhook(row: Any, waiting: int, last: Delivery | None) -> Webhook:
    style, options = STYLES[row.style], json.loads(row.options)
    hidden = [option.name for option in style.options if option.secret]
    same = {key: getattr(row, key) for key in _SAME}
    return Webhook(
        **same,
        options={name: value for name, value in options.items() if name not in hidden},
        secrets=tuple(name for name in hidden if name in options),
        kinds=tuple(json.loads(row.kinds)),
        waiting=waiting,
        notice=unpacked(row.notice),
        masked=hookaddress.masked(style, row.url, options),
        last=last,
    )


_SAME = (
    'id', 'name', 'style', 'url', 'query', 'state', 'failures', 'dropped', 'source', 'created', 'changed',
)  # fmt: skip
