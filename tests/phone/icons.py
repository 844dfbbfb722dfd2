"""Draws the PNG icons from the SVG ones, in Chromium: ``python -m tests.phone.icons``, when those have changed."""

from __future__ import annotations

from playwright.sync_api import sync_playwright

from lib.web.assets import STATIC
from tests.conftest import CHROMIUM, SWITCHES

# Name, pixels, source. Apple rounds the corners itself and wants no transparency.
ICONS = (
    ('icon-192', 192, 'icon'),
    ('icon-512', 512, 'icon'),
    ('icon-maskable-512', 512, 'icon-maskable'),
    ('icon-apple-180', 180, 'icon-maskable'),
)


def draw() -> None:
    """Write the files into ``static/img``."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        for name, pixels, source in ICONS:
            page = browser.new_page(viewport={'width': pixels, 'height': pixels})
            svg = (STATIC / 'img' / f'{source}.svg').read_text(encoding='utf-8')
            page.set_content(f'<style>body{{margin:0}}svg{{display:block;width:{pixels}px}}</style>{svg}')
            page.screenshot(path=STATIC / 'img' / f'{name}.png', omit_background=True)
            page.close()
        browser.close()


if __name__ == '__main__':
    draw()
