"""What is in a view. rTorrent's own views are tests on rows; a user's is asked for, by one thread, now and then."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lib.errors import NotFound
from model.fields import AT, Row
from model.poller import TargetState

if TYPE_CHECKING:
    from model.hub import Hub

#: Seconds for which what is in a user's view is taken as it was.
AGE = 3.0
#: User's views that are remembered; addresses may name any number that do not exist.
MOST = 32

_STATE, _COMPLETE, _ACTIVE, _HASHING = AT['state'], AT['complete'], AT['is_active'], AT['hashing']
_TARGET, _HASH = AT['target'], AT['hash']

#: Says what is in a view; None where that is everything. Another object is another answer.
InView = Callable[[Row], bool] | None

#: Views that every rTorrent has, and what is in them.
BUILTIN: dict[str, InView] = {
    'main': None,
    'started': lambda row: bool(row[_STATE]),
    'stopped': lambda row: not row[_STATE],
    'complete': lambda row: bool(row[_COMPLETE]),
    'incomplete': lambda row: not row[_COMPLETE],
    'seeding': lambda row: bool(row[_STATE] and row[_COMPLETE]),
    'leeching': lambda row: bool(row[_STATE] and not row[_COMPLETE]),
    'active': lambda row: bool(row[_ACTIVE]),
    'hashing': lambda row: bool(row[_HASHING]),
}


def names(states: Iterable[TargetState]) -> list[str]:
    """The views that the clients have, in order."""
    return list(dict.fromkeys(view for state in states if state.globals for view in state.globals.views))


@dataclass
class _Own:
    """A user's view: the info hashes in it by client, as they were last told."""

    members: dict[str, frozenset[str]] = field(default_factory=dict)
    test: InView = None
    missing: NotFound | None = None
    asked: float = 0.0
    busy: threading.Lock = field(default_factory=threading.Lock)


class Views:
    """The views of a hub's clients."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._own: OrderedDict[str, _Own] = OrderedDict()
        self._lock = threading.Lock()

    def test(self, view: str) -> InView:
        """What is in the view. Waits for the clients at the first look at a user's own view only.

        :raises NotFound: no client that answers has it.
        """
        if view in BUILTIN:
            return BUILTIN[view]
        own = self._entry(view)
        if not own.asked:
            with own.busy:
                if not own.asked:
                    self._ask(view, own)
        elif time.monotonic() - own.asked > AGE and own.busy.acquire(blocking=False):
            self._ask_beside(view, own)
        if own.missing:
            raise NotFound(*own.missing.args)
        return own.test

    def _entry(self, view: str) -> _Own:
        with self._lock:
            own = self._own.setdefault(view, _Own())
            self._own.move_to_end(view)
            while len(self._own) > MOST:
                self._own.popitem(last=False)
            return own

    def _ask_beside(self, view: str, own: _Own) -> None:
        try:
            threading.Thread(target=self._ask_again, args=(view, own), name='view', daemon=True).start()
        except RuntimeError:  # no room for one more thread: the next look tries again
            own.busy.release()

    def _ask_again(self, view: str, own: _Own) -> None:
        try:
            self._ask(view, own)
        finally:
            own.busy.release()

    def _ask(self, view: str, own: _Own) -> None:
        answers = self._hub.each(self._hub.backends, lambda backend: backend.members(view))
        told: dict[str, frozenset[str]] = {}
        for answer in answers:
            if answer.value is not None:
                told[answer.name] = answer.value
            elif not isinstance(answer.error, NotFound) and answer.name in own.members:
                told[answer.name] = own.members[answer.name]  # as it was when the client last answered
        missing = next((answer.error for answer in answers if isinstance(answer.error, NotFound)), None)
        own.missing = missing if not told else None
        if own.test is None or told != own.members:
            own.members, own.test = told, _member_test(told)
        own.asked = time.monotonic()


def _member_test(members: dict[str, frozenset[str]]) -> InView:
    nobody: frozenset[str] = frozenset()
    return lambda row: row[_HASH] in members.get(row[_TARGET], nobody)
