"""Which events a choice lets pass."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from lib.errors import QueryError, UnknownName
from model import query_patterns
from model.eventfilter import EventFilter, torrent_row
from model.fields import AT, COLUMNS

AT_ONE = 1_000_000.0
TORRENT: dict[str, Any] = {
    'hash': 'A' * 40, 'name': 'debian.iso', 'label': 'linux', 'ratio': 1500, 'added': 999_000, 'status': 'seeding',
    'size_bytes': 1 << 30, 'complete': True, 'tracker': 'tracker.example.org',
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    kind: str = 'finished'
    target: str = 'home'
    at: float = AT_ONE
    data: Mapping[str, Any] = field(default_factory=lambda: {'torrent': TORRENT})


@pytest.mark.parametrize(
    ('wanted', 'passes'),
    [
        (EventFilter(), True),
        (EventFilter(['finished', 'error']), True),
        (EventFilter(['error']), False),
        (EventFilter(target='home'), True),
        (EventFilter(target='box'), False),
        (EventFilter(text='label=linux ratio>1'), True),
        (EventFilter(text='label=linux ratio>2'), False),
        (EventFilter(text='debian'), True),
        (EventFilter(text='state=seeding size>700m complete=yes tracker=*.example.org'), True),
        (EventFilter(['finished'], 'home', '! label=linux'), False),
        (EventFilter(text='target=home'), True),
        (EventFilter(text='message=""'), True),
    ],
)
def test_parts_of_a_choice(wanted: EventFilter, passes: bool) -> None:
    assert wanted.matches(Told()) is passes


def test_durations_count_back_from_the_event() -> None:
    assert EventFilter(text='added<20m').matches(Told())
    assert not EventFilter(text='added<10m').matches(Told())


def test_an_event_without_a_torrent_fits_no_query() -> None:
    offline = Told('error', data={'torrent': None})
    assert EventFilter().matches(offline)
    assert not EventFilter(text='! label=linux').matches(offline)


def test_one_filter_judges_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time that regular expressions may take is one event's, not one stream's."""
    monkeypatch.setattr(query_patterns, 'BUDGET', 0.05)
    wanted, until = EventFilter(text='name=/iso$/'), time.thread_time() + 0.2
    while time.thread_time() < until:
        assert wanted.matches(Told())


def test_the_row_is_as_the_snapshot_has_it() -> None:
    row = torrent_row(Told(target='box'))
    assert row is not None and len(row) == len(COLUMNS)
    assert row[AT['name']] == 'debian.iso' and row[AT['target']] == 'box' and row[AT['id']] is None


def test_what_is_wrong_is_said() -> None:
    with pytest.raises(UnknownName, match='finished'):
        EventFilter(['finishd'])
    with pytest.raises(QueryError) as wrong:
        EventFilter(text='label=linux ratio>many')
    assert wrong.value.position == 18
