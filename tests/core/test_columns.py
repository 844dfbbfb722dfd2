"""From rTorrent's raw rows to ours, whatever a server lacks."""

from __future__ import annotations

import re
from typing import Any

import pytest

from model.backends import rtorrent_columns as columns
from model.backends.rtorrent_detail import EXTRA, FILES, PEERS, TRACKERS
from model.fields import INDEX, LIST

ALL = frozenset({*columns.SOURCES.values(), 'd.custom', 'd.custom1', 'd.load_date'})


def raw_of(plan: columns.Plan, **values: Any) -> tuple[Any, ...]:
    """A raw row; keywords are commands with ``_`` for ``.`` where that is unambiguous."""
    given = {name.replace('__', '='): value for name, value in values.items()}
    return tuple(given.get(column.replace('.', '_').rstrip('='), 0) for column in plan.columns)


def test_every_column_is_a_constant_without_code() -> None:
    for column in columns.plan(ALL).columns:
        assert re.fullmatch(r'd\.[a-z0-9_.]+=[a-z_]*', column)
    for command in (*EXTRA.values(), *FILES, *PEERS, *TRACKERS):
        assert re.fullmatch(r'[dfpt]\.[a-z0-9_.]+', command)


@pytest.mark.parametrize('lacking', sorted(columns.SOURCES.values()))
def test_a_missing_command_costs_its_own_field_only(lacking: str) -> None:
    whole, part = columns.plan(ALL), columns.plan(ALL - {lacking})
    values = {column: f'v{at}' for at, column in enumerate(whole.columns)}
    numbers = {'d.timestamp.started=': 5, 'd.timestamp.finished=': 5, 'd.load_date=': 5, columns.ADDTIME: '7'}
    values |= numbers  # type: ignore[arg-type]
    full = whole.convert([tuple(values[column] for column in whole.columns)])[0]
    less = part.convert([tuple(values[column] for column in part.columns)])[0]
    changed = [field.key for field, a, b in zip(LIST, full, less, strict=True) if a != b]
    assert [columns.SOURCES[key] for key in changed] == [lacking]
    assert less[INDEX[changed[0]]] is None


def test_no_label_no_times() -> None:
    plan = columns.plan(ALL - {'d.custom', 'd.custom1', 'd.load_date'})
    row = plan.convert([raw_of(plan)])[0]
    assert row[INDEX['label']] is None
    assert row[INDEX['added']] == 0


@pytest.mark.parametrize(
    ('values', 'added'),
    [
        ({'d_custom__addtime': '123', 'd_custom__tm_loaded': '99'}, 123),
        ({'d_custom__addtime': '123\n'}, 123),  # as ruTorrent writes it
        ({'d_custom__addtime': '', 'd_custom__tm_loaded': '99'}, 99),
        ({'d_custom__addtime': '$x', 'd_custom__tm_loaded': '9' * 40, 'd_load_date': 50}, 50),
        ({'d_timestamp_started': 40, 'd_timestamp_finished': 45, 'd_load_date': 50}, 40),
        ({}, 0),
    ],
)
def test_added(values: dict[str, Any], added: int) -> None:
    plan = columns.plan(ALL)
    assert plan.convert([raw_of(plan, **values)])[0][INDEX['added']] == added


def test_a_message_of_megabytes_is_cut() -> None:
    plan = columns.plan(ALL)
    row = plan.convert([raw_of(plan, d_message='x' * 3_000_000, d_custom1='a%20b')])[0]
    assert len(row[INDEX['message']]) == 1024
    assert row[INDEX['label']] == 'a b'
