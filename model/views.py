"""rTorrent's views as tests on rows, so that a list in one of them asks no client."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from lib.errors import NotFound
from model.fields import AT, Row
from model.poller import TargetState

_STATE, _COMPLETE, _ACTIVE, _HASHING = AT['state'], AT['complete'], AT['is_active'], AT['hashing']

#: Views that every rTorrent has, and what is in them.
BUILTIN: dict[str, Callable[[Row], bool]] = {
    'main': lambda row: True,
    'started': lambda row: bool(row[_STATE]),
    'stopped': lambda row: not row[_STATE],
    'complete': lambda row: bool(row[_COMPLETE]),
    'incomplete': lambda row: not row[_COMPLETE],
    'seeding': lambda row: bool(row[_STATE] and row[_COMPLETE]),
    'leeching': lambda row: bool(row[_STATE] and not row[_COMPLETE]),
    'active': lambda row: bool(row[_ACTIVE]),
    'hashing': lambda row: bool(row[_HASHING]),
}


def names(states: Iterable[TargetState]) -> list[str]:
    """The views that the clients have, in order."""
    return list(dict.fromkeys(view for state in states if state.globals for view in state.globals.views))


def check(view: str, states: Iterable[TargetState]) -> None:
    """:raises NotFound: clients answer, and none of them has this view."""
    answering = [state for state in states if state.globals]
    if view not in BUILTIN and answering and view not in names(answering):
        raise NotFound(f'{answering[0].name} has no view “{view[:100]}”.')
