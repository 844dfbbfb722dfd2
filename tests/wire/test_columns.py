from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.errors import BadReply, UsageError
from lib.wire import transport, url
from lib.wire.columns import ask, decode
from lib.wire.rpc import Rpc
from tests.rig import Rtorrent, bencode
from tests.wire.rendering import STRINGS

COMMANDS = (
    'd.name=',
    'd.size_bytes=',
    'd.hash=',
    'd.is_active=',
    'd.custom=addtime',
    'd.ratio=',
    'd.message=',
)
KINDS = ('str', 'int', 'str', 'bool', 'str', 'int', 'str')
ASKED = (
    'cat=$d.hash=,",",$d.size_bytes=,",",$d.is_active=,",",$d.ratio=,"/",$d.name=',
    'd.custom=addtime',
    'd.message=',
)
HASH = 'A' * 40


def test_the_hash_numbers_and_one_text_are_joined() -> None:
    assert ask(COMMANDS, KINDS) == ASKED


def test_rows_come_back_in_the_order_of_the_commands() -> None:
    rows = [(f'{HASH},5,1,-7/a,b', '', 'x'), (f'{HASH},0,0,9223372036854775807//1/,2', 'y', '')]
    assert decode(rows, COMMANDS, KINDS) == [
        ('a,b', 5, HASH, True, '', -7, 'x'),
        ('/1/,2', 0, HASH, False, 'y', 9223372036854775807, ''),
    ]
    assert decode([], COMMANDS, KINDS) == []


@pytest.mark.parametrize(
    ('commands', 'kinds', 'asked', 'row'),
    [
        (('d.name=',), ('str',), ('d.name=',), ('a',)),
        (('d.ratio=',), ('int',), ('d.ratio=',), (5,)),
        (('d.hash=', 'd.name='), ('str', 'str'), ('d.hash=', 'd.name='), ('A', 'a')),
        (('d.custom=a', 'd.ratio='), ('int', 'int'), ('d.custom=a', 'd.ratio='), ('a', 5)),
    ],
)
def test_where_there_is_nothing_to_join_columns_are_plain(
    commands: tuple[str, ...], kinds: tuple[str, ...], asked: tuple[str, ...], row: tuple[Any, ...]
) -> None:
    assert ask(commands, kinds) == asked
    assert decode([row], commands, kinds) == [row]


def test_numbers_without_a_hash_or_a_text() -> None:
    commands, kinds = ('f.size_bytes=', 'f.path=', 'f.priority='), ('int', 'str', 'int')
    assert ask(commands, kinds) == ('cat=$f.size_bytes=,",",$f.priority=,"/",$f.path=',)
    assert decode([('5,2/a/b',)], commands, kinds) == [(5, 'a/b', 2)]
    assert ask(commands[::2], kinds[::2]) == ('cat=$f.size_bytes=,",",$f.priority=',)
    assert decode([('5,2',)], commands[::2], kinds[::2]) == [(5, 2)]


@pytest.mark.parametrize(
    'command',
    [
        *('', 'd.name', 'd.name=$x', 'execute=ls', 'system.pid=', 'd=', 'd.a..b=', 'd.name=;x', 'd.name=a,b'),
        *('cat="x"', 'd.custom=(x)', 'D=', 'd.name=\n', '$d.name=', 'd.custom=' + 'b' * 70),
    ],
)
def test_a_command_that_is_no_plain_column_is_refused(command: str) -> None:
    with pytest.raises(UsageError):
        ask((command,), ('str',))


def test_kinds_have_to_be_known_and_as_many_as_commands() -> None:
    for kinds in ((), ('str', 'str'), ('text',)):
        with pytest.raises(UsageError):
            ask(('d.name=',), kinds)
    with pytest.raises(UsageError):
        ask((), ())


@pytest.mark.parametrize(
    'row',
    [
        (),
        (f'{HASH},1,1,1/a', 'b', 'c', 'd'),
        (f'{HASH},1,1,1/a', 'b'),
        (f'{HASH},1,1,1', 'b', 'c'),
        (f'{HASH},1,1/a', 'b', 'c'),
        (f'{HASH},1,1,1,1/a', 'b', 'c'),
        (f'{HASH},1,,1/a', 'b', 'c'),
        (f'{HASH},1,x,1/a', 'b', 'c'),
        (f'{HASH},1,1.5,1/a', 'b', 'c'),
        (f'{HASH},1,1-1,1/a', 'b', 'c'),
        (f'{HASH},1,[1],1/a', 'b', 'c'),
        (f'{HASH},1,true,1/a', 'b', 'c'),
        ('A,1,1,1/a', 'b', 'c'),
        (f'{HASH}A,1,1,1/a', 'b', 'c'),
        ('/a', 'b', 'c'),
        (5, 'b', 'c'),
    ],
)
def test_rows_that_do_not_answer_the_question(row: tuple[Any, ...]) -> None:
    good = (f'{HASH},1,1,1/a', 'b', 'c')
    assert len(decode([good, good], COMMANDS, KINDS)) == 2
    for rows in [row], [good, row], [row, good]:
        with pytest.raises(BadReply):
            decode(rows, COMMANDS, KINDS)


def test_a_surplus_in_one_row_does_not_make_up_for_a_lack_in_another() -> None:
    rows = [(f'{HASH},1,1,1,1/a', 'b', 'c'), (f'{HASH},1,1/a', 'b', 'c')]
    with pytest.raises(BadReply):
        decode(rows, COMMANDS, KINDS)


@given(st.lists(st.tuples(STRINGS, st.integers(-(2**63), 2**63 - 1), st.booleans()), min_size=1))
def test_every_text_and_number_survives(rows: list[tuple[str, int, bool]]) -> None:
    commands, kinds = ('d.name=', 'd.ratio=', 'd.complete='), ('str', 'int', 'bool')
    assert decode([(f'{ratio},{int(done)}/{name}',) for name, ratio, done in rows], commands, kinds) == rows


def test_the_joined_question_has_the_answer_of_the_plain_one(any_rtorrent: Rtorrent) -> None:
    for name in 'a,b,c', '1,2', '$d.hash=', '"$d.name="', 'é,\\,', ' , ':
        info = {'length': 5, 'name': name, 'piece length': 16384, 'pieces': b'x' * 20}
        torrent = bencode({'announce': 'http://127.0.0.1:1/', 'info': info})
        any_rtorrent.load(torrent, hashlib.sha1(bencode(info)).hexdigest().upper())
    rpc = Rpc(transport.connect(url.parse(any_rtorrent.url)))
    fields = (
        'hash name size_bytes completed_bytes down.rate up.total ratio state is_open hashing complete message'
    )
    commands = tuple(
        f'd.{field}=' for field in [*fields.split(), 'custom1', 'priority', 'directory', 'left_bytes']
    )
    texts = ('d.hash=', 'd.name=', 'd.message=', 'd.custom1=', 'd.directory=')
    kinds = tuple('str' if command in texts else 'int' for command in commands)
    plain = rpc.rows('d.multicall2', '', 'main', *commands)
    joined = rpc.rows('d.multicall2', '', 'main', *ask(commands, kinds))
    assert len(plain) == 6
    assert decode(joined, commands, kinds) == plain
