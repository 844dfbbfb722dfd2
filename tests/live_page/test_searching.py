"""The search box, the address, and what they say when nothing is found or something is wrong."""

from __future__ import annotations

import re

from playwright.sync_api import Route, expect

from model.fields import INDEX
from tests.live_page.conftest import Serve, Visit
from tests.live_page.hands import ROWS, expect_on_screen, live, names_of, on_screen
from tests.live_page.synthetic import Synthetic
from tests.rig import wait_for


def test_the_list_follows_the_letters_and_back_leads_back(
    serve: Serve, visit: Visit, client: Synthetic
) -> None:
    page = live(visit(serve(client).url))
    wanted = [name for name in names_of(client) if 'haiku-7.' in name]
    page.locator('#q').press_sequentially('haiku-7.')
    expect(page.locator('#torrent-count')).to_have_text(str(len(wanted)))
    expect_on_screen(page, wanted[:10])
    assert page.url.endswith('?q=haiku-7.')
    page.go_back()
    expect(page.locator('#torrent-count')).to_have_text('10,000')
    expect(page.locator('#q')).to_have_value('')
    page.go_forward()
    expect(page.locator('#torrent-count')).to_have_text(str(len(wanted)))
    page.locator('#q').press('Escape')
    expect(page.locator('#torrent-count')).to_have_text('10,000')


def test_a_mistake_is_marked_where_it_is_and_the_list_stays(
    serve: Serve, visit: Visit, client: Synthetic
) -> None:
    page = live(visit(serve(client).url + '?q=haiku', allowed='400 (BAD REQUEST)'))
    expect(page.locator('#torrent-count')).not_to_have_text('10,000')
    before = on_screen(page)
    page.locator('#q').fill('haiku raito>2')
    expect(page.locator('.query-said')).to_contain_text('There is no field “raito”. Did you mean “ratio”?')
    expect(page.locator('.query-said')).to_contain_text('the last search that worked: haiku')
    expect(page.locator('.query-marks mark')).to_have_text('raito')
    expect(page.locator('#q')).to_have_attribute('aria-invalid', 'true')
    assert on_screen(page) == before
    page.locator('#q').fill('haiku ratio>2')
    expect(page.locator('.query-said')).not_to_be_visible()
    expect(page.locator('#q')).not_to_have_attribute('aria-invalid', 'true')


def test_what_may_follow_is_offered_and_taken_with_the_keys(
    serve: Serve, visit: Visit, client: Synthetic
) -> None:
    page = live(visit(serve(client).url, allowed='400 (BAD REQUEST)'))
    page.locator('#q').press_sequentially('lab')
    option = page.locator('#completions [role=option]').first
    expect(option).to_contain_text('label')
    page.keyboard.press('ArrowDown')
    expect(option).to_have_attribute('aria-selected', 'true')
    expect(page.locator('#q')).to_have_attribute('aria-activedescendant', option.get_attribute('id') or '')
    page.keyboard.press('Enter')
    expect(page.locator('#q')).to_have_value(re.compile('^label'))


def test_what_is_pointed_at_stays_so_when_the_answer_to_the_last_key_comes(
    serve: Serve, visit: Visit, client: Synthetic
) -> None:
    page = live(visit(serve(client).url, allowed='400 (BAD REQUEST)'))
    asked = re.compile(r'/complete\?q=lab&')
    held: list[Route] = []
    page.route(asked, lambda route: held.append(route))
    page.locator('#q').press_sequentially('la')
    option = page.locator('#completions [role=option]').first
    expect(option).to_contain_text('label')
    with page.expect_request(asked):
        page.keyboard.press('b')
    page.keyboard.press('ArrowDown')
    expect(option).to_have_attribute('aria-selected', 'true')
    page.evaluate('document.querySelector("#completions").firstChild.dataset.old = ""')
    wait_for(lambda: page.evaluate('1') and held, 20, 'the question to be held')
    held[0].continue_()
    expect(page.locator('#completions [data-old]')).to_have_count(0)
    expect(option).to_have_attribute('aria-selected', 'true')
    page.keyboard.press('Enter')
    expect(page.locator('#q')).to_have_value(re.compile('^label'))


def test_nothing_matches_and_each_part_says_what_it_excludes(
    serve: Serve, visit: Visit, client: Synthetic
) -> None:
    page = visit(serve(client).url + '?q=haiku size>900t&in=label:linux')
    expect(page.get_by_role('heading', name='None of 10,000 torrents matches')).to_be_visible()
    line = page.locator('.excluding li', has_text='size>900t')
    matching = sum('haiku' in str(item[1]) and item[15] == 'linux' for item in client.rows())
    expect(line.get_by_role('link')).to_have_text(f'{matching} torrents')
    line.get_by_role('link').click()
    expect(page.locator('#torrent-count')).to_have_text(str(matching))
    expect(page.locator('#q')).to_have_value('haiku')


def test_sorting_by_one_and_by_more(serve: Serve, visit: Visit, client: Synthetic) -> None:
    page = live(visit(serve(client).url))
    page.get_by_role('columnheader', name='Label').get_by_role('link').click()
    page.get_by_role('columnheader', name='Size').get_by_role('link').click(modifiers=['Shift'])
    page.wait_for_url('**/?sort=label,-size')
    items = sorted(
        client.rows(), key=lambda item: (item[15] == '', str(item[15]).casefold(), -int(item[2] or 0))
    )
    expect_on_screen(page, [str(item[1]) for item in items[:20]])
    expect(page.locator('#torrents thead [aria-sort]')).to_have_count(1)
    expect(page.locator('#torrents thead .sorted .order')).to_have_text(['↓2', '↑1'])
    page.go_back()
    page.wait_for_url('**/?sort=label')


def test_a_link_is_the_whole_state(serve: Serve, visit: Visit, client: Synthetic) -> None:
    page = live(visit(serve(client).url + '?q=arch&sort=-size&in=state:stopped&not=label:bsd'))
    wanted = [
        item
        for item in client.rows()
        if 'arch' in str(item[1]) and not item[9] and item[15] != 'bsd' and not item[14]
    ]
    expect(page.locator('#torrent-count')).to_have_text(str(len(wanted)))
    wanted.sort(key=lambda item: -int(item[2] or 0))
    expect_on_screen(page, [str(item[1]) for item in wanted[:10]])
    page.reload()
    expect_on_screen(live(page), [str(item[1]) for item in wanted[:10]])
    expect(page.locator(f'{ROWS} .c-name .sr').first).to_have_text('stopped')


def test_the_list_stays_while_the_name_of_a_field_is_typed(
    serve: Serve, visit: Visit, client: Synthetic
) -> None:
    page = live(visit(serve(client).url, allowed='400 (BAD REQUEST)'))
    box, number = page.locator('#q'), page.locator('#torrent-count')
    box.fill('haiku')
    expect(number).not_to_have_text('10,000')
    before = number.text_content() or ''
    with page.expect_response(lambda answer: 'q=haiku+rati&' in answer.url):
        box.fill('haiku rati')
    with page.expect_response(lambda answer: 'q=haiku&' in answer.url):  # what it goes on asking
        expect(number).to_have_text(before)
    expect(page.locator('#empty h2')).to_have_count(0)
    box.fill('haiku ratio>2')
    matching = sum('haiku' in str(item[1]) and item[INDEX['ratio']] > 2000 for item in client.rows())
    expect(number).to_have_text(f'{matching:,}')
    # It may be a word that is meant all the same: Enter says so, and so does going elsewhere.
    box.fill('haiku peer')
    expect(number).to_have_text(f'{matching:,}')
    box.press('Enter')
    expect(number).to_have_text('0')
    expect(page.locator('#empty h2')).to_have_text('None of 10,000 torrents matches')
    box.fill('haiku seed')
    expect(number).to_have_text('0')
    box.fill('')
    expect(number).to_have_text('10,000')
    box.fill('xyz')  # no field begins so
    expect(number).to_have_text('0')
