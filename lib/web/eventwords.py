"""Events in words for people: what happened, how it looks, and what there is to say beside."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from lib import format as fmt
from lib import translate
from lib.translate import gettext
from lib.words import N_
from model.fields import COLUMNS

if TYPE_CHECKING:
    from model.events.eventlog import Event


class Kind(NamedTuple):
    """:ivar icon: its shape; ``state`` the word of the state whose colour it has, ``''`` where it is none."""

    words: str
    icon: str
    state: str = ''


KINDS = {
    'added': Kind(N_('added'), 'add'),
    'removed': Kind(N_('removed'), 'remove'),
    'updated': Kind(N_('changed'), 'settings'),
    'started': Kind(N_('started'), 'start'),
    'stopped': Kind(N_('stopped'), 'stop', 'stopped'),
    'paused': Kind(N_('paused'), 'pause', 'paused'),
    'resumed': Kind(N_('resumed'), 'start'),
    'checking': Kind(N_('check began'), 'check', 'checking'),
    'checked': Kind(N_('check ended'), 'verify'),
    'finished': Kind(N_('download complete'), 'verify', 'seeding'),
    'error': Kind(N_('error'), 'error', 'error'),
    'tracker_error': Kind(N_('tracker error'), 'error', 'error'),
    'stalled': Kind(N_('stalled'), 'warn', 'error'),
    'label': Kind(N_('label'), 'label'),
    'moved': Kind(N_('directory'), 'folder'),
    'ratio': Kind(N_('ratio reached'), 'up', 'seeding'),
    'disk_low': Kind(N_('little space left'), 'warn', 'error'),
    'offline': Kind(N_('client offline'), 'off', 'error'),
    'online': Kind(N_('client online'), 'ok', 'seeding'),
    'webhook': Kind(N_('webhook given up'), 'warn', 'error'),
    'test': Kind(N_('test'), 'ok'),
}
#: Why a client does not answer, by the codes of :mod:`lib.errors`.
_CAUSES = {
    'timed_out': N_('no answer in time'),
    'refused': N_('nobody listens'),
    'no_socket': N_('no socket'),
    'not_permitted': N_('no permission'),
    'unreachable': N_('no connection'),
}
_LABELS = {column.key: column.label for column in COLUMNS}
MAX_FIELDS = 4  # that are told of one change
MAX_VALUE = 80  # characters of a value


def of(kind: str) -> Kind:
    """Its words in the reader's language. One that we do not know (yet) is told as it is."""
    known = KINDS.get(kind, Kind(kind, 'settings'))
    return known._replace(words=translate.words(known.words))


def detail(event: Event, *, binary: bool = True) -> str:
    """What there is to say beside the kind and the name; ``''`` where there is no more."""
    if event.kind in ('added', 'removed', 'online'):
        return ''  # the name stands there anyway
    special = _DETAILS.get(event.kind)
    try:
        return special(event, binary) if special else event.detail
    except (TypeError, ValueError, ArithmeticError):  # of another version of ours
        return event.detail


def _label(event: Event, binary: bool) -> str:
    return event.detail or gettext('taken away')


def _stalled(event: Event, binary: bool) -> str:
    return gettext('nothing came for %(time)s') % {'time': fmt.duration(float(event.detail))}


def _ratio(event: Event, binary: bool) -> str:
    return fmt.ratio(round(float(event.detail) * 1000))


def _disk(event: Event, binary: bool) -> str:
    free = fmt.size(event.data.get('free'), binary=binary)
    if not event.detail:
        return gettext('%(free)s left') % {'free': free}
    return gettext('%(free)s left at %(path)s') % {'free': free, 'path': event.detail}


def _cause(event: Event, binary: bool) -> str:
    return translate.words(_CAUSES.get(event.detail, event.detail))


def _difference(event: Event, binary: bool) -> str:
    changed = [
        f'{translate.words(_LABELS.get(key, key))}: {_value(old)} → {_value(new)}'
        for key, (old, new) in event.data.get('diff', {}).items()
    ]
    more = ['…'] if len(changed) > MAX_FIELDS else []
    return ', '.join(changed[:MAX_FIELDS] + more)


def _value(value: Any) -> str:
    if value is None or value == '':
        return fmt.NONE
    if isinstance(value, bool):
        return gettext('yes') if value else gettext('no')
    return fmt.clip(str(value), MAX_VALUE)


_DETAILS: dict[str, Callable[[Event, bool], str]] = {
    'label': _label,
    'stalled': _stalled,
    'ratio': _ratio,
    'disk_low': _disk,
    'offline': _cause,
    'updated': _difference,
}
