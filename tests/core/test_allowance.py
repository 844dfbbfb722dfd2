"""One account's new searches take some of the processor and not all of it; looking on costs what it costs."""

from __future__ import annotations

import time

import pytest

from lib.errors import QueryError, TooMuch
from model import live
from model.allowance import MOST, PERIOD, Allowance
from model.choice import Choice
from model.lists import Lists
from tests.core.rows import lists_of, row


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """``[seconds that passed, seconds this thread took of the processor]``."""
    times = [0.0, 0.0]
    monkeypatch.setattr(time, 'thread_time', lambda: times[1])
    return times


def spend(allowance: Allowance, clock: list[float], who: int | None, seconds: float) -> None:
    with allowance.spending(who):
        clock[1] += seconds


def test_what_is_spent_comes_back_with_time(clock: list[float]) -> None:
    allowance = Allowance(lambda: clock[0])
    spend(allowance, clock, 1, MOST - 1)
    allowance.check(1)
    spend(allowance, clock, 1, 2.0)
    with pytest.raises(TooMuch, match='Wait 3 seconds') as caught:
        allowance.check(1)
    assert caught.value.retry_after == PERIOD / MOST
    clock[0] += caught.value.retry_after + 0.1
    allowance.check(1)
    clock[0] += 10 * PERIOD
    spend(allowance, clock, 1, MOST - 1)  # more than all of it does not come back
    allowance.check(1)


def test_each_account_has_its_own_and_nobody_in_particular_has_no_end(clock: list[float]) -> None:
    allowance = Allowance(lambda: clock[0])
    spend(allowance, clock, 1, 2 * MOST)
    spend(allowance, clock, None, 2 * MOST)
    allowance.check(2)
    allowance.check(None)
    with pytest.raises(TooMuch):
        allowance.check(1)


def test_what_fails_is_spent_too(clock: list[float]) -> None:
    allowance = Allowance(lambda: clock[0])
    with pytest.raises(ZeroDivisionError), allowance.spending(1):
        clock[1] += 2 * MOST
        raise ZeroDivisionError
    with pytest.raises(TooMuch):
        allowance.check(1)


def costly(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> Lists:
    """Lists that take more than half of what an account has, each."""
    reconcile = live.Live._reconcile

    def slowly(self: live.Live) -> None:
        clock[1] += 0.6 * MOST
        reconcile(self)

    monkeypatch.setattr(live.Live, '_reconcile', slowly)
    return lists_of(home=[row('a'), row('b')])


def test_new_lists_are_refused_and_those_looked_at_go_on(
    monkeypatch: pytest.MonkeyPatch, clock: list[float]
) -> None:
    lists = costly(monkeypatch, clock)
    for word in 'ab':
        assert lists.piece(Choice(query=word), by=1).total == 1
    with pytest.raises(TooMuch):
        lists.piece(Choice(query='c'), by=1)
    assert len(lists._lives) == 2  # and it takes nobody's place
    lists._snapshot.update('home', [row('aa')])
    assert lists.piece(Choice(query='a'), by=1).total == 2
    assert lists.piece(Choice(query='c'), by=2).total == 0
    assert lists.piece(Choice(query='c'), by=1).total == 0


def test_a_search_that_was_given_up_is_new_each_time(
    monkeypatch: pytest.MonkeyPatch, clock: list[float]
) -> None:
    lists = costly(monkeypatch, clock)
    monkeypatch.setattr('model.query_patterns.BUDGET', -1.0)
    monkeypatch.setattr('model.live.GIVEN_UP', 0.0)
    for _ in range(2):
        with pytest.raises(QueryError):
            lists.piece(Choice(query='name=/x/'), by=1)
    with pytest.raises(TooMuch):
        lists.piece(Choice(query='name=/x/'), by=1)
