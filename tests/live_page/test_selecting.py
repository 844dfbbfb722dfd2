"""Selecting, also what is not in the page, and doing something to it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.live_page.conftest import Serve, Visit
from tests.live_page.hands import ROWS, expect_on_screen, live, names_of, row, scroll_to
from tests.live_page.synthetic import Synthetic

CHOSEN = f'{ROWS}[aria-selected=true]'


@pytest.fixture
def page(serve: Serve, visit: Visit, client: Synthetic) -> Page:
    page = live(visit(serve(client).url))
    page.evaluate(
        """() => document.addEventListener('list:selection', ({ detail }) =>
             (window.selected = { ...detail, ids: [...detail.ids].length }))"""
    )
    expect_on_screen(page, names_of(client)[:5])
    return page


def selected(page: Page, count: int) -> Any:
    """Wait until so many are selected; what the actions get to hear."""
    page.wait_for_function('count => window.selected?.count === count', arg=count)
    return page.evaluate('window.selected')


def cell(page: Page, index: int, modifiers: list[Any] | None = None) -> None:
    page.locator(f'{ROWS}[aria-rowindex="{index + 2}"] .c-size').click(modifiers=modifiers or [])


def test_a_click_selects_one_and_with_keys_several(page: Page) -> None:
    cell(page, 2)
    selected(page, 1)
    cell(page, 4, ['Control'])
    selected(page, 2)
    cell(page, 8, ['Shift'])
    assert len(selected(page, 6)['select']['torrents']) == 6
    cell(page, 1)
    selected(page, 1)
    page.locator(f'{ROWS}[aria-rowindex="6"] input').check()
    selected(page, 2)
    # Its buttons go with the selection, and the focus does not go with them.
    page.get_by_role('button', name='Stop', exact=True).focus()
    page.keyboard.press('Escape')
    selected(page, 0)
    expect(page.locator(f'{ROWS}[aria-rowindex="6"]')).to_be_focused()


def test_a_range_reaches_over_rows_that_are_not_here(page: Page, client: Synthetic) -> None:
    names = names_of(client)
    cell(page, 3)
    scroll_to(page, 2_000)
    expect_on_screen(page, names[2_000:2_005])
    cell(page, 2_003, ['Shift'])
    wanted = {f'home/{item[0]}' for item in client.rows() if item[1] in set(names[3:2_004])}
    assert set(selected(page, 2_001)['select']['torrents']) == wanted


def test_all_that_match_are_selected_and_stopped(page: Page, client: Synthetic) -> None:
    page.locator('#q').fill('label=bsd state=seeding')
    expect(page.locator('#torrent-count')).not_to_have_text('10,000')
    count = int((page.locator('#torrent-count').text_content() or '').replace(',', ''))
    assert count > 300
    page.locator(f'{ROWS}[aria-rowindex="3"] .c-size').click()
    page.keyboard.press('Control+a')
    body = selected(page, count)
    assert body['all'] is True
    assert body['select']['q'] == 'label=bsd state=seeding'
    page.keyboard.press('Space')
    assert len(selected(page, count - 1)['select']['except']) == 1
    page.evaluate(
        """async () => {
          const main = document.querySelector('script[src*="main.js"]').src;
          const { send } = await import(main.replace('main.js', 'api.js'));
          await send('POST', 'actions', { verb: 'stop', args: {}, select: window.selected.select });
        }"""
    )
    expect(page.locator('#torrent-count')).to_have_text('1')
    assert sum(number for verb, number in client.verbs if verb == 'stop') == count - 1


def test_the_keyboard_goes_over_the_edge_of_the_screen(page: Page, client: Synthetic) -> None:
    names = names_of(client)
    page.keyboard.press('j')
    for _ in range(45):
        page.keyboard.press('ArrowDown')
    expect(page.locator(f'{ROWS}:focus a')).to_have_text(names[45])
    page.keyboard.press('Shift+ArrowDown')
    page.keyboard.press('Shift+ArrowDown')
    assert selected(page, 3)['select']['torrents']
    page.keyboard.press('End')
    expect(page.locator(f'{ROWS}:focus a')).to_have_text(names[-1])
    page.keyboard.press('Home')
    expect(page.locator(f'{ROWS}:focus a')).to_have_text(names[0])
    expect(page.locator(f'{ROWS}[tabindex="0"]')).to_have_count(1)


def test_focus_and_selection_survive_scrolling(page: Page, client: Synthetic) -> None:
    names = names_of(client)
    cell(page, 5)
    scroll_to(page, 4_000)
    expect_on_screen(page, names[4_000:4_005])
    assert page.evaluate('document.activeElement.id') == 'torrents'
    expect(page.locator(CHOSEN)).to_have_count(0)
    page.keyboard.press('ArrowDown')
    expect(page.locator(f'{ROWS}:focus a')).to_have_text(names[6])
    expect(page.locator(CHOSEN).locator('a')).to_have_text(names[5])
    selected(page, 1)


def test_another_search_begins_with_nothing_selected(page: Page) -> None:
    cell(page, 5)
    selected(page, 1)
    page.locator('#q').fill('debian')
    selected(page, 0)


def test_the_box_in_the_head_selects_all_and_nothing(page: Page) -> None:
    page.get_by_label('Select all').click()
    selected(page, 10_000)
    page.locator(f'{ROWS}[aria-rowindex="4"] input').uncheck()
    selected(page, 9_999)
    assert page.evaluate("document.querySelector('#all').indeterminate")
    page.get_by_label('Select all').click()
    selected(page, 10_000)
    page.get_by_label('Select all').click()
    selected(page, 0)


def test_enter_opens_what_the_cursor_is_on(page: Page, client: Synthetic) -> None:
    name = names_of(client)[1]
    page.evaluate(
        """() => document.addEventListener('list:open', (event) => {
             event.preventDefault();
             event.stopImmediatePropagation();
             window.opened = event.detail.name;
           }, true)"""
    )
    page.locator(row(page, name)).locator('.c-size').click()
    page.keyboard.press('Enter')
    assert page.evaluate('window.opened') == name


def test_escape_lets_go_of_the_selection_from_anywhere_but_the_panel(page: Page) -> None:
    cell(page, 2)
    selected(page, 1)
    page.locator('.home').focus()
    page.keyboard.press('Escape')
    selected(page, 0)
