"""A torrent as :class:`model.manager.Manager` hands it out: dTorrent's attributes, in Python's manner."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any

from model.backends.base import FileRow
from model.fields import COLUMNS, Row

#: Asks a client for the files of a torrent, by server and info hash.
AskFiles = Callable[[str, str], list[FileRow]]

# Of these our attributes are made, or they mean nothing outside of this process; the others are in ``extra``.
_OWN = frozenset(
    ('id', 'target', 'hash', 'name', 'is_active', 'completed_bytes', 'up_total', 'size_bytes', 'progress')
) | {'ratio', 'complete'}


@dataclasses.dataclass(frozen=True)
class Torrent:
    """A torrent as it was when it was asked for, or when something happened to it.

    :ivar server: the name of the client it is in.
    :ivar hash: its info hash, 40 hexadecimal digits in upper case.
    :ivar active: whether it is ready to upload or download: started and not paused.
    :ivar downloaded: bytes of its data that are there.
    :ivar uploaded: bytes that were sent to others.
    :ivar length: bytes of all its data.
    :ivar path: the usual name of its .torrent file; where its data lies is ``extra['base_path']``.
    :ivar progress: how much of the data is there, 0 to 1.
    :ivar ratio: uploaded to downloaded; None where the client does not say.
    :ivar finished: whether all its data is there.
    :ivar playing: whether bytes move right now.
    :ivar extra: everything else that lists show, by the names of :doc:`query`: ``status``, ``label``, ``directory`` …
    """

    server: str
    hash: str
    name: str
    active: bool
    downloaded: int
    uploaded: int
    length: int
    path: str
    progress: float
    ratio: float | None
    finished: bool
    playing: bool
    extra: Mapping[str, Any]
    _ask: AskFiles = dataclasses.field(repr=False, compare=False)

    @cached_property
    def files(self) -> list[FileRow]:
        """Its files. The client is asked once, when this is first looked at.

        :raises WireError: the client does not answer.
        :raises NotFound: it does not have the torrent any more.
        """
        return self._ask(self.server, self.hash)

    def as_dict(self) -> dict[str, Any]:
        """All but the files, as JSON can hold it."""
        names = [field.name for field in dataclasses.fields(self) if not field.name.startswith('_')]
        return {name: getattr(self, name) for name in names} | {'extra': dict(self.extra)}


def torrent_of(values: Mapping[str, Any], ask: AskFiles) -> Torrent:
    """The torrent with these values of :data:`model.fields.COLUMNS` by key; what is missing counts as unknown."""
    name, ratio = str(values.get('name') or ''), values.get('ratio')
    return Torrent(
        server=values['target'],
        hash=values['hash'],
        name=name,
        active=bool(values.get('is_active')),
        downloaded=values.get('completed_bytes') or 0,
        uploaded=values.get('up_total') or 0,
        length=values.get('size_bytes') or 0,
        path=f'{name}.torrent',
        progress=values.get('progress') or 0.0,
        ratio=None if ratio is None else ratio / 1000,
        finished=bool(values.get('complete')),
        playing=bool(values.get('down_rate') or values.get('up_rate')),
        extra=MappingProxyType({key: value for key, value in values.items() if key not in _OWN}),
        _ask=ask,
    )


def values_of(row: Row) -> dict[str, Any]:
    """A row of the snapshot by the keys of its columns."""
    return {field.key: value for field, value in zip(COLUMNS, row, strict=True)}
