"""A list of several clients of which one can do little: what is offered, what is said, and what is hidden."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from model.backends.base import CAPABILITIES
from model.fields import state_of
from tests.live_page.serve import Served
from tests.panel.conftest import Visit
from tests.panel.stage import Client

LITTLE = frozenset({'pause', 'resume', 'erase'})
ROWS = '#torrents tbody tr[data-hash]'


@pytest.fixture
def small() -> Client:
    client = Client('small', 6)
    client.capabilities = LITTLE
    return client


@pytest.fixture
def mixed(tmp_path: Path, home: Client, small: Client) -> Iterator[Served]:
    served = Served(tmp_path / 'state', home, small)
    yield served
    served.close()


def tick(page: Page, *hashes: str) -> None:
    for target in hashes:
        page.locator(f'{ROWS}[data-target={target}] .c-sel').first.click()


def test_of_a_mixed_selection_each_is_told_what_it_could_not(
    mixed: Served, home: Client, small: Client, visit: Visit
) -> None:
    page = visit(mixed.url + '?sort=-target')
    page.locator(f'{ROWS}[data-target=small]').first.locator('.c-sel').click()
    verbs = page.locator('.toolbar [data-verb]')
    expect(verbs).to_have_text(['Pause', 'Resume', 'More▾', 'Remove…'])
    page.locator(f'{ROWS}[data-target=home]').first.locator('.c-sel').click()
    expect(verbs).to_have_text(
        ['Start', 'Stop', 'Pause', 'Resume', 'Check', 'Announce', 'Label…', 'Priority▾', 'More▾', 'Remove…']
    )
    page.locator('.toolbar [data-verb=check]').click()
    toast = page.locator('.toast')
    expect(toast).to_contain_text('Check: 1 done, 1 not')
    assert (home.verbs, small.verbs) == ([('check', 1)], [])
    toast.get_by_role('button').first.click()
    expect(page.get_by_role('dialog')).to_contain_text('small cannot do “Check”.')


def test_a_key_without_a_button_says_why_nothing_happens(mixed: Served, small: Client, visit: Visit) -> None:
    page = visit(mixed.url + '?target=small')
    page.locator(ROWS).first.locator('.c-sel').click()
    page.keyboard.press('s')
    expect(page.locator('.toast')).to_contain_text('small cannot do “Start”.')
    page.locator(ROWS).first.click(button='right')
    expect(page.get_by_role('menuitem', name='Pause')).to_be_visible()
    for name in ('Start', 'Label…', 'Get the .torrent'):
        expect(page.get_by_role('menuitem', name=name)).to_have_count(0)
    assert small.verbs == []


def test_the_panel_has_the_tabs_that_the_client_tells(
    mixed: Served, home: Client, small: Client, visit: Visit
) -> None:
    page = visit(mixed.url + f'?open=small/{small.rows()[0][0]}&tab=peers')
    tabs = page.locator('.panel-tabs [role=tab]:visible')
    expect(tabs).to_have_text(['General', 'History'])
    expect(page.get_by_role('tab', name='General')).to_have_attribute('aria-selected', 'true')
    expect(page.locator('#panel .facts').first).to_be_visible()
    expect(page.locator('#panel .own')).to_be_hidden()
    page.locator(f'{ROWS}[data-target=home] .c-name').first.click()
    expect(tabs).to_have_text(['General', 'Files', 'Peers', 'Trackers', 'Pieces', 'History'])
    page.get_by_role('tab', name='Files').click()
    expect(page.locator('#panel select').first).to_be_visible()
    # What a client learns of its version comes with the next answer.
    home.capabilities = CAPABILITIES - {'pieces', 'file_priority'}
    expect(tabs).to_have_text(['General', 'Files', 'Peers', 'Trackers', 'History'])
    page.get_by_role('tab', name='General').click()
    page.get_by_role('tab', name='Files').click()
    expect(page.locator('#panel .files-row').first).to_be_visible()
    expect(page.locator('#panel select')).to_have_count(0)


def test_limits_and_palette_offer_what_there_is(mixed: Served, small: Client, visit: Visit) -> None:
    page = visit(mixed.url)
    page.locator('#limits summary').click()
    lines = page.locator('#limits tbody tr')
    expect(lines.nth(0).locator('select')).to_have_count(2)
    expect(lines.nth(1).locator('select')).to_have_count(0)


def test_the_form_for_adding_follows_the_client(mixed: Served, small: Client, visit: Visit) -> None:
    small.capabilities = LITTLE | {'add'}
    page = visit(mixed.url + 'add', rows=False)
    label, directory = page.get_by_label('Label'), page.get_by_label('Directory')
    expect(label).to_be_enabled()
    page.get_by_label('Client').select_option('small')
    expect(label).to_be_disabled()
    expect(directory).to_be_disabled()
    expect(page.get_by_text('small does not take magnet links, a label, a directory.')).to_be_visible()
    page.get_by_label('Client').select_option('home')
    expect(label).to_be_enabled()


@pytest.mark.parametrize('scripts', [True, False])
def test_a_client_that_takes_nothing_is_not_offered_for_adding(
    mixed: Served, visit: Visit, scripts: bool
) -> None:
    page = visit(mixed.url + 'add', rows=False, java_script_enabled=scripts)
    expect(page.get_by_label('Client', exact=True)).to_have_count(0)
    expect(page.locator('form#add input[name=target]')).to_have_value('home')


def test_pages_without_scripts_offer_the_same(mixed: Served, small: Client, visit: Visit) -> None:
    page = visit(mixed.url + '?target=small', java_script_enabled=False)
    expect(page.locator('.toolbar button')).to_have_text(['Pause', 'Resume', 'Remove…'])
    page.goto(mixed.url)
    expect(page.locator('.toolbar button')).to_have_count(7)
    running = next(row[0] for row in small.rows() if state_of(row) in ('downloading', 'seeding'))
    page.goto(mixed.url + f'torrent/small/{running}')
    expect(page.locator('nav.tabs a')).to_have_text(['General'])
    buttons = page.locator('#actions button, #actions a')
    expect(buttons).to_have_text(['Pause', 'Remove…'])
    expect(page.get_by_role('heading', name='Change')).to_have_count(0)
    answer = page.goto(mixed.url + f'torrent/small/{small.rows()[0][0]}?tab=peers')
    assert answer is not None
    assert answer.status == 409
    page.goto(mixed.url + 'settings/small')
    expect(page.get_by_text('The settings of small cannot be changed from here.')).to_be_visible()
    expect(page.locator('#encryption')).to_have_count(0)
    expect(page.get_by_role('button', name='Apply')).to_have_count(0)
