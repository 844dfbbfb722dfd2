"""The settings of a client as a whole: what there is, and in which bounds it may be written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lib.words import N_


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


def groups() -> list[tuple[str, list[Setting]]]:
    """The settings under the headings of a form, in order."""
    titles = dict.fromkeys(setting.group for setting in SETTINGS)
    return [(title, [setting for setting in SETTINGS if setting.group == title]) for title in titles]
