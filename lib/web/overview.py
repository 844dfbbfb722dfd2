"""The list of torrents of all clients, and the actions on those selected."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from werkzeug import Response

from lib import format as fmt
from lib.errors import NotFound, QueryError, UnknownName, UsageError
from lib.web import failures, listing, present
from lib.web.listing import Ask, Entry
from model import actions
from model.backends.base import Outcome
from model.query_fields import FIELDS

if TYPE_CHECKING:
    from lib.web.context import Context
    from model.hub import TargetResult

#: The verbs of the buttons below the list; others are on the torrent's page.
LIST_VERBS = ('start', 'stop', 'pause', 'resume', 'check', 'announce', 'erase')
MAX_SELECTED = 2000


def show(context: Context) -> Response:
    """One page of the list. A client that fails is named in the status bar and hides nobody else's torrents."""
    config, hub = context.services.config, context.services.hub
    ask = listing.read(context.request.args, config.PAGE_SIZE)
    if ask.target and ask.target not in hub.backends:
        raise UnknownName('target', ask.target, hub.backends, field='target')
    results = hub.overviews(ask.view, [ask.target] if ask.target else None)
    _refuse_unknown_view(results)
    entries = [(result.name, row) for result in results if result.overview for row in result.overview.rows]
    found, wrong = _select(entries, ask)
    shown, page = listing.window(found, ask.page, config.PAGE_SIZE)
    context.flash += _did(context)
    values = _page(context, ask, results, shown, len(found), page)
    return context.render('overview.html', 400 if wrong else 200, **values, wrong=wrong)


def _select(entries: list[Entry], ask: Ask) -> tuple[list[Entry], present.WrongQuery | None]:
    """What the query means; of one that is wrong, everything and what is wrong, so that nothing seems to be gone."""
    try:
        return listing.select(entries, ask), None
    except QueryError as error:
        return listing.select(entries, replace(ask, query='')), present.wrong_query(ask.query, error)


def _refuse_unknown_view(results: list[TargetResult]) -> None:
    """A view that only some clients have is fine; one that no reachable client has is a mistake in the address."""
    missing = [result.error for result in results if isinstance(result.error, NotFound)]
    if missing and not any(result.overview for result in results):
        raise missing[0]


def _page(
    context: Context, ask: Ask, results: list[TargetResult], shown: list[Entry], total: int, page: int
) -> dict[str, Any]:
    def link(**changes: Any) -> str:
        return context.url('overview', **ask.args(**({'page': 1} | changes)))

    rates = [
        (each.overview.globals.down_rate, each.overview.globals.up_rate) for each in results if each.overview
    ]
    down, up = present.totals(rates, binary=context.binary)
    return {
        'rows': _rows(context, shown),
        'groups': [_status(context, ask, result) for result in results],
        'view': ask.view,
        'views': _views(ask, results, link),
        'sort': ask.sort,
        'descending': ask.descending,
        'columns': present.columns(
            ask.sort, ask.descending, lambda key, descending: link(sort=key, descending=descending)
        ),
        'page': page,
        'pages': present.pages(
            total, page, context.services.config.PAGE_SIZE, lambda number: link(page=number)
        ),
        'total': total,
        'known': sum(len(result.overview.rows) for result in results if result.overview),
        'totals': {'down': down, 'up': up},
        'query': ask.query,
        'query_fields': [field.name for field in FIELDS],
        'target': ask.target,
    }


def _rows(context: Context, shown: list[Entry]) -> list[present.Row]:
    prefix, now = context.url('overview').rstrip('/'), time.time()
    bases = {target: present.base(prefix, target) for target in context.services.hub.backends}
    return [present.row(item, target, bases[target], now, context.binary) for target, item in shown]


def _views(ask: Ask, results: list[TargetResult], link: Any) -> list[present.View]:
    names = dict.fromkeys(
        view for result in results if result.overview for view in result.overview.globals.views
    )
    counts = {ask.view: sum(len(result.overview.rows) for result in results if result.overview)}
    return [
        present.View(name, counts.get(name), link(view=name), name == ask.view)
        for name in (names or {ask.view: None})
    ]


def _status(context: Context, ask: Ask, result: TargetResult) -> present.TargetStatus:
    url = context.url('overview', **ask.args(target='' if ask.target == result.name else result.name, page=1))
    if result.overview is None:
        error = result.error or NotFound('No answer.')
        words = failures.words_of(error, admin=context.who.is_admin)
        return present.TargetStatus(result.name, False, words, '', '', fmt.NONE, fmt.NONE, fmt.NONE, url)
    state = result.overview.globals
    down, up = (fmt.rate(rate, binary=context.binary) for rate in (state.down_rate, state.up_rate))
    free = fmt.size(state.free_space, binary=context.binary)
    return present.TargetStatus(result.name, True, '', '', 'now', down, up, free, url)


def _did(context: Context) -> list[tuple[str, str]]:
    """What the form before this page did, from two checked words in the address; never text of the address."""
    verb, number = context.request.args.get('did', ''), context.request.args.get('n', '')
    if verb not in actions.VERBS or not number.isascii() or not number.isdigit() or len(number) > 6:
        return []
    return [('done', f'{actions.VERBS[verb].label}: {fmt.plural(int(number), "torrent")}.')]


def act(context: Context) -> Response:
    """Do a verb to the selected torrents; what failed is listed, torrent by torrent."""
    form = context.request.form
    verb = form.get('verb', '')
    if verb == 'remove':
        verb = 'erase'
    if verb not in LIST_VERBS:
        raise UnknownName('action', verb, LIST_VERBS, field='verb')
    selected = [_selection(value) for value in dict.fromkeys(form.getlist('sel'))]
    if not selected:
        raise UsageError('Nothing is selected. Tick the torrents first, then choose the action.', field='sel')
    if len(selected) > MAX_SELECTED:
        raise UsageError(f'At most {MAX_SELECTED} torrents at a time, please.', field='sel')
    if actions.VERBS[verb].destructive and form.get('sure') != 'yes':
        return _confirm(context, verb, selected)
    outcomes = actions.run_many(context.services.hub, selected, verb)
    failed = [outcome for outcome in outcomes if not outcome.ok]
    if not failed:
        return context.go_to(_back(context, verb, len(outcomes)))
    return context.render('results.html', 207, **_results(context, verb, outcomes))


def _selection(value: str) -> tuple[str, str]:
    target, slash, info_hash = value.rpartition('/')
    if not slash:
        raise UsageError(f'“{value[:80]}” does not name a torrent: send target/hash.', field='sel')
    return target, info_hash


def _back(context: Context, verb: str, number: int) -> str:
    """Where the form came from, with a word on what was done. A removed torrent has no page to go back to."""
    path = context.local(context.request.form.get('next'))
    if verb == 'erase' and '/torrent/' in path:
        path = context.url('overview')
    path = path.partition('#')[0]
    return f'{path}{"&" if "?" in path else "?"}did={verb}&n={number}'


def _confirm(context: Context, verb: str, selected: list[tuple[str, str]]) -> Response:
    names = [_name(context, target, info_hash) for target, info_hash in selected[:20]]
    more = len(selected) - len(names)
    what = fmt.plural(len(selected), 'torrent')
    return context.render(
        'confirm.html',
        title=f'Remove {what}?',
        consequences=[
            f'{what[0].upper()}{what[1:]} will be removed from the client.',
            'The downloaded data stays where it is.',
        ],
        names=names + ([f'and {more} more'] if more else []),
        action=context.url('torrents_action'),
        fields=[('verb', verb), ('sure', 'yes'), ('next', context.local(context.request.form.get('next')))]
        + [('sel', f'{target}/{info_hash}') for target, info_hash in selected],
        yes=f'Remove {what}',
        no_url=context.local(context.request.form.get('next')),
    )


def _name(context: Context, target: str, info_hash: str) -> str:
    row = context.backend(target).row(actions.check_hash(info_hash))
    return fmt.clip(str(row[1] or info_hash))


def _said(context: Context, outcome: Outcome) -> str:
    if outcome.error is not None:
        return failures.words_of(outcome.error, admin=context.who.is_admin)
    return outcome.note or 'done'


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
    label = actions.VERBS[verb].label
    return {'title': label, 'items': items, 'back': context.local(context.request.form.get('next'))}
