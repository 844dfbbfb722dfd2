"""One torrent's page, and the forms on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from werkzeug import Response

from lib.errors import UnknownName, UsageError
from lib.web import failures, present, torrentview
from model import actions

if TYPE_CHECKING:
    from lib.web.context import Context

TABS = ('general', 'files', 'peers', 'trackers')
#: The verbs of the form with the torrent's own values, and the field each takes.
CHANGES = ('label', 'priority', 'throttle', 'directory')


def show(context: Context, target: str, hash: str) -> Response:
    """The page; one request to the client answers all tabs."""
    tab = context.request.args.get('tab', 'general')
    if tab not in TABS:
        raise UnknownName('tab', tab, TABS, field='tab')
    backend = context.backend(target)
    detail = backend.detail(actions.check_hash(hash))
    prefix = context.url('overview').rstrip('/')
    did = context.request.args.get('did', '')
    return context.render(
        'torrent.html',
        t=present.rows([detail.row], target, prefix=prefix, binary=context.binary)[0],
        tab=tab,
        tabs=[
            (name, context.url('torrent', target=target, hash=hash, tab=name), name == tab) for name in TABS
        ],
        did=f'{actions.VERBS[did].label}: done.' if did in actions.VERBS else '',
        can=backend.capabilities,
        **torrentview.view(context, target, detail),
    )


def _do(context: Context, target: str, hash: str, tab: str, verb: str, args: dict[str, Any]) -> Response:
    """Do a verb and go back to the page; the reason why not leads back as well."""
    page = context.url('torrent', target=target, hash=hash, tab=tab)
    outcome = actions.run(context.services.hub, target, hash, verb, args)
    if outcome.error is None:
        return context.go('torrent', target=target, hash=hash, tab=tab, did=verb)
    words = failures.words_of(outcome.error, admin=context.who.is_admin)
    item = {'ok': False, 'text': words, 'name': hash, 'url': page}
    title, status = actions.VERBS[verb].label, failures.status_of(outcome.error)
    return context.render('results.html', status, title=title, items=[item], back=page)


def change(context: Context, target: str, hash: str) -> Response:
    """Set label, priority, throttle or directory; the button's name says which."""
    form = context.request.form
    verb = form.get('verb', '')
    if verb not in CHANGES:
        raise UnknownName('setting of a torrent', verb, CHANGES, field='verb')
    value: object = form.get(verb, '').strip()
    if verb == 'priority':
        value = _number(form.get(verb, ''), 'priority')
    return _do(context, target, hash, 'general', verb, {verb: value})


def files(context: Context, target: str, hash: str) -> Response:
    """Set the priority of the ticked files."""
    form = context.request.form
    indexes = [_number(value, 'index') for value in form.getlist('index')]
    if not indexes:
        raise UsageError('No file is ticked. Tick the files first, then choose the priority.', field='index')
    args = {'indexes': indexes, 'priority': _number(form.get('priority', ''), 'priority')}
    return _do(context, target, hash, 'files', 'file_priority', args)


def trackers(context: Context, target: str, hash: str) -> Response:
    """Switch one tracker on or off."""
    form = context.request.form
    args = {'index': _number(form.get('index', ''), 'index'), 'on': form.get('on') == '1'}
    return _do(context, target, hash, 'trackers', 'tracker_enable', args)


def _number(value: str, field: str) -> int:
    if not value.isascii() or not value.isdigit() or len(value) > 9:
        raise UsageError(f'“{value[:40]}” is not a number.', field=field)
    return int(value)
