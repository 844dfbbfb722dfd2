"""The list of torrents of all clients, and the actions on those selected."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from werkzeug import Response

from lib import format as fmt
from lib.errors import NotFound, QueryError, UnknownName, UsageError
from lib.texts import whole_number
from lib.translate import gettext, ngettext, words
from lib.web import facetlinks, failures, listing, present
from lib.web.listing import Ask
from lib.words import said
from model import actions, views
from model.backends.base import Outcome
from model.fields import AT, INDEX, Row
from model.live import Piece
from model.poller import TargetState
from model.query_fields import FIELDS

if TYPE_CHECKING:
    from lib.web.context import Context

#: What the buttons below the list may do; what needs to be told more is on the torrent's page.
LIST_VERBS = tuple(verb.name for verb in actions.VERBS.values() if verb.many and not verb.args)
MAX_SELECTED = 2000  # far more than a page has; it waits until all are done

_TARGET = AT['target']
_NOW = 10.0  # seconds of age that need not be said


def show(context: Context) -> Response:
    """One page of the list. A client that fails is named in the status bar and hides nobody else's torrents."""
    hub = context.services.hub
    ask = listing.read(context.request.args, hub.backends)
    states = hub.look()
    page, found, wrong = _found(context, ask)
    context.flash += _did(context)
    return context.render(
        'overview.html',
        400 if wrong else 200,
        **_page(context, replace(ask, page=page), states, found),
        rows=_rows(context, found.rows, {state.name for state in states if state.status == 'failed'}),
        wrong=present.wrong_query(ask.choice.query, wrong) if wrong else None,
    )


def _found(context: Context, ask: Ask) -> tuple[int, Piece, QueryError | None]:
    """Page and rows. Of a search that is wrong, everything and what is wrong, so that nothing seems to be gone."""
    lists, size, by = context.services.hub.lists, context.services.config.PAGE_SIZE, context.who.user_id
    try:
        return *listing.page(lists, ask, size, by), None
    except QueryError as error:
        unsought = replace(ask, choice=replace(ask.choice, query=''))
        return *listing.page(lists, unsought, size, by), error


def _page(context: Context, ask: Ask, states: list[TargetState], found: Piece) -> dict[str, Any]:
    def link(**changes: Any) -> str:
        return context.url('overview', **ask.args(**({'page': 1} | changes)))

    means, total = ask.choice, found.total
    looked = [state for state in states if not means.target or state.name == means.target]
    rates = [
        (state.globals.down_rate, state.globals.up_rate)
        for state in looked
        if state.globals and state.status != 'failed'
    ]
    down, up = present.totals(rates, binary=context.binary)
    return {
        'groups': [_status(context, ask, state) for state in looked],
        'facets': facetlinks.groups(
            found.facets or {}, found.more, ask, context.url('overview'), binary=context.binary
        ),
        'view': means.view,
        'views': _views(ask, looked, total, link),
        'sort': ask.sort[0][0],
        'descending': ask.sort[0][1],
        'columns': present.columns(ask.sort, lambda sort: link(sort=sort)),
        'page': ask.page,
        'page_size': context.services.config.PAGE_SIZE,
        'pages': present.pages(
            total, ask.page, context.services.config.PAGE_SIZE, lambda number: link(page=number)
        ),
        'total': total,
        'known': found.known,
        'bytes': fmt.size(found.bytes, binary=context.binary),
        'capabilities': {state.name: sorted(context.backend(state.name).capabilities) for state in looked},
        'saved': context.services.saved.list(context.who.user_id),
        'totals': {'down': down, 'up': up},
        'query': means.query,
        'query_fields': [field.name for field in FIELDS],
        'target': means.target,
        'picks': facetlinks.fields(ask),
    }


def _rows(context: Context, shown: Sequence[Row], failing: Collection[str]) -> list[present.Row]:
    """The rows; those of clients that do not answer as what they last said."""
    prefix, now = context.url('overview').rstrip('/'), time.time()
    bases = {target: present.base(prefix, target) for target in context.services.hub.backends}
    made = [present.row(row, row[_TARGET], bases[row[_TARGET]], now, context.binary) for row in shown]
    return [row._replace(still=f'{row.still} old') if row.target in failing else row for row in made]


def _views(ask: Ask, states: list[TargetState], total: int, link: Any) -> list[present.View]:
    current = ask.choice.view
    names = views.names(states) or [current]
    return [
        present.View(name, total if name == current else None, link(view=name), name == current)
        for name in names
    ]


def _status(context: Context, ask: Ask, state: TargetState) -> present.TargetStatus:
    only = ask.choice.target == state.name
    url = context.url('overview', **ask.args(target='' if only else state.name, page=1))
    said, seen = state.globals, time.time() - state.seen
    rates = (said.down_rate, said.up_rate) if said and not state.error else (None, None)
    down, up = (fmt.rate(rate, binary=context.binary) for rate in rates)
    free = fmt.size(said.free_space if said else None, binary=context.binary)
    if state.status != 'ok':
        error = state.error or NotFound('No answer yet.')
        text = failures.words_of(error, admin=context.who.is_admin)
        age = fmt.age(seen) if state.seen else ''
        return present.TargetStatus(state.name, False, text, '', age, down, up, free, url)
    age = gettext('now') if seen < _NOW else fmt.age(seen)
    return present.TargetStatus(state.name, True, '', '', age, down, up, free, url)


def _did(context: Context) -> list[tuple[str, str]]:
    """What the form before this page did, from two checked words in the address; never text of the address."""
    verb, number = context.request.args.get('did', ''), whole_number(context.request.args.get('n', ''), 6)
    if verb not in actions.VERBS or number is None:
        return []
    text = ngettext('%(verb)s: %(num)s torrent.', '%(verb)s: %(num)s torrents.', number)
    return [('done', text % {'verb': words(actions.VERBS[verb].label), 'num': fmt.count(number)})]


def act(context: Context) -> Response:
    """Do a verb to the selected torrents; what failed is listed, torrent by torrent."""
    form = context.request.form
    verb = form.get('verb', '')
    if verb == 'remove':
        verb = 'erase'
    if verb not in LIST_VERBS:
        raise UnknownName('action', verb, LIST_VERBS, field='verb')
    selected = [actions.check_name(value, 'sel') for value in dict.fromkeys(form.getlist('sel'))]
    if not selected:
        raise UsageError('Nothing is selected. Tick the torrents first, then choose the action.', field='sel')
    if len(selected) > MAX_SELECTED:
        raise UsageError(
            said('At most %(max_selected)s torrents at a time, please.', max_selected=MAX_SELECTED),
            field='sel',
        )
    if actions.VERBS[verb].destructive and form.get('sure') != 'yes':
        return _confirm(context, verb, selected)
    outcomes = actions.run_many(context.services.hub, selected, verb, by=context.who.name)
    failed = [outcome for outcome in outcomes if not outcome.ok]
    if not failed:
        return context.go_to(_back(context, verb, len(outcomes)))
    return context.render('results.html', 207, **_results(context, verb, outcomes))


def _back(context: Context, verb: str, number: int) -> str:
    """Where the form came from, with a word on what was done. A removed torrent has no page to go back to."""
    path = context.local(context.request.form.get('next'))
    if verb in ('erase', 'erase_data') and '/torrent/' in path:
        path = context.url('overview')
    path = path.partition('#')[0]
    return f'{path}{"&" if "?" in path else "?"}did={verb}&n={number}'


def _confirm(context: Context, verb: str, selected: list[tuple[str, str]]) -> Response:
    names = [_name(context, target, info_hash) for target, info_hash in selected[:20]]
    more = len(selected) - len(names)
    number = len(selected)
    num = {'num': fmt.count(number)}
    about_data, yes = words(actions.VERBS[verb].help), words(actions.VERBS[verb].label)
    if verb == 'erase':
        about_data = gettext('The downloaded data stays where it is.')
        yes = ngettext('Remove %(num)s torrent', 'Remove %(num)s torrents', number) % num
    return context.render(
        'confirm.html',
        title=ngettext('Remove %(num)s torrent?', 'Remove %(num)s torrents?', number) % num,
        consequences=[
            ngettext(
                '%(num)s torrent will be removed from the client.',
                '%(num)s torrents will be removed from the client.',
                number,
            )
            % num,
            about_data,
        ],
        names=names + ([gettext('and %(num)s more') % {'num': fmt.count(more)}] if more else []),
        action=context.url('torrents_action'),
        fields=[('verb', verb), ('sure', 'yes'), ('next', context.local(context.request.form.get('next')))]
        + [('sel', f'{target}/{info_hash}') for target, info_hash in selected],
        yes=yes,
        no_url=context.local(context.request.form.get('next')),
    )


def _name(context: Context, target: str, info_hash: str) -> str:
    backend = context.backend(target)
    row = context.services.hub.snapshot.get(target, info_hash) or backend.row(info_hash)
    return fmt.clip(str(row[INDEX['name']] or info_hash))


def _said(context: Context, outcome: Outcome) -> str:
    if outcome.error is not None:
        return failures.words_of(outcome.error, admin=context.who.is_admin)
    return words(outcome.note) or gettext('done')


def _results(context: Context, verb: str, outcomes: list[Outcome]) -> dict[str, Any]:
    items = [
        {
            'ok': outcome.ok,
            'text': _said(context, outcome),
            'name': outcome.hash,
            'url': context.url('torrent', target=outcome.target, hash=outcome.hash),
        }
        for outcome in outcomes
    ]
    label = words(actions.VERBS[verb].label)
    return {'title': label, 'items': items, 'back': context.local(context.request.form.get('next'))}
