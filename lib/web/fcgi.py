"""FastCGI: flup, with its socket handling, thread pool and streams replaced where they fail.

One room in four files: ``fcgi_socket`` (the listening socket and its file), ``fcgi_pool`` (threads), ``fcgi_wire``
(records), ``fcgi_wsgi`` (requests and answers). flup keeps the protocol.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable

from lib.web import fcgi_socket, stopping
from lib.web.fcgi_pool import Pool
from lib.web.fcgi_wire import Connection
from lib.web.fcgi_wsgi import Application, Responder

log = logging.getLogger(__name__)


def serve_fcgi(
    app: Application,
    *,
    bind: str | None = None,
    mode: int | None = None,
    threads: int = 16,
    queue: int = 1024,
    grace: float = 10.0,
    ready: Callable[[str], None] | None = None,
    ending: Callable[[], None] = lambda: None,
) -> None:
    """Serve a WSGI application over FastCGI until SIGTERM, SIGINT or SIGHUP.

    On the signal, requests that run or wait are answered; what still runs after ``grace`` is cut off, and a
    second signal cuts at once.

    :param bind: a path or ``host:port`` to listen on; ``None`` takes the listening socket on fd 0.
    :param mode: permission bits of the socket file made for ``bind`` (0600 without). With fd 0 the starter decides.
    :param threads: requests answered at the same time.
    :param queue: requests that may wait besides; the kernel's ``somaxconn`` is the upper limit.
    :param grace: seconds given to requests after the signal.
    :param ready: called with the address once connections are accepted.
    :param ending: called when it begins to stop, to end answers that would go on.
    :raises ConfigError: nothing to listen on, or the address cannot be used.
    """
    listener = fcgi_socket.inherited(queue) if bind is None else fcgi_socket.bound(bind, mode, queue)
    responder = Responder(app)

    def connect(accepted: socket.socket) -> Connection:
        return Connection(accepted, responder)

    pool = Pool(listener.socket, connect, threads)
    try:
        with stopping.calls(pool.stop):
            log.info('Serving FastCGI on %s with %d threads', listener.address, threads)
            if ready is not None:
                ready(listener.address)
            pool.run()
            ending()
            listener.withdraw()
            if not pool.finish(grace):
                log.warning('Requests that had not ended after %g s were cut off', grace)
    finally:
        listener.close()
    log.info('Stopped serving FastCGI on %s', listener.address)
