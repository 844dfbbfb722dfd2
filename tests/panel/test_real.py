"""The same over a real rTorrent, and for people of each role."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.core import support
from tests.live_page.serve import Served
from tests.panel.conftest import Visit
from tests.panel.stage import Client
from tests.rig import Made, Rtorrent, make

PASSWORD = 'correct horse battery'


@pytest.fixture
def tree(any_rtorrent: Rtorrent) -> Made:
    """A stopped torrent of two directories, complete."""
    files = {'a/one': 300_000, 'a/two': 200_000, 'b/three': 100_000}
    torrent = make(any_rtorrent.downloads, 'tree', files, announce='http://127.0.0.1:1/announce')
    any_rtorrent.load(torrent.seed, torrent.info_hash)
    return torrent


@pytest.fixture
def real(tmp_path: Path, any_rtorrent: Rtorrent, tree: Made) -> Iterator[Served]:
    served = Served(tmp_path / 'state', support.backend_of(any_rtorrent, 'home'))
    yield served
    served.close()


def test_the_panel_shows_and_sets_what_rtorrent_has(
    real: Served, any_rtorrent: Rtorrent, tree: Made, visit: Visit
) -> None:
    page = visit(real.url)
    page.locator('#torrents tbody .c-name a').click()
    expect(page.locator('#panel')).to_contain_text(tree.info_hash)
    page.locator('#own-label').fill('Grüße')
    page.keyboard.press('Enter')
    expect(page.locator('#torrents tbody .c-label')).to_have_text('Grüße')
    page.get_by_role('tab', name='Files').click()
    row = page.locator('.files-row').first
    expect(row).to_contain_text('2 files')
    row.locator('select').select_option('0')
    expect(page.locator('.toast').last).to_contain_text('2 files: priority off')
    priorities = any_rtorrent.call('f.multicall', tree.info_hash, '', 'f.priority=')
    assert [each[0] for each in priorities] == [0, 0, 1]
    page.get_by_role('tab', name='Trackers').click()
    page.locator('.trackers input').uncheck()
    expect(page.locator('.trackers .t-status').last).to_have_text('off')
    page.get_by_role('tab', name='Pieces').click()
    expect(page.locator('.pieces-words')).to_contain_text(' pieces of ')
    page.get_by_role('tab', name='Peers').click()
    expect(page.locator('#panel')).to_contain_text('No peer is connected.')


def test_what_is_done_is_in_the_history(
    real: Served, any_rtorrent: Rtorrent, tree: Made, visit: Visit
) -> None:
    page = visit(real.url)
    page.locator('#torrents tbody input').check()
    page.locator('.toolbar [data-verb=start]').click()
    expect(page.locator('#torrents tbody .c-name .sr')).not_to_have_text('stopped')
    page.get_by_role('button', name='Undo').click()
    expect(page.locator('#torrents tbody .c-name .sr')).to_have_text('stopped')
    assert any_rtorrent.call('d.state', tree.info_hash) == 0


def entered(served: Served, page: Page, role: str) -> Page:
    served.services.users.add(role, PASSWORD, role)
    page.goto(served.url)
    page.get_by_label('Name').fill(role)
    page.get_by_label('Password').fill(PASSWORD)
    page.get_by_role('button', name='Log in').click()
    expect(page.locator('.targets .target')).to_be_attached()
    return page


def test_a_reader_finds_nothing_to_change(tmp_path: Path, home: Client, visit: Visit) -> None:
    served = Served(tmp_path / 'state', home, USE_AUTH=True)
    try:
        page = entered(served, visit(served.url, rows=False), 'read')
        page.locator('#torrents tbody input').first.check()
        expect(page.locator('.toolbar [data-verb]')).to_have_count(0)
        page.locator('#torrents tbody tr').first.click(button='right')
        expect(page.get_by_role('menuitem', name='Copy info hash')).to_be_visible()
        expect(page.get_by_role('menuitem', name='Start')).to_have_count(0)
        page.keyboard.press('Escape')
        page.keyboard.press('Delete')
        expect(page.locator('dialog')).to_have_count(0)
        page.locator('#torrents tbody .c-name a').first.click()
        expect(page.locator('#panel dd').first).to_be_visible()
        expect(page.locator('#panel :is(input, select)')).to_have_count(0)
        page.get_by_role('tab', name='Files').click()
        expect(page.locator('.files-row').first).to_be_visible()
        expect(page.locator('#panel :is(input:not([hidden]), select)')).to_have_count(0)
        page.get_by_role('tab', name='Trackers').click()
        expect(page.locator('.trackers input').first).to_be_disabled()
        page.locator('.rates-summary').click()
        expect(page.locator('.limits')).to_contain_text('may look but not change')
        page.get_by_role('button', name='Save this view…').click()
        page.get_by_role('textbox', name='Name').fill('mine')
        page.get_by_role('button', name='Save', exact=True).click()
        expect(page.locator('#saved li')).to_have_count(1)
    finally:
        served.close()
