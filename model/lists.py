"""The lists that are looked at, each computed once for all who look."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import TYPE_CHECKING

from model import sorting
from model.allowance import Allowance
from model.choice import Choice
from model.fields import Row
from model.live import Live, Piece
from model.sorting import Sort
from model.views import Views
from model.window import Window, Windows

if TYPE_CHECKING:
    from model.hub import Hub

MOST_LISTS = 32
MOST_ROWS = 1_000_000  # in all lists together; one costs some 200 bytes


class Lists:
    """What every page, program and action on “all matching” asks for torrents. Safe for any number of threads."""

    def __init__(self, hub: Hub) -> None:
        self._snapshot = hub.snapshot
        self._views = Views(hub)
        self._windows = Windows(hub.snapshot.epoch)
        self._lives: OrderedDict[tuple[Choice, Sort], Live] = OrderedDict()
        self._lock = threading.Lock()
        self._allowance = Allowance()

    def piece(
        self,
        choice: Choice,
        sort: Sort = sorting.DEFAULT,
        offset: int = 0,
        limit: int | None = None,
        *,
        now: float | None = None,
        by: int | None = None,
    ) -> Piece:
        """Rows that the choice means, in order, with what is known of all of them.

        :param limit: at most so many rows; None for all.
        :param now: Unix seconds from which durations count back; by default the present.
        :param by: the account that asks; None for one that may take as long as it likes.
        :raises QueryError: the search is wrong, or its regular expressions take too long.
        :raises NotFound: no client that answers has the view.
        :raises TooMuch: the list is new, and those before it took what time the account has.
        """
        in_view = self._views.test(choice.view)
        with self._lock:
            live = self._lives.get((choice, sort))
        if live is None or live.is_new:
            self._allowance.check(by)
        with self._allowance.spending(by):
            return self._kept(choice, sort, live).piece(offset, limit, in_view, now)

    def rows(self, choice: Choice, sort: Sort = sorting.DEFAULT, *, by: int | None = None) -> list[Row]:
        """Everything that the choice means, in order; raises what :meth:`piece` does."""
        return self.piece(choice, sort, by=by).rows

    def window(
        self,
        choice: Choice,
        sort: Sort,
        offset: int,
        limit: int,
        since: str = '',
        *,
        with_facets: bool = True,
        also: Hashable = None,
        now: float | None = None,
        by: int | None = None,
    ) -> Window:
        """:meth:`piece` as it is told to somebody who has seen ``since``; see :meth:`Windows.answer`."""
        piece = self.piece(choice, sort, offset, limit, now=now, by=by)
        question = choice, sort, offset, limit
        return self._windows.answer(question, piece, since, with_facets=with_facets, also=also)

    def _kept(self, choice: Choice, sort: Sort, live: Live | None) -> Live:
        """The list, made where it is not there, as the one that was looked at last."""
        # Not under the lock: a search takes a while to compile.
        made = live or Live(self._snapshot, choice, sort)
        with self._lock:
            kept = self._lives.setdefault((choice, sort), made)
            self._lives.move_to_end((choice, sort))
            while len(self._lives) > 1 and self._are_too_many():
                self._lives.popitem(last=False)
            return kept

    def _are_too_many(self) -> bool:
        return len(self._lives) > MOST_LISTS or sum(map(len, self._lives.values())) > MOST_ROWS
