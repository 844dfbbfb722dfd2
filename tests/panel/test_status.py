"""Clients, rates and limits: the bar below and the figures above."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from lib.errors import NoSocket
from tests.live_page.serve import Served
from tests.panel.conftest import Visit
from tests.panel.stage import Client


def test_a_client_that_fails_says_so_in_words_and_comes_back(
    served: Served, home: Client, visit: Visit
) -> None:
    page = visit(served.url)
    target = page.locator('.targets .target')
    expect(target).to_have_class(re.compile(r'\bok\b'))
    home.trouble = NoSocket('There is no socket at /run/rt.sock.')
    expect(target).to_contain_text('does not answer')
    target.locator('summary').click()
    expect(target).to_contain_text('There is no socket')
    home.trouble = None
    expect(target).to_have_class(re.compile(r'\bok\b'))
    expect(target.locator('.said')).to_have_text('')


def test_limits_are_chosen_typed_and_undone(served: Served, home: Client, visit: Visit) -> None:
    page = visit(served.url)
    page.locator('.rates-summary').click()
    down = page.get_by_label('Down, home')
    expect(down).to_have_value(str(5 << 20))
    down.select_option('other')
    page.get_by_label('Down, home').fill('fast')
    page.keyboard.press('Enter')
    expect(page.locator('.toast')).to_contain_text('“fast” is no rate. Type one such as 700k or 2.5m')
    page.get_by_label('Down, home').fill('2.5m')
    page.keyboard.press('Enter')
    expect(page.locator('.toast')).to_contain_text('Down limit of home: 2.5 MiB/s')
    assert home.limits['down_limit'] == 5 << 19
    page.get_by_role('button', name='Undo').click()
    expect(page.locator('.toast')).to_contain_text('5.0 MiB/s')
    assert home.limits['down_limit'] == 5 << 20


def test_escape_closes_the_limits_and_nothing_else(served: Served, visit: Visit) -> None:
    page = visit(served.url)
    page.locator('#torrents tbody .c-name a').first.click()
    page.locator('.spark').hover()
    expect(page.locator('.spark-tip')).to_be_visible()
    page.locator('.spark').click()
    expect(page.get_by_label('Down, home')).to_be_visible()
    expect(page.locator('.spark-tip')).to_be_hidden()
    page.get_by_label('Down, home').focus()
    page.keyboard.press('Escape')
    expect(page.get_by_label('Down, home')).to_be_hidden()
    expect(page.locator('.rates-summary')).to_be_focused()
    expect(page.locator('#panel')).to_be_visible()


def test_five_clients_and_the_rates_of_all(tmp_path: Path, visit: Visit) -> None:
    served = Served(tmp_path / 'state', *(Client(f'box {number}', 12) for number in range(5)))
    try:
        page = visit(served.url)
        expect(page.locator('.targets .target')).to_have_count(5)
        expect(page.locator('#rates')).to_contain_text('60.0 MiB/s')
        expect(page).to_have_title('↓ 60.0 MiB/s ↑ 15.0 MiB/s · pyroTorrent')
        expect(page.locator('.spark polyline').first).to_have_attribute('points', re.compile('[0-9]'))
        expect(page.locator('.facet[data-group=target]')).to_have_count(5)
        assert page.evaluate('document.documentElement.scrollWidth <= innerWidth')
    finally:
        served.close()
