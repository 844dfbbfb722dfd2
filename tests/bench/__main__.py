"""All benchmarks one after the other, each in a fresh process; ``python -m tests.bench overview`` for some of them."""

from __future__ import annotations

import subprocess
import sys

ALL = ('overview', 'codec', 'tick', 'fcgi', 'window', 'flood', 'soak', 'events')


def main(names: list[str]) -> int:
    """Run the benchmarks of ``names``, or all; 1 where one of them failed."""
    failed = 0
    for name in names or ALL:
        print(f'\n== {name}', flush=True)
        failed |= subprocess.run([sys.executable, '-m', f'tests.bench.bench_{name}']).returncode
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
