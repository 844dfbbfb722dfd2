"""``GET {BASE_URL}/api/v1/torrents``: a window of the list."""

from __future__ import annotations

import time
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from werkzeug import Response

from lib.web import failures, listing
from lib.web.v1.call import Call
from lib.web.v1.schema import Schema
from lib.web.v1.schemas import LIMIT, OFFSET, TEXT
from model import choice, facets, query, sorting, views, window
from model.fields import AT, Row
from model.window import List

if TYPE_CHECKING:
    from lib.web.context import Context
    from model.hub import Hub
    from model.poller import TargetState

MAX_TEXT = 1000  # characters of a text in a row

COLUMNS = (
    'id', 'hash', 'target', 'name', 'status', 'size_bytes', 'progress', 'down_rate', 'up_rate', 'eta', 'ratio',
    'peers_connected', 'peers_complete', 'label', 'added', 'finished', 'down_total', 'up_total', 'left_bytes',
    'tracker', 'directory', 'priority', 'message', 'is_private', 'throttle', 'started', 'size_files',
)  # fmt: skip
#: The parameters that say which torrents are meant.
CHOICE: dict[str, Schema] = {
    'q': {**TEXT, 'default': '', 'maxLength': query.MAX_LENGTH, 'description': 'A search.'},
    'in': {
        'type': 'array',
        'items': {**TEXT, 'maxLength': choice.MAX_VALUE},
        'maxItems': choice.MAX_CHOICES,
        'description': 'group:value, of which some fit; the groups are ' + ', '.join(facets.GROUPS) + '.',
    },
    'not': {
        'type': 'array',
        'items': {**TEXT, 'maxLength': choice.MAX_VALUE},
        'maxItems': choice.MAX_CHOICES,
        'description': 'group:value, of which none fits.',
    },
    'target': {**TEXT, 'default': '', 'description': 'The name of one client.'},
    'view': {**TEXT, 'default': 'main', 'description': 'A view of rTorrent.'},
}
PARAMETERS: dict[str, Schema] = {
    **CHOICE,
    'sort': {
        **TEXT,
        'default': 'name',
        'description': 'Keys with commas between, “-” before those that fall.',
    },
    'offset': OFFSET,
    'limit': LIMIT,
    'since': {**TEXT, 'default': '', 'description': 'The token of the last answer: tell what is new only.'},
    'facets': {'type': 'integer', 'minimum': 0, 'maximum': 1, 'default': 1},
}
_pick = itemgetter(*(AT[key] for key in COLUMNS))


def show(call: Call) -> Response:
    """The window that the address asks for."""
    context, hub = call.context, call.context.services.hub
    asked = listing.chosen(context.request.args, hub.backends)
    sort = sorting.read(call.query['sort'])
    states = hub.look()
    views.check(asked.view, states)
    found = window.look(hub, asked, sort)
    with_facets = bool(call.query['facets'])
    answer = full(hub, found, call.query['offset'], call.query['limit'], with_facets=with_facets)
    answer |= targets(context, states)
    response = context.json(answer)
    response.set_etag(answer['token'])
    return response


def values(row: Row) -> list[Any]:
    """A row's values of COLUMNS; texts without end are cut."""
    return [
        value[:MAX_TEXT] if type(value) is str and len(value) > MAX_TEXT else value for value in _pick(row)
    ]


def full(hub: Hub, found: List, offset: int, limit: int, *, with_facets: bool) -> dict[str, Any]:
    """The whole answer but what is said of the clients."""
    rows = found.rows[offset : offset + limit]
    answer = {
        'token': f'{hub.snapshot.epoch}.{found.rev}',
        'full': True,
        'total': len(found.rows),
        'known': found.known,
        'bytes': found.bytes,
        'offset': offset,
        'limit': limit,
        'columns': COLUMNS,
        'order': [row[AT['id']] for row in rows],
        'rows': [values(row) for row in rows],
    }
    if with_facets:
        answer['facets'] = {group: facets.lines(counts) for group, counts in found.facets.items()}
        more = {
            group: len(counts) - facets.MOST
            for group, counts in found.facets.items()
            if len(counts) > facets.MOST
        }
        answer |= {'facets_more': more} if more else {}
    return answer


def targets(context: Context, states: list[TargetState]) -> dict[str, Any]:
    """How the clients are doing, and their rates together."""
    told = [_target(context, state) for state in states]
    return {
        'targets': told,
        'down': sum(each['down'] or 0 for each in told),
        'up': sum(each['up'] or 0 for each in told),
    }


def _target(context: Context, state: TargetState) -> dict[str, Any]:
    now, said = time.time(), state.globals
    error = failures.words_of(state.error, admin=context.who.is_admin) if state.error else None
    return {
        'name': state.name,
        'kind': state.kind,
        'status': state.status,
        'error': error,
        'remedy': None,
        'age': round(max(0.0, now - state.seen), 1) if state.seen else None,
        'retry': round(max(0.0, state.retry - now), 1) if state.retry and state.error else None,
        'down': said.down_rate if said else None,
        'up': said.up_rate if said else None,
        'down_limit': said.down_limit if said else None,
        'up_limit': said.up_limit if said else None,
        'free': said.free_space if said else None,
        'spaces': [list(space) for space in getattr(said, 'spaces', ())],
        'count': context.services.hub.snapshot.count(state.name),
        'client_version': said.client_version if said else None,
    }
