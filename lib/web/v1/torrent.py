"""What one torrent's panel shows, part by part; each part asks the client once at most."""

from __future__ import annotations

import base64
from typing import Any

from lib.errors import Conflict
from lib.web.v1.call import Call
from model import actions, fields, piecemap, trackerurl
from model.backends.base import Backend, FileRow, PeerRow, TrackerRow
from model.fields import COLUMNS, INDEX
from model.filetrees import Directory, find

#: What the general part does not tell: raw values of other programs, and the pieces, which have a part of their own.
_LEFT_OUT = ('bitfield', 'custom', 'custom1', 'custom2', 'custom3', 'custom4', 'custom5')
#: rTorrent says 0 and 1.
_FLAGS = tuple(column.key for column in COLUMNS if column.type == 'bool')
MAX_PEERS = 1000
_MAX_TEXT = 500


def names(call: Call, part: str = '') -> tuple[Backend, str]:
    """The client and the info hash that the path names. UsageError and NotFound where it does not.

    :raises Conflict: the client does not tell this ``part`` of its torrents.
    """
    info_hash = actions.check_hash(call.path['hash'])
    backend = call.context.backend(call.target)
    if part and part not in backend.capabilities:
        raise Conflict(f'{call.target} does not tell the {part} of its torrents.')
    return backend, info_hash


def general(call: Call) -> dict[str, Any]:
    """The row, and the facts beyond it."""
    backend, info_hash = names(call)
    told = backend.facts(info_hash)
    known = call.context.services.hub.snapshot.get(call.target, info_hash)
    row = list(told.row)
    if row[INDEX['tracker']] is None and known is not None:
        row[INDEX['tracker']] = known[INDEX['tracker']]
    whole = fields.complete_row(tuple(row), known[fields.AT['id']] if known else 0, call.target)
    values = dict(zip((column.key for column in COLUMNS), whole, strict=True))
    values['id'] = values['id'] or None
    values |= {key: bool(values[key]) for key in _FLAGS if values[key] is not None}
    extra = {key: value for key, value in told.extra.items() if key not in _LEFT_OUT}
    return {'row': values, 'extra': extra, 'capabilities': sorted(backend.capabilities)}


def files(call: Call) -> dict[str, Any]:
    """One directory of the files: its directories with what is below them, and its files."""
    place = directory(call, call.query['dir'])
    offset, limit = call.query['offset'], call.query['limit']
    entries = place.entries()
    shown = entries[offset : offset + limit]
    lines = [_directory(each) if isinstance(each, Directory) else _file(*each) for each in shown]
    about = {
        key: value for key, value in _directory(place).items() if key in ('files', 'size', 'done', 'priority')
    }
    return {
        'dir': place.path,
        **about,
        'total': len(entries),
        'offset': offset,
        'limit': limit,
        'entries': lines,
    }


def directory(call: Call, path: str) -> Directory:
    """A directory of the torrent. NotFound where there is none."""
    backend, info_hash = names(call, 'files')
    trees = call.context.services.trees
    return find(trees.get((call.target, info_hash), lambda: backend.files(info_hash)), path)


def _directory(place: Directory) -> dict[str, Any]:
    progress = place.done / place.size if place.size else 1.0
    return {
        'type': 'dir', 'name': place.name, 'path': place.path, 'files': place.count, 'size': place.size,
        'done': place.done, 'progress': int(progress * 10_000) / 10_000, 'priority': place.priority,
    }  # fmt: skip


def _file(name: str, file: FileRow) -> dict[str, Any]:
    return {
        'type': 'file', 'name': name, 'path': file.path, 'index': file.index, 'size': file.size,
        'done': file.completed_bytes, 'progress': int(file.progress * 10_000) / 10_000, 'priority': file.priority,
        'complete': file.completed_bytes >= file.size,
    }  # fmt: skip


def peers(call: Call) -> dict[str, Any]:
    """The connected peers, the quickest first."""
    backend, info_hash = names(call, 'peers')
    found = sorted(
        backend.peers(info_hash), key=lambda peer: (-(peer.down_rate + peer.up_rate), peer.address)
    )
    return {'total': len(found), 'peers': [_peer(peer) for peer in found[:MAX_PEERS]]}


def _peer(peer: PeerRow) -> dict[str, Any]:
    return {
        'id': peer.id, 'address': peer.address, 'port': peer.port, 'client': peer.client[:_MAX_TEXT],
        'flags': peer.flags.split(), 'progress': peer.progress, 'down_rate': peer.down_rate,
        'up_rate': peer.up_rate, 'down_total': peer.down_total, 'up_total': peer.up_total,
        'peer_rate': peer.peer_rate,
    }  # fmt: skip


def trackers(call: Call) -> dict[str, Any]:
    """The trackers. Their addresses hold personal keys: who may only read sees scheme and host."""
    backend, info_hash = names(call, 'trackers')
    whole = call.context.who.can_write
    return {'trackers': [_tracker(tracker, whole) for tracker in backend.trackers(info_hash)]}


def _tracker(tracker: TrackerRow, whole: bool) -> dict[str, Any]:
    return {
        'index': tracker.index,
        'url': tracker.url[:2048] if whole else trackerurl.masked(tracker.url),
        'type': tracker.type, 'group': tracker.group, 'enabled': tracker.is_enabled, 'status': status(tracker),
        'seeds': tracker.seeds, 'leeches': tracker.leeches, 'downloaded': tracker.downloaded,
        'last_success': tracker.last_success or None, 'last_failure': tracker.last_failure or None,
        'failures': tracker.failures, 'next_announce': tracker.next_announce or None,
        'interval': tracker.interval, 'new_peers': tracker.new_peers, 'message': tracker.message[:_MAX_TEXT],
    }  # fmt: skip


def status(tracker: TrackerRow) -> str:
    """One word: off, announcing, works, failed or waiting (not asked yet)."""
    if not tracker.is_enabled:
        return 'off'
    if tracker.is_busy:
        return 'announcing'
    if tracker.is_working:
        return 'works'
    return 'failed' if tracker.failures else 'waiting'


def history(call: Call) -> dict[str, Any]:
    """What happened to the torrent, the latest first; asks no client, and knows those that are gone."""
    _, info_hash = names(call)
    found = call.context.services.events.of(call.target, info_hash, call.query['limit'])
    keys = ('at', 'kind', 'detail', 'who')
    return {'events': [{key: getattr(entry, key) for key in keys} for entry in found]}


def pieces(call: Call) -> dict[str, Any]:
    """Which pieces are there, in at most :data:`model.piecemap.BUCKETS` buckets."""
    backend, info_hash = names(call, 'pieces')
    told = backend.pieces(info_hash)
    drawn = piecemap.draw(told)
    return {
        'count': told.count,
        'size': told.size,
        'done': told.done,
        'buckets': drawn.count if drawn else 0,
        'bits': base64.b64encode(drawn.whole).decode() if drawn else None,
        'some': base64.b64encode(drawn.some).decode() if drawn else None,
    }
