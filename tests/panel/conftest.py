"""The page over clients that do what a test tells them, in Chromium; any complaint of the browser fails the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.live_page.serve import Served
from tests.panel.stage import Client

#: Refusals are part of some tests, and so is a server that ended before its page.
EXPECTED = ('Failed to load resource',)
Visit = Callable[..., Page]


@pytest.fixture
def home() -> Client:
    return Client('home', 60)


@pytest.fixture
def served(tmp_path: Path, home: Client) -> Iterator[Served]:
    """The page over ``home`` alone."""
    served = Served(tmp_path / 'state', home)
    yield served
    served.close()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Visit]:
    """``visit(url, width=…, …)`` opens a page of a fresh profile and waits for its rows."""
    contexts, complaints = [], []

    def visit(url: str, width: int = 1400, height: int = 900, *, rows: bool = True, **options: Any) -> Page:
        context = chromium.new_context(viewport={'width': width, 'height': height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on('console', lambda said: complaints.append(said.text) if said.type == 'error' else None)
        page.on('pageerror', lambda error: complaints.append(str(error)))
        page.on('dialog', lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
        page.goto(url)
        if rows:
            expect(page.locator('#torrents tbody tr[data-hash]').first).to_be_visible()
        if rows and options.get('java_script_enabled', True):
            expect(page.locator('.targets .target').first).to_be_attached()
        return page

    yield visit
    for context in contexts:
        context.close()
    assert [each for each in complaints if not each.startswith(EXPECTED)] == []
