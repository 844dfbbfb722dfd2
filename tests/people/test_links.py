"""One-time links are good once."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.errors import Conflict
from model.links import Links
from model.notes import Notes
from tests.people.conftest import PASSWORD
from tests.rig.postgres import BOTH


@pytest.fixture
def links(engine, clock):
    return Links(engine, clock)


@pytest.fixture
def ann(users):
    return users.add('ann', PASSWORD, 'admin')


@BOTH
def test_a_link_is_good_once(links, ann):
    token = links.create('login', ann.id, 60)
    assert links.peek(token) == links.peek(token)
    used = links.use(token)
    assert (used.purpose, used.user_id) == ('login', ann.id)
    assert links.use(token) is None
    assert links.peek(token) is None


def test_a_link_ends(links, ann, clock):
    token = links.create('login', ann.id, 60)
    clock.now += 60
    assert links.peek(token) is not None
    clock.now += 1
    assert links.peek(token) is None
    assert links.use(token) is None


def test_it_is_hashed_at_rest(links, ann, engine, config):
    token = links.create('login', ann.id, 60)
    engine.dispose()
    content = b''.join(path.read_bytes() for path in Path(config.STATE_DIR).iterdir())
    assert token.encode() not in content


@BOTH
def test_a_new_setup_link_replaces_the_old_one_and_no_login_link(links, ann):
    login = links.create('login', ann.id, 60)
    first = links.create('setup', None, 60)
    second = links.create('setup', None, 60)
    assert links.peek(first) is None
    assert links.peek(second).purpose == 'setup'
    links.create('login', ann.id, 60)
    assert links.peek(login) is not None


def test_a_used_setup_link_does_not_come_back(links):
    token = links.create('setup', None, 60)
    assert links.use(token)
    other = links.create('setup', None, 60)
    assert links.peek(token) is None
    assert links.peek(other) is not None


@pytest.mark.parametrize(
    'token',
    ['', 'x', 'A' * 43, 'A' * 44, 'ä' * 43, '../' * 14 + 'a', "' OR 1=1 --", 'A' * 10**6],
    ids=lambda s: ascii(s)[:12],
)
def test_made_up_tokens(links, token):
    links.create('setup', None, 60)
    assert links.peek(token) is None
    assert links.use(token) is None


@pytest.mark.parametrize('wrong', [('login', None), ('setup', 1), ('other', None)])
def test_purposes_that_make_no_sense(links, wrong):
    with pytest.raises(ValueError, match='no link for'):
        links.create(*wrong, 60)


@BOTH
def test_no_link_for_an_account_that_is_gone(links):
    with pytest.raises(Conflict, match='gone'):
        links.create('login', 4242, 60)


def test_of_many_processes_one_uses_the_link(start, engine):
    token = Links(engine).create('setup', None, 600)
    code = f"""
import sys
from model.database import open_database
from model.links import Links
links = Links(open_database(config))
print('ready', flush=True)
sys.stdin.read(1)
print(links.use({token!r}) is not None)
"""
    processes = [start(code) for _ in range(4)]
    for process in processes:
        assert process.stdout.readline() == 'ready\n'
    for process in processes:
        process.stdin.write('x')
        process.stdin.flush()
    assert sorted(process.communicate()[0] for process in processes) == [
        'False\n',
        'False\n',
        'False\n',
        'True\n',
    ]


@BOTH
def test_both_have_seen_it_good_and_still_one_gets_it(links, monkeypatch):
    """The moment between looking and using: another process is faster."""
    token = links.create('setup', None, 60)
    genuine = links.peek

    def peek(asked):
        found = genuine(asked)
        monkeypatch.setattr(links, 'peek', genuine)
        assert links.use(token) is not None
        return found

    monkeypatch.setattr(links, 'peek', peek)
    assert links.use(token) is None


@BOTH
def test_notes(engine, clock):
    notes = Notes(engine, clock)
    assert notes.get('home', 'encryption') is None
    notes.put('home', 'encryption', 'require')
    clock.now += 1
    notes.put('home', 'encryption', 'none')
    notes.put('seedbox', 'encryption', 'allow')
    assert notes.get('home', 'encryption') == ('none', clock.now)
