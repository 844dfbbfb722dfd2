"""SCGI: framing of requests, a push parser of replies, and the transport that joins them to a socket."""

from __future__ import annotations

import re

from lib.errors import BadReply, ReplyTooLarge, RequestTooLarge, WireError
from lib.wire.stream import Stream
from lib.wire.url import Address
from lib.words import said

# rTorrent drops a connection whose SCGI header is longer, or does not begin with CONTENT_LENGTH.
MAX_HEADER = 2000
_MAX_REPLY_HEADER = 16384
_END = re.compile(rb'\r?\n\r?\n')
_FIELD = re.compile(rb'(?P<name>[!#-\'*+.^`|~0-9A-Za-z-]+):[ \t]*(?P<value>[^\r\n]*?)[ \t]*')


def frame(body: bytes, *, trusted: bool = True) -> bytes:
    """``body`` as one SCGI request.

    :param trusted: false adds ``UNTRUSTED_CONNECTION``, by which 0.16 refuses what is not marked safe.
    :raises RequestTooLarge: never for a body that fits into memory, but the header has its limit too.
    """
    fields = [('CONTENT_LENGTH', str(len(body))), ('SCGI', '1'), ('CONTENT_TYPE', 'text/xml')]
    if not trusted:
        fields.append(('UNTRUSTED_CONNECTION', '1'))
    header = b''.join(f'{name}\0{value}\0'.encode('ascii') for name, value in fields)
    if len(header) > MAX_HEADER:
        raise RequestTooLarge(
            said(
                'The SCGI header has %(count)s bytes; at most %(max_header)s are understood.',
                count=len(header),
                max_header=MAX_HEADER,
            )
        )
    return b'%d:%b,%b' % (len(header), header, body)


class ReplyParser:
    """Takes the bytes of one reply as they come: header lines, a blank line, the body up to the end.

    Never touches a socket. Feed it, then ask for :meth:`body` once the stream ended.

    :param max_reply: bytes that the reply may have at most, its header included.
    """

    def __init__(self, max_reply: int) -> None:
        self._max = max_reply
        self._head = bytearray()
        self._parts: list[bytes] = []
        self._size = 0
        self._start = -1
        self._length: int | None = None

    def feed(self, data: bytes) -> bool:
        """Take more bytes; true once the reply is known to be complete.

        :raises ReplyTooLarge: more bytes came, or were announced, than are allowed.
        :raises BadReply: the header is not one of SCGI.
        """
        self._size += len(data)
        if self._start < 0:
            self._read_header(data)
        else:
            self._parts.append(data)
        if self._size > self._max:
            raise ReplyTooLarge(
                f'The reply is longer than {self._max} bytes. Ask for fewer columns or a smaller view.'
            )
        return self._length is not None and self._size - self._start >= self._length

    def is_complete(self) -> bool:
        """Whether the end of the stream here is the end of the reply (asked when the stream ended)."""
        return self._start >= 0 and (self._length is None or self._size - self._start >= self._length)

    def body(self) -> bytes:
        """The body of a complete reply."""
        whole = b''.join(self._parts)
        return whole if self._length is None else whole[: self._length]

    def _read_header(self, data: bytes) -> None:
        head, searched = self._head, max(0, len(self._head) - 3)
        head += data
        end = _END.search(head, searched, _MAX_REPLY_HEADER)
        if end:
            self._start = end.end()
            self._parts = [bytes(head[self._start :])]
            self._check(bytes(head[: end.start()]))
        elif len(head) >= _MAX_REPLY_HEADER or head.startswith((b'<', b'{')):
            raise BadReply('The reply has no SCGI header. Check that rTorrent listens at this address.')

    def _check(self, head: bytes) -> None:
        for line in re.split(rb'\r?\n', head):
            field = _FIELD.fullmatch(line)
            if not field:
                raise BadReply(
                    'The reply does not begin with an SCGI header. Check that rTorrent listens here.'
                )
            name, value = field['name'].lower(), field['value']
            if name == b'status' and value[:3] != b'200':
                raise BadReply(
                    f'The client answered with the status “{value[:80].decode("ascii", "replace")}”.'
                )
            if name == b'content-encoding' and value.lower() != b'identity':
                raise BadReply(
                    'The reply is compressed, which was not asked for. Turn that off at the client.'
                )
            if name == b'content-length':
                self._length = self._announced(value)

    def _announced(self, value: bytes) -> int:
        if not re.fullmatch(rb'[0-9]{1,18}', value) or self._length not in (None, int(value)):
            raise BadReply(
                'The reply announces no sensible length. Check that rTorrent listens at this address.'
            )
        if int(value) > self._max:
            raise ReplyTooLarge(
                f'The reply has {int(value)} bytes; at most {self._max} are taken. '
                'Ask for fewer columns or a smaller view.'
            )
        return int(value)


class ScgiTransport:
    """One short connection per request, over a unix socket or TCP."""

    def __init__(self, address: Address, *, target: str, max_reply: int) -> None:
        self._address = address
        self._target = target
        self._max_reply = max_reply

    def send(self, body: bytes, deadline: float, *, trusted: bool = True) -> bytes:
        try:
            stream = Stream(self._address, deadline)
            try:
                stream.send(frame(body, trusted=trusted))
                return self._read(stream)
            finally:
                stream.close()
        except WireError as error:
            error.target = self._target
            raise

    def close(self) -> None:
        """Nothing is kept open."""

    def _read(self, stream: Stream) -> bytes:
        parser = ReplyParser(self._max_reply)
        while data := stream.receive():
            if parser.feed(data):
                return parser.body()
        if not parser.is_complete():
            raise stream.closed()
        return parser.body()
