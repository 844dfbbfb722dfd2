"""Those who listen to the events of a :class:`model.manager.Manager`.

Each listener has a thread of its own, in which it is called for one event after the other, in the order of the log. So
one that hangs holds up nobody but itself, and one that raises misses nothing: what it raised is logged, and told to
its own ``on_error``. It goes on with the next event.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lib.errors import PyroError, StateError, UnknownName, UsageError
from model.events.eventlog import Event, EventLog
from model.events.positions import Positions
from model.manager.managed import Torrent

log = logging.getLogger(__name__)

BATCH = 100  # events that are read at a time
PAUSE = 0.25  # seconds between two looks at whether to end
RETRY = 1.0  # seconds between two tries of a database that does not answer
LEAVING = 5.0  # seconds that close() waits for a listener to return

Functions = Mapping[str, Callable[..., object]]
Call = tuple[str, tuple[Any, ...]]


class Trouble(PyroError):
    """What ``on_error`` is called with: something went wrong; ``str()`` of it is a sentence.

    :ivar kind: ``error`` or ``tracker_error`` (of a torrent), ``offline`` (of a server), ``listener`` (what one of its
        own functions raised is ``__cause__``) or ``gap`` (events were forgotten before this listener got to them).
    :ivar torrent: the torrent, where it is about one.
    :ivar event: the event, where there is one.
    """

    code = 'trouble'

    def __init__(
        self, text: str, kind: str, *, event: Event | None = None, torrent: Torrent | None = None
    ) -> None:
        super().__init__(text)
        self.kind = kind
        self.event = event
        self.torrent = torrent
        self.server = event.target if event else ''


# The functions that each kind of event calls, in order. “stopped” rests as well, as dTorrent sees it.
_TORRENT: dict[str, tuple[str, ...]] = {
    'added': ('on_added',),
    'removed': ('on_removed',),
    'paused': ('on_paused',),
    'stopped': ('on_stopped', 'on_paused'),
    'resumed': ('on_resumed',),
    'started': ('on_started', 'on_resumed'),
    'checking': ('on_checking',),
    'checked': ('on_checked',),
    'finished': ('on_finished',),
    'stalled': ('on_stalled',),
}
_DETAIL = {'label': 'on_label', 'moved': 'on_moved', 'ratio': 'on_ratio'}
_SERVER = {'disk_low': 'on_disk_low', 'offline': 'on_offline', 'online': 'on_online'}
#: Every function that a listener may have.
FUNCTIONS = tuple(
    dict.fromkeys(
        [
            *(name for names in _TORRENT.values() for name in names),
            *_DETAIL.values(),
            *_SERVER.values(),
            *('on_updated', 'on_tracker_error', 'on_error', 'on_event'),
        ]
    )
)


def functions_of(listener: object, given: Mapping[str, Callable[..., object] | None]) -> dict[str, Any]:
    """The functions of a listener: methods of an object, and those given by name, which come first.

    :raises UsageError: there is none, or something else than a function.
    :raises UnknownName: of that name there is none.
    """
    for name in given:
        if name not in FUNCTIONS:
            raise UnknownName('function of a listener', name, FUNCTIONS)
    found = {name: getattr(listener, name, None) for name in FUNCTIONS} | dict(given)
    functions = {name: function for name, function in found.items() if function is not None}
    wrong = next((name for name, function in functions.items() if not callable(function)), None)
    if wrong is not None:
        raise UsageError(f'{wrong} has to be a function.', field=wrong)
    if not functions:
        raise UsageError(f'A listener needs at least one function: {", ".join(FUNCTIONS)}.', field='listener')
    return functions


def calls_of(event: Event, torrent: Torrent | None) -> Iterator[Call]:
    """Which functions an event calls, with which arguments."""
    if event.kind in _SERVER:
        yield _SERVER[event.kind], (event.target, event.detail)
    elif torrent is not None:
        for name in _TORRENT.get(event.kind, ()):
            yield name, (torrent,)
        if event.kind in _DETAIL:
            yield _DETAIL[event.kind], (torrent, event.detail)
        if event.kind == 'updated':
            yield 'on_updated', (torrent, event.data.get('diff') or {})
        if event.kind == 'tracker_error':
            yield 'on_tracker_error', (torrent, event.detail)
    if event.kind in ('error', 'tracker_error', 'offline'):
        text = f'{event.name or event.target}: {event.detail or "no answer"}'
        yield 'on_error', (Trouble(text, event.kind, event=event, torrent=torrent),)
    yield 'on_event', (event,)


class Listener:
    """One listener and its thread.

    :param name: its position in the log is kept under this.
    :param torrent: makes the torrent of an event, None where it is about none.
    :param removed: is told when it is removed.
    """

    def __init__(
        self,
        name: str,
        functions: Functions,
        events: EventLog,
        kept: Positions,
        torrent: Callable[[Event], Torrent | None],
        removed: Callable[[str], object],
    ) -> None:
        self.name = name
        self._functions = functions
        self._log = events
        self._kept = kept
        self._torrent = torrent
        self._told = removed
        self._removed = False
        self._ended = threading.Event()
        self._failing = False
        position = kept.get(name)
        if position is None:  # what there was before is no news
            position = events.last_id()
            kept.set(name, position)
        self._position = position
        self._thread = threading.Thread(target=self._run, name=f'listener-{name}', daemon=True)

    def start(self) -> None:
        """Begin to call it."""
        self._thread.start()

    def remove(self) -> None:
        """Call it no more, and forget how far it came."""
        self._removed = True
        self.close()
        self._kept.remove(self.name)
        self._told(self.name)

    def close(self) -> None:
        """Call it no more; where it came is kept, so that it goes on there under the same name."""
        self._ended.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(LEAVING)
            if self._thread.is_alive():
                log.warning('The listener “%s” has not come back; it is left to itself.', self.name)

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self._log.wait(self._position, PAUSE)
                self._deal()
                self._failing = False
            except StateError as error:
                if not self._failing:
                    log.warning('The listener “%s” waits: %s', self.name, error)
                self._failing = True
                self._ended.wait(RETRY)

    def _deal(self) -> None:
        """Call it for each event there is. Where it came is written down after each call, so a crash repeats one."""
        while found := self._log.since(self._position, limit=BATCH):
            self._warn_of_gap(found[0].id)
            for event in found:
                if self._ended.is_set():
                    return
                called = [self._call(*call, event) for call in calls_of(event, self._torrent(event))]
                if self._removed:
                    return
                if any(called) or event is found[-1]:
                    self._kept.set(self.name, event.id)
                self._position = event.id

    def _warn_of_gap(self, next_id: int) -> None:
        after = self._position + 1
        if next_id > after and (first := min(next_id, self._log.first_id())) > after:
            text = f'Events were forgotten before they were told: those from {after} to {first - 1}.'
            self._call('on_error', (Trouble(text, 'gap'),))

    def _call(self, name: str, arguments: tuple[Any, ...], event: Event | None = None) -> bool:
        """Whether there is such a function; what it raises is contained."""
        function = self._functions.get(name)
        if function is None:
            return False
        try:
            function(*arguments)
        except (Exception, SystemExit) as mistake:  # sys.exit() would end this thread, and nobody would know
            log.exception('%s of the listener “%s” failed', name, self.name)
            if name != 'on_error':
                text = f'{name} failed: {type(mistake).__name__}: {_words(mistake)}'
                trouble = Trouble(text, 'listener', event=event)
                trouble.__cause__ = mistake
                self._call('on_error', (trouble,), event)
        return True


def _words(mistake: BaseException) -> str:
    try:
        return str(mistake)
    except Exception:  # it is somebody's, too
        return 'it cannot say what'
