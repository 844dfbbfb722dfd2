"""The contract every kind of torrent client keeps.

Reading never needs more than one request: an overview is one, the details of one torrent are one. Writing goes through
:mod:`model.actions`, which has checked every argument before a backend sees it. A field, fact or setting that a client
does not have is ``None``; an unreachable client raises the WireError tree of :mod:`lib.errors`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from lib.errors import Conflict, PyroError
from lib.words import said
from model.fields import INDEX, Row

#: What a client can do beyond reading; a verb or page that needs more is not offered.
CAPABILITIES = frozenset(
    {
        'start',
        'stop',
        'open',
        'close',
        'pause',
        'resume',
        'check',
        'announce',
        'erase',
        'label',
        'priority',
        'throttle',
        'directory',
        'file_priority',
        'tracker_enable',
        'add',
        'magnet',
        'settings',
        'encryption',
        'add_directory',  # say where a torrent's data goes when adding it
        'files',  # what it tells of a torrent
        'peers',
        'trackers',
        'pieces',
        'metainfo',  # its session directory holds the .torrent files
        'start_now',
        'erase_data',
        'move',
        'rename',
        'queue',
        'limits',
    }
)


@dataclass(frozen=True, slots=True)
class Globals:
    """The client as a whole. Rates and limits in bytes a second (limit 0 = none), totals and space in bytes."""

    up_rate: int | None = None
    down_rate: int | None = None
    up_total: int | None = None
    down_total: int | None = None
    up_limit: int | None = None
    down_limit: int | None = None
    free_space: int | None = None
    views: list[str] = field(default_factory=list)
    client_version: str | None = None
    library_version: str | None = None
    port: int | None = None
    open_sockets: int | None = None
    max_open_sockets: int | None = None
    hostname: str | None = None
    pid: int | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """One look at a client: its torrents in one view (tuples as in :data:`model.fields.LIST`) and its globals."""

    rows: list[Row]
    globals: Globals
    view: str = 'main'


@dataclass(frozen=True, slots=True)
class Changes:
    """What a client said at one tick.

    :ivar rows: torrents that may have changed, as in :data:`model.fields.LIST`; equal ones do no harm. A ``tracker`` of
        None was not asked for, and what was known of it stays.
    :ivar gone: info hashes that were erased.
    :ivar whole: ``rows`` are all there are.
    :ivar more: there is more to read that somebody waits for; the next tick should come soon.
    :ivar directory: the client's default directory where its disks are ours to see, ``''`` where it has to be asked
        (:meth:`Backend.free_space_of`), None where it does not say.
    """

    rows: list[Row]
    globals: Globals
    gone: tuple[str, ...] = ()
    whole: bool = False
    more: bool = False
    directory: str | None = None


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file of a torrent; ``path`` is relative, ``progress`` 0 to 1, ``priority`` 0 off, 1 normal, 2 high."""

    index: int
    path: str
    size: int
    completed_bytes: int
    progress: float
    priority: int


@dataclass(frozen=True, slots=True)
class PeerRow:
    """A connected peer. Rates in bytes a second, totals in bytes (None: not told), ``progress`` 0 to 1."""

    id: str
    address: str
    port: int
    client: str
    progress: float
    down_rate: int
    up_rate: int
    down_total: int | None
    up_total: int | None
    peer_rate: int | None
    is_encrypted: bool
    is_incoming: bool
    is_snubbed: bool
    is_banned: bool
    flags: str


@dataclass(frozen=True, slots=True)
class TrackerRow:
    """A tracker of a torrent. ``type`` is ``http``, ``udp`` or ``dht``; times are Unix seconds, 0 = never.

    :ivar message: its own words at the last announce, where the client tells them.
    """

    index: int
    url: str
    type: str
    group: int
    is_enabled: bool
    is_working: bool
    is_busy: bool
    is_extra: bool
    seeds: int
    leeches: int
    downloaded: int
    last_success: int
    last_failure: int
    failures: int
    next_announce: int
    interval: int
    new_peers: int
    message: str = ''


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything about one torrent. ``extra`` holds facts beyond the row by name; None where the client has none."""

    row: Row
    files: list[FileRow]
    peers: list[PeerRow]
    trackers: list[TrackerRow]
    extra: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Facts:
    """One torrent's row, and what :attr:`Detail.extra` holds."""

    row: Row
    extra: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pieces:
    """The pieces of a torrent.

    :ivar count: how many there are; ``size`` of each but the last in bytes; ``done`` how many are there.
    :ivar bits: one bit for each, the first piece's highest; None where the client does not tell.
    """

    count: int
    size: int
    done: int
    bits: bytes | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one verb on one torrent.

    :ivar state: ``done``, ``failed`` (nothing was done, or not all of it) or ``unknown`` (sent, but no answer came and
        reading back did not settle it; it may still happen).
    :ivar error: why, None when done.
    :ivar note: something worth saying although it is done.
    """

    target: str
    hash: str
    verb: str
    state: str
    error: PyroError | None = None
    note: str = ''

    @property
    def ok(self) -> bool:
        return self.state == 'done'

    @property
    def message(self) -> str:
        """A sentence for people, ``''`` where there is nothing to say."""
        return str(self.error) if self.error else self.note

    @property
    def code(self) -> str:
        """The code of the error (:mod:`lib.errors`), ``''`` when done."""
        return self.error.code if self.error else ''


@dataclass(frozen=True, slots=True)
class AddRequest:
    """A checked torrent or magnet for :meth:`Backend.add`.

    :ivar data: the clean .torrent, or None for a magnet.
    :ivar magnet: the canonical magnet, rebuilt by us, ``''`` for a .torrent.
    :ivar directory: an absolute path inside the allowed roots, ``''`` for the client's default.
    """

    info_hash: str
    name: str
    data: bytes | None
    magnet: str = ''
    start: bool = True
    label: str = ''
    directory: str = ''


@dataclass(frozen=True, slots=True)
class Added:
    """A torrent is in the client. ``existed``: it was there before and nothing about it was changed."""

    hash: str
    name: str
    existed: bool
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EncryptionState:
    """What a client says about encryption.

    :ivar style: ``flags`` (the old words), ``levels`` (``handshake_*`` and ``stream_*``) or ``modes`` (one of them).
    :ivar words: the words this client takes.
    :ivar confirmed: what the client says is set, None where it cannot say.
    """

    style: str
    words: tuple[str, ...]
    confirmed: str | None


class Watch(ABC):
    """Follows one client for one poller, and remembers between ticks what it needs to ask for changes only."""

    @abstractmethod
    def tick(self) -> Changes:
        """What changed since the last tick, in one request; the first one is ``whole``. Raises the WireError tree."""

    def want(self, hashes: Iterable[str]) -> None:  # noqa: B027 - a choice, not a duty
        """Read these torrents at the next tick whatever the client says: something was written to them.

        Called from any thread.
        """

    def close(self) -> None:  # noqa: B027 - likewise
        """Leave the client as it was found; nobody asks any more. Raises the WireError tree."""


class WholeWatch(Watch):
    """Asks a client for everything at every tick: for clients that cannot say what changed."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def tick(self) -> Changes:
        overview = self._backend.overview()
        return Changes(overview.rows, overview.globals, whole=True)


class Backend(ABC):
    """One torrent client.

    :ivar name: the configured name of the target.
    :ivar kind: ``rtorrent``, ``transmission`` or the name of a user's own class.
    :ivar capabilities: words of :data:`CAPABILITIES`.
    :ivar choices: the words that the client takes for a setting, by its key, where it does not take all there are.
    """

    name: str
    kind: str
    capabilities: frozenset[str]
    choices: Mapping[str, tuple[str, ...]] = MappingProxyType({})

    @abstractmethod
    def views(self) -> list[str]:
        """The views to offer, ``main`` first, the user's own last."""

    @abstractmethod
    def rows(self, view: str = 'main') -> list[Row]:
        """The torrents of a view. NotFound for a view the client does not have."""

    def members(self, view: str) -> frozenset[str]:
        """The info hashes of the torrents in a view. NotFound for a view the client does not have."""
        return frozenset(row[INDEX['hash']] for row in self.rows(view))

    @abstractmethod
    def globals(self) -> Globals:
        """Rates, limits and versions."""

    @abstractmethod
    def overview(self, view: str = 'main') -> Overview:
        """:meth:`rows` and :meth:`globals` in one request."""

    def free_space_of(self, hashes: Sequence[str]) -> list[int | None]:
        """Bytes free on the disk of each of some open torrents; None where the client does not say."""
        return [None] * len(hashes)

    def watch(self) -> Watch:
        """A follower of this client, for the one poller it has."""
        return WholeWatch(self)

    @abstractmethod
    def detail(self, info_hash: str) -> Detail:
        """One torrent with files, peers and trackers, in one request. NotFound for a hash the client does not have."""

    # Parts of the detail, each in one request, with the errors of detail(). A client that can tell a part alone does.

    def facts(self, info_hash: str) -> Facts:
        """Row and facts of one torrent."""
        detail = self.detail(info_hash)
        return Facts(detail.row, detail.extra)

    def files(self, info_hash: str) -> list[FileRow]:
        """Its files, by index."""
        return self.detail(info_hash).files

    def peers(self, info_hash: str) -> list[PeerRow]:
        """Its connected peers."""
        return self.detail(info_hash).peers

    def trackers(self, info_hash: str) -> list[TrackerRow]:
        """Its trackers, by index."""
        return self.detail(info_hash).trackers

    def pieces(self, info_hash: str) -> Pieces:
        """Its pieces. Conflict where the client does not tell."""
        raise Conflict(said('%(name)s does not tell which pieces it has.', name=self.name))

    @abstractmethod
    def row(self, info_hash: str) -> Row:
        """One torrent's row. NotFound for a hash the client does not have."""

    @abstractmethod
    def perform(self, verb: str, hashes: Sequence[str], args: Mapping[str, Any]) -> list[Outcome]:
        """Do a checked verb of :mod:`model.actions` to torrents, all in one request; one outcome each, in order."""

    @abstractmethod
    def add(self, request: AddRequest) -> Added:
        """Add a torrent that was checked by :mod:`model.adding`, and see that it is there."""

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """The values of :data:`model.settings.SETTINGS` the client has, in one request."""

    @abstractmethod
    def set_settings(self, values: Mapping[str, Any]) -> None:
        """Set checked settings, in one request. A fault names the setting."""

    @abstractmethod
    def encryption(self) -> EncryptionState:
        """Which words the client takes, and what it says is set."""

    @abstractmethod
    def set_encryption(self, words: Sequence[str]) -> None:
        """Set checked words; never called without any."""
