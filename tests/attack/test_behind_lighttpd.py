"""The whole stack under attack: lighttpd, FastCGI, rTorrent and, for what torrents are called, a real Chromium."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from tests.e2e.stack import PASSWORD, ROOT, Stack
from tests.intake import torrents
from tests.rig import wait_for
from tests.rig.factory import Factory
from tests.serving import fcgi_client
from tests.serving.rig import connects

NAMES = (
    b'<img src=x onerror=alert(1)>',
    b'"><svg onload=alert(1)>',
    b"'-alert(1)-'",
    b'<script>alert(1)<\\script>',
    b'a\x01\x0b\x7f\xff\xed\xa0\x80',
    '\u202eexe.iso\u2028\u0301'.encode() * 9,
    b'javascript:alert(1)',
)


@pytest.fixture
def stack(start_rtorrent: Factory, tmp_path: Path) -> Iterator[Stack]:
    made = Stack(tmp_path, home=start_rtorrent('0.9.8'), box=start_rtorrent('0.9.8', address='127.0.0.2'))
    yield made
    made.close()


def load(stack: Stack, name: bytes) -> str:
    info = torrents.multi((name, b'x'), name=name)
    data = torrents.torrent(info, comment=name, announce=b'http://127.0.0.1:1/' + name.hex().encode())
    stack.home.load(data, torrents.hash_of(info))
    stack.home.call('d.custom1.set', torrents.hash_of(info), '%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E')
    stack.home.call('d.message.set', torrents.hash_of(info), '<img src=x onerror=alert(1)>')
    return torrents.hash_of(info)


def test_names_of_torrents_run_nothing(chromium: Browser, stack: Stack) -> None:
    hashes = [load(stack, name) for name in NAMES]
    stack.command('user', 'add', 'ada', '--password-stdin', text=f'{PASSWORD}\n')
    context = chromium.new_context(base_url=stack.url)
    page = context.new_page()
    problems: list[str] = []
    page.on('dialog', lambda dialog: (problems.append(f'dialog {dialog.message}'), dialog.dismiss()))
    page.on('console', lambda said: problems.append(said.text) if said.type in ('error', 'warning') else None)
    page.on('pageerror', lambda error: problems.append(str(error)))
    page.goto(stack.url)
    page.get_by_label('Name').fill('ada')
    page.get_by_label('Password').fill(PASSWORD)
    page.get_by_role('button', name='Log in').click()
    page.locator('#torrent-count').wait_for()
    addresses = [
        '',
        '?q=%22%3Cimg+src%3Dx+onerror%3Dalert(1)%3E%22',
        'account',
        'add?label=%22%3E%3Csvg/onload=alert(1)%3E',
    ]
    for info_hash in hashes:
        tabs = ('general', 'files', 'peers', 'trackers')
        addresses += [f'torrent/home/{info_hash}?tab={tab}' for tab in tabs]
    for address in addresses:
        page.goto(stack.url + address)
        assert page.locator('img[src="x"], [onload], [onerror], a[href^="javascript:"]').count() == 0
        assert page.locator('svg[onload], script:not([src])').count() == 0
    assert problems == []
    context.close()


def raw(stack: Stack, head: str) -> bytes:
    place = urlsplit(stack.origin)
    answer = b''
    with socket.create_connection((str(place.hostname), place.port or 80), 30) as client:
        client.sendall(head.encode())
        while part := client.recv(65536):
            answer += part
    return answer


def test_heads_that_are_none_and_forged_ones(stack: Stack) -> None:
    close = 'Connection: close\r\n\r\n'
    for head, expected in {
        'GET /torrent/ HTTP/1.0\r\n\r\n': (b'400',),
        f'GET /torrent/ HTTP/1.1\r\nHost: evil.example\r\n{close}': (b'421',),
        f'GET /torrent/login HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: localhost\r\n{close}': (
            b'421',
        ),
        f'GET /torrent/ HTTP/1.1\r\nHost: evil.example\r\nX_Forwarded_Host: localhost\r\n{close}': (
            b'421',
            b'400',
        ),
        f'GET /torrent/ HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n{close}': (b'400',),
        f'GET /torrent/%2e%2e/etc/passwd HTTP/1.1\r\nHost: localhost\r\n{close}': (b'401', b'404'),
        f'GET /torrent/%00 HTTP/1.1\r\nHost: localhost\r\n{close}': (b'400', b'401', b'404'),
    }.items():
        assert raw(stack, head).split(b' ')[1] in expected, head


def test_without_a_login_fastcgi_serves_this_machine_only(start_rtorrent: Factory, tmp_path: Path) -> None:
    """The sender is what the web server says, whatever a header says."""
    rtorrent, place = start_rtorrent('0.9.8'), start_rtorrent('0.9.8', start=False).directory / 'fcgi'
    place.parent.mkdir(exist_ok=True)
    config = tmp_path / 'config.py'
    config.write_text(
        f'STATE_DIR = {str(tmp_path / "state")!r}\nUSE_AUTH = False\n'
        f'rtorrent_config = {{"home": {{"url": {rtorrent.url!r}}}}}\n'
    )
    command = [
        sys.executable,
        str(ROOT / 'pyrotorrent.py'),
        '--config',
        str(config),
        'fcgi',
        '--bind',
        str(place),
    ]
    process = subprocess.Popen(command)
    try:
        wait_for(lambda: connects(place), 30, 'the socket')
        for sender, expected in {
            '127.0.0.1': b'200',
            '203.0.113.9': b'403',
            '': b'403',
            '::ffff:203.0.113.9': b'403',
        }.items():
            headers = {'HTTP_HOST': 'localhost', 'HTTP_ACCEPT': 'text/html', 'REMOTE_ADDR': sender}
            for forged in ({}, {'HTTP_X_FORWARDED_FOR': '127.0.0.1'}):
                answer = fcgi_client.ask(str(place), '/', **headers, **forged)
                assert (b'Status: ' + (b'403' if forged else expected)) in answer.head, (sender, answer.head)
    finally:
        process.terminate()
        process.wait(60)
