"""The words and figures of one torrent's page, from the client's answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lib import format as fmt
from lib.web import filetree
from model import trackerurl
from model.backends.base import Detail, FileRow, PeerRow, TrackerRow
from model.fields import INDEX

if TYPE_CHECKING:
    from lib.web.context import Context

Facts = list[tuple[str, str]]


@dataclass(frozen=True)
class Peer:
    """A peer's line, as text."""

    address: str
    client: str
    flags: str
    flag_words: str
    done: str
    percent: int
    down: str
    up: str
    downloaded: str
    uploaded: str


@dataclass(frozen=True)
class Tracker:
    """A tracker's line, as text. Its address is shown without its path to those who may only read: it holds a key."""

    index: int
    url: str
    type: str
    on: bool
    state: str
    seeds: str
    leeches: str
    downloaded: str
    last: str
    next: str


def view(context: Context, target: str, detail: Detail) -> dict[str, Any]:
    """The context of torrent.html beyond the row."""
    hash = detail.row[INDEX['hash']]

    def link(file: FileRow) -> str:
        if file.completed_bytes < file.size:
            return ''
        return context.url('torrent_file', target=target, hash=hash, index=file.index)

    return {
        'detail': facts(detail, context.binary),
        'files': filetree.tree(detail.files, link, binary=context.binary),
        'peers': [
            _peer(peer, context.binary)
            for peer in sorted(detail.peers, key=lambda peer: -(peer.down_rate + peer.up_rate))
        ],
        'trackers': [_tracker(tracker, context.who.can_write) for tracker in detail.trackers],
        'values': _values(detail),
        'metainfo_url': context.url('torrent_metainfo', target=target, hash=hash),
    }


def _values(detail: Detail) -> dict[str, Any]:
    row = detail.row
    keys = ('label', 'priority', 'throttle', 'directory')
    return {key: row[INDEX[key]] if row[INDEX[key]] is not None else '' for key in keys}


def facts(detail: Detail, binary: bool) -> list[tuple[str, Facts]]:
    """Groups of (label, value); what the client does not tell is left out."""
    row = {key: detail.row[at] for key, at in INDEX.items()}
    extra = detail.extra
    groups: list[tuple[str, Facts]] = [
        ('Transfer', _transfer(row, extra, binary)),
        ('Torrent', _torrent(row, extra, binary)),
        ('Times', _times(row, extra)),
        ('Place', _place(row, extra, binary)),
    ]
    shown = [
        (title, [(label, value) for label, value in group if value and value != fmt.NONE])
        for title, group in groups
    ]
    return [(title, group) for title, group in shown if group]


def _transfer(row: dict[str, Any], extra: dict[str, Any], binary: bool) -> Facts:
    return [
        ('Downloaded', fmt.size(row['down_total'], binary=binary)),
        ('Uploaded', fmt.size(row['up_total'], binary=binary)),
        ('Ratio', fmt.ratio(row['ratio'])),
        ('Left', fmt.size(row['left_bytes'], binary=binary)),
        ('Wasted', fmt.size(extra.get('skip_total'), binary=binary)),
        ('Peers', fmt.count(row['peers_connected'])),
        ('Seeds', fmt.count(row['peers_complete'])),
        ('Throttle', row['throttle'] or ''),
    ]


def _torrent(row: dict[str, Any], extra: dict[str, Any], binary: bool) -> Facts:
    chunks, size = extra.get('chunks'), extra.get('chunk_size')
    pieces = f'{fmt.count(chunks)} × {fmt.size(size, binary=binary)}' if chunks and size else ''
    done = extra.get('chunks_done')
    return [
        ('Info hash', row['hash']),
        ('Size', fmt.size(row['size_bytes'], binary=binary)),
        ('Files', fmt.count(row['size_files'])),
        ('Pieces', pieces),
        ('Pieces done', fmt.count(done) if chunks else ''),
        ('Private', 'yes' if row['is_private'] else 'no'),
        ('Comment', fmt.clip(extra.get('comment') or '', 500)),
        ('Made', fmt.moment(extra.get('created'))),
    ]


def _times(row: dict[str, Any], extra: dict[str, Any]) -> Facts:
    return [
        ('Added', fmt.moment(row['added'])),
        ('Started', fmt.moment(row['started'])),
        ('Finished', fmt.moment(row['finished'])),
        ('State changed', fmt.moment(extra.get('state_changed'))),
    ]


def _place(row: dict[str, Any], extra: dict[str, Any], binary: bool) -> Facts:
    return [
        ('Directory', row['directory'] or ''),
        ('Path', row['base_path'] or ''),
        ('Free space', fmt.size(extra.get('free_space'), binary=binary)),
        ('Added from', extra.get('loaded_file') or ''),
    ]


def _peer(peer: PeerRow, binary: bool) -> Peer:
    words = {'encrypted': peer.is_encrypted, 'incoming': peer.is_incoming, 'snubbed': peer.is_snubbed}
    percent = fmt.whole_percent(peer.progress)
    return Peer(
        address=f'[{peer.address}]:{peer.port}' if ':' in peer.address else f'{peer.address}:{peer.port}',
        client=fmt.clip(peer.client, 80),
        flags=peer.flags,
        flag_words=', '.join(word for word, is_so in words.items() if is_so),
        done=f'{percent} %',
        percent=percent,
        down=fmt.rate(peer.down_rate, binary=binary),
        up=fmt.rate(peer.up_rate, binary=binary),
        downloaded=fmt.size(peer.down_total, binary=binary),
        uploaded=fmt.size(peer.up_total, binary=binary),
    )


def _tracker(tracker: TrackerRow, whole: bool) -> Tracker:
    return Tracker(
        index=tracker.index,
        url=fmt.clip(tracker.url, 500) if whole else trackerurl.masked(tracker.url),
        type=tracker.type,
        on=tracker.is_enabled,
        state=_state(tracker),
        seeds=fmt.count(tracker.seeds),
        leeches=fmt.count(tracker.leeches),
        downloaded=fmt.count(tracker.downloaded),
        last=fmt.moment(tracker.last_success),
        next=fmt.moment(tracker.next_announce),
    )


def _state(tracker: TrackerRow) -> str:
    if not tracker.is_enabled:
        return 'off'
    if tracker.is_busy:
        return 'announcing'
    if tracker.is_working:
        return 'works'
    return f'failed {fmt.plural(tracker.failures, "time")}' if tracker.failures else 'not asked yet'
