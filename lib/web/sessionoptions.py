"""Beaker's options: ours, and those of ``session_options`` that do not undo what keeps a login safe."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from beaker.crypto import get_crypto_module
from beaker.util import coerce_session_params

from lib.config import Config
from lib.errors import ConfigError, UnknownName
from model import statedir

MIN_SECRET = 32
_PREFIXES = ('beaker.session.', 'session.')
_KEY = re.compile(r'[A-Za-z0-9_-]{1,64}')

# Options that may only say what we do anyway, and why.
_FIXED: dict[str, tuple[Any, str]] = {
    'httponly': (True, 'scripts could read the cookie otherwise'),
    'secure': (
        True,
        'leave it out: the cookie is Secure when the request came by https, and else could not be',
    ),
    'auto': (False, 'every made-up cookie would leave a file otherwise'),
    'use_cookies': (True, 'there is no other way to know a browser again'),
    'data_serializer': ('json', 'a pickle can run programs'),
    'invalidate_corrupt': (True, 'a damaged session would end in an error page'),
    'save_accessed_time': (
        False,
        'every request would write the session, and one still running could revive a session that was just ended',
    ),
    'cookie_domain': (None, 'other hosts of the domain could read and plant the cookie'),
}
_FREE = (
    *('type', 'data_dir', 'lock_dir', 'url', 'key', 'secret', 'timeout', 'cookie_expires', 'cookie_path'),
    *('samesite', 'encrypt_key', 'validate_key', 'encrypt_nonce_bits', 'crypto_type'),
    *('table_name', 'schema_name', 'optimistic', 'memcache_module', 'protocol', 'log_file'),
)


def beaker_options(config: Config, secret: bytes) -> dict[str, Any]:
    """The options of Beaker's middleware, without their prefix and without ``secure``.

    :param secret: signs the cookies, unless ``session_options`` has one.
    :raises ConfigError: an option is unknown or would make a login less safe.
    """
    given = _given(config.session_options)
    for name, (wanted, why) in _FIXED.items():
        if name in given and given[name] != wanted:
            raise _wrong(name, given[name], f'{why}.')
    _check(given, config)
    options: dict[str, Any] = {
        'type': 'file',
        'data_dir': str(Path(config.STATE_DIR) / 'sessions'),
        'secret': secret.hex(),
        'cookie_path': config.BASE_URL or '/',
        # Lax and not Strict: with Strict a browser leaves the cookie out on the first click that comes from
        # anywhere else (a bookmark manager, a mail, the one-time link), and shows the login to those logged in.
        'samesite': 'Lax',
        'cookie_expires': config.SESSION_LIFETIME,
        **{name: wanted for name, (wanted, _) in _FIXED.items() if name not in ('secure', 'cookie_domain')},
        **{name: value for name, value in given.items() if name != 'timeout'},
    }
    options.setdefault('key', _cookie_name(config, str(options['secret'])))
    if len(str(options['secret']).encode()) < MIN_SECRET:
        raise _wrong(
            'secret',
            '•••',
            f'it has to be at least {MIN_SECRET} random bytes; leave it out to have one made.',
        )
    if options['type'] == 'file':
        statedir.private_directory(Path(options['data_dir']))
    return options


def lifetime(config: Config) -> int:
    """Seconds from login to the end of a session: ``SESSION_LIFETIME``, or ``session.timeout`` where that is less.

    Beaker would count a timeout from the last request and for that write the session in every request; we count
    it from the login.
    """
    timeout = _given(config.session_options).get('timeout')
    return min(config.SESSION_LIFETIME, timeout) if timeout else config.SESSION_LIFETIME


def _given(session_options: Mapping[str, Any]) -> dict[str, Any]:
    """What config.py has, without the prefixes, in Beaker's types."""
    given: dict[str, Any] = {}
    for full, value in session_options.items():
        prefix = next((each for each in _PREFIXES if str(full).startswith(each)), None)
        name = str(full).removeprefix(prefix or '')
        known = (*_FIXED, *_FREE)
        if prefix is None or (name not in known and not name.startswith('sa.')):
            raise ConfigError(
                f'session_options: {UnknownName("option", str(full), [f"session.{each}" for each in known])}'
            )
        given[name] = value
    try:
        # Beaker asks for save_accessed_time along with a timeout; ours is another timeout, see lifetime().
        coerced = coerce_session_params(
            {name: value for name, value in given.items() if name != 'save_accessed_time'}
        )
    except Exception as error:
        raise ConfigError(f'session_options: {error}') from error
    return {**given, **coerced}


def _check(given: Mapping[str, Any], config: Config) -> None:
    if given.get('type') == 'cookie':
        raise _wrong(
            'type', 'cookie', 'such a session cannot be ended by us. Leave it out, or use e.g. ext:redis.'
        )
    if given.get('samesite', 'Lax') not in ('Lax', 'Strict'):
        raise _wrong(
            'samesite', given['samesite'], 'it has to be Lax or Strict, or other sites could act for you.'
        )
    if not _KEY.fullmatch(given.get('key', 'x')):
        raise _wrong('key', given['key'], 'name the cookie with letters, digits, _ and - only.')
    path = given.get('cookie_path', '/')
    if not f'{config.BASE_URL}/'.startswith(path.rstrip('/') + '/'):
        raise _wrong(
            'cookie_path', path, f'no page below BASE_URL ({config.BASE_URL or "/"}) would get the cookie.'
        )
    if given.get('encrypt_key') and not given.get('validate_key'):
        raise _wrong('encrypt_key', '•••', 'session.validate_key has to be set as well.')
    if given.get('encrypt_key') and not get_crypto_module(given.get('crypto_type', 'default')).has_aes:
        raise _wrong('encrypt_key', '•••', 'Beaker would encrypt nothing without the package “cryptography”.')


def _cookie_name(config: Config, secret: str) -> str:
    """One name per installation: browsers share cookies between all ports of a host."""
    place = config.BASE_URL.strip('/').replace('/', '_') or str(config.HTTP_PORT)
    mark = hashlib.sha256(b'cookie name:' + secret.encode()).hexdigest()[:6]
    return f'pyrotorrent_{re.sub("[^A-Za-z0-9_-]", "-", place)}_{mark}'


def _wrong(name: str, value: object, why: str) -> ConfigError:
    return ConfigError(f"session_options['session.{name}'] = {str(value)[:100]!r} will not do: {why}")
