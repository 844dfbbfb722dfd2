"""Transmission as a backend, through its JSON-RPC: version 3.00 and later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lib.errors import NotFound
from lib.wire.transmission import Link
from lib.words import said
from model.backends import transmission_adding, transmission_facts, transmission_settings, transmission_verbs
from model.backends import transmission_detail as details
from model.backends import transmission_rows as rows
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
    Pieces,
    TrackerRow,
    Watch,
)
from model.backends.transmission_watch import TransmissionWatch
from model.fields import Row

TIMEOUT = 30.0  # seconds for an answer
VIEWS = ('main',)
CAPABILITIES = frozenset(
    {
        'start',
        'stop',
        'pause',
        'resume',
        'check',
        'announce',
        'erase',
        'label',
        'priority',
        'directory',
        'file_priority',
        'add',
        'magnet',
        'settings',
        'encryption',
        'add_directory',
        'files',
        'peers',
        'trackers',
        'pieces',
        'start_now',
        'erase_data',
        'move',
        'rename',
        'queue',
        'limits',
    }
)


class TransmissionBackend(Backend):
    """A Transmission behind its RPC address.

    :param url: ``http://host:9091/transmission/rpc`` or ``https://…``; without a path the usual one is meant.
    :param user: the name to log in with, ``''`` where none is needed.
    :param timeout: seconds for an answer.
    :raises ConfigError: the URL is wrong.
    """

    kind = 'transmission'
    choices = transmission_settings.CHOICES

    def __init__(
        self, name: str, *, url: str, user: str = '', password: str = '', timeout: float = TIMEOUT
    ) -> None:
        self.name = name
        self.capabilities = CAPABILITIES
        self.link = Link(url, target=name, user=user, password=password, timeout=timeout)

    def views(self) -> list[str]:
        return list(VIEWS)

    def rows(self, view: str = 'main') -> list[Row]:
        if view not in ('', *VIEWS):
            raise NotFound(said('%(value)s has no view “%(view)s”.', value=self.name, view=view[:100]))
        return [rows.row(known, live) for _, known, live in rows.read(self.link)]

    def globals(self) -> Globals:
        return transmission_facts.globals_of(transmission_facts.read(self.link))

    def overview(self, view: str = 'main') -> Overview:
        """In three requests or four: its list, its settings and its totals are asked for one by one."""
        return Overview(self.rows(view), self.globals(), view or 'main')

    def watch(self) -> Watch:
        return TransmissionWatch(self.link)

    def row(self, info_hash: str) -> Row:
        return details.row(self.link, info_hash)

    def detail(self, info_hash: str) -> Detail:
        return details.detail(self.link, info_hash)

    def facts(self, info_hash: str) -> Facts:
        return details.facts(self.link, info_hash)

    def files(self, info_hash: str) -> list[FileRow]:
        return details.files(self.link, info_hash)

    def peers(self, info_hash: str) -> list[PeerRow]:
        return details.peers(self.link, info_hash)

    def trackers(self, info_hash: str) -> list[TrackerRow]:
        return details.trackers(self.link, info_hash)

    def pieces(self, info_hash: str) -> Pieces:
        return details.pieces(self.link, info_hash)

    def perform(self, verb: str, hashes: Sequence[str], args: Mapping[str, Any]) -> list[Outcome]:
        return transmission_verbs.perform(self.link, verb, hashes, args)

    def add(self, request: AddRequest) -> Added:
        return transmission_adding.add(self.link, request)

    def settings(self) -> dict[str, Any]:
        return transmission_settings.read(self.link)

    def set_settings(self, values: Mapping[str, Any]) -> None:
        transmission_settings.write(self.link, values)

    def encryption(self) -> EncryptionState:
        return transmission_settings.encryption(self.link)

    def set_encryption(self, words: Sequence[str]) -> None:
        transmission_settings.set_encryption(self.link, words)
