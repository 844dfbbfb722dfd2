"""What a backend of somebody's own answered about one torrent; readers as those in :mod:`.answers`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from model.backends import kinds
from model.backends.base import Detail, Facts, FileRow, PeerRow, Pieces, TrackerRow
from model.backends.kinds import TEXT, Kind
from model.backends.simple_values import MOST, Returned, clean
from model.fields import INDEX, Row

T = TypeVar('T')
MAX_FACTS = 2000  # values in all beyond the row of a torrent
_MAX_DEPTH = 4


def row(found: object, told: Returned) -> Row:
    return kinds.row(found, told)


def facts(found: object, told: Returned) -> Facts:
    answer = kinds.instance(found, Facts, told)
    return Facts(kinds.row(answer.row, told), extra(answer.extra, told))


def facts_of(found: object, told: Returned) -> Facts:
    """The facts in a detail."""
    answer = kinds.instance(found, Detail, told)
    return Facts(kinds.row(answer.row, told), extra(answer.extra, told))


def part(name: str, read: Callable[[object, Returned], T]) -> Callable[[object, Returned], T]:
    """A reader of one part of a detail, of which the others may be wrong."""
    return lambda found, told: read(getattr(kinds.instance(found, Detail, told), name), told)


def detail(found: object, told: Returned) -> Detail:
    answer = kinds.instance(found, Detail, told)
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
    items = kinds.items(found, told, what)
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
        kinds.one(taken.get(key), kind, told, f'extra[{key!r}]')
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
            kinds.one(key, TEXT, told, f'a key of {what}'): _plain(
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
