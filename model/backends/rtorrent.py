"""rTorrent as a backend: which commands say what, and how few requests that takes."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lib.errors import Fault, MethodMissing, NotFound, WireError
from lib.wire.rpc import Rpc
from lib.wire.values import Value
from lib.words import said
from model.backends import rtorrent_adding, rtorrent_settings, rtorrent_verbs
from model.backends import rtorrent_columns as columns
from model.backends import rtorrent_detail as details
from model.backends import rtorrent_pieces as parts
from model.backends.base import (
    CAPABILITIES,
    Added,
    AddRequest,
    Backend,
    Detail,
    EncryptionState,
    Facts,
    FileRow,
    Globals,
    Outcome,
    Overview,
    PeerRow,
    Pieces,
    TrackerRow,
    Watch,
)
from model.backends.rtorrent_watch import RTorrentWatch
from model.fields import Row

Calls = list[tuple[str, Sequence[Value]]]

LACKS = frozenset({'start_now', 'erase_data', 'move', 'rename', 'queue', 'limits'})

#: Views every rTorrent has, in the order people think of them.
BUILTIN_VIEWS = (
    'main',
    'started',
    'stopped',
    'complete',
    'incomplete',
    'seeding',
    'leeching',
    'active',
    'hashing',
)
_INTERNAL_VIEWS = frozenset({'default', 'name'})  # sort orders of rTorrent's own screen
_INTERNAL_PREFIXES = ('rat_', 'ui_', 'pyro_')  # ruTorrent's ratio groups, views that poller programs keep

#: Asked with every overview. Each entry: our name and the commands that say it, the modern one first.
LIVE: tuple[tuple[str, tuple[str, ...]], ...] = (
    ('up_rate', ('throttle.global_up.rate',)),
    ('down_rate', ('throttle.global_down.rate',)),
    ('up_total', ('throttle.global_up.total',)),
    ('down_total', ('throttle.global_down.total',)),
    ('up_limit', ('throttle.global_up.max_rate',)),
    ('down_limit', ('throttle.global_down.max_rate',)),
    ('port', ('network.listen.port',)),
    ('open_sockets', ('network.open_sockets',)),
)
#: Asked once a minute: they hardly change, and newer rTorrents answer some of them to trusted connections only.
FACTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ('client_version', ('system.client_version',)),
    ('library_version', ('system.library_version',)),
    ('hostname', ('system.hostname',)),
    ('pid', ('system.pid',)),
    ('max_open_sockets', ('network.max_open_sockets',)),
    ('directory', ('directory.default',)),
)
FACTS_AGE = 60.0  # seconds

# rTorrent dies of a reply over 100 MiB, so a view that might need more than half of that is asked for in 16 parts, by
# the first digit of the info hash.
REPLY_BUDGET = 50 << 20
_PARTS = tuple(f'match={{d.hash=,^{digit}.*}}' for digit in '0123456789ABCDEF')


@dataclass(frozen=True)
class _Facts:
    values: Mapping[str, Any]
    views: tuple[str, ...]
    size: int  # torrents in all
    at: float


class RTorrentBackend(Backend):
    """An rTorrent behind an :class:`lib.wire.rpc.Rpc`.

    :param rpc: the connection.
    :param socket: the path of rTorrent's unix socket, if it has one: then its disks are ours to see (free space), and
        if the socket belongs to our own user, directories are ours to make for it.
    """

    kind = 'rtorrent'

    def __init__(self, rpc: Rpc, *, socket: str = '') -> None:
        self.rpc = rpc
        self.name = rpc.target
        self.socket = socket
        self.capabilities = CAPABILITIES - LACKS
        self._lock = threading.Lock()
        self._facts: _Facts | None = None
        self._plan: tuple[frozenset[str], columns.Plan] | None = None
        self._row_bytes = 1500  # a guess, until rows were seen

    # reading

    def views(self) -> list[str]:
        return ordered_views(self._known().views)

    def rows(self, view: str = 'main') -> list[Row]:
        return self.overview(view).rows

    def members(self, view: str) -> frozenset[str]:
        view = self._checked_view(view)
        method = self.rpc.resolve(('d.multicall2', 'd.multicall'))
        answer = self.rpc.multicall([(method, ('', view, 'd.hash='))], read=True)[0]
        return frozenset(row[0] for row in self.raw_rows(answer, view))

    def globals(self) -> Globals:
        return self._globals(measure=True)

    def _globals(self, *, measure: bool) -> Globals:
        calls, names = self.live_calls()
        values = dict(zip(names, self.rpc.multicall(calls, read=True), strict=True))
        return self.globals_of(values, measure=measure)

    def overview(self, view: str = 'main') -> Overview:
        view = self._checked_view(view)
        try:
            return self._overview(view)
        except MethodMissing:
            # Another rTorrent answers at this address than the one whose commands we know.
            self.forget()
            return self._overview(view)

    def row(self, info_hash: str) -> Row:
        plan = self.columns_plan()
        calls: Calls = [details.call_of(column, info_hash) for column in plan.columns]
        values = self.rpc.multicall(calls, read=True)
        details.require_torrent(values[0], info_hash)
        return plan.convert([tuple(None if isinstance(value, Fault) else value for value in values)])[0]

    def detail(self, info_hash: str) -> Detail:
        return details.read(self.rpc, self.columns_plan(), info_hash)

    def facts(self, info_hash: str) -> Facts:
        return parts.facts(self.rpc, self.columns_plan(), info_hash)

    def files(self, info_hash: str) -> list[FileRow]:
        return parts.files(self.rpc, info_hash)

    def peers(self, info_hash: str) -> list[PeerRow]:
        return parts.peers(self.rpc, info_hash)

    def trackers(self, info_hash: str) -> list[TrackerRow]:
        return parts.trackers(self.rpc, info_hash)

    def pieces(self, info_hash: str) -> Pieces:
        return parts.pieces(self.rpc, info_hash)

    # writing

    def perform(self, verb: str, hashes: Sequence[str], args: Mapping[str, Any]) -> list[Outcome]:
        if verb == 'directory':
            self._make_directory(args['directory'])
        return rtorrent_verbs.perform(self.rpc, verb, hashes, args)

    def add(self, request: AddRequest) -> Added:
        return rtorrent_adding.add(self.rpc, request, self._make_directory)

    def _make_directory(self, path: str) -> None:
        """rTorrent makes the last part of a new directory only; as its own user we can make the others for it."""
        try:
            if self.socket and os.stat(self.socket).st_uid == os.geteuid():
                os.makedirs(path, exist_ok=True)
        except OSError:
            pass  # rTorrent itself may still be able to; if not, it is rTorrent that has to say so

    def settings(self) -> dict[str, Any]:
        return rtorrent_settings.read(self.rpc)

    def set_settings(self, values: Mapping[str, Any]) -> None:
        rtorrent_settings.write(self.rpc, values)

    def encryption(self) -> EncryptionState:
        return rtorrent_settings.encryption(self.rpc)

    def set_encryption(self, words: Sequence[str]) -> None:
        rtorrent_settings.set_encryption(self.rpc, words)

    def forget(self) -> None:
        """Drop everything that was learnt about the server; the next call asks again."""
        self.rpc.forget()
        with self._lock:
            self._facts = self._plan = None

    def watch(self) -> Watch:
        return RTorrentWatch(self)

    def free_space_of(self, hashes: Sequence[str]) -> list[int | None]:
        """``d.free_diskspace``, which says 0 where it cannot tell."""
        answers = self.rpc.multicall([('d.free_diskspace', (each,)) for each in hashes], read=True)
        return [answer if isinstance(answer, int) and answer > 0 else None for answer in answers]

    @property
    def directory(self) -> str:
        """The default directory, where its disk is ours to see; ``''`` where it is not, or not known yet."""
        known = self._facts.values.get('directory') if self.socket and self._facts else ''
        return known if isinstance(known, str) else ''

    def all_views(self) -> tuple[str, ...]:
        """The names of all views, those included that are offered to nobody."""
        return self._known().views

    @property
    def large(self) -> bool:
        """Whether all torrents in one reply could be more than rTorrent survives."""
        return self._known().size * self._row_bytes > REPLY_BUDGET

    # what the server is

    def columns_plan(self) -> columns.Plan:
        methods = self.rpc.methods
        with self._lock:
            if self._plan is None or self._plan[0] is not methods:
                self._plan = (methods, columns.plan(methods))
            return self._plan[1]

    def _known(self, *, fresh: bool = False) -> _Facts:
        """Facts of the server; asked for where there are none yet, or where ``fresh`` ones are wanted."""
        facts = self._facts
        if facts is None or fresh:
            calls, names = self.fact_calls()
            facts = self.keep_facts(names, self.rpc.multicall(calls, read=True))
        return facts

    def fact_calls(self) -> tuple[Calls, list[str]]:
        calls, names = self._resolve(FACTS)
        return [*calls, ('view.list', ()), ('view.size', ('', 'main'))], [*names, 'views', 'size']

    def keep_facts(self, names: list[str], answers: Sequence[Any]) -> _Facts:
        values = {name: _or_none(answer) for name, answer in zip(names, answers, strict=True)}
        views = tuple(view for view in values.pop('views') or ('main',) if isinstance(view, str))
        facts = _Facts(values, views, values.pop('size') or 0, time.monotonic())
        with self._lock:
            self._facts = facts
        return facts

    def _resolve(self, table: Sequence[tuple[str, tuple[str, ...]]]) -> tuple[Calls, list[str]]:
        methods = self.rpc.methods
        found = [(name, next((c for c in commands if c in methods), None)) for name, commands in table]
        calls: Calls = [(command, ()) for _, command in found if command]
        return calls, [name for name, command in found if command]

    def live_calls(self) -> tuple[Calls, list[str]]:
        return self._resolve(LIVE)

    # the overview

    def _checked_view(self, view: str) -> str:
        """The name, if it is a view of this rTorrent at this moment; a name that is not never reaches it."""
        view = view or 'main'
        if view in self._known().views or view in self._known(fresh=True).views:
            return view
        raise NotFound(
            said('%(value)s has no view “%(view)s”.', value=self.name or 'This client', view=view[:100])
        )

    def everything(self) -> Overview:
        """The overview of all torrents, without touching a disk, which may hang."""
        return self._overview('main', measure=False)

    def _overview(self, view: str, *, measure: bool = True) -> Overview:
        if self.large:
            return self._overview_in_parts(view, measure)
        plan = self.columns_plan()
        live, live_names = self.live_calls()
        facts, fact_names = self.fact_calls() if self.facts_stale() else ([], [])
        method = self.rpc.resolve(('d.multicall2', 'd.multicall'))
        answers = self.rpc.multicall([(method, ('', view, *plan.ask())), *live, *facts], read=True)
        if facts:
            self.keep_facts(fact_names, answers[-len(facts) :])
        rows = plan.rows(self.raw_rows(answers[0], view))
        self._learn(rows, view)
        values = dict(zip(live_names, answers[1 : 1 + len(live)], strict=True))
        return Overview(rows, self.globals_of(values, measure=measure), view)

    def _overview_in_parts(self, view: str, measure: bool) -> Overview:
        plan, rows = self.columns_plan(), list[Row]()
        method = self.rpc.resolve(('d.multicall.filtered',))
        for part in _PARTS:
            # Trusted: to others, newer rTorrents answer that nothing matches.
            answers = self.rpc.multicall([(method, ('', view, part, *plan.ask()))])
            rows.extend(plan.rows(self.raw_rows(answers[0], view)))
        self._learn(rows, view)
        return Overview(rows, self._globals(measure=measure), view)

    def raw_rows(self, answer: Any, view: str) -> list[tuple[Any, ...]]:
        if isinstance(answer, Fault):
            if 'find view' in answer.text:
                self._known(fresh=True)
                raise NotFound(
                    said(
                        '%(value)s has no view “%(view)s” any more.',
                        value=self.name or 'This client',
                        view=view,
                    )
                )
            raise answer
        if not isinstance(answer, list):
            raise WireError('rTorrent answered its list with something else.', target=self.name)
        return answer

    def facts_stale(self) -> bool:
        facts = self._facts
        return facts is None or time.monotonic() - facts.at > FACTS_AGE

    def _learn(self, rows: list[Row], view: str) -> None:
        if rows:
            self._row_bytes = columns.row_bytes(rows)
        facts = self._facts
        if view == 'main' and facts is not None:
            self._facts = replace(facts, size=len(rows))

    def globals_of(self, values: Mapping[str, Any], *, measure: bool = True) -> Globals:
        """What was answered to :meth:`live_calls`, with what is known; without ``measure`` no disk is touched."""
        facts = self._known()
        known = {name: _or_none(value) for name, value in ({**facts.values, **values}).items()}
        directory = known.pop('directory', None)
        space = _free_space(directory) if self.socket and directory and measure else None
        return Globals(**known, views=ordered_views(facts.views), free_space=space)


def ordered_views(names: Sequence[str]) -> list[str]:
    """The views to offer: rTorrent's own in a fixed order, then the user's, without internal ones."""
    own = [
        name
        for name in names
        if name not in BUILTIN_VIEWS
        and name not in _INTERNAL_VIEWS
        and not name.startswith(_INTERNAL_PREFIXES)
    ]
    return [name for name in BUILTIN_VIEWS if name in names] + own


def _or_none(value: Any) -> Any:
    return None if isinstance(value, Fault) else value


def _free_space(directory: str) -> int | None:
    """Bytes free for rTorrent's default directory, None where it is not ours to see (a container, a network share)."""
    try:
        stat = os.statvfs(os.path.expanduser(directory))
    except (OSError, ValueError):
        return None
    return stat.f_bavail * stat.f_frsize
