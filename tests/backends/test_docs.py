"""The page about other clients is made from the tables, and its examples are true."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

from model.backends.base import CAPABILITIES
from model.backends.client import METHODS
from model.backends.conformance import checks

DOCS = Path(__file__).resolve().parents[2] / 'docs'
TEXT = (DOCS / 'backends.rst').read_text(encoding='utf-8')


def test_the_page_is_fresh() -> None:
    made = runpy.run_path(str(DOCS / 'generate_backends.py'))['page']()
    assert made == TEXT, 'run: .venv/bin/python -m docs.generate_backends'


def test_it_names_everything() -> None:
    assert [word for word in CAPABILITIES if f'``{word}``' not in TEXT] == []
    assert [name for name in METHODS if f'``{name}(' not in TEXT] == []
    assert [
        check.name for check in checks(write=True) if not re.search(rf'^{check.name} ', TEXT, re.MULTILINE)
    ] == []


def test_the_class_on_it_has_what_a_class_needs(tmp_path: Path) -> None:
    blocks = re.findall(r'code-block:: python\n\n((?:    .*\n|\n)+)', TEXT)
    (tmp_path / 'mine.py').write_text('\n'.join(line[4:] for line in blocks[0].splitlines()))
    names = runpy.run_path(str(tmp_path / 'mine.py'))
    assert all(
        callable(getattr(names['Mine'], method, None))
        for method in ('list', 'get_torrent', 'pause', 'remove')
    )
    compile('\n'.join(line[4:] for line in blocks[1].splitlines()), 'config.py', 'exec')
    compile('\n'.join(line[4:] for line in blocks[2].splitlines()), 'test_mine.py', 'exec')
