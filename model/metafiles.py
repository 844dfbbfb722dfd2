"""The file list of a .torrent file: names and lengths, checked so that no two files can meet on disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lib.bencode import Value
from lib.errors import TooLarge, UsageError
from lib.texts import CONTROL, REPLACEMENT
from lib.words import N_, named, said
from model.trackerurl import brief

MAX_FILES = 100_000
MAX_PART = 255  # bytes, Linux' NAME_MAX
MAX_PATH = 4000  # bytes; leaves room for the directory below Linux' PATH_MAX


@dataclass(frozen=True, slots=True)
class File:
    """One file of a torrent.

    :ivar path: the names from the torrent's directory to the file, for display; for a single file, its name.
    :ivar raw: the same, exact; ``os.fsdecode`` makes names of them that the file system knows.
    :ivar size: in bytes.
    """

    path: tuple[str, ...]
    raw: tuple[bytes, ...]
    size: int


def read_files(info: dict[bytes, Value], max_files: int = MAX_FILES) -> tuple[bytes, bool, tuple[File, ...]]:
    """Read and check the names and lengths in an ``info`` dictionary.

    :return: the torrent's name, whether it is a directory, and the files.
    :raises UsageError: a name or length is malformed, or two files would meet.
    :raises TooLarge: there are more than ``max_files``.
    """
    name = info.get(b'name')
    for key, variant in info.items():
        # rTorrent may be set up to prefer a name in another encoding, so each must stand the test.
        if key == b'name' or key.startswith(b'name.'):
            _check_part(variant, said('its “%(key)s”', key=shown(key)))
    if not isinstance(name, bytes):
        raise _wrong('it has no name')
    if (b'length' in info) == (b'files' in info):
        raise _wrong('it must have either “length” or “files”')
    if b'length' in info:
        return name, False, (_file((name,), info[b'length']),)
    return name, True, _read_list(info[b'files'], max_files)


def text_of(raw: bytes) -> str:
    """Foreign bytes as text for display: what is no text is replaced, one character for one."""
    return CONTROL.sub(REPLACEMENT, raw.decode(errors='replace'))


def has_control(raw: bytes) -> bool:
    """Whether a name holds control characters."""
    return CONTROL.search(raw.decode(errors='replace')) is not None


def shown(name: bytes | str) -> str:
    """A foreign name made fit for a sentence."""
    return brief(name if isinstance(name, str) else text_of(name[:400]))


def _read_list(entries: Value, max_files: int) -> tuple[File, ...]:
    if not isinstance(entries, list) or not entries:
        raise _wrong('its list of files is empty or not a list')
    if len(entries) > max_files:
        raise TooLarge(
            said(
                'The torrent lists %(count)s files; at most %(max_files)s are accepted.',
                count=f'{len(entries):,}',
                max_files=f'{max_files:,}',
            ),
            field='torrent',
        )
    files: list[File] = []
    every: list[tuple[tuple[bytes, ...], ...]] = []
    for entry in entries:
        if not isinstance(entry, dict):
            raise _wrong('its list of files holds something that is not a file')
        variants = tuple(_variants(entry))
        files.append(_file(_parts(entry.get(b'path')), entry.get(b'length')))
        every.append(variants)
    _check_meetings(every)
    return tuple(files)


def _variants(entry: dict[bytes, Value]) -> Iterator[tuple[bytes, ...]]:
    """Every path that a client may choose for this file: ``path``, ``path.utf-8``, ..."""
    seen = set()
    for key, value in entry.items():
        if key == b'path' or (key.startswith(b'path.') and isinstance(value, list)):
            parts = _parts(value)
            if parts not in seen:
                seen.add(parts)
                yield parts


def _parts(value: Value | None) -> tuple[bytes, ...]:
    if not isinstance(value, list) or not value:
        raise _wrong('one of its files has no path')
    parts: list[bytes] = []
    for part in value:
        parts.append(_check_part(part, N_('a file’s path')))
    if sum(map(len, parts)) + len(parts) > MAX_PATH:
        raise _wrong(said('a file’s path is longer than %(max_path)s bytes', max_path=MAX_PATH))
    return tuple(parts)


def _check_part(part: Value, where: str) -> bytes:
    if not isinstance(part, bytes) or not part:
        raise _wrong(said('%(where)s is empty or not text, or has an empty part', where=named(where)))
    if part in (b'.', b'..') or b'/' in part or b'\0' in part:
        raise _wrong(
            said(
                '%(where)s contains “%(shown)s”, which is no name of a file',
                where=named(where),
                shown=shown(part),
            )
        )
    if len(part) > MAX_PART:
        raise _wrong(
            said(
                '%(where)s contains “%(shown)s”, longer than %(max_part)s bytes',
                where=named(where),
                shown=shown(part),
                max_part=MAX_PART,
            )
        )
    return part


def _file(parts: tuple[bytes, ...], length: Value | None) -> File:
    if not isinstance(length, int) or length < 0:
        raise _wrong(said('“%(shown)s” has no valid length', shown=shown(b'/'.join(parts))))
    return File(tuple(map(text_of, parts)), parts, length)


def _check_meetings(every: Iterable[tuple[tuple[bytes, ...], ...]]) -> None:
    """Refuse a path that two files share, and a file that is also another one's directory."""
    owner: dict[tuple[bytes, ...], int] = {}
    directories: set[tuple[bytes, ...]] = set()
    for number, variants in enumerate(every):
        for path in variants:
            if owner.setdefault(path, number) != number:
                raise _wrong(
                    said(
                        'it lists the file “%(shown)s” twice, which would end rTorrent',
                        shown=shown(b'/'.join(path)),
                    )
                )
            directories.update(path[:depth] for depth in range(1, len(path)))
    for path in owner:
        if path in directories:
            raise _wrong(
                said(
                    '“%(shown)s” is both a file and a directory, which would end rTorrent',
                    shown=shown(b'/'.join(path)),
                )
            )


def _wrong(what: str) -> UsageError:
    return UsageError(said('This .torrent file cannot be used: %(what)s.', what=named(what)), field='torrent')
