"""The page of what happened: newest first, narrowed by a form, live where there are scripts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from werkzeug import Response

from lib import format as fmt
from lib.errors import UsageError
from lib.texts import whole_number
from lib.translate import message_of
from lib.web import eventwords
from model.events import eventreader
from model.events.eventfilter import TOLD, EventFilter
from model.query import MAX_LENGTH

if TYPE_CHECKING:
    from lib.web.context import Context
    from model.events.eventlog import Event

PER_PAGE = 50
#: Kinds that are shown only where they are asked for: each has others beside it that say more.
QUIET = ('updated',)
_USUAL = tuple(kind for kind in TOLD if kind not in QUIET)


def show(context: Context) -> Response:
    """One page of the log."""
    args = context.request.args
    asked = [kind for kind in args.getlist('kind') if kind in TOLD]
    target, text, error = args.get('target', ''), args.get('q', '')[: 2 * MAX_LENGTH], ''
    newest = context.services.events.last_id()
    found: list[Event] = []
    older: int | None = None
    try:
        wanted = EventFilter(asked or _USUAL, target, text)
        found, older = eventreader.page(
            context.services.events, wanted, whole_number(args.get('before', '')), PER_PAGE
        )
    except UsageError as problem:
        error = message_of(problem)
    chosen = {'kind': asked, 'target': target, 'q': text}
    return context.render(
        'events.html',
        400 if error else 200,
        events=[_shown(context, event) for event in found],
        kinds=[(kind, eventwords.of(kind).words, kind in asked) for kind in TOLD],
        chosen=[eventwords.of(kind).words for kind in asked],
        follow=','.join(asked or _USUAL),
        target=target,
        query=text,
        error=error,
        newest=newest,
        narrowed=bool(asked or target or text),
        older=context.url('events', **chosen, before=older) if older is not None else '',
        latest=context.url('events', **chosen) if args.get('before') else '',
    )


def _shown(context: Context, event: Event) -> dict[str, Any]:
    kind = eventwords.of(event.kind)
    here = bool(event.hash) and context.services.hub.snapshot.get(event.target, event.hash) is not None
    return {
        'id': event.id,
        'kind': kind.words,
        'icon': kind.icon,
        'state': kind.state,
        'name': event.name if event.hash or event.kind == 'webhook' else '',
        'url': context.url('torrent', target=event.target, hash=event.hash) if here else '',
        'detail': eventwords.detail(event, binary=context.binary),
        'target': event.target,
        'age': fmt.age(time.time() - event.at),
        'at': fmt.moment(int(event.at)),
        'unix': int(event.at),
    }
