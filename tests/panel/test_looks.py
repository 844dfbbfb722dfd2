"""What is seen where colours are pinned, on paper, on a tablet, and of what is excluded."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.a11y import walk
from tests.live_page.serve import Served
from tests.panel.conftest import Visit

ROWS = '#torrents tbody tr[data-hash]'


def style(place: Locator, name: str) -> str:
    return str(place.evaluate('(e, name) => getComputedStyle(e)[name]', name))


def differ(one: Locator, other: Locator) -> bool:
    """Whether the two stand on other grounds."""
    return style(one, 'backgroundColor') != style(other, 'backgroundColor')


def test_pinned_colours_tell_what_is_chosen(served: Served, visit: Visit) -> None:
    page = visit(f'{served.url}?in=state:stopped', forced_colors='active')
    assert differ(page.locator('#facets .s-stopped .facet'), page.locator('#facets .s-seeding .facet'))
    page.locator('.top-nav summary').click()
    pressed = page.locator('.top-nav [aria-pressed=true]').first
    assert differ(pressed, page.locator('.top-nav [aria-pressed=false]').first)
    page.keyboard.press('Escape')
    page.keyboard.press('Control+k')
    items = page.locator('.palette-item')
    expect(items.nth(1)).to_be_visible()
    assert differ(items.nth(0), items.nth(1))
    page.keyboard.press('Escape')
    page.locator(f'{ROWS} input').first.check()
    name = page.locator(ROWS).first.locator('.c-name')
    assert style(name.locator('.icon'), 'fill') == style(name.locator('a'), 'color')
    name.locator('a').click()
    tabs = page.locator('.panel-tabs button')
    expect(tabs.first).to_have_attribute('aria-selected', 'true')
    assert style(tabs.nth(0), 'borderBottomColor') != style(tabs.nth(1), 'borderBottomColor')


def test_paper_has_the_list_as_a_table_and_nothing_to_press(served: Served, visit: Visit) -> None:
    page = visit(served.url, width=1000, color_scheme='dark')
    seen = page.locator(ROWS).count()
    page.evaluate('dispatchEvent(new Event("beforeprint"))')
    page.emulate_media(media='print')
    page.set_viewport_size({'width': 690, 'height': 900})  # A4 between broad margins
    assert page.locator(ROWS).count() == 60 > seen
    last = page.locator(ROWS).last.bounding_box()
    assert last
    assert last['y'] > 900
    assert walk.ask(page, 'sideways') == []
    expect(page.get_by_role('button')).to_have_count(0)
    assert style(page.locator('html'), 'colorScheme') == 'light'
    columns = page.locator(f'{ROWS} .c-ratio')
    assert len({box['x'] + box['width'] for each in columns.all() if (box := each.bounding_box())}) == 1


def test_a_tablet_has_tables_that_fit_and_counts_the_filters(served: Served, visit: Visit) -> None:
    page = visit(f'{served.url}?not=label:linux', width=768, height=1024)
    expect(page.locator('.filter-link')).to_have_attribute('data-chosen', '1')
    page.locator(f'{ROWS} .c-name a').first.click()
    body = page.locator('.panel-body')
    for tab in ('Peers', 'Trackers'):
        page.get_by_role('tab', name=tab).click()
        expect(body.locator('tbody tr').first).to_be_visible()
        assert body.evaluate('(e) => e.scrollWidth - e.clientWidth') == 0
    page.set_viewport_size({'width': 1024, 'height': 500})
    page.locator('.columns-button').click()
    expect(page.locator('.column-menu')).to_be_visible()
    box = page.locator('.column-menu').bounding_box()
    assert box
    assert box['y'] + box['height'] <= 500


def minus_of(page: Page, label: str) -> Locator:
    return page.locator('[data-group=label] li, li', has_text=label).locator('.facet-not').first


def test_the_minus_of_what_is_excluded_is_seen_under_the_pointer_and_covers_no_count(
    served: Served, visit: Visit
) -> None:
    page = visit(f'{served.url}?not=label:linux', width=1024)
    minus = minus_of(page, 'linux')
    minus.hover()
    assert style(minus, 'backgroundColor') != style(minus, 'color')
    assert style(minus, 'backgroundColor') == style(page.locator('#torrent-count'), 'color')
    box, count = minus.bounding_box(), minus.locator('xpath=..').locator('.count').bounding_box()
    assert box
    assert count
    assert count['x'] + count['width'] <= box['x']
    line = minus.locator('xpath=..').bounding_box()
    assert line
    assert line['y'] <= box['y'] <= box['y'] + box['height'] <= line['y'] + line['height']
