"""What is told from a row."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.fields import (
    INDEX,
    LIST,
    STATES,
    Row,
    decode_label,
    encode_label,
    eta,
    progress,
    state_of,
)


def row(**values: Any) -> Row:
    return tuple(values.get(field.key, '' if field.type == 'str' else 0) for field in LIST)


def test_names_are_unique_and_in_the_agreed_order() -> None:
    assert len(INDEX) == len(LIST) == 31
    assert [field.key for field in LIST][:4] == ['hash', 'name', 'size_bytes', 'completed_bytes']
    assert {field.tier for field in LIST} <= {'fixed', 'live', 'slow'}


@pytest.mark.parametrize(
    ('values', 'state'),
    [
        ({'state': 1, 'is_open': 1, 'is_active': 1}, 'downloading'),
        ({'state': 1, 'is_open': 1, 'is_active': 1, 'complete': 1}, 'seeding'),
        ({'state': 0}, 'stopped'),
        ({'state': 0, 'is_open': 1}, 'stopped'),
        ({'state': 1, 'is_open': 1}, 'paused'),
        ({'state': 1}, 'queued'),
        ({'state': 1, 'hashing': 3, 'message': 'anything'}, 'checking'),
        ({'state': 0, 'message': 'Storage error: [No space left on device]'}, 'error'),
        ({'state': 1, 'is_active': 1, 'message': 'Tracker: [Failure reason "Unregistered"]'}, 'error'),
        ({'state': 0, 'message': 'Tracker: [Timed out]'}, 'stopped'),
        ({'state': 1, 'is_open': 1, 'is_active': 1, 'up_rate': 9, 'message': 'Tracker: [x]'}, 'downloading'),
        (
            {'state': 1, 'is_open': 1, 'is_active': 1, 'peers_connected': 1, 'message': 'Tracker: [x]'},
            'downloading',
        ),
    ],
)
def test_state(values: dict[str, Any], state: str) -> None:
    assert state_of(row(**values)) == state
    assert state in STATES


def test_every_field_may_be_missing() -> None:
    nothing = (None,) * len(LIST)
    assert state_of(nothing) == 'stopped'
    assert progress(nothing) == 0.0
    assert eta(nothing) is None


@pytest.mark.parametrize(
    ('size', 'done', 'complete', 'share'),
    [
        (100, 25, 0, 0.25),
        (0, 0, 0, 0.0),
        (0, 0, 1, 1.0),
        (100, 200, 0, 1.0),
        (100, 99, 1, 1.0),
        (-1, 5, 0, 0.0),
    ],
)
def test_progress(size: int, done: int, complete: int, share: float) -> None:
    assert progress(row(size_bytes=size, completed_bytes=done, complete=complete)) == share


def test_eta_is_rounded_up_and_known_only_while_something_comes() -> None:
    assert eta(row(left_bytes=1001, down_rate=100, is_active=1)) == 11
    assert eta(row(left_bytes=1001, is_active=1)) is None
    assert eta(row(left_bytes=0, down_rate=100, is_active=1, complete=1)) is None


def test_what_is_stopped_or_checked_has_no_eta_while_its_rate_dies_away() -> None:
    assert eta(row(left_bytes=1001, down_rate=100)) is None
    assert eta(row(left_bytes=1001, down_rate=100, is_active=1, hashing=1)) is None


@given(st.text(st.characters(exclude_categories=['Cc', 'Cs'])))
def test_a_label_survives_storing(label: str) -> None:
    stored = encode_label(label)
    assert stored.isascii()
    assert not set(stored) & set(' "\'$;,\\(){}=\n&<>')
    assert decode_label(stored) == label


@pytest.mark.parametrize(
    ('stored', 'shown'),
    [
        ('', ''),
        (None, None),
        ('plain+text', 'plain+text'),
        ('100%', '100%'),
        ('caf%C3%A9', 'café'),
        ('a%00%1b%C2%85', 'a\ufffd\ufffd\ufffd'),
        ('%FF', '\ufffd'),
    ],
)
def test_labels_of_other_tools(stored: str | None, shown: str | None) -> None:
    assert decode_label(stored) == shown
