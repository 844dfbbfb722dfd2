"""What may follow in a search that somebody types."""

from __future__ import annotations

from typing import Any

from lib import translate
from lib.web.v1.call import Call
from lib.web.v1.schema import Schema
from model import complete, query

PARAMETERS: dict[str, Schema] = {
    'q': {'type': 'string', 'default': '', 'maxLength': query.MAX_LENGTH, 'description': 'What was typed.'},
    'at': {
        'type': 'integer', 'minimum': 0, 'maximum': query.MAX_LENGTH,
        'description': 'The characters before the cursor; all if left out.',
    },
}  # fmt: skip


def show(call: Call) -> dict[str, Any]:
    """What may follow in a search, from what the torrents have."""
    text = call.query['q']
    found = complete.complete(text, call.query.get('at', len(text)), call.context.services.hub.snapshot)
    items = [{'text': item.text, 'what': translate.words(item.what)} for item in found.items]
    return {'from': found.start, 'to': found.end, 'items': items}
