"""Checks of single settings: each takes ``(name, value)`` and returns the value to keep or raises ConfigError."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Callable
from typing import Any, Literal, get_args, get_origin

from lib.errors import ConfigError
from lib.texts import CONTROL

_PATH = re.compile(r'(/[A-Za-z0-9._~-]+)*')
_HOST = re.compile(r'\*|(\*\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\]', re.ASCII)

Check = Callable[[str, Any], Any]


def wrong(name: str, value: object, remedy: str) -> ConfigError:
    return ConfigError(f'{name} = {str(value)[:100]!r} will not do: {remedy}')


def typed(name: str, value: Any, hint: Any) -> Any:
    """Refuse a value of another type than the table's; an int is a fine float, a tuple a fine list."""
    kind = str if get_origin(hint) is Literal else get_origin(hint) or hint
    if kind is float and type(value) is int:
        return float(value)
    if kind is list and isinstance(value, tuple):
        return list(value)
    if type(value) is not kind:
        raise wrong(name, value, f'it has to be of type {kind.__name__}.')
    if isinstance(value, list):
        return _entries(name, value, get_args(hint)[0])
    return value


def _entries(name: str, value: list[Any], kind: type) -> list[Any]:
    if kind is float:
        value = [float(entry) if type(entry) is int else entry for entry in value]
    if not all(isinstance(entry, kind) for entry in value):
        raise wrong(name, value, f'every entry has to be a {"number" if kind is float else "string"}.')
    return value


def text(name: str, value: str) -> str:
    """One line without control characters (a line break in a header setting would forge headers)."""
    if CONTROL.search(value):
        raise wrong(name, value, 'it must not hold control characters.')
    return value


def login(name: str, value: str) -> str:
    """ASCII on one line; the value is not repeated, since it is a password."""
    if not value.isascii() or not value.isprintable():
        raise ConfigError(f'{name} will not do: mail servers take printable ASCII characters only.')
    return value


def mail_address(name: str, value: str) -> str:
    if value and not re.fullmatch(r'[!-;=?A-~]+@[A-Za-z0-9.-]+', value):
        raise wrong(name, value, 'write an address such as torrents@example.org.')
    return value


def base_url(name: str, value: str) -> str:
    value = value.rstrip('/')
    if not _PATH.fullmatch(value):
        raise wrong(name, value, 'write a path such as /torrent, of letters, digits and . _ ~ - only.')
    return value


def static_url(name: str, value: str) -> str:
    return base_url(name, value)


def path(name: str, value: str) -> str:
    value = os.path.expanduser(text(name, value))
    if value and not os.path.isabs(value):
        raise wrong(name, value, 'write an absolute path.')
    return value


def directories(name: str, value: list[str]) -> list[str]:
    for entry in value:
        if not entry or os.path.normpath(path(name, entry)) == '/':
            raise wrong(name, entry, 'write absolute directories below /.')
    return [os.path.normpath(path(name, entry)) for entry in value]


def ratios(name: str, value: list[float]) -> list[float]:
    if not all(0 < ratio <= 1000 for ratio in value) or len(value) > 20:
        raise wrong(name, value, 'write at most 20 numbers between 0 and 1000, e.g. [1.0, 2.0].')
    return sorted(set(value))


def hosts(name: str, value: list[str]) -> list[str]:
    lowered = [entry.lower() for entry in value]
    for entry in lowered:
        if not _HOST.fullmatch(entry):
            raise wrong(
                name, entry, 'write a host name without scheme and port, e.g. torrents.example.org or [::1].'
            )
    return lowered


def networks(name: str, value: list[str]) -> list[str]:
    for entry in value:
        try:
            ipaddress.ip_network(entry)
        except ValueError as error:
            raise wrong(
                name, entry, f'write an address or a network such as 192.168.1.0/24 ({error}).'
            ) from error
    return value


def tables(name: str, value: dict[str, Any]) -> dict[str, Any]:
    for key, entry in value.items():
        if not isinstance(key, str) or not isinstance(entry, dict):
            raise wrong(name, key, 'write names with a dict each.')
    return value


def port(name: str, value: int) -> int:
    if not 0 <= value <= 65535:
        raise wrong(name, value, 'a port is a number from 0 to 65535.')
    return value


def between(least: float, most: float) -> Check:
    def check(name: str, value: float) -> float:
        if not least <= value <= most:
            raise wrong(name, value, f'it has to lie between {least} and {most}.')
        return value

    return check


def one_of(*words: str) -> Check:
    def check(name: str, value: str) -> str:
        if value not in words:
            raise wrong(name, value, f'use one of {", ".join(words)}.')
        return value

    return check
