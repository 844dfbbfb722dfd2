"""What somebody sees in Chromium: when the first rows and the facets are there, what that took, how it scrolls."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, ViewportSize

PROBE = (Path(__file__).parent / 'probe.js').read_text()
VIEWPORT: ViewportSize = {'width': 1400, 'height': 900}
TIMEOUT = 120_000  # milliseconds
TYPED = ('zepp', 'maple', 'river', 'heron')
BETWEEN = 150  # milliseconds from a painted answer to the next letter


@dataclass(frozen=True)
class Site:
    """Where a list and its facets are in a page.

    :ivar rows: selector of the rows. :ivar facets: of the facets' values. :ivar search: of the search box.
    :ivar expected: words and counts that the facets show when they are known.
    :ivar cookie: ``name=value`` of a session.
    """

    url: str
    rows: str
    facets: str
    search: str
    expected: dict[str, int]
    cookie: str = ''


@dataclass
class Arrival:
    """Milliseconds since navigation, and bytes over the wire until both were there."""

    rows: float
    facets: float
    bytes: int


@dataclass
class Use:
    """What a page weighs and how it moves.

    :ivar heap: MB after a collection. :ivar nodes: all DOM nodes, texts and those not in the page included.
    :ivar longest: milliseconds of the longest task while scrolling. :ivar blank: share of the frames while scrolling
        in which no row was at the middle of the list. :ivar empty: of these, those with nothing in its place.
    :ivar keys: milliseconds from keystrokes to painted rows.
    """

    heap: float = 0.0
    nodes: int = 0
    elements: int = 0
    longest: float = 0.0
    blank: float = 0.0
    empty: float = 0.0
    scrolled: int = 0
    keys: list[float] = field(default_factory=list)


class Wire:
    """Counts the bytes that arrive for a page, headers included, with the time of each."""

    def __init__(self, cdp: CDPSession) -> None:
        self._arrived: list[tuple[float, str, int]] = []
        self._total: dict[str, tuple[float, int]] = {}
        self._offset = 0.0
        cdp.on('Network.requestWillBeSent', self._asked)
        cdp.on('Network.responseReceived', self._answered)
        cdp.on('Network.dataReceived', self._received)
        cdp.on('Network.loadingFinished', self._finished)
        cdp.send('Network.enable')

    def _asked(self, event: dict[str, Any]) -> None:
        self._offset = event['wallTime'] - event['timestamp']

    def _answered(self, event: dict[str, Any]) -> None:
        if not event['response'].get('fromDiskCache'):
            size = int(event['response']['encodedDataLength'])
            self._arrived.append((event['timestamp'], event['requestId'], size))

    def _received(self, event: dict[str, Any]) -> None:
        self._arrived.append((event['timestamp'], event['requestId'], int(event['encodedDataLength'])))

    def _finished(self, event: dict[str, Any]) -> None:
        self._total[event['requestId']] = (event['timestamp'], int(event['encodedDataLength']))

    def until(self, epoch: float) -> int:
        """Bytes that had arrived at ``epoch`` (seconds since 1970): whole answers, and of the unfinished what came."""
        moment = epoch - self._offset
        whole = {name: size for name, (at, size) in self._total.items() if at <= moment}
        pieces = sum(size for at, name, size in self._arrived if at <= moment and name not in whole)
        return sum(whole.values()) + pieces


@contextmanager
def viewer(browser: Browser, site: Site) -> Iterator[Page]:
    """A page in a browser profile of its own, its cache empty."""
    context = browser.new_context(viewport=VIEWPORT)
    try:
        yield prepare(context, site)
    finally:
        context.close()


def prepare(context: BrowserContext, site: Site) -> Page:
    if site.cookie:
        name, _, value = site.cookie.partition('=')
        context.add_cookies([{'name': name, 'value': value, 'url': site.url}])
    wanted = {'rows': site.rows, 'facets': site.facets, 'expected': site.expected}
    context.add_init_script(f'({PROBE})({json.dumps(wanted)})')
    return context.new_page()


def arrive(page: Page, site: Site) -> Arrival:
    """Navigate and wait for the first rows and all facets."""
    cdp = page.context.new_cdp_session(page)
    wire = Wire(cdp)
    page.goto(site.url, wait_until='commit')
    page.wait_for_function('() => bench.rows && bench.facets', timeout=TIMEOUT)
    page.wait_for_timeout(200)  # events about the last bytes
    found = page.evaluate('() => ({rows: bench.rows, facets: bench.facets, origin: performance.timeOrigin})')
    last = (found['origin'] + max(found['rows'], found['facets'])) / 1000
    cdp.detach()
    return Arrival(found['rows'], found['facets'], wire.until(last))


def use(page: Page, site: Site) -> Use:
    """Scroll and type in a page that has arrived."""
    found = Use()
    scrolled = page.evaluate('() => bench.scroll()')
    found.longest, found.blank = scrolled['longest'], scrolled['blank']
    found.empty, found.scrolled = scrolled['empty'], scrolled['height']
    box = page.locator(site.search).first
    box.click()
    for word in TYPED:
        box.fill('')
        page.wait_for_timeout(1000)
        for letter in word:
            page.wait_for_timeout(BETWEEN)
            page.evaluate('() => bench.listen()')
            page.keyboard.press(letter)
            taken = page.evaluate('() => bench.done')
            if taken is not None:
                found.keys.append(taken)
    box.fill('')
    page.wait_for_timeout(1000)
    cdp = page.context.new_cdp_session(page)
    cdp.send('Performance.enable')
    cdp.send('HeapProfiler.collectGarbage')
    figures = {each['name']: each['value'] for each in cdp.send('Performance.getMetrics')['metrics']}
    found.heap, found.nodes = figures['JSHeapUsedSize'] / 1e6, int(figures['Nodes'])
    found.elements = page.evaluate('() => document.querySelectorAll("*").length')
    cdp.detach()
    return found


def median(values: list[float]) -> float:
    return statistics.median(values) if values else float('nan')
