"""Tokens of programs (AUTH-13)."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

import pytest
import sqlalchemy as sa

from lib.errors import Conflict, UsageError
from model import tokens as module
from model.database import writing
from model.tables import tokens as table
from model.tokens import Tokens
from tests.people.conftest import PASSWORD
from tests.rig.postgres import BOTH


@pytest.fixture
def tokens(engine, clock):
    return Tokens(engine, clock)


@pytest.fixture
def ann(users):
    return users.add('ann', PASSWORD, 'admin')


@BOTH
def test_a_token_acts_for_its_account(tokens, ann):
    secret = tokens.add(ann, 'script', True)
    found = tokens.verify(f'Bearer {secret}')
    assert (found.user_id, found.name, found.role) == (ann.id, 'ann', 'write')


def test_its_shape_and_that_it_is_hashed_at_rest(tokens, ann, engine, config):
    secret = tokens.add(ann, 'script', True)
    assert secret.startswith('pyro_') and len(secret) == 48
    engine.dispose()
    content = b''.join(path.read_bytes() for path in Path(config.STATE_DIR).iterdir())
    assert secret.encode() not in content
    assert secret[5:].encode() not in content
    assert hashlib.sha256(secret.encode()).hexdigest().encode() in content


def test_what_it_may_is_capped_by_scope_and_role(tokens, users):
    for role, write, allowed in [
        ('admin', True, 'write'),
        ('admin', False, 'read'),
        ('write', True, 'write'),
        ('write', False, 'read'),
        ('read', False, 'read'),
    ]:
        user = users.add(f'{role}{write}', PASSWORD, role)
        found = tokens.verify('Bearer ' + tokens.add(user, 'x', write))
        assert (found.role, found.administers) == (allowed, role == 'admin' and write)


def test_who_may_only_look_gets_no_token_to_write(tokens, users):
    with pytest.raises(UsageError, match='may only look'):
        tokens.add(users.add('ben', PASSWORD, 'read'), 'x', True)


def test_a_demoted_account_takes_its_tokens_down(tokens, users, ann):
    ben = users.add('ben', PASSWORD, 'write')
    header = 'Bearer ' + tokens.add(ben, 'x', True)
    users.set_role(ben.id, 'read')
    assert tokens.verify(header).role == 'read'


@pytest.mark.parametrize(
    'shape',
    [
        '{0}',
        'Bearer  {0}',
        'Bearer {0} ',
        ' Bearer {0}',
        'bearer {0}',
        'BEARER {0}',
        'Bearer\t{0}',
        'Bearer {0}\n',
        'Bearer {0}, Bearer {0}',
        'Bearer {0},Bearer {0}',
        'Bearer {0},',
        'Bearer {0}=',
        'Bearer "{0}"',
        'Basic {0}',
        'Token {0}',
        'Bearer',
        'Bearer ',
        '',
    ],
)
def test_only_the_one_way_to_write_it_will_do(tokens, ann, shape):
    assert tokens.verify(shape.format(tokens.add(ann, 'x', True))) is None


def test_a_token_that_is_not_exactly_ours(tokens, ann):
    secret = tokens.add(ann, 'x', True)
    other = 'A' if secret[-1] != 'A' else 'B'
    wrong = [secret[:-1], secret + 'A', secret[:-1] + other, secret.swapcase(), secret[5:], secret.upper()]
    wrong += ['pyro_' + 'A' * 43, 'pyro_' + 'ä' * 43, hashlib.sha256(secret.encode()).hexdigest()]
    assert [tokens.verify(f'Bearer {each}') for each in wrong] == [None] * len(wrong)


def test_the_last_comparison_is_in_constant_time(tokens, ann, monkeypatch):
    """Whatever a database says is equal (one may ignore case) has to be equal for us as well."""
    header = 'Bearer ' + tokens.add(ann, 'x', True)
    monkeypatch.setattr(module.hmac, 'compare_digest', lambda one, other: False)
    assert tokens.verify(header) is None


@BOTH
def test_revoked_is_over_at_once(tokens, ann, start):
    secret = tokens.add(ann, 'x', True)
    code = f"""
import sys
from model.database import open_database
from model.tokens import Tokens
tokens = Tokens(open_database(config))
for line in sys.stdin:
    print(tokens.verify('Bearer {secret}') is not None, flush=True)
"""
    other = start(code)

    def ask() -> str:
        other.stdin.write('?\n')
        other.stdin.flush()
        return other.stdout.readline()

    assert ask() == 'True\n'
    assert tokens.revoke(tokens.list()[0].id)
    assert ask() == 'False\n'
    assert tokens.verify(f'Bearer {secret}') is None


def test_one_cannot_revoke_anothers(tokens, users, ann):
    ben = users.add('ben', PASSWORD, 'write')
    tokens.add(ben, 'x', True)
    number = tokens.list(ben.id)[0].id
    assert not tokens.revoke(number, ann.id)
    assert tokens.revoke(number, ben.id)
    assert not tokens.revoke(number)


@BOTH
def test_the_list(tokens, users, ann, clock):
    ben = users.add('ben', PASSWORD, 'write')
    tokens.add(ann, ' backup script ', False)
    tokens.add(ben, 'phone', True)
    assert [(token.user_name, token.label, token.write) for token in tokens.list()] == [
        ('ann', 'backup script', False),
        ('ben', 'phone', True),
    ]
    assert [token.user_name for token in tokens.list(ben.id)] == ['ben']
    assert (tokens.list()[0].created, tokens.list()[0].last_used) == (int(clock.now), None)


@BOTH
def test_the_last_use_is_noted_once_a_minute(tokens, ann, engine, clock):
    header = 'Bearer ' + tokens.add(ann, 'x', True)
    written = []
    sa.event.listen(
        engine,
        'before_cursor_execute',
        lambda *given: written.append(given[2]) if given[2].startswith('UPDATE') else None,
    )
    noted = []
    for _ in range(130):
        tokens.verify(header)
        noted.append(tokens.list()[0].last_used)
        clock.now += 1
    assert len(written) == 3
    assert set(noted) == {1_800_000_000, 1_800_000_060, 1_800_000_120}


def test_a_clock_put_back_does_not_stop_the_notes(tokens, ann, clock):
    header = 'Bearer ' + tokens.add(ann, 'x', True)
    tokens.verify(header)
    clock.now -= 86_400
    tokens.verify(header)
    assert tokens.list()[0].last_used == int(clock.now)


def test_a_token_works_where_its_use_cannot_be_noted(tokens, ann, engine, caplog):
    header = 'Bearer ' + tokens.add(ann, 'x', True)
    with engine.connect() as connection:
        connection.exec_driver_sql('PRAGMA query_only = ON')
    with caplog.at_level(logging.WARNING):
        assert tokens.verify(header).name == 'ann'
    assert 'is not noted' in caplog.text and header[7:] not in caplog.text


@pytest.mark.parametrize('label', ['', '   ', 'x' * 81, 'a\nb', 'a\x1bb', 'a\u202eb'], ids=ascii)
def test_bad_labels(tokens, ann, label):
    with pytest.raises(UsageError) as caught:
        tokens.add(ann, label, True)
    assert caught.value.field == 'label'


def test_there_is_a_limit(tokens, ann, engine):
    with writing(engine) as connection:
        for number in range(module.MAX_PER_USER):
            connection.execute(
                table.insert().values(user_id=ann.id, hash=str(number), label='x', write=False, created=1)
            )
    with pytest.raises(Conflict, match='Revoke'):
        tokens.add(ann, 'one more', False)


@BOTH
def test_no_token_for_an_account_that_is_gone(tokens, users, ann):
    ben = users.add('ben', PASSWORD, 'write')
    users.remove(ben.id)
    with pytest.raises(Conflict, match='gone'):
        tokens.add(ben, 'x', True)
