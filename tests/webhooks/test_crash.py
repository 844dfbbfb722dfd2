"""Killed anywhere, a dispatcher loses nothing, and what comes twice bears the same number."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator

import pytest

from tests.rig import end, wait_for
from tests.rig.postgres import BOTH
from tests.webhooks.conftest import Stage
from tests.webhooks.crasher import POINTS
from tests.webhooks.endpoint import Got

PATIENCE = 120.0


@pytest.fixture
def crash(stage: Stage) -> Iterator[Callable[[str], str]]:
    """``crash(point)`` delivers until there; how the process ended."""
    place = [stage.config.STATE_DIR, stage.config.DATABASE_URL]
    command = [sys.executable, '-m', 'tests.webhooks.crasher', *place]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin and process.stdout

    def run(point: str) -> str:
        process.stdin.write(f'{point}\n'.encode())
        process.stdin.flush()
        return process.stdout.readline().decode().strip()

    yield run
    process.stdin.close()
    process.stdout.close()
    end(process)


@BOTH
def test_killed_at_every_point_nothing_is_lost_or_takes_another_number(
    stage: Stage, crash: Callable[[str], str]
) -> None:
    stage.clock.now = time.time()  # that of the other processes
    endpoints = [stage.endpoint(), stage.endpoint()]
    hooks = [stage.hook(endpoint) for endpoint in endpoints]
    for point in POINTS:
        stage.tell(*(f'{point} {number}' for number in range(4)))
        assert crash(point) == '-9'
    stage.clock.now = time.time()
    stage.dispatcher().start()
    wait_for(lambda: not any(hook.waiting for hook in stage.hooks.all()), PATIENCE, 'all deliveries')

    for endpoint, hook in zip(endpoints, hooks, strict=True):
        secret = stage.hooks.secret(hook.id)
        assert all(got.is_signed(secret, time.time()) for got in endpoint.got)
        by_event: dict[int, list[Got]] = defaultdict(list)
        for got in endpoint.got:
            by_event[got.event_id].append(got)
        told = [event.id for event in stage.log.since(0)]
        assert list(by_event) == told == sorted(told)
        assert len(told) == 4 * len(POINTS)
        assert all(len({got.uid for got in several}) == 1 for several in by_event.values())
        assert len(endpoint.got) <= len(told) + len(POINTS)
        assert [delivery.state for delivery in stage.hooks.deliveries(hook.id)] == ['done'] * len(told)
    assert sum(len(endpoint.got) for endpoint in endpoints) > 2 * len(told)  # some came twice
