"""The REST API on one screen: each operation with what it takes and gives; ``openapi.json`` is made from this table.

Paths are below ``/api/v1``.
"""

from __future__ import annotations

from lib.web.v1 import actions, adding, changes, clients, torrent, views, windows
from lib.web.v1.call import Operation
from lib.web.v1.schemas import ACTION, LIMIT, OFFSET, PREVIEW, TEXT
from model.history import MAX_EACH

T = '/torrents/<target>/<hash>'

OPERATIONS = (
    Operation(
        'GET', '/torrents', 'v1_torrents', 'read', windows.show, 'A window of the list of torrents',
        query=windows.PARAMETERS, also={304: 'Nothing in the window changed since the token.'},
    ),
    Operation('GET', T, 'v1_torrent', 'read', torrent.general, 'A torrent: its row, and facts beyond it'),
    Operation(
        'GET', f'{T}/files', 'v1_files', 'read', torrent.files, 'One directory of the files of a torrent',
        query={'dir': {**TEXT, 'default': '', 'maxLength': 8192}, 'offset': OFFSET, 'limit': LIMIT},
    ),
    Operation('GET', f'{T}/peers', 'v1_peers', 'read', torrent.peers, 'The connected peers of a torrent'),
    Operation('GET', f'{T}/trackers', 'v1_trackers', 'read', torrent.trackers, 'The trackers of a torrent'),
    Operation('GET', f'{T}/pieces', 'v1_pieces', 'read', torrent.pieces, 'Which pieces of a torrent are there'),
    Operation(
        'GET', f'{T}/history', 'v1_history', 'read', torrent.history, 'What happened to a torrent',
        query={'limit': {**LIMIT, 'maximum': MAX_EACH}},
    ),
    Operation(
        'POST', '/torrents', 'v1_add', 'write', adding.add, 'Add torrents', body=adding.LINKS, raw=True, files=True,
        also={207: 'Some of several were not added; the results say which.'},
    ),
    Operation(
        'PATCH', T, 'v1_torrent_set', 'write', changes.of_torrent, 'Set one value of a torrent', body=changes.OF_TORRENT
    ),
    Operation(
        'PATCH', f'{T}/files', 'v1_files_set', 'write', changes.of_files, 'Set the priority of files',
        body=changes.OF_FILES,
    ),
    Operation(
        'PATCH', f'{T}/trackers', 'v1_trackers_set', 'write', changes.of_tracker, 'Switch a tracker on or off',
        body=changes.OF_TRACKER,
    ),
    Operation(
        'POST', '/actions', 'v1_actions', 'write', actions.begin, 'Do something to any number of torrents',
        body=ACTION, also={202: 'The job has begun; ask /actions/{job} how far it is.'},
    ),
    Operation(
        'POST', '/actions/preview', 'v1_preview', 'read', actions.preview, 'What an action would be done to',
        body=PREVIEW,
    ),
    Operation('GET', '/views', 'v1_views', 'read', views.show, 'The saved views of the account'),
    Operation('GET', '/views/<path:name>', 'v1_view', 'read', views.one, 'A saved view'),
    Operation(
        'PUT', '/views/<path:name>', 'v1_view_put', 'read', views.put, 'Make or change a saved view', body=views.VIEW
    ),
    Operation('DELETE', '/views/<path:name>', 'v1_view_remove', 'read', views.remove, 'Remove a saved view'),
    Operation('GET', '/targets', 'v1_targets', 'read', clients.show, 'The clients, and how they are doing'),
    Operation('GET', '/targets/<target>/limits', 'v1_limits', 'read', clients.limits, 'The limits of a client'),
    Operation(
        'PATCH', '/targets/<target>/limits', 'v1_limits_set', 'write', clients.set_limits, 'Set limits of a client',
        body=clients.OF_LIMITS,
    ),
    Operation('GET', '/actions/<job>', 'v1_job', 'read', actions.progress, 'How far a job is'),
)  # fmt: skip

ROUTES = tuple(operation.route for operation in OPERATIONS)
