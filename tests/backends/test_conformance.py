"""The conformance kit: it passes what keeps all promises, and finds each promise that is broken."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any
from unittest import SkipTest

import pytest

from lib.errors import Conflict
from lib.targetspecs import TargetSpec
from model.actions import VERBS
from model.backends.base import (
    CAPABILITIES,
    Added,
    AddRequest,
    Changes,
    EncryptionState,
    Globals,
    Outcome,
    Pieces,
    WholeWatch,
)
from model.backends.conformance import Kit, NotTried, checks, run
from model.backends.load import make_backend
from model.fields import INDEX, Row
from tests.backends.clients import ONE, TWO, Plain
from tests.backends.everything import Everything

ALL = checks(write=True)
Break = Callable[[Everything], None]


@pytest.mark.parametrize('check', ALL, ids=str)
def test_one_that_keeps_all_promises_passes(check: Any) -> None:
    backend = Everything()
    before = set(backend.torrents)
    with Kit(backend) as kit:
        check(kit)
    assert set(backend.torrents) == before


def test_there_is_a_check_for_everything_a_client_may_claim() -> None:
    names = [check.name for check in ALL]
    assert len(set(names)) == len(names)
    assert all(check.why.endswith('.') for check in ALL)
    # The .torrent files of a client are read by us and not by it.
    assert {check.needs for check in ALL} - {''} == CAPABILITIES - {'metainfo'}
    assert {verb.capability or verb.name for verb in VERBS.values()} <= {check.needs for check in ALL}
    assert not any(check.writes for check in checks())


# ways to break a promise


def rows(**values: Any) -> Break:
    """The list has other values of one torrent."""

    def act(backend: Everything) -> None:
        kept = backend.rows

        def changed(view: str = 'main') -> list[Row]:
            first, *rest = kept(view)
            said = list(first)
            for key, value in values.items():
                said[INDEX[key]] = value
            return [tuple(said), *rest]

        backend.rows = changed  # type: ignore[method-assign]

    return act


def returns(method: str, value: Any) -> Break:
    def act(backend: Everything) -> None:
        setattr(backend, method, lambda *args: value)

    return act


def ignores(verb: str) -> Break:
    """A verb is told as done and nothing happens."""
    return verbs({verb: lambda backend, info_hash: Outcome('all', info_hash, verb, 'done')})


def refuses(verb: str) -> Break:
    return verbs({verb: lambda backend, hash: Outcome('all', hash, verb, 'failed', Conflict('Not now.'))})


def verbs(others: Mapping[str, Callable[[Everything, str], Outcome]]) -> Break:
    def act(backend: Everything) -> None:
        kept = backend.perform

        def perform(verb: str, hashes: Sequence[str], args: Mapping[str, Any]) -> list[Outcome]:
            if verb in others:
                return [others[verb](backend, each) for each in hashes]
            return kept(verb, hashes, args)

        backend.perform = perform  # type: ignore[method-assign]

    return act


def adds(how: Callable[[Everything, Callable[[AddRequest], Added], AddRequest], Added]) -> Break:
    def act(backend: Everything) -> None:
        kept = backend.add
        backend.add = lambda request: how(backend, kept, request)  # type: ignore[method-assign]

    return act


def parts(method: str, **values: Any) -> Break:
    def act(backend: Everything) -> None:
        kept = getattr(backend, method)
        setattr(backend, method, lambda hash: [replace(each, **values) for each in kept(hash)])

    return act


class Forgetful(WholeWatch):
    """Tells what was there when it began."""

    _first: Changes | None = None

    def tick(self) -> Changes:
        self._first = self._first or super().tick()
        return self._first


class Late(WholeWatch):
    """Tells of one torrent less than there is."""

    def tick(self) -> Changes:
        changes = super().tick()
        return replace(changes, rows=changes.rows[1:])


def watches(kind: type[WholeWatch]) -> Break:
    def act(backend: Everything) -> None:
        backend.watch = lambda: kind(backend)  # type: ignore[method-assign]

    return act


def names_change(backend: Everything) -> None:
    kept, numbers = backend.rows, count()

    def changed(view: str = 'main') -> list[Row]:
        return [(row[0], f'name {next(numbers)}', *row[2:]) for row in kept(view)]

    backend.rows = changed  # type: ignore[method-assign]


def one_reader_at_a_time(backend: Everything) -> None:
    kept, inside, others = backend.rows, threading.Lock(), threading.Event()

    def read(view: str = 'main') -> list[Row]:
        if not inside.acquire(blocking=False):
            others.set()
            raise RuntimeError('busy')
        try:
            if threading.current_thread() is not threading.main_thread():
                others.wait(20)
            return kept(view)
        finally:
            inside.release()

    backend.rows = read  # type: ignore[method-assign]


def fails_all_for_one(backend: Everything) -> None:
    kept = backend.perform

    def perform(verb: str, hashes: Sequence[str], args: Mapping[str, Any]) -> list[Outcome]:
        outcomes = kept(verb, hashes, args)
        bad = next((each for each in outcomes if not each.ok), None)
        return [replace(each, state='failed', error=bad.error) for each in outcomes] if bad else outcomes

    backend.perform = perform  # type: ignore[method-assign]


def done_for_strangers(backend: Everything) -> None:
    kept = backend.perform

    def perform(verb: str, hashes: Sequence[str], args: Mapping[str, Any]) -> list[Outcome]:
        return [replace(each, state='done', error=None) for each in kept(verb, hashes, args)]

    backend.perform = perform  # type: ignore[method-assign]


def stops_once(backend: Everything) -> None:
    seen: set[str] = set()

    def stop(backend: Everything, info_hash: str) -> Outcome:
        again = info_hash in seen
        seen.add(info_hash)
        error = Conflict('It is stopped.') if again else None
        return Outcome('all', info_hash, 'stop', 'failed' if again else 'done', error)

    verbs({'stop': stop})(backend)


def labels_all(backend: Everything) -> None:
    def label(backend: Everything, info_hash: str) -> Outcome:
        for torrent in backend.torrents.values():
            torrent['label'] = 'x'
        return Outcome('all', info_hash, 'label', 'done')

    verbs({'label': label})(backend)


def without(*capabilities: str) -> Break:
    def act(backend: Everything) -> None:
        backend.capabilities = CAPABILITIES - set(capabilities)

    return act


def not_added(backend: Everything, add: Any, request: AddRequest) -> Added:
    return Added(request.info_hash, request.name, False)


def never_started(backend: Everything, add: Any, request: AddRequest) -> Added:
    return add(replace(request, start=False))  # type: ignore[no-any-return]


def starts_what_is_there(backend: Everything, add: Any, request: AddRequest) -> Added:
    added = add(request)
    if added.existed and request.start:
        backend.perform('start', [request.info_hash], {})
    return added  # type: ignore[no-any-return]


def placed_elsewhere(backend: Everything, add: Any, request: AddRequest) -> Added:
    return add(replace(request, directory=''))  # type: ignore[no-any-return]


def identity(backend: Everything) -> None:
    backend.capabilities = CAPABILITIES | {'fly'}


IGNORED = (
    'start',
    'stop',
    'open',
    'close',
    'pause',
    'resume',
    'label',
    'priority',
    'throttle',
    'directory',
    'move',
)
BROKEN: dict[str, Break] = {
    'identity': identity,
    'answers': returns('overview', []),
    'types': rows(size_bytes='big'),
    'hashes': rows(hash=ONE),
    'numbers': rows(completed_bytes=5000),
    'texts': rows(name='bell \x07'),
    'tracker hosts': rows(tracker='http://tracker.example.org/key'),
    'states': rows(is_active=True, state=0),
    'one torrent': rows(name='another'),
    'files': parts('files', size=7),
    'peers': parts('peers', progress=50.0),
    'trackers': parts('trackers', index=4),
    'pieces': returns('pieces', Pieces(10, 100, 11)),
    'parts not claimed': without('peers'),
    'unknown hashes': returns('row', None),
    'views': returns('views', ['all']),
    'globals': returns('globals', Globals(up_rate='3 KiB/s')),  # type: ignore[arg-type]
    'watching': watches(Late),
    'reading again': names_change,
    'side by side': one_reader_at_a_time,
    'settings': returns('settings', {'colour': 1}),
    'encryption': returns('encryption', EncryptionState('rot13', ('on',), None)),
    'adding': adds(not_added),
    'adding started': adds(never_started),
    'adding again': adds(starts_what_is_there),
    'adding to a directory': adds(placed_elsewhere),
    'adding a magnet': adds(not_added),
    **{verb: ignores(verb) for verb in IGNORED},
    'check': refuses('check'),
    'announce': refuses('announce'),
    'file priority': ignores('file_priority'),
    'switching trackers': ignores('tracker_enable'),
    'start now': refuses('start_now'),
    'rename': ignores('rename'),
    'queue': refuses('queue_down'),
    'limits of a torrent': refuses('limits'),
    'unknown hashes of verbs': done_for_strangers,
    'some of several': fails_all_for_one,
    'twice': stops_once,
    'other torrents': labels_all,
    'watching changes': watches(Forgetful),
    'limits': returns('set_settings', None),
    'removing with data': ignores('erase_data'),
    'removing': ignores('erase'),
}


@pytest.mark.parametrize('check', ALL, ids=str)
def test_a_broken_promise_is_found(check: Any) -> None:
    backend = Everything()
    BROKEN[check.name](backend)
    [result] = run(Kit(backend, patience=0.3), [check])
    assert result.state == 'broken', result
    assert len(result.message) > 20


def test_every_check_has_something_that_breaks_it() -> None:
    assert set(BROKEN) == {check.name for check in ALL}


# a client that cannot add


def test_one_that_cannot_add_is_tried_with_what_it_is_given() -> None:
    plain = make_backend(TargetSpec('own', 'client', client=Plain))
    with Kit(plain) as kit:
        states = {result.check.name: result.state for result in run(kit, ALL)}
    assert states['pause'] == states['removing'] == 'not tried'
    assert 'broken' not in states.values()
    assert len(plain.rows()) == 2
    with Kit(plain, own=TWO.upper()) as kit:
        states = {result.check.name: result.state for result in run(kit, ALL)}
    kept = {
        'pause',
        'resume',
        'unknown hashes of verbs',
        'some of several',
        'twice',
        'other torrents',
        'removing',
    }
    assert {check.name for check in ALL if check.writes and states[check.name] == 'kept'} == kept
    assert [row[0] for row in plain.rows()] == [ONE.upper()]


def test_pytest_skips_what_does_not_apply() -> None:
    plain = make_backend(TargetSpec('own', 'client', client=Plain))
    check = next(check for check in ALL if check.name == 'pieces')
    with pytest.raises(NotTried, match='own does not claim “pieces”'):
        check(Kit(plain))

    assert issubclass(NotTried, SkipTest)


def test_a_client_that_fails_is_one_result_for_each_check() -> None:
    backend = Everything()
    backend.overview = None  # type: ignore[method-assign, assignment]
    results = list(run(Kit(backend, patience=0.3), checks()))
    assert {result.check.name: result.message for result in results}['answers'].startswith(
        'all: Everything.overview raised TypeError'
    )
    assert len(results) == len(checks())
