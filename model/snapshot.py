"""What all clients hold, in memory: the one thing that every list, window, rule and event reads.

Pollers write, one per client; everybody else reads. Each difference gets a number, the revision, which grows by one for
each update that changed something. Whoever has seen revision *n* asks for what came :meth:`~Snapshot.since`.
"""

from __future__ import annotations

import itertools
import secrets
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from model.fields import AT, INDEX, LIST, Row, complete_row

_HASH, _ID, _TRACKER = INDEX['hash'], AT['id'], INDEX['tracker']
_BACKEND = len(LIST)
_COMMON = tuple(INDEX[key] for key in ('directory', 'label', 'tracker', 'throttle'))

#: Differences that are kept for late readers; at least as many as twice the torrents.
KEPT = 20_000
KEPT_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Change:
    """One torrent's difference: ``old`` is None where it came, ``new`` where it went.

    :ivar rev: the revision that brought it.
    :ivar told: the client itself said that it went; else it is only not there any more.
    """

    rev: int
    old: Row | None
    new: Row | None
    told: bool = False

    @property
    def id(self) -> int:
        """The torrent's number in rows (:data:`model.fields.ADDED`)."""
        row = self.new or self.old
        assert row is not None
        return int(row[_ID])


class Snapshot:
    """Rows by client and info hash, as plain tuples (:data:`model.fields.COLUMNS`).

    Safe for any number of threads. Under the lock that readers wait for are short steps over what changed, and one copy
    of the list. An update is taken in as a whole or, where it makes no sense, not at all.

    :ivar epoch: a word of this process; a revision means nothing with another one.
    """

    def __init__(self) -> None:
        self.epoch = secrets.token_hex(4)
        self._rev = 0
        self._rows: dict[str, dict[str, Row]] = {}
        self._journal: deque[Change] = deque()
        self._forgotten = 0  # changes up to this revision are not in the journal any more
        self._times: deque[tuple[float, int]] = deque()  # when each revision came
        # Pages outlive processes: a number of another one, or of before a restart, must not mean a torrent of ours.
        self._first = self._next = (secrets.randbelow(1 << 20) + 1) << 20
        self._writing = threading.Lock()  # one update at a time; readers need not wait for its making
        self._changed = threading.Condition()

    @property
    def rev(self) -> int:
        """The revision of the newest difference; 0 before any."""
        return self._rev

    def update(
        self, target: str, rows: Iterable[Row], gone: Iterable[str] = (), *, whole: bool = False
    ) -> int:
        """Take in what a client said.

        :param rows: rows as in :data:`model.fields.LIST`, in any number; equal ones cost next to nothing.
        :param gone: info hashes that the client let go of; one that is among ``rows`` as well came anew.
        :param whole: ``rows`` are all there are, so that any other is gone.
        :returns: the revision afterwards.
        """
        with self._writing:
            known = self._rows.get(target, {})
            latest = _latest(rows)
            told = known.keys() & set(gone)
            left = told | (known.keys() - latest.keys() if whole else set())
            changes = [Change(self._rev + 1, known[each], None, each in told) for each in left]
            for info_hash, row in latest.items():
                change = self._change(None if info_hash in left else known.get(info_hash), target, row)
                changes += [change] if change else []
            with self._changed:  # nothing can fail any more, and nobody sees half of it
                self._apply(self._rows.setdefault(target, known), changes)
                return self._record(changes)

    def _change(self, old: Row | None, target: str, row: Row) -> Change | None:
        if old is None:
            self._next += 1
            return Change(self._rev + 1, None, complete_row(_shared(row), self._next - 1, target))
        if row[_TRACKER] is None:
            row = (*row[:_TRACKER], old[_TRACKER], *row[_TRACKER + 1 :])  # read by the sweep only
        if old[:_BACKEND] == row:
            return None
        # Most values are those of before; one copy of each is enough for both rows.
        row = tuple(before if before == value else value for before, value in zip(old, row, strict=False))
        return Change(self._rev + 1, old, complete_row(_shared(row), old[_ID], target))

    @staticmethod
    def _apply(known: dict[str, Row], changes: Iterable[Change]) -> None:
        """Those that left come first, since one of them may have come anew."""
        for change in changes:
            if change.new is not None:
                known[change.new[_HASH]] = change.new
            elif change.old is not None:
                del known[change.old[_HASH]]

    def _record(self, changes: list[Change]) -> int:
        if changes:
            self._rev += 1
            self._journal.extend(changes)
            now = time.monotonic()
            self._times.append((now, self._rev))
            keep = max(KEPT, 2 * sum(map(len, self._rows.values())))
            while len(self._journal) > keep:
                self._forgotten = self._journal.popleft().rev
            while self._times[0][0] < now - KEPT_SECONDS:
                self._forgotten = max(self._forgotten, self._times.popleft()[1])
            while self._journal and self._journal[0].rev <= self._forgotten:
                self._journal.popleft()
            self._changed.notify_all()
        return self._rev

    def all(self, target: str = '') -> tuple[int, list[Row]]:
        """The revision and the rows of one client, or of all, as they are at that revision."""
        with self._changed:
            kept = [self._rows.get(target, {})] if target else list(self._rows.values())
            return self._rev, [row for rows in kept for row in rows.values()]

    def since(self, rev: int) -> list[Change] | None:
        """What changed after ``rev``, oldest first; None where that is forgotten, or ``rev`` is yet to come."""
        with self._changed:
            if rev < self._forgotten or rev > self._rev:
                return None
            late = itertools.takewhile(lambda change: change.rev > rev, reversed(self._journal))
            return list(late)[::-1]

    def gave(self, number: int) -> bool:
        """Whether this is the number of a torrent that is or was here."""
        return self._first <= number < self._next

    def get(self, target: str, info_hash: str) -> Row | None:
        """One torrent's row."""
        return self._rows.get(target, {}).get(info_hash)

    def count(self, target: str) -> int:
        """How many torrents a client has."""
        return len(self._rows.get(target, ()))

    def wait(self, rev: int, timeout: float) -> int:
        """Wait until there is something newer than ``rev``, at most ``timeout`` seconds.

        :returns: the revision then.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._rev != rev, timeout)
            return self._rev


def _latest(rows: Iterable[Row]) -> dict[str, Row]:
    """The last row of each torrent; a tracker that only an earlier one has is kept."""
    latest: dict[str, Row] = {}
    for row in rows:
        before = latest.get(row[_HASH])
        if before is not None and row[_TRACKER] is None:
            row = (*row[:_TRACKER], before[_TRACKER], *row[_TRACKER + 1 :])
        latest[row[_HASH]] = row
    return latest


def _shared(row: Row) -> Row:
    """The row with one copy for all torrents of the texts that many have."""
    shared = list(row)
    for at in _COMMON:
        if type(shared[at]) is str:
            shared[at] = sys.intern(shared[at])
    return tuple(shared)
