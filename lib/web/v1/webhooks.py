"""Webhooks, for administrators. What is secret in them is told once, when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from werkzeug import Response

from lib.errors import NotFound
from lib.fetch import MAX_URL
from lib.texts import whole_number
from lib.web.v1.answers import COUNT, TEXT, WHEN, array_of, nullable, object_of
from lib.web.v1.call import Call
from lib.web.v1.schema import Schema
from model import query
from model.events.happenings import KINDS
from model.webhooks.hookfields import MAX_NAME
from model.webhooks.hookstyles import MAX_OPTION, STYLES

if TYPE_CHECKING:
    from model.webhooks.receivers import Delivery, Webhook, Webhooks

_STYLE = {'type': 'string', 'enum': list(STYLES)}
_KIND = {'type': 'string', 'title': 'kind of event', 'enum': [kind for kind in KINDS if kind != 'did']}
_OPTIONS: dict[str, Schema] = {
    name: {
        'type': ['string', 'null'],
        'maxLength': MAX_OPTION,
        'description': 'Of ' + ', '.join(_styles) + '. In a change null takes it away.',
    }
    for name, _styles in (
        (name, [style.name for style in STYLES.values() if name in {option.name for option in style.options}])
        for name in sorted({option.name for style in STYLES.values() for option in style.options})
    )
}
_FIELDS: dict[str, Schema] = {
    'name': {**TEXT, 'minLength': 1, 'maxLength': MAX_NAME},
    'style': {**_STYLE, 'description': 'What the receiver understands.'},
    'url': {**TEXT, 'maxLength': MAX_URL, 'description': 'Its address, where the style has one.'},
    'options': {
        'type': 'object', 'additionalProperties': False, 'properties': _OPTIONS,
        'description': 'What the style asks for.',
    },
    'kinds': {
        'type': 'array', 'maxItems': len(KINDS), 'items': _KIND,
        'description': 'The events that are sent; none means all but “updated”.',
    },
    'query': {**TEXT, 'maxLength': query.MAX_LENGTH, 'description': 'A search that the torrent has to match.'},
    'secret': {
        **TEXT, 'maxLength': 200,
        'description': 'What signs the deliveries: 16 to 200 ASCII characters. Left out, one is made.',
    },
}  # fmt: skip
NEW: Schema = {
    'type': 'object', 'additionalProperties': False, 'required': ['name', 'style'], 'properties': _FIELDS,
}  # fmt: skip
CHANGE: Schema = {
    'type': 'object', 'additionalProperties': False, 'minProperties': 1, 'properties': _FIELDS,
}  # fmt: skip
LOG: dict[str, Schema] = {
    'before': {
        'type': 'integer', 'minimum': 1, 'maximum': 2**53, 'description': 'Only those before this number.',
    },
    'limit': {'type': 'integer', 'minimum': 1, 'maximum': 500, 'default': 50},
}  # fmt: skip

DELIVERY = object_of(
    id=COUNT, uid=TEXT, event_id=COUNT, kind=TEXT, event={'type': 'object'},
    state={'type': 'string', 'enum': ['waiting', 'done', 'failed', 'dropped']}, tries=COUNT, due=nullable(WHEN),
    created=WHEN, ended=nullable(WHEN), status=nullable(COUNT), took=nullable({'type': 'number'}),
    error=TEXT, reply=TEXT,
)  # fmt: skip
WEBHOOK = object_of(
    {'secret': TEXT},
    id=COUNT, name=TEXT, style=_STYLE, address=TEXT, options={'type': 'object', 'additionalProperties': TEXT},
    secrets=array_of(TEXT), kinds=array_of(TEXT), query=TEXT,
    state={'type': 'string', 'enum': ['active', 'paused', 'broken']}, notice=TEXT, waiting=COUNT, failures=COUNT,
    dropped=COUNT, source={'type': 'string', 'enum': ['page', 'config']}, created=WHEN, changed=WHEN,
    last=nullable(DELIVERY),
)  # fmt: skip
WEBHOOKS = object_of(webhooks=array_of(WEBHOOK))
SECRET = object_of(id=COUNT, secret=TEXT)
DELIVERIES = object_of(deliveries=array_of(DELIVERY), next=nullable(COUNT))
REMOVED = object_of(id=COUNT)


def show(call: Call) -> dict[str, Any]:
    """All of them, with how they are doing."""
    return {'webhooks': [as_json(hook) for hook in _hooks(call).all()]}


def one(call: Call) -> dict[str, Any]:
    """One of them."""
    return as_json(_hooks(call).get(_number(call)))


def create(call: Call) -> Response:
    """Make one; the answer holds its secret, this once."""
    hooks = _hooks(call)
    made = hooks.create(dict(call.body))
    answer = as_json(made)
    if STYLES[made.style].signed:
        answer['secret'] = hooks.secret(made.id)
    return call.context.json(answer, 201)


def change(call: Call) -> dict[str, Any]:
    """Change some of its fields; secrets and an address that are left out stay."""
    return as_json(_hooks(call).change(_number(call), dict(call.body)))


def remove(call: Call) -> dict[str, Any]:
    """Remove it, with its log and what waits."""
    number = _number(call)
    _hooks(call).remove(number)
    return {'id': number}


def test(call: Call) -> dict[str, Any]:
    """Send a test now; answers what the receiver said."""
    return delivery(_hooks(call).test(_number(call)))


def pause(call: Call) -> dict[str, Any]:
    """Stop sending; what happens meanwhile waits."""
    return as_json(_hooks(call).pause(_number(call)))


def resume(call: Call) -> dict[str, Any]:
    """Send again."""
    return as_json(_hooks(call).resume(_number(call)))


def discard(call: Call) -> dict[str, Any]:
    """Drop what waits for it."""
    return as_json(_hooks(call).discard(_number(call)))


def rotate(call: Call) -> dict[str, Any]:
    """Make a new secret; the answer holds it, this once."""
    number = _number(call)
    return {'id': number, 'secret': _hooks(call).rotate(number)}


def log(call: Call) -> dict[str, Any]:
    """Its deliveries, the newest first; “next” is the “before” of the following page."""
    hooks, number, limit = _hooks(call), _number(call), call.query['limit']
    hooks.get(number)
    found = hooks.deliveries(number, before=call.query.get('before'), limit=limit + 1)
    shown = found[:limit]
    return {
        'deliveries': [delivery(item) for item in shown],
        'next': shown[-1].id if len(found) > limit else None,
    }


def retry(call: Call) -> dict[str, Any]:
    """Send one of them again, after what waits already."""
    return delivery(_hooks(call).retry(_number(call), _number(call, 'delivery')))


def _hooks(call: Call) -> Webhooks:
    return call.context.services.webhooks


def _number(call: Call, name: str = 'id') -> int:
    number = whole_number(call.path[name])
    if number is None:
        raise NotFound(f'There is no such {"webhook" if name == "id" else name} (any more).')
    return number


def as_json(hook: Webhook) -> dict[str, Any]:
    """A webhook as JSON. Where it sends to is cut to what is no secret."""
    return {
        'id': hook.id, 'name': hook.name, 'style': hook.style, 'address': hook.masked,
        'options': dict(hook.options), 'secrets': list(hook.secrets), 'kinds': list(hook.kinds),
        'query': hook.query, 'state': hook.state, 'notice': hook.notice, 'waiting': hook.waiting,
        'failures': hook.failures, 'dropped': hook.dropped, 'source': hook.source, 'created': hook.created,
        'changed': hook.changed, 'last': delivery(hook.last) if hook.last is not None else None,
    }  # fmt: skip


def delivery(item: Delivery) -> dict[str, Any]:
    """A delivery as JSON."""
    return {
        'id': item.id, 'uid': item.uid, 'event_id': item.event_id, 'kind': item.kind, 'event': item.event,
        'state': item.state, 'tries': item.tries, 'due': item.due if item.state == 'waiting' else None,
        'created': item.created, 'ended': item.ended, 'status': item.status, 'took': item.took,
        'error': item.error, 'reply': item.reply,
    }  # fmt: skip
