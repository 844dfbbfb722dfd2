"""What the address of the list asks for, and what it gets."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from lib.errors import UsageError
from lib.web import listing
from lib.web.listing import Ask
from model.fields import INDEX, LIST
from tests.rig import Rtorrent, make
from tests.web.conftest import Build


def row(name: str | None, **values: Any) -> tuple[Any, ...]:
    made: list[Any] = [0 if field.type != 'str' else '' for field in LIST]
    for key, value in {'name': name, **values}.items():
        made[INDEX[key]] = value
    return tuple(made)


def names(entries: list[listing.Entry]) -> list[str]:
    return [entry[1][INDEX['name']] for entry in entries]


ENTRIES = [
    ('home', row('beta', size_bytes=30, ratio=100)),
    ('box', row('Alpha', size_bytes=20, ratio=100)),
    ('home', row('gamma ISO', size_bytes=None, ratio=300)),
]


def test_words_and_of_any_case_all_have_to_match() -> None:
    assert names(listing.select(ENTRIES, Ask(query='A'))) == ['Alpha', 'beta', 'gamma ISO']
    assert names(listing.select(ENTRIES, Ask(query='iso GAMMA'))) == ['gamma ISO']
    assert listing.select(ENTRIES, Ask(query='iso beta')) == []


def test_labels_are_searched_too() -> None:
    labelled = [*ENTRIES, ('box', row('delta', label='Linux ISO'))]
    assert names(listing.select(labelled, Ask(query='iso'))) == ['delta', 'gamma ISO']
    assert names(listing.select(labelled, Ask(query='linux DELTA'))) == ['delta']
    assert listing.select([('box', row('ab', label='cd'))], Ask(query='bc')) == []


@pytest.mark.parametrize(('descending', 'order'), [(False, ['soon', 'late']), (True, ['late', 'soon'])])
def test_what_does_not_end_is_last_whichever_way_the_eta_is_sorted(
    descending: bool, order: list[str]
) -> None:
    moving = [
        ('home', row(name, down_rate=10, left_bytes=left, is_active=1))
        for name, left in (('late', 900), ('soon', 10))
    ]
    found = names(listing.select([*ENTRIES, *moving], Ask(sort='eta', descending=descending)))
    assert found == [*order, 'Alpha', 'beta', 'gamma ISO']


def test_order() -> None:
    assert names(listing.select(ENTRIES, Ask())) == ['Alpha', 'beta', 'gamma ISO']
    assert names(listing.select(ENTRIES, Ask(descending=True))) == ['gamma ISO', 'beta', 'Alpha']
    assert names(listing.select(ENTRIES, Ask(sort='size', descending=True))) == ['beta', 'Alpha', 'gamma ISO']


def test_equal_rows_stay_in_order_of_name() -> None:
    assert names(listing.select(ENTRIES, Ask(sort='ratio'))) == ['Alpha', 'beta', 'gamma ISO']
    assert names(listing.select(ENTRIES, Ask(sort='ratio', descending=True))) == [
        'gamma ISO',
        'Alpha',
        'beta',
    ]


@pytest.mark.parametrize('sort', list(listing.KEYS))
def test_every_column_can_be_sorted_with_values_missing(sort: str) -> None:
    bare = ('home', tuple(None if field.type != 'str' else '' for field in LIST))
    assert len(listing.select([*ENTRIES, bare], Ask(sort=sort))) == 4


@pytest.mark.parametrize(
    'args', [{'sort': 'nme'}, {'page': '0'}, {'page': 'x'}, {'page': '-1'}, {'page': '²'}, {'q': 'x' * 1001}]
)
def test_a_wrong_address_is_said(args: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        listing.read(MultiDict(args), 50)


@example('name', False, 1, 'name').via('what another part of the address leaves out')
@example('size', True, 2, 'main').via('the same')
@given(
    st.sampled_from(sorted(listing.KEYS)),
    st.booleans(),
    st.integers(1, 9999),
    st.text(st.characters(codec='utf-8', exclude_categories=('Cc', 'Zs', 'Zl', 'Zp', 'Cs')), max_size=20),
)
def test_an_address_reads_back_as_what_it_was_made_from(
    sort: str, descending: bool, page: int, query: str
) -> None:
    ask = Ask('main', '', query, sort, descending, page)
    args = MultiDict({key: str(value) for key, value in ask.args().items()})
    assert listing.read(args, 50) == ask


@pytest.mark.parametrize(('page', 'expected'), [(1, (0, 10, 1)), (3, (20, 25, 3)), (9, (20, 25, 3))])
def test_a_page_past_the_end_is_the_last_one(page: int, expected: tuple[int, int, int]) -> None:
    entries = [('home', row(str(number))) for number in range(25)]
    shown, taken = listing.window(entries, page, 10)
    assert (entries.index(shown[0]), entries.index(shown[-1]) + 1, taken) == expected
    assert listing.window([], page, 10) == ([], 1)


@pytest.mark.parametrize(('units', 'expected'), [('binary', '1.4 MiB'), ('decimal', '1.5 MB')])
def test_sizes_come_in_the_readers_units(build: Build, rtorrent: Rtorrent, units: str, expected: str) -> None:
    torrent = make(rtorrent.downloads, 'some.iso', 1_500_000, announce='http://127.0.0.1:1/announce')
    rtorrent.load(torrent.seed, torrent.info_hash)
    browser = build({'SIZE_UNITS': units}, home=rtorrent).browser('ada')
    for path in ('/', f'/torrent/home/{torrent.info_hash}', f'/torrent/home/{torrent.info_hash}?tab=files'):
        assert expected in browser.get(path).text
