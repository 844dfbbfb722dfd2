"""The panel of one torrent below the list, tab by tab."""

from __future__ import annotations

import time
from pathlib import Path

from playwright.sync_api import Page, expect

from lib.errors import NoSocket
from model.events.eventlog import Event
from tests.live_page.serve import Served
from tests.panel.conftest import Visit
from tests.panel.stage import HOSTILE, Client

ONE = f'{20:040X}'


def opened(served: Served, tab: str = '', target: str = 'home') -> str:
    return f'{served.url}?open={target}/{ONE}' + (f'&tab={tab}' if tab else '')


def test_a_name_opens_it_and_escape_closes_it(served: Served, visit: Visit) -> None:
    page = visit(served.url)
    page.locator('#torrents tbody .c-name a').nth(3).click()
    expect(page.get_by_role('tab', name='General')).to_have_attribute('aria-selected', 'true')
    expect(page.locator('#panel')).to_contain_text(HOSTILE)
    assert 'open=home/' in page.url
    page.keyboard.press('3')
    expect(page.get_by_role('tab', name='Peers')).to_have_attribute('aria-selected', 'true')
    page.wait_for_url('**tab=peers**')
    page.keyboard.press('Escape')
    expect(page.locator('#panel')).to_be_hidden()
    page.wait_for_url(served.url)


def test_general_changes_in_place_and_sets_values(served: Served, home: Client, visit: Visit) -> None:
    page = visit(opened(served))
    rate = page.locator('#panel dt:has(bdi:text-is("Down")) + dd')
    expect(rate).to_be_visible()
    rate.evaluate('element => (window.kept = element)')
    home.change(20, down_rate=7 << 20)
    expect(rate).to_have_text('7.0 MiB/s')
    assert page.evaluate('window.kept.isConnected')
    label = page.locator('#own-label')
    label.fill('mine')
    label.press('Enter')
    expect(page.locator('.toast')).to_contain_text('Label: mine')
    assert home.row(ONE)[15] == 'mine'
    page.get_by_role('button', name='Undo').click()
    expect(label).to_have_value('linux')


def test_what_was_refused_stays_to_be_put_right(served: Served, home: Client, visit: Visit) -> None:
    home.refuse.add(ONE)
    page = visit(opened(served))
    label, rate = page.locator('#own-label'), page.locator('#panel dt:has(bdi:text-is("Down")) + dd')
    label.fill('a long one')
    label.press('Enter')
    expect(page.locator('.toast')).to_contain_text('Could not be done now')
    expect(label).to_have_attribute('aria-invalid', 'true')
    page.locator('#own-directory').focus()
    home.change(20, down_rate=7 << 20)
    expect(rate).to_have_text('7.0 MiB/s')
    expect(label).to_have_value('a long one')
    label.press('Escape')
    expect(label).to_have_value('linux')
    expect(label).not_to_have_attribute('aria-invalid', 'true')


def test_files_are_asked_for_when_they_are_opened(served: Served, home: Client, visit: Visit) -> None:
    page = visit(opened(served, 'files'))
    rows = page.locator('.files-row')
    expect(rows.first).to_contain_text('season 1')
    expect(page.get_by_text('episode 00000.mkv')).to_have_count(0)
    rows.first.focus()
    page.keyboard.press('ArrowRight')
    expect(page.get_by_text('episode 00000.mkv')).to_be_visible()
    expect(rows.first).to_have_attribute('aria-expanded', 'true')
    page.keyboard.press('ArrowDown')
    page.keyboard.press('Space')
    expect(page.locator('.files-bar')).to_contain_text('1 file')
    page.locator('.files-bar').get_by_role('button', name='high').click()
    expect(page.locator('.toast')).to_contain_text('1 file: priority high')
    expect(rows.nth(1).locator('select')).to_have_value('2')
    rows.first.locator('select').select_option('0')
    expect(page.locator('.toast')).to_contain_text('priority off')
    assert {file.priority for file in home.files(ONE) if file.path.startswith('season 1/')} == {0}


def test_a_hundred_thousand_files_cost_what_thirty_do(tmp_path: Path, visit: Visit) -> None:
    served = Served(tmp_path / 'state', Client('home', 30, files=100_000))
    try:
        page = visit(opened(served, 'files'))
        expect(page.locator('.files-row').first).to_contain_text('season 1')
        page.locator('.files-row').first.focus()
        page.keyboard.press('End')
        expect(page.locator('.files-row:focus')).to_contain_text('file 099998.bin')
        assert page.locator('.files-row').count() < 60
        assert page.locator('.files-rows').get_attribute('aria-rowcount') == '50004'
    finally:
        served.close()


def test_peers_are_sorted_and_flags_have_words(served: Served, visit: Visit) -> None:
    page = visit(opened(served, 'peers'))
    first = page.locator('.peers tbody tr').first
    expect(first).to_contain_text('[2001:db8::0]:6881')
    page.get_by_role('button', name='Client').click()
    expect(first).to_contain_text(HOSTILE)
    expect(page.get_by_role('columnheader', name='Client')).to_have_attribute('aria-sort', 'ascending')
    expect(page.locator('.peers abbr[title=encrypted]').first).to_have_text('E')
    expect(page.locator('.legend')).to_contain_text('E encrypted')


def test_a_tracker_is_switched(served: Served, home: Client, visit: Visit) -> None:
    page = visit(opened(served, 'trackers'))
    rows = page.locator('.trackers tbody tr')
    expect(rows.nth(1)).to_contain_text('failed 3 times')
    rows.nth(2).locator('input').check()
    expect(page.locator('.toast')).to_contain_text('Tracker switched on')
    assert home.tracker_on[2]


def test_a_client_that_is_back_is_asked_at_once(served: Served, home: Client, visit: Visit) -> None:
    page = visit(served.url)
    # No patience ever ends: what is asked then is asked because the client answers again.
    page.add_init_script(
        'const wait = setTimeout; setTimeout = (what, ms) => (ms < 9000 ? wait(what, ms) : 0)'
    )
    page.goto(opened(served, 'trackers'))
    expect(page.locator('.trackers tbody tr')).to_have_count(3)
    target = page.locator('.targets .target')
    home.trouble = NoSocket('There is no socket at /run/rt.sock.')
    expect(target).to_contain_text('does not answer')
    home.tracker_on[0] = False
    home.trouble = None
    expect(page.locator('.trackers tbody tr').first.locator('input')).not_to_be_checked()


def test_the_map_of_pieces_has_words(served: Served, visit: Visit) -> None:
    page = visit(opened(served, 'pieces'))
    words = '781 of 1,204 pieces of 1.0 MiB: 64 %'
    expect(page.get_by_role('img', name=words)).to_be_visible()

    def colours() -> int:
        return page.evaluate("""() => {
          const map = document.querySelector('.pieces');
          const {data} = map.getContext('2d').getImageData(0, 0, map.width, map.height);
          return new Set(new Uint32Array(data.buffer)).size; }""")  # type: ignore[no-any-return]

    assert colours() >= 3


def test_a_torrent_that_is_gone_says_so_calmly(served: Served, home: Client, visit: Visit) -> None:
    page = visit(opened(served, 'general'))
    expect(page.locator('.facts').first).to_be_visible()
    home.remove(20)
    gone = page.locator('.panel-gone')
    expect(gone).to_contain_text('This torrent is not in home any more')
    expect(page.locator('.panel-note')).to_be_hidden()
    expect(page.locator('.panel-body')).to_be_hidden()
    gone.get_by_role('button', name='What happened to it').click()
    expect(page.get_by_role('tab', name='History')).to_have_attribute('aria-selected', 'true')
    expect(page.locator('.panel-body')).to_be_visible()
    home.change(21, name='after all')
    expect(page.locator('#torrents')).to_contain_text('after all')
    expect(page.locator('.panel-page')).to_have_class('panel-page s-stopped')
    page.get_by_role('tab', name='General').click()
    expect(gone).to_be_visible()
    home.change(20)  # as rTorrent does when the metadata of a magnet has come
    expect(page.locator('.facts').first).to_be_visible()
    expect(gone).to_be_hidden()
    expect(page.locator('.panel-page')).to_have_class('panel-page s-downloading')


def test_the_head_of_a_history_knows_that_its_torrent_was_removed(served: Served, visit: Visit) -> None:
    page = visit(opened(served, 'history'))
    head = page.locator('.panel-page')
    expect(head).to_have_class('panel-page s-downloading')
    served.services.events.add([Event(0, time.time(), 'home', ONE, 'removed', 'thing', '')])
    page.reload()
    expect(page.locator('#panel .history li')).to_have_count(1)
    expect(head).to_have_class('panel-page s-stopped')
    assert head.get_attribute('href') is None


def test_the_history_says_what_happened_in_words(served: Served, visit: Visit) -> None:
    happened = [
        (1.0, 'added', 'thing'), (2.0, 'stalled', '600'), (3.0, 'tracker_error', 'Tracker: [no such torrent]'),
        (4.0, 'ratio', '1.0'), (5.0, 'started', ''), (5.0, 'updated', 'state is_open'), (6.0, 'updated', 'priority'),
        (7.0, 'label', '<b>films</b>'), (8.0, 'did', 'stop'), (9.0, 'unheard', 'of'),
    ]  # fmt: skip
    begin = time.time() - 100
    served.services.events.add(
        Event(0, begin + at, 'home', ONE, kind, '', detail) for at, kind, detail in happened
    )
    page = visit(opened(served, 'history'))
    expect(page.locator('#panel .history li bdi')).to_have_text(
        [
            'unheard: of', 'Stop', 'label: <b>films</b>', 'changed: Priority', 'started', 'ratio 1.00 reached',
            'tracker: no such torrent', 'nothing came for 10 min', 'added',
        ]
    )  # fmt: skip


def height(page: Page) -> float:
    box = page.locator('#panel').bounding_box()
    assert box
    return box['height']


def test_its_height_is_kept(served: Served, visit: Visit) -> None:
    page = visit(opened(served))
    grip = page.get_by_role('separator')
    expect(grip).to_be_visible()
    before = height(page)
    grip.focus()
    page.keyboard.press('ArrowUp')
    page.keyboard.press('ArrowUp')
    assert height(page) == before + 48
    page.reload()
    expect(grip).to_be_visible()
    assert height(page) == before + 48


def test_on_a_phone_it_is_as_high_as_the_screen(served: Served, visit: Visit) -> None:
    page = visit(opened(served), width=390, height=844)
    expect(page.locator('#panel dd').first).to_be_visible()
    assert height(page) > 700
    assert page.evaluate('document.documentElement.scrollWidth <= innerWidth')
