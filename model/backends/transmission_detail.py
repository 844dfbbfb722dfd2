"""Everything about one torrent of a Transmission, in one request each."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable
from typing import Any

from lib.errors import BadReply, NotFound
from lib.wire.transmission import Link
from lib.words import said
from model.backends import transmission_rows as rows
from model.backends.base import Detail, Facts, FileRow, PeerRow, Pieces, TrackerRow
from model.backends.transmission_values import (
    MESSAGE_CAP,
    count,
    flag,
    hash_of,
    mappings,
    number,
    real,
    text,
)
from model.fields import Row

FILES = ('name', 'files', 'fileStats')
PEERS = ('peers',)
TRACKERS = ('trackerStats',)
PIECES = ('pieceCount', 'pieceSize', 'pieces')
_ROW = tuple(dict.fromkeys((*rows.FIXED, *rows.LIVE)))

#: Facts beyond the row: our name, its field and what makes sure of its type.
EXTRA: dict[str, tuple[str, Callable[[Any], Any]]] = {
    'chunk_size': ('pieceSize', count),
    'chunks': ('pieceCount', count),
    'created': ('dateCreated', count),
    'comment': ('comment', text),
    'creator': ('creator', text),
    'skip_total': ('corruptEver', count),
    'peers_max': ('maxConnectedPeers', count),
    'queue_position': ('queuePosition', count),
    'activity': ('activityDate', count),
    'seconds_downloading': ('secondsDownloading', count),
    'seconds_seeding': ('secondsSeeding', count),
    'size_wanted': ('sizeWhenDone', count),
    'check_progress': ('recheckProgress', real),
    'metadata_progress': ('metadataPercentComplete', real),
    'is_finished': ('isFinished', flag),
    'is_stalled': ('isStalled', flag),
    'honors_limits': ('honorsSessionLimits', flag),
    'loaded_file': ('torrentFile', text),
}
_LIMITS = ('downloadLimit', 'downloadLimited', 'uploadLimit', 'uploadLimited')
_FACTS = (*(field for field, _ in EXTRA.values()), *_LIMITS)


def missing(info_hash: str) -> NotFound:
    """The error for a torrent that is not there."""
    return NotFound(said('There is no torrent %(info_hash)s in this client (any more).', info_hash=info_hash))


def one(link: Link, info_hash: str, fields: Iterable[str]) -> dict[str, Any]:
    """The fields of one torrent.

    :raises NotFound: there is none.
    """
    for torrent in rows.ask(link, fields, [info_hash.lower()]):
        if hash_of(torrent) == info_hash:
            return torrent
    raise missing(info_hash)


def row(link: Link, info_hash: str) -> Row:
    """Its row, with the errors of :func:`one`, here and below."""
    return _row(one(link, info_hash, (*_ROW, 'files')))


def detail(link: Link, info_hash: str) -> Detail:
    """Row, facts, files, peers and trackers."""
    torrent = one(link, info_hash, {*_ROW, *_FACTS, *FILES, *PEERS, *TRACKERS})
    return Detail(_row(torrent), _files(torrent), _peers(torrent), _trackers(torrent), _extra(torrent))


def facts(link: Link, info_hash: str) -> Facts:
    """Row and facts."""
    torrent = one(link, info_hash, {*_ROW, *_FACTS})
    several = rows.directories(link, [torrent])
    known = rows.fixed(torrent, next(iter(several.values())))
    return Facts(rows.row(known, torrent), _extra(torrent))


def files(link: Link, info_hash: str) -> list[FileRow]:
    """Its files."""
    return _files(one(link, info_hash, FILES))


def peers(link: Link, info_hash: str) -> list[PeerRow]:
    """Its connected peers."""
    return _peers(one(link, info_hash, PEERS))


def trackers(link: Link, info_hash: str) -> list[TrackerRow]:
    """Its trackers."""
    return _trackers(one(link, info_hash, TRACKERS))


def pieces(link: Link, info_hash: str) -> Pieces:
    """Its pieces, which Transmission gives as base64."""
    torrent = one(link, info_hash, PIECES)
    number, size = count(torrent.get('pieceCount')) or 0, count(torrent.get('pieceSize')) or 0
    try:
        bits = base64.b64decode(torrent.get('pieces') or '', validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise BadReply('Transmission answered which pieces it has with something else.') from None
    if len(bits) != -(-number // 8):
        raise BadReply('Transmission answered which pieces it has with something else.')
    if not number:
        return Pieces(0, size, 0)
    whole = int.from_bytes(bits) >> (8 * len(bits) - number)
    return Pieces(number, size, whole.bit_count(), bits)


def _row(torrent: dict[str, Any]) -> Row:
    names = [text(file.get('name')) or '' for file in mappings(torrent.get('files'))]
    return rows.row(rows.fixed(torrent, '/' in names[0] if names else False), torrent)


def _extra(torrent: dict[str, Any]) -> dict[str, Any]:
    extra = {name: sure(torrent.get(field)) for name, (field, sure) in EXTRA.items()}
    for direction, name in ('download', 'down_limit'), ('upload', 'up_limit'):
        on, value = flag(torrent.get(f'{direction}Limited')), count(torrent.get(f'{direction}Limit'))
        extra[name] = None if on is None or value is None else value * 1000 if on else 0
    return extra


def _files(torrent: dict[str, Any]) -> list[FileRow]:
    """The files; of a path, the name of the torrent's own directory is left out."""
    stats = mappings(torrent.get('fileStats'))
    named = mappings(torrent.get('files'))
    if len(stats) != len(named):
        raise BadReply('Transmission answered the files of a torrent with something else.')
    return [_file(index, *each) for index, each in enumerate(zip(named, stats, strict=True))]


def _file(index: int, named: dict[str, Any], stat: dict[str, Any]) -> FileRow:
    path, size = text(named.get('name')) or '', count(named.get('length')) or 0
    done = min(count(stat.get('bytesCompleted')) or 0, size)
    wanted = flag(stat.get('wanted')) is not False
    high = (number(stat.get('priority')) or 0) > 0
    return FileRow(
        index,
        path.partition('/')[2] or path,
        size,
        done,
        done / size if size else 1.0,
        (2 if high else 1) if wanted else 0,
    )


def _peers(torrent: dict[str, Any]) -> list[PeerRow]:
    return [_peer(peer) for peer in mappings(torrent.get('peers'))]


def _peer(raw: dict[str, Any]) -> PeerRow:
    address, port = text(raw.get('address'), 64) or '', count(raw.get('port')) or 0
    encrypted, incoming = bool(flag(raw.get('isEncrypted'))), bool(flag(raw.get('isIncoming')))
    return PeerRow(
        id=f'{address}:{port}',
        address=address,
        port=port,
        client=text(raw.get('clientName'), 255) or '',
        progress=min(max(real(raw.get('progress')) or 0.0, 0.0), 1.0),
        down_rate=count(raw.get('rateToClient')) or 0,
        up_rate=count(raw.get('rateToPeer')) or 0,
        down_total=count(raw.get('bytes_to_client')),  # 4.1 and later tell
        up_total=count(raw.get('bytes_to_peer')),
        peer_rate=None,
        is_encrypted=encrypted,
        is_incoming=incoming,
        is_snubbed=False,  # it knows neither snubbing nor banning by hand
        is_banned=False,
        flags=' '.join(word for word, on in (('incoming', incoming), ('encrypted', encrypted)) if on),
    )


_ANNOUNCING = 3  # of announceState: inactive, waiting, queued, active


def _trackers(torrent: dict[str, Any]) -> list[TrackerRow]:
    return [_tracker(index, raw) for index, raw in enumerate(mappings(torrent.get('trackerStats')))]


def _tracker(index: int, raw: dict[str, Any]) -> TrackerRow:
    url, last = text(raw.get('announce')) or '', count(raw.get('lastAnnounceTime')) or 0
    good = bool(flag(raw.get('lastAnnounceSucceeded')))
    failed = bool(flag(raw.get('hasAnnounced'))) and not good
    return TrackerRow(
        index=index,
        url=url,
        type='udp' if url.lower().startswith('udp:') else 'http',
        group=count(raw.get('tier')) or 0,
        is_enabled=True,
        is_working=good,
        is_busy=number(raw.get('announceState')) == _ANNOUNCING,
        is_extra=False,
        seeds=count(raw.get('seederCount')) or 0,
        leeches=count(raw.get('leecherCount')) or 0,
        downloaded=count(raw.get('downloadCount')) or 0,
        last_success=last if good else 0,
        last_failure=last if failed else 0,
        failures=int(failed),  # it does not count them
        next_announce=count(raw.get('nextAnnounceTime')) or 0,
        interval=0,
        new_peers=count(raw.get('lastAnnouncePeerCount')) or 0,
        message='' if good else text(raw.get('lastAnnounceResult'), MESSAGE_CAP) or '',
    )
