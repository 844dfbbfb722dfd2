"""More events than receivers take, dead receivers beside good ones, and clocks that are put back."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from model.events.positions import Positions
from model.tables import deliveries as table
from model.webhooks import collecting, deliveries
from model.webhooks.collecting import STUCK, Collector
from model.webhooks.outbox import LEASE
from tests.webhooks.conftest import Stage
from tests.webhooks.endpoint import Endpoint, status

DAY = 86400.0


def names(endpoint: Endpoint) -> list[str]:
    return [got.json['event']['name'] for got in endpoint.got]


def fail_for_long(stage: Stage) -> None:
    """Until those that fail count as not answering."""
    for _ in range(STUCK):
        stage.send(60)


def test_more_at_once_than_a_queue_takes_waits_in_the_log(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, 'MAX_WAITING', 10)
    endpoint = stage.endpoint()
    hook = stage.hook(endpoint, kinds=['finished'])
    stage.tell(*(str(number) for number in range(25)))
    stage.tell('not wanted', kind='removed')

    for waiting in (10, 10, 5, 0):
        stage.collect()
        assert stage.hooks.get(hook.id).waiting == waiting
        stage.send()

    assert names(endpoint) == [str(number) for number in range(25)]
    assert stage.hooks.get(hook.id).dropped == 0


def test_whoever_fails_now_and_then_loses_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, 'MAX_WAITING', 10)
    endpoint = stage.endpoint()
    endpoint.answer = status(503)
    hook = stage.hook(endpoint)
    stage.tell(*(str(number) for number in range(25)))
    stage.send()

    assert stage.hooks.get(hook.id).waiting == 10  # the rest is safe in the log
    endpoint.answer = status(200)
    for _ in range(3):
        stage.send(1)
    assert names(endpoint)[1:] == [str(number) for number in range(25)]
    assert stage.hooks.get(hook.id).dropped == 0


def test_what_the_log_forgets_meanwhile_is_said(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(deliveries, 'MAX_WAITING', 2)
    endpoint = stage.endpoint()
    stage.hook(endpoint, name='phone')
    stage.tell(*'abcdef')
    stage.collect()
    stage.log._kept = 2
    stage.tell('g')

    for _ in range(3):
        stage.send()

    assert names(endpoint) == ['a', 'b', 'f', 'g']
    assert 'Webhooks phone: events 3 to 5 were forgotten before they could wait there.' in caplog.text


def test_a_flood_for_dead_receivers_does_not_fill_the_disk(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, 'MAX_WAITING', 10)
    monkeypatch.setattr(deliveries, 'MAX_ENDED', 5)
    endpoint = stage.endpoint()
    endpoint.answer = status(503)
    hook = stage.hook(endpoint)
    stage.tell('first')
    fail_for_long(stage)
    for batch in range(10):
        stage.tell(*(f'{batch}.{number}' for number in range(10)))
        stage.collect()

    with stage.engine.connect() as connection:
        kept = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar()
    assert kept == 15  # and nobody tidied up
    assert stage.hooks.get(hook.id).dropped == 91


def test_good_receivers_come_first_and_dead_ones_have_a_bounded_turn(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, 'TURN', 0.0)
    dead, endpoint = stage.endpoint(), stage.endpoint()
    dead.answer = status(503)
    hooks = [stage.hook(dead) for _ in range(5)]
    good = stage.hook(endpoint)
    stage.tell('a')
    fail_for_long(stage)
    stage.tell('b')

    assert stage.leases.hold(LEASE, 30.0)
    assert stage.collector.collect()  # there is more, for those that are not heard of

    assert stage.hooks.get(good.id).waiting == 1
    assert [stage.hooks.get(hook.id).waiting for hook in hooks] == [1] * 5
    monkeypatch.setattr(collecting, 'TURN', 60.0)
    stage.collect()
    assert [stage.hooks.get(hook.id).waiting for hook in hooks] == [2] * 5


def test_others_may_write_while_much_is_queued(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, 'SHARE', 4)
    for _ in range(6):
        stage.hook()
    stage.tell('a', 'b')
    between: list[int] = []
    positions = Positions(stage.engine)

    def count() -> None:
        positions.set('somebody', len(between))
        between.append(sum(hook.waiting for hook in stage.hooks.all()))

    def rest(seconds: float) -> None:
        other = threading.Thread(target=count)
        other.start()
        other.join()

    stage.collector = Collector(stage.hooks, stage.log, stage.leases, rest=rest)
    stage.collect()

    assert between == [4, 8, 12]


def test_a_clock_that_is_put_back_keeps_nothing_waiting(stage: Stage) -> None:
    endpoint = stage.endpoint()
    stage.hook(endpoint)
    stage.tell('a')
    stage.collect()
    stage.send(-DAY)
    assert names(endpoint) == ['a']

    endpoint.answer = status(503)
    stage.tell('b')
    stage.send()
    endpoint.answer = status(200)
    stage.send(-DAY)
    assert names(endpoint) == ['a', 'b', 'b']


def test_whoever_resumes_need_not_wait(stage: Stage) -> None:
    endpoint = stage.endpoint()
    endpoint.answer = status(503)
    hook = stage.hook(endpoint)
    stage.tell('a')
    for _ in range(6):
        stage.send(3600)
    endpoint.answer = status(200)

    stage.hooks.resume(hook.id)

    [delivery] = stage.hooks.deliveries(hook.id)
    assert delivery.due == stage.clock()
    assert [outcome.verdict for outcome in stage.send()] == ['done']
