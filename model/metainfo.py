"""Our own check of a .torrent file, made before any client sees it.

Some files end rTorrent when they are loaded, some make it overwrite one file with another, and some carry private
instructions to it. Here everything that a client will read is checked, and what goes on is written anew: the
dictionary around ``info`` without the private keys, ``info`` byte for byte, since its SHA-1 is the torrent's identity.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lib import bencode
from lib.bencode import Member, Value
from lib.errors import TooLarge, UsageError
from lib.words import N_, named, said
from model import metatrackers
from model.metafiles import MAX_FILES, File, has_control, read_files, shown, text_of

MAX_SIZE = 1 << 53  # bytes; beyond it a browser's numbers are not exact
MIN_PIECE = 1 << 10  # bytes; rTorrent refuses this and less
MAX_PIECE = 128 << 20  # bytes; twice what any program makes

#: Keys of the outer dictionary with which rTorrent and its tools talk to themselves.
PRIVATE_KEYS = frozenset({b'libtorrent_resume', b'rtorrent', b'rtorrent_meta_download', b'magnet-uri'})
# The same, and the flag that makes rTorrent take the file for an unresolved magnet link, inside ``info``.
_PRIVATE_INFO_KEYS = PRIVATE_KEYS | {b'meta_download'}


@dataclass(frozen=True, slots=True)
class Metainfo:
    """What a .torrent file says, all of it checked.

    :ivar info_hash: 40 hexadecimal digits in upper case.
    :ivar name: for display; bytes that are not UTF-8 text are replaced. ``raw_name`` is exact.
    :ivar is_multi: whether the content is a directory called ``name``.
    :ivar size: all files together, in bytes.
    :ivar piece_length: in bytes.
    :ivar trackers: the announce URLs, tier by tier.
    :ivar warnings: sentences for the person who adds it.
    :ivar clean: the bytes to hand on.
    """

    info_hash: str
    name: str
    raw_name: bytes
    is_multi: bool
    files: tuple[File, ...]
    size: int
    piece_length: int
    piece_count: int
    private: bool
    trackers: tuple[str, ...]
    comment: str
    warnings: tuple[str, ...]
    clean: bytes


def check(
    data: bytes,
    *,
    max_bytes: int,
    private_trackers: Literal['allow', 'refuse'] = 'allow',
    max_files: int = MAX_FILES,
) -> Metainfo:
    """Check a .torrent file.

    :param data: the file's content.
    :param max_bytes: the most that ``data`` may measure.
    :param private_trackers: whether trackers on private addresses cost a warning or the torrent.
    :param max_files: the most files it may list.
    :raises TooLarge: ``data`` is longer than ``max_bytes``, or it lists too many files.
    :raises UsageError: it is no .torrent file, or one that must not be loaded; says why.
    """
    if len(data) > max_bytes:
        raise TooLarge(
            said(
                'The .torrent file is larger than %(max_bytes)s bytes (MAX_TORRENT_BYTES).',
                max_bytes=f'{max_bytes:,}',
            ),
            field='torrent',
        )
    outer = _members(data)
    member, info = _info(outer)
    raw_name, is_multi, files = read_files(info, max_files)
    size = sum(file.size for file in files)
    piece_length, piece_count = _pieces(info, size)
    trackers = metatrackers.read(outer, private_trackers)
    return Metainfo(
        info_hash=hashlib.sha1(member.raw, usedforsecurity=False).hexdigest().upper(),
        name=text_of(raw_name),
        raw_name=raw_name,
        is_multi=is_multi,
        files=files,
        size=size,
        piece_length=piece_length,
        piece_count=piece_count,
        private=info.get(b'private') == 1,
        trackers=tuple(url for tier in trackers.tiers for url in tier),
        comment=_comment(outer),
        warnings=(*_warnings(info, raw_name, files), *trackers.warnings),
        clean=bencode.joined(_kept(outer) | trackers.replaced),
    )


def _members(data: bytes) -> dict[bytes, Member]:
    if data.lstrip()[:1] == b'<':
        raise UsageError(
            'This is a web page, not a .torrent file. Perhaps it needs a login.', field='torrent'
        )
    try:
        return bencode.members(data)
    except UsageError as error:
        raise UsageError(
            said('This is not a .torrent file. %(error)s', error=error), field='torrent'
        ) from None


def _info(outer: dict[bytes, Member]) -> tuple[Member, dict[bytes, Value]]:
    member = outer.get(b'info')
    if member is None or not isinstance(member.value, dict):
        raise _wrong('it has no “info” dictionary')
    info = member.value
    if not member.ordered:
        raise _wrong('the keys of its “info” dictionary are not in order, so clients disagree about its hash')
    if b'pieces' not in info and (b'file tree' in info or info.get(b'meta version') == 2):
        raise _wrong('it is for BitTorrent version 2 only, which rTorrent does not support')
    for key in sorted(_PRIVATE_INFO_KEYS & info.keys()):
        raise _wrong(
            said(
                'its “info” dictionary holds “%(shown)s”, an instruction to rTorrent itself', shown=shown(key)
            )
        )
    if info.get(b'private', 0) not in (0, 1):
        raise _wrong('“private” is neither 0 nor 1')
    return member, info


def _pieces(info: dict[bytes, Value], size: int) -> tuple[int, int]:
    length, pieces = info.get(b'piece length'), info.get(b'pieces')
    if not isinstance(length, int) or not MIN_PIECE < length <= MAX_PIECE:
        raise _wrong(
            said(
                '“piece length” must be a number above %(min_piece)s and at most %(max_piece)s',
                min_piece=f'{MIN_PIECE:,}',
                max_piece=f'{MAX_PIECE:,}',
            )
        )
    if size == 0:
        raise _wrong('its files are all empty, so there is nothing to transfer')
    if size >= MAX_SIZE:
        raise _wrong(
            said(
                'its files measure %(size)s bytes together, more than %(max_size)s',
                size=f'{size:,}',
                max_size=f'{MAX_SIZE:,}',
            )
        )
    if not isinstance(pieces, bytes) or len(pieces) % 20:
        raise _wrong('“pieces” is not a list of 20-byte hashes')
    expected = -(-size // length)
    if len(pieces) // 20 != expected:
        raise _wrong(
            said(
                'it has %(value)s piece hashes where its files make %(expected)s pieces',
                value=f'{len(pieces) // 20:,}',
                expected=f'{expected:,}',
            )
        )
    return length, expected


def _kept(outer: dict[bytes, Member]) -> dict[bytes, bytes]:
    return {key: member.raw for key, member in outer.items() if key not in PRIVATE_KEYS}


def _comment(outer: dict[bytes, Member]) -> str:
    member = outer.get(b'comment')
    return text_of(member.value[:4000]) if member and isinstance(member.value, bytes) else ''


def _warnings(info: dict[bytes, Value], raw_name: bytes, files: tuple[File, ...]) -> Iterator[str]:
    if info.get(b'meta version') == 2:
        yield N_('The torrent is also for BitTorrent version 2; only its version 1 part is used.')
    if has_control(raw_name) or any(has_control(b'/'.join(file.raw)) for file in files):
        yield said(
            'Some names hold control characters; they are shown as “%(sign)s”.',
            sign='\N{REPLACEMENT CHARACTER}',
        )
    pair = _same_but_for_case(files)
    if pair:
        first, second = ('/'.join(file.path) for file in pair)
        yield said(
            '“%(first)s” and “%(second)s” differ only in case or accents: on some file systems they are one file.',
            first=shown(first),
            second=shown(second),
        )


def _same_but_for_case(files: tuple[File, ...]) -> tuple[File, File] | None:
    seen: dict[str, File] = {}
    for file in files:
        key = unicodedata.normalize('NFC', '/'.join(file.path)).casefold()
        other = seen.setdefault(key, file)
        if other is not file:
            return other, file
    return None


def _wrong(what: str) -> UsageError:
    return UsageError(said('This .torrent file cannot be used: %(what)s.', what=named(what)), field='torrent')
