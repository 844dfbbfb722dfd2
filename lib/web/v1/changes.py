"""Changes to one torrent; each goes through :mod:`model.actions`."""

from __future__ import annotations

from typing import Any

from lib.errors import UsageError
from lib.web.v1 import torrent
from lib.web.v1.call import Call
from model import actions

OF_TORRENT: dict[str, Any] = {
    'type': 'object', 'additionalProperties': False, 'minProperties': 1, 'maxProperties': 1,
    'description': 'One of these at a time.',
    'properties': {
        'label': {'type': 'string', 'maxLength': actions.MAX_LABEL},
        'priority': {'type': 'integer', 'minimum': 0, 'maximum': 3, 'description': '0 off, 1 low, 2 normal, 3 high'},
        'throttle': {'type': 'string', 'maxLength': 64},
        'directory': {'type': 'string', 'minLength': 1, 'maxLength': 4096},
    },
}  # fmt: skip
OF_FILES: dict[str, Any] = {
    'type': 'object', 'additionalProperties': False, 'required': ['priority'],
    'description': 'Either “indexes” or “dir”, a directory with all below it; "" is the root.',
    'properties': {
        'indexes': {
            'type': 'array', 'minItems': 1, 'maxItems': actions.MAX_INDEXES,
            'items': {'type': 'integer', 'minimum': 0, 'maximum': actions.MAX_INDEXES},
        },
        'dir': {'type': 'string', 'maxLength': 8192},
        'priority': {'type': 'integer', 'minimum': 0, 'maximum': 2, 'description': '0 off, 1 normal, 2 high'},
    },
}  # fmt: skip
OF_TRACKER: dict[str, Any] = {
    'type': 'object', 'additionalProperties': False, 'required': ['index', 'enabled'],
    'properties': {
        'index': {'type': 'integer', 'minimum': 0, 'maximum': 9999},
        'enabled': {'type': 'boolean'},
    },
}  # fmt: skip


def of_torrent(call: Call) -> dict[str, Any]:
    """Set label, priority, throttle or directory."""
    [(verb, value)] = call.body.items()
    return _do(call, verb, {verb: value})


def of_files(call: Call) -> dict[str, Any]:
    """Set the priority of files."""
    body = call.body
    if ('indexes' in body) == ('dir' in body):
        raise UsageError('Send either “indexes” or “dir”.', field='indexes')
    indexes = body.get('indexes')
    if indexes is None:
        indexes = list(torrent.directory(call, body['dir']).indexes())
    said = _do(call, 'file_priority', {'indexes': indexes, 'priority': body['priority']})
    return {**said, 'files': len(indexes)}


def of_tracker(call: Call) -> dict[str, Any]:
    """Switch a tracker on or off."""
    return _do(call, 'tracker_enable', {'index': call.body['index'], 'on': call.body['enabled']})


def _do(call: Call, verb: str, args: dict[str, Any]) -> dict[str, Any]:
    _, info_hash = torrent.names(call)
    hub = call.context.services.hub
    outcome = actions.run(hub, call.target, info_hash, verb, args, by=call.context.who.name)
    if verb == 'file_priority':
        call.context.services.trees.forget((call.target, info_hash))
    if outcome.error is not None:
        raise outcome.error
    return {
        'target': call.target,
        'hash': info_hash,
        'verb': verb,
        'state': outcome.state,
        'note': outcome.note,
    }
