"""Addresses of torrent clients, parsed once and strictly."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from lib.errors import ConfigError
from lib.texts import CONTROL

# A unix socket's address is 108 bytes with its closing NUL, on every Linux.
MAX_SOCKET_PATH = 107

_FORMS = 'scgi:///run/rtorrent.sock, scgi://127.0.0.1:5000 or https://user:password@host/RPC2'
_SPLIT = re.compile(r'(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<place>[^/?#]*)(?P<path>.*)', re.DOTALL)
_HOST = re.compile(r'[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252})')
_ADDRESS6 = re.compile(r'[0-9A-Fa-f:.]{2,45}')
_HTTP_PATH = re.compile(r"[A-Za-z0-9/._~!$&'()*+,;=:@%?-]*")
_PORTS = {'http': 80, 'https': 443}


@dataclass(frozen=True)
class Address:
    """Where a client listens.

    :ivar scheme: ``scgi``, ``http`` or ``https``.
    :ivar host: name or address without brackets; empty for a unix socket.
    :ivar port: 0 for a unix socket.
    :ivar path: the socket's path on disk, or the path of the HTTP request; empty for SCGI over TCP.
    """

    scheme: str
    host: str
    port: int
    path: str
    user: str = ''
    password: str = field(default='', repr=False)

    def __str__(self) -> str:
        """The address for people and logs: never with user or password."""
        if self.is_unix:
            return self.path
        host = f'[{self.host}]' if ':' in self.host else self.host
        return f'{self.scheme}://{host}:{self.port}{self.path}'

    @property
    def is_unix(self) -> bool:
        return self.scheme == 'scgi' and not self.host


def parse(url: str) -> Address:
    """Take ``scgi:///path``, ``scgi://host:port`` or ``http(s)://[user:password@]host[:port][/path]`` apart.

    :raises ConfigError: the URL is none of these; says which part is wrong, without the password.
    """
    match = _SPLIT.fullmatch(url)
    if not match:
        raise ConfigError(f'“{_shown(url)}” is not an address. Write it like {_FORMS}.')
    scheme, place, path = match['scheme'].lower(), match['place'], match['path']
    if ' ' in url or CONTROL.search(url):
        raise ConfigError(f'“{_shown(url)}” holds a blank or a control character. Write %20 for a blank.')
    if scheme == 'scgi':
        return _scgi(place, path, url)
    if scheme in _PORTS:
        return _http(scheme, place, path, url)
    raise ConfigError(f'“{_shown(url)}”: the scheme “{scheme[:20]}” is not known. Write it like {_FORMS}.')


def _scgi(place: str, path: str, url: str) -> Address:
    if place:
        if '@' in place:
            raise ConfigError(
                f'“{_shown(url)}”: SCGI knows no user and no password; remove the part before @.'
            )
        if path not in ('', '/'):
            raise ConfigError(
                f'“{_shown(url)}”: an SCGI address is a host and a port, or a path after three slashes.'
            )
        host, port = _host_port(place, 0, url)
        return Address('scgi', host, port, '')
    raw = unquote_to_bytes(path)
    if not raw.startswith(b'/') or raw.endswith(b'/') or b'\0' in raw:
        raise ConfigError(
            f'“{_shown(url)}”: the path of a socket is missing. Write scgi:///run/rtorrent.sock.'
        )
    if len(raw) > MAX_SOCKET_PATH:
        raise ConfigError(
            f'The socket path “{_shown(path)}” has {len(raw)} bytes; the system takes at most '
            f'{MAX_SOCKET_PATH}. Use a shorter path (or a shorter symbolic link to its directory).'
        )
    return Address('scgi', '', 0, raw.decode('utf-8', 'surrogateescape'))


def _http(scheme: str, place: str, path: str, url: str) -> Address:
    login, at, rest = place.rpartition('@')
    user, _, password = login.partition(':')
    user, password = _credential(user, url), _credential(password, url)
    if ':' in user or (at and not user):
        raise ConfigError(f'“{_shown(url)}”: the part before @ has to be user:password.')
    host, port = _host_port(rest, _PORTS[scheme], url)
    if not _HTTP_PATH.fullmatch(path):
        raise ConfigError(
            f'“{_shown(url)}”: the path may hold only letters, digits and /._~%?=&-; write others as %XX.'
        )
    return Address(scheme, host, port, path or '/RPC2', user, password)


def _credential(text: str, url: str) -> str:
    try:
        value = unquote_to_bytes(text).decode('utf-8')
    except UnicodeDecodeError:
        value = '\0'
    if CONTROL.search(value):
        raise ConfigError(f'“{_shown(url)}”: user and password have to be plain text in UTF-8.')
    return value


def _host_port(place: str, default: int, url: str) -> tuple[str, int]:
    match = re.fullmatch(r'(?:\[(?P<six>[^\]]*)\]|(?P<name>[^:\[\]]*))(?::(?P<port>[0-9]{1,5}))?', place)
    host = (match['six'] or match['name'] or '') if match else ''
    if not match or not (_ADDRESS6 if match['six'] else _HOST).fullmatch(host):
        raise ConfigError(
            f'“{_shown(url)}”: “{_shown(place)}” is not a host and a port, such as 127.0.0.1:5000.'
        )
    port = int(match['port']) if match['port'] else default
    if not 0 < port < 65536:
        raise ConfigError(f'“{_shown(url)}”: the port has to be a number from 1 to 65535.')
    return host, port


def _shown(url: str) -> str:
    """``url`` for a message: password masked, control characters replaced, at most 200 characters."""
    masked = re.sub(r'//[^/]*@', '//***@', url)
    return re.sub(r'[^\x20-\x7e\xa1-\ud7ff]', '?', masked)[:200]
