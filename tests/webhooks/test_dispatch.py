"""The threads: receivers side by side, one delivery at a time each, and nothing that ends them."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from typing import Any

import pytest

from lib.errors import StateError
from model.leases import Leases
from model.webhooks.dispatch import MOST_SENDERS, SENDERS, Attempt, Dispatcher
from model.webhooks.outbox import LEASE, Outbox
from model.webhooks.sending import Sender
from tests.intake.servers import http
from tests.rig import wait_for
from tests.rig.postgres import BOTH
from tests.webhooks.conftest import Stage
from tests.webhooks.endpoint import Endpoint, Got, status

PATIENCE = 120.0


def until(condition: Callable[[], object], what: str) -> None:
    wait_for(condition, PATIENCE, what)


def names(endpoint: Endpoint) -> list[str]:
    return [got.json['event']['name'] for got in list(endpoint.got)]


class Gate:
    """An answer that waits until it is opened."""

    def __init__(self) -> None:
        self._open = threading.Event()

    def __call__(self, _got: Got) -> bytes:
        self._open.wait(PATIENCE)
        return http(b'', '204 No Content')

    def open(self) -> None:
        self._open.set()


def test_a_hundred_receivers_are_told_in_order_and_slow_ones_delay_nobody(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('model.webhooks.dispatch._SLOW', PATIENCE)  # a busy machine makes nobody slow
    patient = dataclasses.replace(stage.config, WEBHOOK_TIMEOUT=2 * PATIENCE)  # nor ends who hangs
    monkeypatch.setattr(stage, 'sender', Sender(patient, stage.clock))
    gate = Gate()
    endpoints = [stage.endpoint() for _ in range(20)]
    for endpoint in endpoints[:2]:
        endpoint.answer = gate
    for number in range(100):  # five at each endpoint, so ten of them hang
        stage.hook(endpoints[number % 20], name=f'hook {number}')
    stage.dispatcher().start()

    for name in 'abc':
        stage.tell(name)
    until(lambda: all(len(endpoint.got) == 15 for endpoint in endpoints[2:]), 'the quick ones')

    assert all(len(endpoint.got) <= 5 for endpoint in endpoints[:2])
    gate.open()
    until(lambda: all(len(endpoint.got) == 15 for endpoint in endpoints), 'the slow ones')
    until(lambda: not any(hook.waiting for hook in stage.hooks.all()), 'their queues')
    secrets = [stage.hooks.secret(hook.id) for hook in stage.hooks.all()]
    for endpoint in endpoints:
        by_hook: dict[str, list[str]] = {}
        for got in endpoint.got:
            [secret] = [secret for secret in secrets if got.is_signed(secret, stage.clock())]
            by_hook.setdefault(secret, []).append(got.json['event']['name'])
        assert list(by_hook.values()) == [['a', 'b', 'c']] * 5


@BOTH
def test_one_receiver_has_one_delivery_at_a_time(stage: Stage) -> None:
    endpoint = stage.endpoint()
    stage.hook(endpoint)
    dispatcher = stage.dispatcher()
    dispatcher.start()

    def invite_another(_got: Got) -> bytes:
        dispatcher.wake()
        threading.Event().wait(0.05)
        return http(b'', '204 No Content')

    endpoint.answer = invite_another
    stage.tell(*map(str, range(12)))
    until(lambda: len(endpoint.got) == 12, 'all of them')

    assert endpoint.most == 1
    assert names(endpoint) == [str(number) for number in range(12)]


def test_slow_receivers_have_a_share_of_the_threads_and_leave_the_rest(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatcher = stage.dispatcher()
    monkeypatch.setattr(dispatcher, '_deliver', lambda _id: None)  # all hang
    numbers = iter(range(1000))

    def begin(slow: bool) -> int:
        with dispatcher._turn:
            before = len(dispatcher._busy)
            for _ in range(100):
                dispatcher._begin(next(numbers), slow)
            return len(dispatcher._busy) - before

    def pass_time() -> None:
        dispatcher._busy = {number: (slow, began - 3) for number, (slow, began) in dispatcher._busy.items()}

    assert begin(slow=True) == SENDERS // 2
    assert begin(slow=False) == SENDERS
    pass_time()  # those who seemed quick are not, and no longer in the way of others
    assert (begin(slow=True), begin(slow=False)) == (0, SENDERS)
    pass_time()
    assert begin(slow=False) == MOST_SENDERS - 2 * SENDERS - SENDERS // 2
    dispatcher._busy.clear()


@BOTH
def test_all_have_their_turn_where_there_are_more_than_threads(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('model.webhooks.dispatch.SENDERS', 2)
    endpoints = [stage.endpoint() for _ in range(4)]
    hooks = [stage.hook(endpoint) for endpoint in endpoints]
    order: list[int] = []
    dispatcher = stage.dispatcher()
    dispatcher.listeners.append(lambda attempt: order.append(attempt.webhook_id))
    stage.tell('a', 'b', 'c', 'd')
    stage.collect()

    dispatcher.start()
    until(lambda: len(order) == 16, 'all of them')

    for begin in range(0, 16, 4):  # nobody has a third before everybody had a first
        assert max(order[: begin + 4].count(hook.id) for hook in hooks) <= begin // 4 + 2


def test_listeners_hear_of_each_try_and_may_fail(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    endpoint, refusing, down = stage.endpoint(), stage.endpoint(), stage.endpoint()
    refusing.answer = status(500, X_Why='tired')
    down.close()
    heard: dict[int, Attempt] = {}
    dispatcher = stage.dispatcher()

    def bad(_attempt: Attempt) -> None:
        raise ValueError('mine')

    dispatcher.listeners += [bad, lambda attempt: heard.update({attempt.webhook_id: attempt})]
    hooks = [stage.hook(endpoint), stage.hook(refusing), stage.hook(down)]
    dispatcher.start()
    stage.tell('a')
    until(lambda: len(heard) == 3, 'three tries')

    good, refused, lost = (heard[hook.id] for hook in hooks)
    event = stage.log.since(0)[0]
    assert (good.ok, good.status, good.error, good.event_id) == (True, 204, None, event.id)
    assert (good.uid, good.url) == (endpoint.got[0].uid, endpoint.url())
    assert (refused.ok, refused.status, refused.body, refused.headers['x-why']) == (
        False,
        500,
        'words',
        'tired',
    )
    assert (lost.ok, lost.status, str(lost.error)) == (False, None, '“127.0.0.1” gave no usable answer.')
    assert 'A listener to webhooks failed.' in caplog.text


@pytest.mark.parametrize('name', ['collect', 'heads', 'claim', 'prune'])
@pytest.mark.parametrize('error', [StateError('The disk is full.'), ValueError('a fault of ours')], ids=type)
def test_whatever_fails_once_is_tried_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, name: str, error: Exception
) -> None:
    monkeypatch.setattr('model.webhooks.dispatch._LOOK', 0.02)
    failed = threading.Event()
    part = stage.collector if name == 'collect' else stage.outbox
    real: Callable[..., Any] = getattr(part, name)

    def once(*args: object) -> object:
        if not failed.is_set():
            failed.set()
            raise error
        return real(*args)

    monkeypatch.setattr(part, name, once)
    endpoint = stage.endpoint()
    hook = stage.hook(endpoint)
    stage.dispatcher().start()
    stage.tell('a')

    until(failed.is_set, 'the failure')
    until(lambda: [got.state for got in stage.hooks.deliveries(hook.id)] == ['done'], 'the delivery')


def test_a_database_that_stays_away_is_asked_less_and_less_often(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rests: list[float] = []
    dispatcher = stage.dispatcher()

    def rest(seconds: float) -> None:
        rests.append(seconds)
        dispatcher._closing = len(rests) == 9

    def fail() -> None:
        raise StateError('The disk is full.')

    monkeypatch.setattr(dispatcher, '_rest', rest)
    dispatcher._until_closed(fail)

    assert rests == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 64.0, 64.0]
    assert caplog.text.count('The disk is full.') == 9


@pytest.mark.parametrize('error', [StateError('The disk is full.'), ValueError('a fault of ours')], ids=type)
@BOTH
def test_what_cannot_be_written_down_stays_under_its_number(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr('model.webhooks.dispatch._LOOK', 0.02)
    failures = [error, error]
    real = stage.outbox.record

    def record(*args: Any) -> None:
        if failures:
            raise failures.pop()
        real(*args)

    monkeypatch.setattr(stage.outbox, 'record', record)
    endpoint = stage.endpoint()
    hook = stage.hook(endpoint)
    stage.dispatcher().start()
    stage.tell('a', 'b')

    until(lambda: [got.state for got in stage.hooks.deliveries(hook.id)] == ['done'] * 2, 'both')
    found = names(endpoint)
    assert found == sorted(found)
    assert len({got.uid for got in endpoint.got}) == 2
    assert len(found) == (2 if isinstance(error, StateError) else 4)


def test_closing_waits_for_nobody_and_the_next_one_sends_it_again(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage()
    gate, endpoint = Gate(), stage.endpoint()
    endpoint.answer = gate
    hook = stage.hook(endpoint)
    first = stage.dispatcher()
    first.start()
    stage.tell('a')
    until(lambda: endpoint.got, 'the first try')

    first.close(0.1)
    gate.open()
    other = Leases(stage.engine, stage.clock)
    outbox = Outbox(stage.hooks, stage.log, other)
    second = Dispatcher(stage.hooks, stage.log, other, sender=stage.sender, outbox=outbox)
    second.start()
    try:
        until(lambda: [got.state for got in stage.hooks.deliveries(hook.id)] == ['done'], 'the delivery')
    finally:
        second.close()

    assert len({got.uid for got in endpoint.got}) == 1


@BOTH
def test_of_two_dispatchers_one_sends_until_it_ends(stage: Stage) -> None:
    endpoint = stage.endpoint()
    stage.hook(endpoint)
    first = stage.dispatcher()
    first.start()
    until(lambda: first._holding, 'the lease')
    other = Leases(stage.engine, stage.clock)
    second = Dispatcher(
        stage.hooks, stage.log, other, sender=stage.sender, outbox=Outbox(stage.hooks, stage.log, other)
    )
    second.start()
    try:
        stage.tell('a')
        until(lambda: names(endpoint) == ['a'], 'the first event')
        assert not other.hold(LEASE, 30)
        first.close()
        stage.tell('b')
        until(lambda: names(endpoint) == ['a', 'b'], 'the second event')
    finally:
        second.close()


def test_events_are_written_whatever_receivers_do(stage: Stage) -> None:
    gate, endpoint = Gate(), stage.endpoint()
    endpoint.answer = gate
    for number in range(SENDERS + 4):
        stage.hook(endpoint, name=f'hook {number}')
    stage.dispatcher().start()
    stage.tell('a')
    until(lambda: len(endpoint.got) >= SENDERS, 'every thread to hang')

    for _ in range(20):
        stage.tell('more')

    assert stage.log.last_id() == 21
    gate.open()


@BOTH
def test_a_clock_put_back_while_it_runs_makes_nothing_wait_longer(stage: Stage) -> None:
    endpoint = stage.endpoint()
    endpoint.answer = status(503)
    hook = stage.hook(endpoint)
    stage.dispatcher().start()
    stage.tell('a')
    until(lambda: stage.hooks.get(hook.id).failures, 'a failure')
    endpoint.answer = status(200)
    stage.clock.now -= 3600

    until(lambda: stage.hooks.deliveries(hook.id)[0].due < stage.clock() + 60, 'the new time')
    stage.clock.now += 2
    until(lambda: not stage.hooks.get(hook.id).waiting, 'the delivery')
    assert names(endpoint) == ['a', 'a']
