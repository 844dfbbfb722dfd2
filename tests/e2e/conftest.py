"""The whole stack, as the documentation sets it up, and a browser in front of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.stack import Stack
from tests.rig.factory import VERSIONS, Factory


@pytest.fixture(params=VERSIONS)
def stack(request: pytest.FixtureRequest, start_rtorrent: Factory, tmp_path: Path) -> Iterator[Stack]:
    """``home`` of each version in turn, ``box``, a tracker, and pyroTorrent behind lighttpd.

    ``box`` is a 0.9.8: one 0.16.17 does not give another the metadata of a magnet.
    """
    made = Stack(
        tmp_path, home=start_rtorrent(request.param), box=start_rtorrent('0.9.8', address='127.0.0.2')
    )
    yield made
    made.close()


@pytest.fixture
def page(chromium: Browser, stack: Stack) -> Iterator[Page]:
    """A page of a fresh browser profile; any error in the console fails the test."""
    context = chromium.new_context(base_url=stack.url, viewport={'width': 1400, 'height': 900})
    page = context.new_page()
    problems: list[str] = []
    page.on('pageerror', lambda error: problems.append(str(error)))
    page.on('console', lambda message: problems.append(message.text) if message.type == 'error' else None)
    yield page
    if folder := os.environ.get('SCREENSHOTS'):
        page.screenshot(path=f'{folder}/{id(page)}.png')
    context.close()
    assert problems == []
