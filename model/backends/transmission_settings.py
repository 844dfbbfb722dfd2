"""Where Transmission keeps the settings of :mod:`model.settings`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lib.errors import Conflict
from lib.wire.transmission import Link
from lib.wire.transmission_refusals import Refusal
from lib.words import said
from model.backends.base import EncryptionState
from model.backends.transmission_facts import kilobytes, limit, read_session
from model.backends.transmission_values import count, flag, text

CHOICES = {'dht': ('off', 'on')}
MODE_WORDS = ('tolerated', 'preferred', 'required')

_COUNTS = {
    'max_peers': 'peer-limit-per-torrent',
    'max_open_sockets': 'peer-limit-global',
    'port': 'peer-port',
}
_FLAGS = {
    'pex': 'pex-enabled',
    'utp': 'utp-enabled',
    'lpd': 'lpd-enabled',
    'port_random': 'peer-port-random-on-start',
}
_TEXTS = {'directory': 'download-dir', 'session': 'config-dir'}
_LIMITS = {'up_limit': 'up', 'down_limit': 'down'}
_QUEUES = {'download_queue': 'download-queue', 'seed_queue': 'seed-queue'}


def read(link: Link) -> dict[str, Any]:
    """The settings it has, by our names."""
    session = read_session(link)
    values: dict[str, Any] = {key: limit(session, direction) for key, direction in _LIMITS.items()}
    values |= {key: count(session.get(name)) for key, name in _COUNTS.items()}
    values |= {key: flag(session.get(name)) for key, name in _FLAGS.items()}
    values |= {key: text(session.get(name)) for key, name in _TEXTS.items()}
    for key, name in _QUEUES.items():
        on, size = flag(session.get(f'{name}-enabled')), count(session.get(f'{name}-size'))
        values[key] = None if on is None else size if on else 0
    dht = flag(session.get('dht-enabled'))
    values['dht'] = None if dht is None else 'on' if dht else 'off'
    return {key: value for key, value in values.items() if value is not None}


def write(link: Link, values: Mapping[str, Any]) -> None:
    """Set checked settings in one request.

    :raises Conflict: Transmission cannot do one of them, and none was set, or refused.
    """
    wanted: dict[str, Any] = {}
    for key, value in values.items():
        wanted |= _wanted(key, value)
    try:
        link.ask(lambda client: client.set_session(**wanted))
    except Refusal as error:
        raise Conflict(said('Transmission refused: %(text)s', text=error.text)) from error


def _wanted(key: str, value: Any) -> dict[str, Any]:
    """The fields of the request for one setting. Without a limit or queue the number that it had is kept."""
    if key in _LIMITS:
        name = f'speed-limit-{_LIMITS[key]}'
        # The other limits, meant for hours of the day, would hold instead of these.
        size = {name: kilobytes(value)} if value else {}
        return {f'{name}-enabled': bool(value), 'alt-speed-enabled': False, **size}
    if key in _QUEUES:
        name = _QUEUES[key]
        return {f'{name}-enabled': bool(value), **({f'{name}-size': value} if value else {})}
    if key == 'dht':
        if value not in CHOICES[key]:
            raise Conflict('Transmission’s DHT is either on or off.')
        return {'dht-enabled': value == 'on'}
    return {(_COUNTS | _FLAGS)[key]: value}


def encryption(link: Link) -> EncryptionState:
    """The words it takes, and the one that is set."""
    return EncryptionState('modes', MODE_WORDS, text(read_session(link).get('encryption'), 40))


def set_encryption(link: Link, words: Sequence[str]) -> None:
    """Set a checked word."""
    wanted: dict[str, Any] = dict(zip(('encryption',), words, strict=True))
    link.ask(lambda client: client.set_session(**wanted))
