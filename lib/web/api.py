"""``POST {BASE_URL}/api``: the JSON API of the first pyroTorrent, over the batches of ``model.batch``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import simplejson
from werkzeug import Response
from werkzeug.exceptions import UnsupportedMediaType

from lib.errors import TooLarge, UsageError
from lib.web import failures
from model import batch, placing

if TYPE_CHECKING:
    from lib.web.context import Context

MAX_REQUEST = 1 << 20  # bytes of JSON


def run(context: Context) -> Response:
    """Carry out the list of items and answer with the list of their results, in order."""
    asked = _parse(_body(context))
    hub, admin = context.services.hub, context.who.is_admin
    results = batch.run(
        asked,
        may_write=context.who.can_write,
        allowed_targets=list(hub.backends),
        confine=lambda target, path: placing.confine(
            hub, target, path, context.services.config.DOWNLOAD_ROOTS
        ),
        words=lambda error: failures.words_of(error, admin=admin),
    )
    return context.json(results)


def _body(context: Context) -> str | bytes:
    """The JSON: the form variable ``request`` as the seed has it, or the whole body."""
    request = context.request
    if request.mimetype in ('application/x-www-form-urlencoded', 'multipart/form-data'):
        if set(request.form) - {'csrf'} != {'request'}:
            raise UsageError('The form has to hold one variable, “request”, with the JSON.', field='request')
        return str(request.form['request'])
    if request.mimetype != 'application/json':
        raise UnsupportedMediaType('Send application/json, or a form with the variable “request”.')
    _check_size(request.content_length or 0)  # before it is read
    return request.get_data(cache=False)


def _check_size(size: int) -> None:
    if size > MAX_REQUEST:
        raise TooLarge(
            f'The request is larger than {MAX_REQUEST} bytes. Send fewer items at a time.', field='request'
        )


def _parse(body: str | bytes) -> Any:
    _check_size(len(body))
    try:
        return simplejson.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        where = (
            f' (line {error.lineno}, column {error.colno})'
            if isinstance(error, simplejson.JSONDecodeError)
            else ''
        )
        raise UsageError(f'The request is not JSON{where}.', field='request') from None


def _no_constant(name: str) -> Any:
    raise ValueError(f'{name} is not JSON')
