"""The facets beside the list as links: what can be chosen, how much of it there is, and where a click leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlencode

from lib import format as fmt
from model.facets import GROUPS, Line, Pick

if TYPE_CHECKING:
    from lib.web.listing import Ask

#: Values of a group that the page offers; the page's script offers all.
MOST = 20
#: The states in the order of what one does about them, as in static/js/facets.js.
STATES = ('error', 'checking', 'downloading', 'seeding', 'queued', 'paused', 'stopped')
#: Those that are there though no torrent has them now.
ALWAYS = frozenset({'error', 'downloading', 'seeding', 'stopped'})
LABELS = {
    'state': 'State',
    'label': 'Label',
    'tracker': 'Tracker',
    'target': 'Target',
    'directory': 'Directory',
}


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a group.

    :ivar value: ``''`` for what has none.
    :ivar state: ``in``, ``out`` or ``''``.
    :ivar size: of its torrents, as text.
    :ivar url: chooses it, or no longer; ``exclude_url`` leaves it out, or no longer.
    """

    value: str
    count: int
    size: str
    state: str
    url: str
    exclude_url: str


class Group(NamedTuple):
    """:ivar more: how many values are not shown."""

    key: str
    label: str
    values: list[Value]
    more: int


def groups(
    lines: Mapping[str, list[Line]], more: Mapping[str, int], ask: Ask, home: str, *, binary: bool = True
) -> list[Group]:
    """The groups in order. What is chosen is shown even where no torrent has it any more.

    :param home: the address of the list without its query.
    """
    links = _Links(ask, home)
    found = []
    for group in GROUPS:
        told = lines.get(group, [])
        chosen = {value for name, value in (*ask.choice.included, *ask.choice.excluded) if name == group}
        shown = told[:MOST] + [line for line in told[MOST:] if line[0] in chosen]
        chosen |= ALWAYS if group == 'state' else set()
        shown += [(value, 0, 0) for value in sorted(chosen - {line[0] for line in told})]
        if group == 'state':
            shown.sort(key=lambda line: STATES.index(line[0]) if line[0] in STATES else len(STATES))
        values = [
            Value(value, count, fmt.size(size, binary=binary), *links.of((group, value)))
            for value, count, size in shown
        ]
        found.append(Group(group, LABELS[group], values, max(0, len(told) + more.get(group, 0) - len(shown))))
    return found


def fields(ask: Ask) -> list[tuple[str, str]]:
    """Names and values of what a search form has to send along, to search in what is chosen."""
    kept = ask.args(query='', page=1)
    return [
        (name, each)
        for name, value in kept.items()
        for each in (value if isinstance(value, list) else [value])
    ]


class _Links:
    """Addresses of the list with other picks; a page has a hundred of them."""

    def __init__(self, ask: Ask, home: str) -> None:
        self._home = home
        self._rest = urlencode(ask.args(page=1, choice=replace(ask.choice, included=(), excluded=())))
        self._words = {
            **{pick: _word('in', pick) for pick in ask.choice.included},
            **{pick: _word('not', pick) for pick in ask.choice.excluded},
        }

    def of(self, pick: Pick) -> tuple[str, str, str]:
        """Whether a value is chosen, and the addresses that choose it and leave it out, or undo that."""
        now = self._words.get(pick, '')
        include, exclude = _word('in', pick), _word('not', pick)
        state = {include: 'in', exclude: 'out'}.get(now, '')
        return (
            state,
            self._with(pick, '' if state == 'in' else include),
            self._with(pick, '' if state == 'out' else exclude),
        )

    def _with(self, pick: Pick, word: str) -> str:
        others = [each for other, each in self._words.items() if other != pick]
        query = '&'.join(filter(None, [self._rest, *others, word]))
        return f'{self._home}?{query}' if query else self._home


def _word(name: str, pick: Pick) -> str:
    return f'{name}={pick[0]}:{quote(pick[1], safe="/")}'
