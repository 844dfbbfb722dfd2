"""What happened to one client and its torrents, told from one look at the snapshot and the next.

Nothing is written here: what there is to write comes out as notes, each with events and what is known after them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from model.events import eventdata, happenings
from model.events.clientevents import ClientEvents, Note, WatchSettings
from model.events.eventlog import Event
from model.events.eventstates import Known, Stored, client_value
from model.events.happenings import Circumstances, Happening
from model.fields import AT, Row
from model.poller import TargetState
from model.snapshot import Change, Snapshot

log = logging.getLogger(__name__)

DOUBT = 30.0  # seconds after which it is believed that a client with torrents has none any more
_HASH, _NAME, _ID, _DONE, _TRACKER = (AT[key] for key in ('hash', 'name', 'id', 'completed_bytes', 'tracker'))


class Follower:
    """One client.

    :param stored: what was kept of it; it is the follower's from now on.
    """

    def __init__(self, name: str, stored: Stored, settings: WatchSettings) -> None:
        self._name = name
        self._settings = settings
        self._client = stored.client
        self._known = stored.torrents
        self._events = ClientEvents(name, stored.client, settings)
        self._compared = False
        self._rev = 0  # of the snapshot, up to which everything was looked at
        self._empty: float | None = None  # since when it has no torrents any more
        self._loading: dict[str, float] = {}  # torrents that download, and when the last byte of each came
        self._complained = False

    @property
    def listed(self) -> bool:
        """Whether its torrents were seen, so that others are news."""
        return self._client.listed

    def forget(self) -> None:
        """Nobody knows what changed: the next look compares everything."""
        self._compared = False

    def look(
        self, snapshot: Snapshot, changes: Sequence[Change], state: TargetState, waiting: float
    ) -> list[Note]:
        """What happened since the last look.

        :param changes: this client's, oldest first.
        :param waiting: seconds for which the client has not answered the question under way.
        """
        now = self._settings.monotonic()
        notes = self._events.look(state, waiting, now)
        if self._compared:
            notes += self._take([change for change in changes if change.rev > self._rev], now)
        if not self._compared and (state.seen or snapshot.count(self._name)):
            notes += self._compare(snapshot, now, state.status == 'ok')
        if state.status == 'ok':
            return notes + self._stalled(now)
        self._loading = dict.fromkeys(self._loading, now)  # it is not known whether bytes come
        return notes

    # everything

    def _compare(self, snapshot: Snapshot, now: float, answers: bool) -> list[Note]:
        rev, rows = snapshot.all(self._name)
        if not rows and self._known and self._is_doubtful(now, answers):
            return []
        self._rev, self._compared, self._empty = rev, True, None
        here = {row[_HASH] for row in rows}
        gone = [known.row for info_hash, known in self._known.items() if info_hash not in here]
        notes = [note for row in gone for note in self._step(row, None, now)]
        for row in rows:
            known = self._known.get(row[_HASH])
            if known is not None and known.row[_ID] not in (0, row[_ID]):  # it went and came again
                notes += self._step(known.row, None, now)
                known = None
            notes += self._step(known.row if known else None, row, now)
        return notes + self._listed()

    def _is_doubtful(self, now: float, answers: bool) -> bool:
        """Whether to wait and see: a client whose disk is away, or that just starts, may say that it has nothing."""
        self._doubt()
        if self._empty is None or not answers:
            self._empty = now
        return now - self._empty < DOUBT

    def _doubt(self) -> None:
        """All may be gone, or all come back: then they are no others."""
        if self._empty is None:
            for info_hash, known in self._known.items():
                row = (*known.row[:_ID], 0, *known.row[_ID + 1 :])
                self._known[info_hash] = Known(row, known.memory)
        self.forget()

    def _listed(self) -> list[Note]:
        ratios = list(self._settings.ratios)
        if self._client.listed and self._client.ratios == ratios:
            return []
        self._client.listed, self._client.ratios = True, ratios
        return [Note(self._name, '', (), client_value(self._client))]

    # what changed

    def _take(self, changes: Sequence[Change], now: float) -> list[Note]:
        if not changes:
            return []
        gone = {change.old[_HASH]: change.told for change in changes if change.old and not change.new}
        if self._known and self._known.keys() <= gone.keys() and not all(gone.values()):
            self._doubt()
            return []
        self._rev = changes[-1].rev
        return [note for change in changes for note in self._step(change.old, change.new, now)]

    # one torrent

    def _step(self, old: Row | None, new: Row | None, now: float) -> list[Note]:
        """What one difference means; one that makes no sense is left out, and what was known stays."""
        row = new or old
        assert row is not None
        try:
            known = self._known.get(row[_HASH])
            if new is None:
                return self._went(row)
            if known is None or old is None:
                return [self._came(new, now)]
            return self._changed(known, new, now)
        except Exception:  # whatever a client may say of one torrent, the others are followed all the same
            if not self._complained:
                log.exception('%s: %s cannot be compared with what it was', self._name, row[_HASH])
            self._complained = True
            return []

    def _went(self, row: Row) -> list[Note]:
        self._loading.pop(row[_HASH], None)
        if self._known.pop(row[_HASH], None) is None:
            return []
        told = [('removed', happenings.brief(row[_NAME]))]
        return [Note(self._name, row[_HASH], self._events_of(told, row), None)]

    def _came(self, row: Row, now: float) -> Note:
        told: list[Happening] = []
        memory = happenings.begin(row, self._settings.ratios)
        if self._client.listed:
            told, memory = happenings.came(row, memory, Circumstances(self._settings.clock()))
        known = Known(row, memory)
        note = Note(self._name, row[_HASH], self._events_of(told, row), known)
        self._known[row[_HASH]] = known
        self._loads(row, now, came=True)
        return note

    def _changed(self, known: Known, row: Row, now: float) -> list[Note]:
        old, notes = known.row, []
        if row[_TRACKER] is None and old[_TRACKER] is not None:  # it is not asked for yet
            row = (*row[:_TRACKER], old[_TRACKER], *row[_TRACKER + 1 :])
        told, memory = happenings.between(old, row, known.memory, self._circumstances(old))
        lasting = happenings.lasting(old) != happenings.lasting(row)
        every = self._settings.keys is happenings.EVERY
        diff = happenings.difference(old, row, self._settings.keys) if lasting or every else {}
        known, before = Known(row, memory), known
        if told or diff or lasting or memory != before.memory:
            notes = [Note(self._name, row[_HASH], self._events_of(told, row, diff), known)]
        self._known[row[_HASH]] = known
        self._loads(row, now, came=old[_DONE] != row[_DONE] or happenings.grows(old, row))
        return notes

    def _circumstances(self, old: Row) -> Circumstances:
        ratios, silent = self._settings.ratios, tuple[int, ...]()
        if old[_ID] == 0:  # as it was kept: that other ratios are told by now is no news of the torrent
            silent = tuple(ratio for ratio in ratios if ratio not in self._client.ratios)
        return Circumstances(self._settings.clock(), ratios, silent)

    def _events_of(
        self, told: Iterable[Happening], row: Row, diff: dict[str, Any] | None = None
    ) -> list[Event]:
        kinds = [*told, ('updated', happenings.brief(' '.join(diff)))] if diff else list(told)
        if not kinds:
            return []
        data: dict[str, Any] = {'torrent': eventdata.torrent(row)}
        at, name = self._settings.clock(), happenings.brief(row[_NAME])
        return [
            Event(
                0, at, self._name, row[_HASH], kind, name, detail,
                {**data, 'diff': diff} if kind == 'updated' else data,
            )
            for kind, detail in kinds
        ]  # fmt: skip

    # downloads without bytes

    def _loads(self, row: Row, now: float, *, came: bool) -> None:
        if not happenings.is_loading(row):
            self._loading.pop(row[_HASH], None)
        elif came or row[_HASH] not in self._loading:
            self._loading[row[_HASH]] = now

    def _stalled(self, now: float) -> list[Note]:
        after = self._settings.stalled_after
        late = [each for each, since in self._loading.items() if now - since >= after] if after else []
        notes = []
        for info_hash in late:
            del self._loading[info_hash]
            row, memory = self._known[info_hash].row, self._known[info_hash].memory
            if memory.stalled < 0:
                known = self._known[info_hash] = Known(row, replace(memory, stalled=row[_DONE] or 0))
                events = self._events_of([('stalled', f'{after:.0f}')], row)
                notes.append(Note(self._name, info_hash, events, known))
        return notes
