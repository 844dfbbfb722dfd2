"""The command line, run as a person runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
Result = subprocess.CompletedProcess[str]
Command = Callable[..., Result]


@pytest.fixture
def configure(tmp_path: Path) -> Callable[[str], Path]:
    """``configure(text)`` writes a config.py with its own state directory."""

    def write(text: str) -> Path:
        file = tmp_path / 'config.py'
        file.write_text(f'STATE_DIR = {str(tmp_path / "state")!r}\n{text}\n')
        return file

    return write


@pytest.fixture
def command(tmp_path: Path, configure: Callable[[str], Path]) -> Command:
    """``command('user', 'list', text='')`` runs pyrotorrent.py; a config.py with nothing in it is there."""
    configure('')
    environ = {**os.environ, 'PYROTORRENT_CONFIG': str(tmp_path / 'config.py'), 'COLUMNS': '120'}

    def run(*arguments: str, text: str = '', program: str = 'pyrotorrent.py') -> Result:
        argv = [sys.executable, str(ROOT / program), *arguments]
        return subprocess.run(argv, input=text, env=environ, capture_output=True, text=True, timeout=60)

    return run
