"""What happened to a torrent, told from two of its rows: one look at it and the next."""

from __future__ import annotations

from model.fields import AT, Row

#: What there is to tell: what it means, and after the semicolon what the detail says; none where there is no more.
KINDS = {
    'added': 'A torrent came; its name.',
    'removed': 'A torrent went; its name.',
    'updated': 'A lasting field changed; ``diff`` says which.',
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
MAX_DETAIL = 500  # characters

_NAME, _STATE, _STATUS, _HASHING = AT['name'], AT['state'], AT['status'], AT['hashing']
_COMPLETE, _FINISHED, _MESSAGE = AT['complete'], AT['finished'], AT['message']
_LABEL, _DIRECTORY = AT['label'], AT['directory']
_RUNNING = ('downloading', 'seeding')

Happening = tuple[str, str]


def between(old: Row | None, new: Row | None) -> list[Happening]:
    """What happened between two rows of the snapshot (:data:`model.fields.COLUMNS`): kinds of KINDS with details.

    :param old: None where the torrent came.
    :param new: None where it went.
    """
    if old is None or new is None:
        row = old or new
        name = str(row[_NAME] or '') if row else ''
        return [('added' if old is None else 'removed', name[:MAX_DETAIL])] if row else []
    same = old[_STATUS] == new[_STATUS] and old[_STATE : _MESSAGE + 1] == new[_STATE : _MESSAGE + 1]
    if same:  # most of the time only rates and totals differ
        return _texts(old, new)
    found = [(kind, '') for kind in (_state(old, new), _checking(old, new), _finished(old, new)) if kind]
    return found + _error(old, new) + _texts(old, new)


def _state(old: Row, new: Row) -> str:
    if bool(old[_STATE]) != bool(new[_STATE]):
        return 'started' if new[_STATE] else 'stopped'
    if old[_STATUS] in _RUNNING and new[_STATUS] == 'paused':
        return 'paused'
    return 'resumed' if old[_STATUS] == 'paused' and new[_STATUS] in _RUNNING else ''


def _checking(old: Row, new: Row) -> str:
    if bool(old[_HASHING]) == bool(new[_HASHING]):
        return ''
    return 'checking' if new[_HASHING] else 'checked'


def _finished(old: Row, new: Row) -> str:
    """A check of data that was there all the time makes a torrent complete as well, but sets no time."""
    if not new[_COMPLETE] or old[_COMPLETE]:
        return ''
    by_check = old[_HASHING] and not (new[_FINISHED] and not old[_FINISHED])
    return '' if by_check else 'finished'


def _error(old: Row, new: Row) -> list[Happening]:
    if new[_STATUS] != 'error' or (old[_STATUS] == 'error' and old[_MESSAGE] == new[_MESSAGE]):
        return []
    return [('error', str(new[_MESSAGE] or '')[:MAX_DETAIL])]


def _texts(old: Row, new: Row) -> list[Happening]:
    pairs = (('label', _LABEL), ('moved', _DIRECTORY))
    return [
        (kind, str(new[at] or '')[:MAX_DETAIL]) for kind, at in pairs if (old[at] or '') != (new[at] or '')
    ]
