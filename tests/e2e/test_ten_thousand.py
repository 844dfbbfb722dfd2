"""The list in Chromium over a real rTorrent with 10,000 torrents."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.bench import library
from tests.bench.library import Entry
from tests.bench.ours import Ours
from tests.rig import Rtorrent, wait_for
from tests.rig.factory import Factory

COUNT = 10_000
SEARCH = 'input[type=search][name=q]'
STOPPED = re.compile('s-stopped')
PATIENCE = 30_000  # milliseconds
# What is on screen of the list: place in the whole list, and the name where the row is there.
SEEN = """() => {
  const { top, bottom } = document.querySelector('#rows').getBoundingClientRect();
  const head = document.querySelector('#torrents thead').getBoundingClientRect().bottom;
  const rows = [...document.querySelectorAll('#torrents tbody [role=row]')];
  return rows.map((row) => [row, row.getBoundingClientRect()])
    .filter(([, box]) => box.bottom > Math.max(top, head) + 1 && box.top < bottom - 1)
    .map(([row, box]) => ({
      index: row.ariaRowIndex - 2,
      name: row.dataset.hash ? row.querySelector('bdi')?.textContent ?? '' : '',
      above: Math.round(box.top - Math.max(top, head)),
      below: Math.round(bottom - box.bottom),
    }))
    .sort((a, b) => a.index - b.index);
}"""
SCROLL = """(share) => {
  const rows = document.querySelector('#rows');
  rows.scrollTop = (rows.scrollHeight - rows.clientHeight) * share;
}"""
SORTED = """(seen) => {
  const sort = new URLSearchParams(location.search).get('sort') ?? '';
  return sort.includes('size') && !seen.includes(sort) && sort;
}"""


@dataclass
class World:
    """One rTorrent full of torrents, and pyroTorrent over it."""

    rtorrent: Rtorrent
    entries: list[Entry]
    ours: Ours


@pytest.fixture(scope='module')
def world(start_shared_rtorrent: Factory) -> Iterator[World]:
    rtorrent = start_shared_rtorrent('0.9.8', settings=library.QUICK)
    entries = library.fill(rtorrent, COUNT)
    ours = Ours(home=rtorrent)
    yield World(rtorrent, entries, ours)
    ours.close()


@pytest.fixture
def page(chromium: Browser, world: World) -> Iterator[Page]:
    """A logged-in page; an error in its scripts fails the test."""
    context = chromium.new_context(base_url=world.ours.url, viewport={'width': 1400, 'height': 900})
    name, _, value = world.ours.cookie.partition('=')
    context.add_cookies([{'name': name, 'value': value, 'url': world.ours.url}])
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    problems: list[str] = []
    page.on('pageerror', lambda error: problems.append(str(error)))
    yield page
    context.close()
    assert problems == []


def look(page: Page, address: str = '') -> None:
    page.goto(f'./{address}')
    expect(page.locator('#torrents[role=grid] [data-hash]').first).to_be_visible(timeout=PATIENCE)


def expect_rows(page: Page, names: list[str], first: int | None = None) -> None:
    """Wait until the screen shows rows of the list ``names`` from top to bottom, from ``first`` on."""

    def right() -> bool:
        seen[:] = page.evaluate(SEEN)
        places = [row['index'] for row in seen]
        if not places or places != [*range(places[0], places[-1] + 1)] or first not in (None, places[0]):
            return False
        whole = seen[0]['above'] <= 1 and (seen[-1]['below'] <= 1 or places[-1] == len(names) - 1)
        return whole and [row['name'] for row in seen] == names[places[0] : places[-1] + 1]

    seen: list[dict[str, Any]] = []
    try:
        wait_for(right, PATIENCE / 1000, 'the rows')
    except Exception as error:
        raise AssertionError(f'{error} The screen shows {seen}') from error


def count(page: Page, number: int) -> None:
    expect(page.locator('#torrent-count')).to_have_text(f'{number:,}', timeout=PATIENCE)


def by_name(entries: list[Entry]) -> list[str]:
    return sorted(entry.name for entry in entries)


def scroll(page: Page, share: float) -> None:
    page.evaluate(SCROLL, share)


def test_the_scrollbar_leads_through_the_whole_list_and_back(page: Page, world: World) -> None:
    look(page, '?sort=name')
    names = by_name(world.entries)
    count(page, COUNT)
    expect_rows(page, names, 0)
    for share in (0.31, 0.77, 0.5):
        scroll(page, share)
        expect_rows(page, names)
    scroll(page, 1)
    expect_rows(page, names)
    assert page.evaluate(SEEN)[-1]['index'] == COUNT - 1
    page.locator('#rows').hover()
    for _ in range(15):
        page.mouse.wheel(0, -2000)
    expect_rows(page, names)
    scroll(page, 0)
    expect_rows(page, names, 0)
    assert page.evaluate('document.querySelectorAll("*").length') < 3000


def test_a_click_on_a_column_sorts_all_of_it(page: Page, world: World) -> None:
    look(page)
    rising = sorted(world.entries, key=lambda entry: entry.size)
    head = page.get_by_role('columnheader', name='Size').get_by_role('link')
    seen: set[str] = set()
    for _ in range(2):
        head.click()
        sort = page.wait_for_function(SORTED, arg=[*seen]).json_value()
        seen.add(sort)
        wanted = rising[::-1] if sort.startswith('-') else rising
        expect_rows(page, [entry.name for entry in wanted], 0)
    assert len(seen) == 2


def test_typing_filters_all_of_it(page: Page, world: World) -> None:
    look(page, '?sort=name')
    found = [entry for entry in world.entries if 'zeppelin' in entry.name]
    page.locator(SEARCH).press_sequentially('zeppelin')
    count(page, len(found))
    expect_rows(page, by_name(found), 0)
    page.locator(SEARCH).fill('label=linux size>1g')
    found = [entry for entry in world.entries if entry.label == 'linux' and entry.size > 1 << 30]
    count(page, len(found))
    expect_rows(page, by_name(found), 0)
    page.reload()
    count(page, len(found))
    expect_rows(page, by_name(found), 0)


def started(world: World) -> set[str]:
    return {
        name
        for name, state in world.rtorrent.call('d.multicall2', '', 'main', 'd.name=', 'd.state=')
        if state
    }


def test_all_that_match_are_stopped_also_those_never_seen(page: Page, world: World) -> None:
    matching = [entry for entry in world.entries if entry.label == 'linux']
    before = started(world)
    mine = {entry.name for entry in matching}
    beyond = set(by_name(matching)[500:])
    assert before & beyond
    look(page, '?sort=name&q=label%3Dlinux')
    count(page, len(matching))
    expect_rows(page, by_name(matching), 0)
    page.locator('#all').check()
    page.locator('.toolbar [data-verb=stop]').click()
    wait_for(lambda: not started(world) & mine, 30, 'all that match to be stopped')
    assert started(world) == before - mine
    expect(page.locator('#torrents [data-hash].s-stopped').first).to_be_visible(timeout=PATIENCE)


def stopped(world: World, label: str) -> Entry:
    """A small torrent that nothing has started yet."""
    return next(
        entry
        for entry in world.entries
        if not entry.started and entry.label == label and entry.size < 200_000
    )


def expect_start(page: Page, world: World, entry: Entry) -> None:
    """Somebody else starts a torrent, and the page shows it."""
    row = page.locator(f'#torrents [data-hash="{entry.info_hash}"]')
    expect(row).to_have_class(STOPPED, timeout=PATIENCE)
    begun = time.monotonic()
    world.rtorrent.call('d.start', entry.info_hash)
    expect(row).not_to_have_class(STOPPED, timeout=PATIENCE)
    print(f'seen {time.monotonic() - begun:.2f} s after the change')


def test_a_change_is_seen_without_a_reload(page: Page, world: World) -> None:
    entry = stopped(world, 'music')
    look(page, f'?q={entry.word}')
    expect_start(page, world, entry)


def test_an_rtorrent_that_went_away_is_told_with_the_age_and_comes_back_by_itself(
    page: Page, world: World
) -> None:
    look(page, '?sort=name')
    page.evaluate('window.notReloaded = true')
    world.rtorrent.kill()
    notice = page.locator('#notices section')
    expect(notice).to_contain_text('home does not answer', timeout=PATIENCE)
    expect(notice).to_contain_text(re.compile(r'as it was .*\d.* ago'), timeout=PATIENCE)
    expect_rows(page, by_name(world.entries), 0)
    world.rtorrent.start(120)
    expect(notice).to_have_count(0, timeout=2 * PATIENCE)
    count(page, COUNT)
    entry = stopped(world, 'films')
    page.locator(SEARCH).fill(entry.word)
    expect_start(page, world, entry)
    assert page.evaluate('window.notReloaded')
