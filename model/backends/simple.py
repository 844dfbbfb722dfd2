"""A backend of somebody's class (:mod:`.client`), by way of :mod:`.simple_calls`."""

from __future__ import annotations

import time
import weakref
from collections.abc import Mapping, Sequence
from typing import Any

from lib.errors import BadReply, ConfigError, Conflict, NotFound, PyroError, WireError
from lib.words import named, said
from model.backends import simple_rows
from model.backends.base import (
    Added,
    AddRequest,
    Backend,
    Detail,
    EncryptionState,
    Facts,
    FileRow,
    Globals,
    Outcome,
    Overview,
    PeerRow,
    TrackerRow,
)
from model.backends.client import METHODS, OF_VERB
from model.backends.simple_calls import Calls, missing
from model.backends.simple_class import capabilities, lacking, takes
from model.backends.simple_values import Returned
from model.fields import INDEX, Row

TIMEOUT = 10.0  # seconds for a call
SEEN = 10.0  # seconds for a torrent that was added to be listed
_LOOK = 0.1
_VIEWS = ['main', 'started', 'stopped', 'complete', 'incomplete', 'seeding', 'leeching', 'active', 'hashing']


class SimpleBackend(Backend):
    """A client of the user's own.

    :param kind: the class; see :mod:`.client`.
    :param options: what it is made with.
    :param timeout: seconds for each of its calls.
    :raises ConfigError: it cannot be made, or lacks methods; says which. What could not connect is tried again later.
    """

    def __init__(
        self, name: str, kind: type, options: Mapping[str, Any] | None = None, *, timeout: float = TIMEOUT
    ) -> None:
        wrong = lacking(kind)
        if wrong:
            raise ConfigError(
                f'The client “{name}” cannot be of the class {kind.__name__}: {"; ".join(wrong)}. docs/backends.rst '
                'tells what a class needs.'
            )
        self.name, self.kind = name, kind.__name__
        self.capabilities = capabilities(kind)
        self._class = kind
        self._calls = Calls(name, kind, options or {}, timeout)
        weakref.finalize(self, self._calls.worker.close)

    # reading

    def views(self) -> list[str]:
        return list(_VIEWS)

    def rows(self, view: str = 'main') -> list[Row]:
        if view not in ('', 'main'):
            raise NotFound(said('%(value)s has no view “%(view)s”.', value=self.name, view=view[:100]))
        return [torrent.row for torrent in self._calls.torrents()]

    def globals(self) -> Globals:
        return self._globals([])

    def _globals(self, rows: Sequence[Row]) -> Globals:
        facts = self._calls.facts()
        limits = facts.limits or {}
        rates = self._calls.pair('rates') if 'rates' in self._calls.has else _summed(rows)
        return Globals(
            down_rate=rates['down'],
            up_rate=rates['up'],
            down_limit=limits.get('down'),
            up_limit=limits.get('up'),
            free_space=facts.free_space,
            views=list(_VIEWS),
            client_version=facts.version,
        )

    def overview(self, view: str = 'main') -> Overview:
        rows = self.rows(view)
        return Overview(rows, self._globals(rows), view or 'main')

    def row(self, info_hash: str) -> Row:
        return self._calls.one(info_hash).row

    def facts(self, info_hash: str) -> Facts:
        found = self._calls.one(info_hash)
        comment = found.extra.get('comment')
        extra = {'loaded_file': found.path, 'comment': str(comment or ''), 'custom': dict(found.extra)}
        return Facts(found.row, extra)

    def detail(self, info_hash: str) -> Detail:
        facts = self.facts(info_hash)
        return Detail(
            facts.row,
            self._calls.parts('files', info_hash, simple_rows.file),
            self._calls.parts('peers', info_hash, simple_rows.peer),
            self._calls.parts('trackers', info_hash, simple_rows.tracker),
            facts.extra,
        )

    def files(self, info_hash: str) -> list[FileRow]:
        return self._calls.parts('files', self.row(info_hash)[0], simple_rows.file)

    def peers(self, info_hash: str) -> list[PeerRow]:
        return self._calls.parts('peers', self.row(info_hash)[0], simple_rows.peer)

    def trackers(self, info_hash: str) -> list[TrackerRow]:
        return self._calls.parts('trackers', self.row(info_hash)[0], simple_rows.tracker)

    # writing

    def perform(self, verb: str, hashes: Sequence[str], args: Mapping[str, Any]) -> list[Outcome]:
        there = {own.upper(): own for own in self._calls.hashes()}
        return [self._outcome(verb, info_hash, there.get(info_hash), args) for info_hash in hashes]

    def _outcome(self, verb: str, info_hash: str, own: str | None, args: Mapping[str, Any]) -> Outcome:
        if own is None:
            return Outcome(self.name, info_hash, verb, 'failed', missing(info_hash))
        method = METHODS[OF_VERB[verb]]
        given = [args[name] for name in method.args[1:]]
        try:
            self._calls.call(method.name, own, *given, read=self._did, shown=f"'{own[:8]}…'")
        except WireError as error:
            state = 'unknown' if error.sent and not isinstance(error, BadReply) else 'failed'
            return Outcome(self.name, info_hash, verb, state, error)
        except PyroError as error:
            return Outcome(self.name, info_hash, verb, 'failed', error)
        return Outcome(self.name, info_hash, verb, 'done')

    def _did(self, value: object, told: Returned) -> None:
        if value is False:
            raise Conflict(said('%(name)s says that it could not be done.', name=self.name))

    def add(self, request: AddRequest) -> Added:
        own = next((own for own in self._calls.hashes() if own.upper() == request.info_hash), None)
        if own is not None:
            name = self.row(request.info_hash)[INDEX['name']]
            return Added(request.info_hash, name, existed=True)
        method = 'add_magnet' if request.data is None else 'add_torrent'
        wanted = {'start': request.start, 'label': request.label, 'directory': request.directory}
        taken = takes(self._class, method)
        given: dict[str, Any] = {key: value for key, value in wanted.items() if key in taken}
        what = request.magnet if request.data is None else request.data
        self._calls.call(method, what, read=self._did, **given)
        name = self._await(request)
        return Added(request.info_hash, name, False, self._finish(request, taken))

    def _await(self, request: AddRequest) -> str:
        """The name of what was added, as soon as the class lists it."""
        deadline = time.monotonic() + SEEN
        while True:
            if any(own.upper() == request.info_hash for own in self._calls.hashes()):
                return str(self.row(request.info_hash)[INDEX['name']] or request.name)
            if time.monotonic() >= deadline:
                raise Conflict(
                    said(
                        '%(name)s took the torrent and does not list it; its log may say why.', name=self.name
                    )
                )
            time.sleep(_LOOK)

    def _finish(self, request: AddRequest, taken: frozenset[str]) -> tuple[str, ...]:
        """Do by itself what the method for adding does not take; what failed of it as warnings."""
        rest: list[tuple[str, dict[str, Any]]] = []
        if not request.start and 'start' not in taken:
            rest.append(('stop' if 'stop' in self._calls.has else 'pause', {}))
        if request.label and 'label' not in taken and 'set_label' in self._calls.has:
            rest.append(('label', {'label': request.label}))
        outcomes = [
            outcome for verb, args in rest for outcome in self.perform(verb, [request.info_hash], args)
        ]
        return tuple(outcome.message for outcome in outcomes if not outcome.ok)

    def settings(self) -> dict[str, Any]:
        facts = self._calls.facts(fresh=True)
        limits = facts.limits or {}
        found: dict[str, Any] = {'up_limit': limits.get('up'), 'down_limit': limits.get('down')}
        # A root would open the whole machine to downloads.
        if facts.directory.startswith('/') and facts.directory.strip('/'):
            found['directory'] = facts.directory
        return {key: value for key, value in found.items() if value is not None}

    def set_settings(self, values: Mapping[str, Any]) -> None:
        self._require('settings', 'Settings')
        limits = self._calls.pair('limits')
        down, up = values.get('down_limit', limits['down']), values.get('up_limit', limits['up'])
        self._calls.call('set_limits', down or 0, up or 0, read=self._did)

    def encryption(self) -> EncryptionState:
        raise self._cannot('Encryption policy')

    def set_encryption(self, words: Sequence[str]) -> None:
        raise self._cannot('Encryption policy')

    def _require(self, capability: str, label: str) -> None:
        if capability not in self.capabilities:
            raise self._cannot(label)

    def _cannot(self, label: str) -> Conflict:
        return Conflict(said('%(name)s cannot do “%(label)s”.', name=self.name, label=named(label)))


def _summed(rows: Sequence[Row]) -> dict[str, int | None]:
    """The rates of all torrents together, where they are told."""
    found: dict[str, int | None] = {}
    for key, at in (('down', INDEX['down_rate']), ('up', INDEX['up_rate'])):
        told = [row[at] for row in rows if row[at] is not None]
        found[key] = sum(told) if told else None
    return found
