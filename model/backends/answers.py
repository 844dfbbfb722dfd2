"""What a backend of somebody's own answered, held against :mod:`.base` and made anew of plain values.

Every reader takes what a method returned and :class:`~model.backends.simple_values.Returned`, which says whose and
which; it raises BadReply. All of it may run somebody's code, as an attribute that is a property, and runs where a
mistake in that does no harm (:mod:`.foreign`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from lib.errors import PyroError
from model.backends import kinds
from model.backends.base import (
    Added,
    Changes,
    EncryptionState,
    Globals,
    Outcome,
    Overview,
)
from model.backends.kinds import TEXT, Kind
from model.backends.simple_values import Returned
from model.encryption import KNOWN as STYLES
from model.fields import INDEX, Row
from model.settingtable import BY_KEY

T = TypeVar('T')
_BYTES_FREE = Kind('', int, none=True)
STATES = ('done', 'failed', 'unknown')
_SETTING_KINDS = {'flag': bool, 'choice': str, 'ports': str, 'text': str}


def _texts(found: object, told: Returned, what: str) -> Iterator[str]:
    for at, each in enumerate(kinds.items(found, told, what)):
        yield kinds.one(each, TEXT, told, f'{what}[{at}]')


# the client as a whole


def views(found: object, told: Returned) -> list[str]:
    return list(_texts(found, told, 'views'))


def rows(found: object, told: Returned) -> list[Row]:
    """Rows, each torrent once."""
    taken = _rows(found, told)
    seen: set[str] = set()
    for row in taken:
        if row[INDEX['hash']] in seen:
            raise told.refused(row[INDEX['hash']], 'return each torrent once.', 'twice the hash')
        seen.add(row[INDEX['hash']])
    return taken


def _rows(found: object, told: Returned) -> list[Row]:
    return [kinds.row(row, told, f'rows[{at}]') for at, row in enumerate(kinds.items(found, told, 'rows'))]


def members(found: object, told: Returned) -> frozenset[str]:
    if not isinstance(found, frozenset) or not all(isinstance(each, str) for each in found):
        raise told.refused(found, 'return a frozenset of info hashes.')
    return found


def all_globals(found: object, told: Returned) -> Globals:
    taken: Globals = kinds.whole(found, Globals, kinds.GLOBALS, told, 'globals')
    return taken


def overview(found: object, told: Returned) -> Overview:
    answer = kinds.instance(found, Overview, told)
    return Overview(
        rows(answer.rows, told), all_globals(answer.globals, told), kinds.one(answer.view, TEXT, told, 'view')
    )


def changes(found: object, told: Returned) -> Changes:
    """What changed since the last tick."""
    answer = kinds.instance(found, Changes, told)
    if not isinstance(answer.gone, tuple) or not all(isinstance(each, str) for each in answer.gone):
        raise told.refused(answer.gone, 'it has to be a tuple of info hashes.', 'gone')
    return Changes(
        _rows(answer.rows, told),  # one that is told twice is as it was told last
        all_globals(answer.globals, told),
        answer.gone,
        kinds.one(answer.whole, Kind('', bool), told, 'whole'),
        kinds.one(answer.more, Kind('', bool), told, 'more'),
        kinds.one(answer.directory, Kind('', str, none=True), told, 'directory'),
    )


def free_space(number: int) -> Callable[[object, Returned], list[int | None]]:
    """A reader of bytes free on so many disks."""

    def read(found: object, told: Returned) -> list[int | None]:
        items = kinds.items(found, told)
        if len(items) != number:
            raise told.error(f'returned {len(items)} numbers for {number} torrents; return one for each.')
        return [kinds.one(each, _BYTES_FREE, told, f'[{at}]') for at, each in enumerate(items)]

    return read


# what was done


def outcomes(verb: str, target: str, hashes: Sequence[str]) -> Callable[[object, Returned], list[Outcome]]:
    """A reader of what became of a verb: one outcome for each hash, in order."""

    def read(found: object, told: Returned) -> list[Outcome]:
        items = kinds.items(found, told)
        if len(items) != len(hashes):
            raise told.error(
                f'returned {len(items)} outcomes for {len(hashes)} torrents; return one for each.'
            )
        return [
            _outcome(each, (target, info_hash, verb), told, at)
            for at, (each, info_hash) in enumerate(zip(items, hashes, strict=True))
        ]

    return read


def _outcome(found: object, of: tuple[str, str, str], told: Returned, at: int) -> Outcome:
    what = f'[{at}]'
    if not isinstance(found, Outcome):
        raise told.refused(found, 'it has to be an Outcome.', what)
    for key, wanted in zip(('target', 'hash', 'verb'), of, strict=True):
        if getattr(found, key) != wanted:
            raise told.refused(getattr(found, key), f'it has to be {wanted!r}.', f'{what}.{key}')
    if found.state not in STATES:
        raise told.refused(found.state, f'it has to be {", ".join(STATES)}.', f'{what}.state')
    fits = found.error is None if found.state == 'done' else isinstance(found.error, PyroError)
    if not fits:
        wanted = 'None' if found.state == 'done' else 'an error of lib.errors that says why'
        raise told.refused(
            found.error, f'of one that is {found.state} it has to be {wanted}.', f'{what}.error'
        )
    return Outcome(*of, found.state, found.error, kinds.one(found.note, TEXT, told, f'{what}.note'))


def added(info_hash: str) -> Callable[[object, Returned], Added]:
    """A reader of what was added."""

    def read(found: object, told: Returned) -> Added:
        answer = kinds.instance(found, Added, told)
        if answer.hash != info_hash:
            raise told.refused(answer.hash, f'it has to be that of the request, {info_hash}.', 'hash')
        warnings = (
            _texts(list(answer.warnings), told, 'warnings') if isinstance(answer.warnings, tuple) else None
        )
        if warnings is None:
            raise told.refused(answer.warnings, 'it has to be a tuple of texts.', 'warnings')
        existed = kinds.one(answer.existed, Kind('', bool), told, 'existed')
        return Added(info_hash, kinds.one(answer.name, TEXT, told, 'name'), existed, tuple(warnings))

    return read


# settings


def settings(found: object, told: Returned) -> dict[str, Any]:
    """Settings of :data:`model.settingtable.SETTINGS`, in their order."""
    if not isinstance(found, dict):
        raise told.refused(found, 'return a dict.')
    for key in found:
        if not isinstance(key, str) or key not in BY_KEY:
            raise told.refused(key, 'model.settings.SETTINGS are all there are.', 'the setting')
    return {key: _setting(found[key], key, told) for key in BY_KEY if key in found}


def _setting(value: object, key: str, told: Returned) -> Any:
    kind = _SETTING_KINDS.get(BY_KEY[key].kind, int)
    return kinds.one(value, Kind(key, kind, low=-1 if kind is int else 0), told, f'settings[{key!r}]')


def encryption(found: object, told: Returned) -> EncryptionState:
    """A policy in words that there are."""
    answer = kinds.instance(found, EncryptionState, told)
    known = STYLES.get(answer.style) if isinstance(answer.style, str) else None
    if known is None:
        raise told.refused(answer.style, f'it has to be one of {", ".join(STYLES)}.', 'style')
    if not isinstance(answer.words, tuple) or not set(answer.words) <= set(known):
        raise told.refused(answer.words, f'it has to be a tuple of words of {", ".join(known)}.', 'words')
    return EncryptionState(
        answer.style, answer.words, kinds.one(answer.confirmed, Kind('', str, none=True), told, 'confirmed')
    )


def nothing(found: object, told: Returned) -> None:
    """Of a method whose answer says nothing."""


def choices(found: object) -> bool:
    """Whether these are the words a client takes for some settings."""
    return isinstance(found, Mapping) and all(
        key in BY_KEY and isinstance(words, tuple) and all(isinstance(word, str) for word in words)
        for key, words in found.items()
    )
