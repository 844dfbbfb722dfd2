"""What a list is, computed anew from all rows in the plainest way: what the lists kept up to date are held against."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from model import facets, query, sorting
from model.choice import Choice
from model.facets import GROUPS
from model.fields import AT, Row
from model.sorting import Sort

SIZE, TARGET, ID = AT['size_bytes'], AT['target'], AT['id']


def select(rows: Iterable[Row], choice: Choice, sort: Sort, now: float) -> list[Row]:
    """The rows that the choice means, in order: one stable sort for each key, the last one first."""
    means = query.compiled(choice.query, now)
    found = [row for row in rows if _in_target(row, choice) and means(row) and _fits(row, choice)]
    found.sort(key=lambda row: row[ID])
    keys = sort if any(key == 'name' for key, _ in sort) else (*sort, *sorting.DEFAULT)
    for key, falls in reversed(keys):
        known = [row for row in found if _value(row, key) is not None]
        unknown = [row for row in found if _value(row, key) is None]
        # sorted() keeps equal rows in their order even when reversed
        found = sorted(known, key=lambda row, key=key: _value(row, key), reverse=falls) + unknown  # type: ignore[misc]
    return found


def _value(row: Row, key: str) -> Any:
    value = row[AT[sorting.KEYS[key]]]
    if value is None or value == '' or (key in ('added', 'started', 'finished') and value == 0):
        return None
    return sorting.natural(value) if isinstance(value, str) else value


def _in_target(row: Row, choice: Choice) -> bool:
    return not choice.target or row[TARGET] == choice.target


def _fits(row: Row, choice: Choice, but: str = '') -> bool:
    for group, value in zip(GROUPS, facets.values(row), strict=True):
        included = [each for name, each in choice.included if name == group]
        excluded = [each for name, each in choice.excluded if name == group]
        if group != but and ((included and value not in included) or value in excluded):
            return False
    return True


def count(rows: Iterable[Row], choice: Choice, now: float) -> dict[str, list[tuple[str, int, int]]]:
    """Each group counted under the search and the picks of the others."""
    means: Callable[[Row], bool] = query.compiled(choice.query, now)
    meant = [row for row in rows if _in_target(row, choice) and means(row)]
    counted: dict[str, list[tuple[str, int, int]]] = {}
    for at, group in enumerate(GROUPS):
        sums: dict[str, list[int]] = {}
        for row in meant:
            if _fits(row, choice, group):
                sum_ = sums.setdefault(facets.values(row)[at], [0, 0])
                sum_[0] += 1
                sum_[1] += row[SIZE] or 0
        lines = [(value, number, size) for value, (number, size) in sums.items()]
        counted[group] = sorted(lines, key=lambda line: (-line[1], line[0]))
    return counted
