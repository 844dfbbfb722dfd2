"""axe-core finds nothing on any page, light or dark, wide or narrow."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.a11y.axe import violations
from tests.a11y.conftest import show
from tests.pages import samples


@pytest.mark.parametrize('width', [1400, 390])
@pytest.mark.parametrize('scheme', ['light', 'dark'])
def test_axe_finds_nothing_on_any_page(open_page: Callable[..., Page], scheme: str, width: int) -> None:
    page = open_page(width, color_scheme=scheme, has_touch=width < 700)
    found = {}
    for name, (template, values) in samples.pages('A text of some length').items():
        if name != 'once':  # it sends itself away
            show(page, template, values)
            found[name] = violations(page)
    problems = [f'{name}: {line}' for name, lines in found.items() for line in lines]
    assert not problems, '\n'.join(problems)
