"""Everything a user can name is in the documentation."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import pyrotorrent
from lib import config
from lib.methods import TABLES
from lib.web.routes import ROUTES

DOCS = Path(__file__).resolve().parents[2] / 'docs'
TEXT = {page.name: page.read_text() for page in DOCS.glob('*.rst')}


def test_every_setting_is_in_the_reference() -> None:
    missing = [field.name for field in config.table() if f'``{field.name}``' not in TEXT['configuration.rst']]
    assert missing == []


def documented(path: str) -> str:
    short = path.replace('<int:index>', '<index>').replace('<path:path>', '<path>')
    base = '/torrent/<target>/<hash>'
    return '…' + short.removeprefix(base) if short.startswith(base) and short != base else short


@pytest.mark.parametrize('route', ROUTES, ids=lambda route: route.name)
def test_every_route_is_in_the_api_page_with_its_methods_and_role(route: object) -> None:
    line = re.search(rf'^``{re.escape(documented(route.path))}``.*$', TEXT['api.rst'], re.MULTILINE)
    assert line, route.path
    assert ', '.join(route.methods) in line[0]
    assert f' {route.access} ' in f'{line[0]} '


def commands(parser: argparse.ArgumentParser, above: str = '') -> Iterator[str]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                deeper = list(commands(below, f'{above}{name} '))
                yield from deeper or [f'{above}{name}']


@pytest.mark.parametrize('command', list(commands(pyrotorrent.parser())))
def test_every_command_is_documented(command: str) -> None:
    assert any(re.search(rf'pyrotorrent(\.py)? {command}\b', text) for text in TEXT.values())


@pytest.mark.parametrize('kind', list(TABLES))
def test_every_method_is_documented(kind: str) -> None:
    assert [name for name in TABLES[kind] if name not in TEXT['methods.rst']] == []
