"""What happened to a client as a whole: whether it answers, and how much space is left where it saves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from model.events import happenings
from model.events.eventlog import Event
from model.events.eventstates import ClientMemory, Known, client_value
from model.poller import TargetState
from model.spaces import Space

SILENCE = 15.0  # seconds without an answer after which a client counts as offline
_ENOUGH = 1.1  # times the limit: with so much space it may become little again


@dataclass(frozen=True, slots=True)
class Note:
    """What there is to write of one torrent, or with hash ``''`` of the client.

    :ivar value: what is kept of it from now on; None where it went. A torrent's becomes a text when it is written: on
        the first look there are as many as there are torrents.
    """

    target: str
    hash: str
    events: Sequence[Event]
    value: Known | str | None


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """How to look.

    :ivar clock: Unix time in seconds.
    :ivar monotonic: seconds that never jump.
    :ivar ratios: those whose reaching is told, in thousandths.
    :ivar stalled_after: seconds; 0 = never.
    :ivar disk_low: bytes; 0 = never.
    :ivar keys: fields whose change is told as ``updated``.
    """

    clock: Callable[[], float]
    monotonic: Callable[[], float]
    ratios: tuple[int, ...] = ()
    stalled_after: float = 0.0
    disk_low: int = 0
    keys: Sequence[str] = happenings.LASTING


class ClientEvents:
    """:param client: what is remembered of it; changed here."""

    def __init__(self, name: str, client: ClientMemory, settings: WatchSettings) -> None:
        self._name = name
        self._client = client
        self._settings = settings
        self._silent: float | None = None  # since when it does not answer
        self._spaces: tuple[Space, ...] = ()

    def look(self, state: TargetState, waiting: float, now: float) -> list[Note]:
        """What happened since the last look.

        :param waiting: seconds for which it has not answered the question under way.
        """
        before = client_value(self._client)
        events = self._answers(state, waiting, now)
        if state.status == 'ok' and self._settings.disk_low:
            events += self._disks(_spaces(state))
        after = client_value(self._client)
        return [Note(self._name, '', events, after)] if events or after != before else []

    def _answers(self, state: TargetState, waiting: float, now: float) -> list[Event]:
        silent = waiting
        if state.status == 'failed':
            self._silent = now if self._silent is None else self._silent
            silent = max(waiting, now - self._silent)
        else:
            self._silent = None
        if not self._client.offline and silent >= SILENCE:
            self._client.offline = True
            return [self._event('offline', state.error.code if state.error else 'timed_out')]
        if self._client.offline and state.status == 'ok' and silent < SILENCE:
            self._client.offline = False
            return [self._event('online')]
        return []

    def _disks(self, spaces: Sequence[Space]) -> list[Event]:
        if spaces == self._spaces:
            return []
        self._spaces = tuple(spaces)
        events, low, limit = [], self._client.low, self._settings.disk_low
        paths = {path for path, _, _ in spaces}
        for path, free, total in spaces:
            if free >= limit * _ENOUGH:
                low.pop(path, None)
            elif free < limit and path not in low:
                # A disk is known by the path most used on it, which may become another.
                known = next(
                    (each for each, size in low.items() if size == total and each not in paths), None
                )
                low.pop(known or '', None)
                low[path] = total
                if known is None:
                    events.append(self._event('disk_low', path, path=path, free=free, total=total))
        return events

    def _event(self, kind: str, detail: str = '', **data: Any) -> Event:
        at = self._settings.clock()
        return Event(0, at, self._name, '', kind, self._name, happenings.brief(detail), data)


def _spaces(state: TargetState) -> tuple[Space, ...]:
    """Those of its disks that are ours to see, else what it says of itself."""
    free = state.globals.free_space if state.globals else None
    return state.spaces or (() if free is None else (('', free, 0),))
