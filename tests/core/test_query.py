"""The query language: what it means, what it refuses, and that no text can break or hold it."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.errors import QueryError, UsageError
from model import query, query_patterns
from model.fields import COLUMNS, LIST, STATES, complete_row
from model.query_fields import BY_NAME, FIELDS, KINDS, OPERATORS

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 2, 15, 12, 0).timestamp()
DAY = 86400
GIB = 1 << 30


def row(target: str = 'home', **values: Any) -> tuple[Any, ...]:
    """A torrent that seeds, unless *values* say otherwise."""
    made: dict[str, Any] = {field.key: '' if field.type == 'str' else 0 for field in LIST}
    made |= {'name': 'Debian-12.iso', 'hash': 'AB' * 20, 'is_open': True, 'is_active': True, 'state': 1}
    made |= {'complete': True, 'size_bytes': 4 * GIB, 'completed_bytes': 4 * GIB, 'priority': 2}
    return complete_row(tuple((made | values)[field.key] for field in LIST), 1, target)


def means(text: str, target: str = 'home', **values: Any) -> bool:
    return query.compiled(text, NOW)(row(target, **values))


def wrong(text: str) -> QueryError:
    with pytest.raises(QueryError) as caught:
        query.compiled(text, NOW)
    return caught.value


# What it means

WORDS = [
    ('', True),
    ('  ', True),
    ('debian', True),
    ('DEBIAN iso', True),
    ('iso debian', True),
    ('ubuntu', False),
    ('debian ubuntu', False),
    ('linux', True),  # the label
    ('12isolinux', False),  # name and label are two texts
    ('"bian-12"', True),
    ('"debian iso"', False),
    ('d*an', True),
    ('bian*iso', True),
    ('iso*bian', False),
    ('b?an', True),
    ('b??an', False),
    (r'd\*an', False),
    ('"d*an"', True),
    ('12.iso', True),
    ('12xiso', False),
    ('ORx', False),
    ('or', False),
    ('"OR"', False),
]
LOGIC = [
    ('debian OR ubuntu', True),
    ('ubuntu OR debian', True),
    ('ubuntu OR fedora', False),
    ('ubuntu fedora OR debian', True),  # AND binds closer
    ('debian [ fedora OR iso ]', True),
    ('debian (fedora OR iso)', True),
    ('ubuntu [ fedora OR iso ]', False),
    ('debian AND iso', True),
    ('debian AND ubuntu', False),
    ('!ubuntu', True),
    ('! ubuntu', True),
    ('NOT ubuntu debian', True),
    ('NOT debian', False),
    ('NOT [ debian ubuntu ]', True),
    ('!!debian', True),
    ('! debian OR debian', True),  # NOT binds closest
    ('[[debian]]', True),
    ('![ubuntu](debian)', True),
]
TEXTS = [
    ('name=debian-12.iso', True),
    ('name=debian', False),
    ('name=debian*', True),
    ('NAME=*.ISO', True),
    ('name==*.iso', True),
    ('name=*', True),
    ('name=*-*.*', True),
    ('name=*.is', False),
    ('name=?ebian*', True),
    ('name!=debian*', False),
    ('name<>debian*', False),
    ('! name=x*', True),
    ('name="Debian-12.iso"', True),
    ('name=/^Deb/', True),
    ('name=/^deb/', False),
    ('name=/^deb/i', True),
    ('name=/DEBIAN|x/i', True),
    ('name!=/12/', False),
    ('name=/b[i]an( |-)12/', True),
    ('label=linux', True),
    ('label!=linux', False),
    ('label=""', False),
    ('message=""', True),
    ('! message=""', False),
    ('message!=""', False),
    ('throttle=""', True),
    ('target=home', True),
    ('target=ho*', True),
    ('target=seedbox', False),
    ('tracker=tracker.example.org', True),
    ('tracker=*.EXAMPLE.org', True),
    ('tracker=example.org', False),
    ('tracker=/example/', True),
    ('tracker=""', False),
    ('hash=abab*', True),
    ('directory=/srv/iso', True),
    ('directory=/srv', False),
    ('directory=/srv/*', True),
    ('directory=/^.srv/', True),
    ('path=/SRV/iso/debian-12.iso', True),
    ('path="/srv/iso/*"', True),
    ('directory=/srv/iso path=/srv/*', True),
    ('state=seeding', True),
    ('state=SEED*', True),
    ('state!=stopped', True),
    ('state=/ing$/', True),
    ('state=error', False),
]
FIGURES = [
    ('size=4g', True),
    ('size>4g', False),
    ('size>=4G', True),
    ('size<4.5g', True),
    ('size<4GiB', False),
    ('size>4095m', True),
    ('size<=1t', True),
    ('size=4294967296', True),
    ('size!=4g', False),
    ('size_bytes=4g', True),
    ('ratio>2', True),
    ('ratio=2.3', True),
    ('ratio>=2.3', True),
    ('ratio>2.3', False),
    ('ratio!=2.3', False),
    ('done=100', True),
    ('done<100%', False),
    ('down=0', True),
    ('up>100k', True),
    ('up>100m', False),
    ('uploaded>9g', True),
    ('downloaded=0', True),
    ('left=0', True),
    ('peers>3', True),
    ('seeds<1', True),
    ('files=0', True),
    ('priority=normal', True),
    ('priority=2', True),
    ('priority<high', True),
    ('prio>low', True),
    ('private=no', True),
    ('private=1', False),
    ('complete=TRUE', True),
    ('is_complete=yes', True),
    ('complete!=yes', False),
    ('eta=""', True),
    ('eta<1h', False),
    ('! eta<1h', True),
]
TIMES = [  # added ten days ago, 2026-02-05 12:00
    ('added<2w', True),
    ('added>2w', False),
    ('added>1w', True),
    ('added<1w', False),
    ('added>1w2d', True),
    ('added>1w3d1s', False),
    ('added<1w3d1s', True),
    ('added>=1w3d', True),
    ('added<=1w3d', True),
    ('added>10d', False),
    ('added<10d', False),
    ('added>1M', False),
    ('added>9d23h59m', True),
    ('added<1y', True),
    ('loaded<2w', True),
    ('added=2026-02-05', True),
    ('added!=2026-02-05', False),
    ('added=2026-02-04', False),
    ('added=2026-02-06', False),
    ('added>2026-02-05', False),
    ('added>=2026-02-05', True),
    ('added<2026-02-05', False),
    ('added<=2026-02-05', True),
    ('added<2026-02-06', True),
    ('added>2026-02-04', True),
    ('added=2026-02-05T12:00', True),
    ('added>2026-02-05T11:59', True),
    ('added>2026-02-05T12:00', False),
    ('added=2026-02-05T12:00:00', True),
    ('added=2026-02-05T12:00:01', False),
    ('finished=""', True),  # not known is neither old nor young
    ('finished<2w', False),
    ('finished>2w', False),
    ('finished<2026-02-05', False),
    ('finished!=2026-02-05', True),
    ('started!=""', True),
]


@pytest.mark.parametrize(('text', 'expected'), WORDS + LOGIC + TEXTS + FIGURES + TIMES)
def test_meaning(text: str, expected: bool) -> None:
    values: dict[str, Any] = {
        'label': 'Linux',
        'directory': '/srv/iso',
        'tracker': 'tracker.example.org',
        'base_path': '/srv/iso/Debian-12.iso',
    }
    values |= {'ratio': 2300, 'up_rate': 200 << 10, 'up_total': 10 * GIB, 'peers_connected': 4}
    values |= {'added': int(NOW) - 10 * DAY, 'started': int(NOW) - DAY}
    assert means(text, **values) is expected


@pytest.mark.parametrize(
    ('text', 'expected'), [('done<30', True), ('done=29', True), ('done>=29%', True), ('done>29', False)]
)
def test_percentages_are_exact(text: str, expected: bool) -> None:
    assert means(text, complete=False, size_bytes=100, completed_bytes=29) is expected


def test_the_time_left_is_compared_in_seconds() -> None:
    moving = {'complete': False, 'down_rate': 10, 'left_bytes': 36_000}
    assert means('eta=1h eta<1h1s eta>59m59s', **moving)
    assert not means('eta=""', **moving)


@pytest.mark.parametrize('field', [field for field in FIELDS if field.name != 'state'])
def test_what_is_not_known_compares_with_nothing_and_can_be_asked_for(field: Any) -> None:
    nothing = tuple(None for _ in COLUMNS)
    value = {
        'text': 'x', 'size': '1', 'percent': '1', 'ratio': '1', 'number': '1', 'time': '2026-01-01', 'duration': '1h',
        'priority': '1', 'flag': 'no',
    }[field.kind]  # fmt: skip
    assert query.compiled(f'{field.name}=""')(nothing)
    assert query.compiled(f'{field.name}!={value}')(nothing)
    for op in OPERATORS if KINDS[field.kind].ordered else ('=',):
        assert op == '!=' or not query.compiled(f'{field.name}{op}{value}')(nothing)


def test_every_state_can_be_asked_for() -> None:
    assert all(not means(f'state={state}') or state == 'seeding' for state in STATES)


def test_every_name_is_one_fields_and_finds_it() -> None:
    assert len(BY_NAME) == sum(1 + len(field.also) for field in FIELDS)
    assert {field.kind for field in FIELDS} == set(KINDS)


# What it refuses

WRONG = [
    ('raito>2', 0, 5, 'There is no field “raito”. Did you mean “ratio”?'),
    ('debian  lable=x', 8, 5, '“label”'),
    ('größe>2', 0, 5, 'no field “größe”'),
    ('a ]', 2, 1, 'not opened'),
    ('[ a', 0, 1, 'not closed'),
    ('[ a )', 4, 1, '“[” is closed by “)”'),
    ('[ ]', 2, 1, 'missing'),
    ('a OR', 4, 0, 'missing'),
    ('OR a', 0, 2, 'both sides'),
    ('a OR OR b', 5, 2, 'both sides'),
    ('AND', 0, 3, 'both sides'),
    ('NOT', 3, 0, 'missing'),
    ('[ ! ]', 4, 1, 'missing'),
    ('size > 4g', 5, 1, 'needs a field'),
    ('size> 4g', 5, 0, 'follows >'),
    ('size=', 5, 0, 'follows ='),
    ('[size=]', 6, 0, 'follows ='),
    ('1080p=x', 5, 1, 'needs a field'),
    ('"abc', 0, 1, 'not closed'),
    ('name="abc', 5, 1, 'not closed'),
    ('label="a"b', 9, 1, 'blank'),
    ('name=a(b)', 6, 1, 'quotes'),
    ('name=/abc', 5, 1, 'not closed'),
    ('name=/abc/x', 10, 1, 'Only “i”'),
    ('name=//', 5, 1, 'not closed'),
    ('name=/(/', 5, 3, 'can be used here'),
    ('name=/(?=a)/', 5, 7, 'look-around'),
    (r'name=/(a)\1/', 5, 7, 'back-references'),
    ('name=/x{1001}/', 5, 9, 'repetition'),
    (r'name=/\pL{999}/', 5, 10, 'too large'),
    ('name<x', 5, 1, '= and != only'),
    ('private>no', 8, 2, '= and != only'),
    ('size<""', 5, 2, 'use = or !='),
    ('size=/4/', 5, 3, 'Regular expressions are for text'),
    ('size=big', 5, 3, 'is not a size'),
    ('size=-1', 5, 2, 'is not a size'),
    ('ratio>much', 6, 4, 'is not a number'),
    ('done<half', 5, 4, 'percent'),
    ('peers>٣', 6, 1, 'is not a number'),
    ('private=maybe', 8, 5, 'neither yes nor no'),
    ('priority=top', 9, 3, 'off, low, normal and high'),
    ('state=seedin', 6, 6, 'Did you mean “seeding”?'),
    ('added<2', 6, 1, 'is not a time'),
    ('added<2w3', 6, 3, 'is not a time'),
    ('added=2w', 6, 2, 'added<'),
    ('added<2026-02-30', 6, 10, 'is not a time'),
    ('added<9999-12-31', 6, 10, 'is not a time'),
    ('eta<2026-01-01', 4, 10, 'is not a duration'),
    ('a\\', 1, 1, 'backslash'),
    ('x' * 1001, 1000, 1, '1000 characters'),
    ('[' * 31, 30, 1, 'deeper than 30'),
    ('!' * 1000, 30, 1, 'deeper than 30'),
]


@pytest.mark.parametrize(('text', 'position', 'length', 'said'), WRONG)
def test_what_is_wrong_is_said_with_its_place(text: str, position: int, length: int, said: str) -> None:
    error = wrong(text)
    assert isinstance(error, UsageError)
    assert (error.position, error.length, error.field, error.code) == (position, length, 'q', 'bad_query')
    assert said in str(error)
    assert str(error)[0].isupper() or str(error)[0] in '“”'
    assert str(error)[-1] in '.?'


def test_the_nearest_name_is_there_for_programs() -> None:
    assert wrong('raito>2').nearest == 'ratio'
    assert wrong('state=seedin').nearest == 'seeding'
    assert wrong('qqq>2').nearest is None


@given(st.text(max_size=60) | st.text(alphabet=' []()!"\\/=<>*?ORNTADnamesize4g2w-', max_size=60))
def test_any_text_is_a_query_or_a_query_error_within_it(text: str) -> None:
    try:
        test = query.compiled(text, NOW)
    except QueryError as error:
        assert 0 <= error.position <= error.position + error.length <= len(text)
    else:
        assert test(row()) in (True, False)


# Laws

NAMES = st.text(alphabet='abC*?\\" [](é', min_size=1, max_size=6)


def quoted(text: str) -> str:
    return '"' + text.replace('\\', '\\\\').replace('"', '\\"') + '"'


LEAVES = (
    NAMES.map(quoted)
    | NAMES.map(lambda text: f'name={quoted(text)}')
    | st.sampled_from(
        ['ratio>1', 'size<=2k', 'label!=""', 'complete=no', 'added<2w', 'name=/a|b/i', 'a*b', 'target=home']
    )
)
QUERIES = st.recursive(
    LEAVES,
    lambda inner: (
        inner.map(lambda part: f'! [ {part} ]')
        | inner.map(lambda part: f'({part})')
        | st.lists(inner, min_size=2, max_size=3).map(' '.join)
        | st.lists(inner, min_size=2, max_size=3).map(' OR '.join)
    ),
    max_leaves=6,
)
ROWS = st.builds(
    lambda name, label, ratio, size, complete, added: row(
        name=name, label=label, ratio=ratio, size_bytes=size, complete=complete, added=added
    ),
    NAMES,
    st.sampled_from(['', None, 'a', 'B']),
    st.sampled_from([0, 999, 1001]),
    st.sampled_from([None, 2048, 4096]),
    st.booleans(),
    st.sampled_from([0, int(NOW), int(NOW) - 99 * DAY]),
)


@given(QUERIES)
def test_a_query_prints_as_one_that_means_the_same(text: str) -> None:
    tree = query.parse(text)
    assert query.parse(str(tree)) == tree


@given(QUERIES, QUERIES, ROWS)
def test_brackets_not_and_or_do_what_they_say(one: str, two: str, torrent: tuple[Any, ...]) -> None:
    def holds(text: str) -> bool:
        return query.compiled(text, NOW)(torrent)

    left, right = holds(one), holds(two)
    assert holds(f'! [ {one} ]') is (not left)
    assert holds(f'[ {one} ] [ {two} ]') is (left and right)
    assert holds(f'[ {one} ] OR [ {two} ]') is (left or right)
    assert holds(f'! [ {one} OR {two} ]') is (not left and not right)
    assert holds(f'{one} OR {two}') is (left or right)


def naively(glob: str, text: str) -> bool:
    """Whether the whole text fits, by trying everything."""
    if not glob:
        return not text
    if glob[0] == '*':
        return naively(glob[1:], text) or (bool(text) and naively(glob, text[1:]))
    return bool(text) and glob[0] in ('?', text[0]) and naively(glob[1:], text[1:])


@given(st.text(alphabet='ab*?', min_size=1, max_size=8), st.text(alphabet='ab.', max_size=10))
def test_globs_against_trying_everything(glob: str, name: str) -> None:
    assert means(f'name="{glob}"', name=name) is naively(glob, name)
    assert means(f'"{glob}"', name=name, label='') is naively(f'*{glob}*', name)


@given(st.text(max_size=20))
def test_any_name_is_found_by_itself_in_quotes(name: str) -> None:
    special = name.replace('\\', '\\\\').replace('*', '\\*').replace('?', '\\?').replace('"', '\\"')
    assert means(f'name="{special}"', name=name)
    assert means(f'"{special}"', name=f'x{name}y')


# What cannot hold a thread

SLOW = [
    ('name=/(a+)+$/', 'a' * 4000 + 'b'),
    ('name=/^(a|a)*$/', 'a' * 4000 + 'b'),
    ('name=/(a|aa)+$/', 'a' * 4000 + 'b'),
    ('name=/^(([a-z])+.)+[A-Z]([a-z])+$/', 'a' * 4000),
    ('name=/(.*a){20}$/', 'a' * 4000 + 'b'),
    ('name=/(x+x+)+y/', 'x' * 4000),
    ('name=/' + 'a*' * 100 + 'b/', 'a' * 4000),
    ('name=/(?:.?){900}x/', 'a' * 4000),
    ('name=*' + 'a*' * 200 + 'b', 'a' * 4000),
    ('a*' * 200 + 'b', 'a' * 1_000_000),
    ('"*' + 'a' * 400 + 'b*"', 'a' * 1_000_000),
]
# Each alone would take years, or hours, in an engine that goes back; the limit is of processor time, in the child.
CHILD = """
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, (30, 30))
from tests.core.test_query import SLOW, means
for text, name in SLOW:
    print(means(text, name=name))
"""


def test_catastrophic_patterns_are_not() -> None:
    done = subprocess.run(
        [sys.executable, '-c', CHILD], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ['False'] * len(SLOW), done.stderr


def test_a_search_whose_expressions_take_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query_patterns, 'BUDGET', -1.0)
    test = query.compiled('debian name=/x/')
    with pytest.raises(QueryError, match='takes too long') as caught:
        test(row())
    assert (caught.value.position, caught.value.length) == (12, 3)
    assert test(row(name='other')) is False  # the expression was not needed


def test_names_that_are_no_text_do_not_break_an_expression() -> None:
    assert means('name=/a.b/', name='a\udcffb')
    assert not means('name=/\udcff/', name='abc')
