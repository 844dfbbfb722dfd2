"""Everything about one torrent of an rTorrent, in one request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from lib.errors import BadReply, Fault, NoSuchTorrent, NotFound
from lib.wire.rpc import Rpc
from lib.wire.values import Value
from lib.words import said
from model.backends.base import Detail, FileRow, PeerRow, TrackerRow
from model.backends.rtorrent_columns import Plan

#: Facts beyond the row: our name, rTorrent's command.
EXTRA: dict[str, str] = {
    'directory_base': 'd.directory_base',
    'base_filename': 'd.base_filename',
    'chunk_size': 'd.chunk_size',
    'chunks': 'd.size_chunks',
    'chunks_done': 'd.completed_chunks',
    'chunks_wanted': 'd.wanted_chunks',
    'chunks_hashed': 'd.chunks_hashed',
    'bitfield': 'd.bitfield',
    'created': 'd.creation_date',
    'loaded': 'd.load_date',
    'state_changed': 'd.state_changed',
    'state_counter': 'd.state_counter',
    'loaded_file': 'd.loaded_file',
    'tied_to_file': 'd.tied_to_file',
    'connection': 'd.connection_current',
    'ignore_commands': 'd.ignore_commands',
    'views': 'd.views',
    'is_hash_checked': 'd.is_hash_checked',
    'is_hash_checking': 'd.is_hash_checking',
    'hashing_failed': 'd.hashing_failed',
    'free_space': 'd.free_diskspace',
    'is_pex_active': 'd.is_pex_active',
    'pex': 'd.peer_exchange',
    'peers_min': 'd.peers_min',
    'peers_max': 'd.peers_max',
    'peers_accounted': 'd.peers_accounted',
    'peers_not_connected': 'd.peers_not_connected',
    'uploads_min': 'd.uploads_min',
    'uploads_max': 'd.uploads_max',
    'downloads_min': 'd.downloads_min',
    'downloads_max': 'd.downloads_max',
    'skip_total': 'd.skip.total',
    'tracker_numwant': 'd.tracker_numwant',
    'group': 'd.group.name',
    'custom': 'd.custom.items',
    'custom1': 'd.custom1',
    'custom2': 'd.custom2',
    'custom3': 'd.custom3',
    'custom4': 'd.custom4',
    'custom5': 'd.custom5',
}
FILES = ('f.path', 'f.size_bytes', 'f.size_chunks', 'f.completed_chunks', 'f.priority')
PEERS = (
    'p.id',
    'p.address',
    'p.port',
    'p.client_version',
    'p.completed_percent',
    'p.down_rate',
    'p.up_rate',
    'p.down_total',
    'p.up_total',
    'p.peer_rate',
    'p.is_encrypted',
    'p.is_incoming',
    'p.is_snubbed',
    'p.banned',
    'p.is_obfuscated',
    'p.is_preferred',
    'p.is_unwanted',
)
TRACKERS = (
    't.url',
    't.type',
    't.group',
    't.is_enabled',
    't.is_usable',
    't.is_open',
    't.is_extra_tracker',
    't.scrape_complete',
    't.scrape_incomplete',
    't.scrape_downloaded',
    't.success_time_last',
    't.failed_time_last',
    't.failed_counter',
    't.activity_time_next',
    't.normal_interval',
    't.latest_new_peers',
)
_TRACKER_TYPES = {1: 'http', 2: 'udp', 3: 'dht'}
_COMMENT_PREFIX = 'VRS24mrker'  # ruTorrent keeps the torrent's comment in custom2, behind this mark


def call_of(column: str, info_hash: str) -> tuple[str, Sequence[Value]]:
    """A column (``d.custom=addtime``) as a direct call on one torrent."""
    command, _, argument = column.partition('=')
    return command, (info_hash, argument) if argument else (info_hash,)


def require_torrent(answer: object, info_hash: str) -> None:
    """:raises NotFound: the answer to ``d.hash`` says that there is no such torrent."""
    if isinstance(answer, NoSuchTorrent):
        raise NotFound(
            said('There is no torrent %(info_hash)s in this client (any more).', info_hash=info_hash)
        ) from answer
    if isinstance(answer, Fault):
        raise answer


def read(rpc: Rpc, plan: Plan, info_hash: str) -> Detail:
    """Row, files, peers, trackers and facts of ``info_hash``.

    :raises NotFound: the client does not have this torrent.
    """
    methods = rpc.methods
    extra = [(name, command) for name, command in EXTRA.items() if command in methods]
    tables = [known(table, methods) for table in (FILES, PEERS, TRACKERS)]
    calls = [call_of(column, info_hash) for column in plan.columns]
    calls += [(command, (info_hash,)) for _, command in extra]
    for multicall, table in zip(('f.multicall', 'p.multicall', 't.multicall'), tables, strict=True):
        calls.append((multicall, (info_hash, '', *(f'{command}=' for command in table))))
    answers = rpc.multicall(calls, read=True)
    require_torrent(answers[0], info_hash)
    values = [None if isinstance(answer, Fault) else answer for answer in answers]
    row = plan.convert([tuple(values[: len(plan.columns)])])[0]
    facts = dict.fromkeys(EXTRA) | dict(
        zip((name for name, _ in extra), values[len(plan.columns) : -3], strict=True)
    )
    files, peers, trackers = (dicts(table, value) for table, value in zip(tables, values[-3:], strict=True))
    return Detail(
        row,
        [file_of(at, raw, facts['chunk_size'] or 0) for at, raw in enumerate(files)],
        [peer_of(raw) for raw in peers],
        [tracker_of(at, raw) for at, raw in enumerate(trackers)],
        facts_of(facts),
    )


def known(table: tuple[str, ...], methods: frozenset[str]) -> tuple[str, ...]:
    return tuple(command for command in table if command in methods)


def dicts(table: tuple[str, ...], answer: Any) -> list[dict[str, Any]]:
    if answer is None:
        return []
    if not isinstance(answer, list):
        raise BadReply('rTorrent answered a list of a torrent with something else.')
    return [dict(zip(table, raw, strict=True)) for raw in answer]


def file_of(index: int, raw: dict[str, Any], chunk_size: int) -> FileRow:
    size, chunks = raw.get('f.size_bytes') or 0, raw.get('f.size_chunks') or 0
    done = raw.get('f.completed_chunks') or 0
    share = min(1.0, done / chunks) if chunks else 1.0
    # A file's first and last piece may belong to its neighbours too, so the bytes are only known for sure at the ends.
    completed = size if share == 1.0 else min(done * chunk_size, size)
    return FileRow(index, raw.get('f.path') or '', size, completed, share, raw.get('f.priority', 1))


_FLAGS = (
    ('p.is_incoming', 'incoming'),
    ('p.is_encrypted', 'encrypted'),
    ('p.is_obfuscated', 'obfuscated'),
    ('p.is_snubbed', 'snubbed'),
    ('p.banned', 'banned'),
    ('p.is_preferred', 'preferred'),
    ('p.is_unwanted', 'unwanted'),
)


def peer_of(raw: dict[str, Any]) -> PeerRow:
    def number(command: str) -> int:
        return int(raw.get(command) or 0)

    return PeerRow(
        id=raw.get('p.id') or '',
        address=raw.get('p.address') or '',
        port=number('p.port'),
        client=raw.get('p.client_version') or '',
        progress=number('p.completed_percent') / 100,
        down_rate=number('p.down_rate'),
        up_rate=number('p.up_rate'),
        down_total=number('p.down_total'),
        up_total=number('p.up_total'),
        peer_rate=number('p.peer_rate'),
        is_encrypted=bool(raw.get('p.is_encrypted')),
        is_incoming=bool(raw.get('p.is_incoming')),
        is_snubbed=bool(raw.get('p.is_snubbed')),
        is_banned=bool(raw.get('p.banned')),
        flags=' '.join(word for command, word in _FLAGS if raw.get(command)),
    )


def tracker_of(index: int, raw: dict[str, Any]) -> TrackerRow:
    def number(command: str) -> int:
        return int(raw.get(command) or 0)

    success, failure = number('t.success_time_last'), number('t.failed_time_last')
    return TrackerRow(
        index=index,
        url=raw.get('t.url') or '',
        type=_TRACKER_TYPES.get(number('t.type'), ''),
        group=number('t.group'),
        is_enabled=bool(raw.get('t.is_enabled', 1)),
        is_working=success > 0 and not number('t.failed_counter'),
        is_busy=bool(raw.get('t.is_open')),
        is_extra=bool(raw.get('t.is_extra_tracker')),
        seeds=number('t.scrape_complete'),
        leeches=number('t.scrape_incomplete'),
        downloaded=number('t.scrape_downloaded'),
        last_success=success,
        last_failure=failure,
        failures=number('t.failed_counter'),
        next_announce=number('t.activity_time_next'),
        interval=number('t.normal_interval'),
        new_peers=number('t.latest_new_peers'),
    )


def facts_of(facts: dict[str, Any]) -> dict[str, Any]:
    facts['custom'] = facts['custom'] or {}
    # 0 stands for “never looked” here: rTorrent knows the disk only once the torrent was opened.
    facts['free_space'] = facts['free_space'] or None
    comment = facts['custom2'] or ''
    facts['comment'] = ''
    if comment.startswith(_COMMENT_PREFIX):
        facts['comment'] = unquote(comment.removeprefix(_COMMENT_PREFIX), errors='replace')
    return facts
