"""The pages in real Chromium, served as files under our own security headers: what they look like is for eyes, but
that nothing overflows, nothing hostile runs and nothing jumps can be checked."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from lib.web.assets import STATIC, TYPES
from lib.web.headers import ALWAYS
from tests.pages import samples

LIST = '#torrents tbody tr'


@dataclass
class Site:
    """Pages by path, to be changed while somebody looks at them; and the forms that were sent."""

    pages: dict[str, str] = field(default_factory=dict)
    sent: list[tuple[str, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    address: str = ''

    def show(self, path: str, template: str, **values: Any) -> str:
        self.pages[path] = samples.render(template, **values)
        return self.address + path


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition('?')[0]
            site.asked.append(self.path)
            if path.startswith('/static/'):
                file = STATIC / path.removeprefix('/static/')
                return self._answer(200, file.read_bytes(), TYPES[file.suffix])
            if path == '/favicon.ico':
                return self._answer(204, b'', 'image/svg+xml')
            if '/api/v1/' in path:  # the list stays as the server made it; tests/live_page has the rest
                return self._answer(304, b'', 'application/json')
            found = site.pages.get(path)
            return self._answer(
                200 if found else 404, (found or 'nothing here').encode(), 'text/html; charset=utf-8'
            )

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers['Content-Length'])).decode()
            site.sent.append((self.path, body))
            self._answer(200, b'taken', 'text/plain')

        def _answer(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            for name, value in (ALWAYS | {'Content-Type': kind, 'Content-Length': str(len(body))}).items():
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(ConnectionError):  # the page has gone elsewhere
                self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Quiet."""

    return Handler


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    server = ThreadingHTTPServer(('127.0.0.1', 0), _handler(site))
    site.address = f'http://127.0.0.1:{server.server_port}'
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield site
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """``visit(width=..., **context options)`` opens a page that fails the test on any complaint of the browser."""
    contexts, complaints = [], []

    def visit(width: int = 1400, height: int = 900, **options: Any) -> Page:
        context = chromium.new_context(viewport={'width': width, 'height': height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on(
            'console',
            lambda said: complaints.append(said.text) if said.type in ('error', 'warning') else None,
        )
        page.on('pageerror', lambda error: complaints.append(str(error)))
        page.on('dialog', lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
        return page

    yield visit
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.mark.parametrize('width', [320, 390, 701, 1000, 1400])
def test_no_page_scrolls_sideways(site: Site, visit: Callable[..., Page], width: int) -> None:
    page = visit(width)
    for name, (template, values) in samples.pages('Nothing.To.Break.This.Name.At.' * 20).items():
        if name != 'once':
            page.goto(site.show('/page', template, **values))
            assert page.evaluate('document.documentElement.scrollWidth <= innerWidth'), name


@pytest.mark.parametrize('payload', samples.HOSTILE[:5])
def test_hostile_text_runs_nothing(site: Site, visit: Callable[..., Page], payload: str) -> None:
    page = visit()
    for name, (template, values) in samples.pages(payload).items():
        if name != 'once':
            page.goto(site.show('/page', template, **values))
            made = '[onerror], [onload], [onfocus], img, iframe, script:not([src]), base'
            assert page.locator(made).count() == 0, name


@pytest.mark.parametrize('width', [390, 1400])
def test_the_list_works_without_scripts(site: Site, visit: Callable[..., Page], width: int) -> None:
    page = visit(width, java_script_enabled=False)
    page.goto(site.show('/', 'overview.html', **samples.overview([samples.list_row(n) for n in (1, 2, 3)])))
    page.locator('[name=sel]').nth(1).check()
    page.get_by_role('button', name='Stop').click()
    path, body = site.sent[0]
    assert path == '/torrents_action'
    assert f'sel=home%2F{2:040X}' in body
    assert 'verb=stop' in body
    assert 'csrf=the-token' in body
    assert 'next=%2F%3Fview%3Dmain' in body


def test_rows_are_28_pixels_high_at_a_desk(site: Site, visit: Callable[..., Page]) -> None:
    page = visit()
    page.goto(site.show('/', 'overview.html', **samples.overview([samples.list_row(n) for n in (1, 2, 3)])))
    assert [row.bounding_box()['height'] for row in page.locator(LIST).all()] == [28] * 3


def test_what_a_finger_meets_is_44_pixels_high(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(390, has_touch=True, java_script_enabled=False)
    page.goto(site.show('/', 'overview.html', **samples.overview([samples.list_row()])))
    page.locator('[name=sel]').check()
    for found in (
        *page.locator('.actions button').all(),
        *page.locator('.bottom a').all(),
        page.locator('tbody .c-sel label'),
    ):
        assert found.bounding_box()['height'] >= 44
        assert found.bounding_box()['width'] >= 44


def test_views_and_order_are_in_a_sheet_on_a_phone(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(390)
    page.goto(site.show('/', 'overview.html', **samples.overview([samples.list_row()])))
    expect(page.locator('#saved')).not_to_be_visible()
    page.get_by_role('link', name='Filter').click()
    expect(page.locator('#saved')).to_be_visible()
    expect(page.locator('.sorts').get_by_role('link', name='Ratio')).to_be_visible()
    page.get_by_role('link', name='Close').click()
    expect(page.locator('#saved')).not_to_be_visible()


def test_what_was_done_is_told_once(site: Site, visit: Callable[..., Page]) -> None:
    page = visit()
    values = samples.overview([samples.list_row()], flash=[('info', 'Stop: 1 torrent.')])
    page.goto(site.show('/', 'overview.html', **values) + '?view=main&did=stop&n=1')
    expect(page.get_by_text('Stop: 1 torrent.')).to_be_visible()
    page.wait_for_url('**/?view=main')


def test_a_torrents_page_moves_and_keeps_what_is_being_typed(site: Site, visit: Callable[..., Page]) -> None:
    page = visit()
    page.goto(site.show('/', 'torrent.html', **samples.torrent()))
    page.get_by_label('Label').fill('half a wo')
    values = samples.torrent(detail=[('Transfer', [('Downloaded', '7.0 GiB'), ('Left', '1 B')])])
    site.show('/', 'torrent.html', **values)
    expect(page.locator('.facts').first).to_contain_text('7.0 GiB')
    assert page.get_by_label('Label').input_value() == 'half a wo'


def test_ticking_a_directory_ticks_its_files(site: Site, visit: Callable[..., Page]) -> None:
    page = visit()
    page.goto(site.show('/', 'torrent.html', **samples.torrent('files', 'film')))
    page.get_by_label('Tick all files in d film').check()
    ticked = page.locator('[name=index]:checked')
    assert ticked.evaluate_all('boxes => boxes.map(box => box.value)') == ['1']
    site.show('/', 'torrent.html', **samples.torrent('files', 'film', peers=[]))
    expect(page.locator('.tabs')).not_to_contain_text('Peers1')
    expect(page.get_by_label('Tick all files in d film')).to_be_checked()
    expect(ticked).to_have_count(1)


def test_a_theme_is_pinned_without_a_reload(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(color_scheme='light')
    page.goto(site.show('/', 'overview.html', **samples.overview([])))
    page.locator('.top-nav summary').click()
    page.get_by_role('button', name='dark').click()
    expect(page.locator('html')).to_have_attribute('data-theme', 'dark')
    path, body = site.sent[0]
    assert path == '/theme'
    assert 'theme=dark' in body
    assert page.evaluate('getComputedStyle(document.documentElement).colorScheme') == 'dark'


def test_a_one_time_link_logs_in_by_itself(site: Site, visit: Callable[..., Page]) -> None:
    page = visit()
    page.goto(site.show('/once', 'once.html', **samples.shared(user=None, name='meret')))
    page.wait_for_function("document.body.textContent === 'taken'")
    assert site.sent == [('/once', 'csrf=the-token')]


def test_the_safe_button_has_the_focus(site: Site, visit: Callable[..., Page]) -> None:
    page = visit()
    template, values = samples.pages()['confirm']
    page.goto(site.show('/', template, **values))
    expect(page.get_by_role('link', name='Cancel')).to_be_focused()
