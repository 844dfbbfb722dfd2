"""What clients hold, in memory, and what changed when."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.fields import AT, LIST, Row
from model.snapshot import Snapshot


def row(info_hash: str, **values: Any) -> Row:
    defaults = {'str': '', 'int': 0, 'bool': 0}
    given = {'hash': info_hash, 'name': f'name of {info_hash}', 'tracker': None, **values}
    return tuple(given.get(field.key, defaults[field.type]) for field in LIST)


def test_rows_come_change_and_go_each_with_a_revision() -> None:
    snapshot = Snapshot()
    assert snapshot.update('home', [row('A'), row('B')], whole=True) == 1
    assert snapshot.update('home', [row('A'), row('B')], whole=True) == 1  # nothing new
    assert snapshot.update('home', [row('A', up_rate=5)]) == 2
    assert snapshot.update('home', [], ['B']) == 3
    changes = snapshot.since(1)
    assert changes is not None
    assert [(change.rev, change.old is None, change.new is None) for change in changes] == [
        (2, False, False),
        (3, False, True),
    ]
    assert [each[AT['up_rate']] for each in snapshot.all()[1]] == [5]


def test_a_torrent_that_comes_again_has_another_number() -> None:
    snapshot = Snapshot()
    snapshot.update('home', [row('A')])
    first = snapshot.get('home', 'A')
    snapshot.update('home', [], ['A'])
    snapshot.update('home', [row('A')])
    second = snapshot.get('home', 'A')
    assert first and second and first[AT['id']] != second[AT['id']]


def test_one_that_left_and_came_between_two_looks_is_another() -> None:
    snapshot = Snapshot()
    snapshot.update('home', [row('A', tracker='old.example')])
    first = snapshot.get('home', 'A')
    snapshot.update('home', [row('A')], ['A'])
    second = snapshot.get('home', 'A')
    assert first and second and first[AT['id']] != second[AT['id']]
    assert second[AT['tracker']] is None
    changes = snapshot.since(1)
    assert changes and [(change.old, change.new) for change in changes] == [(first, None), (None, second)]


def test_a_client_says_that_one_went_or_it_is_only_not_there_any_more() -> None:
    snapshot = Snapshot()
    snapshot.update('home', [row('A'), row('B'), row('C')], whole=True)
    snapshot.update('home', [row('C')], ['A'], whole=True)
    changes = snapshot.since(1)
    assert changes and {change.old[0]: change.told for change in changes if change.old} == {
        'A': True,
        'B': False,
    }


def test_what_the_sweep_read_survives_rows_without_it() -> None:
    snapshot = Snapshot()
    snapshot.update('home', [row('A', tracker='example.org')])
    assert snapshot.update('home', [row('A')]) == 1
    kept = snapshot.get('home', 'A')
    assert kept and kept[AT['tracker']] == 'example.org'


def test_what_is_too_old_or_yet_to_come_is_not_known(monkeypatch: Any) -> None:
    monkeypatch.setattr('model.snapshot.KEPT', 3)
    snapshot = Snapshot()
    for rate in range(1, 6):
        snapshot.update('home', [row('A', up_rate=rate)])
    assert snapshot.since(1) is None
    assert snapshot.since(6) is None
    assert [change.rev for change in snapshot.since(2) or ()] == [3, 4, 5]


_EDITS = st.lists(
    st.tuples(
        st.sampled_from(['home', 'box']),
        st.dictionaries(st.sampled_from('ABCDE'), st.integers(0, 3), max_size=5),
        st.sets(st.sampled_from('ABCDE'), max_size=2),
        st.booleans(),
    ),
    max_size=20,
)


@given(_EDITS, st.integers(0, 20))
def test_a_copy_with_the_changes_since_is_the_list(edits: Any, at: int) -> None:
    snapshot, copy, seen = Snapshot(), dict[int, Row](), 0
    for number, (target, rates, gone, whole) in enumerate(edits):
        rows = [row(each, up_rate=rate) for each, rate in rates.items()]
        snapshot.update(target, rows, gone, whole=whole)
        if number == at:
            seen, rows_then = snapshot.all()
            copy = {each[AT['id']]: each for each in rows_then}
    for change in snapshot.since(seen) or ():
        if change.new is None:
            copy.pop(change.id)
        else:
            copy[change.id] = change.new
    rev, now = snapshot.all()
    assert rev == snapshot.rev
    assert copy == {each[AT['id']]: each for each in now}


def test_an_update_that_makes_no_sense_changes_nothing() -> None:
    snapshot = Snapshot()
    snapshot.update('home', [row('A'), row('B')])
    with pytest.raises(TypeError):
        snapshot.update('home', [row('A', up_rate=9), row('B', completed_bytes='much', size_bytes=5)], ['A'])
    assert snapshot.rev == 1
    assert [each[AT['up_rate']] for each in snapshot.all()[1]] == [0, 0]
    assert snapshot.update('home', [row('A', up_rate=9)]) == 2


def test_a_torrent_that_is_told_twice_changes_once_and_keeps_its_tracker() -> None:
    snapshot = Snapshot()
    snapshot.update('home', [row('A', tracker='example.org'), row('A', up_rate=7)])
    [change] = snapshot.since(0) or ()
    assert change.new is not None
    assert (change.new[AT['tracker']], change.new[AT['up_rate']]) == ('example.org', 7)


def test_texts_that_many_have_exist_once() -> None:
    def text() -> str:
        return ''.join(['/data', '/films'])

    snapshot = Snapshot()
    snapshot.update('home', [row('A', directory=text()), row('B', directory=text())])
    one, two = (each[AT['directory']] for each in snapshot.all()[1])
    assert one is two
    before = snapshot.get('home', 'A')
    snapshot.update('home', [row('A', name=f'name of {"A"}', up_rate=1)])
    after = snapshot.get('home', 'A')
    assert before and after and before[AT['name']] is after[AT['name']]


def test_what_is_old_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr('model.snapshot.time.monotonic', lambda: now)
    snapshot = Snapshot()
    snapshot.update('home', [row('A')])
    now += 500
    snapshot.update('home', [row('A', up_rate=1)])
    assert len(snapshot.since(0) or ()) == 2
    now += 200
    snapshot.update('home', [row('A', up_rate=2)])
    assert snapshot.since(0) is None
    assert [change.rev for change in snapshot.since(1) or ()] == [2, 3]


def test_readers_see_whole_updates_while_others_write() -> None:
    """Every update gives all rows of a client one rate, so whoever sees two rates has seen half of one."""
    snapshot, hashes, end = Snapshot(), [f'H{number}' for number in range(20)], threading.Event()

    def write(target: str) -> None:
        for rate in range(300):
            rows = [row(each, up_rate=rate) for each in hashes[: 10 + rate % 10]]
            snapshot.update(target, rows, whole=True)

    def read() -> int:
        looks, (seen, rows) = 0, snapshot.all()
        copy = {each[AT['id']]: each for each in rows}
        while not end.is_set():
            looks += 1
            for target in ('home', 'box'):
                assert len({each[AT['up_rate']] for each in snapshot.all(target)[1]}) <= 1
            for change in snapshot.since(seen) or ():
                seen = change.rev
                copy.pop(change.id, None)
                if change.new is not None:
                    copy[change.id] = change.new
        for change in snapshot.since(seen) or ():
            copy.pop(change.id, None)
            if change.new is not None:
                copy[change.id] = change.new
        assert copy == {each[AT['id']]: each for each in snapshot.all()[1]}
        return looks

    with ThreadPoolExecutor(5) as pool:
        readers = [pool.submit(read) for _ in range(3)]
        writers = [pool.submit(write, target) for target in ('home', 'box')]
        for writer in writers:
            writer.result()
        end.set()
        assert all(reader.result() > 0 for reader in readers)
