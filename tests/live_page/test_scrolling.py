"""Ten and a hundred thousand rows, of which only those on screen are in the page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from tests.live_page.conftest import Serve, Visit
from tests.live_page.hands import ROWS, expect_on_screen, live, names_of, on_screen, row, scroll_to
from tests.live_page.synthetic import Synthetic


def test_the_page_stays_small_and_the_scrollbar_is_true(
    serve: Serve, visit: Visit, client: Synthetic
) -> None:
    page = live(visit(serve(client).url))
    expect(page.locator('#torrent-count')).to_have_text('10,000')
    assert page.evaluate('document.querySelector("#rows").scrollHeight') == 28 + 10_000 * 28
    for index in (0, 5_000, 9_990):
        scroll_to(page, index)
        page.wait_for_function(f'() => document.querySelectorAll("{ROWS}[data-hash]").length > 20')
        nodes = page.evaluate(
            'document.createTreeWalker(document).nextNode() && (() => { let n = 0;'
            ' for (const w = document.createTreeWalker(document); w.nextNode(); ) n += 1; return n; })()'
        )
        assert nodes < 3_000
    assert page.locator('#torrents').get_attribute('aria-rowcount') == '10001'


def test_each_place_shows_its_row(serve: Serve, visit: Visit, client: Synthetic) -> None:
    page = live(visit(serve(client).url))
    names = names_of(client)
    for index in (0, 4_321, 4_330, 9_900, 17, 8_000):
        scroll_to(page, index)
        expect_on_screen(page, names[index : index + 20])
    scroll_to(page, 10_000)
    page.wait_for_function(
        'name => [...document.querySelectorAll("#torrents a")].some((a) => a.textContent === name)',
        arg=names[-1],
    )
    assert on_screen(page)[-1] == names[-1]
    last = page.locator(row(page, names[-1]))
    assert last.get_attribute('aria-rowindex') == '10001'


def test_the_wheel_never_meets_an_empty_place(serve: Serve, visit: Visit, client: Synthetic) -> None:
    page = live(visit(serve(client).url))
    expect(page.locator(f'{ROWS}[aria-rowindex="20"] a')).not_to_be_empty()
    page.evaluate(
        """() => {
          const rows = document.querySelector('#rows');
          window.blank = 0;
          window.looked = 0;
          rows.addEventListener('scroll', () => requestAnimationFrame(() => {
            const box = rows.getBoundingClientRect();
            for (const y of [box.top + 40, box.top + box.height / 2, box.bottom - 10]) {
              const row = document.elementFromPoint(box.left + 300, y)?.closest('tbody tr');
              window.looked += 1;
              if (!row?.dataset.hash) window.blank += 1;
            }
          }));
        }"""
    )
    page.mouse.move(700, 500)
    for turn in range(30):
        page.mouse.wheel(0, 280)
        page.wait_for_function(f'() => document.querySelector("#rows").scrollTop >= {(turn + 1) * 280 - 1}')
    assert page.evaluate('window.looked') > 30
    assert page.evaluate('window.blank') == 0


#: What paints the list at a height, and whether that is bars.
GROUND = """y => {
  const { left } = document.querySelector('#rows').getBoundingClientRect();
  for (const each of document.elementsFromPoint(left + 300, y)) {
    const { backgroundImage, backgroundColor } = getComputedStyle(each);
    if (backgroundImage !== 'none' || backgroundColor !== 'rgba(0, 0, 0, 0)')
      return [each.localName, backgroundImage.includes('gradient')];
  }
}"""


def test_rows_to_come_are_bars_in_their_places(serve: Serve, visit: Visit) -> None:
    page = live(visit(serve(Synthetic('home', 2_000)).url))
    expect(page.locator('#torrent-count')).to_have_text('2,000')
    whole = page.locator('#torrents tbody').bounding_box()
    assert whole and whole['height'] == 2_000 * 28
    held: list[Route] = []
    page.route('**/api/v1/torrents?*', lambda route: held.append(route))
    scroll_to(page, 1_500)
    expect(page.locator(f'{ROWS}.waiting[aria-rowindex="1510"]')).to_be_visible()
    page.mouse.move(700, 500)
    assert [page.evaluate(GROUND, y) for y in (140, 500, 850)] == [['tr', True]] * 3
    # Where the page itself has not heard of the scroll yet, the ground is all there is.
    page.locator(ROWS).evaluate_all('rows => rows.forEach((row) => { row.style.display = "none"; })')
    assert page.evaluate(GROUND, 500) == ['tbody', True]


def test_nodes_are_used_again(serve: Serve, visit: Visit, client: Synthetic) -> None:
    page = live(visit(serve(client).url))
    page.evaluate(f"window.kept = new Set(document.querySelectorAll('{ROWS}'))")
    scroll_to(page, 200)
    expect_on_screen(page, names_of(client)[200:210])
    fresh = page.evaluate(
        f"[...document.querySelectorAll('{ROWS}')].filter((row) => !window.kept.has(row)).length"
    )
    assert fresh < 20
    order = page.evaluate(
        f"[...document.querySelectorAll('{ROWS}')].map((row) => +row.getAttribute('aria-rowindex'))"
    )
    assert order == sorted(order)


def test_a_hundred_thousand_rows_fit_in_15_megabytes(serve: Serve, visit: Visit) -> None:
    page = live(visit(serve(Synthetic('home', 100_000)).url))
    expect(page.locator('#torrent-count')).to_have_text('100,000')
    for index in (0, 99_000, 50_000, *range(50_000, 53_000, 300)):
        scroll_to(page, index)
        expect(page.locator(f'{ROWS}[aria-rowindex="{index + 6}"] .c-name a')).not_to_be_empty()
    session = page.context.new_cdp_session(page)
    session.send('HeapProfiler.collectGarbage')
    used = session.send('Runtime.getHeapUsage')['usedSize']
    assert used < 15 << 20


def test_back_and_reload_come_to_where_the_list_was(serve: Serve, visit: Visit, client: Synthetic) -> None:
    page = live(visit(serve(client).url))
    scroll_to(page, 3_000)
    expect_on_screen(page, names_of(client)[3_000:3_010])
    page.wait_for_function('() => history.state?.top > 0')
    page.reload()
    live(page)
    expect_on_screen(page, names_of(client)[3_000:3_010])


def test_a_page_of_the_list_is_a_place_in_it(serve: Serve, visit: Visit, client: Synthetic) -> None:
    served = serve(client, PAGE_SIZE=50)
    page = live(visit(served.url + '?page=3'))
    expect_on_screen(page, names_of(client)[100:110])
    assert 'page=' not in page.url


@pytest.mark.parametrize('width', [390, 1400])
def test_without_scripts_the_same_addresses_are_pages(
    serve: Serve, visit: Visit, client: Synthetic, width: int
) -> None:
    served = serve(client, PAGE_SIZE=50)
    page = visit(served.url + '?page=3&sort=name', java_script_enabled=False, width=width)
    assert page.locator(f'{ROWS} .c-name a').first.text_content() == names_of(client)[100]
    page.get_by_role('navigation', name='Pages of the list').get_by_role('link', name='4').click()
    assert page.locator(f'{ROWS} .c-name a').first.text_content() == names_of(client)[150]
