"""Events reach receivers: signed, in order, again where that helps, and never for ever."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from model.webhooks import deliveries
from model.webhooks.collecting import STUCK
from tests.intake.servers import http
from tests.rig.postgres import BOTH
from tests.webhooks.conftest import Stage
from tests.webhooks.endpoint import Endpoint, status


def states(stage: Stage, hook_id: int) -> list[tuple[str, str]]:
    """Name and state of all deliveries, the oldest first."""
    found = stage.hooks.deliveries(hook_id, limit=5000)
    return [(delivery.name, delivery.state) for delivery in reversed(found)]


@BOTH
def test_an_event_arrives_whole_and_signed(stage: Stage) -> None:
    endpoint = stage.endpoint()
    hook = stage.hook(endpoint, options={'authorization': 'Bearer abc'})
    stage.tell('Debian “12” \n</script>', detail='x', who='anna')

    stage.send()

    [got] = endpoint.got
    event = stage.log.since(0)[0]
    assert got.is_signed(stage.hooks.secret(hook.id), stage.clock())
    assert got.json == {'id': event.id, 'delivery': got.uid, 'event': event.public()}
    assert got.line == 'POST / HTTP/1.1'
    timestamp = str(int(stage.clock()))
    signature = got.headers['x-pyrotorrent-signature']
    assert got.headers == {
        'host': f'127.0.0.1:{endpoint.port}',
        'user-agent': 'pyroTorrent',
        'accept': '*/*',
        'accept-encoding': 'identity',
        'connection': 'close',
        'content-type': 'application/json; charset=utf-8',
        'content-length': str(len(got.body)),
        'authorization': 'Bearer abc',
        'x-pyrotorrent-event': 'finished',
        'x-pyrotorrent-delivery': got.uid,
        'x-pyrotorrent-timestamp': timestamp,
        'x-pyrotorrent-signature': signature,
    }
    [delivery] = stage.hooks.deliveries(hook.id)
    assert (delivery.state, delivery.status, delivery.tries, delivery.error) == ('done', 204, 1, '')
    assert (delivery.uid, delivery.kind, delivery.event) == (got.uid, 'finished', event.public())


def test_only_what_is_wanted_is_sent(stage: Stage) -> None:
    endpoint = stage.endpoint()
    stage.tell('before')
    stage.hook(endpoint, kinds=['finished', 'removed'], query='label=linux ratio>1')
    stage.tell('a')
    stage.tell('b', kind='added')
    stage.tell('c', data={'torrent': {'name': 'c', 'ratio': 100, 'label': 'linux'}})
    stage.tell('d', kind='removed')
    stage.tell('e', data={'torrent': None})

    stage.send()

    assert [got.json['event']['name'] for got in endpoint.got] == ['a', 'd']


def test_whoever_names_no_kind_is_not_told_of_each_small_change(stage: Stage) -> None:
    endpoint = stage.endpoint()
    stage.hook(endpoint)
    for kind in ('updated', 'added', 'did', 'offline'):
        stage.tell(kind, kind=kind)

    stage.send()

    assert [got.json['event']['kind'] for got in endpoint.got] == ['added', 'offline']


def test_a_query_that_takes_too_long_keeps_nobody_else_waiting(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lib.errors import QueryError
    from model.events.eventfilter import EventFilter

    real = EventFilter.matches

    def matches(self: EventFilter, event: object) -> bool:
        if self.query:
            raise QueryError('The regular expressions take too long.', 0)
        return real(self, event)  # type: ignore[arg-type]

    monkeypatch.setattr(EventFilter, 'matches', matches)
    endpoint = stage.endpoint()
    slow, other = stage.hook(endpoint, query='name=/x/'), stage.hook(endpoint)
    stage.tell('a')

    stage.send()

    assert (states(stage, slow.id), states(stage, other.id)) == ([], [('a', 'done')])


@BOTH
def test_events_come_in_order_and_wait_for_the_first(stage: Stage) -> None:
    endpoint = stage.endpoint()
    hook = stage.hook(endpoint)
    stage.tell('a', 'b')
    endpoint.answer = status(503)
    stage.send()
    stage.tell('c')
    stage.send(0.5)
    assert states(stage, hook.id) == [('a', 'waiting'), ('b', 'waiting'), ('c', 'waiting')]

    endpoint.answer = status(200)
    stage.send(0.5)

    assert [got.json['event']['name'] for got in endpoint.got] == ['a', 'a', 'b', 'c']
    assert len({got.uid for got in endpoint.got}) == 3
    assert all(got.is_signed(stage.hooks.secret(hook.id), stage.clock() - 1) for got in endpoint.got)


@BOTH
def test_what_was_being_sent_comes_first_and_keeps_its_number(stage: Stage) -> None:
    endpoint = stage.endpoint()
    hook = stage.hook(endpoint)
    stage.tell('a', 'b')
    stage.collect()
    lost = stage.outbox.claim(hook.id)  # by one who is ended now
    assert lost

    [done, _] = stage.send()

    assert done.verdict == 'done'
    assert [got.json['event']['name'] for got in endpoint.got] == ['a', 'b']
    assert endpoint.got[0].uid == lost.uid
    stage.outbox.record(lost, done)  # it was asleep only
    assert [delivery.tries for delivery in stage.hooks.deliveries(hook.id)] == [1, 2]


def test_a_paused_receiver_keeps_its_queue(stage: Stage) -> None:
    endpoint = stage.endpoint()
    hook = stage.hook(endpoint)
    stage.hooks.pause(hook.id)
    stage.tell('a')
    assert stage.send() == []
    assert stage.hooks.get(hook.id).waiting == 1

    stage.hooks.discard(hook.id)
    stage.tell('b')
    stage.hooks.resume(hook.id)
    stage.send()

    assert states(stage, hook.id) == [('a', 'dropped'), ('b', 'done')]


@BOTH
def test_a_full_queue_loses_the_oldest_and_counts_them(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, 'MAX_WAITING', 10)
    endpoint = stage.endpoint()
    endpoint.answer = status(503)
    hook = stage.hook(endpoint)
    stage.tell('first')
    for _ in range(STUCK):
        stage.send(40)
    for batch in range(5):
        stage.tell(*(f'{batch}.{number}' for number in range(5)))
        stage.send()

    found = stage.hooks.get(hook.id)
    assert (found.waiting, found.dropped) == (10, 16)
    assert len(endpoint.got) == STUCK  # what comes in is no reason to knock more often
    endpoint.answer = status(200)
    stage.send(60)
    assert [got.json['event']['name'] for got in endpoint.got[STUCK:]] == [
        f'{batch}.{number}' for batch in (3, 4) for number in range(5)
    ]


@BOTH
def test_old_deliveries_are_forgotten(stage: Stage) -> None:
    endpoint = stage.endpoint()
    hook = stage.hook(endpoint)
    stage.tell('a')
    stage.send()
    stage.tell('b')
    stage.send(29 * 86400)

    stage.outbox.prune()
    assert states(stage, hook.id) == [('a', 'done'), ('b', 'done')]
    stage.clock.now += 2 * 86400
    stage.outbox.prune()
    assert states(stage, hook.id) == [('b', 'done')]


@BOTH
def test_one_that_ended_can_be_sent_again_under_its_number(stage: Stage) -> None:
    endpoint = stage.endpoint()
    endpoint.answer = status(404)
    hook = stage.hook(endpoint)
    stage.tell('a')
    stage.send()
    [delivery] = stage.hooks.deliveries(hook.id)
    endpoint.answer = status(200)

    assert stage.hooks.retry(hook.id, delivery.id).state == 'waiting'
    stage.send()

    assert states(stage, hook.id) == [('a', 'done')]
    assert {got.uid for got in endpoint.got} == {delivery.uid}


def test_a_name_of_a_megabyte_is_cut(stage: Stage) -> None:
    endpoint = stage.endpoint()
    stage.hook(endpoint)
    stage.tell('x' * 1_000_000, data={'torrent': {'name': 'y' * 1_000_000}, 'more': ['z' * 5000]})

    stage.send()

    [got] = endpoint.got
    assert len(got.body) < 5000
    assert got.json['event']['torrent']['name'] == 'y' * 999 + '…'


@BOTH
def test_whatever_an_event_holds_it_can_be_kept_and_sent(stage: Stage) -> None:
    endpoint = stage.endpoint()
    hook = stage.hook(endpoint)
    odd = {
        'torrent': {'name': '\ud800\0\n', 'ratio': float('nan')},
        'diff': {'label': ['\udfff', float('inf')]},
    }
    stage.tell('\ud800', data=odd)

    stage.send()

    [got] = endpoint.got
    assert b'NaN' not in got.body
    assert b'Infinity' not in got.body
    assert got.is_signed(stage.hooks.secret(hook.id), stage.clock())
    assert states(stage, hook.id)[0][1] == 'done'


def test_a_kind_of_another_version_keeps_nobody_waiting(stage: Stage) -> None:
    endpoint = stage.endpoint()
    odd, other = stage.hook(endpoint), stage.hook(endpoint)
    with stage.engine.begin() as connection:
        connection.execute(
            sa.text('UPDATE webhooks SET kinds = \'["eaten"]\' WHERE id = :id'), {'id': odd.id}
        )
    stage.tell('a')

    stage.send()

    assert (states(stage, odd.id), states(stage, other.id)) == ([], [('a', 'done')])


def test_a_new_secret_signs_what_comes(stage: Stage) -> None:
    endpoint = stage.endpoint()
    hook = stage.hook(endpoint)
    old = stage.hooks.secret(hook.id)
    stage.tell('a')
    new = stage.hooks.rotate(hook.id)

    stage.send()

    [got] = endpoint.got
    assert got.is_signed(new, stage.clock())
    assert not got.is_signed(old, stage.clock())


@BOTH
def test_a_test_goes_past_the_queue_and_says_what_became_of_it(stage: Stage) -> None:
    endpoint = stage.endpoint()
    hook = stage.hook(endpoint)
    stage.hooks.pause(hook.id)
    stage.tell('waits')
    stage.collect()

    good = stage.hooks.test(hook.id)
    endpoint.answer = status(500)
    bad = stage.hooks.test(hook.id)

    assert (good.state, good.status, good.kind, good.event_id) == ('done', 204, 'test', 0)
    assert (bad.state, bad.status, bad.tries) == ('failed', 500, 1)
    assert [got.json['event']['kind'] for got in endpoint.got] == ['test', 'test']
    assert all(got.is_signed(stage.hooks.secret(hook.id), stage.clock()) for got in endpoint.got)
    assert stage.hooks.get(hook.id).last == bad


SECRET = 'sesame-open-yourself'


@pytest.mark.parametrize(
    ('style', 'path', 'options'),
    [
        ('json', '/', {'authorization': f'Bearer {SECRET}'}),
        ('json', f'/a?key={SECRET}', {}),
        ('gotify', '/', {'token': SECRET}),
        ('ntfy', f'/{SECRET}', {}),
        ('discord', f'/api/webhooks/1/{SECRET}', {}),
        ('telegram', '', {'token': f'1:{SECRET}', 'chat': '1'}),
    ],
)
def test_secrets_that_a_receiver_repeats_are_not_shown(
    stage: Stage, style: str, path: str, options: dict[str, str]
) -> None:
    endpoint = stage.endpoint()
    endpoint.answer = lambda got: http(f'You said {got.line} {got.headers} {got.body!r}.'.encode()[:5000])
    where = (
        {'url': endpoint.url(path)}
        if path
        else {'url': '', 'options': {**options, 'server': endpoint.url('')}}
    )
    hook = stage.hook(endpoint, **{'style': style, 'options': options, **where})

    delivery = stage.hooks.test(hook.id)

    assert SECRET in f'{endpoint.got[0]}'
    assert delivery.reply.startswith('You said POST')
    assert SECRET not in delivery.reply


@BOTH
def test_a_receiver_removed_while_it_is_sent_to_leaves_nothing(stage: Stage) -> None:
    endpoint = stage.endpoint()
    hook = stage.hook(endpoint)
    stage.tell('a')
    stage.collect()
    claim = stage.outbox.claim(hook.id)
    assert claim

    stage.hooks.remove(hook.id)
    stage.outbox.record(claim, stage.sender.send(claim.receiver, claim.uid, claim.event))

    assert stage.hooks.all() == []
    assert stage.outbox.heads() == []


@BOTH
def test_without_the_lease_nothing_is_queued_or_sent(stage: Stage) -> None:
    from model.leases import Leases

    endpoint = stage.endpoint()
    hook = stage.hook(endpoint)
    stage.tell('a')
    stage.collect()
    stage.leases.release('webhooks')
    assert Leases(stage.engine, stage.clock).hold('webhooks', 30)
    stage.tell('b')

    assert not stage.collector.collect()
    assert stage.outbox.claim(hook.id) is None

    assert states(stage, hook.id) == [('a', 'waiting')]


def unreachable(endpoint: Endpoint) -> str:
    endpoint.close()
    return endpoint.url()


def test_a_receiver_that_is_down_gets_it_later(stage: Stage) -> None:
    endpoint = stage.endpoint()
    hook = stage.hook(url=unreachable(endpoint))
    stage.tell('a')

    stage.send()

    [delivery] = stage.hooks.deliveries(hook.id)
    assert (delivery.state, delivery.status) == ('waiting', None)
    assert delivery.error == '“127.0.0.1” gave no usable answer.'
