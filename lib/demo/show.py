"""The demo: private rTorrents that really transfer data to one another."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
import time
import xmlrpc.client
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from lib.demo.catalogue import ENTRIES, HOME, SEEDBOX, Entry
from lib.demo.process import wait_for
from lib.demo.rtorrent import SOCKET_LIMIT, Rtorrent
from lib.demo.torrents import Made, make
from lib.demo.tracker import Tracker
from lib.errors import PyroError

# A third one gives what the other two want, so that there is more than one peer to see.
FRIEND = 'friend'
ADDRESSES = {HOME: '127.0.0.2', SEEDBOX: '127.0.0.3', FRIEND: '127.0.0.4'}
SILENT_TRACKER = 'http://127.0.0.1:1/announce'
REST = 60.0  # seconds a finished transfer stays before it starts over
ALONE = 20.0  # and one that nobody gives anything
TICK = 2.0
OWNER = 'pid'  # file with the process that runs the demo


class Demo:
    """``with Demo(directory) as demo:`` runs private rTorrents until the block ends.

    Transfers that finish start over after a minute, so rates and progress move for as long as somebody looks.
    Everything is on unix sockets and loopback addresses; content is mostly holes, so the downloads take the most disk,
    about 500 MB.
    To be entered in the main thread (see :func:`lib.demo.process.spawn`).

    :param directory: its subdirectory ``demo`` is emptied and then holds sessions and downloads.
    :param rest: seconds before a finished transfer starts over.
    :param alone: seconds before one without peers is loaded anew.
    """

    def __init__(
        self,
        directory: Path,
        *,
        rest: float = REST,
        alone: float = ALONE,
        entries: Sequence[Entry] = ENTRIES,
    ) -> None:
        self._directory = directory / 'demo'
        self._rest = rest
        self._alone = alone
        self._alone_since: dict[str, float] = {}
        self._entries = entries
        self._stack = contextlib.ExitStack()
        self._done = threading.Event()
        self._torrents: dict[str, Made] = {}
        self._tracker = Tracker()
        self.rtorrents: dict[str, Rtorrent] = {}

    @property
    def rtorrent_config(self) -> dict[str, dict[str, str]]:
        """The targets, as the setting ``rtorrent_config`` takes them."""
        return {name: {'url': self.rtorrents[name].url} for name in (HOME, SEEDBOX)}

    @property
    def download_roots(self) -> list[str]:
        """Where the targets keep their downloads."""
        return [str(self.rtorrents[name].downloads) for name in (HOME, SEEDBOX)]

    def __enter__(self) -> Demo:
        with contextlib.ExitStack() as stack:
            self._start(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _start(self, stack: contextlib.ExitStack) -> None:
        sweep(self._directory.parent)
        shutil.rmtree(self._directory, ignore_errors=True)
        self._directory.mkdir(parents=True)
        (self._directory / OWNER).write_text(str(os.getpid()), encoding='ascii')
        sockets = self._directory
        if len(bytes(sockets)) > SOCKET_LIMIT - 20:
            sockets = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix='pyro-', dir='/tmp')))
        rates = sorted({entry.rate for entry in self._entries if entry.rate})
        settings = [f'throttle.down = demo{rate},{rate}' for rate in rates]
        # Throttle groups count only below a global limit, here one that nobody reaches.
        settings.append('throttle.global_down.max_rate.set_kb = 20000')
        for name, address in ADDRESSES.items():
            rtorrent = Rtorrent(
                self._directory / name, settings=settings, address=address, socket=sockets / f'{name}.sock'
            )
            self.rtorrents[name] = rtorrent
            stack.callback(rtorrent.kill)
            rtorrent.start()
        stack.enter_context(self._tracker)
        for entry in self._entries:
            self._seed(entry)
        for entry in self._entries:
            self._take(entry, have=entry.have)
        wheel = threading.Thread(target=self._turn, name='demo', daemon=True)
        wheel.start()
        stack.callback(wheel.join)
        stack.callback(self._done.set)

    def _make(self, entry: Entry, owner: str, have: float) -> Made:
        announce = {'': self._tracker.url, 'silent': SILENT_TRACKER, 'refuses': self._tracker.refusing_url}
        made = make(
            self.rtorrents[owner].downloads,
            entry.name,
            entry.content,
            announce=announce[entry.tracker],
            have=have,
        )
        self._torrents[entry.name] = made
        return made

    def _seed(self, entry: Entry) -> None:
        """Load a torrent where it is complete, and wait for those announces that a taker depends on."""
        friends = (FRIEND,) if entry.taker and entry.seeds else ()
        for owner in (*entry.seeds, *friends):
            made = self._make(entry, owner, 1.0)
            self._load(self.rtorrents[owner], made, entry)
        if entry.taker and entry.seeds:
            self._tracker.wait_for_seed(self._torrents[entry.name].info_hash)

    def _take(self, entry: Entry, *, have: float) -> None:
        """Load a torrent where it is to be downloaded."""
        if not entry.taker:
            return
        made = self._make(entry, entry.taker, have)
        self._load(self.rtorrents[entry.taker], made, entry)

    def _load(self, rtorrent: Rtorrent, made: Made, entry: Entry) -> None:
        rtorrent.load(made.seed, made.info_hash)
        rtorrent.call('d.custom1.set', made.info_hash, quote(entry.label))
        if rtorrent is self.rtorrents.get(entry.taker):
            rtorrent.call('d.throttle_name.set', made.info_hash, entry.throttle)
        rtorrent.call('d.start', made.info_hash)
        if entry.stopped:
            # Only starting makes rTorrent look at what is there.
            wait_for(
                lambda: rtorrent.call('d.completed_bytes', made.info_hash), 10, f'{entry.name} to be there'
            )
            rtorrent.call('d.stop', made.info_hash)

    def _turn(self) -> None:
        """Start finished transfers over until the demo ends."""
        while not self._done.wait(TICK):
            for entry in self._entries:
                # Whoever tries the demo may erase torrents or stop an rTorrent; the rest goes on.
                with contextlib.suppress(OSError, xmlrpc.client.Error, PyroError):
                    self._start_over(entry)

    def _start_over(self, entry: Entry) -> None:
        made = self._torrents[entry.name]
        if not entry.taker or entry.stopped or not entry.seeds:
            return
        taker = self.rtorrents[entry.taker]
        if not taker.call('d.is_active', made.info_hash):
            self._alone_since.pop(entry.name, None)
            return
        finished = taker.call('d.timestamp.finished', made.info_hash)
        if finished:
            if time.time() - finished >= self._rest:
                self._load_anew(entry, taker, made, have=0.0)
        elif self._is_alone(entry, taker, made):
            size = taker.call('d.size_bytes', made.info_hash)
            self._load_anew(entry, taker, made, taker.call('d.completed_bytes', made.info_hash) / size)

    def _is_alone(self, entry: Entry, taker: Rtorrent, made: Made) -> bool:
        """Whether nobody was there for long: a rTorrent meets those it left again after ten minutes only."""
        if taker.call('d.peers_connected', made.info_hash):
            self._alone_since.pop(entry.name, None)
            return False
        return time.time() - self._alone_since.setdefault(entry.name, time.time()) >= self._alone

    def _load_anew(self, entry: Entry, taker: Rtorrent, made: Made, have: float) -> None:
        self._alone_since.pop(entry.name, None)
        taker.call('d.erase', made.info_hash)
        path = taker.downloads / entry.name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
        self._take(entry, have=have)


def sweep(directory: Path) -> None:
    """Remove what demos left that were killed, in temporary directories named like ``directory``.

    Only a subdirectory ``demo`` goes, only where it and the directory are ours, and only when its process is gone.
    """
    stem = directory.name.rpartition('-')[0]
    for other in directory.parent.glob(f'{stem}-*/demo') if stem else ():
        with contextlib.suppress(OSError, ValueError):
            pid = int((other / OWNER).read_text(encoding='ascii'))
            owners = {other.lstat().st_uid, other.parent.lstat().st_uid}
            if owners == {os.geteuid()} and not other.is_symlink() and not Path('/proc', str(pid)).exists():
                shutil.rmtree(other)
