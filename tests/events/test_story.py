"""For any series of lists, restarts, kills and forgettings, the log tells what led from the first to the last."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from lib.errors import StateError
from model.events import eventdata
from model.events.eventlog import Event, EventLog
from model.events.happenings import LASTING
from model.fields import INDEX, LIST, complete_row
from tests.events.support import Stage, bare
from tests.rig.postgres import BOTH

HASHES = [letter * 40 for letter in 'ABCD']
KEYS = ('label', 'directory', 'state', 'complete', 'message')

Torrents = dict[str, dict[str, Any]]


class Killed(BaseException):
    """What SIGKILL does to a transaction: it ends without a word."""


class Crash:
    """Ends the writer at its n-th statement from now, at its commit, or right after it."""

    def __init__(self, engine: Engine) -> None:
        self.left = 0
        sa.event.listen(engine, 'before_cursor_execute', self.step)
        sa.event.listen(engine, 'commit', self.step)

    def step(self, *_: Any) -> None:
        if self.left:
            self.left -= 1
            if not self.left:
                raise Killed


VALUES = st.sampled_from(
    [
        *(('label', each) for each in ('', 'a', 'b')),
        *(('directory', each) for each in ('/a', '/b')),
        *(('message', each) for each in ('', 'Disk full')),
        ('state', 0), ('state', 1), ('complete', 0), ('complete', 1), ('up_rate', 1), ('up_rate', 2),
    ]
)  # fmt: skip
WHICH = st.sampled_from(HASHES)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just('set'), WHICH, VALUES),
        st.tuples(st.sampled_from(['add', 'erase', 'lose', 'again']), WHICH),
        st.tuples(st.sampled_from(['list', 'look', 'restart', 'forget', 'lost', 'wait', 'blink', 'flash'])),
        st.tuples(st.just('kill'), st.integers(1, 16)),
        st.tuples(st.just('kill after')),
    ),
    max_size=40,
)


class Story:
    """A client, the recorders that follow it one after the other, and a reader of their log."""

    def __init__(self, engine: Engine, crash: Crash) -> None:
        with engine.begin() as connection:
            for table in ('events', 'event_states', 'leases'):
                connection.execute(sa.text(f'DELETE FROM {table}'))
        self.crash = crash
        self.stage = Stage(engine)
        self.torrents: Torrents = {HASHES[0]: {}, HASHES[1]: {'label': 'a'}}
        self.told: Torrents = {}
        self.deliver()
        self.look()
        self.told = {each: self.torrent(each) for each in self.torrents}

    def row(self, info_hash: str) -> Any:
        return bare(info_hash, **self.torrents[info_hash])

    def torrent(self, info_hash: str) -> dict[str, Any]:
        return eventdata.torrent(complete_row(self.row(info_hash), 1, 'box'))

    def deliver(self) -> None:
        self.stage.hub.snapshot.update('box', [self.row(each) for each in self.torrents], whole=True)

    def look(self) -> None:
        self.stage.time.now += 1
        self.stage.recorder.follow()

    def change(self, what: str, info_hash: str, *more: Any) -> None:
        snapshot, there = self.stage.hub.snapshot, info_hash in self.torrents
        if what == 'set' and there:
            key, value = more[0]
            self.torrents[info_hash][key] = value
            snapshot.update('box', [self.row(info_hash)])
        elif what == 'add' and not there:
            self.torrents[info_hash] = {}
            snapshot.update('box', [self.row(info_hash)])
        elif what in ('erase', 'lose') and there:
            del self.torrents[info_hash]
            snapshot.update('box', [], [info_hash]) if what == 'erase' else self.deliver()
        elif what == 'again' and there:
            self.torrents[info_hash] = {'label': 'new'}
            snapshot.update('box', [self.row(info_hash)], [info_hash])

    def step(self, what: str, *more: Any) -> None:
        match what:
            case 'list':
                self.deliver()
            case 'look':
                self.look()
            case 'wait':
                self.stage.time.now += 31
            case 'blink' | 'flash':  # its list is empty for a while
                self.stage.hub.snapshot.update('box', [], whole=True)
                if what == 'blink':
                    self.look()
                self.deliver()
            case 'restart':
                self.next_process()
            case 'forget':
                snapshot = self.stage.hub.snapshot
                snapshot._journal.clear()
                snapshot._forgotten = snapshot.rev
            case 'kill':
                self.killed(more[0])
            case 'kill after':
                self.killed_after()
            case 'lost':
                self.answer_lost()
            case _:
                self.change(what, *more)

    def next_process(self) -> None:
        self.stage = self.stage.again()
        self.deliver()

    def killed(self, at: int) -> None:
        self.crash.left = at
        try:
            self.look()
        except Killed:
            self.crash.left = 0
            self.next_process()
        self.crash.left = 0

    def killed_after(self) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(EventLog, 'tell', lambda *_: (_ for _ in ()).throw(Killed))
            try:
                self.look()
            except Killed:
                self.next_process()

    def answer_lost(self) -> None:
        """The transaction was carried out, and nobody was told."""
        recorder, write = self.stage.recorder, self.stage.recorder._written

        def lost(batch: Any) -> int:
            fence = recorder._fence
            write(batch)
            recorder._fence = fence
            raise StateError('The connection broke.')

        recorder._written = lost  # type: ignore[method-assign]
        self.look()
        recorder._written = write  # type: ignore[method-assign]

    def end(self) -> None:
        self.deliver()
        for _ in range(4):
            self.stage.time.now += 31
            self.look()

    def read(self) -> Iterator[Event]:
        yield from self.stage.log.since(0, limit=10_000)


def replay(told: Torrents, event: Event) -> None:
    """Take an event into what was told; it has to fit."""
    if event.kind == 'added':
        assert event.hash not in told, 'it came twice'
        told[event.hash] = dict(event.data['torrent'])
    elif event.kind == 'removed':
        assert told.pop(event.hash)['name'] == event.name
    else:
        known = told[event.hash]
        assert event.kind in {'updated', 'started', 'stopped', 'label', 'moved', 'error'}, event.kind
        for key, (before, after) in event.data.get('diff', {}).items():
            assert (known[key] or None) == (before or None), f'{key} did not change from that'
            known[key] = after
        if event.kind == 'label':
            assert (known['label'] or '') != event.detail, 'it was told before'


@pytest.fixture
def crash() -> list[Crash]:
    return []


@BOTH
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_the_log_tells_what_led_to_the_last_list(
    engine: Engine, crash: list[Crash], steps: list[Any]
) -> None:
    if not crash:
        crash.append(Crash(engine))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr('model.events.recorder.BATCH', 1)  # so that there is much to be killed in between
        story = Story(engine, crash[0])
        for step in steps:
            story.step(*step)
        story.end()
    for event in story.read():
        replay(story.told, event)
    assert {each: {key: told[key] or None for key in LASTING} for each, told in story.told.items()} == {
        each: {key: story.torrent(each)[key] or None for key in LASTING} for each in story.torrents
    }


def test_lasting_fields_are_fields() -> None:
    assert set(LASTING) < set(INDEX)
    assert {field.key for field in LIST} - set(LASTING) >= {'hash', 'up_rate', 'completed_bytes', 'started'}
