"""Adding torrents: uploaded files, addresses and magnets, several at a time, each with its own result."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from werkzeug import Response

from lib import fetch
from lib import format as fmt
from lib.errors import NotFound, PyroError, TooLarge, UnknownName, UsageError
from lib.web import failures, shared
from lib.web.settings import NO_TARGET
from model import adding

if TYPE_CHECKING:
    from lib.web.context import Context

MAX_ITEMS = 200
MAX_KEPT = 2000  # characters


@dataclass(frozen=True)
class Item:
    """One thing to add: ``source`` names it for people; exactly one of the others is set."""

    source: str
    data: bytes | None = None
    magnet: str | None = None
    address: str | None = None


def page(context: Context) -> Response:
    """The form; and after it was sent, what became of each item."""
    if not context.services.hub.backends:
        raise NotFound(NO_TARGET)
    if context.request.method != 'POST':
        return _form(context)
    try:
        target = _target(context)
        items = list(_items(context))
        if not items:
            raise UsageError('Choose a .torrent file, or paste an address or a magnet link.', field='links')
        if len(items) > MAX_ITEMS:
            raise TooLarge(
                f'At most {MAX_ITEMS} torrents at a time, please; these are {len(items)}.', field='links'
            )
    except UsageError as error:
        return _form(context, str(error), failures.status_of(error))
    results = [_add(context, target, item) for item in items]
    status = (
        200 if all(result['ok'] for result in results) else 207 if len(results) > 1 else results[0]['status']
    )
    back = context.url('add', **_kept(context, items, results))
    return context.render('results.html', status, title='Add torrents', items=results, back=back)


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
        files = list(shared.kept(context.request.form.getlist('kept')))
    except UsageError:
        files = []
    return shared.form(context, error, status, files=files, links=shared.given(context.request))


def _target(context: Context) -> str:
    backends = context.services.hub.backends
    target = context.request.form.get('target') or next(iter(backends), '')
    if target not in backends:
        raise UnknownName('target', target, backends, field='target')
    return target


def _items(context: Context) -> Iterator[Item]:
    limit = context.services.config.MAX_TORRENT_BYTES
    for upload in context.request.files.getlist('torrent'):
        if upload.filename:
            yield Item(fmt.clip(upload.filename, 200), data=upload.stream.read(limit + 1))
    for file in shared.kept(context.request.form.getlist('kept')):
        yield Item(file.name, data=file.data)
    for line in context.request.form.get('links', '').splitlines():
        link = line.strip()
        if link.lower().startswith('magnet:'):
            yield Item(fmt.clip(link, 80), magnet=link)
        elif shared.is_hash(link):
            yield Item(link, magnet=shared.magnet_of(link))
        elif link:
            yield Item(fmt.clip(link, 80), address=link)


def _add(context: Context, target: str, item: Item) -> dict[str, Any]:
    """Add one item; a failure is its own result and does not stop the others."""
    try:
        added = _send(context, target, item)
    except PyroError as error:
        words = failures.words_of(error, admin=context.who.is_admin)
        return {
            'ok': False,
            'name': item.source,
            'text': words,
            'url': '',
            'status': failures.status_of(error),
        }
    said = 'already there, nothing changed' if added.existed else 'added'
    text = '. '.join((said, *added.warnings))
    url = context.url('torrent', target=target, hash=added.hash)
    return {'ok': True, 'name': fmt.clip(added.name), 'text': text, 'url': url, 'status': 200}


def _send(context: Context, target: str, item: Item) -> Any:
    config, form = context.services.config, context.request.form
    data, magnet = (item.data, item.magnet) if item.address is None else _fetched(context, item.address)
    return adding.add(
        context.services.hub,
        target,
        torrent=data,
        magnet=magnet,
        start=form.get('start') == '1',
        label=form.get('label', '').strip(),
        directory=form.get('directory', '').strip(),
        roots=config.DOWNLOAD_ROOTS,
        max_bytes=config.MAX_TORRENT_BYTES,
        private_trackers=config.PRIVATE_TRACKERS,
    )


def _fetched(context: Context, address: str) -> tuple[bytes | None, str | None]:
    """The .torrent at an address, or the magnet that the address leads to, as those of indexers do."""
    config = context.services.config
    found = fetch.fetch(
        address,
        max_bytes=config.MAX_TORRENT_BYTES,
        timeout=config.FETCH_TIMEOUT,
        allowed_networks=config.FETCH_ALLOWED_NETWORKS,
    )
    return (None, found.magnet) if found.magnet else (found.data, None)
