"""The list as its address asks for it: which torrents, in which order, which page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lib.errors import UsageError
from lib.texts import whole_number
from lib.words import said
from model import choice, sorting
from model.choice import Choice
from model.facets import Pick
from model.sorting import Sort

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

    from model.lists import Lists
    from model.live import Piece


@dataclass(frozen=True)
class Ask:
    """What the address says.

    :ivar page: from 1.
    """

    choice: Choice = field(default_factory=Choice)
    sort: Sort = sorting.DEFAULT
    page: int = 1

    def args(self, **changes: Any) -> dict[str, Any]:
        """The query of the address that asks for this with ``changes``; what is default is left out.

        :param changes: attributes of ours or of the choice.
        """
        others = {key: value for key, value in changes.items() if key in ('choice', 'sort', 'page')}
        asked = replace(self, **others)
        means = replace(asked.choice, **{key: changes[key] for key in changes.keys() - others})
        given: dict[str, Any] = {
            'view': means.view,
            'target': means.target,
            'q': means.query,
            'in': _words(means.included),
            'not': _words(means.excluded),
            'sort': sorting.text_of(asked.sort),
            'page': asked.page,
        }
        return {key: value for key, value in given.items() if value != _DEFAULTS[key]}


_DEFAULTS: dict[str, Any] = {
    'view': 'main',
    'target': '',
    'q': '',
    'in': [],
    'not': [],
    'sort': 'name',
    'page': 1,
}


def _words(picks: Iterable[Pick]) -> list[str]:
    return [f'{group}:{value}' for group, value in picks]


def read(args: MultiDict[str, str], targets: Iterable[str]) -> Ask:
    """The Ask of a request's query.

    :raises UsageError: a sort key, group, target or page that does not exist.
    """
    page = whole_number(args.get('page', '1'), 7)
    if not page:
        given = args['page'][:20]
        raise UsageError(said('“%(page)s” is not a page: use a number from 1.', page=given), field='page')
    return Ask(chosen(args, targets), sorting.read(args.get('sort', '')), page)


def chosen(args: MultiDict[str, str], targets: Iterable[str]) -> Choice:
    """The torrents that a request's query means.

    :raises UsageError: a group or target that does not exist.
    """
    return choice.read(
        args.get('q', ''),
        args.getlist('in'),
        args.getlist('not'),
        args.get('target', ''),
        args.get('view', ''),
        targets=targets,
    )


def page(lists: Lists, ask: Ask, size: int, by: int | None = None) -> tuple[int, Piece]:
    """The page that is really shown, past the end the last one, and its rows.

    :param by: the account that asks.
    :raises QueryError: the search is wrong, or its regular expressions take too long.
    """
    found = lists.piece(ask.choice, ask.sort, (ask.page - 1) * size, size, by=by)
    last = max(1, -(-found.total // size))
    if ask.page <= last:
        return ask.page, found
    return last, lists.piece(ask.choice, ask.sort, (last - 1) * size, size, by=by)
