"""Which torrents are meant: what a list's address, a saved view and an action on “all matching” say alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lib.errors import UnknownName, UsageError
from lib.words import said
from model import query
from model.facets import GROUPS, Pick

MAX_CHOICES = 200
MAX_VALUE = 4096  # characters: a path has no more


@dataclass(frozen=True, slots=True)
class Choice:
    """Torrents by search, facets, client and view.

    :ivar query: a search; ``''`` means everything.
    :ivar included: values of one group are alternatives, groups all have to fit.
    :ivar excluded: what has one of these is left out.
    :ivar target: one client's name, ``''`` for all.
    :ivar view: one of rTorrent's views.
    """

    query: str = ''
    included: tuple[Pick, ...] = ()
    excluded: tuple[Pick, ...] = ()
    target: str = ''
    view: str = 'main'


def read(
    sought: str = '',
    included: Iterable[str] = (),
    excluded: Iterable[str] = (),
    target: str = '',
    view: str = 'main',
    *,
    targets: Iterable[str],
) -> Choice:
    """A Choice from the words of an address or a request; ``targets`` are the clients there are.

    The search itself is not looked at yet.

    :raises UsageError: a group or client that does not exist, or more of anything than makes sense.
    """
    sought = sought.strip()
    if len(sought) > query.MAX_LENGTH:  # every link of the page would hold it
        raise UsageError(
            said('The search is longer than %(max_length)s characters.', max_length=query.MAX_LENGTH),
            field='q',
        )
    known = tuple(targets)
    if target and target not in known:
        raise UnknownName('client', target, known, field='target')
    return Choice(sought, _picks('in', included), _picks('not', excluded), target, view or 'main')


def _picks(name: str, words: Iterable[str]) -> tuple[Pick, ...]:
    """The picks in an order that says nothing, each once, so that equal choices are equal."""
    picks = sorted({_pick(name, word) for word in words})
    if len(picks) > MAX_CHOICES:
        raise UsageError(
            said('“%(name)s” is given more than %(max_choices)s times.', name=name, max_choices=MAX_CHOICES),
            field=name,
        )
    return tuple(picks)


def _pick(name: str, word: str) -> Pick:
    group, colon, value = word.partition(':')
    if not colon:
        raise UsageError(
            said(
                '“%(word)s” does not name a value: send group:value, such as state:seeding.', word=word[:80]
            ),
            field=name,
        )
    if group not in GROUPS:
        raise UnknownName('group', group, GROUPS, field=name)
    if len(value) > MAX_VALUE:
        raise UsageError(
            said(
                'A value of “%(name)s” is longer than %(max_value)s characters.',
                name=name,
                max_value=MAX_VALUE,
            ),
            field=name,
        )
    return group, value
