"""Every page with made-up contents in Chromium, without a server: requests are answered from the templates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route

from lib.web.assets import STATIC, TYPES
from lib.web.headers import ALWAYS
from tests.pages import samples

HOME = 'http://pyro.test/'
SHOWN: dict[Page, str] = {}


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """``open_page(width=…, **options of the context)``: an empty page; :func:`show` puts a sample into it."""
    contexts = []

    def opened(width: int = 1400, height: int = 900, **options: Any) -> Page:
        context = chromium.new_context(viewport={'width': width, 'height': height}, **options)
        contexts.append(context)
        page = context.new_page()
        context.route('**/*', lambda route: _answer(route, SHOWN.get(page, '')))
        return page

    yield opened
    SHOWN.clear()
    for context in contexts:
        context.close()


def show(page: Page, template: str, values: dict[str, Any]) -> None:
    """Make *page* look at a sample, under our own security headers."""
    SHOWN[page] = samples.render(template, **values)
    page.goto(HOME)


def _answer(route: Route, html: str) -> None:
    place = urlsplit(route.request.url).path
    file = STATIC / place.removeprefix('/static/')
    if place == '/':
        _send(route, 200, html, 'text/html; charset=utf-8')
    elif file.is_file():
        _send(route, 200, file.read_bytes(), TYPES.get(file.suffix, 'image/png'))
    else:
        _send(route, 404, 'nothing here', 'text/plain')


def _send(route: Route, status: int, body: str | bytes, kind: str) -> None:
    route.fulfill(status=status, body=body, headers=ALWAYS | {'Content-Type': kind})
