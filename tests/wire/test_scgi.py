from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.errors import BadReply, ReplyTooLarge, RequestTooLarge, WireError
from lib.wire import scgi
from lib.wire.scgi import ReplyParser, frame

REPLY = b'Status: 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 5\r\n\r\nhello'


def read(reply: bytes, *, size: int = 1 << 20, limit: int = 1 << 20) -> bytes | None:
    """What a parser makes of ``reply`` fed in parts of ``size`` bytes; nothing for a reply that is cut off."""
    parser = ReplyParser(limit)
    for at in range(0, len(reply), size):
        if parser.feed(reply[at : at + size]):
            return parser.body()
    return parser.body() if parser.is_complete() else None


def test_a_frame_is_a_netstring_of_headers_and_the_body() -> None:
    header = b'CONTENT_LENGTH\x006\x00SCGI\x001\x00CONTENT_TYPE\x00text/xml\x00'
    assert frame(b'<body>') == b'%d:%b,<body>' % (len(header), header)


def test_an_untrusted_frame_says_so_and_content_length_stays_first() -> None:
    framed = frame(b'', trusted=False)
    assert framed.endswith(b'\x00UNTRUSTED_CONNECTION\x001\x00,')
    assert framed.partition(b':')[2].startswith(b'CONTENT_LENGTH\x000\x00')


def test_a_header_over_its_limit_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scgi, 'MAX_HEADER', 20)
    with pytest.raises(RequestTooLarge, match='at most 20'):
        frame(b'x')


@pytest.mark.parametrize('size', [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    'reply',
    [
        REPLY,
        REPLY.replace(b'\r\n', b'\n'),
        REPLY + b'beyond',
        b'Status: 200 OK\r\nContent-Type: text/xml\r\n\r\nhello',
        b'status:200\r\nCONTENT-LENGTH:\t5\r\n\r\nhello',
        b'Content-Length: 5\r\nContent-Length: 5\r\nContent-Encoding: identity\r\n\r\nhello',
    ],
)
def test_replies_in_parts_of_any_size(reply: bytes, size: int) -> None:
    assert read(reply, size=size) == b'hello'


def test_a_reply_that_is_cut_off_is_never_complete() -> None:
    assert [read(REPLY[:end]) for end in range(len(REPLY))] == [None] * len(REPLY)


@pytest.mark.parametrize('size', [1, 1000])
@pytest.mark.parametrize(
    ('reply', 'error'),
    [
        (b'<?xml version="1.0"?><methodResponse>', BadReply),
        (b'{"jsonrpc": "2.0"}', BadReply),
        (b'HTTP/1.1 200 OK\r\n\r\n', BadReply),
        (b'Status: 500 Oops\r\n\r\n', BadReply),
        (b'Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08', BadReply),
        (b'Content-Length: -1\r\n\r\n', BadReply),
        (b'Content-Length: 5x\r\n\r\n', BadReply),
        (b'Content-Length: \xb2\r\n\r\n', BadReply),
        (b'Content-Length: 5\r\nContent-Length: 6\r\n\r\n', BadReply),
        (b'Content-Length: 99999999999999999999\r\n\r\n', BadReply),
        (b'Content-Length: 1048577\r\n\r\n', ReplyTooLarge),
        (b'X: ' + b'y' * 20000, BadReply),
        (b'\r\n\r\n', BadReply),
        (b'\0\xff\r\n\r\n', BadReply),
    ],
)
def test_hostile_replies(reply: bytes, error: type[WireError], size: int) -> None:
    with pytest.raises(error):
        read(reply, size=size)


def test_more_bytes_than_allowed_are_refused_as_soon_as_they_come() -> None:
    parser = ReplyParser(100)
    parser.feed(b'Status: 200\r\n\r\n' + b'x' * 80)
    with pytest.raises(ReplyTooLarge, match='longer than 100 bytes'):
        parser.feed(b'x' * 10)


@given(st.binary() | st.binary().map(lambda tail: REPLY[:40] + tail), st.integers(1, 50))
def test_only_errors_of_ours_for_any_bytes(reply: bytes, size: int) -> None:
    with contextlib.suppress(WireError):
        read(reply, size=size, limit=60)
