"""FastCGI records on a socket: flup's connection and streams with their faults mended.

What flup 1.0.3 does and this does not: one ``recv`` and ``select`` per record part, three ``send`` per record;
cutting a parameter that spans two records; ``readline(n)`` longer than ``n``; waiting for ever on a silent peer.
"""

from __future__ import annotations

import contextlib
import errno
import socket
import struct
from collections.abc import Callable, Iterator
from typing import Any

from flup.server import fcgi_base

RECEIVE = 65536
MAX_PARAMS = 1 << 20
MAX_CONTENT = 65528  # the largest record content that needs no padding
SILENCE = 60  # seconds without a byte in either direction before a connection is given up
LINGER_BYTES = 1 << 30

_HEADER = struct.Struct('!BBHHBx')
_TIMEVAL = struct.pack('@ll', SILENCE, 0)


_NO_RECORD = b'\0' * 8


class ProtocolError(Exception):
    """The peer does not speak FastCGI."""


class ClientGone(ConnectionResetError):
    """The web server closed the connection or aborted the request."""


FAILURES = (EOFError, OSError, ProtocolError, struct.error, IndexError)
_OF_REQUEST = (fcgi_base.FCGI_STDIN, fcgi_base.FCGI_ABORT_REQUEST)


def _pairs(block: bytes) -> Iterator[tuple[str, str]]:
    """The names and values of a parameter block, as WSGI wants them.

    :raises ProtocolError: a length leads beyond the block.
    :raises IndexError: the block ends in a length.
    """
    text = block.decode('latin-1')
    at, end = 0, len(block)
    while at < end:
        name, at = _length(block, at)
        value, at = _length(block, at)
        middle = at + name
        yield text[at:middle], text[middle : middle + value]
        at = middle + value
    if at != end:
        raise ProtocolError


def _length(block: bytes, at: int) -> tuple[int, int]:
    """A length of one byte, or of four where the first has its high bit set; and what lies behind it."""
    first = block[at]
    if first < 128:
        return first, at + 1
    return int.from_bytes(block[at : at + 4], 'big') & 0x7FFFFFFF, at + 4


class InputStream(fcgi_base.InputStream):  # type: ignore[misc]
    """``wsgi.input``: flup's, with a ``readline`` that keeps to its limit and linear time."""

    _buf: bytes
    _bufList: list[bytes]
    _pos: int
    _avail: int

    def _waitForData(self) -> None:
        self._conn.await_input()

    def readline(self, length: int | None = None) -> bytes:
        """One line, or its first ``length`` bytes."""
        limit = -1 if length is None or length < 0 else length
        if limit == 0:
            return b''
        pieces: list[bytes] = []
        got = 0
        while True:
            piece = self._take_line(limit - got if limit > 0 else -1)
            pieces.append(piece)
            got += len(piece)
            if not piece or piece.endswith(b'\n') or got == limit:
                return b''.join(pieces)

    def _take_line(self, limit: int) -> bytes:
        """What is there of the current line, waiting only when nothing is."""
        while self._pos == self._avail and not self._eof:
            self._waitForData()
        if self._bufList:
            self._buf += b''.join(self._bufList)
            self._bufList = []
        end = self._buf.find(b'\n', self._pos) + 1 or self._avail
        if 0 <= limit < end - self._pos:
            end = self._pos + limit
        piece = self._buf[self._pos : end]
        self._pos = end
        self._shrinkBuffer()
        return piece


class Connection(fcgi_base.Connection):  # type: ignore[misc]
    """One connection from the web server; ``serve`` answers one request on it.

    :ivar broken: the peer is gone or was cut off; nothing more can be said to it.
    """

    _inputStreamClass = InputStream

    def __init__(self, sock: socket.socket, server: Any) -> None:
        super().__init__(sock, None, server, None)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _TIMEVAL)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _TIMEVAL)
        self._received = b''
        self._at = 0
        self._params = bytearray()
        self._out: list[bytes] = []
        self._served = False
        self._keep = False
        self._current: Any = None
        self._body_ended = True
        self.broken = False
        self._cut = False

    def fileno(self) -> int:
        return int(self._sock.fileno())

    def serve(self) -> bool:
        """Answer the next request, once some of it is here.

        :returns: whether the connection may be used for another one; it is closed otherwise.
        """
        self._served = self._keep = False
        self._keepGoing = True
        try:
            while not self._served:
                self.process_input()
                if not (self._served or self._requests or self.has_more):
                    self._keep = True  # the tail of the last request's body, or a question about us
                    break
        except FAILURES:
            self.broken = True
        finally:
            if not self._keep:
                self.close()
        return self._keep

    @property
    def has_more(self) -> bool:
        """Whether bytes of a next request are here already."""
        return self._at < len(self._received)

    # Reading

    def process_input(self) -> None:
        """Read one record and act on it."""
        self._need(8)
        version, kind, request_id, length, padding = _HEADER.unpack_from(self._received, self._at)
        if version != fcgi_base.FCGI_VERSION_1:
            raise ProtocolError
        self._need(8 + length + padding)
        start = self._at + 8
        record = fcgi_base.Record(kind, request_id)
        record.contentLength = length
        record.contentData = self._received[start : start + length]
        self._at = start + length + padding
        self._act(record)

    def _act(self, record: Any) -> None:
        handler = _HANDLERS.get(record.type)
        if handler is not None:
            handler(self, record)
        elif record.requestId == fcgi_base.FCGI_NULL_REQUEST_ID:
            self._do_unknown_type(record)
            self.flush()

    def _need(self, count: int) -> None:
        """Have ``count`` unread bytes in hand."""
        have = len(self._received) - self._at
        while have < count:
            data = self._sock.recv(max(RECEIVE, count - have))
            if not data:
                raise EOFError
            self._received = self._received[self._at :] + data if have else data
            self._at = 0
            have = len(self._received)

    def look(self) -> None:
        """Notice, without waiting, that the web server aborted the request or went away.

        :raises ClientGone: it did.
        """
        if not self._body_ended or len(self._received) - self._at > RECEIVE:
            return  # unread input lies before any news
        try:
            data = self._sock.recv(RECEIVE, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        if not data:
            self.broken = not self._cut
            raise ClientGone(errno.ECONNRESET, 'the web server closed the connection')
        self._received, self._at = self._received[self._at :] + data, 0
        self._take_at_hand()
        self._check_aborted()

    def await_input(self) -> None:
        """Take in one record for the request that runs.

        :raises ClientGone: there will be no more, or the request is aborted.
        """
        try:
            self.process_input()
        except FAILURES as error:
            self.broken = True
            raise ClientGone(errno.ECONNRESET, 'the request ended in the middle of its body') from error
        self._check_aborted()

    def _check_aborted(self) -> None:
        if self._current.aborted:
            raise ClientGone(errno.ECONNABORTED, 'the web server aborted the request')

    def _take_at_hand(self) -> None:
        """Act on the records of the running request that are here already."""
        while len(self._received) - self._at >= 8:
            _, kind, _, length, padding = _HEADER.unpack_from(self._received, self._at)
            whole = len(self._received) - self._at >= 8 + length + padding
            if not whole or kind not in _OF_REQUEST:
                return
            self.process_input()

    def _do_begin_request(self, record: Any) -> None:
        super()._do_begin_request(record)
        if record.requestId in self._requests:
            self._body_ended = False

    def _do_stdin(self, record: Any) -> None:
        super()._do_stdin(record)
        if not record.contentLength:
            self._body_ended = True

    def _do_params(self, record: Any) -> None:
        """Gather the parameters; a name or value may span records, so decode them when all are here."""
        request = self._requests.get(record.requestId)
        if request is None:
            return
        if request is self._current:
            raise ProtocolError
        if record.contentLength:
            self._params += record.contentData
            if len(self._params) > MAX_PARAMS:
                raise ProtocolError
            return
        block, self._params = bytes(self._params), bytearray()
        request.params.update(_pairs(block))
        self._current = request
        self._take_at_hand()
        self._start_request(request)

    def _do_get_values(self, record: Any) -> None:
        """Say what we can do; flup looks bytes up among strings and never answers anything."""
        answer = fcgi_base.Record(fcgi_base.FCGI_GET_VALUES_RESULT)
        at = 0
        while at < record.contentLength:
            at, (name, _) = fcgi_base.decode_pair(record.contentData, at)
            known = self.server.capability.get(name.decode('latin-1'))
            if known is not None:
                answer.contentData += fcgi_base.encode_pair(name, str(known).encode())
        answer.contentLength = len(answer.contentData)
        self.writeRecord(answer)
        self.flush()

    # Writing

    def writeRecord(self, rec: Any) -> None:  # flup's name
        """Queue a record; ``flush`` sends what is queued with one call."""
        self._frame(rec.type, rec.requestId, rec.contentData)

    def write_stream(self, kind: int, request_id: int, data: bytes) -> None:
        """Queue stream data, in as few records as the protocol allows."""
        if len(data) <= MAX_CONTENT:
            self._frame(kind, request_id, data)
            return
        view = memoryview(data)
        for start in range(0, len(data), MAX_CONTENT):
            self._frame(kind, request_id, view[start : start + MAX_CONTENT])

    def _frame(self, kind: int, request_id: int, content: Any) -> None:
        padding = -len(content) & 7
        self._out.append(_HEADER.pack(fcgi_base.FCGI_VERSION_1, kind, request_id, len(content), padding))
        if content:
            self._out.append(content)
        if padding:
            self._out.append(b'\0' * padding)

    @property
    def lost(self) -> bool:
        """Whether the answer that runs can no longer be completed."""
        return self.broken or self._cut

    def discard(self) -> None:
        """Forget what is queued and not sent."""
        self._out.clear()

    def flush(self) -> None:
        """Send what is queued.

        :raises ClientGone: nobody is there any more, or nobody read for a minute.
        """
        if not self._out:
            return
        data = b''.join(self._out)
        self._out.clear()
        if self._cut:
            raise ClientGone(errno.ECONNABORTED, 'the server stops')
        try:
            self._sock.sendall(data)
        except OSError as error:
            self.broken = True
            raise ClientGone(error.errno, 'the web server does not take the answer') from error

    # Ending

    def end_request(
        self,
        req: Any,
        appStatus: int = 0,
        protocolStatus: int = fcgi_base.FCGI_REQUEST_COMPLETE,
        remove: bool = True,
    ) -> None:
        """Queue the end of the request and remember whether the web server wants the connection kept."""
        body = struct.pack(fcgi_base.FCGI_EndRequestBody, appStatus, protocolStatus)
        self._frame(fcgi_base.FCGI_END_REQUEST, req.requestId, body)
        if remove:
            del self._requests[req.requestId]
            self._served = True
            self._keep = bool(req.flags & fcgi_base.FCGI_KEEP_CONN) and not self.broken
        else:
            self.flush()

    def abandon(self, req: Any) -> None:
        """Break the answer off so that the web server can tell it is incomplete.

        lighttpd takes a connection that closes early for that; nginx only a record no protocol version knows.
        """
        self.discard()
        self._requests.pop(req.requestId, None)
        self._served = True
        self._keep = False
        if not self.broken:
            with contextlib.suppress(OSError):
                self._sock.sendall(_NO_RECORD)
        self.broken = True

    def close(self) -> None:
        """Close; first take in what the web server is still sending, lest it lose our answer to a reset."""
        try:
            if not self.broken and not self._body_ended:
                self._linger()
        except OSError:
            pass
        finally:
            self._sock.close()

    def _linger(self) -> None:
        self._sock.shutdown(socket.SHUT_WR)
        left = LINGER_BYTES
        while left > 0:
            data = self._sock.recv(RECEIVE)
            if not data:
                return
            left -= len(data)

    def cut(self) -> None:
        """End the connection from another thread: its next read or write fails, the second time at once."""
        how = socket.SHUT_RDWR if self._cut else socket.SHUT_RD
        self._cut = True
        with contextlib.suppress(OSError):
            self._sock.shutdown(how)


_HANDLERS: dict[int, Callable[[Connection, Any], None]] = {
    fcgi_base.FCGI_GET_VALUES: Connection._do_get_values,
    fcgi_base.FCGI_BEGIN_REQUEST: Connection._do_begin_request,
    fcgi_base.FCGI_ABORT_REQUEST: Connection._do_abort_request,
    fcgi_base.FCGI_PARAMS: Connection._do_params,
    fcgi_base.FCGI_STDIN: Connection._do_stdin,
    fcgi_base.FCGI_DATA: Connection._do_data,
}
