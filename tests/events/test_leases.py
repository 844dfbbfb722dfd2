"""One at a time, and the next as soon as it may."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest
from sqlalchemy import Engine

from model import process
from model.database import writing
from model.leases import Leases
from model.tables import leases as table
from tests.events.support import Time
from tests.rig.postgres import BOTH

pytestmark = BOTH


def test_one_holds_it_until_it_lets_go(engine: Engine) -> None:
    clock = Time()
    one, other = Leases(engine, clock), Leases(engine, clock)
    assert one.hold('x', 10)
    assert not other.hold('x', 10)
    assert other.hold('y', 10)
    one.release('y')  # is not its own
    assert not one.hold('y', 10)
    one.release('x')
    assert other.hold('x', 10)
    assert not one.hold('x', 10)


def test_it_lasts_as_long_as_it_is_prolonged(engine: Engine) -> None:
    clock = Time()
    one, other = Leases(engine, clock), Leases(engine, clock)
    for _ in range(5):
        assert one.hold('x', 10)
        clock.now += 9
        assert not other.hold('x', 10)
    clock.now += 1
    assert other.hold('x', 10)
    assert not one.hold('x', 10)
    with writing(engine) as connection:
        assert other.holds(connection, 'x')
        assert not one.holds(connection, 'x')


def test_a_clock_that_was_put_back_holds_it_no_longer(engine: Engine) -> None:
    clock = Time()
    one, other = Leases(engine, clock), Leases(engine, clock)
    assert one.hold('x', 10)
    clock.now -= 86400
    assert other.hold('x', 10)
    assert not one.hold('x', 10)


def test_that_of_a_process_that_ended_is_free_at_once(engine: Engine) -> None:
    child = subprocess.Popen([sys.executable, '-c', 'input()'], stdin=subprocess.PIPE)
    began = process._began(child.pid)
    holder = f'abcd/{process.name().rsplit("/", 2)[0]}/{child.pid}/{began}'
    values = {'name': 'x', 'holder': holder, 'until': Time().now + 10}
    with writing(engine) as connection:
        connection.execute(table.insert().values(values))
    ours = Leases(engine, Time())
    assert not ours.hold('x', 10)
    child.kill()
    child.wait()
    assert ours.hold('x', 10)


def test_that_of_another_machine_ends_by_time_only(engine: Engine) -> None:
    clock = Time()
    with writing(engine) as connection:
        connection.execute(table.insert().values(name='x', holder='abcd/elsewhere/1/2', until=clock.now + 10))
    ours = Leases(engine, clock)
    assert not ours.hold('x', 10)
    clock.now += 10
    assert ours.hold('x', 10)


@pytest.mark.parametrize('stale', [False, True])
def test_of_many_who_try_at_once_one_gets_it(engine: Engine, stale: bool) -> None:
    clock = Time()
    if stale:
        Leases(engine, clock).hold('x', 10)
        clock.now += 10
    gate, got = threading.Barrier(8), []

    def tries() -> None:
        mine = Leases(engine, clock)
        gate.wait()
        got.append(mine.hold('x', 10))

    threads = [threading.Thread(target=tries) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(got) == [False] * 7 + [True]
