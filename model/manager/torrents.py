"""The torrents of clients for programs: read, acted on and added, as dTorrent's manager does it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from lib.config import Config
from lib.errors import Conflict, NotFound, PyroError, UsageError
from model import actions
from model.backends.base import FileRow
from model.fields import complete_row
from model.hub import Hub
from model.manager.creating import Created, create
from model.manager.managed import Torrent, torrent_of, values_of

_RESUME, _PAUSE = ('start', 'resume'), ('pause', 'stop')  # the first that a client is capable of


class Torrents:
    """Clients, called servers here. A torrent is named by its info hash, and by its server where several have it.

    Without ``server`` all of them are meant, for a new torrent the first.
    """

    hub: Hub
    config: Config

    # ---- reading

    @property
    def servers(self) -> tuple[str, ...]:
        """The names of the clients, in configured order."""
        return tuple(self.hub.backends)

    def errors(self) -> dict[str, PyroError]:
        """Why clients do not answer at present, by server."""
        return {state.name: state.error for state in self.hub.look() if state.error is not None}

    def get_all(self, server: str | None = None) -> list[Torrent]:
        """All torrents, as last seen; a client that does not answer at present keeps those it had (:meth:`errors`).

        :raises WireError: the client, or each of them, does not answer.
        :raises NotFound: there is no such server.
        """
        states = self.hub.look(self._names(server))
        broken = [state.error for state in states if state.error is not None]
        if broken and len(broken) == len(states):
            raise broken[0]
        self._await_lists([state.name for state in states if state.status == 'ok'])
        rows = [row for state in states for row in self.hub.snapshot.all(state.name)[1]]
        return [torrent_of(values_of(row), self._files) for row in rows]

    def _await_lists(self, names: Iterable[str]) -> None:
        """Called before the lists of these clients are read, for those who follow them."""

    def get_one(self, info_hash: str, server: str | None = None) -> Torrent:
        """One torrent, as its client says right now.

        :raises NotFound: no client has it, or there is no such server.
        :raises Conflict: several have it; say which server.
        :raises WireError: the client does not answer, or one of several that may have it.
        :raises UsageError: this is no info hash.
        """
        return self._find(actions.check_hash(info_hash), server)

    def _find(self, info_hash: str, server: str | None) -> Torrent:
        answers = self.hub.each(self._names(server), lambda backend: backend.row(info_hash))
        found = [answer for answer in answers if answer.value is not None]
        if len(found) > 1:
            names = ', '.join(answer.name for answer in found)
            raise Conflict(
                f'The torrent {info_hash} is in {names}. Say which one you mean: server={found[0].name!r}.'
            )
        for answer in answers:
            broken = answer.error is not None and not isinstance(answer.error, NotFound)
            if answer.error is not None and broken and (not found or self._may_have(answer.name, info_hash)):
                raise answer.error
        if not found or found[0].value is None:
            raise NotFound(f'There is no torrent {info_hash} in {", ".join(self._names(server))}.')
        row = complete_row(found[0].value, 0, found[0].name)
        return torrent_of(values_of(row), self._files)

    def _may_have(self, server: str, info_hash: str) -> bool:
        """Whether a client that does not answer had the torrent when it was last seen, or never was."""
        return not self.hub.pollers[server].state.seen or bool(self.hub.snapshot.get(server, info_hash))

    def _names(self, server: str | None) -> list[str]:
        return [self.hub.get(server).name] if server is not None else [*self.hub.backends]

    def _files(self, server: str, info_hash: str) -> list[FileRow]:
        return self.hub.get(server).files(info_hash)

    # ---- writing; the errors are those of get_one(), and what keeps the client from doing it

    def resume(self, info_hash: str, server: str | None = None) -> Torrent:
        """Start a torrent that is stopped or paused. The torrent afterwards."""
        return self._perform(info_hash, server, _RESUME)

    def pause(self, info_hash: str, server: str | None = None) -> Torrent:
        """Let a torrent rest, or stop it where its client knows no rest. The torrent afterwards."""
        return self._perform(info_hash, server, _PAUSE)

    def act(self, verb: str, info_hash: str, server: str | None = None, **args: object) -> Torrent:
        """Do any verb of the API: ``act('label', info_hash, label='linux')``. The torrent afterwards."""
        return self._perform(info_hash, server, (actions.find(verb).name,), args)

    def delete(self, info_hash: str, server: str | None = None) -> Torrent:
        """Have the client forget a torrent; its data stays where it is. The torrent as it was."""
        torrent = self.get_one(info_hash, server)
        self._run(torrent.server, torrent.hash, 'erase', {})
        return torrent

    def _perform(
        self,
        info_hash: str,
        server: str | None,
        verbs: Iterable[str],
        args: Mapping[str, object] | None = None,
    ) -> Torrent:
        torrent = self.get_one(info_hash, server)
        able = self.hub.get(torrent.server).capabilities
        first, *others = verbs
        verb = next((verb for verb in (first, *others) if verb in able), first)
        self._run(torrent.server, torrent.hash, verb, args or {})
        return self.get_one(torrent.hash, torrent.server)

    def _run(self, server: str, info_hash: str, verb: str, args: Mapping[str, object]) -> None:
        outcome = actions.run(self.hub, server, info_hash, verb, args)
        if outcome.error is not None:
            raise outcome.error

    def create_from_torrent(
        self,
        path: str | os.PathLike[str],
        server: str | None = None,
        *,
        start: bool = True,
        label: str = '',
        directory: str = '',
    ) -> Created:
        """Add a .torrent file.

        :param path: the file.
        :param directory: an absolute path below DOWNLOAD_ROOTS; ``''`` is the client's default.
        :return: whether it is there, and if not, why.
        :raises NotFound: there is no such server.
        """
        return self._create(server, path, start=start, label=label, directory=directory)

    def create_from_torrent_and_data(
        self,
        path: str | os.PathLike[str],
        data: str | os.PathLike[str],
        server: str | None = None,
        *,
        start: bool = True,
        label: str = '',
    ) -> Created:
        """Add a .torrent file whose data is there already: the client checks it and has it complete.

        :param path: the .torrent file.
        :param data: the torrent's own file or directory, or the directory that holds it; an absolute path below
            DOWNLOAD_ROOTS. The data stays where it is.
        :return: whether it is there, and if not, why. The check may still go on.
        :raises NotFound: there is no such server.
        """
        return self._create(server, path, start=start, label=label, data=os.fspath(data))

    def _create(self, server: str | None, path: str | os.PathLike[str], **wishes: Any) -> Created:
        name = next(iter(self.hub.backends), '') if server is None else self.hub.get(server).name
        if not name:
            raise UsageError('There is no server to add a torrent to.', field='servers')
        try:
            added = create(self.hub, self.config, name, path, **wishes)
            torrent = self.get_one(added.hash, name)
        except PyroError as error:
            return Created(False, error=error)
        return Created(True, torrent, added.existed, added.warnings)
