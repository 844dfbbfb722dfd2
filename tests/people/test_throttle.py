"""Wrong passwords are counted and guessing ends (AUTH-6, AUTH-7)."""

from __future__ import annotations

import threading

import pytest

from lib.errors import BadLogin, TooManyAttempts
from model import throttle
from model.database import reading
from model.tables import attempts
from model.throttle import Throttle
from model.users import Users
from tests.people.conftest import PASSWORD
from tests.rig.postgres import BOTH

IP = '192.0.2.1'
OTHER = '198.51.100.7'


@pytest.fixture
def ann(users):
    return users.add('ann', PASSWORD, 'admin')


def fail(users: Users, times: int, name: str = 'ann', ip: str = IP) -> None:
    for _ in range(times):
        with pytest.raises(BadLogin):
            users.verify(name, 'wrong password', ip)


def rows(engine) -> list:
    with reading(engine) as connection:
        return connection.execute(attempts.select()).all()


@BOTH
def test_after_five_wrong_ones_even_the_right_one_is_refused(users, ann, clock):
    fail(users, 5)
    clock.now += 100
    with pytest.raises(TooManyAttempts) as caught:
        users.verify('ann', PASSWORD, IP)
    assert caught.value.retry_after == throttle.WINDOW - 100
    assert 'Wait 14 minutes' in str(caught.value)


def test_after_the_wait_it_opens(users, ann, clock):
    fail(users, 5)
    with pytest.raises(TooManyAttempts) as caught:
        users.verify('ann', PASSWORD, IP)
    clock.now += caught.value.retry_after - 1
    with pytest.raises(TooManyAttempts):
        users.verify('ann', PASSWORD, IP)
    clock.now += 2
    assert users.verify('ann', PASSWORD, IP) == ann


def test_knocking_does_not_prolong_the_wait(users, ann, clock):
    fail(users, 5)
    for _ in range(20):
        clock.now += 40
        with pytest.raises(TooManyAttempts):
            users.verify('ann', PASSWORD, IP)
    clock.now += 101
    assert users.verify('ann', PASSWORD, IP) == ann


def test_the_owners_logins_do_not_help_the_guesser(users, ann):
    for _ in range(5):
        fail(users, 1)
        assert users.verify('ann', PASSWORD, OTHER) == ann
    with pytest.raises(TooManyAttempts):
        users.verify('ann', PASSWORD, IP)
    assert users.verify('ann', PASSWORD, OTHER) == ann  # and the guesser does not lock the owner out


def test_not_even_from_the_same_address(users, ann):
    for _ in range(4):
        fail(users, 1)
        assert users.verify('ann', PASSWORD, IP) == ann
    fail(users, 1)
    with pytest.raises(TooManyAttempts):
        users.verify('ann', PASSWORD, IP)


def test_right_passwords_do_not_count(users, ann, engine):
    for _ in range(30):
        assert users.verify('ann', PASSWORD, IP) == ann
    assert rows(engine) == []


def test_names_count_as_one_however_they_are_written(users, ann):
    for name in ('ann', 'ANN', 'Ann', 'ａｎｎ', 'aNN'):
        fail(users, 1, name)
    with pytest.raises(TooManyAttempts):
        users.verify('ann', PASSWORD, IP)


def test_unknown_names_are_counted_like_others(users, ann):
    fail(users, 5, 'nobody')
    with pytest.raises(TooManyAttempts):
        users.verify('nobody', PASSWORD, IP)


def test_one_address_has_so_many_tries_in_all(users, ann):
    for number in range(throttle.PER_ADDRESS):
        fail(users, 1, f'user{number}')
    with pytest.raises(TooManyAttempts):
        users.verify('ann', PASSWORD, IP)
    assert users.verify('ann', PASSWORD, OTHER) == ann


@pytest.mark.parametrize(
    ('one', 'same', 'other'),
    [
        ('2001:db8::1', '2001:db8::ffff:2', '2001:db8:0:1::1'),
        ('192.0.2.1', '::ffff:192.0.2.1', '192.0.2.2'),
        ('fe80::1%eth0', 'fe80::2%eth1', 'fe81::1'),
        ('', '', 'unix'),
    ],
)
def test_what_is_one_sender(users, ann, one, same, other):
    fail(users, 5, ip=one)
    with pytest.raises(TooManyAttempts):
        users.verify('ann', PASSWORD, same)
    assert users.verify('ann', PASSWORD, other) == ann


def test_the_count_is_shared_by_processes_and_survives_a_restart(users, ann, start, clock):
    code = f"""
from model.database import open_database
from model.users import Users
from lib.errors import BadLogin
for _ in range(5):
    try:
        Users(open_database(config), lambda: {clock.now}).verify('ann', 'wrong password', {IP!r})
    except BadLogin:
        print('wrong')
"""
    assert start(code).communicate()[0] == 'wrong\n' * 5
    with pytest.raises(TooManyAttempts):
        users.verify('ann', PASSWORD, IP)


@BOTH
def test_at_the_same_moment_there_are_no_more_tries_than_in_a_row(engine, clock):
    """Nobody's password is looked at before its attempt is counted."""
    barrier, heard, refused = threading.Barrier(40), [], []

    def knock() -> None:
        barrier.wait()
        try:
            heard.append(Throttle(engine, clock).begin('ann', IP))
        except TooManyAttempts as error:
            refused.append(error)

    threads = [threading.Thread(target=knock) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= len(heard) <= throttle.PER_ACCOUNT
    assert len(heard) + len(refused) == 40


@BOTH
def test_old_attempts_are_thrown_away(users, ann, engine, clock):
    for number in range(20):
        fail(users, 1, f'user{number}', f'192.0.2.{number}')
    assert len(rows(engine)) == 20
    clock.now += throttle.WINDOW + 1
    fail(users, 1)
    assert len(rows(engine)) == 1


@pytest.mark.parametrize('jump', [-86_400.0, 86_400.0, -1_700_000_000.0])
def test_a_clock_that_jumps_locks_nobody_out_for_long(users, ann, clock, jump):
    fail(users, 5)
    clock.now += jump
    assert users.verify('ann', PASSWORD, IP) == ann


def test_a_clock_a_little_behind_counts_on(users, ann, clock):
    fail(users, 5)
    clock.now -= 5
    with pytest.raises(TooManyAttempts) as caught:
        users.verify('ann', PASSWORD, IP)
    assert 1 <= caught.value.retry_after <= throttle.WINDOW


def test_a_password_typed_as_the_name_is_not_kept(users, engine):
    fail(users, 1, 'my secret password')
    assert 'secret' not in repr(rows(engine))
