"""What changes by itself: figures at once, places only where nobody works."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.live_page.conftest import Serve, Visit
from tests.live_page.hands import ROWS, expect_on_screen, live, names_of, on_screen, row, scroll_to
from tests.live_page.synthetic import Synthetic


def moving() -> Synthetic:
    """Thirty torrents, the first ten of which download: the tenth is the quickest."""
    client = Synthetic('home', 30)
    for number in range(1, 31):
        values = {
            'name': f'torrent {number:02}',
            'message': '',
            'state': 1,
            'is_active': True,
            'complete': False,
        }
        client.change(number, **values, down_rate=number << 20 if number <= 10 else 0, left_bytes=1 << 33)
    return client


def test_figures_change_in_their_cells_and_nothing_else_does(serve: Serve, visit: Visit) -> None:
    client = moving()
    page = live(visit(serve(client).url))
    expect_on_screen(page, ['torrent 01', 'torrent 02'])
    page.evaluate(f"window.kept = [...document.querySelectorAll('{ROWS}')]")
    page.evaluate(
        """() => {
          window.writes = [];
          const seen = (records) => window.writes.push(...records.map(({ target }) =>
            (target.nodeType === 3 ? target.parentElement : target).closest('td, th, tr').className));
          new MutationObserver(seen).observe(document.querySelector('#torrents tbody'),
            { subtree: true, childList: true, characterData: true, attributes: true });
        }"""
    )
    client.change(3, down_rate=77 << 20)
    expect(page.locator(row(page, 'torrent 03')).locator('.c-down')).to_have_text('77.0 MiB/s')
    assert page.evaluate(f"window.kept.every((row, at) => row === document.querySelectorAll('{ROWS}')[at])")
    assert set(page.evaluate('window.writes')) <= {'c-down number', 'c-eta number'}


def test_a_torrent_that_comes_above_moves_nothing_on_screen(
    serve: Serve, visit: Visit, client: Synthetic
) -> None:
    page = live(visit(serve(client).url))
    names = names_of(client)
    scroll_to(page, 5_000)
    expect_on_screen(page, names[5_000:5_010])
    for number in (20_001, 20_002, 20_003):
        client.change(number, name=f'000 {number}')
    expect(page.locator('#torrent-count')).to_have_text('10,003')
    expect_on_screen(page, names[5_000:5_010])
    client.remove(20_001, 20_002)
    expect(page.locator('#torrent-count')).to_have_text('10,001')
    expect_on_screen(page, names[5_000:5_010])


def test_the_first_torrent_appears_and_the_last_one_goes(serve: Serve, visit: Visit) -> None:
    client = Synthetic('home', 0)
    page = visit(serve(client).url)
    expect(page.get_by_role('heading', name='No torrents yet')).to_be_visible()
    client.change(1, name='the first')
    expect(page.locator(f'{ROWS} .c-name a')).to_have_text('the first')
    expect(page.locator('#torrent-count')).to_have_text('1')
    expect(page.get_by_role('heading', name='No torrents yet')).not_to_be_visible()
    client.remove(1)
    expect(page.get_by_role('heading', name='No torrents yet')).to_be_visible()


def sorted_by_rate(page: Page) -> Page:
    page.get_by_role('columnheader', name='Down').get_by_role('link').click()
    expect_on_screen(page, ['torrent 10', 'torrent 09', 'torrent 08'])
    return page


def test_rows_sorted_by_rate_stay_under_the_pointer(serve: Serve, visit: Visit) -> None:
    client = moving()
    page = sorted_by_rate(live(visit(serve(client).url)))
    page.hover(row(page, 'torrent 09'))
    client.change(1, down_rate=99 << 20)
    expect(page.locator(row(page, 'torrent 01')).locator('.c-down')).to_have_text('99.0 MiB/s')
    assert on_screen(page)[:2] == ['torrent 10', 'torrent 09']
    page.mouse.move(5, 5)
    expect_on_screen(page, ['torrent 01', 'torrent 10', 'torrent 09'])


def test_rows_sorted_by_rate_stay_while_some_are_selected(serve: Serve, visit: Visit) -> None:
    client = moving()
    page = sorted_by_rate(live(visit(serve(client).url)))
    page.locator(row(page, 'torrent 08')).locator('input').check()
    page.mouse.move(5, 5)
    client.change(1, down_rate=99 << 20)
    expect(page.locator(row(page, 'torrent 01')).locator('.c-down')).to_have_text('99.0 MiB/s')
    assert on_screen(page)[:2] == ['torrent 10', 'torrent 09']
    page.locator(row(page, 'torrent 08')).locator('input').uncheck()
    page.mouse.move(5, 5)
    expect_on_screen(page, ['torrent 01', 'torrent 10'])


def test_what_is_gone_does_not_hand_its_place_to_another_under_the_pointer(
    serve: Serve, visit: Visit
) -> None:
    client = moving()
    page = live(visit(serve(client).url))
    page.hover(row(page, 'torrent 05'))
    client.remove(5)
    expect(page.locator('#torrent-count')).to_have_text('29')
    assert on_screen(page)[3:6] == ['torrent 04', 'torrent 05', 'torrent 06']
    page.mouse.move(5, 5)
    expect_on_screen(page, ['torrent 01', 'torrent 02', 'torrent 03', 'torrent 04', 'torrent 06'])
