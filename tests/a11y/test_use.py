"""What axe cannot see: the way of the Tab key, the mark of the focus, sizes for fingers, reflow, stillness, colours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.a11y import walk
from tests.a11y.conftest import show
from tests.pages import samples

LONG = 'A.Name.Without.Any.Place.To.Break.It.' * 12


def each(page: Page, look: Callable[[Page], Any], text: str = 'A text of some length') -> dict[str, Any]:
    """What *look* says of each page, where it says anything."""
    said = {}
    for name, (template, values) in samples.pages(text).items():
        if name != 'once':
            show(page, template, values)
            said[name] = look(page)
    return {name: words for name, words in said.items() if words}


@pytest.mark.parametrize('width', [1400, 390])
def test_tab_reaches_every_control_in_the_order_of_reading(
    open_page: Callable[..., Page], width: int
) -> None:
    assert each(open_page(width), walk.problems_of_order) == {}


@pytest.mark.parametrize('width', [1400, 390])
@pytest.mark.parametrize('scheme', ['light', 'dark'])
def test_the_focus_is_seen(open_page: Callable[..., Page], width: int, scheme: str) -> None:
    assert each(open_page(width, color_scheme=scheme), walk.invisible_focus) == {}


def test_the_skip_link_is_first_and_leads_to_the_content(open_page: Callable[..., Page]) -> None:
    page = open_page()
    show(page, *samples.pages()['account'])  # nothing there has the focus from the start
    page.keyboard.press('Tab')
    page.keyboard.press('Enter')
    assert page.evaluate('document.activeElement.id') == 'main'
    page.keyboard.press('Tab')
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


@pytest.mark.parametrize('width', [390, 1024])
def test_what_a_finger_meets_is_44_pixels_high(open_page: Callable[..., Page], width: int) -> None:
    """For a mouse axe asks for 24 pixels with the space around."""
    page = open_page(width, has_touch=True, is_mobile=True)
    assert each(page, lambda page: walk.ask(page, 'tooSmall', 44)) == {}


@pytest.mark.parametrize(('width', 'height'), [(320, 568), (320, 256), (640, 400), (844, 390)])
def test_nothing_scrolls_sideways_at_320_pixels_or_200_percent(
    open_page: Callable[..., Page], width: int, height: int
) -> None:
    page = open_page(width, height)
    assert each(page, lambda page: walk.ask(page, 'sideways'), LONG) == {}


def test_text_twice_as_large_is_not_cut_off(open_page: Callable[..., Page]) -> None:
    page = open_page(1280)

    def enlarged(page: Page) -> list[str]:
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        return walk.ask(page, 'cutOff')

    assert each(page, enlarged) == {}


def test_nothing_moves_for_those_who_want_it_still(open_page: Callable[..., Page]) -> None:
    assert each(open_page(reduced_motion='reduce'), lambda page: walk.ask(page, 'moving')) == {}


@pytest.mark.parametrize('scheme', ['light', 'dark'])
def test_pinned_colours_leave_nothing_without_a_border(open_page: Callable[..., Page], scheme: str) -> None:
    page = open_page(forced_colors='active', color_scheme=scheme)
    assert each(page, lambda page: walk.ask(page, 'withoutEdge')) == {}


def test_no_page_forbids_to_zoom(open_page: Callable[..., Page]) -> None:
    def fixed(page: Page) -> str:
        content = page.locator('meta[name=viewport]').get_attribute('content') or ''
        return content if 'maximum-scale' in content or 'user-scalable' in content else ''

    assert each(open_page(390), fixed) == {}


def test_fields_are_large_enough_that_a_phone_does_not_zoom_in(open_page: Callable[..., Page]) -> None:
    page = open_page(390, has_touch=True, is_mobile=True)
    assert each(page, lambda page: walk.ask(page, 'smallFields')) == {}
