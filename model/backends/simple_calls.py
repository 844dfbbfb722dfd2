"""Calls to an object of somebody's class (:mod:`.client`): what it returned, checked, or an error that says it."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from lib.errors import BadReply, ConfigError, NotFound, WireError
from lib.masking import secrets_of
from lib.words import said
from model.backends import simple_rows
from model.backends import simple_values as values
from model.backends.simple_class import methods
from model.backends.simple_rows import Torrent
from model.backends.simple_values import Returned
from model.backends.simple_worker import Worker

T = TypeVar('T')

#: Seconds for which free space, limits and version are taken as they were.
FACTS_AGE = 30.0


@dataclass(frozen=True, slots=True)
class ClientFacts:
    """What hardly changes, and when it was asked for."""

    at: float = float('-inf')
    version: str | None = None
    free_space: int | None = None
    limits: Mapping[str, int | None] | None = None
    directory: str = ''


class Calls:
    """The object of one client. All of it happens in the one thread of its worker.

    :param kind: the class; ``options`` is what it is made with.
    :param timeout: seconds for each call.
    :raises ConfigError: it cannot be made. What could not connect is tried again at each call.
    """

    def __init__(self, name: str, kind: type, options: Mapping[str, Any], timeout: float) -> None:
        self.name, self.kind, self.has = name, kind.__name__, methods(kind)
        self._class, self._options = kind, dict(options)
        self._object: Any = None
        self._own: dict[str, str] = {}  # our form of a hash -> the class's
        self._facts = ClientFacts()
        try:
            source = inspect.getfile(kind)
        except (TypeError, OSError):
            source = ''
        self.worker = Worker(name, self.kind, timeout, secrets_of(self._options), source)
        self._make_early()

    def _make_early(self) -> None:
        try:
            self.worker.run('__init__', self._made)
        except BadReply as error:
            raise ConfigError(
                f'The client “{self.name}” cannot be made: {error} Look at its options in config.py.'
            ) from error
        except WireError:
            pass  # what it connects to may come up later; who looks at the list sees why not

    def _made(self) -> Any:
        if self._object is None:
            self._object = self._class(**self._options)
        return self._object

    def call(
        self, method: str, *args: Any, read: Callable[[Any, Returned], T], shown: str = '', **named_args: Any
    ) -> T:
        """What a method of the class returned, read in its own thread."""
        told = Returned(self.name, f'{self.kind}.{method}({shown})')

        def call() -> T:
            return read(getattr(self._made(), method)(*args, **named_args), told)

        return self.worker.run(method, call)

    def torrents(self) -> list[Torrent]:
        """All torrents; those that went while they were asked for are left out."""
        rests = 'start' not in self.has
        if 'list_torrents' in self.has:
            found = self.call('list_torrents', read=partial(simple_rows.torrents, rests_started=rests))
        else:
            found = [torrent for own in self.hashes() if (torrent := self._told(own)) is not None]
        self._own = {torrent.row[0]: torrent.own for torrent in found}
        return found

    def hashes(self) -> list[str]:
        """The info hashes, as the class writes them."""
        return self.call('list', read=values.hashes)

    def _told(self, own: str) -> Torrent | None:
        """One torrent; None where it is not there (any more)."""
        try:
            found = self.call('get_torrent', own, read=self._read, shown=f"'{own[:8]}…'")
        except NotFound:
            return None
        except WireError as error:
            # A KeyError says that it went, or that the class has a mistake: its own list says which.
            cause = error.__cause__
            if isinstance(cause, LookupError) and own.upper() not in map(str.upper, self.hashes()):
                return None
            raise
        if found is not None and found.own.upper() != own.upper():
            told = Returned(self.name, f"{self.kind}.get_torrent('{own[:8]}…')")
            raise told.refused(found.own, 'return the torrent that was asked for.', "'hash'")
        return found

    def _read(self, value: object, told: Returned) -> Torrent | None:
        if value is None:
            return None
        return simple_rows.torrent(value, told, rests_started='start' not in self.has)

    def one(self, info_hash: str) -> Torrent:
        """:raises NotFound: the class does not have it."""
        found = self._told(self._name_of(info_hash))
        if found is None:
            raise missing(info_hash)
        return found

    def _name_of(self, info_hash: str) -> str:
        """The hash as the class writes it."""
        own = self._own.get(info_hash) or next(
            (own for own in self.hashes() if own.upper() == info_hash), None
        )
        if own is None:
            raise missing(info_hash)
        return own

    def pair(self, method: str) -> dict[str, int | None]:
        """What ``rates`` or ``limits`` say; None for what they do not tell."""

        def read(value: object, told: Returned) -> dict[str, int | None]:
            if not isinstance(value, Mapping):
                raise told.refused(value, "return {'down': …, 'up': …}.")
            return {
                key: None if value.get(key) is None else values.number(value[key], told, repr(key))
                for key in ('down', 'up')
            }

        return self.call(method, read=read)

    def facts(self, *, fresh: bool = False) -> ClientFacts:
        """What hardly changes, asked for now and then."""
        if fresh or time.monotonic() - self._facts.at > FACTS_AGE:
            self._facts = ClientFacts(
                time.monotonic(),
                self._fact('version', values.text),
                self._fact('free_space', values.number),
                self.pair('limits') if 'limits' in self.has else None,
                self._fact('directory', values.text) or '',
            )
        return self._facts

    def _fact(self, method: str, check: Callable[[object, Returned, str], T]) -> T | None:
        if method not in self.has:
            return None

        def read(value: object, told: Returned) -> T | None:
            return None if value is None else check(value, told, '')

        return self.call(method, read=read)

    def parts(self, method: str, info_hash: str, read: Callable[[int, object, Returned], T]) -> list[T]:
        """The parts of a torrent that is there; none where the class does not tell."""
        if method not in self.has:
            return []

        def all_of(value: object, told: Returned) -> list[T]:
            return [read(at, item, told) for at, item in enumerate(values.items(value, told))]

        own = self._name_of(info_hash)
        return self.call(method, own, read=all_of, shown=f"'{own[:8]}…'")


def missing(info_hash: str) -> NotFound:
    """The error that says that a client does not have a torrent."""
    return NotFound(said('There is no torrent %(info_hash)s in this client (any more).', info_hash=info_hash))
