"""Rows as clients give them, for tests without a client."""

from __future__ import annotations

from typing import Any

from model.fields import LIST, Row
from model.hub import Hub
from model.lists import Lists
from model.snapshot import Snapshot

_EMPTY = {'str': '', 'int': 0, 'bool': 0}


def row(name: str | None, **values: Any) -> Row:
    """A backend's row; the hash is made from the name where none is given."""
    said = {'hash': f'{name or "":_>40.40}', 'name': name, 'tracker': None, **values}
    return tuple(said.get(field.key, _EMPTY[field.type]) for field in LIST)


def filled(**targets: list[Row]) -> Snapshot:
    """A snapshot of clients with these rows."""
    snapshot = Snapshot()
    for target, rows in targets.items():
        snapshot.update(target, rows, whole=True)
    return snapshot


def lists_of(**targets: list[Row]) -> Lists:
    """The lists of a hub without clients, whose snapshot has these rows."""
    hub = Hub(())
    for target, rows in targets.items():
        hub.snapshot.update(target, rows, whole=True)
    return hub.lists
