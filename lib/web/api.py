"""``POST {BASE_URL}/api``: the JSON API of the first pyroTorrent, over the batches of ``model.batch``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug import Response
from werkzeug.exceptions import UnsupportedMediaType

from lib.errors import UsageError
from lib.web import failures, jsonbody
from model import batch, placing
from model.backends.base import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lib.web.context import Context
    from model.batch import Write

MAX_REQUEST = 1 << 20  # bytes of JSON


def run(context: Context) -> Response:
    """Carry out the list of items and answer with the list of their results, in order."""
    asked = jsonbody.parse(_body(context), 'request')
    hub, admin = context.services.hub, context.who.is_admin
    # What names no target is for the first rTorrent; to other clients this API has nothing to say, and says so.
    names = sorted(hub.backends, key=lambda name: hub.backends[name].kind != 'rtorrent')
    results = batch.run(
        asked,
        may_write=context.who.can_write,
        allowed_targets=names,
        confine=lambda target, path: placing.confine(
            hub, target, path, context.services.config.DOWNLOAD_ROOTS
        ),
        words=lambda error: failures.words_of(error, admin=admin),
        wrote=lambda writes: _tell(context, writes),
    )
    return context.json(results)


def _tell(context: Context, writes: Sequence[Write]) -> None:
    """Have the lists show what was set, and the history say who did it."""
    hub, trees, torrents = context.services.hub, context.services.trees, dict[str, set[str]]()
    for write in writes:
        torrents.setdefault(write.target, set()).update([write.hash] if write.hash else [])
        if write.kind == 'file':
            trees.forget((write.target, write.hash))
        if write.hash and write.ok:
            done = Outcome(write.target, write.hash, write.name, 'done')
            hub.tell(context.who.name, write.args, [done])
    hub.poke(torrents, torrents=torrents)


def _body(context: Context) -> str | bytes:
    """The JSON: the form variable ``request`` as the seed has it, or the whole body."""
    request = context.request
    if request.mimetype in ('application/x-www-form-urlencoded', 'multipart/form-data'):
        if set(request.form) - {'csrf'} != {'request'}:
            raise UsageError('The form has to hold one variable, “request”, with the JSON.', field='request')
        text = str(request.form['request'])
        jsonbody.check_size(len(text), MAX_REQUEST, 'request')
        return text
    if request.mimetype != 'application/json':
        raise UnsupportedMediaType('Send application/json, or a form with the variable “request”.')
    return jsonbody.data_of(request, MAX_REQUEST, 'request')
