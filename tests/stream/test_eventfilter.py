"""Which events a choice lets pass."""

from __future__ import annotations

import time
from typing import Any

import pytest

from lib.errors import QueryError, UnknownName
from model import query_patterns
from model.events.eventfilter import EventFilter, torrent_row
from model.events.eventlog import Event
from model.fields import AT, COLUMNS
from tests.stream.conftest import TORRENT, event

AT_ONE = 1_000_000.0


def told(kind: str = 'finished', target: str = 'home', torrent: dict[str, Any] | None = TORRENT) -> Event:
    return event(kind, target, torrent, at=AT_ONE)


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
    assert wanted.matches(told()) is passes


def test_durations_count_back_from_the_event() -> None:
    assert EventFilter(text='added<20m').matches(told())
    assert not EventFilter(text='added<10m').matches(told())


def test_an_event_without_a_torrent_fits_no_query() -> None:
    offline = told('offline', torrent=None)
    assert EventFilter().matches(offline)
    assert not EventFilter(text='! label=linux').matches(offline)


def test_one_filter_judges_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time that regular expressions may take is one event's, not one stream's."""
    monkeypatch.setattr(query_patterns, 'BUDGET', 0.05)
    wanted, until = EventFilter(text='name=/iso$/'), time.thread_time() + 0.2
    while time.thread_time() < until:
        assert wanted.matches(told())


def test_the_row_is_as_the_snapshot_has_it() -> None:
    row = torrent_row(told(target='box'))
    assert row is not None and len(row) == len(COLUMNS)
    assert row[AT['name']] == 'debian.iso' and row[AT['target']] == 'box' and row[AT['id']] is None


def test_what_is_wrong_is_said() -> None:
    with pytest.raises(UnknownName, match='finished'):
        EventFilter(['finishd'])
    with pytest.raises(UnknownName):
        EventFilter(['did'])  # acts are in the history of a torrent only
    with pytest.raises(QueryError) as wrong:
        EventFilter(text='label=linux ratio>many')
    assert wrong.value.position == 18
