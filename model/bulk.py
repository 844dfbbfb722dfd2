"""A verb for many torrents: in batches, in a thread of its own where it takes long; all processes see how far it is.

What a job works on is fixed when it begins. A torrent that went since, or came back as another one, is not touched and
is reported.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Engine

from lib.errors import Conflict, Fault, NotFound, PyroError, StateError, TooLarge, UsageError, WireError
from lib.words import named, said
from model import actions, jobs
from model.backends.base import Outcome
from model.fields import AT, Row
from model.hub import Hub
from model.jobs import MAX_FAILURES, QUICK, Failure, Job, Jobs

log = logging.getLogger(__name__)

BATCH = 100  # torrents in one request
MAX_TORRENTS = 100_000

_HASH, _TARGET, _NAME, _ID = AT['hash'], AT['target'], AT['name'], AT['id']


@dataclass(frozen=True, slots=True)
class Chosen:
    """A torrent to work on. ``id`` is its number in the snapshot, None where it is not known there."""

    target: str
    hash: str
    name: str = ''
    id: int | None = None

    @classmethod
    def of(cls, row: Row) -> Chosen:
        return cls(row[_TARGET], row[_HASH], row[_NAME] or '', row[_ID])


@dataclass(frozen=True, slots=True)
class Caller:
    """In whose name a job runs.

    :ivar name: for the history; ``words`` says an error as this reader may read it.
    :ivar may: asked before each batch whether the account, or the token that it began with, still may do this.
    """

    user_id: int | None
    name: str
    may: Callable[[], bool] = lambda: True
    words: Callable[[PyroError], str] = str


@dataclass
class _Work:
    """A job on its way; only its own thread touches it."""

    job: Job
    caller: Caller
    verb: str
    args: Mapping[str, Any]
    given_up: dict[str, PyroError] = field(default_factory=dict)


class Bulk:
    """The jobs of this process, over the table of all processes."""

    def __init__(self, engine: Engine, hub: Hub, clock: Callable[[], float] = time.time) -> None:
        self.jobs = Jobs(engine, clock)
        self._hub = hub

    def begin(self, caller: Caller, verb: str, args: Mapping[str, object], chosen: Sequence[Chosen]) -> Job:
        """Do ``verb`` to ``chosen``; a few are done when this returns, of many the job has begun.

        :raises UsageError: verb or arguments are wrong, or there is nothing to do.
        :raises Conflict: too many jobs run, or no thread can be begun.
        """
        known = actions.find(verb)
        plain = actions.checked(known, args)
        items = list({(item.target, item.hash): item for item in chosen}.values())
        _check_number(known, items)
        job = self.jobs.begin(caller.user_id, verb, len(items))
        begun, work = replace(job), _Work(job, caller, verb, plain)
        if len(items) <= QUICK:
            self._run(work, items)
            return job
        try:
            threading.Thread(target=self._run, args=(work, items), name='job', daemon=True).start()
        except RuntimeError:
            self._end(job, 'interrupted')
            raise Conflict(
                'This machine has no room for one more thread. Nothing was done; try again later.'
            ) from None
        return begun

    def _run(self, work: _Work, items: Sequence[Chosen]) -> None:
        state = 'interrupted'
        try:
            state = self._all(work, items)
        except StateError as error:
            log.error('A job cannot go on: %s', error)
        except Exception:
            log.exception('A job ended by a mistake of ours.')
        finally:
            self._end(work.job, state)

    def _end(self, job: Job, state: str) -> None:
        try:
            self.jobs.end(job, state)
        except StateError as error:  # what was done is done; the answer says so where somebody waits for it
            log.error('The end of a job cannot be written down: %s', error)

    def _all(self, work: _Work, items: Sequence[Chosen]) -> str:
        for start in range(0, len(items), BATCH):
            if start and not work.caller.may():
                return 'stopped'
            self._batch(work, items[start : start + BATCH])
            if start + BATCH < len(items):
                self.jobs.note(work.job)
        return 'done'

    def _batch(self, work: _Work, items: Sequence[Chosen]) -> None:
        left = [item for item in items if not self._refused(work, item)]
        pairs = [(item.target, item.hash) for item in left]
        outcomes: list[Outcome] = []
        if pairs:
            outcomes = actions.run_many(self._hub, pairs, work.verb, work.args, by=work.caller.name, wait=0)
        for item, outcome in zip(left, outcomes, strict=True):
            if outcome.ok:
                work.job.done += 1
            else:
                _report(work, item, outcome.error or Conflict('It did not happen.'), outcome.state)
        work.given_up |= dict(_silent(outcomes))

    def _refused(self, work: _Work, item: Chosen) -> bool:
        error = work.given_up.get(item.target) or self._other(item)
        if error is not None:
            _report(work, item, error, 'failed')
        return error is not None

    def _other(self, item: Chosen) -> PyroError | None:
        """Why the torrent is not the one that was chosen."""
        if item.id is None:
            return None
        row = self._hub.snapshot.get(item.target, item.hash)
        if row is None:
            return NotFound('It is not in the client any more.')
        if row[_ID] != item.id:
            return Conflict('It was removed and added again since it was chosen; nothing was done to it.')
        return None


def _check_number(verb: actions.Verb, items: Sequence[Chosen]) -> None:
    if not items:
        raise UsageError('No torrent is selected.', field='select')
    if len(items) > MAX_TORRENTS:
        raise TooLarge(
            said('At most %(max_torrents)s torrents at a time, please.', max_torrents=MAX_TORRENTS),
            field='select',
        )
    if len(items) > 1 and not verb.many:
        raise UsageError(
            said('“%(label)s” is for one torrent at a time.', label=named(verb.label)), field='select'
        )


def _silent(outcomes: Sequence[Outcome]) -> Iterator[tuple[str, PyroError]]:
    """Clients none of whose torrents got an answer: the rest of a job would wait for them again and again."""
    for target in {outcome.target for outcome in outcomes}:
        errors = [outcome.error for outcome in outcomes if outcome.target == target]
        if all(isinstance(error, WireError) and not isinstance(error, Fault) for error in errors):
            yield (
                target,
                Conflict(
                    said(
                        'It was not tried, since %(target)s did not answer for others before it.',
                        target=target,
                    )
                ),
            )


def _report(work: _Work, item: Chosen, error: PyroError, state: str) -> None:
    job = work.job
    job.failed += state == 'failed'
    job.unknown += state == 'unknown'
    if len(job.failures) < MAX_FAILURES:
        words = work.caller.words(error)[: jobs.MAX_WORDS]
        job.failures.append(Failure(item.target, item.hash, item.name[:200], state, error.code, words))
