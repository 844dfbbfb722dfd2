"""``GET {BASE_URL}/api/v1/torrents``: a window of the list."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from werkzeug import Response

from lib.web import failures, listing
from lib.web.v1.call import Call
from lib.web.v1.schema import Schema
from lib.web.v1.schemas import LIMIT, OFFSET, TEXT
from model import choice, facets, query, sorting, window
from model.window import Window

if TYPE_CHECKING:
    from lib.web.context import Context
    from model.poller import TargetState

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
#: What changes at every look and is no reason to answer.
_AGES = ('age', 'retry')


def show(call: Call) -> Response:
    """The window that the address asks for, or what is new in it."""
    context, hub, asked = call.context, call.context.services.hub, call.query
    means = listing.chosen(context.request.args, hub.backends)
    sort = sorting.read(asked['sort'])
    states = hub.look()
    clients = targets(context, states)
    found = hub.lists.window(
        means,
        sort,
        asked['offset'],
        asked['limit'],
        asked['since'],
        with_facets=bool(asked['facets']),
        also=lasting(clients, states),
        by=context.who.user_id,
    )
    same = context.request.if_none_match.contains_weak(found.token) if found.full else not found.changed
    response = Response(status=304)
    if not same:
        response = context.json(answer(found, asked['offset'], asked['limit']) | clients)
    response.set_etag(found.token)
    return response


def answer(found: Window, offset: int, limit: int) -> dict[str, Any]:
    """What a window says, without the clients."""
    said: dict[str, Any] = {
        'token': found.token,
        'full': found.full,
        'total': found.total,
        'known': found.known,
        'bytes': found.bytes,
        'offset': offset,
        'limit': limit,
    }
    if found.full:
        said['columns'] = window.COLUMNS
    if found.order is not None:
        said['order'] = found.order
    said['rows'] = found.rows
    if found.facets is not None:
        said['facets'] = found.facets
    if found.more:
        said['facets_more'] = found.more
    return said


def lasting(clients: dict[str, Any], states: list[TargetState]) -> str:
    """What is said of the clients, without what changes by itself, as something to compare."""
    said = [[value for key, value in each.items() if key not in _AGES] for each in clients['targets']]
    return repr((said, [state.retry for state in states if state.error]))


def targets(context: Context, states: list[TargetState]) -> dict[str, Any]:
    """How the clients are doing, and together the rates of those that answer: what hangs has none we know of."""
    told = [_target(context, state) for state in states]
    answering = [each for each in told if each['status'] != 'failed']
    return {
        'targets': told,
        'down': sum(each['down'] or 0 for each in answering),
        'up': sum(each['up'] or 0 for each in answering),
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
        'spaces': [list(space) for space in state.spaces],
        'count': context.services.hub.snapshot.count(state.name),
        'reading': state.reading,
        'client_version': said.client_version if said else None,
        'capabilities': sorted(context.backend(state.name).capabilities),
    }
