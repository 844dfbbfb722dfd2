"""The list as its address asks for it: which torrents, in which order, which page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from lib.errors import UsageError
from model import choice, sorting
from model.choice import Choice, Pick
from model.sorting import Sort

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

_T = TypeVar('_T')


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
        chosen = {key: value for key, value in changes.items() if key in Choice.__slots__}
        others = {key: value for key, value in changes.items() if key not in chosen}
        asked = replace(self, choice=replace(self.choice, **chosen), **others)
        means = asked.choice
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
    page = args.get('page', '1')
    if not page.isascii() or not page.isdigit() or not 1 <= len(page) <= 7 or int(page) < 1:
        raise UsageError(f'“{page[:20]}” is not a page: use a number from 1.', field='page')
    return Ask(chosen(args, targets), sorting.read(args.get('sort', '')), int(page))


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


def window(rows: Sequence[_T], page: int, size: int) -> tuple[Sequence[_T], int]:
    """The rows of one page, and the page that was really taken: past the end is the last one."""
    last = max(1, -(-len(rows) // size))
    page = min(page, last)
    return rows[(page - 1) * size : page * size], page
