"""pyroTorrent for programs: dTorrent's manager, in Python's manner. ::

    with Manager({'home': {'url': 'scgi:///run/rtorrent.sock'}}) as manager:
        manager.add_listener(on_finished=lambda torrent: print(torrent.name))
        manager.wait()

:doc:`python` says more.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Any, Self

from lib import config as configuration
from lib import targets
from lib.config import Config
from lib.errors import Conflict
from model.backends.load import make_backend
from model.database import open_database
from model.events.eventlog import Event, EventLog
from model.events.positions import Positions
from model.events.recorder import Recorder, RecorderSettings
from model.hub import Hub
from model.leases import Leases
from model.manager import dtorrent
from model.manager.creating import Created
from model.manager.listeners import Listener, Trouble, functions_of
from model.manager.managed import Torrent, torrent_of
from model.manager.ownhooks import Hook, OnError, OnFailed, OwnHooks, name_of
from model.manager.ownplace import Place
from model.manager.torrents import Torrents
from model.webhooks.dispatch import Dispatcher
from model.webhooks.receivers import Webhooks

__all__ = ['Created', 'Event', 'Hook', 'Listener', 'Manager', 'Torrent', 'Trouble']

LISTING = 5.0  # seconds
CLOSING = 2.0  # seconds for letting go of the clients


class Manager(Torrents):
    """Torrent clients, called servers here as dTorrent does: their torrents, what can be done to them, and events.

    Everything may be called from any thread. A torrent is named by its info hash, and by its server where several
    have it. Without ``server`` all of them are meant, for a new torrent the first.

    :param servers: as ``rtorrent_config`` (:doc:`configuration`), or a list as dTorrent takes it.
    :param state_dir: a directory where the log of events is kept, so that a restart of the program neither repeats nor
        loses one; the program's own. None: what happens while it does not run is no news.
    :param settings: any other settings of config.py by name, such as ``DOWNLOAD_ROOTS``.
    :raises ConfigError: servers or settings are wrong, or the directory cannot be used.
    :raises Conflict: another program uses it.
    """

    def __init__(
        self,
        servers: Mapping[str, Any] | Sequence[Mapping[str, Any]],
        *,
        state_dir: str | os.PathLike[str] | None = None,
        **settings: Any,
    ) -> None:
        if not isinstance(servers, Mapping):
            servers, roots = dtorrent.servers(servers)
            settings = {'DOWNLOAD_ROOTS': roots} | settings
        self._open(configuration.make({**settings, 'rtorrent_config': dict(servers)}), state_dir)

    @classmethod
    def from_config(cls, path: str | None = None, *, state_dir: str | os.PathLike[str] | None = None) -> Self:
        """The servers and settings of a config.py; not its STATE_DIR, database and webhooks, which are the server's.

        :param path: None finds it as ``pyrotorrent.py`` does.
        :raises ConfigError: something in it is wrong, or ``state_dir`` cannot be used.
        :raises Conflict: another program uses that.
        """
        manager = cls.__new__(cls)
        manager._open(configuration.load(path), state_dir)
        return manager

    def _open(self, config: Config, state_dir: str | os.PathLike[str] | None) -> None:
        # Its own connections: other parts of the program may have theirs, of another configuration.
        connection = partial(targets.connect, config)
        specs = config.targets
        self.hub = Hub(
            [make_backend(spec, config, connection) for spec in specs.values()],
            roots=config.DOWNLOAD_ROOTS,
            intervals={name: spec.interval for name, spec in specs.items()},
        )
        self._lock = threading.RLock()
        self._ended = threading.Event()  # closing has begun
        self._closed = threading.Event()
        self._started = False
        self._listeners: dict[str, Listener] = {}
        self._added = 0
        self._place = Place(state_dir)
        self.config = replace(config, STATE_DIR=self._place.path, DATABASE_URL='', WEBHOOKS={})
        try:
            self._engine = open_database(self.config)
        except BaseException:
            self._place.close()
            raise
        self._positions = Positions(self._engine)
        self.events = EventLog(self._engine)
        webhooks = Webhooks(self._engine, self.config)
        self._dispatcher = Dispatcher(webhooks, self.events, Leases(self._engine))
        self._hooks = OwnHooks(webhooks, self._dispatcher)
        settings = RecorderSettings.of(config)
        self._recorder = Recorder(
            self.hub, self.events, Leases(self._engine), settings=settings, every_field=True
        )

    def start(self) -> Self:
        """Follow the clients until closed, and call those who listen."""
        with self._lock:
            if self._ended.is_set():
                raise Conflict('This manager was closed. Make a new one.')
            if not self._started:
                self._started = True
                self.hub.start(watched=True)
                self._recorder.start()
                self._dispatcher.start()
                for listener in self._listeners.values():
                    listener.start()
        return self

    def close(self) -> None:
        """End all threads; whoever waits goes on. What was not told yet is told after the next start."""
        with self._lock:
            if self._ended.is_set():
                return
            self._ended.set()
            listeners = [*self._listeners.values()]
        try:
            self._recorder.close(CLOSING)
            self._dispatcher.close(CLOSING)
            for listener in listeners:
                listener.close()
            self.hub.close(CLOSING)
        finally:
            self._engine.dispose()
            self._place.close()
            self._closed.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until another thread closes the manager, or Ctrl-C comes; True when it is closed.

        :param timeout: seconds at most.
        """
        with contextlib.suppress(KeyboardInterrupt):  # so people end a script, which needs no traceback
            self._closed.wait(timeout)
        return self._closed.is_set()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        self._closed.wait()  # another thread may be closing it

    # ---- listening

    def add_listener(
        self, listener: object = None, *, name: str = '', **functions: Callable[..., object] | None
    ) -> Listener:
        """Have functions called when something happens; :doc:`python` lists them.

        :param listener: an object with some of them as methods.
        :param functions: some of them by name, such as ``on_added=…``; before those of the object.
        :param name: under which the place in the log is kept; without one the first, second … listener of a program
            go on where the first, second … were before.
        :return: its ``remove()`` ends it.
        :raises UsageError: there is no such function, or none at all.
        :raises Conflict: there is a listener of that name, or the manager was closed.
        """
        found = functions_of(listener, functions)
        with self._lock:
            if self._ended.is_set():
                raise Conflict('This manager was closed. Make a new one.')
            self._added += 1
            name = name or str(self._added)
            if name in self._listeners:
                raise Conflict(
                    f'There is a listener called “{name}”. Remove it first, or give this one another name.'
                )
            made = Listener(name, found, self.events, self._positions, self._torrent_of, self._forget)
            self._listeners[name] = made
            if self._started:
                made.start()
        return made

    def add_webhook(
        self,
        url: str,
        *,
        on_failed: OnFailed | None = None,
        on_error: OnError | None = None,
        kinds: Iterable[str] = (),
        query: str = '',
        style: str = 'json',
        options: Mapping[str, str] | None = None,
        secret: str = '',
        name: str = '',
    ) -> Hook:
        """Have events posted to an address (:doc:`webhooks`), from now on or from where this receiver was left.

        An address that is not public has to be in ``WEBHOOK_ALLOWED_NETWORKS``.

        :param on_failed: called with ``url, status, body, headers`` of each reply that refuses an event.
        :param on_error: called with ``url, error`` each time when no reply came. Both are called in a thread of the
            sender; what they raise is logged.
        :param kinds: of events; none: all but ``updated``.
        :param query: which torrents are meant (:doc:`query`); ``''`` all of them.
        :param secret: signs what is sent; made where none is given, see ``secret`` of what is returned.
        :param name: by which it is known after a restart; by its address, where none is given.
        :return: its ``remove()`` ends it.
        :raises UsageError: the address or something else is wrong.
        """
        fields = {
            'url': url,
            'style': style,
            'options': dict(options or {}),
            'kinds': list(kinds),
            'query': query,
        }
        return self._hooks.add(fields | {'name': name or name_of(url), 'secret': secret}, on_failed, on_error)

    def _forget(self, name: str) -> None:
        with self._lock:
            self._listeners.pop(name, None)

    def _torrent_of(self, event: Event) -> Torrent | None:
        values = event.data.get('torrent')
        return torrent_of(values, self._files) if event.hash and values else None

    def _await_lists(self, names: Iterable[str]) -> None:
        """Wait until the first lists are taken down: what comes after those that we answer with has to be news."""
        if not self._started:
            return
        deadline = time.monotonic() + LISTING
        while not all(map(self._recorder.listed, names)) and time.monotonic() < deadline:
            if self._ended.wait(0.02):
                return
