"""rTorrent or its torrents misbehave: killed, hung, poisoned names, many clients at once. The others are served."""

from __future__ import annotations

import os
import socketserver
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lib import bencode
from tests.attack.conftest import Tap
from tests.core.support import frozen, loaded
from tests.intake import torrents
from tests.rig import Rtorrent, wait_for
from tests.rig.factory import Factory
from tests.web.conftest import Build
from tests.web.site import Site
from tests.wire.fakes import Server, Visit, scgi, xml

MARKUP = '<img src=x onerror=alert(1)>'
TABS = ('general', 'files', 'peers', 'trackers')


class Refusing(socketserver.StreamRequestHandler):
    """A tracker whose refusal is markup, control bytes and three megabytes long."""

    def handle(self) -> None:
        while self.rfile.readline().strip():
            pass
        body = bencode.dumps({b'failure reason': b'no\x01pe\x1b ' + MARKUP.encode() + b'x' * 3_000_000})
        self.wfile.write(b'HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n' % len(body) + body)


@pytest.fixture
def refusing_tracker() -> Iterator[str]:
    with socketserver.ThreadingTCPServer(('127.0.0.1', 0), Refusing) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f'http://127.0.0.1:{server.server_address[1]}/announce'
        server.shutdown()


def poisoned(rtorrent: Rtorrent, name: bytes, **outer: bytes) -> str:
    """Load a torrent called ``name`` past our own checks; its hash."""
    info = torrents.multi((b'a' + name, b'b'), (b'\xff\xfe', b'c\x01'), name=name)
    data = torrents.torrent(info, comment=name * 50, **outer)
    rtorrent.load(data, torrents.hash_of(info))
    return torrents.hash_of(info)


@pytest.mark.parametrize('version', ['0.9.8', '0.16'])
def test_poisoned_torrents_leave_every_page_whole(
    build: Build, start_rtorrent: Factory, version: str, refusing_tracker: str
) -> None:
    rtorrent = start_rtorrent(version)
    site = build(home=rtorrent)
    names = [
        b'a\x01\x0b\x1fb',
        b'\xff\xed\xa0\x80\xf5x',
        MARKUP.encode(),
        b'\xe2\x80\xaeexe.\xcc\x81' * 20,
        b"'-\x7f{{7*7}}",
    ]
    hashes = [poisoned(rtorrent, name, announce=refusing_tracker.encode()) for name in names]
    made = loaded(rtorrent, 'innocent')
    for info_hash in hashes:
        rtorrent.call('d.start', info_hash)
        rtorrent.call('d.custom1.set', info_hash, '%3Cimg src=x%3E%01%ED%A0%80')
    for role in ('read', 'admin'):
        browser = site.browser(role, role)
        for query in ('', '?sort=label', '?sort=-state', '?q=img', '?view=started'):
            answer = browser.get(f'/{query}')
            assert answer.status_code == 200
            assert '<img src=x' not in answer.text
        assert 'innocent' in browser.get('/').text
        for info_hash in [*hashes, made.info_hash]:
            for tab in TABS:
                answer = browser.get(f'/torrent/home/{info_hash}?tab={tab}')
                assert answer.status_code == 200
                assert '<img src=x' not in answer.text
                assert '\x01' not in answer.text
                assert len(answer.text) < 200_000
            for part in ('metainfo', 'file/0'):
                answer = browser.get(f'/torrent/home/{info_hash}/{part}')
                assert answer.status_code in (200, 403, 404, 409)
                assert answer.headers.get('Content-Disposition', '').isascii()
    confirm = site.browser('eve').post(
        '/torrents', {'verb': 'remove', 'sel': [f'home/{info_hash}' for info_hash in hashes]}
    )
    assert '<img src=x' not in confirm.text
    [rows] = site.program('robot').ask(
        {'type': 'torrentrequester', 'attributes': ['get_name', 'get_message', 'get_hash']}
    )
    assert {row['get_hash'] for row in rows} == {*hashes, made.info_hash}


def test_a_refusing_tracker_costs_its_own_line_only(
    site: Site, rtorrent: Rtorrent, refusing_tracker: str
) -> None:
    info_hash = poisoned(rtorrent, b'victim', announce=refusing_tracker.encode())
    rtorrent.call('d.start', info_hash)
    [backend] = site.services.hub.backends.values()
    wait_for(
        lambda: 'nope' in str(backend.row(info_hash)).replace('\ufffd', ''), 20, 'the refusal to be shown'
    )
    answer = site.browser('ada').get('/')
    assert answer.status_code == 200
    assert 'victim' in answer.text
    assert '<img src=x' not in answer.text
    assert len(answer.text) < 100_000


def test_fifty_clients_are_four_connections(build: Build, short_tmp: Path) -> None:
    now = most = 0
    lock, go = threading.Lock(), threading.Event()

    def handle(visit: Visit) -> None:
        nonlocal now, most
        _, body = visit.read_scgi()
        with lock:
            now += 1
            most = max(most, now)
        go.wait(0.05)
        names = ''.join(
            f'<value><string>{name}</string></value>' for name in ('system.pid', 'system.multicall')
        )
        listed = f'<value><array><data>{names}</data></array></value>'
        pid = listed.replace(names, listed.replace(names, '<value><i4>7</i4></value>'))
        with lock:
            now -= 1
        visit.send(scgi(xml(listed if b'listMethods' in body else pid)))

    with Server(handle, short_tmp / 'fake') as server:
        site = build(home=f'scgi://{short_tmp}/fake')
        program = site.program('robot')
        item = {'type': 'rtorrent', 'attributes': ['get_pid']}
        with ThreadPoolExecutor(50) as pool:
            answers = list(pool.map(lambda _: program.send([item]).json, range(50)))
        assert answers == [[{'get_pid': 7}]] * 50
        assert len(server.visits) >= 50
    assert 1 < most <= 4


def test_killed_in_the_middle_and_started_again(site: Site, rtorrent: Rtorrent) -> None:
    made = loaded(rtorrent)
    browser = site.browser('ada')
    page = f'/torrent/home/{made.info_hash}'
    assert browser.get(page).status_code == 200
    rtorrent._settle()
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(browser.get, page) for _ in range(40)]
        rtorrent.kill()
        assert {each.result().status_code for each in asked} <= {200, 502, 503}
    assert browser.get('/').status_code == 200
    assert browser.get(page).status_code == 503
    rtorrent.start()
    assert browser.get(page).status_code == 200
    site.services.hub.poke(['home'], wait=10)
    assert made.name in browser.get('/').text


def test_hung_and_awake_again(build: Build, rtorrent: Rtorrent, start_rtorrent: Factory) -> None:
    other = start_rtorrent('0.9.8')
    loaded(other, 'neighbour')
    made = loaded(rtorrent)
    site = build({'RPC_TIMEOUT': 1}, home=rtorrent, other=other)
    browser, program = site.browser('bob', 'write'), site.program('robot')
    browser.get('/')
    with frozen(rtorrent):
        assert 'neighbour' in browser.get('/').text
        answer = browser.post(f'/torrent/home/{made.info_hash}/set', {'verb': 'label', 'label': 'late'})
        assert answer.status_code == 504
        assert 'may still happen' in answer.text
        [said] = program.ask(
            {'target': 'home', 'type': 'torrent', 'hash': made.info_hash, 'attributes': ['stop']}
        )
        assert said['error']['code'] == 'timed_out'
        assert rtorrent.socket not in str(said)
    wait_for(lambda: rtorrent.call('d.custom1', made.info_hash) == 'late', 10, 'the late label')
    assert browser.get(f'/torrent/home/{made.info_hash}').status_code == 200


def test_removed_while_others_look_and_change(site: Site, rtorrent: Rtorrent, tap: Tap) -> None:
    made = [loaded(rtorrent, f'thing{n}') for n in range(6)]
    browsers = [site.browser(f'user{n}') for n in range(3)]
    for each in browsers:
        each.get('/')

    def use(number: int) -> set[int]:
        browser, seen = browsers[number], set()
        for torrent in made:
            page = f'/torrent/home/{torrent.info_hash}'
            form = {'verb': 'erase', 'sure': 'yes', 'sel': f'home/{torrent.info_hash}'}
            seen.add(browser.get(page).status_code)
            seen.add(browser.post(f'{page}/set', {'verb': 'label', 'label': str(number)}).status_code)
            seen.add(browser.post('/torrents', form).status_code)
            seen.add(browser.get('/?sort=-name').status_code)
        return seen

    with ThreadPoolExecutor(3) as pool:
        assert set().union(*pool.map(use, range(3))) <= {200, 207, 303, 404}
    assert rtorrent.hashes() == []


def test_a_link_swapped_in_for_a_file_never_leads_out(site: Site, rtorrent: Rtorrent) -> None:
    made = loaded(rtorrent, 'dir', {'a/x': 1000})
    rtorrent.call('d.check_hash', made.info_hash)
    wait_for(lambda: rtorrent.call('d.complete', made.info_hash) == 1, 10, 'the check')
    browser = site.browser('ada')
    url = f'/torrent/home/{made.info_hash}/file/0'
    honest = browser.get(url)
    assert honest.status_code == 200
    secret = rtorrent.directory / 'secret'
    (secret).mkdir()
    (secret / 'x').write_text('SECRET')
    place, stop = rtorrent.downloads / 'dir' / 'a', threading.Event()

    def swap() -> None:
        while not stop.is_set():
            os.rename(place, f'{place}-')
            os.symlink(secret, place)
            os.unlink(place)
            os.rename(f'{place}-', place)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        answers = [browser.get(url) for _ in range(150)]
    finally:
        stop.set()
        thread.join()
    assert {answer.status_code for answer in answers} <= {200, 403, 404}
    assert all(b'SECRET' not in answer.data for answer in answers)
