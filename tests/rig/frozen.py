"""Programs that stand still."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tests.rig.patience import wait_for


def freeze(pid: int) -> None:
    """Stop a process, and wait until all its threads stand: after the signal some run on, and may still answer."""
    os.kill(pid, signal.SIGSTOP)
    tasks = Path('/proc', str(pid), 'task')
    wait_for(lambda: all(_stands(task) for task in tasks.iterdir()), 60, f'process {pid} to stand still')


def _stands(task: Path) -> bool:
    """By its state, the letter behind the name in brackets; one that ended meanwhile does as well."""
    try:
        return (task / 'stat').read_text().rpartition(') ')[2].startswith(('T', 't', 'Z'))
    except (FileNotFoundError, ProcessLookupError):
        return True
