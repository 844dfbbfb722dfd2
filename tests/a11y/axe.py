"""Runs axe-core in a page and says in words what it found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SCRIPT = Path(__file__).parent / 'node_modules' / 'axe-core' / 'axe.min.js'
TAGS = ('wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice')
RUN = """([tags, within]) => axe.run(within || document, {
    runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'],
    rules: { 'target-size': { enabled: true } },
})"""


def violations(page: Page, within: str | None = None) -> list[str]:
    """One line for each element that breaks a rule of WCAG 2.2 AA or a good practice; empty where all is well.

    :param within: a selector of the part to look at, else the whole page.
    """
    assert SCRIPT.exists(), 'axe-core is missing: make tests/a11y/node_modules/.package-lock.json'
    # Through the debugger, so the page's own content security policy stays as it is.
    if not page.evaluate('"axe" in window'):
        page.evaluate(SCRIPT.read_text(encoding='utf-8'))
    found = page.evaluate(RUN, [list(TAGS), within])
    return [_line(rule, node) for rule in found['violations'] for node in rule['nodes']]


def _line(rule: dict[str, Any], node: dict[str, Any]) -> str:
    why = (node['failureSummary'] or '').partition('\n')[2].strip().replace('\n', ';')
    return f'{rule["impact"]} {rule["id"]}: {" ".join(map(str, node["target"]))}: {why[:300]}'
