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
)
from model.backends.kinds import Kind
from model.backends.simple_values import MAX_ITEMS, MOST, Returned, clean
from model.encryption import KNOWN as STYLES
from model.fields import INDEX, Row
from model.settingtable import BY_KEY

T = TypeVar('T')
MAX_FACTS = 2000  # values in all beyond the row of a torrent
_MAX_DEPTH = 4
_TEXT = Kind('', str)
_BYTES_FREE = Kind('', int, none=True)
STATES = ('done', 'failed', 'unknown')
_SETTING_KINDS = {'flag': bool, 'choice': str, 'ports': str, 'text': str}


def _items(found: object, told: Returned, what: str = '') -> list[Any]:
    """A list, and not too long a one."""
    if not isinstance(found, list):
        raise told.refused(found, 'it has to be a list.', what)
    if len(found) > MAX_ITEMS:
        raise told.error(
            f'returned {len(found):,} {what or "items"}; {MAX_ITEMS:,} are the most there may be.'
        )
    return list.copy(found)


def _texts(found: object, told: Returned, what: str) -> Iterator[str]:
    for at, each in enumerate(_items(found, told, what)):
        yield one(each, _TEXT, told, f'{what}[{at}]')


def one(found: object, kind: Kind, told: Returned, what: str) -> Any:
    """A single value."""
    if not kind.takes(found):
        raise told.refused(found, kind.words, what)
    return kind.plain(found)


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
    return [kinds.row(row, told, f'rows[{at}]') for at, row in enumerate(_items(found, told, 'rows'))]


def members(found: object, told: Returned) -> frozenset[str]:
    if not isinstance(found, frozenset) or not all(isinstance(each, str) for each in found):
        raise told.refused(found, 'return a frozenset of info hashes.')
    return found


def all_globals(found: object, told: Returned) -> Globals:
    taken: Globals = kinds.whole(found, Globals, kinds.GLOBALS, told, 'globals')
    return taken


def overview(found: object, told: Returned) -> Overview:
    answer = _of(found, Overview, told)
    return Overview(
        rows(answer.rows, told), all_globals(answer.globals, told), one(answer.view, _TEXT, told, 'view')
    )


def changes(found: object, told: Returned) -> Changes:
    """What changed since the last tick."""
    answer = _of(found, Changes, told)
    if not isinstance(answer.gone, tuple) or not all(isinstance(each, str) for each in answer.gone):
        raise told.refused(answer.gone, 'it has to be a tuple of info hashes.', 'gone')
    return Changes(
        _rows(answer.rows, told),  # one that is told twice is as it was told last
        all_globals(answer.globals, told),
        answer.gone,
        one(answer.whole, Kind('', bool), told, 'whole'),
        one(answer.more, Kind('', bool), told, 'more'),
        one(answer.directory, Kind('', str, none=True), told, 'directory'),
    )


def free_space(number: int) -> Callable[[object, Returned], list[int | None]]:
    """A reader of bytes free on so many disks."""

    def read(found: object, told: Returned) -> list[int | None]:
        items = _items(found, told)
        if len(items) != number:
            raise told.error(f'returned {len(items)} numbers for {number} torrents; return one for each.')
        return [one(each, _BYTES_FREE, told, f'[{at}]') for at, each in enumerate(items)]

    return read


def _of(found: object, kind: type[T], told: Returned) -> T:
    if not isinstance(found, kind):
        raise told.refused(found, f'return {kinds.article(kind)}.')
    return found


# one torrent


def row(found: object, told: Returned) -> Row:
    return kinds.row(found, told)


def facts(found: object, told: Returned) -> Facts:
    answer = _of(found, Facts, told)
    return Facts(kinds.row(answer.row, told), extra(answer.extra, told))


def detail(found: object, told: Returned) -> Detail:
    answer = _of(found, Detail, told)
    return Detail(
        kinds.row(answer.row, told),
        files(answer.files, told),
        peers(answer.peers, told),
        trackers(answer.trackers, told),
        extra(answer.extra, told),
    )


def asked(info_hash: str, read: Callable[[object, Returned], Any]) -> Callable[[object, Returned], Any]:
    """A reader of the row, facts or detail of this torrent."""

    def checked(found: object, told: Returned) -> Any:
        taken = read(found, told)
        got = taken[INDEX['hash']] if isinstance(taken, tuple) else taken.row[INDEX['hash']]
        if got != info_hash:
            raise told.refused(got, f'return the torrent that was asked for, {info_hash}.', 'the hash')
        return taken

    return checked


def files(found: object, told: Returned) -> list[FileRow]:
    """Files, by index, below the torrent's directory."""
    taken = _parts(found, FileRow, kinds.FILE, told, 'files')
    _by_index(taken, told, 'files')
    for at, file in enumerate(taken):
        if file.path.startswith('/') or '..' in file.path.split('/'):
            raise told.refused(file.path, 'a path lies below the torrent’s directory.', f'files[{at}].path')
    return taken


def peers(found: object, told: Returned) -> list[PeerRow]:
    return _parts(found, PeerRow, kinds.PEER, told, 'peers')


def trackers(found: object, told: Returned) -> list[TrackerRow]:
    """Trackers, by index."""
    taken = _parts(found, TrackerRow, kinds.TRACKER, told, 'trackers')
    _by_index(taken, told, 'trackers')
    return taken


def _parts(found: object, kind: type[T], table: Sequence[Kind], told: Returned, what: str) -> list[T]:
    items = _items(found, told, what)
    return [kinds.whole(each, kind, table, told, f'{what}[{at}]') for at, each in enumerate(items)]


def _by_index(taken: Sequence[Any], told: Returned, what: str) -> None:
    """Verbs say by its index which one is meant."""
    for at, each in enumerate(taken):
        if each.index != at:
            raise told.refused(each.index, f'count from 0; here it has to be {at}.', f'{what}[{at}].index')


def pieces(found: object, told: Returned) -> Pieces:
    """Pieces, of which no more are there than there are."""
    taken: Pieces = kinds.whole(found, Pieces, kinds.PIECES, told, 'pieces')
    if taken.done > taken.count:
        raise told.error(
            f'returned {taken.done} of {taken.count} pieces as done; there cannot be more than all.'
        )
    if taken.bits is not None and len(taken.bits) != -(-taken.count // 8):
        raise told.error(
            f'returned {len(taken.bits)} bytes of bits for {taken.count} pieces; return one bit for each, filled up '
            'to whole bytes.'
        )
    return taken


def extra(found: object, told: Returned) -> dict[str, Any]:
    """Facts beyond the row: what JSON has, and not too much of it."""
    if not isinstance(found, dict):
        raise told.refused(found, 'it has to be a dict.', 'extra')
    taken: dict[str, Any] = _plain(found, told, 'extra', iter(range(MAX_FACTS)), _MAX_DEPTH)
    for key, kind in kinds.FACTS.items():
        one(taken.get(key), kind, told, f'extra[{key!r}]')
    return taken


def _plain(found: Any, told: Returned, what: str, left: Iterator[int], depth: int) -> Any:
    """A value as JSON has it; ``left`` runs out where there are too many."""
    if next(left, None) is None or not depth:
        raise told.error(f'returned more than {MAX_FACTS:,} values in extra, or too deep ones; return fewer.')
    if isinstance(found, str):
        return clean(found)
    if found is None or isinstance(found, bool) or _is_number(found):
        return found
    if isinstance(found, dict):
        return {
            one(key, _TEXT, told, f'a key of {what}'): _plain(
                each, told, f'{what}[{clean(key)[:40]!r}]', left, depth - 1
            )
            for key, each in dict.items(found)
        }
    if isinstance(found, list | tuple):
        return [_plain(each, told, f'{what}[{at}]', left, depth - 1) for at, each in enumerate(found)]
    raise told.refused(
        found, 'it has to be a text, a number, True, False, None, or a list or dict of such.', what
    )


def _is_number(found: object) -> bool:
    return type(found) in (int, float) and isinstance(found, int | float) and -MOST <= found <= MOST


# what was done


def outcomes(verb: str, target: str, hashes: Sequence[str]) -> Callable[[object, Returned], list[Outcome]]:
    """A reader of what became of a verb: one outcome for each hash, in order."""

    def read(found: object, told: Returned) -> list[Outcome]:
        items = _items(found, told)
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
    return Outcome(*of, found.state, found.error, one(found.note, _TEXT, told, f'{what}.note'))


def added(info_hash: str) -> Callable[[object, Returned], Added]:
    """A reader of what was added."""

    def read(found: object, told: Returned) -> Added:
        answer = _of(found, Added, told)
        if answer.hash != info_hash:
            raise told.refused(answer.hash, f'it has to be that of the request, {info_hash}.', 'hash')
        warnings = (
            _texts(list(answer.warnings), told, 'warnings') if isinstance(answer.warnings, tuple) else None
        )
        if warnings is None:
            raise told.refused(answer.warnings, 'it has to be a tuple of texts.', 'warnings')
        existed = one(answer.existed, Kind('', bool), told, 'existed')
        return Added(info_hash, one(answer.name, _TEXT, told, 'name'), existed, tuple(warnings))

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
    return one(value, Kind(key, kind, low=-1 if kind is int else 0), told, f'settings[{key!r}]')


def encryption(found: object, told: Returned) -> EncryptionState:
    """A policy in words that there are."""
    answer = _of(found, EncryptionState, told)
    known = STYLES.get(answer.style) if isinstance(answer.style, str) else None
    if known is None:
        raise told.refused(answer.style, f'it has to be one of {", ".join(STYLES)}.', 'style')
    if not isinstance(answer.words, tuple) or not set(answer.words) <= set(known):
        raise told.refused(answer.words, f'it has to be a tuple of words of {", ".join(known)}.', 'words')
    return EncryptionState(
        answer.style, answer.words, one(answer.confirmed, Kind('', str, none=True), told, 'confirmed')
    )


def nothing(found: object, told: Returned) -> None:
    """Of a method whose answer says nothing."""


def choices(found: object) -> bool:
    """Whether these are the words a client takes for some settings."""
    return isinstance(found, Mapping) and all(
        key in BY_KEY and isinstance(words, tuple) and all(isinstance(word, str) for word in words)
        for key, words in found.items()
    )
