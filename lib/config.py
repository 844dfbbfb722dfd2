"""The settings: one table of name, type, default, help and check, and the loader of ``config.py``.

``config.py`` is Python. It is found by ``--config``, by ``PYROTORRENT_CONFIG``, beside ``pyrotorrent.py``, or as
``~/.config/pyrotorrent/config.py``, in this order. Upper-case names (and the seed's ``session_options`` and
``rtorrent_config``) are settings; an unknown one is refused. Other lower-case names are the file's own affair.
"""

from __future__ import annotations

import dataclasses
import os
import runpy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, get_type_hints

from lib import settingchecks as checks
from lib.errors import ConfigError, UnknownName
from lib.targetspecs import TargetSpec, target_specs

PROJECT = Path(__file__).resolve().parent.parent


def setting(
    default: Any, help_text: str, check: Callable[[str, Any], Any] | None = None, secret: bool = False
) -> Any:
    """One line of the table. ``check(name, value)`` returns the value to keep or raises ConfigError."""
    metadata = {'help': help_text, 'check': check, 'secret': secret}
    if isinstance(default, dict | list):
        kind = type(default)
        return dataclasses.field(default_factory=lambda: kind(default), metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


@dataclasses.dataclass(frozen=True)
class Config:
    """The effective settings. The fields are the settings table; docs/configuration.rst is made from it."""

    BASE_URL: str = setting(
        '', 'Path prefix of every page, e.g. ``/torrent``; empty for the root.', checks.base_url
    )
    STATIC_URL: str = setting(
        '',
        'URL of the static files where the web server serves them itself; empty: pyroTorrent serves them '
        'below ``BASE_URL/static``.',
        checks.static_url,
    )
    rtorrent_config: dict[str, Any] = setting(
        {},
        'The clients: ``{"host", "port", "url"}`` for one rTorrent, or a mapping of names to clients.',
        secret=True,
    )
    session_options: dict[str, Any] = setting(
        {},
        'Options for Beaker, e.g. ``{"session.cookie_expires": True}``. Weakening ones are refused.',
        secret=True,
    )
    USE_AUTH: bool = setting(
        True, 'Ask for a login. ``False`` only works on a loopback address, for you alone on this machine.'
    )
    STATE_DIR: str = setting(
        '~/.local/state/pyrotorrent',
        'Directory (mode 0700) of the database, the sessions and the secret.',
        checks.path,
    )
    DATABASE_URL: str = setting(
        '', 'SQLAlchemy URL of a PostgreSQL; empty: SQLite in ``STATE_DIR``.', secret=True
    )
    ALLOWED_HOSTS: list[str] = setting(
        ['localhost', '127.0.0.1', '[::1]'],
        'Host names (without port) under which pyroTorrent answers; ``*.example.org`` covers subdomains.',
        checks.hosts,
    )
    TRUSTED_PROXIES: list[str] = setting(
        [],
        'Addresses or networks of proxies whose ``X-Forwarded-For``, ``-Proto`` and ``-Host`` are believed.',
        checks.networks,
    )
    HTTP_HOST: str = setting('127.0.0.1', 'Address on which the embedded server listens.', checks.text)
    HTTP_PORT: int = setting(
        8000, 'Port on which the embedded server listens; 0 takes any free one.', checks.port
    )
    THREADS: int = setting(16, 'Threads that answer requests.', checks.between(1, 256))
    MAX_STREAMS: int = setting(
        16,
        'Streams and long polls of events at the same time, half of them for any one account. Each holds a thread of '
        'its own, besides ``THREADS``.',
        checks.between(0, 512),
    )
    FCGI_QUEUE: int = setting(
        1024,
        'FastCGI requests that may wait for a thread before new ones are refused.',
        checks.between(1, 65536),
    )
    FCGI_SOCKET_MODE: int = setting(
        0o660,
        'Permissions of the FastCGI socket made by ``--bind``, e.g. ``0o660``.',
        checks.between(0o600, 0o777),
    )
    FCGI_GRACE: float = setting(
        10.0,
        'Seconds that requests under way get to finish when the FastCGI server stops.',
        checks.between(0, 600),
    )
    RPC_TIMEOUT: float = setting(
        10.0,
        'Seconds a whole call to rTorrent may take, from connect to the last byte.',
        checks.between(0.1, 600),
    )
    RPC_CONNECTIONS: int = setting(4, 'Connections to one rTorrent at the same time.', checks.between(1, 4))
    MAX_REPLY_BYTES: int = setting(
        96 * 2**20,
        'Largest reply read from rTorrent, in bytes. rTorrent itself dies above 100 MiB.',
        checks.between(2**20, 99 * 2**20),
    )
    DOWNLOAD_ROOTS: list[str] = setting(
        [],
        'Directories below which torrents may be placed and files may be downloaded; empty: only below each '
        "rTorrent's own default directory.",
        checks.directories,
    )
    MAX_TORRENT_BYTES: int = setting(
        10 * 2**20, 'Largest .torrent accepted, in bytes.', checks.between(1024, 64 * 2**20)
    )
    MAX_UPLOAD_BYTES: int = setting(
        64 * 2**20, 'Largest request body accepted, in bytes.', checks.between(64 * 1024, 1024 * 2**20)
    )
    PRIVATE_TRACKERS: Literal['allow', 'refuse'] = setting(
        'allow',
        "``'allow'`` or ``'refuse'`` .torrent files whose trackers are on private or loopback addresses; "
        'rTorrent would connect to them.',
        checks.one_of('allow', 'refuse'),
    )
    FETCH_TIMEOUT: float = setting(
        20.0, 'Seconds for fetching a .torrent by URL, redirects included.', checks.between(1, 600)
    )
    FETCH_ALLOWED_NETWORKS: list[str] = setting(
        [],
        'Private networks from which .torrent files may be fetched all the same, e.g. ``192.168.1.0/24``.',
        checks.networks,
    )
    WEBHOOKS: dict[str, Any] = setting(
        {},
        'Receivers of events by name, e.g. ``{"phone": {"style": "ntfy", "url": "https://ntfy.sh/my-topic", "kinds": '
        '["finished"]}}``; others are made in the page. :doc:`webhooks` names the keys.',
        checks.tables,
        secret=True,
    )
    WEBHOOK_ALLOWED_NETWORKS: list[str] = setting(
        [],
        'Private networks to which webhooks may be sent all the same, e.g. ``192.168.1.0/24``.',
        checks.networks,
    )
    WEBHOOK_TIMEOUT: float = setting(
        10.0, 'Seconds for one try to reach a receiver of events.', checks.between(1, 60)
    )
    WEBHOOK_PATIENCE: float = setting(
        86400.0,
        'Seconds for which every try may fail before a receiver of events is paused.',
        checks.between(60, 30 * 86400),
    )
    SMTP_HOST: str = setting('', 'Mail server for events sent by e-mail; empty: no e-mail.', checks.text)
    SMTP_PORT: int = setting(587, 'Port of the mail server.', checks.port)
    SMTP_SECURITY: Literal['starttls', 'tls', 'none'] = setting(
        'starttls',
        "``'starttls'`` (usual with port 587), ``'tls'`` (465) or ``'none'`` (25, for a server on this machine).",
        checks.one_of('starttls', 'tls', 'none'),
    )
    SMTP_USER: str = setting('', 'Name for the mail server; empty: no login.', checks.login)
    SMTP_PASSWORD: str = setting('', 'Password for the mail server.', checks.login, secret=True)
    SMTP_FROM: str = setting('', 'Sender of mails, e.g. ``torrents@example.org``.', checks.mail_address)
    SESSION_LIFETIME: int = setting(
        30 * 24 * 3600, 'Seconds after which a login ends.', checks.between(60, 366 * 24 * 3600)
    )
    PAGE_SIZE: int = setting(60, 'Torrents on one page of the list.', checks.between(10, 2000))
    SIZE_UNITS: str = setting(
        'binary',
        "``'binary'`` (KiB, MiB) or ``'decimal'`` (kB, MB) sizes.",
        checks.one_of('binary', 'decimal'),
    )
    EVENTS_KEPT: int = setting(
        50_000,
        'Events that are kept at most, with the histories of torrents; none is kept for longer than 90 days.',
        checks.between(1000, 5_000_000),
    )
    STALLED_AFTER: float = setting(
        600.0,
        'Seconds without a byte after which a download counts as stalled; 0 = never.',
        checks.between(0, 30 * 86400),
    )
    EVENT_RATIOS: list[float] = setting([1.0, 2.0], 'Ratios whose reaching is an event.', checks.ratios)
    DISK_LOW: int = setting(
        5 * 2**30,
        'Free bytes below which a disk that a client saves to is an event; 0 = never.',
        checks.between(0, 2**60),
    )
    LOG_FILE: str = setting('', 'File for the log (made with mode 0600); empty: standard error.', checks.path)
    LOG_LEVEL: str = setting(
        'INFO',
        'Least severe messages to log: DEBUG, INFO, WARNING or ERROR.',
        checks.one_of('DEBUG', 'INFO', 'WARNING', 'ERROR'),
    )
    source: str = dataclasses.field(default='', metadata={'internal': True})

    @property
    def targets(self) -> dict[str, TargetSpec]:
        """The configured clients by name, in the order of ``rtorrent_config``."""
        return target_specs(self.rtorrent_config)

    @property
    def static_url(self) -> str:
        """Where browsers find the static files."""
        return self.STATIC_URL or self.BASE_URL + '/static'


def table() -> list[dataclasses.Field[Any]]:
    """The rows of the settings table, in the order of the reference documentation."""
    return [field for field in dataclasses.fields(Config) if 'internal' not in field.metadata]


def written(name: str, value: object) -> str:
    """The value of a setting as config.py has it; permissions are octal there."""
    return f'{value:#o}' if name == 'FCGI_SOCKET_MODE' and isinstance(value, int) else repr(value)


def make(values: Mapping[str, Any], source: str = '') -> Config:
    """Check ``values`` against the table.

    :raises ConfigError: an unknown name, a wrong type, a value out of bounds, or settings that contradict each other.
    """
    known = {field.name: field for field in table()}
    hints = get_type_hints(Config)
    for name in values:
        if name not in known:
            own = ' Names of your own are written in small letters.'
            raise ConfigError(f'{source or "config.py"}: {UnknownName("setting", name, known)}{own}')
    defaults = Config()
    checked: dict[str, Any] = {}
    for name, field in known.items():
        value = checks.typed(name, values.get(name, getattr(defaults, name)), hints[name])
        check = field.metadata['check']
        checked[name] = check(name, value) if check else value
    config = Config(**checked, source=source)
    _check_together(config)
    return config


def _check_together(config: Config) -> None:
    """Refuse combinations that cannot work, and read the targets once so that a wrong one is said at the start."""
    config.targets  # noqa: B018  reading them is the check
    if not config.USE_AUTH and '*' in config.ALLOWED_HOSTS:
        raise ConfigError(
            'USE_AUTH = False and ALLOWED_HOSTS = ["*"] together would let every web site use your rTorrent: '
            'name the hosts, or leave the login on.'
        )


def find(path: str | None, environ: Mapping[str, str]) -> Path | None:
    """The configuration file that would be used, or None where there is none.

    :raises ConfigError: a file that was named does not exist.
    """
    named = path or environ.get('PYROTORRENT_CONFIG')
    if named:
        file = Path(named).expanduser()
        if not file.is_file():
            raise ConfigError(f'The configuration file {file} does not exist. Copy config.py.example there.')
        return file
    places = (PROJECT / 'config.py', Path(environ.get('HOME', '/')) / '.config/pyrotorrent/config.py')
    return next((place for place in places if place.is_file()), None)


def load(path: str | None = None, environ: Mapping[str, str] = os.environ) -> Config:
    """The settings from the configuration file, or the defaults where there is no file.

    :raises ConfigError: the file does not exist, is not Python, or holds a wrong setting.
    """
    file = find(path, environ)
    if file is None:
        return make({})
    try:
        names = runpy.run_path(str(file))
    except Exception as error:
        raise ConfigError(f'{file} cannot be read as Python: {type(error).__name__}: {error}') from error
    seed = {'session_options', 'rtorrent_config'}
    values = {name: value for name, value in names.items() if name.isupper() or name in seed}
    return make(values, str(file))
