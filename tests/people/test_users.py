"""Accounts and their passwords (AUTH-3, AUTH-9, DOS-4)."""

from __future__ import annotations

import threading
import unicodedata
from pathlib import Path

import argon2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.errors import BadLogin, Conflict, NotFound, PyroError, TooManyAttempts, UnknownName, UsageError
from model import passwords
from model.database import reading
from model.links import Links
from model.tables import users as table
from model.tokens import Tokens
from model.users import Users
from tests.people.conftest import PASSWORD
from tests.rig.postgres import BOTH

IP = '192.0.2.1'


def stored(engine, name: str) -> str:
    with reading(engine) as connection:
        return connection.execute(table.select().where(table.c.name == name)).one().password


def test_what_the_library_calls_safe_today_is_what_we_use(real_hasher, monkeypatch):
    monkeypatch.setattr(passwords, '_hasher', real_hasher)
    hashed = passwords.hashed(b'correct horse')
    parameters = argon2.extract_parameters(hashed)
    assert parameters == argon2.profiles.RFC_9106_LOW_MEMORY
    assert parameters.type is argon2.Type.ID


def test_the_password_is_nowhere_in_the_database(engine, users, config):
    users.add('ann', PASSWORD, 'admin')
    users.add('ben', PASSWORD, 'admin')
    engine.dispose()
    content = b''.join(path.read_bytes() for path in Path(config.STATE_DIR).iterdir())
    assert PASSWORD.encode() not in content
    assert stored(engine, 'ann') != stored(engine, 'ben')  # each has a salt of its own


@pytest.mark.parametrize(
    'password',
    [
        '{SSHA}plain-text',
        '$argon2id$v=19$m=65536',
        ':colon:colon:',
        'x' * 73,
        'x' * 1024,
        'nul\0nul\0nul',
        '  blanks  ',
        'ünïcödé-pässwörd',
        '日本語のパスワード',
        '\U0001f512' * 8,
        "'; DROP TABLE users; --",
        'line\nbreak\nline',
    ],
    ids=ascii,
)
def test_any_password_works_and_only_exactly_it(users, password):
    ann = users.add('ann', password, 'admin')
    assert users.verify('ann', password, IP) == ann
    for number, other in enumerate((password + ' ', password[:-1], password.swapcase(), password + '\0')):
        if other != password:
            with pytest.raises(BadLogin):
                users.verify('ann', other, f'198.51.100.{number}')


def test_72_bytes_are_not_all_that_counts(users):
    users.add('ann', 'x' * 72 + 'a', 'admin')
    with pytest.raises(BadLogin):
        users.verify('ann', 'x' * 72 + 'b', IP)


def test_composed_and_decomposed_letters_are_the_same_password(users):
    composed, decomposed = (unicodedata.normalize(form, 'pässwörter') for form in ('NFC', 'NFD'))
    assert composed != decomposed
    users.add('ann', decomposed, 'admin')
    assert users.verify('ann', composed, IP).name == 'ann'
    with pytest.raises(BadLogin):
        users.verify('ann', 'passworter', IP)
    with pytest.raises(BadLogin):
        users.verify('ann', 'ｐässwörter', IP)  # as wide letters: alike only in NFKC


@pytest.mark.parametrize(
    'password', ['', 'short', 'seven77', 'x' * 1025, 'ä' * 513, 'lone \ud800 half'], ids=ascii
)
def test_a_password_of_a_wrong_kind_is_refused(users, password):
    with pytest.raises(UsageError) as caught:
        users.add('ann', password, 'admin')
    assert caught.value.field == 'password'
    assert users.count() == 0


def test_the_name_is_no_password(users):
    with pytest.raises(UsageError, match='must not be the name'):
        users.add('adminadmin', 'AdminAdmin', 'admin')


@pytest.mark.parametrize(
    'name', ['nobody', '', '\0', 'a\nb', '\ud800', 'x' * 100_000, "' OR 1=1 --"], ids=lambda s: ascii(s)[:20]
)
@pytest.mark.parametrize('password', [PASSWORD, '', '\ud800', 'x' * 100_000], ids=lambda s: ascii(s)[:20])
def test_odd_logins_are_just_wrong(users, name, password):
    users.add('ann', PASSWORD, 'admin')
    with pytest.raises(BadLogin, match='name or the password is wrong'):
        users.verify(name, password, IP)


def test_an_unknown_name_costs_a_hash_as_well(users, monkeypatch):
    """Counted, not timed: one computation of argon2 with the same parameters, account or not."""
    users.add('ann', PASSWORD, 'admin')
    done: list[tuple[int, int, int]] = []
    genuine = passwords._hasher

    class Counting(argon2.PasswordHasher):
        def hash(self, password, **options):
            done.append((genuine.time_cost, genuine.memory_cost, genuine.parallelism))
            return genuine.hash(password, **options)

        def verify(self, stored, password):
            found = argon2.extract_parameters(stored)
            done.append((found.time_cost, found.memory_cost, found.parallelism))
            return genuine.verify(stored, password)

    monkeypatch.setattr(passwords, '_hasher', Counting(time_cost=1, memory_cost=8, parallelism=1))
    for name in ('ann', 'nobody'):
        with pytest.raises(BadLogin):
            users.verify(name, 'wrong', IP)
    assert len(done) == 2
    assert done[0] == done[1]


def test_an_old_hash_is_renewed_by_a_login(engine, users, monkeypatch):
    ann = users.add('ann', PASSWORD, 'admin')
    old = stored(engine, 'ann')
    monkeypatch.setattr(
        passwords, '_hasher', argon2.PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    )
    with pytest.raises(BadLogin):
        users.verify('ann', 'wrong', IP)
    assert stored(engine, 'ann') == old
    assert users.verify('ann', PASSWORD, IP) == ann  # the epoch stays: nobody is logged out by it
    assert argon2.extract_parameters(stored(engine, 'ann')).time_cost == 2
    assert users.verify('ann', PASSWORD, IP) == ann


@pytest.mark.parametrize(
    'name', ['a', 'Ann Lee', 'x' * 64, 'Ünï', '日本', "o'neil", 'a@b.example', '-rf', '<b>']
)
def test_good_names(users, name):
    assert users.add(name, PASSWORD, 'read').name == name
    assert users.find(name).name == name


@pytest.mark.parametrize(
    'name',
    ['', ' ', 'x' * 65, 'a\nb', 'a\0', ' ann', 'ann ', 'a\u202eb', 'a\u200bb', '\ud800', '\x7f', '\x9b'],
    ids=ascii,
)
def test_bad_names(users, name):
    with pytest.raises(UsageError) as caught:
        users.add(name, PASSWORD, 'read')
    assert caught.value.field == 'name'


@pytest.mark.parametrize(
    ('one', 'other'),
    [('Ann', 'ANN'), ('straße', 'STRASSE'), ('\xe4', 'a\u0308'), ('ann', 'ａｎｎ'), ('fi', 'ﬁ')],
)
@BOTH
def test_names_that_look_alike_are_one(users, one, other):
    made = users.add(one, PASSWORD, 'read')
    with pytest.raises(Conflict, match='already'):
        users.add(other, PASSWORD, 'read')
    assert users.find(other) == made
    assert users.verify(other, PASSWORD, IP) == made


@given(name=st.text(max_size=70), password=st.text(max_size=40))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_taken_opens_and_the_rest_is_refused_in_words(users, name, password):
    try:
        made = users.add(name, password, 'read')
    except PyroError as error:
        assert isinstance(error, UsageError | Conflict)
        return
    assert users.verify(name, password, f'2001:db8:{made.id:x}::1') == made
    users.remove(made.id)


def test_an_unknown_role(users):
    with pytest.raises(UnknownName, match='admin'):
        users.add('ann', PASSWORD, 'admn')


@BOTH
def test_accounts_come_by_name(users):
    for name in ('cem', 'Ann', 'ben'):
        users.add(name, PASSWORD, 'read')
    assert [user.name for user in users.list()] == ['Ann', 'ben', 'cem']
    assert users.count() == 3


@BOTH
def test_a_new_password_begins_a_new_epoch_and_ends_login_links(engine, users):
    ann = users.add('ann', PASSWORD, 'admin')
    token = Links(engine).create('login', ann.id, 60)
    users.set_password(ann.id, 'another good one')
    assert users.get(ann.id).epoch == ann.epoch + 1
    assert Links(engine).peek(token) is None
    with pytest.raises(BadLogin):
        users.verify('ann', PASSWORD, IP)
    assert users.verify('ann', 'another good one', IP).epoch == ann.epoch + 1


def test_other_processes_see_it_in_their_next_request(users, start):
    """What a session is compared with is never remembered: password, role and removal hold everywhere at once."""
    users.add('ann', PASSWORD, 'admin')
    ben = users.add('ben', PASSWORD, 'write')
    code = f"""
import sys
from model.database import open_database
from model.users import Users
users = Users(open_database(config))
for line in sys.stdin:
    ben = users.get({ben.id})
    print(ben and (ben.role, ben.epoch), flush=True)
"""
    other = start(code)

    def ask() -> str:
        other.stdin.write('?\n')
        other.stdin.flush()
        return other.stdout.readline().strip()

    assert ask() == str(('write', ben.epoch))
    users.set_password(ben.id, 'another good one')
    assert ask() == str(('write', ben.epoch + 1))
    users.set_role(ben.id, 'read')
    assert ask() == str(('read', ben.epoch + 1))
    users.remove(ben.id)
    assert ask() == 'None'


@BOTH
def test_removal_takes_tokens_along_and_the_number_is_never_given_again(engine, users):
    users.add('ann', PASSWORD, 'admin')
    ben = users.add('ben', PASSWORD, 'write')
    header = 'Bearer ' + Tokens(engine).add(ben, 'script', True)
    link = Links(engine).create('login', ben.id, 60)
    users.remove(ben.id)
    assert users.get(ben.id) is None
    assert Tokens(engine).verify(header) is None
    assert Links(engine).peek(link) is None
    again = users.add('ben', PASSWORD, 'write')
    assert again.id > ben.id
    assert Tokens(engine).verify(header) is None


def test_epochs_do_not_begin_alike(users):
    """A session of a lost database must not fit the first account of the new one."""
    epochs = {users.add(f'user{number}', PASSWORD, 'read').epoch for number in range(5)}
    assert len(epochs) == 5


@pytest.mark.parametrize('act', ['remove', 'demote'])
@BOTH
def test_the_last_administrator_stays_unless_forced(users, act):
    def lose(user_id, **options):
        if act == 'remove':
            users.remove(user_id, **options)
        else:
            users.set_role(user_id, 'write', **options)

    ann, ben = users.add('ann', PASSWORD, 'admin'), users.add('ben', PASSWORD, 'admin')
    users.add('cem', PASSWORD, 'write')
    lose(ben.id)
    with pytest.raises(Conflict, match='last administrator'):
        lose(ann.id)
    assert users.get(ann.id).role == 'admin'
    lose(ann.id, force=True)
    assert [user for user in users.list() if user.role == 'admin'] == []


@BOTH
def test_two_administrators_cannot_remove_each_other_at_once(engine, users):
    for _ in range(10):
        pair = [users.add(name, PASSWORD, 'admin') for name in ('ann', 'ben')]
        barrier, failed = threading.Barrier(2), []

        def remove(user_id, barrier=barrier, failed=failed):
            barrier.wait()
            try:
                Users(engine).remove(user_id)
            except Conflict:
                failed.append(user_id)

        threads = [threading.Thread(target=remove, args=(user.id,)) for user in pair]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(failed) == 1
        users.remove(failed[0], force=True)


@pytest.mark.parametrize(
    'act', [lambda u: u.remove(99), lambda u: u.set_role(99, 'read'), lambda u: u.set_password(99, PASSWORD)]
)
def test_what_is_gone_is_not_found(users, act):
    with pytest.raises(NotFound):
        act(users)


@BOTH
def test_the_first_account_uses_the_link_only_when_all_is_good(engine, users):
    links = Links(engine)
    token = links.create('setup', None, 60)
    with pytest.raises(UsageError):
        users.add_first('ann', 'short', lambda: links.use(token))
    assert links.peek(token) is not None
    ann = users.add_first('ann', PASSWORD, lambda: links.use(token))
    assert (ann.role, users.count()) == ('admin', 1)
    with pytest.raises(Conflict):
        users.add_first('eve', PASSWORD, lambda: links.use(token))
    with pytest.raises(Conflict, match='already'):
        users.add_first('eve', PASSWORD, lambda: True)
    assert users.count() == 1


def test_a_flood_of_logins_takes_few_threads_and_says_when_to_come_back(users, monkeypatch):
    """While the hashes of two are computed, four wait; all others are told so at once and hold no thread."""
    ann = users.add('ann', PASSWORD, 'admin')
    inside, most, lock = 0, 0, threading.Lock()
    full, go_on = threading.Event(), threading.Event()

    class Slow(argon2.PasswordHasher):
        def verify(self, stored, password):
            nonlocal inside, most
            with lock:
                inside += 1
                most = max(most, inside)
            go_on.wait()
            with lock:
                inside -= 1
            return True

    monkeypatch.setattr(passwords, '_hasher', Slow(time_cost=1, memory_cost=8, parallelism=1))
    outcomes: list[object] = []

    def log_in(number: int) -> None:
        try:
            outcome: object = users.verify('ann', PASSWORD, f'192.0.2.{number % 250}')
        except TooManyAttempts as error:
            outcome = error
        with lock:
            outcomes.append(outcome)
            if len(outcomes) == 194:
                full.set()

    threads = [threading.Thread(target=log_in, args=(number,)) for number in range(200)]
    for thread in threads:
        thread.start()
    assert full.wait(60)  # while two compute and four wait, all others have their answer
    assert users.get(ann.id) == ann  # and the rest of the application goes on
    go_on.set()
    for thread in threads:
        thread.join()
    assert most == 2
    assert outcomes.count(ann) == 6
    assert {error.retry_after for error in outcomes if isinstance(error, TooManyAttempts)} == {3}
    # Who was sent away was not counted as a wrong password.
    monkeypatch.setattr(
        passwords, '_hasher', argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    )
    assert users.verify('ann', PASSWORD, '192.0.2.1') == ann


def test_one_who_waits_too_long_is_sent_away(users, monkeypatch):
    users.add('ann', PASSWORD, 'admin')
    monkeypatch.setattr(passwords, 'PATIENCE', 0.01)
    taken = [passwords._turns.acquire() for _ in range(passwords.AT_ONCE)]
    try:
        with pytest.raises(TooManyAttempts, match='at this moment'):
            users.verify('ann', PASSWORD, IP)
    finally:
        for _ in taken:
            passwords._turns.release()
    assert users.verify('ann', PASSWORD, IP).name == 'ann'
