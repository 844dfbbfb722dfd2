"""A WSGI application behind FastCGI records: flup's request handling with its faults mended.

What flup 1.0.3 does and this does not: invent ``PATH_INFO``; end an answer normally after the application
failed in the middle of it; send the traceback to the web server; write every block apart from its header.
"""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Callable, Iterable
from typing import Any

from flup.server import fcgi_base

from lib.web.fcgi_wire import FAILURES, ClientGone, Connection

log = logging.getLogger(__name__)

Environ = dict[str, Any]
Application = Callable[..., Iterable[bytes]]

_STDOUT = fcgi_base.FCGI_STDOUT
_FORBIDDEN = re.compile(r'[\0\r\n]')
_BODILESS = frozenset({'204', '304'})
_REQUIRED = {
    'REQUEST_METHOD': 'GET',
    'SCRIPT_NAME': '',
    'PATH_INFO': '',
    'QUERY_STRING': '',
    'SERVER_NAME': 'localhost',
    'SERVER_PORT': '80',
    'SERVER_PROTOCOL': 'HTTP/1.0',
}
_ERROR_PAGE = (
    b'<!DOCTYPE html><html lang="en"><title>Internal error</title><h1>Internal error</h1>'
    b'<p>pyroTorrent could not answer this request. Its log says why.</p></html>\n'
)
_ERROR_HEADERS = [
    ('Content-Type', 'text/html; charset=utf-8'),
    ('Content-Length', str(len(_ERROR_PAGE))),
    ('Cache-Control', 'no-store'),
]


class ErrorLog:
    """``wsgi.errors``: what an application writes there becomes log lines."""

    def write(self, text: str) -> None:
        for line in text.splitlines():
            if line.strip():
                log.error('%s', line)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Nothing is held back."""


class Truncated(Exception):
    """The application sent fewer bytes than its Content-Length promised."""


class Answer:
    """The state of one WSGI answer: its head, what was sent, what was promised."""

    def __init__(self, connection: Connection, request_id: int, method: str) -> None:
        self._connection = connection
        self._id = request_id
        self._method = method
        self._head: bytes | None = None
        self._promised: int | None = None
        self._written = 0
        self._in_head = False
        self.sent = False

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], None]:
        """WSGI's ``start_response``."""
        if exc_info:
            try:
                if self._in_head:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None
        elif self._head is not None:
            raise AssertionError('start_response was called twice without exc_info')
        self._head, self._promised = _head(status, headers)
        if self._method == 'HEAD' or status[:3] in _BODILESS:
            self._promised = None
        return self.write_now

    def write(self, data: bytes) -> None:
        """Queue a block of the body, after the head if that is still due."""
        if self._head is None:
            raise AssertionError('the application sent a body before calling start_response')
        if not self._in_head:
            self._in_head = True
            data = self._head + data
            self._written -= len(self._head)
        if data:
            self._connection.write_stream(_STDOUT, self._id, data)
        self._written += len(data)

    def write_now(self, data: bytes) -> None:
        """Send a block; WSGI's ``write``."""
        self.write(data)
        self.flush()

    @property
    def complete(self) -> bool:
        """Whether all bytes promised by Content-Length are written."""
        return self._promised is not None and self._written >= self._promised

    def flush(self) -> None:
        """Send what is queued; from the second time on, look first whether anybody is there."""
        if self.sent:
            self._connection.look()
        self.sent = True
        self._connection.flush()

    def finish(self) -> None:
        """Close the body.

        :raises Truncated: it is shorter than promised.
        """
        self.write(b'')
        if self._promised is not None and self._written < self._promised:
            raise Truncated(f'{self._written} of {self._promised} bytes')
        self._connection.write_stream(_STDOUT, self._id, b'')

    def fail(self) -> bool:
        """Put the error page in place of what was not sent yet.

        :returns: whether that was possible; otherwise the answer must be cut off.
        """
        if self.sent:
            return False
        self._connection.discard()
        head, _ = _head('500 Internal Server Error', _ERROR_HEADERS)
        body = b'' if self._method == 'HEAD' else _ERROR_PAGE
        self._connection.write_stream(_STDOUT, self._id, head + body)
        self._connection.write_stream(_STDOUT, self._id, b'')
        return True


def _head(status: str, headers: list[tuple[str, str]]) -> tuple[bytes, int | None]:
    """The CGI head of an answer and the body length it promises.

    :raises ValueError: a header that would split the answer, or is not latin-1.
    """
    lines = [f'Status: {status}']
    promised = None
    for name, value in headers:
        lines.append(f'{name}: {value}')
        if name.lower() == 'content-length':
            promised = int(value)
    if any(map(_FORBIDDEN.search, lines)):
        raise ValueError('a response header contains a line break or NUL')
    lines.append('\r\n')
    return '\r\n'.join(lines).encode('latin-1'), promised


class Request(fcgi_base.Request):  # type: ignore[misc]
    """One request; ``run`` answers it and never raises."""

    def run(self) -> None:
        """Answer the request, whatever the application does."""
        try:
            status = self.server.handler(self)
        except ClientGone as gone:
            log.debug('the client left before its answer was complete: %s', gone)
            self._leave()
            return
        if status is None:
            self._conn.abandon(self)
            return
        self._conn.end_request(self, 0, status)
        try:
            self._conn.flush()
        except ClientGone:
            self._conn.abandon(self)

    def gone(self) -> bool:
        """Whether nobody waits for the rest of the answer any more; asked by the thread that makes it."""
        try:
            self._conn.look()
        except FAILURES:
            return True
        return bool(self._conn.lost)

    def _leave(self) -> None:
        """The protocol wants an aborted request ended; a closed connection wants nothing."""
        if self._conn.lost:
            self._conn.abandon(self)
            return
        self._conn.discard()
        self._conn.end_request(self)
        with contextlib.suppress(ClientGone):
            self._conn.flush()


class Responder(fcgi_base.BaseFCGIServer):  # type: ignore[misc]
    """flup's server without its sockets and threads: turns requests into calls of the application."""

    request_class = Request
    maxwrite = 65536

    def __init__(self, application: Application) -> None:
        super().__init__(application, debug=False)
        self._errors = ErrorLog()

    def handler(self, req: Any) -> int | None:
        """Call the application.

        :returns: FastCGI's protocol status, or ``None`` where the answer must be cut off.
        :raises ClientGone: nobody waits for the rest.
        """
        if req.role not in self.roles:
            return int(fcgi_base.FCGI_UNKNOWN_ROLE)
        if req.aborted:
            raise ClientGone
        environ = req.params
        self._complete(environ, req)
        answer = Answer(req._conn, req.requestId, environ['REQUEST_METHOD'])
        try:
            self._answer(environ, answer)
        except ClientGone:
            raise
        except Exception as error:
            if req._conn.lost or req.aborted:
                # The application wrapped ClientGone in an error of its own, or failed for want of its body.
                raise ClientGone(str(error)) from error
            _report(environ, error)
            return int(fcgi_base.FCGI_REQUEST_COMPLETE) if answer.fail() else None
        return int(fcgi_base.FCGI_REQUEST_COMPLETE)

    def _answer(self, environ: Environ, answer: Answer) -> None:
        result = self.application(environ, answer.start_response)
        try:
            whole = isinstance(result, list | tuple)
            for data in result:
                if data:
                    answer.write(data)
                    if not whole and not answer.complete:
                        answer.flush()
            answer.finish()
        finally:
            close = getattr(result, 'close', None)
            if close is not None:
                close()

    def _complete(self, environ: Environ, req: Any) -> None:
        """Fill in what WSGI demands; unlike flup, never guess ``PATH_INFO`` from ``REQUEST_URI``."""
        for name, default in _REQUIRED.items():
            environ.setdefault(name, default)
        environ.pop('HTTP_CONTENT_TYPE', None)
        environ.pop('HTTP_CONTENT_LENGTH', None)
        environ['wsgi.version'] = (1, 0)
        environ['wsgi.input'] = req.stdin
        environ['pyrotorrent.gone'] = req.gone
        environ['wsgi.input_terminated'] = True
        environ['wsgi.errors'] = self._errors
        environ['wsgi.multithread'] = True
        environ['wsgi.multiprocess'] = False
        environ['wsgi.run_once'] = False
        environ['wsgi.url_scheme'] = 'https' if environ.get('HTTPS', '').lower() in ('on', '1') else 'http'


def _report(environ: Environ, error: Exception) -> None:
    log.error(
        'An error in the application: %s %s%s',
        environ['REQUEST_METHOD'],
        environ['SCRIPT_NAME'],
        environ['PATH_INFO'],
        exc_info=error,
    )
