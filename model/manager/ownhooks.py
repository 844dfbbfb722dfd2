"""Webhooks of a :class:`model.manager.Manager`: receivers that are told of events, and functions told of failures."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from lib.errors import FetchError, NotFound, PyroError
from model.webhooks.dispatch import Attempt, Dispatcher
from model.webhooks.receivers import Webhook, Webhooks

#: Called with the address, HTTP's status, the body and the headers of a reply that refused an event.
OnFailed = Callable[[str, int, str, Mapping[str, str]], object]
#: Called with the address and why no reply came.
OnError = Callable[[str, PyroError], object]


class Hook:
    """One receiver.

    :ivar id: its number.
    :ivar secret: signs what it is sent (:doc:`webhooks`).
    """

    def __init__(self, hooks: OwnHooks, webhook_id: int, secret: str) -> None:
        self._hooks = hooks
        self.id = webhook_id
        self.secret = secret

    @property
    def state(self) -> Webhook:
        """How it is doing: what waits, how often it failed, and whether it was given up (``state`` ``broken``)."""
        return self._hooks.webhooks.get(self.id)

    def resume(self) -> None:
        """Send to it again after it was given up."""
        self._hooks.webhooks.resume(self.id)

    def remove(self) -> None:
        """Send it nothing more; what waits is dropped."""
        self._hooks.remove(self.id)


class OwnHooks:
    """The receivers of one program's database, and whom to tell what became of each try."""

    def __init__(self, webhooks: Webhooks, dispatcher: Dispatcher) -> None:
        self.webhooks = webhooks
        self._dispatcher = dispatcher
        self._lock = threading.Lock()
        self._told: dict[int, tuple[OnFailed | None, OnError | None]] = {}
        dispatcher.listeners.append(self._tried)

    def add(
        self,
        fields: Mapping[str, Any],
        on_failed: OnFailed | None,
        on_error: OnError | None,
    ) -> Hook:
        """Make a receiver, or take up the one of that name where it was left.

        :raises UsageError: a field is wrong.
        """
        with self._lock:
            known = next((hook for hook in self.webhooks.all() if hook.name == fields['name']), None)
            made = self.webhooks.change(known.id, fields) if known else self.webhooks.create(fields)
            self._told[made.id] = (on_failed, on_error)
        if known and known.state == 'broken':
            self.webhooks.resume(made.id)
        self._dispatcher.wake()
        return Hook(self, made.id, self.webhooks.secret(made.id))

    def remove(self, webhook_id: int) -> None:
        """Forget one; it may be gone already."""
        with self._lock:
            self._told.pop(webhook_id, None)
        with contextlib.suppress(NotFound):
            self.webhooks.remove(webhook_id)

    def _tried(self, attempt: Attempt) -> None:
        """Called by the dispatcher, which contains what is raised here."""
        on_failed, on_error = self._told.get(attempt.webhook_id, (None, None))
        if attempt.ok:
            return
        if attempt.status is not None:
            if on_failed is not None:
                on_failed(attempt.url, attempt.status, attempt.body, attempt.headers)
        elif on_error is not None:
            on_error(attempt.url, attempt.error or FetchError('No reply came.'))


def name_of(url: str) -> str:
    """A name for the receiver at an address, without what may be secret in that."""
    host = (urlsplit(url).hostname or 'receiver')[:40]
    return f'{host} {hashlib.sha256(url.encode()).hexdigest()[:8]}'
