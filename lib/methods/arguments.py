"""The types of arguments: for each a check that returns the value to send, or says what is wrong.

A value reaches rTorrent as an argument of a direct call, where nothing is parsed again. The checks keep out what
could not be stored exactly (control characters), what rTorrent misreads, and, for the few types that become part of
a column, everything that is not a plain word.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Sequence
from urllib.parse import quote, urlsplit

from lib.errors import UsageError
from lib.methods.base import Method
from lib.texts import CONTROLS, LINE_SEPARATORS

MAX_TEXT = 4096
MAX_INTEGER = 2**63 - 1
# Slots and peers. With more than 2**16 rTorrent ends itself, at once or with the next torrent that is started.
MAX_COUNT = 2**16 - 1

# What XML cannot carry, and the carriage return, which comes back as a newline.
_UNSENDABLE = re.compile('[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]')
_UNSHOWN = re.compile(f'[{CONTROLS}{LINE_SEPARATORS}]')
_WORD = re.compile(r'[A-Za-z0-9_.-]{1,64}')
_PORT_RANGE = re.compile(r'([0-9]{1,5})-([0-9]{1,5})')
_HOST = re.compile(r'[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_.])?')
_UNRESERVED = "!~*'()-_."  # what a browser's encodeURIComponent leaves as it is, and so does ruTorrent

Arg = int | str


def integer(least: int, most: int, meaning: str) -> Callable[[object], int]:
    """A check for whole numbers from ``least`` to ``most``."""

    def check(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(f'{meaning}, a whole number from {least} to {most}')
        return value

    return check


def kib(value: object) -> str:
    """KiB per second, which rTorrent wants as text where it belongs to a named throttle."""
    return str(integer(0, 2**22, 'KiB per second')(value))


def flag(value: object) -> int:
    if value is True or value is False or (isinstance(value, int) and value in (0, 1)):
        return int(value)
    raise ValueError('0 or 1')


def text(value: object) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT or _UNSENDABLE.search(value):
        raise ValueError(f'text of at most {MAX_TEXT} characters, without control characters')
    return value


def label(value: object) -> str:
    encoded = quote(text(value), safe=_UNRESERVED)
    if len(encoded) > MAX_TEXT:
        raise ValueError(f'a label of at most {MAX_TEXT} characters once percent-encoded')
    return encoded


def word(value: object) -> str:
    if not isinstance(value, str) or not _WORD.fullmatch(value):
        raise ValueError('a name of 1 to 64 letters, digits, “_”, “.” or “-”')
    return value


def throttle(value: object) -> str:
    return '' if value == '' else word(value)


def directory(value: object) -> str:
    """An absolute path, spelt plainly. Whether it may be used at all is decided where the roots are known."""
    if (
        not isinstance(value, str)
        or len(value) > MAX_TEXT
        or not value.startswith('/')
        or _UNSHOWN.search(value)
        or _UNSENDABLE.search(value)
        or '..' in value.split('/')
    ):
        raise ValueError('an absolute path without “..” and control characters')
    return value


def view(value: object) -> str:
    """The name of a view. That the view exists is asked of the server by whoever sends it."""
    if not isinstance(value, str) or not 0 < len(value) <= 255 or _UNSENDABLE.search(value):
        raise ValueError('the name of a view')
    return value


def address(value: object) -> str:
    try:
        return str(ipaddress.ip_address(value if isinstance(value, str) else ''))
    except ValueError:
        raise ValueError('an IP address') from None


def endpoint(value: object) -> str:
    host, _, port = value.rpartition(':') if isinstance(value, str) else ('', '', '')
    try:
        checked = ipaddress.ip_address(host.removeprefix('[').removesuffix(']'))
        number = _port(port)
    except ValueError:
        raise ValueError('an IP address and a port, as in “192.0.2.1:6881”') from None
    return f'[{checked}]:{number}' if checked.version == 6 else f'{checked}:{number}'


def port_range(value: object) -> str:
    found = _PORT_RANGE.fullmatch(value) if isinstance(value, str) else None
    if not found or not 0 < int(found[1]) <= int(found[2]) <= 65535:
        raise ValueError('two ports with a “-” between, as in “6881-6889”')
    return found[0]


def tracker_url(value: object) -> str:
    """An announce URL with a scheme rTorrent may speak; ``dht://`` and files are not for clients to add."""
    try:
        parts = urlsplit(value if isinstance(value, str) and value.isascii() else '')
        usable = parts.scheme in ('http', 'https', 'udp') and _host(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if (
        not usable
        or not isinstance(value, str)
        or len(value) > 2048
        or not value.isprintable()
        or ' ' in value
        or '\\' in value
    ):
        raise ValueError('a tracker’s URL beginning with http://, https:// or udp://')
    return value


def encryption(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r'[A-Za-z0-9_]{1,40}', value):
        raise ValueError('a word of ``get_encryption_options``')
    return value


def choice(*words: str) -> Callable[[object], str]:
    """A check for one of ``words``."""

    def check(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise ValueError('one of ' + ', '.join(words))
        return value

    return check


def _port(digits: str) -> int:
    if not re.fullmatch(r'[0-9]{1,5}', digits) or not 0 < int(digits) <= 65535:
        raise ValueError
    return int(digits)


def _host(host: str | None) -> bool:
    if host and ':' in host:
        return ipaddress.ip_address(host).version == 6
    return bool(host and _HOST.fullmatch(host))


TYPES: dict[str, tuple[Callable[[object], Arg], str]] = {
    'flag': (flag, '0 or 1; in Python also False and True.'),
    'count': (integer(0, MAX_COUNT, 'a number'), f'A number from 0 to {MAX_COUNT}.'),
    'positive': (integer(1, 2**31 - 1, 'a number'), 'A number from 1.'),
    'numwant': (
        integer(-1, MAX_COUNT, 'a number'),
        f'A number from 0 to {MAX_COUNT}, or -1 for the default.',
    ),
    'size': (integer(0, MAX_INTEGER, 'bytes'), 'Bytes.'),
    'rate': (integer(0, 2**32 - 1, 'bytes per second'), 'Bytes per second; 0 for no limit.'),
    'kib': (kib, 'KiB per second; 0 for no limit.'),
    'port': (integer(1, 65535, 'a port'), 'A port, 1 to 65535.'),
    'group': (integer(0, 32, 'a group'), 'A group of trackers, 0 to 32.'),
    'priority': (integer(0, 3, 'a priority'), '0 off, 1 low, 2 normal, 3 high.'),
    'file_priority': (integer(0, 2, 'a priority'), '0 not wanted, 1 normal, 2 high.'),
    'text': (text, f'Text of at most {MAX_TEXT} characters without control characters; stored exactly.'),
    'label': (label, 'Text; stored percent-encoded, as ruTorrent does.'),
    'key': (word, '1 to 64 letters, digits, “_”, “.” or “-”.'),
    'throttle': (throttle, 'The name of a throttle, empty for the global one, ``NULL`` for none.'),
    'throttle_name': (word, 'The name of a throttle.'),
    'directory': (
        directory,
        'An absolute path without “..”; over the web also confined to the download roots.',
    ),
    'view': (view, 'The name of a view that exists.'),
    'address': (address, 'An IP address.'),
    'endpoint': (endpoint, 'An IP address and a port: ``192.0.2.1:6881``, ``[2001:db8::1]:6881``.'),
    'port_range': (port_range, 'Two ports: ``6881-6889``.'),
    'tracker_url': (tracker_url, 'An announce URL with http, https or udp.'),
    'encryption': (encryption, 'A word of ``get_encryption_options``; with a “*”, one or more.'),
    'connection': (choice('leech', 'seed', 'initial_seed'), '``leech``, ``seed`` or ``initial_seed``.'),
    'dht_mode': (choice('disable', 'off', 'auto', 'on'), '``disable``, ``off``, ``auto`` or ``on``.'),
}


def check(method: Method, args: Sequence[object], field: str = '') -> list[Arg]:
    """The arguments of ``method`` as they are sent, constants of the table included.

    :param field: where the arguments come from, for the error.
    :raises UsageError: there are too many or too few, or one is not of its type.
    """
    wanted = [kind for kind in method.args if not kind.startswith('=')]
    if wanted and wanted[-1].endswith('*'):
        wanted[-1:] = [wanted[-1].removesuffix('*')] * max(1, min(len(args), 16) - len(wanted) + 1)
    if len(args) != len(wanted):
        takes = ', '.join(wanted) or 'no argument'
        raise UsageError(f'{method.name} takes {takes}; {len(args)} given.', field=field or method.name)
    given = [_checked(method, place, kind, args[place], field) for place, kind in enumerate(wanted)]
    constants: list[Arg] = [int(kind[1:]) for kind in method.args if kind.startswith('=')]
    return given + constants


def _checked(method: Method, place: int, kind: str, value: object, field: str) -> Arg:
    try:
        return TYPES[kind][0](value)
    except ValueError as error:
        raise UsageError(
            f'Argument {place + 1} of {method.name} must be {error}.', field=field or method.name
        ) from None
