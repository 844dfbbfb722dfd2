"""The list on a phone: cards, a long press, sheets at the thumb; all without a swipe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.a11y import walk
from tests.a11y.axe import violations
from tests.phone.conftest import PHONE, go
from tests.rig import Rtorrent, make
from tests.web.conftest import Build
from tests.web.site import Site

ROWS = '#torrents tbody tr[data-hash]'
SMALL = PHONE | {'viewport': {'width': 320, 'height': 568}}


@pytest.fixture
def address(build: Build, rtorrent: Rtorrent, serve: Callable[[Site], str], tmp_path: Path) -> str:
    """A site with twelve torrents that nobody has to log in to."""
    for number in range(12):
        name = f'torrent-{number:02d}.{"a.long.name." * 9 if number == 3 else "iso"}'
        made = make(tmp_path, name, 70_000, announce='http://127.0.0.1:1/announce')
        rtorrent.load(made.data, made.info_hash, start=number % 2 == 0)
    return serve(build({'USE_AUTH': False}, home=rtorrent))


@pytest.fixture
def page(address: str, visit: Callable[..., Page]) -> Page:
    page = visit(**PHONE)
    go(page, f'{address}/')
    expect(page.get_by_role('grid')).to_be_visible()
    expect(page.locator(ROWS).nth(8)).to_be_visible()
    return page


def hold(page: Page, row: Locator, until: Locator) -> None:
    """Press a finger on a row until something is seen, and lift it."""
    box = row.bounding_box()
    assert box
    point = {'x': box['x'] + box['width'] / 2, 'y': box['y'] + box['height'] / 2}
    devtools = page.context.new_cdp_session(page)
    devtools.send('Input.dispatchTouchEvent', {'type': 'touchStart', 'touchPoints': [point]})
    expect(until).to_be_visible()
    devtools.send('Input.dispatchTouchEvent', {'type': 'touchEnd', 'touchPoints': []})


def select(page: Page, *places: int) -> None:
    """Select by a long press and further taps."""
    hold(page, page.locator(ROWS).nth(places[0]), page.get_by_role('button', name='Done', exact=True))
    for place in places[1:]:
        page.locator(ROWS).nth(place).tap()
    expect(page.locator('#selected')).to_have_text(f'{len(places)} selected')


def test_a_card_has_its_name_a_bar_and_one_line_of_figures(page: Page) -> None:
    card = page.locator(ROWS).nth(3)
    name, bar, state = (card.locator(part) for part in ('.c-name a', '.c-done progress', '.c-state'))
    tops = [part.bounding_box()['y'] for part in (name, bar, state)]
    assert tops == sorted(tops)
    assert name.bounding_box()['height'] > 30  # two lines
    top, end = tops[0], state.bounding_box()['y'] + state.bounding_box()['height']
    assert top >= card.bounding_box()['y'] + 3  # nothing stands on a line
    assert end <= card.bounding_box()['y'] + card.bounding_box()['height'] - 3
    assert page.locator('#torrents thead').is_hidden()
    assert card.bounding_box()['height'] <= 80


def test_trouble_with_a_client_takes_few_lines(page: Page, rtorrent: Rtorrent) -> None:
    rtorrent.stop()
    expect(page.get_by_role('region', name='home does not answer')).to_be_visible()
    assert page.locator('#notices').bounding_box()['height'] < 130
    expect(page.locator('#status')).to_be_hidden()
    page.get_by_role('link', name='Status').tap()
    expect(page.locator('#status .bad')).to_contain_text('does not answer')
    page.locator('#status').get_by_role('link', name='Close').tap()
    rtorrent.start()
    expect(page.locator('#notices section')).to_have_count(0)


def test_a_long_press_selects_and_taps_select_more(page: Page) -> None:
    select(page, 1, 2, 4)
    page.locator(ROWS).nth(2).tap()
    expect(page.locator('#selected')).to_have_text('2 selected')
    assert page.url.endswith('/')
    page.get_by_role('button', name='All 12').tap()
    expect(page.locator('#selected')).to_have_text('12 selected')
    page.get_by_role('button', name='Done', exact=True).tap()
    expect(page.locator('.toolbar .actions')).not_to_be_visible()


def test_a_finger_that_moves_scrolls_and_selects_nothing(page: Page) -> None:
    devtools = page.context.new_cdp_session(page)
    for kind, y in (('touchStart', 500), ('touchMove', 460), ('touchMove', 300)):
        devtools.send('Input.dispatchTouchEvent', {'type': kind, 'touchPoints': [{'x': 200, 'y': y}]})
    page.wait_for_function("document.querySelector('#rows').scrollTop > 0")
    page.evaluate('new Promise((done) => setTimeout(done, 600))')  # longer than a press has to last
    devtools.send('Input.dispatchTouchEvent', {'type': 'touchEnd', 'touchPoints': []})
    expect(page.locator('#torrents .chosen')).to_have_count(0)


def test_the_actions_lie_at_the_thumb_and_do_what_they_say(page: Page, rtorrent: Rtorrent) -> None:
    select(page, 0, 1)
    stop = page.locator('.toolbar').get_by_role('button', name='Stop')
    assert stop.bounding_box()['y'] > 844 / 2
    chosen = page.locator(f'{ROWS}.chosen').evaluate_all('(rows) => rows.map((row) => row.dataset.hash)')
    stop.tap()
    expect(page.locator(f'{ROWS}[data-hash="{chosen[0]}"] .c-state')).to_have_text('stopped')
    assert [rtorrent.call('d.state', each) for each in chosen] == [0, 0]


def test_the_last_torrent_can_be_reached_while_some_are_selected(page: Page) -> None:
    select(page, 0)
    page.locator('#rows').evaluate('(rows) => rows.scrollTo(0, rows.scrollHeight)')
    last = page.locator(f'{ROWS}[aria-rowindex="13"]')
    expect(last).to_be_visible()
    bar = page.locator('.toolbar').bounding_box()
    assert last.bounding_box()['y'] + last.bounding_box()['height'] <= bar['y'] + 1


@pytest.mark.parametrize(('link', 'sheet'), [('Filter', '#filter'), ('Status', '#status')])
def test_sheets_come_up_from_the_bar_and_close_in_four_ways(page: Page, link: str, sheet: str) -> None:
    opener, opened = page.locator('.bottom').get_by_role('link', name=link), page.locator(sheet)
    closers: tuple[Callable[[], None], ...] = (
        lambda: opened.locator('.sheet-close').tap(),
        lambda: page.keyboard.press('Escape'),
        lambda: opener.tap(),
        lambda: page.touchscreen.tap(195, 20),
    )
    for close in closers:
        expect(opened).not_to_be_visible()
        opener.tap()
        expect(opened).to_be_visible()
        box = opened.locator('.sheet-close').bounding_box()
        assert box['y'] + box['height'] <= page.locator('.bottom').bounding_box()['y'] + 1
        close()
    expect(opened).not_to_be_visible()


def test_rows_end_where_the_bar_of_the_selection_begins_and_no_word_stands_on_it(page: Page) -> None:
    select(page, 0, 1)
    bar, rows = page.locator('.toolbar').bounding_box(), page.locator('#rows').bounding_box()
    assert abs(rows['y'] + rows['height'] - bar['y']) <= 1
    assert abs(bar['y'] + bar['height'] - 844) <= 1
    page.locator('.toolbar [data-verb=check]').tap()
    toast = page.locator('.toast').bounding_box()
    assert toast['y'] + toast['height'] <= bar['y']
    assert walk.ask(page, 'cutOff') == []


def test_the_bar_counts_the_filters_and_completions_are_whole(page: Page) -> None:
    opener = page.locator('.bottom [href="#filter"]')
    opener.tap()
    page.locator('.facet[data-group=state]').first.tap()
    expect(opener).to_have_accessible_name('Filter, 1 chosen')
    expect(opener).to_have_attribute('data-chosen', '1')
    page.goto(page.url.partition('?')[0].partition('#')[0])
    page.locator('#q').press_sequentially('sta')
    words = page.locator('#completions code')
    expect(words.first).to_be_visible()
    assert words.evaluate_all('all => all.filter((each) => each.scrollWidth > each.clientWidth).length') == 0


def test_on_the_narrowest_phone_the_menu_is_whole_and_the_panel_has_its_headings(page: Page) -> None:
    page.set_viewport_size({'width': 320, 'height': 640})
    page.locator('.top-nav summary').tap()
    box = page.locator('.top-nav .menu-sheet').bounding_box()
    assert box['x'] >= 0
    assert box['x'] + box['width'] <= 320
    page.locator('.top-nav summary').tap()
    page.locator(f'{ROWS} .c-name a').first.tap()
    expect(page.locator('.facts').first).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize('scheme', ['light', 'dark'])
def test_axe_finds_nothing_in_the_states_of_a_phone(
    address: str, visit: Callable[..., Page], scheme: str
) -> None:
    page = visit(**SMALL, color_scheme=scheme)
    go(page, f'{address}/')
    expect(page.locator(ROWS).first).to_be_visible()
    found = {'list': violations(page) + walk.ask(page, 'tooSmall', 44) + walk.ask(page, 'sideways')}
    for link in 'Filter', 'Status':
        page.locator('.bottom').get_by_role('link', name=link).tap()
        found[link] = violations(page) + walk.ask(page, 'tooSmall', 44) + walk.ask(page, 'sideways')
        page.keyboard.press('Escape')
    select(page, 0)
    found['selected'] = violations(page) + walk.ask(page, 'tooSmall', 44) + walk.ask(page, 'sideways')
    problems = [f'{state}: {line}' for state, lines in found.items() for line in lines]
    assert not problems, '\n'.join(problems)
