"""What fails is tried again, less and less often, and given up at last."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lib import translate
from model.webhooks import deliveries
from model.webhooks.outbox import LEAST_FAILURES, MAX_TRIES, backoff, jitter
from tests.intake.servers import http, redirect
from tests.rig.postgres import BOTH
from tests.webhooks.conftest import Stage
from tests.webhooks.endpoint import status
from tests.webhooks.test_delivery import states


def test_what_fails_is_tried_less_and_less_often(stage: Stage) -> None:
    endpoint = stage.endpoint()
    endpoint.answer = status(500)
    hook = stage.hook(endpoint)
    stage.tell('a')

    waits = []
    for number in range(1, MAX_TRIES + 1):
        stage.send()
        assert len(endpoint.got) == number
        [delivery] = stage.hooks.deliveries(hook.id)
        if delivery.state == 'failed':
            break
        waits.append(delivery.due - stage.clock())
        assert stage.send(waits[-1] - 0.5) == []
        stage.clock.now += 0.5

    assert waits == [backoff(number) for number in range(1, MAX_TRIES)]
    assert (*waits[:3], waits[-1]) == (1, 5, 10, 3600)
    assert (delivery.state, delivery.tries, delivery.status) == ('failed', MAX_TRIES, 500)
    assert delivery.error == 'The receiver answered with status 500 (Internal Server Error).'
    assert delivery.reply == 'words'
    assert stage.hooks.get(hook.id).failures == MAX_TRIES
    assert {got.uid for got in endpoint.got} == {delivery.uid}


def test_waits_differ_so_that_all_do_not_return_at_once() -> None:
    factors = {jitter() for _ in range(50)}

    assert len(factors) > 40
    assert all(1.0 <= factor <= 1.25 for factor in factors)


def telegram(retry_after: bytes) -> Callable[[object], bytes]:
    return lambda _got: http(b'{"parameters": {"retry_after": %s}}' % retry_after, '429 Too Many')


@pytest.mark.parametrize(
    ('answer', 'wait'),
    [
        (status(429, Retry_After='90'), 90),
        (status(503, Retry_After='90'), 90),
        (status(429, Retry_After='1'), 1),
        (status(429, Retry_After='0.5'), 1),
        (status(429, Retry_After='99999999'), 3600),
        (status(429, Retry_After='1e999'), 3600),
        (status(429, Retry_After='-5'), 1),
        (status(429, Retry_After='soon'), 1),
        (status(429, Retry_After='nan'), 1),
        (status(429, Retry_After='\xb2'), 1),
        (status(429, Retry_After='Sun, 15 Jun 2025 15:08:20 GMT'), 100),
        (status(429, Retry_After='Sun, 15 Jun 1925 15:08:20 GMT'), 1),
        (telegram(b'77'), 77),
        (telegram(b'NaN'), 1),
        (telegram(b'[' * 60000), 1),
        (telegram(b'{}'), 1),
        (status(408), 1),
        (status(425), 1),
        (status(599), 1),
    ],
)
def test_a_receiver_may_say_when_to_return(
    stage: Stage, answer: Callable[[object], bytes], wait: float
) -> None:
    endpoint = stage.endpoint()
    endpoint.answer = answer
    hook = stage.hook(endpoint)
    stage.tell('a')

    stage.send()

    [delivery] = stage.hooks.deliveries(hook.id)
    assert (delivery.state, delivery.due - stage.clock()) == ('waiting', wait)


@pytest.mark.parametrize('code', [300, 301, 302, 307, 308, 400, 401, 403, 404, 405, 413, 422, 451])
def test_what_is_refused_is_not_tried_again(stage: Stage, code: int) -> None:
    target = stage.endpoint()
    endpoint = stage.endpoint()
    endpoint.answer = lambda _got: redirect(target.url(), f'{code} Some')
    hook = stage.hook(endpoint)
    stage.tell('a', 'b')

    stage.send()

    assert target.got == []
    assert states(stage, hook.id) == [('a', 'failed'), ('b', 'waiting')]
    assert len(endpoint.got) == 1
    stage.send(5)
    assert [got.json['event']['name'] for got in endpoint.got] == ['a', 'b']
    delivery = stage.hooks.deliveries(hook.id)[0]
    assert ('redirects to another address' in delivery.error) == (code < 400)


def test_whoever_is_gone_is_paused_at_once_and_told_of(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    endpoint, other = stage.endpoint(), stage.endpoint()
    endpoint.answer = status(410)
    hook = stage.hook(endpoint, name='chat')
    stage.hook(other, kinds=['webhook'])
    stage.tell('a')

    stage.send()

    found = stage.hooks.get(hook.id)
    assert (found.state, found.notice) == ('broken', 'The receiver says that it is gone (status 410).')
    assert states(stage, hook.id) == [('a', 'waiting')]
    assert 'Webhook chat is paused: The receiver says that it is gone' in caplog.text
    stage.send()
    [got] = other.got
    event = got.json['event']
    assert (event['kind'], event['name'], event['detail']) == ('webhook', 'chat', found.notice)
    assert [event.kind for event in stage.log.latest(limit=1)] == ['webhook']


def test_what_went_wrong_is_kept_in_the_words_of_any_language(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(WEBHOOK_PATIENCE=60.0)
    endpoint = stage.endpoint()
    endpoint.answer = status(500)
    hook = stage.hook(endpoint)
    stage.tell('a')
    for _ in range(LEAST_FAILURES):
        stage.send(60)

    found, [delivery] = stage.hooks.get(hook.id), stage.hooks.deliveries(hook.id)
    assert delivery.error == 'The receiver answered with status 500 (Internal Server Error).'
    assert found.notice == f'Nothing could be delivered 5 times in a row. {delivery.error}'
    assert stage.log.latest(limit=1)[0].detail == found.notice
    with translate.using(translate.language('de')):
        assert translate.words(delivery.error).startswith('Der Empfänger antwortete mit Status 500')
        assert translate.words(found.notice).startswith(
            '5-mal in Folge ließ sich nichts zustellen. Der Empfänger'
        )


@BOTH
def test_whoever_fails_for_long_is_paused_and_resumes_with_what_waits(
    make_stage: Callable[..., Stage],
) -> None:
    stage = make_stage(WEBHOOK_PATIENCE=7200.0)
    endpoint = stage.endpoint()
    endpoint.answer = status(500)
    hook = stage.hook(endpoint, name='chat')
    stage.tell('a', 'b')

    while stage.hooks.get(hook.id).state == 'active':
        before = len(endpoint.got)
        stage.send(600)

    found = stage.hooks.get(hook.id)
    assert found.state == 'broken'
    assert found.notice.startswith(
        f'Nothing could be delivered {len(endpoint.got)} times in a row. The receiver'
    )
    assert 7200 <= stage.clock() - 1_750_000_000 < 7200 + 3600 + 600
    assert before == len(endpoint.got) - 1

    stage.tell('c')
    assert stage.send(9999) == []
    assert found.waiting + 1 == stage.hooks.get(hook.id).waiting  # it is not told of its own end

    endpoint.answer = status(200)
    stage.hooks.resume(hook.id)
    stage.send()

    assert [name for name, state in states(stage, hook.id) if state == 'done'][-2:] == ['b', 'c']
    found = stage.hooks.get(hook.id)
    assert (found.state, found.notice, found.failures, found.waiting) == ('active', '', 0, 0)


@pytest.mark.parametrize('seconds', [2 * 86400, 365 * 86400], ids=['a night off', 'a clock put right'])
def test_time_that_passes_without_tries_is_no_reason_to_give_up(stage: Stage, seconds: float) -> None:
    endpoint = stage.endpoint()
    endpoint.answer = status(503)  # its machine has no network yet
    hook = stage.hook(endpoint)
    stage.tell('a')
    for _ in range(LEAST_FAILURES):
        stage.send(60)

    stage.send(seconds)

    assert stage.hooks.get(hook.id).failures == LEAST_FAILURES + 1
    assert stage.hooks.get(hook.id).state == 'active'
    endpoint.answer = status(200)
    stage.send(3600)
    assert states(stage, hook.id) == [('a', 'done')]


def test_whoever_failed_since_somebody_looked_is_left_alone_until_it_is_due(stage: Stage) -> None:
    endpoint = stage.endpoint()
    endpoint.answer = status(503)
    hook = stage.hook(endpoint)
    stage.tell('a')
    stage.collect()
    [head] = stage.outbox.heads()  # by one thread, while another one sends
    stage.send()

    assert head.due <= stage.clock()
    assert stage.outbox.claim(hook.id) is None
    stage.clock.now += 1
    claim = stage.outbox.claim(hook.id)
    assert claim
    assert claim.tries == 2


def test_a_success_ends_the_patience(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(WEBHOOK_PATIENCE=60.0)
    endpoint = stage.endpoint()
    hook = stage.hook(endpoint)
    for _ in range(5):
        stage.tell('a')
        endpoint.answer = status(500)
        stage.send()
        endpoint.answer = status(200)
        stage.send(50)

    assert stage.hooks.get(hook.id).state == 'active'


def test_a_week_without_receiver_costs_a_bounded_queue_and_few_tries(
    make_stage: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, 'MAX_WAITING', 20)
    monkeypatch.setattr(deliveries, 'MAX_ENDED', 15)
    stage = make_stage(WEBHOOK_PATIENCE=30 * 86400.0)
    endpoint = stage.endpoint()
    endpoint.answer = status(503)
    hook = stage.hook(endpoint)
    for turn in range(60):
        stage.tell(f'{turn}')
        stage.send(7 * 86400 / 60)
    stage.outbox.prune()

    found = stage.hooks.get(hook.id)
    kept = [state for _, state in states(stage, hook.id)]
    assert (found.waiting, found.dropped, found.failures) == (20, 39, len(endpoint.got))
    assert kept == ['dropped'] * 15 + ['waiting'] * 20
    assert len(endpoint.got) == 60  # one try each time that somebody looked; one delivery was given up
