"""Everything a user can name is in the documentation."""

from __future__ import annotations

import argparse
import ast
import re
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest

import pyrotorrent
from lib import config
from lib.methods import TABLES
from lib.web.routes import ROUTES
from model import query
from model.query_fields import FIELDS
from model.webhooks.hookconfig import configured
from model.webhooks.receivers import MAX_WEBHOOKS

DOCS = Path(__file__).resolve().parents[2] / 'docs'
TEXT = {page.name: page.read_text() for page in DOCS.glob('*.rst')}


def test_every_setting_is_in_the_reference() -> None:
    missing = [field.name for field in config.table() if f'``{field.name}``' not in TEXT['configuration.rst']]
    assert missing == []


def documented(path: str) -> str:
    short = re.sub('<[a-z]+:', '<', path)
    base = '/torrent/<target>/<hash>'
    return '…' + short.removeprefix(base) if short.startswith(base) and short != base else short


@pytest.mark.parametrize('route', ROUTES, ids=lambda route: route.name)
def test_every_route_is_in_the_api_page_with_its_methods_and_role(route: object) -> None:
    lines = re.findall(rf'^``{re.escape(documented(route.path))}``.*$', TEXT['api.rst'], re.MULTILINE)
    methods = ', '.join(route.methods)
    assert any(f' {methods} ' in line and f' {route.access} ' in f'{line} ' for line in lines), (
        route.path,
        methods,
    )


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


def test_every_field_of_the_search_is_in_its_reference_and_the_reference_is_fresh() -> None:
    names = [name for field in FIELDS for name in (field.name, *field.also)]
    assert [name for name in names if f'``{name}``' not in TEXT['query.rst']] == []
    made = runpy.run_path(str(DOCS / 'generate_query.py'))['page']()
    assert TEXT['query.rst'] == made, 'run: .venv/bin/python -m docs.generate_query'


def test_every_example_of_the_search_is_a_query() -> None:
    block = TEXT['query.rst'].partition('::\n')[2].partition('\nIt is')[0]
    lines = [line.strip() for line in block.splitlines() if line.strip()]
    assert len(lines) == 4
    for line in lines:
        query.parse(line)


def test_the_webhooks_of_the_example_will_do() -> None:
    block = re.search(r'\n    WEBHOOKS = (\{.*?\n    \})', TEXT['webhooks.rst'], re.DOTALL)
    assert block is not None
    made = config.make({'WEBHOOKS': ast.literal_eval(block[1])})
    assert set(configured(made, MAX_WEBHOOKS)) == {'phone', 'bot', 'archive'}
