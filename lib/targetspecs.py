"""The shapes of ``rtorrent_config``: the seed's flat form and named targets of every kind, made into specifications."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote, unquote, urlsplit

from lib.errors import ConfigError
from lib.texts import CONTROL

Kind = Literal['rtorrent', 'transmission', 'client']

#: Seconds between two ticks while somebody looks: what ``interval`` may be.
LEAST_INTERVAL, MOST_INTERVAL = 0.2, 3600.0

_NAME = re.compile(r'[A-Za-z0-9][A-Za-z0-9_.-]{0,63}')
_CLASS = re.compile(r'[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*')
_HOST = re.compile(r'[A-Za-z0-9._:-]+')
_PATH = re.compile(r"/[A-Za-z0-9/._~!$&'()*+,;=:@%-]*")
_FLAT = {'host', 'port', 'url', 'interval'}
_KINDS = ('url', 'scgi', 'http', 'transmission', 'client')
_FORMS = (
    "{'url': 'scgi:///run/rtorrent.sock'}, {'scgi': {'unix-socket': '/run/rtorrent.sock'}}, "
    "{'transmission': {'host': '127.0.0.1'}} or {'client': 'mymodule:MyClient'}"
)
_TRANSMISSION = {'host', 'port', 'path', 'user', 'password', 'tls'}
_TRANSMISSION_PATH = '/transmission/rpc'
_SCHEMES = {'transmission': ('http', 9091), 'transmission+https': ('https', 443)}


@dataclass(frozen=True)
class TargetSpec:
    """One configured client.

    :ivar url: where an rTorrent (``scgi:`` or ``http:``) or a Transmission (``http:``, without login) listens; ``''``
        for a client of the user's own.
    :ivar client: the user's own class, or its place as ``module:Class``; None for the other kinds.
    :ivar options: what that class is made with; for a Transmission its ``user`` and ``password``.
    :ivar interval: seconds between ticks while somebody looks; None for the usual.
    """

    name: str
    kind: Kind = 'rtorrent'
    url: str = field(default='', repr=False)  # may hold a password
    client: str | type | None = None
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    interval: float | None = None


def target_specs(config: Mapping[str, Any]) -> dict[str, TargetSpec]:
    """Read ``rtorrent_config``.

    :raises ConfigError: an entry is none of the known forms.
    """
    if not config:
        return {}
    if set(config) <= _FLAT and 'host' in config and not isinstance(config['host'], dict):
        entry = {key: value for key, value in config.items() if key != 'interval'}
        pause = _interval(config, 'rtorrent_config')
        return {'rtorrent': TargetSpec('rtorrent', url=_http(entry, 'rtorrent_config'), interval=pause)}
    return {name: _spec(_name(name), entry) for name, entry in config.items()}


def _name(name: object) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ConfigError(
            f'rtorrent_config: {name!r} is not a name for a client: use letters, digits and . _ -, at most 64 of them.'
        )
    return name


def _spec(name: str, entry: object) -> TargetSpec:
    where = f'rtorrent_config[{name!r}]'
    if not isinstance(entry, dict):
        raise ConfigError(f'{where} has to be a mapping such as {_FORMS}.')
    named = [key for key in entry if key in _KINDS]
    if len(named) != 1:
        raise ConfigError(f'{where} needs exactly one of the keys {", ".join(_KINDS)}, e.g. {_FORMS}.')
    key, value = named[0], entry[named[0]]
    allowed = {key, 'interval', 'options'} if key == 'client' else {key, 'interval'}
    for other in entry:
        if other not in allowed:
            raise ConfigError(f'{where}: the key {other!r} is not understood beside {key!r}. Write {_FORMS}.')
    pause = _interval(entry, where)
    if key == 'client':
        return TargetSpec(
            name, 'client', client=_class(value, where), options=_options(entry, where), interval=pause
        )
    if key == 'url' and isinstance(value, str):
        if value.partition('://')[0].lower() in _SCHEMES:
            url, login = _transmission_url(value, where)
            return TargetSpec(name, 'transmission', url, options=login, interval=pause)
        return TargetSpec(name, url=value, interval=pause)
    if not isinstance(value, dict):
        raise ConfigError(f'{where}[{key!r}] is not of the right type. Write {_FORMS}.')
    if key == 'transmission':
        url, login = _transmission(value, f'{where}[{key!r}]')
        return TargetSpec(name, 'transmission', url, options=login, interval=pause)
    return TargetSpec(name, url=(_scgi if key == 'scgi' else _http)(value, where), interval=pause)


def _interval(entry: Mapping[str, Any], where: str) -> float | None:
    value = entry.get('interval')
    if value is None:
        return None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not LEAST_INTERVAL <= value <= MOST_INTERVAL:
        raise ConfigError(
            f"{where}: 'interval' has to be a number of seconds from {LEAST_INTERVAL} to {MOST_INTERVAL:.0f}, "
            f'not {value!r}.'
        )
    return float(value)


def _class(value: object, where: str) -> str | type:
    if isinstance(value, type) or (isinstance(value, str) and _CLASS.fullmatch(value)):
        return value
    raise ConfigError(
        f"{where}: 'client' has to be a class, or its place as 'module:Class' such as 'mymodule:MyClient', "
        f'not {value!r}.'
    )


def _options(entry: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    options = entry.get('options') or {}
    if not isinstance(options, dict) or not all(isinstance(key, str) for key in options):
        raise ConfigError(
            f"{where}: 'options' has to be a mapping of names to values; the class is made with them as keywords."
        )
    return options


def _scgi(entry: Mapping[str, Any], where: str) -> str:
    if set(entry) == {'unix-socket'} and isinstance(entry['unix-socket'], str):
        return f'scgi://{quote(entry["unix-socket"])}'
    if set(entry) == {'host', 'port'}:
        return f'scgi://{_host(entry["host"], where)}:{_port(entry["port"], where)}'
    raise ConfigError(f"{where}['scgi'] takes either 'unix-socket' or 'host' and 'port'.")


def _http(entry: Mapping[str, Any], where: str) -> str:
    unknown = set(entry) - {'host', 'port', 'url'}
    if unknown or 'host' not in entry:
        raise ConfigError(
            f"{where} takes 'host', 'port' and 'url', nothing else; found {sorted(map(str, entry))}."
        )
    path = entry.get('url') or '/RPC2'
    if not isinstance(path, str):
        raise ConfigError(f"{where}['url'] has to be a path such as '/RPC2', or empty.")
    return f'http://{_host(entry["host"], where)}:{_port(entry.get("port", 80), where)}/{path.lstrip("/")}'


def _transmission(entry: Mapping[str, Any], where: str) -> tuple[str, dict[str, str]]:
    unknown = sorted(map(str, set(entry) - _TRANSMISSION))
    if unknown or 'host' not in entry:
        takes = ', '.join(repr(key) for key in ('port', 'path', 'user', 'password', 'tls'))
        raise ConfigError(f"{where} needs 'host' and takes {takes}; found {sorted(map(str, entry))}.")
    tls = entry.get('tls', False)
    if not isinstance(tls, bool):
        raise ConfigError(f"{where}: 'tls' has to be True or False, not {tls!r}.")
    scheme, usual = _SCHEMES['transmission+https' if tls else 'transmission']
    path = entry.get('path') or _TRANSMISSION_PATH
    if not isinstance(path, str) or not _PATH.fullmatch(path):
        raise ConfigError(f"{where}: 'path' has to be a path such as {_TRANSMISSION_PATH!r}, not {path!r}.")
    login = {key: _login(entry.get(key), key, where) for key in ('user', 'password')}
    port = _port(entry.get('port', usual), where)
    return f'{scheme}://{_host(entry["host"], where)}:{port}{path}', login


def _login(value: object, key: str, where: str) -> str:
    if value is None:
        return ''
    if not isinstance(value, str) or CONTROL.search(value):
        raise ConfigError(f'{where}: {key!r} has to be a text without control characters.')
    if key == 'user' and ':' in value:
        raise ConfigError(f"{where}: 'user' cannot hold a colon.")
    return value


def _transmission_url(url: str, where: str) -> tuple[str, dict[str, str]]:
    """``transmission[+https]://[user:password@]host[:port][/path]``; no message shows what may be the password."""
    try:
        parts = urlsplit(url)
        place = {'host': parts.hostname or '', 'path': parts.path.rstrip('/'), 'port': parts.port}
    except ValueError:
        place = {'host': ''}
    if not place['host'] or parts.query or parts.fragment:
        raise ConfigError(
            f'{where}: write the address of a Transmission as transmission://user:password@host:9091 '
            f'or transmission+https://host{_TRANSMISSION_PATH}; write special characters as %XX.'
        )
    entry = {key: value for key, value in place.items() if value is not None}
    login = {'user': unquote(parts.username or ''), 'password': unquote(parts.password or '')}
    return _transmission(entry | login | {'tls': parts.scheme.endswith('+https')}, where)


def _host(value: object, where: str) -> str:
    if not isinstance(value, str) or not _HOST.fullmatch(value):
        shown = repr(value) if '@' not in str(value) else 'one with a login'
        raise ConfigError(f"{where}: 'host' has to be a host name or an address, not {shown}.")
    return f'[{value}]' if ':' in value else value


def _port(value: object, where: str) -> int:
    if type(value) is not int or not 0 < value < 65536:
        raise ConfigError(f"{where}: 'port' has to be a number from 1 to 65535, not {value!r}.")
    return value
