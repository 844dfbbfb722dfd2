"""The threads of the FastCGI server: each takes its own connections, none is handed over in between.

flup accepts in one thread and hands every connection to another, which costs more than the request itself, loses
jobs and refuses what it has no thread for. Here the kernel's queue of the listening socket is the queue: a
connection waits there until a thread is free. A connection that the web server keeps open is parked between
its requests and holds no thread.
"""

from __future__ import annotations

import errno
import logging
import os
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

log = logging.getLogger(__name__)

_SHORTAGE = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_SHORTAGE_PAUSE = 0.05
_SHORTAGE_REPORT = 30.0
_JOIN_SLICE = 0.02
_LAST_WORDS = 0.5


class Connection(Protocol):
    """What the pool needs of a connection."""

    @property
    def has_more(self) -> bool: ...
    def fileno(self) -> int: ...
    def serve(self) -> bool: ...
    def close(self) -> None: ...
    def cut(self) -> None: ...


class Pool:
    """A fixed number of threads that answer connections from one listening socket.

    :param listening: non-blocking; may be shared with other processes.
    :param connect: makes a connection of an accepted socket.
    :param threads: requests answered at the same time; an open stream takes one for as long as it lasts.
    """

    def __init__(
        self, listening: socket.socket, connect: Callable[[socket.socket], Connection], threads: int
    ) -> None:
        self._listening = listening
        self._connect = connect
        self._stopping = threading.Event()
        self._hurry = threading.Event()
        self._drain_until = 0.0
        self._stopped = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._tickets = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK | os.EFD_SEMAPHORE)
        self._ready: deque[Connection] = deque()
        self._parked: dict[int, Connection] = {}
        self._parking_lock = threading.Lock()
        self._parking = select.epoll()
        self._parking.register(self._stopped, select.EPOLLIN)
        self._busy: set[Connection] = set()
        self._reported = 0.0
        self._threads = [
            threading.Thread(target=self._work, name=f'fcgi-{number}', daemon=True)
            for number in range(threads)
        ]

    def run(self) -> None:
        """Serve until ``stop`` is called, by a signal handler of this thread or by another thread."""
        for thread in self._threads:
            thread.start()
        while not self._stopping.is_set():
            self._wake_parked(-1)

    def stop(self) -> None:
        """Begin to end, or, when called again, stop waiting for anybody. Safe in a signal handler."""
        if self._stopping.is_set():
            self._hurry.set()
        self._stopping.set()
        os.eventfd_write(self._stopped, 1)

    def finish(self, grace: float) -> bool:
        """Let running and waiting requests end, then cut what is left.

        New connections are still taken while they are already waiting, for at most half of the grace.

        :param grace: seconds.
        :returns: whether everything ended by itself.
        """
        deadline = time.monotonic() + grace
        self._drain_until = deadline - grace / 2
        self._wake_parked(0)
        self._close_parked()
        while self._alive() and time.monotonic() < deadline and not self._hurry.wait(_JOIN_SLICE):
            pass
        left = list(self._busy)
        for _ in range(2):
            for connection in list(self._busy):
                connection.cut()
            self._join(_LAST_WORDS)
        self._close_parked()
        return not left

    def _join(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _alive(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    # A thread's life

    def _work(self) -> None:
        epoll = select.epoll()
        epoll.register(self._listening, select.EPOLLIN | select.EPOLLEXCLUSIVE)
        epoll.register(self._tickets, select.EPOLLIN | select.EPOLLEXCLUSIVE)
        epoll.register(self._stopped, select.EPOLLIN)
        try:
            while (connection := self._next(epoll)) is not None:
                self._serve(connection)
        finally:
            epoll.close()

    def _next(self, epoll: select.epoll) -> Connection | None:
        """The next connection with something to say; ``None`` when it is time to go."""
        while True:
            if self._ready:
                try:
                    return self._ready.popleft()
                except IndexError:
                    continue
            if self._stopping.is_set() and self._drain_until and time.monotonic() > self._drain_until:
                return None
            try:
                return self._connect(self._listening.accept()[0])
            except BlockingIOError:
                if self._stopping.is_set():
                    return None
                self._wait(epoll)
            except OSError as error:
                self._shortage(error)

    def _wait(self, epoll: select.epoll) -> None:
        for descriptor, _ in epoll.poll():
            if descriptor == self._tickets:
                try:
                    os.eventfd_read(self._tickets)
                except BlockingIOError:
                    continue

    def _serve(self, connection: Connection) -> None:
        self._busy.add(connection)
        try:
            keep = connection.serve()
            while keep and connection.has_more:
                keep = connection.serve()
            if keep:
                self._park(connection)
        except Exception:
            log.exception('A FastCGI connection failed')
        finally:
            self._busy.discard(connection)

    def _shortage(self, error: OSError) -> None:
        """Survive a lack of file descriptors: the connection keeps waiting in the kernel's queue."""
        if error.errno not in _SHORTAGE:
            return
        now = time.monotonic()
        if now - self._reported > _SHORTAGE_REPORT or not self._reported:
            self._reported = now
            log.error(
                'No connection can be taken: %s. Requests wait. Raise the limit of open files (LimitNOFILE).',
                error.strerror,
            )
        try:
            self._unpark(next(iter(self._parked))).close()
        except (StopIteration, KeyError, RuntimeError):
            time.sleep(_SHORTAGE_PAUSE)

    # Connections between two requests

    def _park(self, connection: Connection) -> None:
        if self._stopping.is_set():
            connection.close()
            return
        descriptor = connection.fileno()
        with self._parking_lock:
            self._parked[descriptor] = connection
            self._parking.register(descriptor, select.EPOLLIN | select.EPOLLONESHOT)

    def _unpark(self, descriptor: int) -> Connection:
        with self._parking_lock:
            connection = self._parked.pop(descriptor)
            self._parking.unregister(descriptor)
        return connection

    def _wake_parked(self, timeout: float) -> None:
        for descriptor, _ in self._parking.poll(timeout):
            if descriptor == self._stopped:
                continue
            try:
                self._ready.append(self._unpark(descriptor))
            except KeyError:
                continue  # given up for its file descriptor in the meantime
            os.eventfd_write(self._tickets, 1)

    def _close_parked(self) -> None:
        for descriptor in list(self._parked):
            try:
                self._unpark(descriptor).close()
            except KeyError:
                continue
