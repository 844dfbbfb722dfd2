"""The live list in a real browser, over as many made-up torrents as a test asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.live_page.serve import Served
from tests.live_page.synthetic import Synthetic

Serve = Callable[..., Served]
Visit = Callable[..., Page]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """``serve(backend, …, **settings)`` is the application over those clients."""
    made: list[Served] = []

    def served(*backends: Any, **settings: object) -> Served:
        made.append(Served(tmp_path / f'state{len(made)}', *backends, **settings))
        return made[-1]

    yield served
    for each in made:
        each.close()


@pytest.fixture
def client() -> Synthetic:
    """A client with 10,000 torrents."""
    return Synthetic('home', 10_000)


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Visit]:
    """``visit(url, width=…, **context options)``: a page where any complaint of the browser fails the test.

    ``allowed``: a word of the complaints that the test brings about.
    """
    contexts, complaints = [], []

    def visited(
        url: str, *, width: int = 1400, height: int = 900, allowed: str = '\0', **options: Any
    ) -> Page:
        context = chromium.new_context(viewport={'width': width, 'height': height}, **options)
        contexts.append(context)
        page = context.new_page()

        def complain(text: str) -> None:
            if allowed not in text:
                complaints.append(text)

        page.on('console', lambda said: complain(said.text) if said.type in ('error', 'warning') else None)
        page.on('pageerror', lambda error: complain(str(error)))
        page.goto(url)
        return page

    yield visited
    for context in contexts:
        context.close()
    assert complaints == []
