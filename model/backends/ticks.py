"""What a backend answers at a tick, made sure of before it lies beside the torrents of other clients."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from lib.errors import BadReply
from lib.words import said
from model.backends.base import Changes, Globals
from model.backends.simple_values import MOST, clean, shown
from model.fields import INDEX, LIST, Row

_HASH = INDEX['hash']
_KINDS = {'str': str, 'int': int, 'bool': int, 'float': float}
_FIELDS = tuple((field.key, _KINDS[field.type]) for field in LIST)
_OTHER = {'client_version': str, 'library_version': str, 'hostname': str, 'views': list}
_FACTS = tuple((field.name, _OTHER.get(field.name, int)) for field in fields(Globals))


def checked(changes: object, name: str, *, foreign: bool) -> Changes:
    """The changes of a tick of the client ``name``.

    :param foreign: the backend is a user's own. Each value is held against its field, and texts are cleaned, since
        one that breaks a page breaks it for all clients.
    :raises BadReply: it returned something else than it promised.
    """
    if not isinstance(changes, Changes) or not isinstance(changes.globals, Globals):
        raise BadReply(said('%(name)s did not say what changed.', name=name), target=name)
    if foreign and not isinstance(changes.rows, list):
        raise BadReply(said('%(name)s did not say what changed.', name=name), target=name)
    for row in changes.rows:
        if type(row) is not tuple or len(row) != len(LIST) or not isinstance(row[_HASH], str):
            raise BadReply(
                said('%(name)s answered a torrent with other fields than it has.', name=name), target=name
            )
    if not foreign:
        return changes
    return replace(
        changes, rows=[_row(row, name) for row in changes.rows], globals=_globals(changes.globals, name)
    )


def _row(row: Row, name: str) -> Row:
    return tuple(_value(value, kind, name, key) for value, (key, kind) in zip(row, _FIELDS, strict=True))


def _globals(found: Globals, name: str) -> Globals:
    facts: dict[str, Any] = {key: _value(getattr(found, key), kind, name, key) for key, kind in _FACTS}
    return Globals(**facts)


def _value(value: object, kind: type, name: str, key: str) -> object:
    if value is None:
        return None
    if isinstance(value, str) and kind is str:
        return clean(value)
    if isinstance(value, kind) and (not isinstance(value, int | float) or -MOST <= value <= MOST):
        return value
    raise BadReply(
        f'{name} answered {key} = {shown(value)}; it has to be None or {kind.__name__}.', target=name
    )
