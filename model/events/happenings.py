"""What happened to a torrent, told from two of its rows, one look at it and the next, and from what is remembered.

Nothing here knows of time, threads or the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any

from model.events import eventdata
from model.fields import AT, COLUMNS, LIST, Row

#: What there is to tell: what it means, and after the semicolon what the detail says; none where there is no more.
KINDS = {
    'added': 'A torrent came; its name.',
    'removed': 'A torrent went; its name.',
    'updated': 'A lasting field changed; which ones.',
    'started': 'It counts as started.',
    'stopped': 'It counts as stopped.',
    'paused': 'It rests.',
    'resumed': 'It goes on.',
    'checking': 'Its data is being compared with its hashes.',
    'checked': 'That is over.',
    'finished': 'All its data is there, by download.',
    'error': "It has an error that is no tracker's; the message.",
    'tracker_error': 'Its tracker complains; the message.',
    'stalled': 'It downloads, and for long nothing came; for how many seconds.',
    'label': 'It has another label; which.',
    'moved': 'It is saved in another directory; which.',
    'ratio': 'It reached a ratio; which.',
    'disk_low': 'Little space is left where a client saves; in which directory.',
    'offline': 'A client does not answer; the error in one word.',
    'online': 'A client answers again.',
    'webhook': 'A receiver of events was given up; which, and why.',
    'did': 'Somebody did something to it; what. In the history of a torrent only.',
}
TRACKER = 'Tracker: ['  # how a message begins that is a tracker's complaint
AGAIN = 600.0  # seconds in which the same complaint is told once
_COMPLAINTS = 8  # that are remembered

#: What comes and goes by itself, and times: a client may set them anew whenever it starts.
_PASSING = frozenset(
    {
        'hash', 'completed_bytes', 'down_rate', 'up_rate', 'down_total', 'up_total', 'ratio', 'peers_connected',
        'peers_complete', 'left_bytes', 'added', 'started', 'finished',
    }
)  # fmt: skip
#: The fields whose change is an event.
LASTING = tuple(field.key for field in LIST if field.key not in _PASSING)
#: And where every change is one.
EVERY = tuple(column.key for column in COLUMNS if column.key not in ('id', 'target', 'hash', 'added'))
lasting = itemgetter(*(AT[key] for key in LASTING))

_NAME, _STATE, _HASHING, _COMPLETE = AT['name'], AT['state'], AT['hashing'], AT['complete']
_OPEN, _ACTIVE, _FINISHED, _MESSAGE = AT['is_open'], AT['is_active'], AT['finished'], AT['message']
_LABEL, _DIRECTORY, _RATIO, _SIZE = AT['label'], AT['directory'], AT['ratio'], AT['size_bytes']
_DOWN, _UP, _DONE = AT['down_total'], AT['up_total'], AT['completed_bytes']
_ADDED = AT['added']

Happening = tuple[str, str]  # one of KINDS, and its detail
Transition = tuple[list[Happening], 'Memory']


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of a torrent beside its row, so that nothing is told twice.

    :ivar ratio: thousandths up to which ratios were told.
    :ivar stalled: completed bytes at which it was told that nothing comes; -1 where it was not.
    :ivar complaints: those of trackers of late, and when each was told, in Unix seconds.
    :ivar done: that it is complete was told, or needs no telling.
    :ivar came: bytes came since it was last found incomplete.
    :ivar rests: it counts as paused.
    """

    ratio: int = 0
    stalled: int = -1
    complaints: tuple[tuple[str, float], ...] = ()
    done: bool = False
    came: bool = False
    rests: bool = False


@dataclass(frozen=True, slots=True)
class Circumstances:
    """:ivar now: Unix seconds.
    :ivar ratios: those whose reaching is told, in thousandths, but for those of ``silent``.
    """

    now: float = 0.0
    ratios: Sequence[int] = ()
    silent: Sequence[int] = ()


def begin(row: Row, ratios: Sequence[int] = ()) -> Memory:
    """What is remembered of a torrent that is seen for the first time: nothing about it is news."""
    return Memory(
        ratio=max((ratio for ratio in ratios if _ratio_of(row) >= ratio), default=0),
        done=bool(row[_COMPLETE]) and not row[_HASHING],
        rests=_rests(row),
    )


def came(row: Row, memory: Memory, around: Circumstances) -> Transition:
    """What there is to tell of a torrent that came: it may be complete already, or in trouble."""
    told: list[Happening] = [('added', brief(row[_NAME]))]
    if row[_HASHING]:
        told.append(('checking', ''))
    if _was_loaded(row):
        told += [('finished', '')] if memory.done else []
        memory = memory if memory.done else replace(memory, came=True)
    found, memory = _message(('',) * len(row), row, memory, around)
    return told + found, memory


def _was_loaded(row: Row) -> bool:
    """Whether bytes came since the client has it; while it is checked, it is not complete all the same."""
    stamp, since = row[_FINISHED] or 0, row[_ADDED] or 0
    return bool((row[_DOWN] or 0) > 0 and not 0 < stamp < since)


def between(old: Row, new: Row, memory: Memory, around: Circumstances) -> Transition:
    """What happened between two rows of one torrent (:data:`model.fields.COLUMNS`), and what to remember now."""
    told: list[Happening] = []
    for rule in _RULES if lasting(old) != lasting(new) else _PASSING_RULES:
        found, memory = rule(old, new, memory, around)
        told += found
    return told, memory


def difference(old: Row, new: Row, keys: Sequence[str] = LASTING) -> dict[str, tuple[Any, Any]]:
    """The fields that changed, from what to what; all that is empty is the same.

    The complaint of a tracker is no lasting message, and a tracker that was not asked for yet is no change.
    """
    pairs = ((key, _lasting_value(key, old), _lasting_value(key, new)) for key in keys)
    return {
        key: (eventdata.plain(key, before), eventdata.plain(key, after))
        for key, before, after in pairs
        if before != after and (before or after) and not (key == 'tracker' and None in (before, after))
    }


def brief(value: Any) -> str:
    """A text for a detail."""
    return eventdata.text(str(value or ''))


def _lasting_value(key: str, row: Row) -> Any:
    value = row[AT[key]]
    return '' if key == 'message' and is_complaint(value) else value


def is_complaint(message: Any) -> bool:
    """Whether it is a tracker that complains."""
    return isinstance(message, str) and message.startswith(TRACKER)


def _state(old: Row, new: Row, memory: Memory, _: Circumstances) -> Transition:
    # A client need not know it, as Transmission does not of what it checks.
    if None not in (old[_STATE], new[_STATE]) and bool(old[_STATE]) != bool(new[_STATE]):
        return [('started' if new[_STATE] else 'stopped', '')], replace(memory, rests=False)
    if memory.rests:
        return ([('resumed', '')], replace(memory, rests=False)) if _runs(new) else ([], memory)
    pauses = _rests(new) and not _rests(old)
    return ([('paused', '')], replace(memory, rests=True)) if pauses else ([], memory)


def _rests(row: Row) -> bool:
    return bool(row[_STATE] and row[_OPEN] and not row[_ACTIVE] and not row[_HASHING])


def _runs(row: Row) -> bool:
    return bool(row[_STATE] and row[_ACTIVE] and not row[_HASHING])


def _checking(old: Row, new: Row, memory: Memory, _: Circumstances) -> Transition:
    if bool(old[_HASHING]) == bool(new[_HASHING]):
        return [], memory
    return [('checking' if new[_HASHING] else 'checked', '')], memory


def _complete(old: Row, new: Row, memory: Memory, _: Circumstances) -> Transition:
    """Finished is what became complete by bytes that came.

    A check makes complete what was there all the time, and rTorrent notes a time for that as well. A torrent that was
    complete may look as if it were not while its client starts; it counts as incomplete when it downloads again.
    """
    if memory.done:
        lost = is_loading(new)
        return [], replace(memory, done=False, came=False) if lost else memory
    if not memory.came and _grew(old, new):
        memory = replace(memory, came=True)
    if not new[_COMPLETE] or new[_HASHING]:
        return [], memory
    return [('finished', '')] if memory.came else [], replace(memory, done=True, came=False)


def _grew(old: Row, new: Row) -> bool:
    if new[_DOWN] is not None:
        return grows(old, new)
    by_check = old[_HASHING] and not (new[_FINISHED] and not old[_FINISHED])
    return bool(new[_COMPLETE] and not old[_COMPLETE] and not by_check)


def _message(old: Row, new: Row, memory: Memory, around: Circumstances) -> Transition:
    said = new[_MESSAGE] or ''
    if not said or said == old[_MESSAGE]:
        return [], memory
    detail = brief(eventdata.message(said))
    if not is_complaint(said):
        return [('error', detail)], memory
    recent = tuple((text, at) for text, at in memory.complaints if abs(around.now - at) < AGAIN)
    if any(text == detail for text, _ in recent):
        return [], memory
    complaints = (*recent[1 - _COMPLAINTS :], (detail, around.now))
    return [('tracker_error', detail)], replace(memory, complaints=complaints)


def _texts(old: Row, new: Row, memory: Memory, _: Circumstances) -> Transition:
    pairs = (('label', _LABEL), ('moved', _DIRECTORY))
    return [(kind, brief(new[at])) for kind, at in pairs if (old[at] or '') != (new[at] or '')], memory


def _ratio(_old: Row, new: Row, memory: Memory, around: Circumstances) -> Transition:
    reached = [each for each in around.ratios if memory.ratio < each <= _ratio_of(new)]
    if not reached:
        return [], memory
    told = [('ratio', str(each / 1000)) for each in reached if each not in around.silent]
    return told, replace(memory, ratio=max(reached))


def _ratio_of(row: Row) -> int:
    """In thousandths; of what is being downloaded in relation to the whole, or the first piece would be enough."""
    if row[_COMPLETE] or not row[_SIZE] or row[_UP] is None:
        return row[_RATIO] or 0
    return min(row[_RATIO] or 0, int(row[_UP]) * 1000 // int(row[_SIZE]))


def _stalled(old: Row, new: Row, memory: Memory, _: Circumstances) -> Transition:
    """Bytes make that it may be told again."""
    if memory.stalled < 0 or ((new[_DONE] or 0) == memory.stalled and not grows(old, new)):
        return [], memory
    return [], replace(memory, stalled=-1)


def grows(old: Row, new: Row) -> bool:
    """Whether bytes came between two rows."""
    return bool(old[_DOWN] is not None and new[_DOWN] is not None and new[_DOWN] > old[_DOWN])


def is_loading(row: Row) -> bool:
    """Whether bytes should be coming; that its tracker complains is no excuse."""
    return _runs(row) and not row[_COMPLETE]


_PASSING_RULES = (_complete, _ratio, _stalled)
_RULES = (_state, _checking, *_PASSING_RULES, _message, _texts)
