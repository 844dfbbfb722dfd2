"""A backend in memory that can do all there is and keeps every promise, for taking one of them away at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from model.backends.base import CAPABILITIES, EncryptionState, Outcome, Pieces
from model.backends.simple import SimpleBackend
from model.fields import INDEX
from tests.backends.clients import ONE, TWO, Full

_KEYS = {'throttle': 'throttle', 'directory': 'directory', 'move': 'directory', 'rename': 'name'}
_SAME = {'start_now': 'start', 'erase_data': 'erase'}
_OPEN: dict[str, dict[str, Any]] = {
    'open': {'is_open': True},
    'close': {'is_open': False, 'state': False, 'active': False},
    'start': {'is_open': None},
    'stop': {'is_open': None},
}


class Everything(SimpleBackend):
    """:ivar torrents: what the class holds, by its own hashes."""

    def __init__(self) -> None:
        super().__init__('all', Full, {'hashes': [ONE, TWO]})
        self.capabilities = CAPABILITIES
        self.torrents: dict[str, dict[str, Any]] = self._calls._made().torrents

    def perform(self, verb: str, hashes: Sequence[str], args: Mapping[str, Any]) -> list[Outcome]:
        if verb.startswith('queue') or verb == 'limits':
            return [self._noted(verb, each) for each in hashes]
        if verb in _KEYS:
            return [self._noted(verb, each, {_KEYS[verb]: next(iter(args.values()))}) for each in hashes]
        if verb in ('open', 'close'):
            return [self._noted(verb, each, _OPEN[verb]) for each in hashes]
        outcomes = super().perform(_SAME.get(verb, verb), hashes, args)
        if verb in _OPEN:
            for each in hashes:
                self.torrents.get(each.lower(), {}).update(_OPEN[verb])
        return [Outcome(each.target, each.hash, verb, each.state, each.error) for each in outcomes]

    def _noted(self, verb: str, info_hash: str, values: Mapping[str, Any] | None = None) -> Outcome:
        [outcome] = super().perform('announce', [info_hash], {})
        if outcome.ok:
            self.torrents[info_hash.lower()].update(values or {})
        return Outcome(self.name, info_hash, verb, outcome.state, outcome.error)

    def pieces(self, info_hash: str) -> Pieces:
        size = self.row(info_hash)[INDEX['size_bytes']]
        return Pieces(-(-size // 100), 100, 0, bytes(-(-size // 800)))

    def encryption(self) -> EncryptionState:
        return EncryptionState('modes', ('tolerated',), 'tolerated')
