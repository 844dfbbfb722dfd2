"""Fixtures of the serving tests."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving.rig import Rig


@pytest.fixture
def rig() -> Iterator[Rig]:
    """A directory with a short name (a unix socket's path has 107 bytes) and what was started in it."""
    directory = Path(tempfile.mkdtemp(prefix='pyro-'))
    started = Rig(directory)
    try:
        yield started
    finally:
        started.close()
        shutil.rmtree(directory)
