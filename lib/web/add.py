"""Adding torrents: uploaded files, addresses and magnets, several at a time, each with its own result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from werkzeug import Response

from lib import format as fmt
from lib.errors import NotFound, PyroError, UsageError
from lib.translate import gettext, message_of, words
from lib.web import failures, intake, shared
from lib.web.intake import Item, Wish
from lib.web.settings import NO_TARGET

if TYPE_CHECKING:
    from lib.web.context import Context

MAX_KEPT = 2000  # characters


def page(context: Context) -> Response:
    """The form; and after it was sent, what became of each item."""
    if not context.services.hub.backends:
        raise NotFound(NO_TARGET)
    form = context.request.form
    if context.request.method != 'POST':
        return _form(context)
    try:
        target = intake.target_of(context, form.get('target', ''))
        items = list(_items(context))
        if not items:
            raise UsageError('Choose a .torrent file, or paste an address or a magnet link.', field='links')
        intake.check_number(items)
    except UsageError as error:
        return _form(context, message_of(error), failures.status_of(error))
    wish = Wish(target, form.get('start') == '1', form.get('label', ''), form.get('directory', ''))
    results = [_add(context, wish, item) for item in items]
    back = context.url('add', **_kept(context, items, results))
    return context.render(
        'results.html', _status(results), title=gettext('Add torrents'), items=results, back=back
    )


def _status(results: list[dict[str, Any]]) -> int:
    if all(result['ok'] for result in results):
        return 200
    return 207 if len(results) > 1 else int(results[0]['status'])


def _kept(context: Context, items: list[Item], results: list[dict[str, Any]]) -> dict[str, str]:
    """What the form should hold again after a mistake: the links that failed, as far as an address carries them."""
    failed = [
        item.magnet or item.address or ''
        for item, result in zip(items, results, strict=True)
        if not result['ok']
    ]
    links = '\n'.join(link for link in failed if link)
    if not links or len(links) > MAX_KEPT:
        return {}
    form = context.request.form
    kept = {key: form.get(key, '') for key in ('target', 'label', 'directory')}
    return {'links': links, 'start': form.get('start') or '0', **kept}


def _form(context: Context, error: str = '', status: int = 200) -> Response:
    """The form again, with what was typed and what was shared."""
    try:
        files = list(shared.carried_files(context.request.form.getlist('kept')))
    except UsageError:
        files = []
    return shared.form(context, error, status, files=files, links=shared.given(context.request))


def _items(context: Context) -> Iterator[Item]:
    yield from intake.of_files(context)
    for file in shared.carried_files(context.request.form.getlist('kept')):
        yield Item(file.name, data=file.data)
    for line in context.request.form.get('links', '').splitlines():
        if line.strip():
            yield intake.of_link(line.strip())


def _add(context: Context, wish: Wish, item: Item) -> dict[str, Any]:
    """Add one item; a failure is its own result and does not stop the others."""
    try:
        added = intake.add(context, wish, item)
    except PyroError as error:
        text = failures.words_of(error, admin=context.who.is_admin)
        return {
            'ok': False,
            'name': item.source,
            'text': text,
            'url': '',
            'status': failures.status_of(error),
        }
    done = gettext('already there, nothing changed') if added.existed else gettext('added')
    text = '. '.join((done, *map(words, added.warnings)))
    url = context.url('torrent', target=wish.target, hash=added.hash)
    return {'ok': True, 'name': fmt.clip(added.name), 'text': text, 'url': url, 'status': 200}
