"""The shapes of ``rtorrent_config``: the seed's flat form and named targets, made into URLs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from lib.errors import ConfigError

_NAME = re.compile(r'[A-Za-z0-9][A-Za-z0-9_.-]{0,63}')
_FLAT = {'host', 'port', 'url'}
_FORMS = "{'url': 'scgi:///run/rtorrent.sock'} or {'scgi': {'unix-socket': '/run/rtorrent.sock'}}"


@dataclass(frozen=True)
class TargetSpec:
    """One configured client: its name and the URL of its remote control."""

    name: str
    url: str


def target_specs(config: Mapping[str, Any]) -> dict[str, TargetSpec]:
    """Read ``rtorrent_config``.

    :raises ConfigError: an entry is none of the known forms.
    """
    if not config:
        return {}
    if set(config) <= _FLAT and 'host' in config and not isinstance(config['host'], dict):
        return {'rtorrent': TargetSpec('rtorrent', _http(config, 'rtorrent_config'))}
    return {name: TargetSpec(_name(name), _url(name, entry)) for name, entry in config.items()}


def _name(name: object) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ConfigError(
            f'rtorrent_config: {name!r} is not a name for a target: use letters, digits and . _ -, at most 64 of them.'
        )
    return name


def _url(name: str, entry: object) -> str:
    where = f'rtorrent_config[{name!r}]'
    if not isinstance(entry, dict) or len(entry) != 1:
        raise ConfigError(
            f'{where} has to be a mapping with one of the keys url, scgi or http, e.g. {_FORMS}.'
        )
    ((key, value),) = entry.items()
    if key == 'url' and isinstance(value, str):
        return value
    if key == 'scgi' and isinstance(value, dict):
        return _scgi(value, where)
    if key == 'http' and isinstance(value, dict):
        return _http(value, where)
    raise ConfigError(f'{where}: the key {key!r} is not understood here. Write {_FORMS}.')


def _scgi(entry: Mapping[str, Any], where: str) -> str:
    if set(entry) == {'unix-socket'} and isinstance(entry['unix-socket'], str):
        return f'scgi://{quote(entry["unix-socket"])}'
    if set(entry) == {'host', 'port'}:
        return f'scgi://{_host(entry["host"], where)}:{_port(entry["port"], where)}'
    raise ConfigError(f"{where}['scgi'] takes either 'unix-socket' or 'host' and 'port'.")


def _http(entry: Mapping[str, Any], where: str) -> str:
    unknown = set(entry) - _FLAT
    if unknown or 'host' not in entry:
        raise ConfigError(
            f"{where} takes 'host', 'port' and 'url', nothing else; found {sorted(map(str, entry))}."
        )
    path = entry.get('url') or '/RPC2'
    if not isinstance(path, str):
        raise ConfigError(f"{where}['url'] has to be a path such as '/RPC2', or empty.")
    return f'http://{_host(entry["host"], where)}:{_port(entry.get("port", 80), where)}/{path.lstrip("/")}'


def _host(value: object, where: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(r'[A-Za-z0-9._:-]+', value):
        raise ConfigError(f"{where}: 'host' has to be a host name or an address, not {value!r}.")
    return f'[{value}]' if ':' in value else value


def _port(value: object, where: str) -> int:
    if type(value) is not int or not 0 < value < 65536:
        raise ConfigError(f"{where}: 'port' has to be a number from 1 to 65535, not {value!r}.")
    return value
