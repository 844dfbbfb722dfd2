"""Looks at a page the way somebody uses it: with the Tab key, with a thumb, enlarged. The looking is ``walk.js``."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any, cast

from playwright.sync_api import Page

SCRIPT = Path(__file__).with_name('walk.js').read_text(encoding='utf-8')


def ask(page: Page, name: str, *arguments: Any) -> list[str]:
    """What the function *name* of ``walk.js`` finds wrong."""
    _load(page)
    return cast('list[str]', page.evaluate(f'(given) => walk.{name}(...given)', arguments))


def _load(page: Page) -> None:
    if not page.evaluate('"walk" in window'):
        page.evaluate(SCRIPT)


def problems_of_order(page: Page) -> list[str]:
    """Controls that Tab does not reach, and steps that lead back up the page."""
    _load(page)
    wanted = cast('int', page.evaluate('walk.mark()'))
    page.evaluate('document.activeElement?.blur?.(); scrollTo(0, 0)')
    found: list[int] = []
    for _ in range(wanted + 20):
        page.keyboard.press('Tab')
        at = page.evaluate('walk.place()')
        if at in found:
            break
        found += [at] if at >= 0 else []
    # Where a field has the focus from the start, the way begins there and comes round.
    start = found.index(min(found)) if found else 0
    found = found[start:] + found[:start]
    missed = ask(page, 'marked', sorted(set(range(wanted)) - set(found)))
    return [f'not reached: {name}' for name in missed] + [
        f'{a} before {b}' for a, b in itertools.pairwise(found) if b < a
    ]


def invisible_focus(page: Page) -> list[str]:
    """Controls whose focus shows no ring of two pixels and contrast 3:1."""
    page.keyboard.press('Tab')  # from here on the focus counts as the keyboard's
    return ask(page, 'invisibleFocus')
