"""Which process this is, and whether another one still runs, as far as that can be told."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def name() -> str:
    """A name for this process that no other process gets, not even one with its number after a restart."""
    return f'{socket.gethostname()}/{os.getpid()}/{_began(os.getpid())}'


def runs(process: str) -> bool | None:
    """Whether the process of that :func:`name` runs; None where it is another machine's."""
    host, pid, began = process.rsplit('/', 2)
    return _began(int(pid)) == began if host == socket.gethostname() else None


def _began(pid: int) -> str:
    """When a process began, in ticks since the machine did; ``''`` where there is none."""
    try:
        return Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[19]
    except (OSError, IndexError):
        return ''
