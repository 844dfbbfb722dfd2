"""Facets and saved views beside the list."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.live_page.serve import Served
from tests.panel.conftest import Visit
from tests.panel.stage import Client


def test_a_click_includes_several_of_a_group_and_the_minus_excludes(served: Served, visit: Visit) -> None:
    page = visit(served.url)
    count = page.locator('#torrent-count')
    expect(count).to_have_text('60')
    page.locator('.facet[data-value=linux]').click()
    expect(count).to_have_text('12')
    page.locator('.facet[data-value=bsd]').click()
    expect(count).to_have_text('24')
    expect(page.locator('.facet[data-value=bsd]')).to_have_attribute('aria-current', 'true')
    page.locator('.facet[data-value=linux]').click(modifiers=['Alt'])
    expect(count).to_have_text('12')
    assert 'in=label:bsd' in page.url
    assert 'not=label:linux' in page.url
    page.go_back()
    expect(count).to_have_text('24')


def test_a_chosen_value_stays_at_zero_and_counts_are_changed_in_place(
    served: Served, home: Client, visit: Visit
) -> None:
    page = visit(served.url + '?in=label:linux')
    line = page.locator('.facet[data-value=linux]')
    expect(line.locator('.count')).to_have_text('12')
    line.evaluate('element => (window.kept = element)')
    for number in range(1, 61):
        home.change(number, label='other')
    expect(line.locator('.count')).to_have_text('0')
    assert page.evaluate("window.kept === document.querySelector('.facet[data-value=linux]')")


def test_nobody_is_said_to_have_no_tracker_before_they_are_read(
    served: Served, home: Client, visit: Visit
) -> None:
    home.more = True
    for number in range(1, 61):
        home.change(number, tracker=None)
    page = visit(served.url)
    group = page.locator('.facet-group', has_text='Tracker')
    expect(group.locator('.facet-beyond')).to_have_text('being read…')
    expect(group.locator('.facet')).to_have_count(0)
    home.change(3, tracker='tracker.example.org')
    home.more = False
    expect(group.locator('.facet bdi')).to_have_text(['no tracker', 'tracker.example.org'])
    expect(group.locator('.facet-beyond')).to_have_text('')


def test_long_groups_are_short_and_can_be_searched(served: Served, home: Client, visit: Visit) -> None:
    for number in range(1, 41):
        home.change(number, label=f'label {number:02}')
    page = visit(served.url)
    group = page.locator('details', has_text='Label').filter(has=page.locator('.facet-look'))
    lines = group.locator('li')
    expect(lines).to_have_count(8)
    group.locator('.facet-more').click()
    assert lines.count() > 40
    group.locator('.facet-look').fill('label 3')
    expect(lines).to_have_count(10)


def test_keys_walk_and_exclude(served: Served, visit: Visit) -> None:
    page = visit(served.url)
    page.keyboard.press('f')
    expect(page.locator('.facet:focus')).to_contain_text('All torrents')
    page.locator('.facet[data-value=books]').focus()
    page.keyboard.press('-')
    expect(page.locator('#torrent-count')).to_have_text('48')
    expect(page.locator('.facet[data-value=books]')).to_be_focused()


def test_groups_stay_folded(served: Served, visit: Visit) -> None:
    page = visit(served.url)
    page.locator('summary', has_text='Tracker').click()
    expect(page.locator('.facet[data-group=tracker]').first).to_be_hidden()
    page.reload()
    expect(page.locator('.facet[data-group=label]').first).to_be_visible()
    expect(page.locator('.facet[data-group=tracker]').first).to_be_hidden()


@pytest.mark.parametrize('scripts', [True, False])
def test_the_states_and_what_was_chosen_stay_when_nothing_matches(
    served: Served, visit: Visit, scripts: bool
) -> None:
    page = visit(served.url + '?q=nosuch&in=label:linux', rows=False, java_script_enabled=scripts)
    if scripts:
        expect(page.get_by_role('heading', name='None of 60')).to_be_visible()
    words = page.locator('.s-error, .s-downloading, .s-seeding, .s-stopped').locator('bdi')
    expect(words).to_have_text(['error', 'downloading', 'seeding', 'stopped'])
    expect(page.locator('#facets .s-seeding .count')).to_have_text('0')
    expect(page.locator('#facets .facet[aria-current]')).to_contain_text(['linux'])


def test_facets_are_links_without_scripts(served: Served, visit: Visit) -> None:
    page = visit(served.url, java_script_enabled=False)
    page.locator('[data-group=label] a', has_text='linux').click()
    expect(page.locator('#torrents tbody tr')).to_have_count(12)
    page.locator('[data-group=label] li', has_text='linux').locator('.facet-not').click()
    expect(page.locator('#torrents tbody tr')).to_have_count(48)


def test_a_view_is_saved_renamed_replaced_and_deleted(served: Served, visit: Visit) -> None:
    page = visit(served.url + '?in=label:linux&sort=-size')
    page.get_by_role('button', name='Save this view…').click()
    page.get_by_role('textbox', name='Name').fill('Penguins')
    page.get_by_role('button', name='Save', exact=True).click()
    link = page.locator('#saved a', has_text='Penguins')
    expect(link).to_have_attribute('aria-current', 'page')
    page.locator('#facets a', has_text='All torrents').click()
    expect(page.locator('#torrent-count')).to_have_text('60')
    link.click()
    expect(page.locator('#torrent-count')).to_have_text('12')
    assert 'sort=-size' in page.url
    page.locator('.facet[data-value=bsd]').click()
    page.get_by_role('button', name='Change the view Penguins').click()
    page.get_by_role('menuitem', name='Replace with what is shown now').click()
    expect(page.locator('.toast')).to_contain_text('View replaced')
    page.get_by_role('button', name='Change the view Penguins').click()
    page.get_by_role('menuitem', name='Rename…').click()
    page.get_by_role('textbox', name='Name').fill('Both')
    page.get_by_role('button', name='Rename').click()
    expect(page.locator('#saved li')).to_have_text(['Both⋯'])
    page.get_by_role('button', name='Change the view Both').click()
    page.get_by_role('menuitem', name='Delete').click()
    expect(page.locator('#saved li')).to_have_count(0)
    expect(page.get_by_role('button', name='Save this view…')).to_be_focused()
    page.get_by_role('button', name='Undo').click()
    expect(page.locator('#saved li')).to_have_count(1)


def test_saved_views_are_links_without_scripts(served: Served, visit: Visit) -> None:
    served.services.saved.put(None, 'Penguins', 'in=label:linux')
    page = visit(served.url, java_script_enabled=False)
    page.locator('#saved a', has_text='Penguins').click()
    expect(page.locator('#torrents tbody tr')).to_have_count(12)
