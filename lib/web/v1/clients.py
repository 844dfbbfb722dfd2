"""The clients as a whole: how they are doing, and their limits."""

from __future__ import annotations

from typing import Any

from lib.web.v1 import windows
from lib.web.v1.call import Call
from lib.web.v1.schema import Schema
from model import actions, settings

LIMITS = ('down_limit', 'up_limit')
#: Seconds to wait for the snapshot to show what was done.
_SEEN = 1.0

_RATE = {
    'type': 'integer', 'minimum': settings.BY_KEY['up_limit'].low, 'maximum': settings.BY_KEY['up_limit'].high,
    'description': 'Bytes per second, 0 means no limit. rTorrent rounds to whole KiB.',
}  # fmt: skip
OF_LIMITS: Schema = {
    'type': 'object', 'additionalProperties': False, 'minProperties': 1,
    'properties': dict.fromkeys(LIMITS, _RATE),
}  # fmt: skip


def show(call: Call) -> dict[str, Any]:
    """All clients, as the list shows them."""
    return windows.targets(call.context, call.context.services.hub.look())


def limits(call: Call) -> dict[str, Any]:
    """The limits of a client, as it says itself."""
    return _limits_json(call, settings.read(call.context.backend(call.target)))


def set_limits(call: Call) -> dict[str, Any]:
    """Set limits of a client."""
    hub = call.context.services.hub
    now = actions.set_globals(hub, call.target, call.body)
    hub.poke([call.target], wait=_SEEN)
    return _limits_json(call, now)


def _limits_json(call: Call, values: dict[str, Any]) -> dict[str, Any]:
    return {'target': call.target, **{key: values.get(key) for key in LIMITS}}
