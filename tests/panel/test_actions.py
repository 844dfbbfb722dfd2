"""What is done to torrents from the page: bar, menu, palette, keys; what is said before and afterwards."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.live_page.serve import Served
from tests.panel.conftest import Visit
from tests.panel.stage import Client

ROWS = '#torrents tbody tr[data-hash]'


def tick(page: Page, *places: int) -> list[str]:
    """Select rows by their places; their info hashes."""
    for place in places:
        page.locator(f'{ROWS} input').nth(place).check()
    return [page.locator(ROWS).nth(place).get_attribute('data-hash') or '' for place in places]


def test_stopping_can_be_undone_for_those_that_ran(served: Served, home: Client, visit: Visit) -> None:
    page = visit(served.url + '?in=state:seeding&in=state:stopped&sort=name')
    hashes = tick(page, 0, 1, 2, 3, 4, 5)
    ran = [each for each in hashes if home.row(each)[9]]
    assert 0 < len(ran) < len(hashes)
    page.locator('.toolbar [data-verb=stop]').click()
    expect(page.locator('.toast')).to_contain_text('Stop: 6 torrents')
    assert [home.row(each)[9] for each in hashes] == [0] * 6
    page.get_by_role('button', name='Undo').click()
    expect(page.locator('.toast')).to_contain_text(f'Stop, undone: {len(ran)} torrents')
    assert [each for each in hashes if home.row(each)[9]] == ran


def test_what_failed_is_told_with_its_reason(served: Served, home: Client, visit: Visit) -> None:
    page = visit(served.url)
    hashes = tick(page, 0, 1, 2)
    home.refuse.add(hashes[1])
    page.locator('.toolbar [data-verb=check]').click()
    expect(page.locator('.toast')).to_contain_text('2 done, 1 not')
    page.get_by_role('button', name='Details').click()
    expect(page.locator('dialog')).to_contain_text('Could not be done now.')
    expect(page.locator('dialog li')).to_have_count(1)
    page.get_by_role('button', name='Close').click()
    page.keyboard.press('Escape')
    # Where it is the only one, there is nothing to count.
    tick(page, 1)
    page.locator('.toolbar [data-verb=check]').click()
    expect(page.locator('.toast')).to_have_text(re.compile('Check: .*Could not be done now'))


def test_of_many_failures_it_is_told_how_many_are_not_named(
    served: Served, home: Client, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('model.bulk.MAX_FAILURES', 2)
    page = visit(served.url)
    home.refuse.update(tick(page, 0, 1, 2, 3))
    page.locator('.toolbar [data-verb=check]').click()
    page.get_by_role('button', name='Details').click()
    dialog = page.locator('dialog')
    expect(dialog).to_contain_text('0 torrents done, 4 not. The first 2 of them:')
    expect(dialog).to_contain_text('2 more are not named here.')
    expect(dialog.locator('h3')).to_have_text('The client says: Could not be done now. ')
    expect(dialog.locator('li')).to_have_count(2)


def test_removing_says_what_goes_and_the_safe_button_has_the_focus(
    served: Served, home: Client, visit: Visit
) -> None:
    page = visit(served.url)
    tick(page, 0, 1)
    page.keyboard.press('Delete')
    dialog = page.locator('dialog')
    expect(dialog).to_contain_text('Remove 2 torrents?')
    expect(dialog).to_contain_text('The downloaded data stays where it is.')
    expect(page.get_by_role('button', name='Keep')).to_be_focused()
    page.keyboard.press('Escape')
    expect(dialog).to_have_count(0)
    assert len(home.rows()) == 60
    page.keyboard.press('Delete')
    page.get_by_role('button', name='Remove 2 torrents').click()
    expect(page.locator('#torrent-count')).to_have_text('58')
    assert len(home.rows()) == 58


def test_all_matching_are_labelled_also_those_not_loaded(served: Served, home: Client, visit: Visit) -> None:
    page = visit(served.url + '?in=label:linux')
    page.locator('#all').check()
    page.locator('.toolbar [data-verb=label]').click()
    page.get_by_role('combobox', name='Label').fill('penguins')
    page.get_by_role('button', name='Set').click()
    expect(page.locator('.toast')).to_contain_text('Label: 12 torrents')
    assert sum(row[15] == 'penguins' for row in home.rows()) == 12


def test_the_menu_of_a_row_is_for_that_row(served: Served, home: Client, visit: Visit) -> None:
    page = visit(served.url)
    tick(page, 0, 1)
    row = page.locator(ROWS).nth(4)
    name = row.locator('.c-name a').text_content() or ''
    row.click(button='right')
    menu = page.get_by_role('menu', name=name)
    expect(menu.get_by_role('menuitem').first).to_be_focused()
    expect(row).to_have_class(re.compile(r'\bcursor\b'))
    expect(page.locator(f'{ROWS}.cursor')).to_have_count(1)
    page.keyboard.press('p')
    page.keyboard.press('p')
    expect(menu.get_by_role('menuitem', name='Priority')).to_be_focused()
    page.keyboard.press('ArrowRight')
    page.get_by_role('menuitemradio', name='high').click()
    expect(page.locator('.toast')).to_contain_text('Priority: 1 torrent')
    assert home.row(row.get_attribute('data-hash') or '')[16] == 3
    expect(row).to_be_focused()  # and the keyboard goes on from there


def test_what_a_client_cannot_do_is_not_offered(served: Served, home: Client, visit: Visit) -> None:
    home.capabilities = frozenset(('start', 'stop'))
    page = visit(served.url)
    tick(page, 0)
    expect(page.locator('.toolbar [data-verb]')).to_have_text(['Start', 'Stop', 'More▾'])
    page.locator(ROWS).first.click(button='right')
    expect(page.get_by_role('menuitem', name='Remove…')).to_have_count(0)


def test_the_palette_finds_by_letters_and_does_it(served: Served, visit: Visit) -> None:
    page = visit(served.url)
    page.keyboard.press('Control+k')
    expect(page.get_by_role('option').first).to_have_text('AddGo')
    page.get_by_role('combobox', name='Command').fill('linux')
    expect(page.get_by_role('option').first).to_contain_text('Label: linux')
    page.keyboard.press('Enter')
    expect(page.locator('#torrent-count')).to_have_text('12')
    page.keyboard.press('Control+k')
    page.get_by_role('combobox', name='Command').fill('sobysi')
    expect(page.get_by_role('option').first).to_contain_text('Sort by Size')


def test_every_key_of_the_table_is_in_the_sheet(served: Served, visit: Visit) -> None:
    page = visit(served.url)
    page.keyboard.press('?')
    sheet = page.locator('#keys')
    for words in ('search', 'find any command', 'seeding', 'undo the last action', 'next torrent', 'open it'):
        expect(sheet.get_by_text(words, exact=True)).to_be_visible()
    page.set_viewport_size({'width': 390, 'height': 500})
    page.keyboard.press('Escape')
    page.keyboard.press('?')
    expect(sheet.get_by_role('heading', name='Keys')).to_be_in_viewport()
    page.keyboard.press('Escape')
    page.keyboard.press('g')
    page.keyboard.press('e')
    page.wait_for_url('**/?in=state:error')
