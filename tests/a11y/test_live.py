"""axe-core finds nothing in any state of the live list: menus, dialogs, palette, the tabs of the panel, errors."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.a11y import walk
from tests.a11y.axe import violations
from tests.phone.conftest import DESK, PHONE, build, go, serve, visit
from tests.rig import Rtorrent, make
from tests.web.conftest import Build
from tests.web.site import Site

__all__ = ['build', 'serve', 'visit']  # fixtures
ROW = '#torrents tbody tr[data-hash]'
TABS = ('general', 'files', 'peers', 'trackers', 'pieces', 'history')


@pytest.fixture
def address(build: Build, rtorrent: Rtorrent, serve: Callable[[Site], str], tmp_path: Path) -> str:
    """A site with a client of six torrents, and another that does not answer."""
    for number in range(6):
        content = {f'disc {part}/track.flac': 40_000 for part in (1, 2)} if number == 0 else 70_000
        made = make(rtorrent.downloads, f'torrent-{number}', content, announce='http://127.0.0.1:1/announce')
        rtorrent.load(made.seed if number % 2 else made.data, made.info_hash, start=number % 3 != 2)
        rtorrent.call('d.custom1.set', made.info_hash, ('linux', 'films', '')[number % 3])
    gone = f'scgi://{tmp_path}/gone/rpc'
    return serve(build({'USE_AUTH': False}, home=rtorrent, seedbox=gone))


def plain(page: Page) -> None:
    """The list as it stands."""


def selected(page: Page) -> None:
    for at in (0, 1):
        page.locator(f'{ROW} .c-sel input').nth(at).check()
    expect(page.locator('#selected')).to_have_text('2 selected')


def menu(page: Page) -> None:
    page.locator(f'{ROW} .c-name').first.click(button='right')
    expect(page.get_by_role('menu')).to_be_visible()


def columns(page: Page) -> None:
    page.locator('.toolbar [aria-haspopup]').last.click()
    expect(page.get_by_role('menu').or_(page.get_by_role('dialog'))).to_be_visible()


def removal(page: Page) -> None:
    selected(page)
    page.keyboard.press('Delete')
    expect(page.get_by_role('dialog')).to_contain_text('Remove 2 torrents')


def label(page: Page) -> None:
    selected(page)
    page.keyboard.press('l')
    expect(page.get_by_role('dialog')).to_be_visible()


def palette(page: Page) -> None:
    page.keyboard.press('Control+k')
    expect(page.get_by_role('combobox').last).to_be_focused()
    page.keyboard.type('st')


def keys(page: Page) -> None:
    page.keyboard.press('?')
    expect(page.get_by_role('dialog', name='Keys')).to_be_visible()


def limits(page: Page) -> None:
    page.locator('.rates-summary').click()
    expect(page.locator('.limits')).to_be_visible()


def excluded(page: Page) -> None:
    page.keyboard.press('f')
    page.keyboard.press('ArrowDown')
    page.keyboard.press('ArrowDown')
    page.keyboard.press('-')
    expect(page.locator('[data-is=not] .facet')).to_have_accessible_name(re.compile('^not '))


def completion(page: Page) -> None:
    page.keyboard.press('/')
    page.keyboard.type('sta')
    expect(page.get_by_role('listbox')).to_be_visible()


def wrong(page: Page) -> None:
    page.keyboard.press('/')
    page.keyboard.type('ratio>>x')
    page.keyboard.press('Enter')
    expect(page.locator('#q')).to_have_attribute('aria-invalid', 'true')


def nothing(page: Page) -> None:
    page.keyboard.press('/')
    page.keyboard.type('nosuchtorrent')
    page.keyboard.press('Enter')
    expect(page.get_by_role('heading', name='None of 6 torrents matches')).to_be_visible()


def client(page: Page) -> None:
    page.locator('.status .target.bad summary').click()
    expect(page.locator('.status .target.bad .target-sheet')).to_be_visible()


def account(page: Page) -> None:
    page.locator('.top-nav summary').click()
    expect(page.get_by_role('link', name='Settings').first).to_be_visible()


def tab(name: str) -> Callable[[Page], None]:
    def opened(page: Page) -> None:
        page.locator(f'{ROW} .c-name a').first.click()
        page.locator(f'[data-tab={name}]').click()
        expect(page.locator(f'.panel-body.tab-{name}')).not_to_be_empty()

    return opened


STATES: dict[str, Callable[[Page], None]] = {
    each.__name__: each
    for each in (
        *(plain, selected, menu, columns, removal, label, palette, keys, limits, completion, wrong, nothing),
        *(client, account, excluded),
    )
} | {f'tab {name}': tab(name) for name in TABS}
# What a phone has in its sheets, tests/phone looks at.
ON_A_PHONE = ('plain', 'nothing', 'wrong', 'limits', 'account', *(f'tab {name}' for name in TABS))


def problems(page: Page, address: str, states: dict[str, Callable[[Page], None]], finger: bool) -> list[str]:
    found = []
    for name, act in states.items():
        go(page, f'{address}/')
        expect(page.get_by_role('grid')).to_be_visible()
        expect(page.locator(f'{ROW} .c-name a').first).to_be_visible()
        act(page)
        lines = (
            violations(page) + walk.ask(page, 'sideways') + (walk.ask(page, 'tooSmall', 44) if finger else [])
        )
        found += [f'{name}: {line}' for line in lines]
    return found


@pytest.mark.parametrize('scheme', ['light', 'dark'])
def test_axe_finds_nothing_in_any_state_of_the_list(
    address: str, visit: Callable[..., Page], scheme: str
) -> None:
    page = visit(**DESK, color_scheme=scheme)
    found = problems(page, address, STATES, finger=False)
    assert not found, '\n'.join(found)


@pytest.mark.parametrize('scheme', ['light', 'dark'])
def test_axe_finds_nothing_in_any_state_on_a_phone(
    address: str, visit: Callable[..., Page], scheme: str
) -> None:
    page = visit(**PHONE, color_scheme=scheme)
    states: dict[str, Any] = {name: STATES[name] for name in ON_A_PHONE}
    found = problems(page, address, states, finger=True)
    assert not found, '\n'.join(found)
