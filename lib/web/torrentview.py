"""The words and figures of one torrent's page, from the client's answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lib import format as fmt
from lib.translate import gettext as _
from lib.translate import ngettext, pgettext
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
    """A tracker's line, as text; ``state`` in one word, ``said`` for people. Its address is shown without its path to
    those who may only read: it holds a key."""

    index: int
    url: str
    type: str
    on: bool
    state: str
    said: str
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
        (_('Transfer'), _transfer(row, extra, binary)),
        (_('Torrent'), _torrent(row, extra, binary)),
        (_('Times'), _times(row, extra)),
        (_('Place'), _place(row, extra, binary)),
    ]
    shown = [
        (title, [(label, value) for label, value in group if value and value != fmt.NONE])
        for title, group in groups
    ]
    return [(title, group) for title, group in shown if group]


def _transfer(row: dict[str, Any], extra: dict[str, Any], binary: bool) -> Facts:
    return [
        (_('Downloaded'), fmt.size(row['down_total'], binary=binary)),
        (_('Uploaded'), fmt.size(row['up_total'], binary=binary)),
        (_('Ratio'), fmt.ratio(row['ratio'])),
        (_('Left'), fmt.size(row['left_bytes'], binary=binary)),
        (_('Wasted'), fmt.size(extra.get('skip_total'), binary=binary)),
        (_('Peers'), fmt.count(row['peers_connected'])),
        (_('Seeds'), fmt.count(row['peers_complete'])),
        (_('Throttle'), row['throttle'] or ''),
    ]


def _torrent(row: dict[str, Any], extra: dict[str, Any], binary: bool) -> Facts:
    chunks, size = extra.get('chunks'), extra.get('chunk_size')
    pieces = f'{fmt.count(chunks)} × {fmt.size(size, binary=binary)}' if chunks and size else ''
    done = extra.get('chunks_done')
    return [
        (_('Info hash'), row['hash']),
        (_('Size'), fmt.size(row['size_bytes'], binary=binary)),
        (_('Files'), fmt.count(row['size_files'])),
        (_('Pieces'), pieces),
        (_('Pieces done'), fmt.count(done) if chunks else ''),
        (_('Private'), '' if row['is_private'] is None else _('yes') if row['is_private'] else _('no')),
        (_('Comment'), fmt.clip(extra.get('comment') or '', 500)),
        (_('Made'), fmt.moment(extra.get('created'))),
    ]


def _times(row: dict[str, Any], extra: dict[str, Any]) -> Facts:
    return [
        (_('Added'), fmt.moment(row['added'])),
        (_('Started'), fmt.moment(row['started'])),
        (_('Finished'), fmt.moment(row['finished'])),
        (_('State changed'), fmt.moment(extra.get('state_changed'))),
    ]


def _place(row: dict[str, Any], extra: dict[str, Any], binary: bool) -> Facts:
    return [
        (_('Directory'), row['directory'] or ''),
        (_('Path'), row['base_path'] or ''),
        (_('Free space'), fmt.size(extra.get('free_space'), binary=binary)),
        (_('Added from'), extra.get('loaded_file') or ''),
    ]


def _peer(peer: PeerRow, binary: bool) -> Peer:
    words = {
        _('encrypted'): peer.is_encrypted,
        _('incoming'): peer.is_incoming,
        _('snubbed'): peer.is_snubbed,
    }
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
    state, said = _state(tracker)
    return Tracker(
        index=tracker.index,
        url=fmt.clip(tracker.url, 500) if whole else trackerurl.masked(tracker.url),
        type=tracker.type,
        on=tracker.is_enabled,
        state=state,
        said=said,
        seeds=fmt.count(tracker.seeds),
        leeches=fmt.count(tracker.leeches),
        downloaded=fmt.count(tracker.downloaded),
        last=fmt.moment(tracker.last_success),
        next=fmt.moment(tracker.next_announce),
    )


def _state(tracker: TrackerRow) -> tuple[str, str]:
    """A word for the page's colours, and the words for people."""
    if not tracker.is_enabled:
        return 'off', pgettext('tracker', 'off')
    if tracker.is_busy:
        return 'busy', pgettext('tracker', 'announcing')
    if tracker.is_working:
        return 'works', pgettext('tracker', 'works')
    if not tracker.failures:
        return 'new', pgettext('tracker', 'not asked yet')
    text = ngettext('failed %(num)s time', 'failed %(num)s times', tracker.failures)
    return 'failed', text % {'num': fmt.count(tracker.failures)}
