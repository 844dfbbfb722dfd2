"""One long walk: log in, watch a transfer, stop and start it, add in three ways, download with Range, remove."""

from __future__ import annotations

import contextlib
import hashlib
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from playwright.sync_api import Page, expect

from tests.e2e.stack import PASSWORD, Stack
from tests.rig import Made, Rtorrent, make, wait_for, wait_for_peers

SLOW = 150_000  # bytes a second


def log_in(page: Page, stack: Stack) -> None:
    stack.command('user', 'add', 'ada', '--password-stdin', text=f'{PASSWORD}\n')
    page.goto(stack.url)
    page.get_by_label('Name').fill('ada')
    page.get_by_label('Password').fill(PASSWORD)
    page.get_by_role('button', name='Log in').click()
    expect(page.locator('#torrent-count')).to_be_visible()


def seeded(stack: Stack, name: str, size: int) -> Made:
    """A torrent that ``box`` seeds, slowly."""
    torrent = make(stack.box.downloads, name, size, announce=stack.tracker.url)
    stack.box.call('throttle.global_up.max_rate.set', '', SLOW)
    stack.box.load(torrent.seed, torrent.info_hash, start=True)
    stack.tracker.wait_for_seed(torrent.info_hash)
    return torrent


def row(page: Page, torrent: Made, target: str = 'home') -> object:
    return page.locator(f'#torrents [data-hash="{torrent.info_hash}"][data-target="{target}"]')


@contextlib.contextmanager
def served(data: bytes) -> Iterator[str]:
    """The address of a web server that has one .torrent."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header('Content-Type', 'application/x-bittorrent')
            self.send_header('Content-Length', str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f'http://127.0.0.1:{server.server_address[1]}/a.torrent'
    server.shutdown()
    server.server_close()


def add(
    page: Page, stack: Stack, *, file: Made | None = None, link: str = '', label: str = '', start: bool = True
) -> None:
    page.goto(f'{stack.url}add')
    if file is not None:
        page.get_by_label('.torrent files').set_input_files(
            files=[
                {'name': f'{file.name}.torrent', 'mimeType': 'application/x-bittorrent', 'buffer': file.data}
            ]
        )
    page.get_by_label('Addresses and magnet links').fill(link)
    page.get_by_label('Label').fill(label)
    page.get_by_label('Client').select_option('home')
    page.get_by_label('Start at once').set_checked(start)
    page.get_by_role('button', name='Add', exact=True).click()
    expect(page.locator('#results li.ok')).to_have_count(1)


def test_a_transfer_is_watched_stopped_started_and_removed(stack: Stack, page: Page) -> None:
    log_in(page, stack)
    torrent = seeded(stack, 'moving.iso', 12_000_000)
    add(page, stack, file=torrent, label='linux & more')
    page.goto(stack.url)
    mine = row(page, torrent)
    expect(mine).to_contain_text('linux & more')
    expect(mine).to_contain_text('downloading')
    before = int(mine.locator('progress').get_attribute('value'))
    # The page refreshes itself: nothing here reloads it.
    page.wait_for_function(
        'args => { const bar = document.querySelector(`[data-hash="${args[0]}"][data-target="home"] progress`);'
        ' return !bar || bar.value > args[1]; }',
        arg=[torrent.info_hash, before],
        timeout=60_000,
    )
    mine.get_by_role('link', name='moving.iso').click()
    page.locator('#panel .panel-page').click()
    expect(page.get_by_role('heading', name='moving.iso')).to_be_visible()
    page.get_by_role('link', name='Peers').click()
    expect(page.locator('table.peers tbody tr')).to_have_count(1)
    page.get_by_role('link', name='Trackers').click()
    expect(page.locator('table.trackers')).to_contain_text(stack.tracker.url)
    page.get_by_role('button', name='Stop').click()
    wait_for(lambda: stack.home.call('d.state', torrent.info_hash) == 0, 10, 'the torrent to stop')
    expect(page.locator('.state-line')).to_contain_text('stopped')
    page.get_by_role('button', name='Start').click()
    wait_for(lambda: stack.home.call('d.state', torrent.info_hash) == 1, 10, 'the torrent to start')
    expect(page.locator('.state-line')).to_contain_text('downloading')
    stack.box.call('throttle.global_up.max_rate.set', '', 0)
    # rTorrent waits for minutes before it tries a peer again that it has just left, unless it is started anew. A page
    # of a torrent is answered 503 meanwhile; the list is not.
    address = page.url
    page.goto(stack.url)
    stack.home.restart()
    wait_for(lambda: stack.home.call('d.complete', torrent.info_hash), 60, 'the transfer to finish')
    page.goto(address)
    page.get_by_role('link', name='Files').click()
    check_download(page, stack, torrent)
    page.get_by_role('button', name='Remove').click()
    expect(page.locator('#no')).to_be_focused()
    page.get_by_role('button', name='Remove 1 torrent').click()
    expect(page.locator('#torrent-count')).to_be_visible()
    wait_for(lambda: torrent.info_hash not in stack.home.hashes(), 10, 'the torrent to be gone')
    assert (stack.home.downloads / 'moving.iso').stat().st_size == torrent.size


def check_download(page: Page, stack: Stack, torrent: Made) -> None:
    """The file arrives whole, and in a part that begins in the middle."""
    with page.expect_download() as waiting:
        page.get_by_role('link', name='moving.iso', exact=True).click()
    with open(waiting.value.path(), 'rb') as file:
        got = hashlib.file_digest(file, 'sha1').hexdigest()
    content = torrent.path.read_bytes()
    assert got == hashlib.sha1(content).hexdigest()
    address = f'{stack.url}torrent/home/{torrent.info_hash}/file/0'
    cookie = '; '.join(f'{item["name"]}={item["value"]}' for item in page.context.cookies())
    asked = urllib.request.Request(address, headers={'Cookie': cookie, 'Range': 'bytes=3000000-3000099'})
    with urllib.request.urlopen(asked, timeout=60) as answer:
        assert answer.status == 206
        assert answer.read() == content[3_000_000:3_000_100]


def test_adding_by_address_and_by_magnet(stack: Stack, page: Page) -> None:
    log_in(page, stack)
    by_address, by_magnet = seeded(stack, 'by-address', 300_000), seeded(stack, 'by-magnet', 300_000)
    with served(by_address.data) as address:
        add(page, stack, link=address, start=False)
    assert stack.home.call('d.state', by_address.info_hash) == 0
    magnet = f'magnet:?xt=urn:btih:{by_magnet.info_hash}&dn=by-magnet&tr={stack.tracker.url}'
    add(page, stack, link=magnet)
    wait_for_peers(stack.home, lambda: complete(stack.home, by_magnet), 'the magnet to find its data')
    page.goto(stack.url)
    expect(row(page, by_magnet)).to_contain_text('by-magnet')
    add_again(page, stack, by_address)


def add_again(page: Page, stack: Stack, torrent: Made) -> None:
    """The second time says that it is there already."""
    page.goto(f'{stack.url}add')
    page.get_by_label('.torrent files').set_input_files(
        files=[{'name': 'again.torrent', 'mimeType': 'application/x-bittorrent', 'buffer': torrent.data}]
    )
    page.get_by_label('Client').select_option('home')
    page.get_by_role('button', name='Add', exact=True).click()
    expect(page.locator('#results')).to_contain_text('already there')


def complete(rtorrent: Rtorrent, torrent: Made) -> bool:
    # One request: a magnet is erased and loaded anew when its metadata has come.
    rows = rtorrent.call('d.multicall2', '', 'main', 'd.hash=', 'd.complete=', 'd.is_meta=')
    return [torrent.info_hash, 1, 0] in rows


def test_a_client_that_is_down_hides_nobody_else(stack: Stack, page: Page) -> None:
    log_in(page, stack)
    torrent = seeded(stack, 'still here', 100_000)
    stack.home.kill()
    page.goto(stack.url)
    expect(row(page, torrent, 'box')).to_be_visible()
    expect(page.locator('#notices')).to_contain_text('home')
    expect(page.locator('#notices')).to_contain_text(stack.home.socket)
    stack.home.start()
    expect(page.locator('#notices section')).to_have_count(0)


def test_settings_reach_the_client(stack: Stack, page: Page) -> None:
    log_in(page, stack)
    page.goto(f'{stack.url}settings/home')
    page.get_by_label('Upload limit').fill('123')
    page.get_by_role('button', name='Apply').click()
    wait_for(lambda: stack.home.call('throttle.global_up.max_rate') == 123 * 1024, 10, 'the limit to be set')
    expect(page.get_by_label('Upload limit')).to_have_value('123')
