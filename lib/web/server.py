"""The embedded HTTP server: waitress, with limits for slow clients and an end that lets requests finish."""

from __future__ import annotations

import errno
import logging
import resource
import select
import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher, WSGITask

from lib.errors import ConfigError
from lib.web import stopping

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

MAX_HEADER_BYTES = 64 * 1024
MAX_CONNECTIONS = 2000
RECEIVE_TIMEOUT = 30.0  # seconds for a request's head; a body may take as long again for each megabyte
IDLE_TIMEOUT = 60  # seconds without a byte in either direction
GRACE = 10.0
MAX_UNSENT = 1 << 18  # bytes that wait for a client before the thread that answers it waits, too
_BACKLOG = 1024
_NEWCOMER = 1.0  # seconds in which a connection may still send its first request while we stop
_TICK = 0.05


class Task(WSGITask):  # type: ignore[misc]
    """A request whose answer may ask whether anybody is there."""

    def get_environment(self) -> WSGIEnvironment:
        environ: WSGIEnvironment = super().get_environment()
        environ['pyrotorrent.gone'] = self.channel.gone
        return environ


class Channel(HTTPChannel):  # type: ignore[misc]
    """A client's connection that knows since when it has owed us the rest of a request."""

    task_class = Task
    owing_since: float | None = None
    owed = 0
    asked = False

    def received(self, data: bytes) -> bool:
        """Take in bytes, counting them for the request they begin or continue."""
        if self.owing_since is None:
            self.owing_since, self.owed = time.monotonic(), 0
        self.owed += len(data)
        taken = bool(super().received(data))
        if self.request is None:
            self.owing_since = None
        if self.requests:
            self.asked = True
        return taken

    def overdue(self, now: float) -> bool:
        """Whether the rest of a request comes slower than any honest line brings it."""
        if self.owing_since is None:
            return False
        return now - self.owing_since > RECEIVE_TIMEOUT * (1 + self.owed / 2**20)

    def gone(self) -> bool:
        """Whether the client has left, or at least will say no more; asked by the thread that answers it."""
        if not self.connected or self.will_close:
            return True
        poll = select.poll()
        try:
            poll.register(self.socket, select.POLLRDHUP)
            return bool(poll.poll(0))
        except (OSError, ValueError):  # it was closed this very moment
            return True

    @property
    def working(self) -> bool:
        """Whether a request is being received, answered or sent."""
        return bool(self.requests or self.request is not None or self.total_outbufs_len)


class Server(TcpWSGIServer):  # type: ignore[misc]
    """waitress' server that also closes connections that dribble, and ends in good order."""

    channel_class = Channel
    _stopping = False
    _hurry = False
    ending: Callable[[], None] = staticmethod(lambda: None)

    def maintenance(self, now: float) -> None:
        """Every few seconds: close what is idle, what dribbles and what does not read."""
        super().maintenance(now)
        clock = time.monotonic()
        silent = now - IDLE_TIMEOUT
        for channel in list(self.active_channels.values()):
            if channel.total_outbufs_len and channel.last_activity < silent:
                # One that does not read is never written to, which is when waitress would close it; and the thread
                # that answers it waits until then.
                channel.handle_close()
            elif channel.overdue(clock):
                channel.will_close = True

    def stop(self) -> None:
        """Begin to end, or, when called again, stop waiting for anybody. Safe in a signal handler."""
        self._hurry = self._stopping
        self._stopping = True
        self.pull_trigger()

    def run(self) -> None:
        """Serve until ``stop``; then answer what was received, for at most ``GRACE`` seconds."""
        while not self._stopping:
            self._turn(1.0)
        self.ending()
        self._accept_waiting()
        wasyncore.dispatcher.close(self)
        deadline = time.monotonic() + GRACE
        while time.monotonic() < deadline and not self._hurry and self._dismiss_idle():
            self._turn(_TICK)
        if self.active_channels:
            log.warning('%d connections that had not ended were cut off', len(self.active_channels))
        for channel in list(self.active_channels.values()):
            channel.handle_close()
        self.task_dispatcher.shutdown(timeout=1)
        self.trigger.close()

    def _turn(self, timeout: float) -> None:
        wasyncore.loop(timeout=timeout, map=self._map, use_poll=True, count=1)

    def _accept_waiting(self) -> None:
        """Take the connections the kernel has already made for us."""
        for _ in range(_BACKLOG):
            before = len(self.active_channels)
            self.handle_accept()
            if len(self.active_channels) == before:
                return

    def _dismiss_idle(self) -> bool:
        """Close connections that wait for nothing.

        :returns: whether any is left.
        """
        newcomers = time.time() - _NEWCOMER
        for channel in list(self.active_channels.values()):
            if not channel.working and (channel.asked or channel.creation_time < newcomers):
                channel.handle_close()
        return bool(self.active_channels)


def serve_http(
    app: WSGIApplication,
    *,
    host: str,
    port: int,
    threads: int = 8,
    max_body: int = 1 << 26,
    ready: Callable[[str], None] | None = None,
    ending: Callable[[], None] = lambda: None,
) -> None:
    """Serve a WSGI application over HTTP until SIGTERM, SIGINT or SIGHUP.

    :param host: name or address to listen on.
    :param port: 0 for any free one.
    :param threads: requests answered at the same time.
    :param max_body: bytes of a request body; more is answered 413.
    :param ready: called with the origin, as ``http://127.0.0.1:8080``, once connections are accepted.
    :param ending: called when it begins to stop, to end answers that would go on.
    :raises ConfigError: the address cannot be used.
    """
    # A busy moment is no news: waitress warns for every request that has to wait for a thread.
    logging.getLogger('waitress.queue').setLevel(logging.ERROR)
    listening = _listen(host, port)
    dispatcher = ThreadedTaskDispatcher()
    dispatcher.set_thread_count(threads)
    server = Server(
        app,
        _sock=listening,
        dispatcher=dispatcher,
        sockinfo=(listening.family, listening.type, listening.proto, listening.getsockname()),
        bind_socket=False,
        backlog=_BACKLOG,
        connection_limit=_connection_limit(),
        channel_timeout=IDLE_TIMEOUT,
        outbuf_high_watermark=MAX_UNSENT,
        cleanup_interval=5,
        max_request_header_size=MAX_HEADER_BYTES,
        max_request_body_size=max_body + 1,  # waitress refuses the very number as well
        log_socket_errors=False,
        clear_untrusted_proxy_headers=False,
    )
    # No Server header. Given to waitress as a setting, it would make the WSGI variable None, which is invalid.
    server.adj.ident = ''
    server.ending = ending
    with stopping.calls(server.stop):
        origin = _origin(listening)
        log.info('Serving HTTP on %s with %d threads', origin, threads)
        if ready is not None:
            ready(origin)
        server.run()
    log.info('Stopped serving HTTP')


def _listen(host: str, port: int) -> socket.socket:
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, OverflowError) as error:
        raise ConfigError(f'HTTP_HOST “{host}” with port {port} is not an address here: {error}.') from error
    # “localhost” is both; browsers that try IPv6 first fall back at once, old tools do not.
    family, kind, protocol, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except OSError as error:
        listening.close()
        raise ConfigError(_refusal(host, port, error)) from error
    return listening


def _refusal(host: str, port: int, error: OSError) -> str:
    where = f'port {port} on {host or "all addresses"}'
    if error.errno == errno.EADDRINUSE:
        return (
            f'The web server cannot use {where}: another program listens there. '
            f'Stop that program, or choose another port with --port or HTTP_PORT in config.py.'
        )
    if error.errno == errno.EACCES:
        return (
            f'The web server may not use {where}: ports below 1024 are for root. '
            f'Choose another port with --port or HTTP_PORT in config.py.'
        )
    return f'The web server cannot use {where}: {error.strerror or error}. Check HTTP_HOST and HTTP_PORT.'


def _connection_limit() -> int:
    """Connections we may hold: each takes a descriptor, and up to two for bodies kept in files."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MAX_CONNECTIONS if soft == resource.RLIM_INFINITY else max(20, min(MAX_CONNECTIONS, soft // 3))


def _origin(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    host = {'0.0.0.0': '127.0.0.1', '::': '::1'}.get(host, host)  # noqa: S104 - a wildcard is no link
    return f'http://[{host}]:{port}' if ':' in host else f'http://{host}:{port}'
