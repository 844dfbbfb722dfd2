"""Saved views belong to an account, and hold nothing but the address of a list."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from lib.config import Config
from lib.errors import Conflict, NotFound, UsageError
from model import saved as module
from model.database import open_database
from model.saved import MAX_EACH, Saved, View, check_address
from model.users import Users
from tests.rig.postgres import BOTH
from tests.rig.state import prepared


@pytest.fixture
def engine(config: Config) -> Iterator[Engine]:
    made = open_database(prepared(config))
    yield made
    made.dispose()


@pytest.fixture
def saved(engine: Engine) -> Saved:
    return Saved(engine, clock=lambda: 5.0)


def account(engine: Engine, name: str) -> int:
    return Users(engine).add(name, 'correct horse battery', 'read').id


@BOTH
def test_a_view_is_made_changed_named_anew_and_removed(engine: Engine, saved: Saved) -> None:
    me = account(engine, 'ada')
    assert saved.put(me, ' Big ', '?q=size%3E1g&sort=-size') == View('Big', 'q=size%3E1g&sort=-size', 5)
    saved.put(me, 'Big', 'q=x')
    assert [view.address for view in saved.list(me)] == ['q=x']
    assert saved.put(me, 'Big', 'q=x', new_name='Bigger').name == 'Bigger'
    assert saved.get(me, 'Bigger').address == 'q=x'
    saved.put(me, 'Other', '')
    with pytest.raises(Conflict):
        saved.put(me, 'Other', '', new_name='Bigger')
    saved.remove(me, 'Bigger')
    with pytest.raises(NotFound):
        saved.remove(me, 'Bigger')
    with pytest.raises(NotFound):
        saved.get(me, 'Bigger')


@BOTH
def test_views_are_ones_own_and_go_with_the_account(engine: Engine, saved: Saved) -> None:
    me, other = account(engine, 'ada'), account(engine, 'bob')
    saved.put(me, 'a', 'q=mine')
    saved.put(other, 'a', 'q=theirs')
    saved.put(None, 'a', 'q=common')
    assert [saved.get(owner, 'a').address for owner in (me, other, None)] == [
        'q=mine',
        'q=theirs',
        'q=common',
    ]
    saved.remove(other, 'a')
    assert saved.get(me, 'a').address == 'q=mine'
    Users(engine).remove(me, force=True)
    assert saved.list(me) == []
    with pytest.raises(Conflict):
        saved.put(me, 'b', '')


def test_an_account_has_so_many_views(engine: Engine, saved: Saved, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_EACH == 100
    monkeypatch.setattr(module, 'MAX_EACH', 3)
    for name in ('b', 'A', 'c'):
        saved.put(None, name, '')
    assert [view.name for view in saved.list(None)] == ['A', 'b', 'c']
    saved.put(None, 'c', 'q=y')
    with pytest.raises(Conflict):
        saved.put(None, 'd', '')


@pytest.mark.parametrize('name', ['', ' ', 'x' * 61, 'a\nb', 'a\0', '/a', 'a/', '.', '..', '\u202eabc'])
def test_names_that_will_not_do(saved: Saved, name: str) -> None:
    with pytest.raises(UsageError) as wrong:
        saved.put(None, name, '')
    assert wrong.value.field == 'name'


@pytest.mark.parametrize('name', ['x' * 60, 'GNU/Linux', 'žluťoučký', 'a b', '100 %'])
def test_names_that_do(saved: Saved, name: str) -> None:
    saved.put(None, name, '')
    assert saved.get(None, name).name == name


@pytest.mark.parametrize(
    'address',
    [
        'page=2', 'open=home/abc', 'q=a&q=b', 'sort=colour', 'in=colour:red', 'in=label', 'q=ratio>', 'q', '=x',
        'javascript:alert(1)', 'https://evil.example/', '//evil.example', 'q=x&next=//evil.example', 'q=%ff',
        'q=' + 'x' * 2000, 'q=' + '%20x' * 480 + '&sort=nothing',
    ],
)  # fmt: skip
def test_addresses_that_will_not_do(address: str) -> None:
    with pytest.raises(UsageError):
        check_address(address)


@pytest.mark.parametrize(
    ('address', 'kept'),
    [
        ('', ''), ('?', ''), ('q=', ''),
        ('sort=-down,name&q=a%20b', 'q=a+b&sort=-down%2Cname'),
        ('in=label:x&not=state:error&in=label:', 'in=label%3Ax&in=label%3A&not=state%3Aerror'),
        ('target=away&view=started', 'target=away&view=started'),
    ],
)  # fmt: skip
def test_addresses_are_kept_in_one_form(address: str, kept: str) -> None:
    assert check_address(address) == kept
    assert check_address(kept) == kept
