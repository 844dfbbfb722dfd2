"""Schemas that several operations of the REST API share."""

from __future__ import annotations

from typing import Any

from lib.web.v1.schema import Schema
from lib.web.v1.selection import SELECT
from model.actions import VERBS

TEXT: dict[str, Any] = {'type': 'string'}
OFFSET: Schema = {'type': 'integer', 'minimum': 0, 'maximum': 10_000_000, 'default': 0}
LIMIT: Schema = {'type': 'integer', 'minimum': 1, 'maximum': 500, 'default': 100}

_VERB = {'type': 'string', 'enum': list(VERBS)}
PREVIEW: Schema = {
    'type': 'object', 'additionalProperties': False, 'required': ['verb', 'select'],
    'properties': {'verb': _VERB, 'select': SELECT},
}  # fmt: skip
ACTION: Schema = {
    'type': 'object', 'additionalProperties': False, 'required': ['verb', 'select'],
    'properties': {
        'verb': _VERB,
        'args': {'type': 'object', 'description': 'What the verb takes, as “label” does {"label": "linux"}.'},
        'select': SELECT,
        'sure': {'type': 'boolean', 'description': 'Has to be true for what cannot be taken back.'},
        'expect': {
            'type': 'integer', 'minimum': 0, 'maximum': 10_000_000,
            'description': 'How many torrents the preview counted; where they are another number, nothing is done.',
        },
        'digest': {
            'type': 'string', 'maxLength': 64,
            'description': 'The digest of the preview; where these are other torrents by now, nothing is done.',
        },
    },
}  # fmt: skip
