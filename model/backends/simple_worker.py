"""The thread that makes and calls an object of somebody else's class: one call at a time, and nobody waits for ever."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import Future, wait
from os.path import basename
from queue import SimpleQueue
from typing import Any, TypeVar

from lib.errors import BadReply, ConnectError, PyroError, TimedOut, WireError
from lib.masking import masked_text
from lib.texts import printable
from lib.wire.dial import NotSent
from lib.words import said

T = TypeVar('T')
_Jobs = SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None]
MAX_WORDS = 300  # characters of somebody's exception


class Worker:
    """Calls for one client, first come, first served.

    :param name: of the target.
    :param kind: the name of the class.
    :param timeout: seconds for one call, the wait for those before it included.
    :param secrets: what no message may hold.
    :param source: the file of the class, for saying which of its lines raised something.
    """

    def __init__(
        self, name: str, kind: str, timeout: float, secrets: tuple[str, ...] = (), source: str = ''
    ) -> None:
        self.name, self.kind, self.timeout = name, kind, timeout
        self._secrets, self._source = secrets, source
        self._jobs: _Jobs = SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._since: float | None = None  # when the call began that runs

    def run(self, place: str, call: Callable[[], T]) -> T:
        """What ``call`` returns.

        :param place: the method, for messages.
        :raises WireError: it raised something, or took too long; ``sent`` says whether it may have happened.
        :raises PyroError: one of ours that it raised.
        """
        since = self._since
        if since is not None and time.monotonic() - since > self.timeout:
            raise self._busy()
        future: Future[T] = Future()
        self._start()
        self._jobs.put((future, lambda: self._guarded(place, call)))
        wait([future], self.timeout)
        if future.cancel():
            raise self._busy()
        if not future.done():
            text = said(
                '%(place)s did not return within %(seconds)s seconds; whether it happened is not known.',
                place=f'{self.kind}.{place}',
                seconds=f'{self.timeout:g}',
            )
            raise TimedOut(text, target=self.name, method=place)
        return future.result()

    def close(self) -> None:
        """End the thread after the call it is in."""
        self._jobs.put(None)

    def _busy(self) -> NotSent:
        text = said(
            '%(name)s still has not returned from an earlier call.', name=f'{self.name} ({self.kind})'
        )
        return NotSent(text, target=self.name)

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                thread = threading.Thread(
                    target=_work, args=(self._jobs, self._at), name=f'client-{self.name}', daemon=True
                )
                try:
                    thread.start()
                except RuntimeError:
                    text = said('This machine has no room for the thread of %(name)s.', name=self.name)
                    raise ConnectError(text, target=self.name) from None
                self._thread = thread

    def _at(self, since: float | None) -> None:
        self._since = since

    def _guarded(self, place: str, call: Callable[[], T]) -> T:
        try:
            return call()
        except PyroError:
            raise
        except BaseException as error:  # even SystemExit: it is somebody's code
            raise self._told(place, error) from error

    def _told(self, place: str, error: BaseException) -> WireError:
        """An exception as an error of ours, with the line it came from."""
        words, known = self.words(error), {'target': self.name, 'method': place}
        plain = f'{self.kind}.{place}: {words}'
        if isinstance(error, ConnectionRefusedError):
            return ConnectError(plain, **known)
        if isinstance(error, TimeoutError):
            return TimedOut(plain, **known)
        if isinstance(error, OSError):
            return WireError(plain, **known)
        return BadReply(f'{self.kind}.{place} raised {words}{self._line(error)}.', **known)

    def words(self, error: BaseException) -> str:
        """The kind of an exception and what it says, in one line and without secrets."""
        try:
            text = str(error)
        except BaseException:  # its own __str__ is somebody's code as well
            text = ''
        text = ' '.join(masked_text(text[: 10 * MAX_WORDS], self._secrets).split())
        clean = printable(text)
        return f'{type(error).__name__}: {clean[:MAX_WORDS]}' if clean else type(error).__name__

    def _line(self, error: BaseException) -> str:
        frames = [
            frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == self._source
        ]
        return f' ({basename(self._source)}, line {frames[-1].lineno})' if frames else ''


def _work(jobs: _Jobs, at: Callable[[float | None], None]) -> None:
    while (job := jobs.get()) is not None:
        future, call = job
        if not future.set_running_or_notify_cancel():
            continue
        at(time.monotonic())
        try:
            future.set_result(call())
        except BaseException as error:
            future.set_exception(error)
        finally:
            at(None)
            del job, future, call
