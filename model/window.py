"""Windows: a piece of a list, and what became of it since it was last told.

What was answered is remembered for a while under a token, by what it said and not by how it came about. Whoever shows
the token again is told exactly the difference; whoever shows one that is not known gets everything.
"""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from model.facets import Line
from model.fields import AT
from model.live import Piece

#: The columns that windows tell.
COLUMNS = (
    'id', 'hash', 'target', 'name', 'status', 'size_bytes', 'progress', 'down_rate', 'up_rate', 'eta', 'ratio',
    'peers_connected', 'peers_complete', 'label', 'added', 'finished', 'down_total', 'up_total', 'left_bytes',
    'tracker', 'directory', 'priority', 'message', 'is_private', 'throttle', 'started', 'size_files',
)  # fmt: skip
MAX_TEXT = 1000  # characters of a text in a row

_VERSIONS = 16  # answers to one question that are remembered
_QUESTIONS = 256
_ROWS = 50_000  # in all remembered answers together

Values = tuple[Any, ...]
Lines = dict[str, list[Line]]
_pick = itemgetter(*(AT[key] for key in COLUMNS))


@dataclass(frozen=True, slots=True)
class Window:
    """An answer.

    :ivar token: names the state that whoever follows the answer is in then.
    :ivar full: everything is told; else what changed, and ``order`` and ``facets`` are None where they did not.
    :ivar changed: whether there is anything to tell.
    :ivar rows: values of :data:`COLUMNS`.
    """

    token: str
    full: bool
    changed: bool
    total: int
    known: int
    bytes: int
    order: list[int] | None
    rows: list[Values]
    facets: Lines | None
    more: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Shown:
    """What one answer amounted to."""

    token: str
    rows: dict[int, Values]
    order: list[int]
    sums: tuple[int, int, int]
    facets: Lines | None
    more: dict[str, int]
    also: Hashable

    def says(self, other: _Shown) -> bool:
        """Whether both say the same."""
        return (
            self.order == other.order
            and self.sums == other.sums
            and self.also == other.also
            and self.rows == other.rows
            and self.facets == other.facets
            and self.more == other.more
        )


class Windows:
    """The answers given. Safe for any number of threads."""

    def __init__(self, epoch: str) -> None:
        self._epoch = epoch
        self._numbers = itertools.count(1)
        self._shown: OrderedDict[Hashable, list[_Shown]] = OrderedDict()
        self._rows = 0
        self._lock = threading.Lock()

    def answer(
        self, question: Hashable, piece: Piece, since: str, *, with_facets: bool, also: Hashable = None
    ) -> Window:
        """What to tell of ``piece`` to somebody who has seen ``since``.

        :param question: everything that was asked but ``since``.
        :param since: the token of an earlier answer, ``''`` for none.
        :param with_facets: False keeps to those that were told last.
        :param also: what is told besides; where it differs, something changed.
        """
        with self._lock:
            shown = self._shown.setdefault(question, [])
            self._shown.move_to_end(question)
            before = next((each for each in shown if each.token == since), None)
        facets: Lines | None = piece.facets
        more = piece.more
        if not with_facets:
            facets, more = (before.facets, before.more) if before else (None, {})
        now = self._remembered(question, self._show(piece, facets, more, also), before)
        if before is None:
            return _window(now, True, now.order, list(now.rows.values()), now.facets)
        rows = [values for number, values in now.rows.items() if before.rows.get(number) != values]
        order = now.order if now.order != before.order else None
        same = now.facets == before.facets and now.more == before.more
        return _window(now, False, order, rows, None if same else now.facets, changed=now is not before)

    def _show(self, piece: Piece, lines: Lines | None, more: dict[str, int], also: Hashable) -> _Shown:
        values = [_clipped(_pick(row)) for row in piece.rows]
        return _Shown(
            f'{self._epoch}.{piece.rev}.{next(self._numbers)}',
            {each[0]: each for each in values},
            [each[0] for each in values],
            (piece.total, piece.known, piece.bytes),
            lines,
            more,
            also,
        )

    def _remembered(self, question: Hashable, now: _Shown, before: _Shown | None) -> _Shown:
        """What is shown now: the one that says the same where there is one, since its token is known already."""
        if before is not None and now.says(before):
            return before
        with self._lock:
            shown = self._shown.setdefault(question, [])  # again: it may have been forgotten meanwhile
            if shown and now.says(shown[-1]):
                return shown[-1]
            shown.append(now)
            self._rows += len(now.rows)
            self._forget(shown)
            return now

    def _forget(self, shown: list[_Shown]) -> None:
        while len(shown) > _VERSIONS:
            self._rows -= len(shown.pop(0).rows)
        while len(self._shown) > 1 and (len(self._shown) > _QUESTIONS or self._rows > _ROWS):
            _, oldest = self._shown.popitem(last=False)
            self._rows -= sum(len(each.rows) for each in oldest)


def _window(
    shown: _Shown,
    full: bool,
    order: list[int] | None,
    rows: list[Values],
    told: Lines | None,
    *,
    changed: bool = True,
) -> Window:
    total, known, size = shown.sums
    more = shown.more if told is not None else {}
    return Window(shown.token, full, changed, total, known, size, order, rows, told, more)


def _clipped(values: Values) -> Values:
    """Texts without end are cut."""
    if any(type(value) is str and len(value) > MAX_TEXT for value in values):
        return tuple(value[:MAX_TEXT] if type(value) is str else value for value in values)
    return values
