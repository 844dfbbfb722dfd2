"""What was done to real clients beside what the log of events tells of it: the oracle of tests/e2e/test_events.py.

*Truth* is read from the clients themselves, after each act: whether a torrent is there, counts as started, rests, and
which label it has. *Told* is what the log says of the same four. Each is a sequence of values without repetitions.

The log has *caught up* with a torrent when all it could tell has been told: after an act that was waited for while
nothing else was under way, or after a label of its own (:meth:`Trial.catch_up`), since a client is read in order.
Between two such moments

* what was told is a subsequence of what was true: nothing is told that was not, nothing twice, nothing in another
  order. What came about and was undone between two looks, or while nobody looked, may be missing;
* both end in the same value.

So an act that was done alone between two such moments is told exactly once; these are counted (``alone``). Besides:

* numbers rise, none comes twice, and none is missing;
* each ``updated`` goes on from what was told before: its old values are those of the replay, and with its new ones the
  replay is the torrent that the event shows. A change that was lost or told twice breaks the chain;
* ``checking`` and ``checked`` alternate, as do ``offline`` and ``online``;
* ``finished`` is told once for each torrent whose data came by download, and for no other; it may be missing where the
  client was killed before that was told;
* in the end the replay from the first number equals what the clients say of every lasting field.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from model.events.eventlog import Event
from model.events.happenings import LASTING

ASPECTS = ('present', 'state', 'rests', 'label')
Name = tuple[str, str]  # target and info hash
State = dict[str, Any]

_FIXED: Mapping[str, tuple[tuple[str, Any], ...]] = {
    'removed': (('present', False),),
    'started': (('state', True),),
    'stopped': (('state', False),),
    'paused': (('rests', True),),
    'resumed': (('rests', False),),
}
_PAIRS = {'checking': 'checked', 'offline': 'online'}


@dataclass
class Course:
    """One torrent's: the values of each aspect since the log had last caught up, true and told."""

    truth: dict[str, list[Any]] = field(default_factory=lambda: {aspect: [None] for aspect in ASPECTS})
    told: dict[str, list[Any]] = field(default_factory=lambda: {aspect: [None] for aspect in ASPECTS})
    row: dict[str, Any] | None = None
    finished: int = 0
    caught_up: bool = True

    def agrees(self) -> bool:
        """Whether what is told is what is true; of a torrent that is gone nothing else counts."""
        if not self.truth['present'][-1]:
            return not self.told['present'][-1]
        return all(self.truth[aspect][-1] == self.told[aspect][-1] for aspect in ASPECTS)

    def differs(self, aspects: Iterable[str] = ASPECTS) -> str:
        """How what was told since the log had last caught up is no part of what was true; nothing where it is."""
        for aspect in aspects:
            left = iter(self.truth[aspect][1:])
            if not all(value in left for value in self.told[aspect][1:]):
                return f'{aspect}: true were {self.truth[aspect]}, told was {self.told[aspect]}'
        return ''

    def close(self) -> None:
        """Begin anew from here, where the log has caught up."""
        for values in (self.truth, self.told):
            for aspect in ASPECTS:
                values[aspect] = values[aspect][-1:]


class Ledger:
    """:ivar wrong: everything that must not be."""

    def __init__(self) -> None:
        self.courses: dict[Name, Course] = {}
        self.wrong: list[str] = []
        self.last = 0
        self.ids: list[int] = []
        self.kinds: Counter[str] = Counter()
        self.alone: Counter[str] = Counter()
        self._open: set[tuple[Name, str]] = set()

    def course(self, name: Name) -> Course:
        return self.courses.setdefault(name, Course())

    def observe(self, name: Name, state: State) -> bool:
        """Take down what is true of a torrent now; whether anything of it is new."""
        course, changed = self.course(name), False
        for aspect in ASPECTS if state['present'] else ('present',):
            if course.truth[aspect][-1] != state[aspect]:
                course.truth[aspect].append(state[aspect])
                changed = True
        return changed

    # ---- the log

    def read(self, events: Iterable[Event]) -> None:
        """Take down what the log says, in its order."""
        for event in events:
            if event.id <= self.last:
                self.wrong.append(f'number {event.id} came after {self.last}')
            self.last = event.id
            self.ids.append(event.id)
            self.kinds[event.kind] += 1
            self._alternates(event)
            if event.hash:
                self._tell(event, self.course((event.target, event.hash)))

    def _alternates(self, event: Event) -> None:
        name = (event.target, event.hash)
        for begin, end in _PAIRS.items():
            if event.kind == begin:
                if (name, begin) in self._open:
                    self._blame(event, 'was told before')
                self._open.add((name, begin))
            elif event.kind == end:
                if (name, begin) not in self._open:
                    self._blame(event, f'was told without {begin}')
                self._open.discard((name, begin))
        if event.kind in ('added', 'removed'):
            self._open.discard((name, 'checking'))

    def _tell(self, event: Event, course: Course) -> None:
        if event.kind == 'added':
            row = dict(event.data['torrent'])
            if course.row is not None:
                self._blame(event, 'of a torrent that is there')
            course.row = row
            rests = row['state'] and row['is_open'] and not row['is_active'] and not row['hashing']
            if row['hashing']:
                self._open.add(((event.target, event.hash), 'checking'))
            values = {'state': bool(row['state']), 'rests': bool(rests), 'label': row['label']}
            self._append(course, {'present': True, **values})
            return
        if course.row is None:
            self._blame(event, 'of a torrent that is not there')
            return
        explicit = dict(_FIXED.get(event.kind, ()))
        if event.kind == 'label':
            explicit = {'label': event.detail}
        for aspect, value in explicit.items():
            if course.told[aspect][-1] == value:
                self._blame(event, f'was told already ({aspect})')
        self._append(course, explicit)
        if event.kind in ('started', 'stopped'):
            self._append(course, {'rests': False})
        course.finished += event.kind == 'finished'
        if event.kind == 'removed':
            course.row = None
        if event.kind == 'updated':
            self._replay(event, course.row or {})

    @staticmethod
    def _append(course: Course, values: Mapping[str, Any]) -> None:
        for aspect, value in values.items():
            if course.told[aspect][-1] != value:
                course.told[aspect].append(value)

    def _replay(self, event: Event, row: dict[str, Any]) -> None:
        for key, (old, new) in event.data['diff'].items():
            if row[key] != old:
                self._blame(event, f'says that {key} was {old!r}, and the replay has {row[key]!r}')
            row[key] = new
        shown = event.data['torrent']
        odd = [key for key in LASTING if row[key] != shown[key]]
        if odd:
            self._blame(event, f'shows other {odd} than the replay')
            row |= {key: shown[key] for key in odd}

    def _blame(self, event: Event, what: str) -> None:
        self.wrong.append(f'{event.id} {event.kind} {event.target}/{event.hash[:8]}: {what}')

    # ---- judging

    def settle(self, name: Name, verb: str = '') -> None:
        """The log has caught up with this torrent. ``verb`` was the only act since it had before."""
        course = self.course(name)
        found = course.differs()
        if found:
            self.wrong.append(f'{name[0]}/{name[1][:8]} {verb}: {found}')
        elif verb:
            self.alone[verb] += 1
        course.close()
        course.caught_up = True

    def compare(self, name: Name, row: Mapping[str, Any] | None) -> None:
        """Hold the replay against what the client says in the end; None where it has no such torrent."""
        course = self.course(name)
        if (row is None) != (course.row is None):
            self.wrong.append(f'{name}: told {course.row is not None}, true {row is not None}')
        elif row is not None and course.row is not None:
            for key, value in row.items():
                if course.row[key] != value:
                    self.wrong.append(f'{name} {key}: told {course.row[key]!r}, true {value!r}')
