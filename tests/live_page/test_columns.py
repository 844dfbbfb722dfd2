"""Columns: chosen, moved, widened, remembered."""

from __future__ import annotations

import json
import re

from playwright.sync_api import Page, expect

from tests.live_page.conftest import Serve, Visit
from tests.live_page.hands import ROWS, live
from tests.live_page.synthetic import Synthetic

HEADS = '#torrents thead th[data-key]'


def heads(page: Page) -> list[str]:
    found: list[str] = page.locator(HEADS).evaluate_all('cells => cells.map(({ dataset }) => dataset.key)')
    return found


def width(page: Page, key: str) -> float:
    box = page.locator(f'{HEADS}[data-key={key}]').bounding_box()
    assert box
    return box['width']


def test_columns_are_shown_hidden_and_remembered(serve: Serve, visit: Visit) -> None:
    page = live(visit(serve(Synthetic('home', 50)).url))
    page.get_by_role('button', name='Columns').click()
    page.get_by_role('checkbox', name='Tracker').check()
    page.get_by_role('checkbox', name='Size').uncheck()
    page.keyboard.press('Escape')
    expect(page.locator('.column-menu')).to_have_count(0)
    assert 'tracker' in heads(page)
    assert 'size' not in heads(page)
    expect(page.locator(f'{ROWS} .c-tracker').first).to_contain_text('.example')
    page.reload()
    live(page)
    expect(page.locator(f'{HEADS}[data-key=tracker]')).to_be_visible()
    page.get_by_role('button', name='Columns').click()
    # The name is always shown, so its box takes no focus.
    expect(page.get_by_role('checkbox', name='State')).to_be_focused()
    page.get_by_role('button', name='Reset columns').click()
    expect(page.get_by_role('checkbox', name='State')).to_be_focused()
    expect(page.locator(f'{HEADS}[data-key=tracker]')).to_have_count(0)
    assert 'size' in heads(page)


def test_columns_are_moved_by_keys_and_by_dragging(serve: Serve, visit: Visit) -> None:
    page = live(visit(serve(Synthetic('home', 50)).url))
    page.locator(f'{HEADS}[data-key=done] a').focus()
    page.keyboard.press('Alt+ArrowLeft')
    assert heads(page)[:3] == ['name', 'done', 'size']
    expect(page.locator(f'{HEADS}[data-key=done] a')).to_be_focused()
    page.locator(f'{HEADS}[data-key=ratio] a').drag_to(
        page.locator(f'{HEADS}[data-key=name]'), target_position={'x': 5, 'y': 10}
    )
    assert heads(page)[0] == 'ratio'
    cells = (
        page.locator(ROWS).first.locator('> *').evaluate_all('cells => cells.map((cell) => cell.className)')
    )
    assert [each.split()[0].removeprefix('c-') for each in cells] == ['sel', *heads(page)]


def test_columns_are_made_wider_by_dragging_keys_and_what_they_hold(serve: Serve, visit: Visit) -> None:
    page = live(visit(serve(Synthetic('home', 50)).url))
    before = width(page, 'label')
    grip = page.locator(f'{HEADS}[data-key=label] .grip').bounding_box()
    assert grip
    x, y = grip['x'] + grip['width'] / 2, grip['y'] + 5
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y)
    page.mouse.up()
    assert abs(width(page, 'label') - before - 60) < 2
    assert page.url.endswith('/')
    page.locator(f'{HEADS}[data-key=label] a').focus()
    page.keyboard.press('Alt+Shift+ArrowLeft')
    assert abs(width(page, 'label') - before - 52) < 2
    page.locator(f'{HEADS}[data-key=label] .grip').dblclick()
    assert width(page, 'label') < before
    widest = page.locator(f'{ROWS} .c-label').evaluate_all(
        'cells => cells.filter((cell) => cell.scrollWidth > cell.clientWidth).length'
    )
    assert widest == 0


def test_what_was_kept_and_makes_no_sense_is_ignored(serve: Serve, visit: Visit) -> None:
    page = live(visit(serve(Synthetic('home', 50)).url))
    usual = heads(page)
    for kept in (
        '{',
        '[]',
        '{"version": 9}',
        json.dumps(
            {'version': 1, 'order': ['x', 'name', 'name'], 'shown': ['y'], 'widths': {'size': -5, 'z': 1}}
        ),
    ):
        page.evaluate('kept => localStorage.setItem("pyrotorrent.columns", kept)', kept)
        page.reload()
        live(page)
        assert heads(page) == usual


def test_what_does_not_fit_gives_way(serve: Serve, visit: Visit) -> None:
    page = live(visit(serve(Synthetic('home', 50)).url, width=1000))
    assert 'added' not in heads(page)
    assert 'down' in heads(page)
    assert page.evaluate(
        'document.querySelector("#rows").scrollWidth <= document.querySelector("#rows").clientWidth'
    )


def test_rows_come_closer(serve: Serve, visit: Visit) -> None:
    page = live(visit(serve(Synthetic('home', 500)).url))
    page.get_by_role('button', name='Columns').click()
    page.get_by_role('checkbox', name='Compact rows').check()
    page.keyboard.press('Escape')
    box = page.locator(ROWS).nth(3).bounding_box()
    assert box
    assert box['height'] == 24
    assert page.evaluate('document.querySelector("#rows").scrollHeight') == 28 + 500 * 24


def test_the_name_has_the_room_and_the_state_is_said_once(serve: Serve, visit: Visit) -> None:
    page = live(visit(serve(Synthetic('home', 50)).url))
    assert 'state' not in heads(page)
    assert width(page, 'name') > 360  # of 1400
    word = page.locator(f'{ROWS} .c-name .sr').first
    expect(word).to_have_text('stopped')
    page.get_by_role('button', name='Columns').click()
    page.get_by_role('checkbox', name='State').check()
    expect(page.locator(f'{ROWS} .c-state').first).to_have_text('stopped')
    expect(word).to_have_text('')


CLIPPED = """() => [...document.querySelectorAll('#torrents thead th[data-key] a')]
  .filter((link) => [link, link.firstElementChild].some((each) => each.scrollWidth > each.clientWidth + 1))
  .map((link) => link.textContent)"""


def test_heads_have_room_in_german(serve: Serve, visit: Visit) -> None:
    served = serve(Synthetic('home', 50))
    page = live(visit(served.url, locale='de'))
    assert page.locator(f'{HEADS}[data-key=ratio]').text_content() == 'Verh.'
    expect(page.locator(f'{HEADS}[data-key=ratio] a')).to_have_attribute(
        'title', re.compile('^Nach Verhältnis')
    )
    assert page.evaluate(CLIPPED) == []
    page.get_by_role('button', name='Spalten').click()
    expect(page.locator('.column-menu')).to_be_visible()
    for box in page.locator('.column-menu li input:not(:disabled)').all():
        box.check()
    page.keyboard.press('Escape')
    expect(page.locator(f'{HEADS}[data-key=private]')).to_have_count(1)
    assert page.evaluate(CLIPPED) == []


def test_a_card_says_which_figure_is_the_ratio_in_its_language(serve: Serve, visit: Visit) -> None:
    served = serve(Synthetic('home', 50))
    for scripts in (True, False):
        page = visit(served.url, width=390, locale='de', java_script_enabled=scripts, allowed='was preloaded')
        if scripts:
            live(page)
        expect(page.locator(f'{ROWS}.s-stopped .c-ratio').first).to_have_text(
            re.compile(r'^Verh\. \d+,\d\d$')
        )
        expect(page.locator(f'{ROWS}.s-stopped .c-ratio .word').first).to_be_visible()
    page = live(visit(served.url))
    expect(page.locator(f'{ROWS} .c-ratio .word').first).to_be_hidden()
