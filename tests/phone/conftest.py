"""The application over HTTP in this process, and phones that visit it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import WSGIRequestHandler, make_server

from lib.web.app import create_app
from tests.web.conftest import build, site
from tests.web.site import Site

__all__ = ['build', 'site']  # fixtures
PHONE = {
    'viewport': {'width': 390, 'height': 844},
    'has_touch': True,
    'is_mobile': True,
    'device_scale_factor': 2,
}
DESK = {'viewport': {'width': 1400, 'height': 900}}


def go(page: Page, address: str) -> None:
    """Go to a page, and wait until its scripts that nothing else waits for are there."""
    page.goto(address)
    expect(page.locator('body[data-ways]')).to_be_attached()


class Quiet(WSGIRequestHandler):
    """Logs nothing; keeps connections, as browsers expect."""

    protocol_version = 'HTTP/1.1'

    def log_request(self, *arguments: object) -> None:
        """Nothing."""


@pytest.fixture
def serve() -> Iterator[Callable[[Site], str]]:
    """``serve(site)``: its address."""
    running = []

    def served(site: Site) -> str:
        app = create_app(site.config, site.services)
        server = make_server('127.0.0.1', 0, app, threaded=True, request_handler=Quiet)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        running.append((server, thread))
        return f'http://127.0.0.1:{server.server_port}'

    yield served
    for server, thread in running:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """``visit(**options of the context)``: a page; whatever the browser complains of fails the test."""
    contexts, complaints = [], []

    def visited(**options: Any) -> Page:
        context = chromium.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on('pageerror', lambda error: complaints.append(str(error)))
        # An answer of 400 is for the page to tell, which the test looks at.
        page.on(
            'console',
            lambda said: (
                complaints.append(said.text)
                if said.type == 'error' and 'status of 400' not in said.text
                else None
            ),
        )
        return page

    yield visited
    for context in contexts:
        context.close()
    assert complaints == []
