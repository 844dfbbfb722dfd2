"""One torrent's page, and the forms on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from werkzeug import Response

from lib.errors import Conflict, UnknownName, UsageError
from lib.texts import whole_number
from lib.translate import gettext, words
from lib.web import failures, present, torrentview
from lib.words import N_, named, said
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
    tabs = [name for name in TABS if name == 'general' or name in backend.capabilities]
    if tab not in tabs:
        raise Conflict(said('%(name)s does not tell this of its torrents.', name=target))
    detail = backend.detail(actions.check_hash(hash))
    prefix = context.url('overview').rstrip('/')
    did = context.request.args.get('did', '')
    done = ''
    if did in actions.VERBS:
        done = words(said('%(verb)s: done.', verb=named(actions.VERBS[did].label)))
    return context.render(
        'torrent.html',
        t=present.rows([detail.row], target, prefix=prefix, binary=context.binary)[0],
        tab=tab,
        tabs=[
            (name, context.url('torrent', target=target, hash=hash, tab=name), name == tab) for name in tabs
        ],
        did=done,
        can=backend.capabilities,
        **torrentview.view(context, target, detail),
    )


def _do(
    context: Context, target: str, hash: str, tab: str, verb: str, read: Callable[[], dict[str, Any]]
) -> Response:
    """Do a verb with the arguments that ``read`` finds in the form, and go back to the page; the reason why not leads
    back as well."""
    info_hash = actions.check_hash(hash)
    context.backend(target)
    try:
        outcome = actions.run(context.services.hub, target, info_hash, verb, read(), by=context.who.name)
        error = outcome.error
    except UsageError as wrong:
        error = wrong
    if error is None:
        return context.go('torrent', target=target, hash=info_hash, tab=tab, did=verb)
    page = context.url('torrent', target=target, hash=info_hash, tab=tab)
    text = failures.words_of(error, admin=context.who.is_admin)
    item = {'ok': False, 'text': text, 'name': gettext('The torrent'), 'url': page}
    title, status = words(actions.VERBS[verb].label), failures.status_of(error)
    return context.render('results.html', status, title=title, items=[item], back=page)


def change(context: Context, target: str, hash: str) -> Response:
    """Set label, priority, throttle or directory; the button's name says which."""
    form = context.request.form
    verb = form.get('verb', '')
    if verb not in CHANGES:
        raise UnknownName('setting of a torrent', verb, CHANGES, field='verb')

    def read() -> dict[str, Any]:
        value = form.get(verb, '')
        return {verb: _number(value, verb) if verb == 'priority' else value.strip()}

    return _do(context, target, hash, 'general', verb, read)


def files(context: Context, target: str, hash: str) -> Response:
    """Set the priority of the ticked files."""
    form = context.request.form

    def read() -> dict[str, Any]:
        indexes = [_number(value, N_('file')) for value in form.getlist('index')]
        if not indexes:
            raise UsageError(
                'No file is ticked. Tick the files first, then choose the priority.', field='index'
            )
        return {'indexes': indexes, 'priority': _number(form.get('priority', ''), N_('priority'))}

    return _do(context, target, hash, 'files', 'file_priority', read)


def trackers(context: Context, target: str, hash: str) -> Response:
    """Switch one tracker on or off."""
    form = context.request.form

    def read() -> dict[str, Any]:
        return {'index': _number(form.get('index', ''), N_('tracker')), 'on': form.get('on', '')}

    return _do(context, target, hash, 'trackers', 'tracker_enable', read)


def _number(value: str, what: str) -> int:
    number = whole_number(value, 9)
    if number is None:
        raise UsageError(
            said('“%(value)s” is not a number for the %(what)s.', value=value[:40], what=named(what)),
            field=what,
        )
    return number
