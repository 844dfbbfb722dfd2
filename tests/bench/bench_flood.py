"""Ours beside Flood: the same rTorrent with 10,000 torrents, the same Chromium, one run.

``python -m tests.bench.bench_flood [count] [seconds]``; ``seconds`` for each measurement of processor time. Needs npm
for the first run.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Protocol

from playwright.sync_api import Browser, sync_playwright

from tests.bench import library, procfs
from tests.bench.browser_figures import TIMEOUT, Arrival, Site, Use, arrive, median, use, viewer
from tests.bench.flood import Flood
from tests.bench.ours import Ours
from tests.conftest import CHROMIUM, SWITCHES
from tests.rig import Rtorrent
from tests.rig.factory import Factory

ROUNDS = 5
VIEWERS = 10


class Server(Protocol):
    """What the bench starts and ends."""

    url: str
    pid: int

    def close(self) -> None: ...


@dataclass
class Found:
    """All figures of one interface; ``loads`` are shares of a processor, by number of viewers and process."""

    cold: list[Arrival] = field(default_factory=list)
    warm: list[Arrival] = field(default_factory=list)
    use: Use = field(default_factory=Use)
    loads: dict[tuple[int, str], float] = field(default_factory=dict)
    memory: float = 0.0


class Measuring:
    """One interface in one browser over one rTorrent.

    :param seconds: of each measurement of processor time.
    """

    def __init__(self, browser: Browser, rtorrent: Rtorrent, seconds: float) -> None:
        self._browser, self._rtorrent, self._seconds = browser, rtorrent, seconds

    def run(self, server: Server, site: Site) -> Found:
        print(f'measuring {type(server).__name__}', flush=True)
        found = Found()
        with viewer(self._browser, site) as page:
            arrive(page, site)  # both servers learn what their client has on the first look
        for _ in range(ROUNDS):
            with viewer(self._browser, site) as page:
                found.cold.append(arrive(page, site))
                found.warm.append(arrive(page, site))
            cold, warm = found.cold[-1], found.warm[-1]
            print(
                f'  rows after {cold.rows:.0f} ms, warm {warm.rows:.0f} ms; {cold.bytes:,} bytes', flush=True
            )
        with viewer(self._browser, site) as page:
            arrive(page, site)
            found.use = use(page, site)
        self._load(found, server, site, 1)
        self._load(found, server, site, VIEWERS)
        found.memory = procfs.rss(server.pid)
        return found

    def _load(self, found: Found, server: Server, site: Site, viewers: int) -> None:
        with ExitStack() as stack:
            for _ in range(viewers):
                page = stack.enter_context(viewer(self._browser, site))
                page.goto(site.url, wait_until='commit')
                # That they are painted is not waited for: ten pages of Flood have this machine paint for minutes.
                page.wait_for_function(
                    f'() => document.querySelector({site.rows!r})', timeout=TIMEOUT, polling=500
                )
            shares = self.shares(server=server.pid, rtorrent=self._rtorrent.pid)
            print(f'  {viewers} viewers: ' + ', '.join(f'{k} {v:.2%}' for k, v in shares.items()), flush=True)
            found.loads |= {(viewers, name): share for name, share in shares.items()}

    def shares(self, **pids: int) -> dict[str, float]:
        """Let everything settle for a moment, then count."""
        time.sleep(5)
        meter = procfs.Meter(pids).start()
        time.sleep(self._seconds)
        return meter.shares()


def flood_site(flood: Flood, expected: dict[str, int]) -> Site:
    return Site(flood.url, '.torrent[role=row]', '.sidebar-filter__item', '.search input', expected)


def our_site(ours: Ours, expected: dict[str, int]) -> Site:
    search = 'input[type=search][name=q]'
    return Site(ours.url, '#torrents [data-hash]', '#facets .facet', search, expected, ours.cookie)


def expected(entries: list[library.Entry]) -> dict[str, int]:
    """Facets that both interfaces show at once: every label, and the trackers with most torrents."""
    named = {label: count for label, count in library.labels(entries).items() if label}
    return named | dict(library.trackers(entries).most_common(4))


@dataclass(frozen=True)
class Line:
    """One line of the report. ``most``: the goal, as ours/Flood where ``of_flood``, else in the figure's own unit."""

    what: str
    unit: str
    figure: Callable[[Found], float]
    most: float | None = None
    of_flood: bool = True

    def show(self, flood: Found, ours: Found) -> tuple[str, bool]:
        theirs, mine = self.figure(flood), self.figure(ours)
        ratio = mine / theirs if theirs else float('inf')
        goal, met = '', True
        if self.most is not None:
            met = (ratio if self.of_flood else mine) <= self.most
            said = f'1/{1 / self.most:.0f} of Flood' if self.of_flood else f'{self.most:,g} {self.unit}'
            goal = f'at most {said}: {"met" if met else "MISSED"}'
        shown = f'1/{1 / ratio:,.1f}' if 0 < ratio < 1 else f'{ratio:.1f} ×'
        return f'  {self.what:42}{theirs:10,.1f}{mine:10,.1f} {self.unit:6}{shown:>9}   {goal}'.rstrip(), met


def lines(alone: float) -> list[Line]:
    """:param alone: rTorrent's own share of a processor with nobody asking; it is taken off."""

    def rtorrent(viewers: int) -> Callable[[Found], float]:
        return lambda found: max(0.0, found.loads[viewers, 'rtorrent'] - alone) * 100

    def server(viewers: int) -> Callable[[Found], float]:
        return lambda found: found.loads[viewers, 'server'] * 100

    return [
        Line('first rows painted, cold cache', 'ms', lambda f: median([a.rows for a in f.cold]), 1 / 7),
        Line('first rows painted, warm cache', 'ms', lambda f: median([a.rows for a in f.warm])),
        Line('all facets painted, cold cache', 'ms', lambda f: median([a.facets for a in f.cold]), 1 / 5),
        Line('all facets painted, warm cache', 'ms', lambda f: median([a.facets for a in f.warm])),
        Line('bytes until then, cold cache', 'kB', lambda f: median([a.bytes for a in f.cold]) / 1e3, 1 / 40),
        Line('bytes until then, warm cache', 'kB', lambda f: median([a.bytes for a in f.warm]) / 1e3),
        Line('rTorrent’s processor, 1 viewer', '%', rtorrent(1), 1 / 10),
        Line(f'rTorrent’s processor, {VIEWERS} viewers', '%', rtorrent(VIEWERS)),
        Line('server’s processor, 1 viewer', '%', server(1), 1 / 10),
        Line(f'server’s processor, {VIEWERS} viewers', '%', server(VIEWERS)),
        Line('server’s memory', 'MB', lambda f: f.memory, 1 / 4),
        Line('JS heap after scrolling', 'MB', lambda f: f.use.heap, 15, False),
        Line('DOM nodes', '', lambda f: f.use.nodes, 3000, False),
        Line('of them elements in the page', '', lambda f: f.use.elements),
        Line('longest task while scrolling', 'ms', lambda f: f.use.longest, 100, False),
        Line('frames without rows while scrolling', '%', lambda f: f.use.blank * 100),
        Line('nor anything in their place', '%', lambda f: f.use.empty * 100),
        Line('keystroke to painted rows, median', 'ms', lambda f: median(f.use.keys)),
        Line('keystroke to painted rows, longest', 'ms', lambda f: max(f.use.keys, default=0), 100, False),
    ]


def report(flood: Found, ours: Found, alone: float) -> bool:
    """Print everything. :returns: whether all goals are met."""
    print(f'  {"":42}{"Flood":>10}{"ours":>10}')
    good = True
    for line in lines(alone):
        text, met = line.show(flood, ours)
        good &= met
        print(text)
    one, ten = (max(0.0, ours.loads[viewers, 'rtorrent'] - alone) * 100 for viewers in (1, VIEWERS))
    same = ten <= one + 0.5
    print(
        f'  {VIEWERS} viewers cost rTorrent {ten:.2f} %, one {one:.2f} % (no more: {"met" if same else "MISSED"})'
    )
    for name, found in (('Flood', flood), ('ours', ours)):
        keys = ', '.join(f'{each:.0f}' for each in found.use.keys)
        print(f'  {name}: keystrokes {keys} ms; scrolled through {found.use.scrolled:,} px')
    return good and same


def main(arguments: list[str]) -> int:
    count = int(arguments[0]) if arguments else 10_000
    seconds = float(arguments[1]) if len(arguments) > 1 else 30.0
    factory = Factory()
    with ExitStack() as stack:
        stack.callback(factory.close)
        rtorrent = factory('0.9.8', settings=library.SETTINGS)
        wanted = expected(library.fill(rtorrent, count))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        measuring = Measuring(browser, rtorrent, seconds)
        alone = measuring.shares(rtorrent=rtorrent.pid)['rtorrent']
        print(f'{count:,} torrents; rTorrent alone takes {alone:.2%} of a processor, taken off below')
        flood, ours = _both(measuring, rtorrent, wanted)
        browser.close()
        return 0 if report(flood, ours, alone) else 1


def _both(measuring: Measuring, rtorrent: Rtorrent, wanted: dict[str, int]) -> tuple[Found, Found]:
    flood = Flood(rtorrent)
    try:
        theirs = measuring.run(flood, flood_site(flood, wanted))
    finally:
        flood.close()
    ours = Ours(home=rtorrent)
    try:
        return theirs, measuring.run(ours, our_site(ours, wanted))
    finally:
        ours.close()


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
