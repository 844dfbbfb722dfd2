"""The same with a real rTorrent: what happens there is seen here, and what is done here happens there."""

from __future__ import annotations

from playwright.sync_api import expect

from model.backends.rtorrent import RTorrentBackend
from tests.core.support import backend_of
from tests.live_page.conftest import Serve, Visit
from tests.live_page.hands import ROWS, live, row
from tests.rig import Rtorrent, make, wait_for

COUNT = 40


def filled(rtorrent: Rtorrent) -> RTorrentBackend:
    for number in range(COUNT):
        torrent = make(
            rtorrent.downloads,
            f'torrent {number:02}',
            20_000 + number,
            announce='http://127.0.0.1:1/announce',
        )
        rtorrent.load(torrent.seed, torrent.info_hash, start=True)
    return backend_of(rtorrent, 'home')


def test_stop_all_matching_and_see_what_others_do(serve: Serve, visit: Visit, rtorrent: Rtorrent) -> None:
    page = live(visit(serve(filled(rtorrent)).url))
    expect(page.locator('#torrent-count')).to_have_text(str(COUNT))
    page.locator('#q').fill('name="torrent 3*"')
    expect(page.locator('#torrent-count')).to_have_text('10')
    page.locator(ROWS).first.locator('.c-size').click()
    page.keyboard.press('Control+a')
    page.get_by_role('button', name='Stop').first.click()
    expect(page.locator(f'{ROWS}.s-stopped')).to_have_count(10)
    stopped = [
        values for values in rtorrent.call('d.multicall2', '', 'main', 'd.name=', 'd.state=') if not values[1]
    ]
    assert sorted(name for name, _ in stopped) == [f'torrent {number}' for number in range(30, 40)]

    (info_hash,) = (
        values[0]
        for values in rtorrent.call('d.multicall2', '', 'main', 'd.hash=', 'd.name=')
        if values[1] == 'torrent 35'
    )
    rtorrent.call('d.start', info_hash)
    wait_for(lambda: rtorrent.call('d.state', info_hash) == 1, 10, 'the torrent to start')
    expect(page.locator(row(page, 'torrent 35'))).not_to_have_class('s-stopped')
    rtorrent.call('d.erase', info_hash)
    expect(page.locator('#torrent-count')).to_have_text('9')
