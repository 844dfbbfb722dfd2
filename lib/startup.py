"""When rTorrent was started. No version tells; a user's own command may, and so does the process on this machine."""

from __future__ import annotations

import os
import socket
from collections.abc import Collection, Sequence
from pathlib import Path

OWN = 'startup_time'  # method.insert = startup_time,value|const,$system.time=
_PROC = Path('/proc')


def commands(known: Collection[str], result: str) -> list[str]:
    """What to ask a server that has the commands ``known`` for a ``result`` of ``started`` or ``uptime``."""
    asked = [OWN] if OWN in known else ['system.pid', 'system.hostname']
    return [*asked, 'system.time_seconds'] if result == 'uptime' else asked


def evaluate(result: str, values: Sequence[object]) -> int | None:
    """The start in Unix seconds, or the uptime in seconds, from the answers to :func:`commands`."""
    asked = list(values)
    now = asked.pop() if result == 'uptime' else 0
    started = asked[0] if len(asked) == 1 else process_start(asked[0], asked[1])
    if not isinstance(started, int) or not isinstance(now, int) or started <= 0:
        return None
    return max(0, now - started) if result == 'uptime' else started


def process_start(pid: object, hostname: object, proc: Path = _PROC) -> int | None:
    """When the rTorrent with this process number began, if it runs on this machine; else None."""
    if not isinstance(pid, int) or hostname != socket.gethostname():
        return None
    try:
        if b'rtorrent' not in (proc / str(pid) / 'cmdline').read_bytes():
            return None
        # The name in brackets may hold blanks and brackets; the start is field 22 of the line (proc(5)).
        ticks = int((proc / str(pid) / 'stat').read_text().rpartition(')')[2].split()[19])
        boot = next(line for line in (proc / 'stat').read_text().splitlines() if line.startswith('btime '))
        return int(boot.split()[1]) + ticks // os.sysconf('SC_CLK_TCK')
    except (OSError, ValueError, IndexError, StopIteration):
        return None
