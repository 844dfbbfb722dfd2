"""Events as Server-Sent Events: the body of one answer, made while it is sent.

A stream that nobody reads holds nothing but its place: what is next is read from the log when there is room for it.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import simplejson

from lib.errors import PyroError
from lib.web import guard, streams
from model.events.eventreader import EventReader

if TYPE_CHECKING:
    from lib.web.context import Context
    from model.events.eventfilter import EventFilter
    from model.events.eventlog import Event

log = logging.getLogger(__name__)

AT_ONCE = 50  # events in one piece
RETRY, RETRY_LATER = 3, 30  # seconds after which a client comes back, the latter where something is wrong


class EventStream:
    """WSGI's iterable; takes a place at once and gives it back when it is closed.

    :param after: the last event that the client has; None where it wants new ones only.
    :raises Busy: there is no place.
    :raises TooMuch: the account has its share of them.
    """

    def __init__(self, context: Context, wanted: EventFilter, after: int | None) -> None:
        self._context = context
        self._streams = context.services.streams
        self._reader = EventReader(context.services.events, wanted, after)
        self._account = context.who.user_id
        self._streams.enter(self._account)
        self._entered = True

    def __iter__(self) -> Iterator[bytes]:
        # A line alone, without the blank one that would make an empty event of it in the eyes of some clients.
        yield f': events of pyroTorrent\nretry: {RETRY * 1000}\n'.encode()
        try:
            yield from self._told()
        except PyroError as error:
            log.warning('A stream of events ended: %s', error)
            yield f'retry: {RETRY_LATER * 1000}\n'.encode()

    def close(self) -> None:
        if self._entered:
            self._entered = False
            self._streams.leave(self._account)

    def _told(self) -> Iterator[bytes]:
        reader, places = self._reader, self._streams
        # Not all at once, those that began together.
        until = time.monotonic() + places.lasts * random.uniform(0.8, 1)  # noqa: S311 - nothing secret
        beat, told = time.monotonic() + places.beat, reader.at
        while time.monotonic() < until and not places.ended.is_set():
            if reader.behind:
                if reader.gap():
                    yield _gap(reader)
                found = reader.next(AT_ONCE)
                if found:
                    told = reader.at
                    yield b''.join(map(_lines, found))
            now = time.monotonic()
            if now >= beat:
                if not guard.remains(self._context):
                    return
                # What was passed over counts as seen, lest it be looked at again, or be missed once it is forgotten.
                yield f'id: {reader.at}\n\n'.encode() if reader.at > told else b':\n'
                beat, told = now + places.beat, reader.at
            if not reader.behind:
                reader.wait(min(streams.SLICE, beat - now))
                if streams.gone(self._context.request):
                    return


def _lines(event: Event) -> bytes:
    data = simplejson.dumps(event.public(), separators=(',', ':'))  # ASCII, in one line
    return f'id: {event.id}\nevent: {event.kind}\ndata: {data}\n\n'.encode()


def _gap(reader: EventReader) -> bytes:
    return f'id: {reader.at}\nevent: gap\ndata: {{"next":{reader.at}}}\n\n'.encode()
