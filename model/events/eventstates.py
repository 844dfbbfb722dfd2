"""What the newest events were told from, kept in the database, so that a restart neither repeats nor loses one.

A client's row (with hash ``''``) says which columns its torrents' rows hold. One row of no client is the *fence*: every
transaction that writes states counts it up from what its writer knows, so that of two writers one is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from model.database import reading
from model.events.happenings import LASTING, Memory
from model.fields import AT, INDEX, LIST, Row, complete_row
from model.tables import event_states

#: The columns that are kept; those that are not lasting are as old as the last lasting change.
KEPT = (*LASTING, 'added', 'started', 'finished', 'completed_bytes', 'down_total', 'up_total', 'ratio')
_KEPT_AT = tuple(AT[key] for key in KEPT)
_EMPTY = asdict(Memory())
_CHUNK = 500


class Fenced(Exception):
    """Another one wrote states since they were loaded."""


@dataclass(frozen=True, slots=True)
class Known:
    """A torrent as it was when its newest event was told."""

    row: Row
    memory: Memory


@dataclass(slots=True)
class ClientMemory:
    """What is remembered of a client.

    :ivar listed: its torrents were seen, so that others are news.
    :ivar offline: it was told that it does not answer.
    :ivar low: paths where it was told that little space is left, and the size of each disk in bytes.
    :ivar ratios: those that were told of, in thousandths.
    """

    listed: bool = False
    offline: bool = False
    low: dict[str, int] = field(default_factory=dict)
    ratios: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Stored:
    """All that is kept of one client."""

    client: ClientMemory = field(default_factory=ClientMemory)
    torrents: dict[str, Known] = field(default_factory=dict)


def load(engine: Engine) -> tuple[int, dict[str, Stored]]:
    """The fence, and what is kept by client. StateError where the database does not answer."""
    fence, found, keys = 0, dict[str, Stored](), list[str]()
    some = sa.select(event_states).order_by(event_states.c.target, event_states.c.hash)
    with reading(engine) as connection:
        for target, info_hash, value in connection.execute(some.execution_options(yield_per=_CHUNK)):
            if not target:
                fence = int(value)
            elif not info_hash:  # a client's row, before those of its torrents
                header = json.loads(value)
                keys = header.pop('keys')
                found[target] = Stored(ClientMemory(**header))
            elif target in found:
                found[target].torrents[info_hash] = _known(target, info_hash, keys, json.loads(value))
    return fence, found


def _known(target: str, info_hash: str, keys: Iterable[str], values: list[Any]) -> Known:
    row: list[Any] = [None] * len(LIST)
    row[INDEX['hash']] = info_hash
    *columns, memory = values
    for key, value in zip(keys, columns, strict=True):
        if key in INDEX:
            row[INDEX[key]] = value
    complaints = tuple((text, at) for text, at in memory.pop('complaints', ()))
    return Known(complete_row(tuple(row), 0, target), Memory(**memory, complaints=complaints))


def torrent_value(known: Known) -> str:
    """What is stored of a torrent."""
    memory = {key: value for key, value in asdict(known.memory).items() if value != _EMPTY[key]}
    return _json([*(_plain(known.row[at]) for at in _KEPT_AT), memory])


def client_value(client: ClientMemory) -> str:
    """What is stored of a client."""
    return _json({'keys': KEPT, **asdict(client)})


def save(connection: Connection, fence: int, values: Mapping[tuple[str, str], Known | str | None]) -> int:
    """Store states by client and hash, None for those that went, inside the transaction that writes their events.

    :returns: the fence from now on.
    :raises Fenced: another one wrote since.
    """
    _count_up(connection, fence)
    names: dict[str, list[str]] = {}
    for target, info_hash in values:
        names.setdefault(target, []).append(info_hash)
    for target, hashes in names.items():
        for at in range(0, len(hashes), _CHUNK):
            which = event_states.c.hash.in_(hashes[at : at + _CHUNK])
            connection.execute(event_states.delete().where(event_states.c.target == target, which))
    kept = [
        {
            'target': target,
            'hash': info_hash,
            'value': torrent_value(value) if isinstance(value, Known) else value,
        }
        for (target, info_hash), value in values.items()
        if value is not None
    ]
    if kept:
        connection.execute(event_states.insert(), kept)
    return fence + 1


def _count_up(connection: Connection, fence: int) -> None:
    mine = (event_states.c.target == '') & (event_states.c.hash == '')
    if fence:
        which = mine & (event_states.c.value == str(fence))
        if not connection.execute(event_states.update().where(which).values(value=str(fence + 1))).rowcount:
            raise Fenced
    elif connection.execute(sa.select(event_states.c.value).where(mine)).first():
        raise Fenced
    else:
        connection.execute(event_states.insert().values(target='', hash='', value='1'))


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _json(value: Any) -> str:
    return json.dumps(value, separators=(',', ':'))
