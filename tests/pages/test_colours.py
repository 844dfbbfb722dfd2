"""The colours: every one is named in tokens.css, and text can be read in each theme."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
STYLES = sorted((ROOT / 'static' / 'css').glob('*.css'))


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def themes() -> dict[str, dict[str, str]]:
    """The colours of each theme, worked out from the blocks of tokens.css in their order."""
    source = re.sub(r'/\*.*?\*/', '', (ROOT / 'static/css/tokens.css').read_text(), flags=re.S)
    blocks = [
        dict(re.findall(r'--([\w-]+): (#[0-9a-f]{6})', block)) for block in re.findall(r'{([^{}]*)}', source)
    ]
    light, dark, pinned, more_light, more_dark, more_dark_system = [block for block in blocks if block]
    assert dark == pinned
    assert more_dark == more_dark_system
    dark, pinned = light | dark, light | pinned
    return {'light': light, 'dark': dark, 'more light': light | more_light, 'more dark': dark | more_dark}


INKS = ('ink', 'muted', 'downloading', 'seeding', 'stopped', 'checking', 'error')
GROUNDS = ('paper', 'ground', 'raised', 'hover', 'chosen', 'error-ground')


@pytest.mark.parametrize('theme', ['light', 'dark', 'more light', 'more dark'])
def test_text_can_be_read_on_every_ground(theme: str) -> None:
    colours = themes()[theme]
    least = 4.5 if 'more' not in theme else 7
    pairs = [(ink, ground, contrast(colours[ink], colours[ground])) for ink in INKS for ground in GROUNDS]
    pairs.append(('on-ink', 'ink', contrast(colours['on-ink'], colours['ink'])))
    pairs.append(('on-ink', 'muted', contrast(colours['on-ink'], colours['muted'])))
    assert [pair for pair in pairs if pair[2] < least] == []


@pytest.mark.parametrize('theme', ['light', 'dark', 'more light', 'more dark'])
def test_edges_of_fields_and_focus_can_be_seen(theme: str) -> None:
    colours = themes()[theme]
    assert contrast(colours['line-strong'], colours['raised']) >= 3
    assert contrast(colours['focus'], colours['paper']) >= 4.5


@pytest.mark.parametrize('path', STYLES, ids=lambda path: path.name)
def test_colours_are_named_in_one_file(path: Path) -> None:
    source = re.sub(r'/\*.*?\*/', '', path.read_text(), flags=re.S)
    if path.name != 'tokens.css':
        assert not re.search(r'#[0-9a-f]{3,8}\b(?!\s*[,{])|rgba?\(|hsla?\(|oklch\(', source)
    # The bars that stand for rows to come have hard edges; nothing else is drawn with gradients.
    drawn = re.sub(r'--bars?:[^;]*;', '', source)
    assert not re.search(r'gradient\(|box-shadow|@import|url\(', drawn)
    tokens = (ROOT / 'static/css/tokens.css').read_text() + (ROOT / 'static/css/layout.css').read_text()
    used = set(re.findall(r'var\((--[\w-]+)', source)) - {'--state', '--bar', '--bars'}
    assert [name for name in used if f'{name}:' not in tokens] == []
