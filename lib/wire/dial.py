"""Making a connection: what can go wrong before the first byte, and the sentence for each."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import pwd
import socket
import ssl
import stat
import threading
import time

from lib.errors import ConnectError, ConnectionRefused, NoSocket, NotPermitted, TimedOut
from lib.wire.url import Address
from lib.words import N_, named, said

# How long a full queue of waiting connections is tried again: a stopped process keeps it full for ever.
BUSY_SECONDS = 2.0
_BUSY_PAUSE = 0.02


class NotSent(TimedOut):
    """The deadline passed before a connection was made, so nothing was sent."""

    @property
    def sent(self) -> bool:
        return False


def connect(address: Address, deadline: float) -> socket.socket:
    """A connected socket, with TLS where the address asks for it.

    :param deadline: value of ``time.monotonic()``.
    :raises ConnectError: no connection was made; says why and what to do.
    :raises NotSent: the deadline passed first.
    """
    try:
        if address.is_unix:
            return _unix(address.path, deadline)
        return _tcp(address, deadline)
    except TimeoutError as error:
        raise NotSent(
            f'No connection to {address} in time. Check that the address is right and the machine can be reached.'
        ) from error
    except ssl.SSLCertVerificationError as error:
        raise ConnectError(
            said(
                'The certificate of %(address)s is not trusted: %(verify_message)s. Use the name that it was '
                'made for, or let this system trust the authority that signed it.',
                address=address,
                verify_message=error.verify_message,
            )
        ) from error
    except ssl.SSLError as error:
        raise ConnectError(
            said(
                'No TLS connection to %(address)s: %(reason)s. Check that this port speaks HTTPS.',
                address=address,
                reason=_reason(error),
            )
        ) from error
    except OSError as error:
        raise _explain(address, error) from error


def _unix(path: str, deadline: float) -> socket.socket:
    give_up = min(deadline, time.monotonic() + BUSY_SECONDS)
    while True:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.settimeout(_left(deadline))
            sock.connect(path)
            return sock
        except BlockingIOError:
            sock.close()
            if time.monotonic() + _BUSY_PAUSE > give_up:
                raise
            time.sleep(_BUSY_PAUSE)
        except BaseException:
            sock.close()
            raise


def _tcp(address: Address, deadline: float) -> socket.socket:
    failure: OSError | None = None
    for family, place in _resolve(address, deadline):
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(_left(deadline))
            sock.connect(place)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return _tls(sock, address.host, deadline) if address.scheme == 'https' else sock
        except OSError as error:
            sock.close()
            failure = error
            if isinstance(error, TimeoutError | ssl.SSLError):
                break
    raise failure or OSError(errno.EADDRNOTAVAIL, 'no address')


def _tls(sock: socket.socket, host: str, deadline: float) -> socket.socket:
    context = ssl.create_default_context()
    sock.settimeout(_left(deadline))
    return context.wrap_socket(sock, server_hostname=host)


def _resolve(address: Address, deadline: float) -> list[tuple[int, tuple[object, ...]]]:
    """The socket addresses of a host. The system's resolver knows no deadline, so it gets a thread of its own."""
    with contextlib.suppress(ValueError):
        ipaddress.ip_address(address.host)
        return _lookup(address)
    found: list[tuple[int, tuple[object, ...]]] = []
    failed: list[OSError] = []

    def look() -> None:
        try:
            found.extend(_lookup(address))
        except (OSError, UnicodeError) as error:
            failed.append(error if isinstance(error, OSError) else OSError(str(error)))

    thread = threading.Thread(target=look, name='resolve', daemon=True)
    thread.start()
    thread.join(_left(deadline))
    if thread.is_alive():
        raise TimeoutError
    if failed:
        raise failed[0]
    return found


def _lookup(address: Address) -> list[tuple[int, tuple[object, ...]]]:
    answers = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    return [(family, place) for family, _, _, _, place in answers]


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _explain(address: Address, error: OSError) -> ConnectError:
    if isinstance(error, socket.gaierror):
        return ConnectError(
            said(
                'The host name in %(address)s is not known: %(strerror)s. Check its spelling.',
                address=address,
                strerror=error.strerror,
            )
        )
    if address.is_unix:
        return _explain_unix(address.path, error)
    if error.errno == errno.ECONNREFUSED:
        return ConnectionRefused(
            said(
                'Nobody listens on %(address)s. Start the client, or check host and port in config.py.',
                address=address,
            )
        )
    return ConnectError(
        said(
            'No connection to %(address)s: %(reason)s. Check the address and the network.',
            address=address,
            reason=_reason(error),
        )
    )


def _explain_unix(path: str, error: OSError) -> ConnectError:
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return NoSocket(
            said(
                'There is no socket %(path)s. Start rTorrent, or check that its network.scgi.open_local (or '
                'scgi_local) names this path.',
                path=path,
            )
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return NotPermitted(_denied(path))
    if error.errno == errno.EAGAIN:
        return ConnectError(
            said(
                'The client behind %(path)s takes no more connections: it is stopped or far behind. Look '
                'whether it still works.',
                path=path,
            )
        )
    if error.errno != errno.ECONNREFUSED:
        return ConnectError(
            said('No connection to the socket %(path)s: %(reason)s.', path=path, reason=_reason(error))
        )
    with contextlib.suppress(OSError):
        if not stat.S_ISSOCK(os.stat(path).st_mode):
            kind = N_('a directory') if os.path.isdir(path) else N_('not a socket')
            return NoSocket(
                said(
                    '%(path)s is %(kind)s. Name the socket itself, as in network.scgi.open_local.',
                    path=path,
                    kind=named(kind),
                )
            )
    return ConnectionRefused(
        said(
            'Nobody listens on the socket %(path)s: it is left over from a client that no longer runs. '
            'Start rTorrent; it makes the socket anew.',
            path=path,
        )
    )


def _denied(path: str) -> str:
    """Who may not use ``path``, whose it is, and what helps: the first barrier on the way to it is named."""
    parent, barrier = os.path.dirname(path), path
    with contextlib.suppress(OSError):
        while not os.access(parent, os.X_OK, effective_ids=True) and parent != os.path.dirname(parent):
            parent, barrier = os.path.dirname(parent), parent
    try:
        facts = os.stat(barrier)
        owner = f'{barrier} belongs to {_user(facts.st_uid)} with mode {stat.S_IMODE(facts.st_mode):04o}'
    except OSError:
        owner = f'the owner of {barrier} cannot be seen either'
    return (
        f'Our user {_user(os.geteuid())} may not use the socket {path}; {owner}. '
        'Give our user write permission, for instance by a group that both share.'
    )


def _user(uid: int) -> str:
    try:
        return f'{pwd.getpwuid(uid).pw_name} (uid {uid})'
    except KeyError:
        return f'uid {uid}'


def _reason(error: OSError) -> str:
    reason = getattr(error, 'reason', None) or error.strerror or str(error)
    return str(reason)[:200]
