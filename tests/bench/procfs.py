"""What a process costs, as the kernel counts it."""

from __future__ import annotations

import contextlib
import os
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

TICK = os.sysconf('SC_CLK_TCK')


def family(pid: int) -> list[int]:
    """``pid`` and all that descend from it."""
    found = [pid]
    for parent in found:
        for file in Path(f'/proc/{parent}/task').glob('*/children'):
            found += [int(child) for child in file.read_text().split()]
    return found


def cpu(pid: int) -> float:
    """Seconds of processor time spent so far, by the process and its descendants."""
    spent = 0
    for member in family(pid):
        fields = Path(f'/proc/{member}/stat').read_text().rpartition(')')[2].split()
        spent += int(fields[11]) + int(fields[12])
    return spent / TICK


def rss(pid: int) -> float:
    """Resident memory of the process and its descendants, in MB."""
    return sum(_status(member, 'VmRSS') for member in family(pid)) / 1000


def threads(pid: int) -> int:
    """Number of threads of the process itself."""
    return _status(pid, 'Threads')


def descriptors(pid: int) -> Counter[str]:
    """Open file descriptors of the process itself, by what they lead to."""
    found: Counter[str] = Counter()
    for entry in Path(f'/proc/{pid}/fd').iterdir():
        with contextlib.suppress(FileNotFoundError):
            found[os.readlink(entry)] += 1
    return found


def _status(pid: int, key: str) -> int:
    for line in Path(f'/proc/{pid}/status').read_text().splitlines():
        name, _, value = line.partition(':')
        if name == key:
            return int(value.split()[0])
    return 0


@dataclass
class Meter:
    """Shares of one processor that processes take between :meth:`start` and :meth:`shares`."""

    pids: dict[str, int]

    def start(self) -> Meter:
        self._at = time.monotonic()
        self._before = {name: cpu(pid) for name, pid in self.pids.items()}
        return self

    def shares(self) -> dict[str, float]:
        """By name, 0.1 for a tenth of a processor."""
        spent = time.monotonic() - self._at
        return {name: (cpu(pid) - self._before[name]) / spent for name, pid in self.pids.items()}
