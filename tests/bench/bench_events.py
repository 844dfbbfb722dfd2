"""A thousand random acts on two real rTorrents, the server and the clients killed in between: is everything told once?

``python -m tests.bench.bench_events [acts] [seed]``; ends with 1 where the log, or what a receiver got, is not what
tests/e2e/ledger.py demands.
"""

from __future__ import annotations

import random
import sys
import time

from tests.e2e.trial import Trial
from tests.rig import Tracker
from tests.rig.factory import Factory

ACTS = 1000
EVERY = 100  # acts after which a line is printed


def main(arguments: list[str]) -> int:
    acts = int(arguments[0]) if arguments else ACTS
    seed = int(arguments[1]) if len(arguments) > 1 else random.randrange(1 << 30)
    print(f'{acts} acts, rTorrent 0.9.8 and 0.16, seed {seed}', flush=True)
    factory = Factory()
    try:
        clients = {'home': factory('0.9.8'), 'box': factory('0.16', address='127.0.0.2')}
        with Tracker() as tracker:
            trial = Trial(clients, tracker, seed=seed)
            try:
                return _run(trial, acts)
            finally:
                trial.close()
    finally:
        factory.close()


def _run(trial: Trial, acts: int) -> int:
    begun, printed = time.monotonic(), 0
    while (done := sum(trial.done.values())) < acts:
        trial.step()
        if done >= printed + EVERY:
            printed = done
            print(
                f'  {time.monotonic() - begun:5.0f} s  {done} acts, {len(trial.ledger.ids)} events',
                flush=True,
            )
    took = time.monotonic() - begun
    wrong = trial.finish()
    ledger, receiver = trial.ledger, trial.receiver
    print(f'  done in {took:.0f} s ({done / took:.1f} a second): {dict(trial.done)}')
    print(f'  told: {len(ledger.ids)} events, {dict(ledger.kinds)}')
    print(f'  acts that were alone, each told exactly once: {ledger.alone.total()}, {dict(ledger.alone)}')
    print(f'  receiver: {dict(receiver.requests)}; {len(receiver.first)} events, each signed')
    print(f'  settled {time.monotonic() - begun - took:.0f} s after the last act; wrong: {len(wrong)}')
    for each in wrong[:40]:
        print(f'    {each[:1000]}')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
