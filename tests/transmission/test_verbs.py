"""Each verb on a real Transmission: what it does, and what is said where it did not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lib.errors import Conflict, ConnectionRefused, Denied, NotFound, TimedOut, UsageError
from lib.wire.transmission_refusals import Refusal
from model.actions import VERBS, run, run_many
from model.backends import transmission_verbs
from model.backends.base import CAPABILITIES, Outcome
from model.backends.transmission import CAPABILITIES as OURS
from model.backends.transmission import TransmissionBackend
from model.backends.transmission_verbs import RECIPES
from model.fields import INDEX, state_of
from model.hub import Hub
from tests.rig import Made, make, wait_for
from tests.rig.ports import free_port
from tests.rig.transmission import Transmission
from tests.transmission.fake import HASH, SESSION, TORRENT, answers, backend_of
from tests.wire.fakes import Server, http

NOBODY = 'http://127.0.0.1:1/announce'
NOTHING = '0' * 40


@pytest.fixture
def hub(daemon: Transmission) -> Iterator[Hub]:
    hub = Hub([daemon.backend()], roots=[str(daemon.directory)])
    yield hub
    hub.close()


@pytest.fixture
def made(daemon: Transmission, request: pytest.FixtureRequest) -> Made:
    """A torrent of three files, of which the first is there."""
    name = request.node.name.replace('[', '-').replace(']', '')
    content = {'a': 1 << 18, 'b': 1 << 18, 'c': 1 << 18}
    made = make(daemon.downloads, name, content, announce=NOBODY, have=1 / 3)
    daemon.load(made)
    return made


def do(hub: Hub, info_hash: str, verb: str, **args: object) -> Outcome:
    outcome = run(hub, 'box', info_hash, verb, args)
    assert outcome.ok, outcome.message
    return outcome


def field(hub: Hub, info_hash: str, key: str) -> Any:
    return hub.get('box').row(info_hash)[INDEX[key]]


def becomes(hub: Hub, info_hash: str, status: str) -> None:
    wait_for(lambda: state_of(hub.get('box').row(info_hash)) == status, 30, f'{info_hash} to be {status}')


def test_every_verb_it_is_capable_of_has_a_recipe() -> None:
    assert OURS <= CAPABILITIES
    able = {verb.name for verb in VERBS.values() if (verb.capability or verb.name) in OURS}
    assert able == RECIPES.keys()


def test_start_stop_pause_resume(hub: Hub, made: Made) -> None:
    for verb, status in ('start', 'downloading'), ('stop', 'stopped'), ('start_now', 'downloading'):
        assert do(hub, made.info_hash, verb).note == ''
        becomes(hub, made.info_hash, status)
    assert 'knows no pause' in do(hub, made.info_hash, 'pause').note
    becomes(hub, made.info_hash, 'stopped')
    do(hub, made.info_hash, 'resume')
    becomes(hub, made.info_hash, 'downloading')


def test_check_finds_what_is_there(daemon: Transmission, hub: Hub, made: Made) -> None:
    whole = make(daemon.downloads, made.name, {'a': 1 << 18, 'b': 1 << 18, 'c': 1 << 18}, announce=NOBODY)
    assert whole.info_hash == made.info_hash
    do(hub, made.info_hash, 'check')
    wait_for(lambda: field(hub, made.info_hash, 'complete'), 30, 'the check')


def test_an_announce_only_while_it_runs(hub: Hub, made: Made) -> None:
    stopped = run(hub, 'box', made.info_hash, 'announce')
    assert (stopped.state, type(stopped.error)) == ('failed', Conflict)
    do(hub, made.info_hash, 'start')
    becomes(hub, made.info_hash, 'downloading')
    do(hub, made.info_hash, 'announce')


def test_labels(hub: Hub, made: Made) -> None:
    for label, shown in (
        ('films', 'films'),
        (' a, b ,a,, ', 'a, b'),
        ('Grüße/ä "x" <b>', 'Grüße/ä "x" <b>'),
        ('', ''),
    ):
        do(hub, made.info_hash, 'label', label=label)
        assert field(hub, made.info_hash, 'label') == shown


def test_priorities(hub: Hub, made: Made) -> None:
    for priority in 1, 3, 2:
        do(hub, made.info_hash, 'priority', priority=priority)
        assert field(hub, made.info_hash, 'priority') == priority
    off = run(hub, 'box', made.info_hash, 'priority', {'priority': 0})
    assert (off.state, type(off.error)) == ('failed', Conflict)
    for priority in 0, 2, 1:
        do(hub, made.info_hash, 'file_priority', indexes=[0, 2], priority=priority)
        files = hub.get('box').files(made.info_hash)
        assert [each.priority for each in files] == [priority, 1, priority]
    beyond = run(hub, 'box', made.info_hash, 'file_priority', {'indexes': [1, 3], 'priority': 0})
    assert (beyond.state, type(beyond.error)) == ('failed', NotFound)
    assert [each.priority for each in hub.get('box').files(made.info_hash)] == [1, 1, 1]


def test_limits_of_its_own(hub: Hub, made: Made) -> None:
    def limits() -> tuple[int, int]:
        extra = hub.get('box').facts(made.info_hash).extra
        return extra['down_limit'], extra['up_limit']

    assert limits() == (0, 0)
    do(hub, made.info_hash, 'limits', down_limit=51_200, up_limit=0)
    assert limits() == (52_000, 0)
    do(hub, made.info_hash, 'limits', down_limit=0, up_limit=1)
    assert limits() == (0, 1000)
    with pytest.raises(UsageError):
        run(hub, 'box', made.info_hash, 'limits', {'down_limit': -1, 'up_limit': 0})


def test_the_queue(daemon: Transmission, hub: Hub, made: Made) -> None:
    others = [daemon.load(make(daemon.downloads, f'other{n}', 5000, announce=NOBODY)) for n in range(3)]

    def place() -> int:
        return int(hub.get('box').facts(made.info_hash).extra['queue_position'])

    last = place() + len(others)
    for verb, where in ('queue_bottom', last), ('queue_up', last - 1), ('queue_down', last), ('queue_top', 0):
        do(hub, made.info_hash, verb)
        wait_for(lambda: place() == where, 10, f'{verb} to {where}')  # noqa: B023


def test_a_directory_is_set_and_data_moved(daemon: Transmission, hub: Hub, made: Made) -> None:
    old, new = daemon.downloads / made.name, daemon.directory / 'moved' / 'here'
    assert do(hub, made.info_hash, 'move', directory=str(new)).note == ''
    assert field(hub, made.info_hash, 'directory') == str(new)
    assert (new / made.name / 'a').exists()
    assert not (old / 'a').exists()
    assert 'Nothing was moved' in do(hub, made.info_hash, 'directory', directory=str(daemon.downloads)).note
    assert field(hub, made.info_hash, 'directory') == str(daemon.downloads)
    assert (new / made.name / 'a').exists()


def test_neither_leaves_the_roots(daemon: Transmission, hub: Hub, made: Made) -> None:
    for verb in 'move', 'directory':
        for path in '/etc', f'{daemon.directory}/../x', 'relative':
            outcome = run(hub, 'box', made.info_hash, verb, {'directory': path})
            assert (outcome.state, type(outcome.error)) == ('failed', Denied)
    assert field(hub, made.info_hash, 'directory') == str(daemon.downloads)


def test_a_move_that_shows_nothing_is_unknown(
    daemon: Transmission, hub: Hub, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Transmission says nobody that it failed, except its log."""
    monkeypatch.setattr(transmission_verbs, 'PATIENCE', 0.2)
    (daemon.directory / 'a-file').write_text('in the way')
    outcome = run(hub, 'box', made.info_hash, 'move', {'directory': str(daemon.directory / 'a-file' / 'x')})
    assert (outcome.state, type(outcome.error)) == ('unknown', TimedOut)
    assert 'its log' in outcome.message
    assert field(hub, made.info_hash, 'directory') == str(daemon.downloads)
    assert (daemon.downloads / made.name / 'a').exists()


def test_rename(daemon: Transmission, hub: Hub, made: Made) -> None:
    do(hub, made.info_hash, 'rename', name='Ein anderer Name')
    assert field(hub, made.info_hash, 'name') == 'Ein anderer Name'
    assert (daemon.downloads / 'Ein anderer Name' / 'a').exists()
    for name in '', '.', '..', 'a/b', 'x\ny', 'é' * 128, 7:
        with pytest.raises(UsageError) as caught:
            run(hub, 'box', made.info_hash, 'rename', {'name': name})
        assert caught.value.field == 'name'
    with pytest.raises(UsageError) as several:
        run(hub, 'box', made.info_hash, 'rename', {})
    assert several.value.field == 'name'


def test_remove_with_and_without_data(daemon: Transmission, hub: Hub) -> None:
    kept = make(daemon.downloads, 'kept', {'a': 5000}, announce=NOBODY)
    lost = make(daemon.downloads, 'lost', {'a': 5000}, announce=NOBODY)
    for made in (kept, lost):
        daemon.load(made)
    do(hub, kept.info_hash, 'erase')
    do(hub, lost.info_hash, 'erase_data')
    for made in (kept, lost):
        with pytest.raises(NotFound):
            hub.get('box').row(made.info_hash)
    wait_for(lambda: not lost.path.exists(), 10, 'the data to go')
    assert (kept.path / 'a').stat().st_size == 5000


def test_each_torrent_has_an_outcome_of_its_own(hub: Hub, made: Made) -> None:
    outcomes = run_many(hub, [('box', NOTHING), ('box', made.info_hash)], 'label', {'label': 'x'})
    assert [(outcome.state, type(outcome.error)) for outcome in outcomes] == [
        ('failed', NotFound),
        ('done', type(None)),
    ]
    for verb in 'erase', 'erase_data', 'start', 'queue_top':
        assert type(run(hub, 'box', NOTHING, verb).error) is NotFound


@pytest.mark.parametrize('verb', ['open', 'close', 'throttle', 'tracker_enable'])
def test_what_it_cannot_do(hub: Hub, made: Made, verb: str) -> None:
    args = {'throttle': {'throttle': ''}, 'tracker_enable': {'index': 0, 'on': False}}.get(verb, {})
    outcome = run(hub, 'box', made.info_hash, verb, args)
    assert (outcome.state, type(outcome.error)) == ('failed', Conflict)


# answers that are lost


def _lossy(backend: TransmissionBackend, words: bytes, *, before: bool = False) -> None:
    """Lose the answers to requests with ``words``; or the requests themselves."""
    post = backend.link.transport.post

    def lose(body: bytes, *more: Any) -> Any:
        lost = words in body
        reply = None if lost and before else post(body, *more)
        if lost:
            raise TimedOut('lost on purpose')
        return reply

    backend.link.transport.post = lose  # type: ignore[method-assign]


ARGS: dict[str, dict[str, object]] = {
    'label': {'label': 'x, y'},
    'priority': {'priority': 3},
    'file_priority': {'indexes': [1], 'priority': 2},
    'limits': {'down_limit': 5000, 'up_limit': 0},
    'rename': {'name': 'other name'},
}


@pytest.mark.parametrize('verb', ['start', 'label', 'priority', 'file_priority', 'limits', 'rename', 'erase'])
def test_a_lost_answer_is_settled_by_reading(daemon: Transmission, made: Made, verb: str) -> None:
    backend = daemon.backend()
    hub = Hub([backend])
    method = {'erase': b'torrent-remove', 'start': b'torrent-start', 'rename': b'rename-path'}.get(
        verb, b'-set'
    )
    _lossy(backend, method)
    outcome = run(hub, 'box', made.info_hash, verb, ARGS.get(verb, {}))
    assert (outcome.state, outcome.note) == ('done', 'The answer was lost, but it did happen.')


@pytest.mark.parametrize('verb', ['stop', 'label', 'queue_top', 'check', 'erase'])
def test_a_lost_request_is_unknown(daemon: Transmission, made: Made, verb: str) -> None:
    backend = daemon.backend()
    hub = Hub([backend])
    if verb == 'stop':
        do(hub, made.info_hash, 'start')
        becomes(hub, made.info_hash, 'downloading')
    words = {
        'label': b'torrent-set',
        'queue_top': b'queue-move',
        'check': b'verify',
        'erase': b'torrent-remove',
    }
    _lossy(backend, words.get(verb, b'torrent-stop'), before=True)
    outcome = run(hub, 'box', made.info_hash, verb, ARGS.get(verb, {}))
    assert (outcome.state, type(outcome.error)) == ('unknown', TimedOut)


def test_nobody_there_is_failed_not_unknown() -> None:
    hub = Hub([TransmissionBackend('box', url=f'http://127.0.0.1:{free_port()}')])
    outcome = run(hub, 'box', NOTHING, 'start')
    assert (outcome.state, type(outcome.error)) == ('failed', ConnectionRefused)


def test_what_is_refused_may_have_been_done_to_some() -> None:
    """As with several torrents of which the second cannot take it."""
    hashes = [HASH, 'CD' * 20]
    state: dict[str, int] = dict.fromkeys(hashes, 0)

    def reply(request: dict[str, Any]) -> Any:
        if request['method'] == 'session-get':
            return SESSION
        if request['method'] == 'torrent-set':
            state[HASH] = 1
            return http(b'{"result": "not for the second", "arguments": {}}')
        told = [
            {**TORRENT, 'hashString': each.lower(), 'bandwidthPriority': at} for each, at in state.items()
        ]
        return {'torrents': told}

    with Server(answers(reply)) as server:
        outcomes = backend_of(server).perform('priority', hashes, {'priority': 3})
    assert [(outcome.state, type(outcome.error)) for outcome in outcomes] == [
        ('done', type(None)),
        ('failed', Refusal),
    ]
    assert 'not for the second' in outcomes[1].message
