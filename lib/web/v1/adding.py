"""Adding torrents: links as JSON, files as a form; each has a result of its own."""

from __future__ import annotations

from typing import Any

from werkzeug import Response

from lib.errors import PyroError, UsageError
from lib.web import failures, intake
from lib.web.intake import Item, Wish
from lib.web.v1.call import Call, read_body
from lib.web.v1.schema import Schema
from model import actions, settings

_LINK = {'type': 'string', 'minLength': 1, 'maxLength': 65536}
LINKS: Schema = {
    'type': 'object', 'additionalProperties': False,
    'description': 'One of “magnet”, “url” and “links”.',
    'properties': {
        'magnet': {**_LINK, 'description': 'A magnet link.'},
        'url': {**_LINK, 'description': 'The http or https address of a .torrent file; pyroTorrent fetches it.'},
        'links': {
            'type': 'array', 'minItems': 1, 'maxItems': intake.MAX_ITEMS, 'items': _LINK,
            'description': 'Any of both.',
        },
        'target': {'type': 'string', 'description': 'A client; the first one if left out.'},
        'start': {'type': 'boolean', 'default': True},
        'label': {'type': 'string', 'maxLength': actions.MAX_LABEL},
        'directory': {'type': 'string', 'maxLength': 4096},
    },
}  # fmt: skip

FORM: Schema = {
    'type': 'object',
    'properties': {
        'torrent': {
            'type': 'array',
            'items': {'type': 'string', 'contentMediaType': 'application/x-bittorrent'},
        },
        'links': {'type': 'string', 'description': 'Magnet links and addresses, one a line.'},
        'target': {'type': 'string'},
        'start': {'type': 'string', 'enum': ['0', '1'], 'default': '1'},
        'label': {'type': 'string'},
        'directory': {'type': 'string'},
    },
}


def add(call: Call) -> Response:
    """Add torrents to a client; 207 where some of several were not added."""
    context = call.context
    if context.request.mimetype == 'multipart/form-data':
        wish, items = _of_form(call)
    else:
        wish, items = _of_json(call)
    if not items:
        raise UsageError('Send a “magnet”, a “url”, “links” or “torrent” files.', field='torrent')
    intake.check_number(items)
    results = [_add(call, wish, item, alone=len(items) == 1) for item in items]
    context.services.hub.poke([wish.target], wait=1.0)
    status = 200 if all(result['ok'] for result in results) else 207
    return context.json({'target': wish.target, 'results': results}, status)


def _of_json(call: Call) -> tuple[Wish, list[Item]]:
    body = read_body(call.context, LINKS)
    given = [key for key in ('magnet', 'url', 'links') if key in body]
    if len(given) != 1:
        raise UsageError('Send one of “magnet”, “url” and “links”.', field=given[1] if given else 'magnet')
    links = body['links'] if 'links' in body else [body[given[0]]]
    items = [intake.of_link(link.strip()) for link in links]
    if 'magnet' in body and items[0].magnet is None:
        raise UsageError('A magnet link begins with “magnet:?”.', field='magnet')
    wish = Wish(
        intake.target_of(call.context, body.get('target', '')),
        body.get('start', True),
        body.get('label', ''),
        body.get('directory', ''),
    )
    return wish, items


def _of_form(call: Call) -> tuple[Wish, list[Item]]:
    form = call.context.request.form
    for name in FORM['properties']:
        if len(form.getlist(name)) > 1:
            raise UsageError(f'“{name}” was sent more than once. Send it once.', field=name)
    links = [line.strip() for line in form.get('links', '').splitlines() if line.strip()]
    wish = Wish(
        intake.target_of(call.context, form.get('target', '')),
        settings.flag(form.get('start', '1'), 'start', 'start'),
        form.get('label', ''),
        form.get('directory', ''),
    )
    return wish, [*intake.of_files(call.context), *map(intake.of_link, links)]


def _add(call: Call, wish: Wish, item: Item, *, alone: bool) -> dict[str, Any]:
    """Add one item; a failure is its own result and does not stop the others, where there are any."""
    try:
        added = intake.add(call.context, wish, item)
    except PyroError as error:
        if alone:
            raise
        said = failures.words_of(error, admin=call.context.who.is_admin)
        return {
            'ok': False, 'source': item.source, 'status': failures.status_of(error),
            'code': failures.code_of(error), 'message': said,
        }  # fmt: skip
    return {
        'ok': True, 'source': item.source, 'hash': added.hash, 'name': added.name, 'existed': added.existed,
        'warnings': list(added.warnings),
    }  # fmt: skip
