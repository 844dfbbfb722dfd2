"""Looks and touches that several tests share."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from model.sorting import natural
from tests.live_page.synthetic import Synthetic

ROWS = '#torrents tbody tr'
GRID = '#torrents[role=grid]'


def live(page: Page) -> Page:
    """Wait until the scripts have taken over."""
    expect(page.locator(GRID)).to_be_visible()
    return page


def scroll_to(page: Page, index: int) -> None:
    page.evaluate('index => { document.querySelector("#rows").scrollTop = index * 28; }', index)


#: The names on screen, top to bottom; None for one that is not here yet.
ON_SCREEN = """() => {
  const box = document.querySelector('#rows').getBoundingClientRect();
  const head = document.querySelector('#torrents thead').getBoundingClientRect().bottom;
  return [...document.querySelectorAll('#torrents tbody tr')]
    .filter((row) => {
      const { top, bottom } = row.getBoundingClientRect();
      return top >= head - 1 && bottom <= box.bottom + 1;
    })
    .map((row) => row.querySelector('.c-name a').textContent || null);
}"""


def on_screen(page: Page) -> list[str | None]:
    names: list[str | None] = page.evaluate(ON_SCREEN)
    return names


def expect_on_screen(page: Page, names: list[str]) -> None:
    """Wait until the rows on screen begin with these names."""
    page.wait_for_function(
        f'wanted => {{ const now = ({ON_SCREEN})(); return wanted.every((name, at) => now[at] === name); }}',
        arg=names,
    )


def names_of(client: Synthetic) -> list[str]:
    """All names as the list sorts them."""
    return sorted((str(row[1]) for row in client.rows()), key=natural)


def row(page: Page, name: str) -> str:
    """A selector of the row of that name."""
    return f'{ROWS}:has(bdi:text-is("{name}"))'
