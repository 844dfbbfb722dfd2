"""What the address of the list asks for, and what it gets."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from lib.errors import UsageError
from lib.web import listing
from lib.web.listing import Ask
from model.choice import Choice
from model.facets import GROUPS
from model.sorting import KEYS
from tests.core.rows import lists_of, row
from tests.rig import Rtorrent, make
from tests.web.conftest import Build

TARGETS = ('home', 'box')


def read(*args: tuple[str, str]) -> Ask:
    return listing.read(MultiDict(args), TARGETS)


@pytest.mark.parametrize(
    ('args', 'field'),
    [
        ([('sort', 'nme')], 'sort'),
        ([('sort', 'name,-name')], 'sort'),
        ([('sort', 'name,')], 'sort'),
        ([('sort', 'name,size,done,up,down,eta')], 'sort'),
        ([('page', '0')], 'page'),
        ([('page', 'x')], 'page'),
        ([('page', '-1')], 'page'),
        ([('page', '²')], 'page'),
        ([('q', 'x' * 1001)], 'q'),
        ([('in', 'state')], 'in'),
        ([('not', 'colour:red')], 'not'),
        ([('in', 'label:' + 'x' * 4097)], 'in'),
        ([('in', f'label:{number}') for number in range(201)], 'in'),
        ([('target', 'nix')], 'target'),
    ],
)
def test_a_wrong_address_is_said(args: list[tuple[str, str]], field: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(*args)
    assert caught.value.field == field


_WORDS = st.text(st.characters(codec='utf-8', exclude_categories=('Cc', 'Zs', 'Zl', 'Zp', 'Cs')), max_size=20)
_PICKS = st.lists(st.tuples(st.sampled_from(sorted(GROUPS)), _WORDS), max_size=4).map(
    lambda picks: tuple(sorted(set(picks)))
)
_SORTS = st.lists(
    st.tuples(st.sampled_from(sorted(KEYS)), st.booleans()),
    min_size=1,
    max_size=5,
    unique_by=lambda key: key[0],
).map(tuple)


@settings(deadline=None)
@example(Choice('name', target='box'), (('name', False),), 1).via(
    'what another part of the address leaves out'
)
@given(
    st.builds(
        Choice, _WORDS, _PICKS, _PICKS, st.sampled_from(['', *TARGETS]), st.sampled_from(['main', 'own'])
    ),
    _SORTS,
    st.integers(1, 9999),
)
def test_an_address_reads_back_as_what_it_was_made_from(means: Choice, sort: Any, page: int) -> None:
    ask = Ask(means, sort, page)
    args = MultiDict({key: value if type(value) is list else str(value) for key, value in ask.args().items()})
    assert listing.read(args, TARGETS) == ask


@pytest.mark.parametrize(('page', 'expected'), [(1, (0, 10, 1)), (3, (20, 25, 3)), (9, (20, 25, 3))])
def test_a_page_past_the_end_is_the_last_one(page: int, expected: tuple[int, int, int]) -> None:
    lists = lists_of(home=[row(str(number)) for number in range(25)])
    taken, found = listing.page(lists, Ask(page=page), 10)
    assert (int(found.rows[0][1]), int(found.rows[-1][1]) + 1, taken) == expected
    nothing = listing.page(lists_of(), Ask(), 10)
    assert (nothing[0], nothing[1].rows) == (1, [])


@pytest.mark.parametrize(('units', 'expected'), [('binary', '1.4 MiB'), ('decimal', '1.5 MB')])
def test_sizes_come_in_the_readers_units(build: Build, rtorrent: Rtorrent, units: str, expected: str) -> None:
    torrent = make(rtorrent.downloads, 'some.iso', 1_500_000, announce='http://127.0.0.1:1/announce')
    rtorrent.load(torrent.seed, torrent.info_hash)
    browser = build({'SIZE_UNITS': units}, home=rtorrent).browser('ada')
    for path in ('/', f'/torrent/home/{torrent.info_hash}', f'/torrent/home/{torrent.info_hash}?tab=files'):
        assert expected in browser.get(path).text
