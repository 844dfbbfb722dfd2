"""Windows of lists: that what is kept up to date, told as differences, is what computing anew gives."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.errors import QueryError
from model import live, sorting, window
from model.choice import Choice
from model.fields import AT, Row
from model.lists import Lists
from model.snapshot import Snapshot
from model.window import Window
from tests.core import recomputed
from tests.core.rows import lists_of, row

NOW = 1_800_000_000.0
NAMES = 'abcdefgh'


class Follower:
    """What a browser holds: it begins with everything and takes differences."""

    def __init__(self) -> None:
        self.token = ''
        self.rows: dict[int, tuple[Any, ...]] = {}
        self.order: list[int] = []
        self.facets: Any = None
        self.sums: tuple[int, ...] = ()

    def take(self, told: Window) -> None:
        if told.full:
            self.rows = {}
        if not told.changed:
            assert not told.rows and told.order is None and told.facets is None
            assert told.token == self.token
        self.rows |= {values[0]: values for values in told.rows}
        self.order = self.order if told.order is None else told.order
        self.rows = {number: self.rows[number] for number in self.order}  # a row that left is forgotten
        self.facets = self.facets if told.facets is None else told.facets
        self.sums = told.total, told.known, told.bytes
        self.token = told.token


_CHANGES = st.dictionaries(
    st.sampled_from(NAMES),
    st.fixed_dictionaries(
        {},
        optional={
            'up_rate': st.integers(0, 3),
            'size_bytes': st.sampled_from([None, 0, 5, 70]),
            'label': st.sampled_from(['', None, 'Film', 'film 2', 'Ton']),
            'state': st.integers(0, 1),
            'is_active': st.integers(0, 1),
            'added': st.sampled_from([0, int(NOW) - 100, int(NOW) - 20, int(NOW) - 3]),
            'tracker': st.sampled_from([None, '', 'a.example', 'b.example']),
            'directory': st.sampled_from(['', '/', '/srv', '/srv/a']),
            'is_multi_file': st.integers(0, 1),
            'name': st.sampled_from(['x 10', 'X 9', 'é', 'a', 'b']),
        },
    ),
    min_size=1,
    max_size=6,
)
_EDITS = st.tuples(
    st.sampled_from(['home', 'box']),
    _CHANGES,
    st.sets(st.sampled_from(NAMES), max_size=2),
    st.sampled_from([False, False, False, True]),
)
_QUERIES = st.sampled_from(
    [
        '',
        'a',
        'up>1',
        'label!="" added<30s',
        'added>30s',
        'name=/[ab]/',
        'size>4 OR state=stopped',
        '! tracker=a.*',
    ]
)
_VALUES = {
    'state': ['stopped', 'downloading', 'queued'],
    'label': ['', 'Film', 'Ton'],
    'tracker': ['', 'a.example'],
    'target': ['home', 'box'],
    'directory': ['', '/', '/srv', '/srv/a'],
}
_PICKS = st.lists(
    st.sampled_from([(group, value) for group, values in _VALUES.items() for value in values]), max_size=2
).map(lambda picks: tuple(sorted(set(picks))))
_CHOICES = st.builds(Choice, _QUERIES, _PICKS, _PICKS, st.sampled_from(['', 'home', 'box']))
_SORTS = st.lists(
    st.tuples(st.sampled_from(sorted(sorting.KEYS)), st.booleans()),
    min_size=1,
    max_size=3,
    unique_by=lambda key: key[0],
).map(tuple)
_LOOK = st.tuples(st.integers(0, 3), st.booleans(), st.sampled_from([0, 1, 2, 10, 30]))
_STEPS = st.lists(st.tuples(_EDITS, _LOOK), min_size=2, max_size=12)


def expected(snapshot: Snapshot, choice: Choice, sort: Any, offset: int, limit: int, now: float) -> Any:
    _, rows = snapshot.all()
    found = recomputed.select(rows, choice, sort, now)
    shown = found[offset : offset + limit]
    size = sum(each[recomputed.SIZE] or 0 for each in found)
    return (
        [each[AT['id']] for each in shown],
        {each[AT['id']]: tuple(each[AT[key]] for key in window.COLUMNS) for each in shown},
        (len(found), len(rows), size),
        recomputed.count(rows, choice, now),
    )


@settings(deadline=None)
@given(
    st.lists(st.tuples(_CHOICES, _SORTS, st.integers(0, 4), st.integers(1, 6)), min_size=1, max_size=3),
    _STEPS,
    st.sampled_from([0, 10**6]),
)
def test_a_window_with_its_differences_is_the_list_computed_anew(asked: Any, steps: Any, many: int) -> None:
    """Several lists are looked at now and then, by followers that are late; time goes on and rows change.

    :param many: 0 takes every change one by one, a lot compares the whole list each time.
    """
    lists, held = lists_of(), dict[str, dict[str, dict[str, Any]]]()
    followers = [[Follower(), Follower()] for _ in asked]
    clock = NOW
    moments: dict[tuple[Choice, Any], float] = {}
    snapshot = lists._snapshot
    before, live._MANY = live._MANY, many
    try:
        for step in steps:
            change, (number, which, seconds) = step
            edit(snapshot, held, *change)
            clock += seconds
            choice, sort, offset, limit = asked[number % len(asked)]
            follower = followers[number % len(asked)][which]
            told = lists.window(choice, sort, offset, limit, follower.token, now=clock)
            # a moment ago is good enough for what is timed
            last = moments.get((choice, sort), 0.0)
            moment = last if clock - last < live.TIME_STEP else clock
            moments[choice, sort] = moment
            follower.take(told)
            means = expected(snapshot, choice, sort, offset, limit, moment)
            assert (follower.order, follower.rows, follower.sums, follower.facets) == means
    finally:
        live._MANY = before


def edit(snapshot: Snapshot, held: Any, target: str, changes: Any, gone: set[str], whole: bool) -> None:
    rows = held.setdefault(target, {})
    if whole:
        rows.clear()
    for name in gone - set(changes):
        rows.pop(name, None)
    for name, values in changes.items():
        rows.setdefault(name, {'name': name}).update(values)
    made: list[Row] = [row(hash=f'{name * 40}', **rows[name]) for name in (rows if whole else changes)]
    snapshot.update(target, made, [name * 40 for name in gone - set(changes)], whole=whole)


@given(st.lists(st.integers(0, 30), unique=True), st.sets(st.integers(0, 30)), st.sets(st.integers(31, 60)))
def test_merging_is_sorting(held: list[int], left: set[int], came: set[int]) -> None:
    order = sorted((number % 7, number) for number in held)
    gone = [key for key in order if key[1] in left]
    new = [(number % 7, number) for number in came]
    expected = sorted([key for key in order if key not in gone] + new)
    before = live._MANY
    try:
        for live._MANY in (0, 10**6):
            assert live.merged(order, gone[::-1], new[::-1]) == expected
    finally:
        live._MANY = before


# One by one


def ask(lists: Lists, since: str = '', limit: int = 10, offset: int = 0, **means: Any) -> Window:
    return lists.window(Choice(**means), sorting.DEFAULT, offset, limit, since, with_facets=True)


def names(told: Window) -> list[str]:
    return [values[window.COLUMNS.index('name')] for values in told.rows]


def three() -> Lists:
    return lists_of(home=[row('a', size_bytes=1), row('b', size_bytes=2), row('c', size_bytes=4)])


def test_nothing_new_is_said_with_the_same_token() -> None:
    lists = three()
    first = ask(lists)
    again = ask(lists, first.token)
    assert (again.full, again.changed, again.rows, again.order, again.facets) == (
        False,
        False,
        [],
        None,
        None,
    )
    assert again.token == first.token
    assert ask(lists).token == first.token  # another viewer is told the same


def test_only_what_changed_is_told() -> None:
    lists = three()
    first = ask(lists)
    lists._snapshot.update('home', [row('b', size_bytes=2, up_rate=7)])
    told = ask(lists, first.token)
    assert (told.full, told.changed, names(told), told.order, told.facets) == (False, True, ['b'], None, None)
    lists._snapshot.update('home', [row('b', size_bytes=8, up_rate=7), row('aa')])
    told = ask(lists, told.token)
    assert names(told) == ['aa', 'b']
    assert told.order is not None and len(told.order) == 4
    assert told.facets is not None and told.facets['target'] == [('home', 4, 13)]
    assert (told.total, told.bytes) == (4, 13)


def test_what_changed_outside_the_window_is_not_told() -> None:
    lists = three()
    first = ask(lists, limit=2)
    lists._snapshot.update('home', [row('c', size_bytes=4, up_rate=7)])
    assert not ask(lists, first.token, limit=2).changed


def test_what_is_told_besides_counts_as_well() -> None:
    lists = three()
    first = lists.window(Choice(), sorting.DEFAULT, 0, 5, also='one')
    assert not lists.window(Choice(), sorting.DEFAULT, 0, 5, first.token, also='one').changed
    told = lists.window(Choice(), sorting.DEFAULT, 0, 5, first.token, also='two')
    assert (told.changed, told.full, told.rows) == (True, False, [])
    assert not lists.window(Choice(), sorting.DEFAULT, 0, 5, told.token, also='two').changed


@pytest.mark.parametrize(
    'since', ['garbage', 'deadbeef.1.1', '{epoch}.99.99', '{epoch}.1', '', '.', '9' * 5000]
)
def test_a_token_that_is_not_known_gives_everything(since: str) -> None:
    lists = three()
    ask(lists)
    told = ask(lists, since.replace('{epoch}', lists._snapshot.epoch))
    assert (told.full, told.changed, len(told.rows)) == (True, True, 3)


def test_facets_are_told_anew_to_whoever_has_old_ones() -> None:
    lists, asked = three(), (Choice(), sorting.DEFAULT, 0, 5)
    first = lists.window(*asked, with_facets=False)
    assert first.facets is None
    assert not lists.window(*asked, first.token, with_facets=False).changed
    with_them = lists.window(*asked, first.token)
    assert (with_them.full, with_them.rows) == (False, [])
    assert with_them.facets is not None
    lists._snapshot.update('home', [row('d')])
    without = lists.window(*asked, with_them.token, with_facets=False)
    assert (names(without), without.facets) == (['d'], None)
    again = lists.window(*asked, without.token)
    assert (again.changed, again.rows) == (True, [])
    assert again.facets is not None and again.facets['target'][0][1] == 4


def test_a_token_of_another_question_gives_everything() -> None:
    lists = three()
    assert ask(lists, ask(lists, limit=2).token).full
    assert ask(lists, ask(lists, query='a').token).full


def test_a_token_that_was_forgotten_gives_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, '_VERSIONS', 2)
    lists = three()
    first = ask(lists)
    for rate in range(1, 3):
        lists._snapshot.update('home', [row('a', size_bytes=1, up_rate=rate)])
        last = ask(lists)
    assert ask(lists, first.token).full
    assert not ask(lists, last.token).changed


def test_little_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, '_ROWS', 10)
    lists = three()
    tokens = {limit: ask(lists, limit=limit).token for limit in range(3, 8)}
    assert not ask(lists, tokens[7], limit=7).full
    assert ask(lists, tokens[3], limit=3).full
    assert lists._windows._rows <= 10


def test_a_window_past_the_end_is_empty_and_has_the_right_total() -> None:
    told = ask(three(), offset=100)
    assert (told.rows, told.order, told.total) == ([], [], 3)


def test_a_client_that_vanished_leaves_nothing() -> None:
    lists = three()
    first = ask(lists, target='home')
    lists._snapshot.update('home', (), whole=True)
    told = ask(lists, first.token, target='home')
    assert (told.full, told.order, told.total, told.known) == (False, [], 0, 0)
    assert told.facets == {group: [] for group in told.facets or ()}


def test_ten_viewers_cost_one_computation(monkeypatch: pytest.MonkeyPatch) -> None:
    lists = three()
    ask(lists, query='size>1')
    lists._snapshot.update('home', [row('a', size_bytes=9)])
    taken = []
    take = live.Live._take
    monkeypatch.setattr(live.Live, '_take', lambda self, pairs: (taken.append(1), take(self, pairs))[1])
    for _ in range(10):
        assert names(ask(lists, query='size>1')) == ['a', 'b', 'c']
    assert taken == [1]


def test_lists_that_nobody_looked_at_for_long_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr('model.lists.MOST_ROWS', 6)
    lists = three()
    for word in 'abcd':
        ask(lists, query=f'! {word}{word}')
    kept = [choice.query for choice, _ in lists._lives]
    assert kept == ['! bb', '! cc', '! dd']  # the newest was empty when it was counted


def test_a_search_that_takes_too_long_holds_nobody_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr('model.query_patterns.BUDGET', -1.0)
    lists = three()
    clock = [100.0]
    monkeypatch.setattr('model.live.time.monotonic', lambda: clock[0])
    for _ in range(2):
        with pytest.raises(QueryError, match='takes too long') as caught:
            ask(lists, query='name=/x/')
        assert (caught.value.position, caught.value.length) == (5, 3)
        monkeypatch.setattr('model.query_patterns.BUDGET', 1.0)  # it would do now, but is not tried
    clock[0] += live.GIVEN_UP + 1
    assert names(ask(lists, query='name=/[ab]/')) == ['a', 'b']
    assert names(ask(lists, query='name=/x/')) == []


def test_a_search_given_up_half_way_leaves_the_list_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    lists = three()
    monkeypatch.setattr('model.live.GIVEN_UP', 0.0)
    first = ask(lists, query='name=/[ab]/')
    lists._snapshot.update('home', [row('ab')])
    monkeypatch.setattr('model.query_patterns.BUDGET', -1.0)
    with pytest.raises(QueryError):
        ask(lists, query='name=/[ab]/')
    monkeypatch.setattr('model.query_patterns.BUDGET', 1.0)
    told = ask(lists, first.token, query='name=/[ab]/')
    assert (names(told), told.total) == (['ab'], 3)


def test_texts_without_end_are_cut() -> None:
    lists = lists_of(home=[row('n' * 5000, message='m' * 5000)])
    (values,) = ask(lists).rows
    assert {len(value) for value in values if type(value) is str and len(value) > 50} == {window.MAX_TEXT}


def test_more_values_than_are_told_are_counted() -> None:
    lists = lists_of(home=[row(f'{number}', label=f'label {number}') for number in range(203)])
    told = ask(lists)
    assert told.facets is not None
    assert (len(told.facets['label']), told.more) == (200, {'label': 3})


def test_no_search_holds_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of words and stars on a long list take as long as an expression: they have the same time."""
    lists = lists_of(home=[row(f'thing {number}', hash=f'{number:040}') for number in range(2000)])
    assert lists.piece(Choice(query='thing')).total == 2000
    monkeypatch.setattr('model.query_patterns.BUDGET', -1.0)
    for text in ('a OR b', 'a?b* OR c', 'size>1 OR size<0'):
        with pytest.raises(QueryError, match='takes too long') as caught:
            lists.piece(Choice(query=text))
        assert (caught.value.position, caught.value.length) == (0, len(text))
    assert lists.piece(Choice()).total == 2000  # what is no search is never given up
