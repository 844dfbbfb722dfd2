"""A piece of a list in its order, with what is known of the whole list."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from model import query, sorting, views
from model.choice import Choice
from model.facets import GROUPS
from model.fields import AT, Row
from model.hub import Hub
from model.sorting import Sort

_SIZE, _TARGET, _HASH = AT['size_bytes'], AT['target'], AT['hash']


@dataclass(frozen=True, slots=True)
class List:
    """Everything a choice means at one revision.

    :ivar rows: in order.
    :ivar known: how many torrents there are, chosen or not.
    :ivar facets: by group and value: count and bytes of what would match with this group left free.
    """

    rev: int
    rows: list[Row]
    known: int
    bytes: int
    facets: dict[str, dict[str, list[int]]]


def look(hub: Hub, choice: Choice, sort: Sort) -> List:
    """What the choice means now.

    :raises QueryError: the search is wrong, or its regular expressions take too long.
    """
    rev, rows = hub.snapshot.all()
    found = select(rows, choice, sort, _in_view(hub, choice))
    return List(
        rev,
        found,
        len(rows),
        sum(row[_SIZE] or 0 for row in found),
        count(rows, choice, _in_view(hub, choice)),
    )


def _in_view(hub: Hub, choice: Choice) -> Callable[[Row], bool]:
    test = views.BUILTIN.get(choice.view)
    if test:
        return test
    members = {
        (answer.name, row[_HASH])
        for answer in hub.each(hub.backends, lambda backend: backend.rows(choice.view))
        for row in answer.value or ()
    }
    return lambda row: (row[_TARGET], row[_HASH]) in members


def select(rows: Iterable[Row], choice: Choice, sort: Sort, in_view: Callable[[Row], bool]) -> list[Row]:
    """The rows that the choice means, in order."""
    means = _test(choice, in_view)
    fits = [_group_test(choice, group) for group in GROUPS]
    return sorted(
        (row for row in rows if means(row) and all(fit(row) for fit in fits)), key=sorting.key_of(sort)
    )


def count(
    rows: Iterable[Row], choice: Choice, in_view: Callable[[Row], bool]
) -> dict[str, dict[str, list[int]]]:
    """Count and bytes of each value of each group, with the choices of all other groups."""
    means = _test(choice, in_view)
    fits = {group: _group_test(choice, group) for group in GROUPS}
    counts: dict[str, dict[str, list[int]]] = {group: {} for group in GROUPS}
    for row in rows:
        if not means(row):
            continue
        for group, value_of in GROUPS.items():
            if all(fit(row) for other, fit in fits.items() if other != group):
                sums = counts[group].setdefault(value_of(row), [0, 0])
                sums[0] += 1
                sums[1] += row[_SIZE] or 0
    return counts


def _test(choice: Choice, in_view: Callable[[Row], bool]) -> Callable[[Row], bool]:
    means = query.compiled(choice.query)
    return lambda row: (not choice.target or row[_TARGET] == choice.target) and in_view(row) and means(row)


def _group_test(choice: Choice, group: str) -> Callable[[Row], bool]:
    value_of = GROUPS[group]
    included = {value for name, value in choice.included if name == group}
    excluded = {value for name, value in choice.excluded if name == group}

    def fits(row: Row) -> bool:
        value = value_of(row)
        return (not included or value in included) and value not in excluded

    return fits
