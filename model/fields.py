"""The one vocabulary of torrent fields, and what can be told from a row.

A torrent in a list is a plain tuple, from the codec to the browser: the fields of :data:`LIST`, in that order. Each
backend says where it finds a field; a field its client does not have is ``None``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from lib.texts import CONTROL, REPLACEMENT
from lib.words import N_

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a torrent.

    :ivar key: its name in rows, queries and the API.
    :ivar type: ``int``, ``str``, ``bool`` or ``float``.
    :ivar tier: ``fixed`` never changes by itself, ``live`` changes every tick, ``slow`` is read by the sweep only.
    :ivar label: what people read above the column.
    :ivar sort: ``text`` or ``number``.
    """

    key: str
    type: str
    tier: str
    label: str
    sort: str


def _text(key: str, tier: str, label: str) -> Field:
    return Field(key, 'str', tier, label, 'text')


def _number(key: str, tier: str, label: str) -> Field:
    return Field(key, 'int', tier, label, 'number')


def _flag(key: str, tier: str, label: str) -> Field:
    return Field(key, 'bool', tier, label, 'number')


LIST: tuple[Field, ...] = (
    _text('hash', 'fixed', N_('Info hash')),
    _text('name', 'fixed', N_('Name')),
    _number('size_bytes', 'fixed', N_('Size')),
    _number('completed_bytes', 'live', N_('Done')),
    _number('down_rate', 'live', N_('Down')),
    _number('up_rate', 'live', N_('Up')),
    _number('down_total', 'live', N_('Downloaded')),
    _number('up_total', 'live', N_('Uploaded')),
    _number('ratio', 'live', N_('Ratio')),  # thousandths
    _number('state', 'live', N_('State')),  # 1 = started, survives a restart
    _flag('is_open', 'live', N_('Open')),
    _flag('is_active', 'live', N_('Active')),
    _number('hashing', 'live', N_('Checking')),  # 0 = no
    _flag('complete', 'live', N_('Complete')),
    _text('message', 'live', N_('Message')),
    _text('label', 'live', N_('Label')),
    _number('priority', 'live', N_('Priority')),  # 0 off, 1 low, 2 normal, 3 high
    _number('peers_connected', 'live', N_('Peers')),
    _number('peers_complete', 'live', N_('Seeds')),
    _number('size_files', 'fixed', N_('Files')),
    _number('added', 'fixed', N_('Added')),  # the times are Unix seconds, 0 = unknown
    _number('started', 'live', N_('Started')),
    _number('finished', 'live', N_('Finished')),
    _text('directory', 'live', N_('Directory')),
    _text('base_path', 'live', N_('Path')),
    _flag('is_private', 'fixed', N_('Private')),
    _flag('is_multi_file', 'fixed', N_('Several files')),
    _flag('is_meta', 'live', N_('Waiting for metadata')),
    _text('throttle', 'live', N_('Throttle')),
    _number('left_bytes', 'live', N_('Left')),
    _text('tracker', 'slow', N_('Tracker')),  # the host of the first enabled tracker, '' where there is none
)
INDEX: dict[str, int] = {field.key: at for at, field in enumerate(LIST)}

#: What the snapshot adds to a backend's row, so that it is told once and not by every reader.
ADDED: tuple[Field, ...] = (
    _number('id', 'fixed', N_('Number')),  # of this torrent in this process; never given out again
    _text('target', 'fixed', N_('Client')),
    _text('status', 'live', N_('State')),  # one word of STATES
    Field('progress', 'float', 'live', N_('Done'), 'number'),  # 0 to 1
    _number('eta', 'live', N_('ETA')),  # seconds, None = never
)
#: A row of the snapshot: a backend's row with :data:`ADDED` behind it. ``AT`` says where each field is.
COLUMNS: tuple[Field, ...] = LIST + ADDED
AT: dict[str, int] = {field.key: at for at, field in enumerate(COLUMNS)}

STATES = (
    N_('downloading'),
    N_('seeding'),
    N_('stopped'),
    N_('paused'),
    N_('checking'),
    N_('error'),
    N_('queued'),
)

_I = INDEX
_SIZE, _DONE, _LEFT = _I['size_bytes'], _I['completed_bytes'], _I['left_bytes']
_DOWN, _UP, _PEERS = _I['down_rate'], _I['up_rate'], _I['peers_connected']
_STATE, _OPEN, _ACTIVE = _I['state'], _I['is_open'], _I['is_active']
_HASHING, _COMPLETE, _MESSAGE = _I['hashing'], _I['complete'], _I['message']


def state_of(row: Row) -> str:
    """The one word of :data:`STATES` for a row.

    A complaint of a tracker is an error only while it matters: the torrent is started, moves nothing and has no peer.
    Any other message (storage, hash check) always is one. ``queued`` is started but not opened yet by the client.
    """
    if row[_HASHING]:
        return 'checking'
    message = row[_MESSAGE]
    if message and _is_failure(row, message):
        return 'error'
    if row[_ACTIVE]:
        return 'seeding' if row[_COMPLETE] else 'downloading'
    if not row[_STATE]:
        return 'stopped'
    return 'paused' if row[_OPEN] else 'queued'


def _is_failure(row: Row, message: str) -> bool:
    if not message.startswith('Tracker: ['):
        return True
    return bool(row[_STATE]) and not (row[_DOWN] or row[_UP] or row[_PEERS])


def progress(row: Row) -> float:
    """How much of the data is there, 0 to 1."""
    if row[_COMPLETE]:
        return 1.0
    size, done = row[_SIZE] or 0, row[_DONE] or 0
    return min(max(done / size, 0.0), 1.0) if size > 0 else 0.0


def eta(row: Row) -> int | None:
    """Seconds until the download is complete at the present rate; None where that cannot be said.

    The rate of a torrent that was stopped or paused takes a minute to become 0; nothing comes in that time.
    """
    rate, left = row[_DOWN] or 0, row[_LEFT]
    if rate <= 0 or left is None or row[_COMPLETE] or row[_HASHING] or not row[_ACTIVE]:
        return None
    return int(-(-left // rate))


def decode_label(stored: str | None) -> str | None:
    """The label people read, from the way ruTorrent stores it (percent-encoded UTF-8 in ``custom1``)."""
    if not stored or '%' not in stored:
        return stored
    # What was encoded has not passed the check of the wire.
    return CONTROL.sub(REPLACEMENT, unquote(stored, errors='replace'))


def encode_label(label: str) -> str:
    """The stored form of a label: ASCII letters, digits, ``-_.~`` and percent signs only."""
    return quote(label, safe='')


def complete_row(row: Row, number: int, target: str) -> Row:
    """The row of the snapshot (:data:`COLUMNS`) for a backend's row.

    Progress is cut to four places, so that only what has everything shows 1.
    """
    return (*row, number, target, state_of(row), int(progress(row) * 10_000) / 10_000, eta(row))
