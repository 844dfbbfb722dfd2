"""Tells receivers of events what happened, beside everything else and never in its way.

One thread queues what the log of events holds, one sees who is next, and a bounded number of others send. Receivers
that fail or are slow have their own share of those, so that the good ones are not kept waiting. One process of all
that share a database does this, whoever holds the lease.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lib.errors import PyroError
from model.events.eventlog import EventLog
from model.leases import Leases
from model.webhooks.collecting import Collector
from model.webhooks.outbox import LEASE, Claim, Outbox
from model.webhooks.receivers import Webhooks
from model.webhooks.sending import Outcome, Sender

log = logging.getLogger(__name__)

SENDERS = 16  # threads for receivers that answer quickly, and half as many for those that do not
MOST_SENDERS = 48  # with those that turn out to be slow while they are waited for
LEASE_SECONDS = 30.0
_LOOK = 1.0  # seconds between two looks at what others may have changed
_MOMENT = 0.2  # seconds in which we notice that we are to end
_PRUNE = 600.0
_PUT_BACK = 5.0  # seconds; less than that a clock is put back by those who keep it right
_SLOW = 2.0  # seconds; a receiver whose last answer took longer counts as slow


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try, for those who listen.

    :ivar ok: whether the receiver took it.
    :ivar status: HTTP's; None where no reply came, and ``error`` says why.
    :ivar headers: of the reply, with names in lower case; ``body`` is its beginning.
    """

    webhook_id: int
    url: str
    uid: str
    event_id: int
    ok: bool
    status: int | None
    headers: Mapping[str, str]
    body: str
    error: PyroError | None


class Dispatcher:
    """
    :param sender: sends; by default under the rules of the webhooks' configuration.
    :ivar listeners: called after each try, in the thread that made it; what they raise is logged.
    """

    def __init__(
        self,
        hooks: Webhooks,
        events: EventLog,
        leases: Leases,
        *,
        sender: Sender | None = None,
        outbox: Outbox | None = None,
        collector: Collector | None = None,
    ) -> None:
        self.listeners: list[Callable[[Attempt], None]] = []
        self._hooks = hooks
        self._events = events
        self._leases = leases
        self._sender = sender or hooks.sender
        self._outbox = outbox or Outbox(hooks, events, leases)
        self._collector = collector or Collector(hooks, events, leases, rest=self._rest)
        self._turn = threading.Condition()
        self._closing = False
        self._holding = False
        self._busy: dict[int, tuple[bool, float]] = {}  # whom something is sent to: are they slow, since when
        self._crowded = False  # more have something due than there are threads: each gets one and makes room
        self._slow: set[int] = set()
        self._served: dict[int, float] = {}  # when each had its last turn, so that all have theirs
        self._threads: list[threading.Thread] = []
        self._pruned = float('-inf')
        self._ahead = self._clock_ahead()

    def start(self) -> None:
        """Bring the receivers of the configuration into the database, and begin."""
        try:
            self._hooks.sync()
        except PyroError as error:
            log.error('The webhooks of the configuration were not taken over: %s', error)
        for run, name in ((self._collecting, 'webhooks'), (self._sending, 'webhook sender')):
            thread = threading.Thread(target=self._until_closed, args=(run,), daemon=True, name=name)
            self._threads.append(thread)
            thread.start()

    def close(self, timeout: float = 2.0) -> None:
        """Begin nothing more. What is being sent and takes longer than ``timeout`` seconds is sent again next time."""
        with self._turn:
            self._closing = True
            self._turn.notify_all()
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        with self._turn:
            self._turn.wait_for(lambda: not self._busy, max(0.0, deadline - time.monotonic()))
        if self._holding:
            try:
                self._leases.release(LEASE)
            except PyroError as error:
                log.warning('%s', error)

    def wake(self) -> None:
        """Look now, instead of within a second."""
        with self._turn:
            self._turn.notify_all()

    def _until_closed(self, run: Callable[[], None]) -> None:
        """Whatever goes wrong in a round, there is another; the more that did, the later."""
        failures = 0
        while not self._closing:
            try:
                run()
                failures = 0
                continue
            except PyroError as error:
                log.warning('Webhooks: %s', error)
            except Exception:
                log.exception('Webhooks: a round failed.')
            self._rest(_after(failures))
            failures += 1

    def _rest(self, seconds: float = _LOOK) -> None:
        with self._turn:
            self._turn.wait_for(lambda: self._closing, seconds)

    def _collecting(self) -> None:
        """One round: hold the lease, queue what is new, wait for more."""
        seen = self._events.last_id()
        if not self._leases.hold(LEASE, LEASE_SECONDS):
            self._holding = False
            self._ahead = self._clock_ahead()
            self._rest()
            return
        self._holding = True
        self._mind_the_clock()
        while self._collector.collect() and not self._closing and self._leases.hold(LEASE, LEASE_SECONDS):
            self.wake()
        self.wake()
        if time.monotonic() - self._pruned > _PRUNE:
            self._pruned = time.monotonic()
            self._outbox.prune()
        until = time.monotonic() + _LOOK
        while not self._closing and time.monotonic() < until and self._events.wait(seen, _MOMENT) <= seen:
            pass

    def _mind_the_clock(self) -> None:
        """What waits for a time of day must not wait longer because the clock was put back."""
        ahead = self._clock_ahead()
        if self._ahead - ahead > _PUT_BACK:
            self._outbox.put_back(self._ahead - ahead)
        self._ahead = ahead

    def _clock_ahead(self) -> float:
        return self._hooks.clock() - time.monotonic()

    def _sending(self) -> None:
        """One round: give what is due to threads, and wait until something changes."""
        now = self._hooks.clock()
        heads = self._outbox.heads() if self._holding else []
        with self._turn:
            due = [head for head in heads if head.due <= now and head.webhook_id not in self._busy]
            self._crowded = len(due) > SENDERS - len(self._busy)
            for head in sorted(due, key=lambda head: self._served.get(head.webhook_id, 0.0)):
                if not self._closing:
                    self._begin(head.webhook_id, head.failing or head.webhook_id in self._slow)
            later = [head.due - now for head in heads if head.due > now]
            if not self._closing:
                self._turn.wait(max(0.01, min([_LOOK, *later])))

    def _begin(self, webhook_id: int, slow: bool) -> None:
        now = time.monotonic()
        quick = sum(not known and now - began < _SLOW for known, began in self._busy.values())
        full = len(self._busy) - quick >= SENDERS // 2 if slow else quick >= SENDERS
        if full or len(self._busy) >= MOST_SENDERS:
            return
        self._busy[webhook_id] = (slow, now)
        self._served[webhook_id] = now
        try:
            threading.Thread(target=self._deliver, args=(webhook_id,), daemon=True, name='webhook').start()
        except RuntimeError:  # the machine has no room for a thread
            del self._busy[webhook_id]

    def _deliver(self, webhook_id: int) -> None:
        """Send to one receiver, on and on while that goes well and nobody else needs the thread."""
        try:
            while self._once(webhook_id) and not self._crowded and not self._closing:
                pass
        except PyroError as error:
            log.warning('Webhooks: %s', error)
            self._rest()
        except Exception:
            log.exception('Webhooks: a delivery failed.')
            self._rest()  # it is sent again, since nothing says what became of it
        finally:
            with self._turn:
                del self._busy[webhook_id]
                self._turn.notify_all()

    def _once(self, webhook_id: int) -> bool:
        """Send what is next, and say whether that was done, and quickly."""
        claim = self._outbox.claim(webhook_id)
        if claim is None:
            return False
        outcome = self._sender.send(claim.receiver, claim.uid, claim.event)
        is_slow = outcome.took > _SLOW
        with self._turn:
            (self._slow.add if is_slow else self._slow.discard)(webhook_id)
            self._busy[webhook_id] = (is_slow, time.monotonic())
        self._record(claim, outcome)
        self._tell(claim, outcome)
        return outcome.verdict == 'done' and not is_slow

    def _record(self, claim: Claim, outcome: Outcome) -> None:
        """Write it down; that has to succeed some time, since what is marked as being sent waits for it."""
        for failures in itertools.count():
            try:
                self._outbox.record(claim, outcome)
                return
            except PyroError as error:
                log.warning('Webhook %s: %s', claim.receiver.name, error)
                if self._closing:
                    return
                self._rest(_after(failures))

    def _tell(self, claim: Claim, outcome: Outcome) -> None:
        ok, known = outcome.verdict == 'done', claim.receiver
        attempt = Attempt(
            known.id, known.url, claim.uid, claim.event_id, ok, outcome.status, outcome.headers, outcome.body,
            outcome.error,
        )  # fmt: skip
        for listener in list(self.listeners):
            try:
                listener(attempt)
            except Exception:
                log.exception('A listener to webhooks failed.')


def _after(failures: int) -> float:
    """Seconds to rest after another failure."""
    return _LOOK * 2.0 ** min(failures, 6)
