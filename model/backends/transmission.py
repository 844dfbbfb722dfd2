"""Transmission as a backend, through its JSON-RPC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lib.errors import ConnectError
from lib.words import said
from model.backends.base import (
    Added,
    AddRequest,
    Backend,
    Detail,
    EncryptionState,
    Globals,
    Outcome,
    Overview,
)
from model.fields import Row

#: Seconds for an answer.
TIMEOUT = 30.0


class TransmissionBackend(Backend):
    """A Transmission behind its RPC address.

    :param url: ``http://host:9091/transmission/rpc`` or ``https://…``, without name and password.
    :param user: the name to log in with, ``''`` where none is needed.
    :param timeout: seconds for an answer.
    """

    kind = 'transmission'

    def __init__(
        self, name: str, *, url: str, user: str = '', password: str = '', timeout: float = TIMEOUT
    ) -> None:
        self.name = name
        self.capabilities = frozenset[str]()
        self._url, self._login, self._timeout = url, (user, password), timeout

    def _unreachable(self) -> ConnectError:
        return ConnectError(said('%(name)s cannot be asked yet.', name=self.name), target=self.name)

    def views(self) -> list[str]:
        return ['main']

    def rows(self, view: str = 'main') -> list[Row]:
        raise self._unreachable()

    def globals(self) -> Globals:
        raise self._unreachable()

    def overview(self, view: str = 'main') -> Overview:
        raise self._unreachable()

    def detail(self, info_hash: str) -> Detail:
        raise self._unreachable()

    def row(self, info_hash: str) -> Row:
        raise self._unreachable()

    def perform(self, verb: str, hashes: Sequence[str], args: Mapping[str, Any]) -> list[Outcome]:
        raise self._unreachable()

    def add(self, request: AddRequest) -> Added:
        raise self._unreachable()

    def settings(self) -> dict[str, Any]:
        raise self._unreachable()

    def set_settings(self, values: Mapping[str, Any]) -> None:
        raise self._unreachable()

    def encryption(self) -> EncryptionState:
        raise self._unreachable()

    def set_encryption(self, words: Sequence[str]) -> None:
        raise self._unreachable()
