"""Saved views of the account, one list for all where nobody logs in."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from lib.errors import Denied
from lib.web.v1.call import Call
from lib.web.v1.schema import Schema
from model import saved

VIEW: Schema = {
    'type': 'object', 'additionalProperties': False, 'required': ['address'],
    'properties': {
        'name': {'type': 'string', 'maxLength': saved.MAX_NAME, 'description': 'Another name for it.'},
        'address': {
            'type': 'string', 'maxLength': saved.MAX_ADDRESS,
            'description': 'The query of the list: ' + ', '.join(saved.PARAMETERS) + '.',
        },
    },
}  # fmt: skip


def show(call: Call) -> dict[str, Any]:
    """All of them, by name."""
    found = call.context.services.saved.list(call.context.who.user_id)
    return {'views': [asdict(view) for view in found]}


def one(call: Call) -> dict[str, Any]:
    """One of them."""
    return asdict(call.context.services.saved.get(call.context.who.user_id, call.path['name']))


def put(call: Call) -> dict[str, Any]:
    """Make or change one."""
    owner, body = _owner(call), call.body
    view = call.context.services.saved.put(
        owner, call.path['name'], body['address'], new_name=body.get('name')
    )
    return asdict(view)


def remove(call: Call) -> dict[str, Any]:
    """Remove one."""
    call.context.services.saved.remove(_owner(call), call.path['name'])
    return {'name': call.path['name']}


def _owner(call: Call) -> int | None:
    """Views are the account's own, so that who may only look may save some; a token that may only read may not."""
    who = call.context.who
    if who.via == 'token' and not who.can_write:
        raise Denied('This token may only read.')
    return who.user_id
