"""Reading and writing the settings of a client as a whole (:mod:`.settingtable`).

Which of them a client has is found out by asking: :func:`read` leaves out what it does not answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lib.errors import Conflict, UnknownName, UsageError, WireError
from lib.words import named, said
from model.backends.base import Backend
from model.hub import SEEN, Hub
from model.settingtable import BY_KEY, SETTINGS, Setting, groups

__all__ = ['BY_KEY', 'SETTINGS', 'Setting', 'apply', 'check', 'flag', 'groups', 'number', 'read']

_PORTS = re.compile(r'([0-9]{1,5})-([0-9]{1,5})')
_PAIRS = (
    ('min_peers', 'max_peers'),
    ('min_peers_seed', 'max_peers_seed'),
    ('min_uploads', 'max_uploads'),
    ('min_downloads', 'max_downloads'),
)


def read(backend: Backend) -> dict[str, Any]:
    """The values the client has, by key, in the order of :data:`SETTINGS`; one request."""
    return backend.settings()


def check(values: Mapping[str, object]) -> dict[str, Any]:
    """``values`` (from a form, JSON or a program) in their own types.

    :raises UnknownName: there is no setting of that name.
    :raises UsageError: a value is wrong, or two contradict one another; ``field`` names it.
    """
    checked = {key: _check(_setting(key), value) for key, value in values.items()}
    for low, high in _PAIRS:
        least, most = checked.get(low, -1), checked.get(high, -1)
        if least >= 0 and most >= 0 and least > most:
            raise UsageError(
                said(
                    '“%(label)s” is greater than “%(label2)s”.',
                    label=named(BY_KEY[low].label),
                    label2=named(BY_KEY[high].label),
                ),
                field=low,
            )
    return checked


def apply(hub: Hub, target: str, values: Mapping[str, object]) -> dict[str, Any]:
    """Set the settings that differ from the present ones; nothing is sent unless all of ``values`` are right.

    :return: all settings as they read back afterwards (a client may round).
    :raises UsageError: as :func:`check`.
    :raises NotFound: there is no such target.
    :raises Conflict: the client lacks, refused or ignored one; says which. The others are set.
    :raises WireError: the client did not answer.
    """
    checked = check(values)
    backend = hub.get(target)
    present = backend.settings()
    lacking = [key for key in checked if key not in present]
    if lacking:
        raise Conflict(
            said('This client does not have the setting “%(label)s”.', label=named(BY_KEY[lacking[0]].label))
        )
    changed = {key: value for key, value in checked.items() if value != present[key]}
    if not changed:
        return present
    try:
        backend.set_settings(changed)
    except WireError as error:
        if not error.sent:
            raise
        return _read_back(backend, changed, error)
    hub.poke([target], wait=SEEN)
    now = backend.settings()
    _require_taken(changed, present, now)
    return now


def _require_taken(wanted: Mapping[str, Any], before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """rTorrent 0.16 answers some setters politely and ignores them."""
    for key, value in wanted.items():
        exact = BY_KEY[key].kind != 'rate' or value // 1024 != before[key] // 1024
        if exact and now.get(key) == before[key]:
            raise Conflict(
                said(
                    'The client ignores a new value of “%(label)s” while it runs; put it into its configuration.',
                    label=named(BY_KEY[key].label),
                )
            )


def _read_back(backend: Backend, wanted: Mapping[str, Any], error: WireError) -> dict[str, Any]:
    """After an answer that never came: the settings, if they are what was wanted."""
    now = backend.settings()
    if all(now.get(key) == value for key, value in wanted.items()):
        return now
    raise error


def _setting(key: str) -> Setting:
    setting = BY_KEY.get(key)
    if setting is None:
        raise UnknownName('setting', key, BY_KEY)
    if not setting.writable:
        raise UsageError(said('“%(label)s” can only be read.', label=named(setting.label)), field=key)
    return setting


def _check(setting: Setting, value: object) -> Any:
    if setting.kind == 'flag':
        return flag(value, setting.key, setting.label)
    if setting.kind == 'choice':
        if value not in setting.choices:
            raise UsageError(
                said(
                    '“%(label)s” is one of: %(list)s.',
                    label=named(setting.label),
                    list=', '.join(setting.choices),
                ),
                field=setting.key,
            )
        return value
    if setting.kind == 'ports':
        return _ports(setting, value)
    return number(value, setting.key, setting.label, setting.low, setting.high)


def _ports(setting: Setting, value: object) -> str:
    match = _PORTS.fullmatch(value.replace(' ', '')) if isinstance(value, str) else None
    if not match or not 1 <= int(match[1]) <= int(match[2]) <= 65535:
        raise UsageError(
            said(
                '“%(label)s” is two ports from 1 to 65535 like 6890-6999, the smaller one first.',
                label=named(setting.label),
            ),
            field=setting.key,
        )
    return f'{int(match[1])}-{int(match[2])}'


def number(value: object, field: str, label: str, low: int, high: int) -> int:
    """``value`` as a whole number within bounds; texts of digits count, as forms send them.

    :raises UsageError: it is none, or out of bounds.
    """
    if isinstance(value, str) and re.fullmatch(r'-?[0-9]{1,18}', value.strip()):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise UsageError(
            said(
                '“%(label)s” is a whole number from %(low)s to %(high)s.',
                label=named(label),
                low=low,
                high=high,
            ),
            field=field,
        )
    return value


_TRUE, _FALSE = ('1', 'true', 'on', 'yes'), ('0', 'false', 'off', 'no', '')


def flag(value: object, field: str, label: str) -> bool:
    """``value`` as yes or no; the words of forms and JSON count.

    :raises UsageError: it is neither.
    """
    word = value.strip().lower() if isinstance(value, str) else value
    if word is True or word == 1 or word in _TRUE:
        return True
    if word is False or word == 0 or word in _FALSE:
        return False
    raise UsageError(said('“%(label)s” is either on or off.', label=named(label)), field=field)
