"""What two rows of a torrent say that happened between them."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

from model.events.happenings import EVERY, KINDS, Circumstances, Memory, begin, between, came, difference
from model.fields import LIST, Row, complete_row

SEEDING = {'state': 1, 'is_open': True, 'is_active': True, 'complete': True}
LOADING = {**SEEDING, 'complete': False, 'left_bytes': 5}
PAUSED = {**SEEDING, 'is_active': False}
LOADED = {**SEEDING, 'down_total': 9}
NOW = Circumstances(1000.0, (1000, 2000))
A, B = 'Tracker: [a]', 'Tracker: [b]'


def bare(**values: Any) -> Row:
    kinds: dict[str, Any] = {'str': '', 'int': 0, 'bool': False}
    given = {'hash': 'A' * 40, 'name': 'thing', 'tracker': ''} | values
    return tuple(given.get(field.key, kinds[field.type]) for field in LIST)


def row(**values: Any) -> Row:
    return complete_row(bare(**values), 1, 'box')


def story(*looks: dict[str, Any], around: Circumstances = NOW) -> list[list[str]]:
    """What is told at each look but the first."""
    rows = [row(**look) for look in looks]
    memory, told = begin(rows[0], around.ratios), []
    for old, new in itertools.pairwise(rows):
        found, memory = between(old, new, memory, around)
        told.append([kind for kind, _ in found])
        assert set(told[-1]) <= set(KINDS)
    return told


@pytest.mark.parametrize(
    ('looks', 'told'),
    [
        (({}, {}), [[]]),
        (({}, {'up_rate': 5, 'up_total': 9}), [[]]),
        (({}, {'state': 1, 'is_open': True, 'is_active': True}), [['started']]),
        ((SEEDING, {}), [['stopped']]),
        (({'state': None, 'hashing': 1}, {'state': 1}), [['checked']]),
        (({'state': 1}, {'state': None, 'hashing': 1}, {'state': 1}), [['checking'], ['checked']]),
        ((SEEDING, PAUSED, SEEDING), [['paused'], ['resumed']]),
        ((PAUSED, {'complete': True}), [['stopped']]),
        ((SEEDING, {**SEEDING, 'hashing': 1}), [['checking']]),
        # what was paused in a check is told when that is over
        ((SEEDING, {**SEEDING, 'hashing': 1}, PAUSED, SEEDING), [['checking'], ['paused', 'checked'], ['resumed']]),
        ((PAUSED, {**PAUSED, 'message': 'Disk full'}, SEEDING), [['error'], ['resumed']]),
        # finished is what bytes came of; a client that does not count them is believed
        ((LOADING, LOADED), [['finished']]),
        ((LOADING, {**SEEDING, 'finished': 5}), [[]]),
        ((LOADING, {**LOADING, 'down_total': 9}, LOADED), [[], ['finished']]),
        (({**LOADING, 'down_total': None}, {**SEEDING, 'down_total': None}), [['finished']]),
        # a check finds what was there all the time, seen or not
        (({'hashing': 1}, {'complete': True}), [['checked']]),
        ((LOADING, SEEDING), [[]]),
        (({**LOADING, 'hashing': 1, 'down_total': None}, {**SEEDING, 'down_total': None}), [['checked']]),
        # the check at the end of a download
        ((LOADING, {**LOADED, 'hashing': 3}, LOADED), [['checking'], ['checked', 'finished']]),
        (
            ({'hashing': 3, 'state': 1, 'down_total': None}, {**SEEDING, 'finished': 5, 'down_total': None}),
            [['checked', 'finished']],
        ),
        # restarted: it looks incomplete for a while, and was finished before
        ((LOADED, {'state': 1}, LOADED), [[], []]),
        ((LOADED, {**LOADED, 'hashing': 1, 'complete': False}, LOADED), [['checking'], ['checked']]),
        # data was lost and came again
        ((LOADED, LOADING, {**LOADING, 'down_total': 9}, LOADED), [[], [], ['finished']]),
        # messages
        (({'message': 'a'}, {'message': 'b'}), [['error']]),
        (({'message': 'a'}, {'message': 'a', 'up_total': 4}), [[]]),
        (({'message': 'a'}, {}), [[]]),
        ((SEEDING, {**SEEDING, 'message': A, 'up_rate': 1}), [['tracker_error']]),
        ((SEEDING, {**SEEDING, 'message': A}, SEEDING, {**SEEDING, 'message': A}), [['tracker_error'], [], []]),
        (
            ({'message': A}, {'message': B}, {'message': A}, {'message': B}),
            [['tracker_error'], ['tracker_error'], []],
        ),
        (({'label': None}, {'label': ''}), [[]]),
        (({'label': 'a'}, {'label': 'b', 'directory': '/x'}), [['label', 'moved']]),
        # ratios
        ((SEEDING, {**SEEDING, 'ratio': 1500}, {**SEEDING, 'ratio': 900}, {**SEEDING, 'ratio': 2000}),
         [['ratio'], [], ['ratio']]),
        (({**SEEDING, 'ratio': 1500}, {**SEEDING, 'ratio': 1900}), [[]]),
        ((SEEDING, {**SEEDING, 'ratio': 5000}), [['ratio', 'ratio']]),
        (({**LOADING, 'size_bytes': 100}, {**LOADING, 'size_bytes': 100, 'up_total': 5, 'ratio': 5000}), [[]]),
    ],
)  # fmt: skip
def test_what_happened(looks: tuple[dict[str, Any], ...], told: list[list[str]]) -> None:
    assert story(*looks) == told


def test_a_complaint_is_told_again_after_ten_minutes() -> None:
    quiet, loud = row(**SEEDING), row(**SEEDING, message=A)
    found, memory = between(quiet, loud, Memory(), Circumstances(0))
    assert found == [('tracker_error', A)]
    assert between(quiet, loud, memory, Circumstances(599))[0] == []
    assert between(quiet, loud, memory, Circumstances(-9000))[0] == [
        ('tracker_error', A)
    ]  # the clock was put back
    found, memory = between(quiet, loud, memory, Circumstances(600))
    assert found and memory.complaints == ((A, 600),)
    for number in range(100):
        _, memory = between(quiet, row(**SEEDING, message=f'{A}{number}'), memory, Circumstances(600))
    assert len(memory.complaints) == 8


def test_coming_and_details() -> None:
    def told(**values: Any) -> list[tuple[str, str]]:
        return came(row(**values), begin(row(**values)), NOW)[0]

    assert told() == [('added', 'thing')]
    assert told(message='Disk\nfull') == [('added', 'thing'), ('error', 'Disk\nfull')]
    assert told(complete=True, size_bytes=9) == [('added', 'thing')]  # its data was there
    assert told(complete=True, down_total=9) == [('added', 'thing'), ('finished', '')]
    assert told(complete=True, added=5, finished=7, down_total=9) == [('added', 'thing'), ('finished', '')]
    assert told(complete=True, added=7, finished=5, down_total=9) == [
        ('added', 'thing')
    ]  # of another session
    last = row(complete=True, hashing=3, down_total=9)
    found, memory = came(last, begin(last), NOW)
    assert [kind for kind, _ in found] == ['added', 'checking']
    told_now, _ = between(last, row(complete=True, down_total=9), memory, NOW)
    assert [kind for kind, _ in told_now] == ['checked', 'finished']
    ratio, _ = between(row(**SEEDING), row(**SEEDING, ratio=1000), Memory(), NOW)
    assert ratio == [('ratio', '1.0')]
    assert (
        between(row(**SEEDING), row(**SEEDING, ratio=1000), Memory(), replace(NOW, silent=(1000,)))[0] == []
    )
    [(_, label)] = between(row(), row(label='x' * 9999), Memory(), NOW)[0]
    assert len(label) == 500


def test_what_is_different() -> None:
    assert difference(row(), row(up_rate=5, ratio=7, peers_connected=3, added=9)) == {}
    assert difference(row(label='a'), row(label='b', state=1)) == {'label': ('a', 'b'), 'state': (0, 1)}
    assert difference(row(label=None, message='a'), row(label='', message=A)) == {'message': ('a', '')}
    assert difference(row(message=A), row(message=B)) == {}
    assert difference(row(tracker=None), row(tracker='example.org')) == {}
    assert difference(row(tracker='a'), row(tracker='b')) == {'tracker': ('a', 'b')}
    assert difference(row(), row(is_active=1)) == {'is_active': (False, True)}
    assert difference(row(), row(up_rate=5), EVERY) == {'up_rate': (0, 5)}


def test_what_trackers_say_holds_no_key() -> None:
    said = 'Tracker: [https://ada:pw@t.example/0123456789abcdef0123/announce?passkey=x unknown key a1b2c3d4e5f6a7b8c9]'
    [(_, detail)] = between(row(), row(message=said), Memory(), NOW)[0]
    assert detail == 'Tracker: [https://t.example/… unknown key …]'
