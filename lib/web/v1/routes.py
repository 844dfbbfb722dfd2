"""The REST API on one screen: each operation with what it takes and gives; ``openapi.json`` is made from this table.

Paths are below ``/api/v1``.
"""

from __future__ import annotations

from typing import Any

from lib.web.v1 import (
    actions,
    adding,
    answers,
    changes,
    clients,
    completion,
    events,
    openapi,
    torrent,
    views,
    webhooks,
    windows,
)
from lib.web.v1.call import BASE, Call, Operation
from lib.web.v1.schemas import ACTION, LIMIT, OFFSET, PREVIEW, TEXT
from model.events.eventlog import OF_ONE

T = '/torrents/<target>/<hash>'
W = '/webhooks/<id>'

OPERATIONS = (
    Operation(
        'GET', '/torrents', 'v1_torrents', 'read', windows.show, answers.WINDOW,
        query=windows.PARAMETERS, also={304: 'Nothing in the window changed since the token.'},
    ),
    Operation('GET', T, 'v1_torrent', 'read', torrent.general, answers.TORRENT),
    Operation(
        'GET', f'{T}/files', 'v1_files', 'read', torrent.files, answers.FILES,
        query={'dir': {**TEXT, 'default': '', 'maxLength': 8192}, 'offset': OFFSET, 'limit': LIMIT},
    ),
    Operation('GET', f'{T}/peers', 'v1_peers', 'read', torrent.peers, answers.PEERS),
    Operation('GET', f'{T}/trackers', 'v1_trackers', 'read', torrent.trackers, answers.TRACKERS),
    Operation('GET', f'{T}/pieces', 'v1_pieces', 'read', torrent.pieces, answers.PIECES),
    Operation(
        'GET', f'{T}/history', 'v1_history', 'read', torrent.history, answers.HISTORY,
        query={'limit': {**LIMIT, 'maximum': OF_ONE}},
    ),
    Operation(
        'POST', '/torrents', 'v1_add', 'write', adding.add, answers.ADDED, body=adding.LINKS, form=adding.FORM,
        raw=True, files=True, also={207: 'Some of several were not added; the results say which.'},
    ),
    Operation('PATCH', T, 'v1_torrent_set', 'write', changes.of_torrent, answers.CHANGED, body=changes.OF_TORRENT),
    Operation(
        'PATCH', f'{T}/files', 'v1_files_set', 'write', changes.of_files, answers.CHANGED,
        body=changes.OF_FILES,
    ),
    Operation(
        'PATCH', f'{T}/trackers', 'v1_trackers_set', 'write', changes.of_tracker, answers.CHANGED,
        body=changes.OF_TRACKER,
    ),
    Operation(
        'POST', '/actions', 'v1_actions', 'write', actions.begin, answers.JOB,
        body=ACTION, also={202: 'The job has begun; ask /actions/{job} how far it is.'},
    ),
    Operation('POST', '/actions/preview', 'v1_preview', 'read', actions.preview, answers.PREVIEW, body=PREVIEW),
    Operation('GET', '/views', 'v1_views', 'read', views.show, answers.VIEWS),
    Operation('GET', '/views/<path:name>', 'v1_view', 'read', views.one, answers.VIEW),
    Operation('PUT', '/views/<path:name>', 'v1_view_put', 'read', views.put, answers.VIEW, body=views.VIEW),
    Operation('DELETE', '/views/<path:name>', 'v1_view_remove', 'read', views.remove, answers.REMOVED),
    Operation(
        'GET', '/complete', 'v1_complete', 'read', completion.show, answers.COMPLETION, query=completion.PARAMETERS
    ),
    Operation(
        'GET', '/events', 'v1_events', 'read', events.show, events.EVENTS, query=events.PARAMETERS,
        headers=events.HEADERS, stream=events.STREAM,
        also={
            429: 'The account has as many streams as it may have; Retry-After says when to ask again.',
            503: 'There are as many streams as there may be; Retry-After says when to ask again.',
        },
    ),
    Operation('GET', '/targets', 'v1_targets', 'read', clients.show, answers.TARGETS),
    Operation('GET', '/targets/<target>/limits', 'v1_limits', 'read', clients.limits, answers.LIMITS),
    Operation(
        'PATCH', '/targets/<target>/limits', 'v1_limits_set', 'write', clients.set_limits, answers.LIMITS,
        body=clients.OF_LIMITS,
    ),
    Operation('GET', '/webhooks', 'v1_webhooks', 'admin', webhooks.show, webhooks.WEBHOOKS),
    Operation(
        'POST', '/webhooks', 'v1_webhook_add', 'admin', webhooks.create, webhooks.WEBHOOK, body=webhooks.NEW,
        also={201: 'It is made; “secret” is told this once.'},
    ),
    Operation('GET', W, 'v1_webhook', 'admin', webhooks.one, webhooks.WEBHOOK),
    Operation('PATCH', W, 'v1_webhook_set', 'admin', webhooks.change, webhooks.WEBHOOK, body=webhooks.CHANGE),
    Operation('DELETE', W, 'v1_webhook_remove', 'admin', webhooks.remove, webhooks.REMOVED),
    Operation('POST', f'{W}/test', 'v1_webhook_test', 'admin', webhooks.test, webhooks.DELIVERY),
    Operation('POST', f'{W}/pause', 'v1_webhook_pause', 'admin', webhooks.pause, webhooks.WEBHOOK),
    Operation('POST', f'{W}/resume', 'v1_webhook_resume', 'admin', webhooks.resume, webhooks.WEBHOOK),
    Operation('POST', f'{W}/discard', 'v1_webhook_discard', 'admin', webhooks.discard, webhooks.WEBHOOK),
    Operation('POST', f'{W}/secret', 'v1_webhook_secret', 'admin', webhooks.rotate, webhooks.SECRET),
    Operation(
        'GET', f'{W}/deliveries', 'v1_deliveries', 'admin', webhooks.log, webhooks.DELIVERIES, query=webhooks.LOG
    ),
    Operation(
        'POST', f'{W}/deliveries/<delivery>/retry', 'v1_delivery_retry', 'admin', webhooks.retry, webhooks.DELIVERY
    ),
    Operation('GET', '/actions/<job>', 'v1_job', 'read', actions.progress, answers.JOB),
    Operation(
        'GET', '/openapi.json', 'v1_openapi', 'read', lambda call: describe(call),
        {'type': 'object', 'required': ['openapi', 'paths']},
    ),
)  # fmt: skip

ROUTES = tuple(operation.route for operation in OPERATIONS)


def describe(call: Call) -> dict[str, Any]:
    """The table as an OpenAPI document."""
    return openapi.document(OPERATIONS, call.context.services.config.BASE_URL + BASE)
