"""Rules that the code keeps, checked on the code itself."""

from __future__ import annotations

import ast
import re
import runpy
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

from lib.config import Config, load, table

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ('lib', 'model')
TOP = ('pyrotorrent.py', 'test.py', 'setup.py')
MOST_LINES = 400
MOST_TEST_LINES = 600
MOST_FUNCTION_LINES = 80
FORBIDDEN = (
    'StrictHostKeyChecking=no',
    'Access-Control-Allow-Origin',
    'pkill',
    'killall',
    '/work/',
    '/root/',
)

SOURCES = [
    *(ROOT / name for name in TOP if (ROOT / name).exists()),
    *(path for room in ROOMS for path in sorted((ROOT / room).rglob('*.py'))),
]
TESTS = sorted((ROOT / 'tests').rglob('*.py'))
TEMPLATES = sorted((ROOT / 'templates').rglob('*.html'))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def reasoned(lines: list[str], node: ast.stmt | ast.expr) -> bool:
    """Whether a comment on the line, or right above it and the imports before it, gives a reason."""
    above = node.lineno - 2
    while lines[above].lstrip().startswith(('import ', 'from ')):
        above -= 1
    return '#' in lines[node.lineno - 1] or lines[above].lstrip().startswith('#')


def dotted(node: ast.expr) -> str:
    """``a.b.c`` of a chain of names, else nothing."""
    if isinstance(node, ast.Name):
        return node.id
    return f'{dotted(node.value)}.{node.attr}' if isinstance(node, ast.Attribute) else ''


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@cache
def parsed(path: Path) -> tuple[ast.Module, list[str]]:
    text = path.read_text(encoding='utf-8')
    return ast.parse(text), text.splitlines()


def offences(
    paths: Iterable[Path], find: Callable[[ast.Module, list[str]], Iterable[ast.stmt | ast.expr]]
) -> list[str]:
    """``file:line`` of what ``find(tree, lines)`` objects to."""
    found = []
    for path in paths:
        tree, lines = parsed(path)
        found += [f'{name_of(path)}:{node.lineno}' for node in find(tree, lines)]
    return found


def test_modules_are_short() -> None:
    lengths = {path: len(parsed(path)[1]) for path in [*SOURCES, *TESTS]}
    limit = {**dict.fromkeys(SOURCES, MOST_LINES), **dict.fromkeys(TESTS, MOST_TEST_LINES)}
    assert {name_of(path): length for path, length in lengths.items() if length > limit[path]} == {}


def test_modules_say_what_they_are() -> None:
    trees = {path: parsed(path)[0] for path in SOURCES}
    assert [name_of(path) for path, tree in trees.items() if tree.body and not ast.get_docstring(tree)] == []


def test_functions_are_short() -> None:
    def long(tree: ast.Module, lines: list[str]) -> Iterator[ast.stmt]:
        return (
            node for node in functions(tree) if (node.end_lineno or 0) - node.lineno >= MOST_FUNCTION_LINES
        )

    assert offences([*SOURCES, *TESTS], long) == []


def test_imports_are_at_the_top_or_have_a_reason() -> None:
    def inner(tree: ast.Module, lines: list[str]) -> Iterator[ast.stmt]:
        nodes = (node for function in functions(tree) for node in ast.walk(function))
        return (
            node
            for node in nodes
            if isinstance(node, ast.Import | ast.ImportFrom) and not reasoned(lines, node)
        )

    assert offences(SOURCES, inner) == []


def test_tests_wait_for_conditions_instead_of_sleeping() -> None:
    def naps(tree: ast.Module, lines: list[str]) -> Iterator[ast.expr]:
        calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
        return (
            call
            for call in calls
            if dotted(call.func) in {'time.sleep', 'sleep'} and not reasoned(lines, call)
        )

    cases = [path for path in TESTS if path.name.startswith('test_')]
    assert offences(cases, naps) == []


def test_no_test_is_skipped() -> None:
    def skips(tree: ast.Module, lines: list[str]) -> Iterator[ast.expr]:
        names = {
            'pytest.skip',
            'pytest.mark.skip',
            'pytest.mark.skipif',
            'pytest.mark.xfail',
            'pytest.importorskip',
        }
        return (n for n in ast.walk(tree) if isinstance(n, ast.Attribute) and dotted(n) in names)

    assert offences(TESTS, skips) == []


def test_nothing_runs_a_shell() -> None:
    def shells(tree: ast.Module, lines: list[str]) -> Iterator[ast.expr]:
        calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
        return (
            call
            for call in calls
            if dotted(call.func) in {'os.system', 'os.popen', 'eval', 'exec'}
            or any(keyword.arg == 'shell' for keyword in call.keywords)
        )

    assert offences([*SOURCES, *TESTS], shells) == []


def test_forbidden_words_occur_nowhere() -> None:
    places = [ROOT / 'Makefile', *SOURCES, *TEMPLATES]
    for room in '.ci', 'docs', 'static':
        places += [path for path in (ROOT / room).rglob('*') if path.suffix not in {'.png', '.woff2', '.ico'}]
    found = [
        f'{name_of(path)}: {word}'
        for path in places
        if path.is_file() and '_build' not in path.parts
        for word in FORBIDDEN
        if word in path.read_text(encoding='utf-8')
    ]
    assert found == []


@pytest.mark.parametrize('path', TEMPLATES, ids=name_of)
def test_templates_keep_escaping_on_and_hold_no_inline_code(path: Path) -> None:
    text = path.read_text(encoding='utf-8')
    assert not re.search(r'\|\s*safe\b|autoescape\s+false', text)
    assert not re.search(r'<script(?![^>]*\bsrc=)', text), (
        'inline script: the content security policy forbids it'
    )
    assert not re.search(r'<style\b|\sstyle\s*=', text), (
        'inline style: the content security policy forbids it'
    )
    assert not re.search(r'<[^>]+\son[a-z]+\s*=', text), 'inline event handler'
    assert 'javascript:' not in text


def test_the_example_configuration_shows_every_setting_with_its_default(tmp_path: Path) -> None:
    example = (ROOT / 'config.py.example').read_text(encoding='utf-8')
    file = tmp_path / 'config.py'
    file.write_text(example)
    assert list(load(str(file)).targets) == ['home']
    shown = re.findall(r'^# ([A-Z_]+|session_options) = (.*)$', example, re.MULTILINE)
    file.write_text('\n'.join(f'{name} = {value}' for name, value in shown))
    values = {name: value for name, value in runpy.run_path(str(file)).items() if not name.startswith('__')}
    assert values == {
        row.name: getattr(Config(), row.name) for row in table() if row.name != 'rtorrent_config'
    }
