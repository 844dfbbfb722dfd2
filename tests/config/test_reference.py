"""docs/configuration.rst is made from the settings table."""

from __future__ import annotations

import runpy
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / 'docs'


def test_the_reference_is_fresh() -> None:
    written = (DOCS / 'configuration.rst').read_text()
    made = runpy.run_path(str(DOCS / 'generate_configuration.py'))['page']()
    assert written == made, 'run: .venv/bin/python -m docs.generate_configuration'
