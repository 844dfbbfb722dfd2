"""The order of lists."""

from __future__ import annotations

from typing import Any

import pytest

from model import sorting
from model.fields import AT, Row
from tests.core.rows import filled, row


def order(rows: list[Row], sort: str) -> list[Any]:
    _, kept = filled(home=rows).all()
    return [each[AT['name']] for each in sorted(kept, key=sorting.key_of(sorting.read(sort)))]


THREE = [
    row('beta', size_bytes=30, ratio=100, label='x'),
    row('Alpha', size_bytes=20, ratio=100),
    row('gamma ISO', size_bytes=None, ratio=300, label='a'),
]


@pytest.mark.parametrize(
    ('sort', 'expected'),
    [
        ('', ['Alpha', 'beta', 'gamma ISO']),
        ('-name', ['gamma ISO', 'beta', 'Alpha']),
        ('ratio', ['Alpha', 'beta', 'gamma ISO']),
        ('-ratio', ['gamma ISO', 'Alpha', 'beta']),
        ('-ratio,-name', ['gamma ISO', 'beta', 'Alpha']),
        ('ratio,-size', ['beta', 'Alpha', 'gamma ISO']),
        ('size', ['Alpha', 'beta', 'gamma ISO']),  # unknown is last
        ('-size', ['beta', 'Alpha', 'gamma ISO']),  # whichever way
        ('label', ['gamma ISO', 'beta', 'Alpha']),
        ('-label', ['beta', 'gamma ISO', 'Alpha']),
    ],
)
def test_order(sort: str, expected: list[str]) -> None:
    assert order(THREE, sort) == expected


@pytest.mark.parametrize(
    'names',
    [
        ['part 2', 'Part 10', 'part 10b', 'part 011'],
        ['a', 'a 1', 'a1', 'ab'],
        ['0', '1', '9', '010', '1' * 300],
        ['e', 'é', '🎬'],
    ],
)
def test_names_are_in_natural_order_both_ways(names: list[str]) -> None:
    rows = [row(name, hash=f'{at:040}') for at, name in enumerate(names)]
    assert order(rows[::-1], 'name') == names
    assert order(rows, '-name') == names[::-1]


@pytest.mark.parametrize(('sort', 'expected'), [('eta', ['soon', 'late']), ('-eta', ['late', 'soon'])])
def test_what_does_not_end_is_last_whichever_way_the_eta_is_sorted(sort: str, expected: list[str]) -> None:
    moving = [
        row(name, down_rate=10, left_bytes=left, is_active=1) for name, left in (('late', 900), ('soon', 10))
    ]
    assert order([*THREE, *moving], sort) == [*expected, 'Alpha', 'beta', 'gamma ISO']


@pytest.mark.parametrize('sort', list(sorting.KEYS))
def test_every_column_can_be_sorted_with_values_missing(sort: str) -> None:
    bare = (*row('bare')[:1], *(None for _ in row('bare')[1:]))
    for way in (sort, f'-{sort}'):
        assert len(order([*THREE, bare], way)) == 4
