"""One list kept up to date: what a choice means, in order, with its counts; a change costs what it changes."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from lib.errors import QueryError
from model import facets, query, sorting
from model.choice import Choice
from model.facets import Line, Tally, Values
from model.fields import AT, Row
from model.query_patterns import Run
from model.snapshot import Snapshot
from model.sorting import Sort
from model.views import InView

#: Seconds for which ``added<2w`` means the same two weeks.
TIME_STEP = 3.0
#: Seconds for which a search whose expressions took too long is not tried again.
GIVEN_UP = 30.0
_STEP = 250  # rows between two looks at the time
_MANY = 4  # more changes than one in so many rows are looked for in the whole list

_ID, _SIZE, _TARGET = AT['id'], AT['size_bytes'], AT['target']

Key = tuple[Any, ...]
Pair = tuple[Row | None, Row | None]


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of a list, with what is known of all of it.

    :ivar rev: the revision of the snapshot that it shows.
    :ivar total: how many torrents match; ``known`` how many there are; ``bytes`` the size of those that match.
    :ivar facets: by group, the values with most torrents; ``more`` how many values are left out.
    """

    rev: int
    rows: list[Row]
    total: int
    known: int
    bytes: int
    facets: dict[str, list[Line]]
    more: dict[str, int]


class Live:
    """A list. Safe for any number of threads: whoever looks first does the work for the others.

    :raises QueryError: the search is wrong.
    """

    def __init__(self, snapshot: Snapshot, choice: Choice, sort: Sort) -> None:
        self._snapshot = snapshot
        self._target = choice.target
        self._query = query.parse(choice.query) if choice.query else None
        self._length = len(choice.query)
        self._key = sorting.key_of(sort)
        self._tally = Tally(choice.included, choice.excluded)
        self._base: dict[int, Row] = {}  # what search, client and view mean, whatever is picked
        # Of those that fit the picks as well; the torrent's number is last in a key.
        self._order: list[Key] = []
        self._bytes = self._known = 0
        self._rev = -1
        self._in_view: InView = None
        self._moment = 0.0
        self._timed = False
        self._given_up: tuple[float, QueryError] | None = None
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._base)

    @property
    def is_new(self) -> bool:
        """Whether the next look has everything to compute."""
        return self._rev < 0

    def piece(
        self, offset: int, limit: int | None, in_view: InView = None, now: float | None = None
    ) -> Piece:
        """The rows from ``offset``, as the snapshot is now.

        :param in_view: the test of the view; None where everything is in it.
        :param now: Unix seconds from which durations count back; by default the present.
        :raises QueryError: its regular expressions take too long.
        """
        with self._lock:
            self._refuse_again()
            try:
                self._refresh(in_view, time.time() if now is None else now)
            except QueryError as error:
                self._given_up, self._rev = (time.monotonic() + GIVEN_UP, error), -1
                raise
            end = len(self._order) if limit is None else offset + limit
            base = self._base
            rows = [base[key[-1]] for key in self._order[offset:end]]
            lines, more = self._tally.lines(), self._tally.more()
            return Piece(self._rev, rows, len(self._order), self._known, self._bytes, lines, more)

    def _refuse_again(self) -> None:
        """A search that took too long a moment ago takes nobody's time again."""
        if self._given_up and time.monotonic() < self._given_up[0]:
            said = self._given_up[1]
            raise QueryError(said.args[0], said.position, said.length, nearest=said.nearest)

    def _refresh(self, in_view: InView, now: float) -> None:
        if self._rev < 0 or in_view is not self._in_view or (self._timed and not self._is_recent(now)):
            self._in_view, self._moment = in_view, now
            return self._reconcile()
        changes = self._snapshot.since(self._rev)
        if changes is None or len(changes) * _MANY > self._known + 1000:
            return self._reconcile()
        if not changes:
            return None
        newest = {change.id: change.new for change in changes}
        meant = self._meant([row for row in newest.values() if row is not None])
        self._take([(self._base.get(number), meant.get(number)) for number in newest])
        self._known += sum((change.old is None) - (change.new is None) for change in changes)
        self._rev = changes[-1].rev
        return None

    def _is_recent(self, now: float) -> bool:
        return 0 <= now - self._moment < TIME_STEP

    def _reconcile(self) -> None:
        """Compare with the whole snapshot."""
        rev, rows = self._snapshot.all()
        meant, base = self._meant(rows), self._base
        pairs: list[Pair] = [(row, None) for number, row in base.items() if number not in meant]
        pairs += [(old, row) for number, row in meant.items() if (old := base.get(number)) is not row]
        self._take(pairs)
        self._rev, self._known = rev, len(rows)

    def _meant(self, rows: list[Row]) -> dict[int, Row]:
        """Those of the rows that are meant, by their numbers.

        :raises QueryError: that takes too long: hundreds of words on a long list do as well as an expression.
        """
        run = Run(self._moment)
        means = self._test(run)
        meant: dict[int, Row] = {}
        for begin in range(0, len(rows), _STEP):
            meant |= {row[_ID]: row for row in rows[begin : begin + _STEP] if means(row)}
            if self._query and run.spent:
                raise QueryError(
                    'The search was given up, because it takes too long on this list. Use fewer or simpler conditions.',
                    0,
                    self._length,
                )
        return meant

    def _test(self, run: Run) -> Callable[[Row], bool]:
        """Whether search, client and view mean a row."""
        tests: list[Callable[[Row], bool]] = []
        if self._in_view:
            tests.append(self._in_view)
        if self._target:
            target = self._target
            tests.append(lambda row: row[_TARGET] == target)
        if self._query:
            tests.append(self._query.bind(run))
        self._timed = run.timed
        return tests[0] if len(tests) == 1 else lambda row: all(test(row) for test in tests)

    def _take(self, pairs: Iterable[Pair]) -> None:
        """Put rows in the places of others; ``None`` is a row that is not meant, before or now."""
        base, tally, key_of = self._base, self._tally, self._key
        left: list[Key] = []
        came: list[Key] = []
        shifts: dict[Values, list[int]] = {}
        for old, new in pairs:
            was, is_now = _valued(old), _valued(new)
            if was != is_now:
                _shift(shifts, was, -1)
                _shift(shifts, is_now, 1)
            before = key_of(old) if old is not None and was and tally.fits(was[0]) else None
            after = key_of(new) if new is not None and is_now and tally.fits(is_now[0]) else None
            if before is not None and was:
                self._bytes -= was[1]
            if after is not None and is_now:
                self._bytes += is_now[1]
            if before != after:
                left += [before] if before is not None else []
                came += [after] if after is not None else []
            if new is not None:
                base[new[_ID]] = new
            elif old is not None:
                del base[old[_ID]]
        tally.shift(shifts)
        if left or came:
            self._order = merged(self._order, left, came)


def _valued(row: Row | None) -> tuple[Values, int] | None:
    return None if row is None else (facets.values(row), row[_SIZE] or 0)


def _shift(shifts: dict[Values, list[int]], valued: tuple[Values, int] | None, sign: int) -> None:
    if valued:
        sums = shifts.setdefault(valued[0], [0, 0])
        sums[0] += sign
        sums[1] += sign * valued[1]


def merged(order: list[Key], left: list[Key], came: list[Key]) -> list[Key]:
    """The sorted list without some keys that are in it, and with others."""
    if (len(left) + len(came)) * _MANY > len(order):
        gone = {key[-1] for key in left}
        return sorted([key for key in order if key[-1] not in gone] + came)
    kept: list[Key] = []
    begin = 0
    for key in sorted(left):
        at = bisect_left(order, key, begin)
        kept += order[begin:at]
        begin = at + 1
    kept += order[begin:]
    result: list[Key] = []
    begin = 0
    for key in sorted(came):
        at = bisect_left(kept, key, begin)
        result += kept[begin:at]
        result.append(key)
        begin = at
    return result + kept[begin:]
