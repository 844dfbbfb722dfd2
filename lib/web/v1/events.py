"""``GET {BASE_URL}/api/v1/events``: what happens, as JSON, as a long poll, or as Server-Sent Events."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug import Response

from lib.texts import whole_number
from lib.web import streams
from lib.web.v1.answers import COUNT, WHEN, YES_NO, array_of, object_of
from lib.web.v1.call import Call
from lib.web.v1.eventstream import EventStream
from lib.web.v1.schema import Schema
from lib.web.v1.schemas import LIMIT, TEXT
from model import query
from model.events import eventreader
from model.events.eventfilter import TOLD, EventFilter
from model.events.eventlog import Event, EventLog
from model.events.eventreader import EventReader

if TYPE_CHECKING:
    from werkzeug import Request

LONGEST = 60  # seconds that a long poll may wait
_STREAM = 'text/event-stream'

PARAMETERS: dict[str, Schema] = {
    'after': {
        'type': 'integer',
        'minimum': 0,
        'maximum': 2**53 - 1,
        'description': 'The number of the last event that is known; else the newest, of a stream those to come.',
    },
    'kinds': {
        'type': 'array',
        'items': {**TEXT, 'maxLength': 1000},
        'maxItems': 100,
        'description': 'Kinds, also several with commas between: ' + ', '.join(TOLD) + '.',
    },
    'target': {**TEXT, 'default': '', 'description': 'The name of one client.'},
    'q': {
        **TEXT,
        'default': '',
        'maxLength': query.MAX_LENGTH,
        'description': 'A search. It is judged on the torrent as it was then; events without a torrent do not fit.',
    },
    'wait': {
        'type': 'integer',
        'minimum': 0,
        'maximum': LONGEST,
        'default': 0,
        'description': 'Seconds to wait for an event where there is none.',
    },
    'limit': LIMIT,
}
HEADERS: dict[str, Schema] = {
    'Last-Event-ID': {**TEXT, 'description': 'Of a stream: as “after”, which it goes before.'},
}
EVENT = object_of(
    {'diff': {'type': 'object', 'description': 'What changed: key to old and new value.'}},
    id=COUNT, at=WHEN, time={**TEXT, 'description': 'The same as ISO 8601, UTC.'}, kind=TEXT, target=TEXT, hash=TEXT,
    name=TEXT, detail=TEXT,
    torrent={'type': ['object', 'null'], 'description': 'The torrent as it was then: column to value.'},
)  # fmt: skip
EVENTS = object_of(
    events=array_of(EVENT),
    next={**COUNT, 'description': 'What “after” is the next time.'},
    first={**COUNT, 'description': 'The number of the oldest event that is kept.'},
    gap={**YES_NO, 'description': 'Whether events after “after” are forgotten.'},
)
STREAM = (
    'One event each: “id” its number, “event” its kind, “data” what JSON has of it. An event “gap” says that others '
    'before the next are forgotten. An “id” alone tells how far the stream has looked. It ends after some minutes, '
    'and goes on with Last-Event-ID.'
)


def show(call: Call) -> Response | dict[str, Any]:
    """What happens, oldest first: as JSON, waiting for it or not, or as Server-Sent Events."""
    context, asked = call.context, call.query
    if asked['target']:
        context.backend(asked['target'])
    wanted = EventFilter(kinds(asked['kinds']), asked['target'], asked['q'])
    if not _streaming(context.request):
        return _poll(call, wanted)
    response = Response(content_type=f'{_STREAM}; charset=utf-8', headers={'X-Accel-Buffering': 'no'})
    if context.request.method != 'HEAD':
        response.response = EventStream(context, wanted, _last(context.request, asked.get('after')))
        response.direct_passthrough = True
    return response


def kinds(given: Iterable[str]) -> list[str]:
    """Kinds that were given one by one, or several with commas between."""
    return [kind.strip() for each in given for kind in each.split(',') if kind.strip()]


def _streaming(request: Request) -> bool:
    return request.accept_mimetypes.best_match(('application/json', _STREAM), '') == _STREAM


def _last(request: Request, after: int | None) -> int | None:
    """What the client has seen. A number in a header that is none of ours says nothing."""
    last = whole_number(request.headers.get('Last-Event-ID', ''))
    return after if last is None else last


def _poll(call: Call, wanted: EventFilter) -> dict[str, Any]:
    log, asked = call.context.services.events, call.query
    after, most = asked.get('after'), asked['limit']
    reader = EventReader(log, wanted, after)
    gap = reader.gap()
    found = _read(reader, most) if after is not None else _newest(log, wanted, reader.at + 1, most)
    if asked['wait'] and not found and not gap and not reader.behind:
        found = _wait(call, reader)
    return {
        'events': [event.public() for event in found],
        'next': reader.at,
        'first': log.first_id(),
        'gap': gap,
    }


def _newest(log: EventLog, wanted: EventFilter, before: int, most: int) -> list[Event]:
    return eventreader.page(log, wanted, before, most)[0][::-1]


def _read(reader: EventReader, most: int) -> list[Event]:
    found: list[Event] = []
    for _ in range(eventreader.DEPTH // eventreader.LOOK):
        found += reader.next(most - len(found))
        if len(found) == most or not reader.behind:
            break
    return found


def _wait(call: Call, reader: EventReader) -> list[Event]:
    """What comes within the time that was asked for."""
    places, until = call.context.services.streams, time.monotonic() + call.query['wait']
    with places.place(call.context.who.user_id):
        while not places.ended.is_set() and not streams.gone(call.context.request):
            reader.wait(min(streams.SLICE, max(0.0, until - time.monotonic())))
            found = _read(reader, call.query['limit']) if reader.behind else []
            if found or time.monotonic() >= until:
                return found
    return []
