"""A backend of somebody's own, of whose answers none is believed before it was looked at.

What they have to be is in :mod:`.answers`, :mod:`.details` and :mod:`.kinds`.

Whatever it answers or raises, however long it takes: who asked is told which method of which class did what, and what
to do about it. Nothing of this stands between us and the clients that we speak to ourselves.
"""

from __future__ import annotations

import inspect
import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from lib import errors
from lib.errors import BadReply, PyroError, TimedOut, WireError
from lib.masking import secrets_of
from lib.wire.dial import NotSent
from lib.words import Said, said
from model.backends import answers, details
from model.backends.base import (
    Added,
    AddRequest,
    Backend,
    Changes,
    Detail,
    EncryptionState,
    Facts,
    FileRow,
    Globals,
    Outcome,
    Overview,
    PeerRow,
    Pieces,
    TrackerRow,
    Watch,
)
from model.backends.simple_values import Returned, clean
from model.backends.simple_worker import MAX_WORDS, Worker
from model.fields import Row

log = logging.getLogger(__name__)

T = TypeVar('T')
Question = tuple[str, ...]  # a method, and the torrent or verb it is about
READING, WRITING = 10.0, 60.0  # seconds for a call
MOST_CALLS = 8  # at once; those that hang are among them
MOST_TOLD = 100  # different mistakes of one backend that are logged
#: Errors that a backend may raise, as it says in its contract; any other is a mistake.
_MEANT = (errors.NotFound, errors.Conflict, errors.Denied, errors.UsageError, WireError)


class ForeignBackend(Backend):
    """A backend, asked by way of checks.

    :param backend: as :mod:`.load` made it.
    :param options: what it was made with; secrets among them are masked in what its exceptions say.
    :param timeout: seconds for a call that reads.
    """

    def __init__(
        self, backend: Backend, options: Mapping[str, Any] | None = None, *, timeout: float = READING
    ) -> None:
        self.name, self.kind, self.own = backend.name, backend.kind, backend
        self.capabilities, self.choices = backend.capabilities, backend.choices
        self._timeout = timeout
        self._secrets, self._source = secrets_of(options or {}), _source(type(backend))
        self._who = f'{self.name}: {type(backend).__name__}'
        self._lock = threading.Lock()
        self._inside: set[object] = set()  # one for each call that has not returned
        self._hung: set[Question] = set()  # what it was asked and did not answer in time
        self._told: set[str] = set()

    def returned(self, method: str) -> Returned:
        """Who returned something, for messages."""
        return Returned(self.name, f'{self._who}.{method}()')

    def _ask(
        self, method: str, read: Callable[[Any, Returned], T], *args: Any, timeout: float | None = None
    ) -> T:
        """What a method returned, checked.

        :raises PyroError: as the method raised it, where that was meant; BadReply for everything else.
        """

        limit = timeout or self._timeout
        question = (method, *(arg for arg in args[:1] if isinstance(arg, str)))
        place = object()

        def call() -> T:
            # Taken and given back in the thread of the call: one that hangs keeps its place.
            self._enter(place, question)
            try:
                return self._checked(method, read, args)
            finally:
                self._leave(place, question)

        worker = Worker(self.name, self._who, limit, self._secrets, self._source)
        try:
            return worker.run(method, call)
        except (BadReply, TimedOut) as error:
            with self._lock:
                if place in self._inside:
                    self._hung.add(question)
            self.note(error)
            raise
        finally:
            worker.close()

    def _enter(self, place: object, question: Question) -> None:
        """:raises NotSent: the same question hangs, or so many calls that there is no place."""
        with self._lock:
            if len(self._inside) >= MOST_CALLS or question in self._hung:
                text = said('%(name)s still has not returned from an earlier call.', name=self._who)
                raise NotSent(text, target=self.name)
            self._inside.add(place)

    def _leave(self, place: object, question: Question) -> None:
        with self._lock:
            self._inside.discard(place)
            self._hung.discard(question)

    def _checked(self, method: str, read: Callable[[Any, Returned], T], args: Sequence[Any]) -> T:
        try:
            found = getattr(self.own, method)(*args)
        except PyroError as error:
            raise self.meant(error, method) from error
        return read(found, self.returned(method))

    def meant(self, error: PyroError, method: str) -> PyroError:
        """An error of ours that it raised, fit to be told: of a kind that it may raise, and with words for people."""
        text, field = error.args[0] if error.args else '', getattr(error, 'field', '')
        known = type(error) is NotSent or type(error).__module__ == errors.__name__
        plain = type(text) in (str, Said) and type(field) in (str, Said)
        if known and isinstance(error, _MEANT) and plain and text and clean(text) == text:
            if isinstance(error, WireError):
                error.target, error.method = self.name, method
            return error
        what = f': {clean(text)[:MAX_WORDS]}' if isinstance(text, str) and text else ''
        place = self.returned(method).place
        return BadReply(
            f'{place} raised {type(error).__name__[:60]}{what}. A backend raises NotFound, Conflict or the WireError '
            'tree of lib.errors, each with a sentence.',
            target=self.name,
            method=method,
        )

    def note(self, error: WireError) -> None:
        """Log a mistake, once; who asks again is told again, and the log is not."""
        text = str(error)
        if text not in self._told and len(self._told) < MOST_TOLD:
            self._told.add(text)
            log.warning('%s', text)

    # the client as a whole

    def views(self) -> list[str]:
        return self._ask('views', answers.views)

    def rows(self, view: str = 'main') -> list[Row]:
        return self._ask('rows', answers.rows, view)

    def members(self, view: str) -> frozenset[str]:
        return self._ask('members', answers.members, view)

    def globals(self) -> Globals:
        return self._ask('globals', answers.all_globals)

    def overview(self, view: str = 'main') -> Overview:
        return self._ask('overview', answers.overview, view)

    def free_space_of(self, hashes: Sequence[str]) -> list[int | None]:
        return self._ask('free_space_of', answers.free_space(len(hashes)), hashes)

    def watch(self) -> Watch:
        return ForeignWatch(self, self._ask('watch', _watch))

    # one torrent

    def detail(self, info_hash: str) -> Detail:
        found: Detail = self._ask('detail', details.asked(info_hash, details.detail), info_hash)
        return found

    def facts(self, info_hash: str) -> Facts:
        found: Facts
        if self._has('facts'):
            found = self._ask('facts', details.asked(info_hash, details.facts), info_hash)
        else:
            found = self._ask('detail', details.asked(info_hash, details.facts_of), info_hash)
        return found

    def files(self, info_hash: str) -> list[FileRow]:
        return self._part('files', details.files, info_hash)

    def peers(self, info_hash: str) -> list[PeerRow]:
        return self._part('peers', details.peers, info_hash)

    def trackers(self, info_hash: str) -> list[TrackerRow]:
        return self._part('trackers', details.trackers, info_hash)

    def _part(self, name: str, read: Callable[[object, Returned], T], info_hash: str) -> T:
        if self._has(name):
            return self._ask(name, read, info_hash)
        return self._ask('detail', details.part(name, read), info_hash)

    def _has(self, method: str) -> bool:
        """Whether it has a way of its own for a part of the details."""
        return getattr(type(self.own), method, None) is not getattr(Backend, method)

    def pieces(self, info_hash: str) -> Pieces:
        return self._ask('pieces', details.pieces, info_hash)

    def row(self, info_hash: str) -> Row:
        found: Row = self._ask('row', details.asked(info_hash, details.row), info_hash)
        return found

    # writing

    def perform(self, verb: str, hashes: Sequence[str], args: Mapping[str, Any]) -> list[Outcome]:
        """What became of it. Where that was not said in a way that can be understood, it is not known."""
        read = answers.outcomes(verb, self.name, hashes)
        try:
            found = self._ask('perform', read, verb, hashes, args, timeout=WRITING)
        except PyroError as error:
            state = 'unknown' if isinstance(error, WireError) and error.sent else 'failed'
            return [Outcome(self.name, each, verb, state, error) for each in hashes]
        return [self._outcome(each) for each in found]

    def _outcome(self, found: Outcome) -> Outcome:
        if found.error is None:
            return found
        error = self.meant(found.error, 'perform')
        return Outcome(found.target, found.hash, found.verb, found.state, error, found.note)

    def add(self, request: AddRequest) -> Added:
        return self._ask('add', answers.added(request.info_hash), request, timeout=WRITING)

    def settings(self) -> dict[str, Any]:
        return self._ask('settings', answers.settings)

    def set_settings(self, values: Mapping[str, Any]) -> None:
        self._ask('set_settings', answers.nothing, values, timeout=WRITING)

    def encryption(self) -> EncryptionState:
        return self._ask('encryption', answers.encryption)

    def set_encryption(self, words: Sequence[str]) -> None:
        self._ask('set_encryption', answers.nothing, words, timeout=WRITING)


class ForeignWatch(Watch):
    """The watch of such a backend. It is called by the poller's thread only, however long it takes: pages do not wait
    for that."""

    def __init__(self, backend: ForeignBackend, watch: Watch) -> None:
        self._backend, self._watch = backend, watch
        self._lock = threading.Lock()
        self._wanted: set[str] = set()

    def tick(self) -> Changes:
        with self._lock:
            wanted, self._wanted = self._wanted, set()
        try:
            if wanted:
                self._watch.want(wanted)
            found = self._watch.tick()
        except PyroError as error:
            raise self._backend.meant(error, 'tick') from error
        return answers.changes(
            found, Returned(self._backend.name, f'{self._backend.name}: {type(self._watch).__name__}.tick()')
        )

    def want(self, hashes: Iterable[str]) -> None:
        # Whoever says this holds what all pages wait for, so that somebody's code is called later.
        with self._lock:
            self._wanted.update(hashes)

    def close(self) -> None:
        self._watch.close()


def _watch(found: object, told: Returned) -> Watch:
    if not isinstance(found, Watch):
        raise told.refused(found, 'return a Watch.')
    return found


def _source(kind: type) -> str:
    """The file of a class, ``''`` where it has none."""
    try:
        return inspect.getfile(kind)
    except (TypeError, OSError):
        return ''
