from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from torf import _flatbencode as reference

from lib import bencode
from lib.errors import UsageError

INT64 = st.integers(-(2**63), 2**63 - 1)
VALUES = st.recursive(
    INT64 | st.binary(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.binary(max_size=8), inner, max_size=5),
    max_leaves=20,
)
DICTIONARIES = st.dictionaries(st.binary(max_size=8), VALUES, max_size=6)


@given(DICTIONARIES)
def test_what_is_written_is_read_back_with_its_exact_bytes(value):
    encoded = bencode.dumps(value)

    found = bencode.members(encoded)

    assert {key: member.value for key, member in found.items()} == value
    assert all(bencode.dumps(member.value) == member.raw and member.ordered for member in found.values())
    assert bencode.joined({key: member.raw for key, member in found.items()}) == encoded
    assert encoded == reference.encode(value)


@given(st.binary(max_size=60) | st.text('dlei:0123456789-ab', max_size=60).map(str.encode))
def test_whatever_is_accepted_means_the_same_to_another_decoder(data):
    try:
        found = bencode.members(data)
    except UsageError:
        return
    assert {key: member.value for key, member in found.items()} == reference.decode(data)


@pytest.mark.parametrize(
    'data',
    [
        b'',
        b'd',
        b'e',
        b'i1e',
        b'le',
        b'de ',
        b'dede',
        b'd1:ae',
        b'd1:ai1e',
        b'di1ei2ee',
        b'd1:ai1e1:ai2ee',
        b'd1:ad1:bi1e1:bi1eee',
        b'd1:ai01ee',
        b'd1:ai-0ee',
        b'd1:ai+1ee',
        b'd1:ai 1ee',
        b'd1:aiee',
        b'd1:ai-ee',
        b'd1:ai9223372036854775808ee',
        b'd1:ai' + b'9' * 5000 + b'ee',
        b'd1:a01:be',
        b'd1:a-1:be',
        b'd1:a5:be',
        b'd1:a99999999999:be',
        'd1:a\N{ARABIC-INDIC DIGIT ONE}:be'.encode(),
        b'd1:axe',
        b'd1:a' + b'l' * 5000,
    ],
)
def test_malformed_data_is_refused_with_the_place(data):
    with pytest.raises(UsageError, match=r'at byte [\d,]+: '):
        bencode.members(data)


def test_a_string_that_runs_past_the_end_is_named():
    with pytest.raises(UsageError, match='a string of 5 bytes runs past the end'):
        bencode.members(b'd1:a5:be')


def test_nesting_is_limited_exactly():
    def nested(depth):
        return b'd1:a' + b'l' * (depth - 1) + b'e' * (depth - 1) + b'e'

    assert bencode.members(nested(32))
    with pytest.raises(UsageError, match='more than 32 levels'):
        bencode.members(nested(33))


def test_the_number_of_items_is_limited():
    assert bencode.members(b'd1:al' + b'0:' * 9 + b'ee', max_items=10)
    with pytest.raises(UsageError, match='too many items'):
        bencode.members(b'd1:al' + b'0:' * 10 + b'ee', max_items=10)


@pytest.mark.parametrize(
    ('data', 'ordered'), [(b'd1:bi1e1:ad1:ai1e1:bi2eee', True), (b'd1:ald1:bi1e1:ai2eeee', False)]
)
def test_only_the_order_within_a_value_counts_for_it(data, ordered):
    assert bencode.members(data)[b'a'].ordered is ordered
