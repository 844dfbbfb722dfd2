"""The settings of a client as a whole: what there is, what may be written, and in which bounds.

Which of them a client has is found out by asking: :func:`read` leaves out what it does not answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lib.errors import Conflict, UnknownName, UsageError, WireError
from lib.words import N_, named, said
from model.backends.base import Backend
from model.hub import SEEN, Hub

_PORTS = re.compile(r'([0-9]{1,5})-([0-9]{1,5})')


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    :ivar kind: ``rate`` (bytes/s, 0 = no limit), ``count``, ``flag``, ``choice``, ``ports`` or ``text``.
    :ivar low: least number; ``high``: greatest.
    :ivar choices: the words to choose from, where there are any; for a flag ``off`` and ``on``.
    :ivar unit: of the number in a form; see :meth:`show`.
    :ivar writable: whether it can be set while the client runs.
    :ivar help: what a person should know.
    """

    key: str
    group: str
    label: str
    kind: str
    low: int = 0
    high: int = 0
    choices: tuple[str, ...] = ()
    writable: bool = True
    help: str = ''
    unit: str = ''

    def show(self, value: Any) -> str:
        """``value`` as the field of a form shows it: rates in KiB/s."""
        if value is None:
            return ''
        if self.kind == 'flag':
            return 'on' if value else 'off'
        return str(value // 1024) if self.kind == 'rate' else str(value)


_RATE = 1 << 30  # rTorrent's own bound
_MOST = (1 << 16) - 1  # with more slots or peers rTorrent ends itself when it starts the next torrent


def _rate(key: str, label: str) -> Setting:
    return Setting(
        key,
        N_('Rates'),
        label,
        'rate',
        high=_RATE,
        unit='KiB/s',
        help=N_('0 means no limit. The client rounds to whole KiB/s or kB/s.'),
    )


def _flag_setting(key: str, group: str, label: str, help: str = '') -> Setting:
    return Setting(key, group, label, 'flag', choices=('off', 'on'), help=help)


def _count(key: str, group: str, label: str, high: int, *, low: int = 0, help: str = '') -> Setting:
    return Setting(key, group, label, 'count', low=low, high=high, help=help)


_NO_LIMIT = N_('0 means no limit.')
_AS_NORMAL = N_('-1 means the same as for downloads.')

SETTINGS: tuple[Setting, ...] = (
    _rate('up_limit', N_('Upload limit')),
    _rate('down_limit', N_('Download limit')),
    _count('max_uploads_global', N_('Slots'), N_('Upload slots in all'), _MOST, help=_NO_LIMIT),
    _count('max_downloads_global', N_('Slots'), N_('Download slots in all'), _MOST, help=_NO_LIMIT),
    _count('max_uploads', N_('Slots'), N_('Upload slots per torrent'), _MOST),
    _count('min_uploads', N_('Slots'), N_('Least upload slots per torrent'), _MOST),
    _count('max_downloads', N_('Slots'), N_('Download slots per torrent'), _MOST),
    _count('min_downloads', N_('Slots'), N_('Least download slots per torrent'), _MOST),
    _count('download_queue', N_('Slots'), N_('Torrents that download at once'), 10_000, help=_NO_LIMIT),
    _count('seed_queue', N_('Slots'), N_('Torrents that seed at once'), 10_000, help=_NO_LIMIT),
    _count('min_peers', N_('Peers'), N_('Least peers while downloading'), _MOST),
    _count('max_peers', N_('Peers'), N_('Most peers while downloading'), _MOST),
    _count('min_peers_seed', N_('Peers'), N_('Least peers while seeding'), _MOST, low=-1, help=_AS_NORMAL),
    _count('max_peers_seed', N_('Peers'), N_('Most peers while seeding'), _MOST, low=-1, help=_AS_NORMAL),
    _count(
        'numwant',
        N_('Peers'),
        N_('Peers to ask a tracker for'),
        1000,
        low=-1,
        help=N_('-1 leaves it to the tracker.'),
    ),
    Setting(
        'dht',
        N_('Finding peers'),
        N_('DHT'),
        'choice',
        choices=('disable', 'off', 'auto', 'on'),
        help=N_(
            '“auto” turns it on with the first torrent that may use it; “disable” turns it off for good.'
        ),
    ),
    _flag_setting(
        'pex',
        N_('Finding peers'),
        N_('Peer exchange'),
        N_('Counts for torrents that are opened from now on.'),
    ),
    _flag_setting(
        'lpd', N_('Finding peers'), N_('Local peer discovery'), N_('Asks the local network for peers.')
    ),
    _flag_setting('udp_trackers', N_('Finding peers'), N_('UDP trackers')),
    Setting(
        'port_range',
        N_('Network'),
        N_('Ports to listen on'),
        'ports',
        help=N_('Counts from its next start.'),
    ),
    _flag_setting(
        'port_random',
        N_('Network'),
        N_('Choose the port at random'),
        N_('Counts from its next start.'),
    ),
    _flag_setting('utp', N_('Network'), N_('µTP'), N_('Connections over UDP that give way to others.')),
    Setting('port', N_('Network'), N_('Port in use'), 'count', writable=False),
    Setting('dht_port', N_('Network'), N_('DHT port'), 'count', writable=False),
    _count('max_open_sockets', N_('Network'), N_('Most open connections'), 1_000_000, low=16),
    _count('max_http', N_('Network'), N_('Most tracker requests at once'), 1024, low=1),
    _count('max_open_files', N_('Files'), N_('Most open files'), 65535, low=4),
    _flag_setting('check_on_completion', N_('Files'), N_('Check the data when a download completes')),
    Setting('directory', N_('Files'), N_('Default directory'), 'text', writable=False),
    Setting('session', N_('Files'), N_('Session directory'), 'text', writable=False),
)
BY_KEY: dict[str, Setting] = {setting.key: setting for setting in SETTINGS}
_PAIRS = (
    ('min_peers', 'max_peers'),
    ('min_peers_seed', 'max_peers_seed'),
    ('min_uploads', 'max_uploads'),
    ('min_downloads', 'max_downloads'),
)


def groups() -> list[tuple[str, list[Setting]]]:
    """The settings under the headings of a form, in order."""
    titles = dict.fromkeys(setting.group for setting in SETTINGS)
    return [(title, [setting for setting in SETTINGS if setting.group == title]) for title in titles]


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
