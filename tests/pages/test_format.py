"""The figures: that they are right, and that they fit their columns."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib import format as fmt

KIB, MIB, GIB = 1024, 1024**2, 1024**3


@pytest.mark.parametrize(
    ('count', 'binary', 'text'),
    [
        (0, True, '0 B'),
        (999, True, '999 B'),
        (1000, True, '1.0 KiB'),
        (1024, True, '1.0 KiB'),
        (99.94 * KIB, True, '99.9 KiB'),
        (99.96 * KIB, True, '100 KiB'),
        (999 * KIB, True, '999 KiB'),
        (1000 * KIB, True, '1.0 MiB'),
        (4.7 * GIB, True, '4.7 GiB'),
        (4_700_000_000, False, '4.7 GB'),
        (1000, False, '1.0 kB'),
        (999_949, False, '1.0 MB'),
        (2**62, True, '4.0 EiB'),
        (2**80, True, '1048576 EiB'),
        (None, True, '–'),
        (-1, True, '–'),
    ],
)
def test_sizes_have_three_digits_at_most(count: int | None, binary: bool, text: str) -> None:
    assert fmt.size(int(count) if count is not None else None, binary=binary) == text


@given(st.integers(0, 2**63 - 1), st.booleans())
def test_a_size_keeps_its_width_and_its_value(count: int, binary: bool) -> None:
    text = fmt.size(count, binary=binary)
    number, unit = re.fullmatch(r'(\d{1,2}\.\d|\d{1,3}) (\w+)', text).groups()
    units = (
        ('B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB')
        if binary
        else ('B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB')
    )
    value = float(number) * (1024 if binary else 1000) ** units.index(unit)
    assert abs(value - count) <= 0.06 * count


def test_what_does_not_move_is_a_dash() -> None:
    assert [fmt.rate(count) for count in (None, 0, 1, 1536)] == ['–', '–', '1 B/s', '1.5 KiB/s']


def test_no_limit_is_said_in_a_word() -> None:
    assert [fmt.limit(count) for count in (0, 2048, None)] == ['unlimited', '2.0 KiB/s', '–']


@pytest.mark.parametrize(
    ('fraction', 'whole'),
    [
        (0.0, '0 %'),
        (0.29, '29 %'),
        (0.8436, '84 %'),
        (0.99999, '99 %'),
        (1.0, '100 %'),
        (-0.5, '0 %'),
        (7.0, '100 %'),
    ],
)
def test_only_what_is_complete_reads_100_percent(fraction: float, whole: str) -> None:
    assert fmt.percent(fraction) == whole


@pytest.mark.parametrize(
    ('thousandths', 'text'),
    [
        (0, '0.00'),
        (123, '0.12'),
        (3400, '3.40'),
        (9994, '9.99'),
        (9996, '10.0'),
        (99_949, '99.9'),
        (99_951, '100'),
        (2_000_000, '2000'),
        (None, '–'),
        (-1, '–'),
    ],
)
def test_ratios_have_three_digits(thousandths: int | None, text: str) -> None:
    assert fmt.ratio(thousandths) == text


@pytest.mark.parametrize(
    ('seconds', 'text'),
    [
        (0, '0 s'),
        (59, '59 s'),
        (60, '1 min'),
        (61, '1 min 1 s'),
        (3600, '1 h'),
        (3660, '1 h 1 min'),
        (86400 * 3 + 4 * 3600 + 59, '3 d 4 h'),
        (86400 * 366, '1 y 1 d'),
        (None, '–'),
        (-1, '–'),
    ],
)
def test_durations_have_two_units(seconds: int | None, text: str) -> None:
    assert fmt.duration(seconds) == text


@pytest.mark.parametrize(
    ('seconds', 'text'),
    [
        (0, '0 s'),
        (89, '89 s'),
        (90, '1 min'),
        (3599, '59 min'),
        (3 * 3600 + 20 * 60, '3 h 20 min'),
        (20 * 3600, '20 h'),
        (9 * 86400, '9 d'),
        (400 * 86400, '> 1 y'),
        (None, '–'),
        (-5, '–'),
    ],
)
def test_an_eta_is_no_more_exact_than_it_can_be(seconds: int | None, text: str) -> None:
    assert fmt.eta(seconds) == text


@pytest.mark.parametrize(
    ('seconds', 'text'),
    [
        (-30, '0 s'),
        (12.9, '12 s'),
        (180, '3 min'),
        (7200, '2 h'),
        (9 * 86400, '9 d'),
        (59 * 86400, '59 d'),
        (5 * 30 * 86400, '5 mo'),
        (364 * 86400, '12 mo'),
        (365 * 86400, '1 y'),
    ],
)
def test_ages_have_one_unit(seconds: float, text: str) -> None:
    assert fmt.age(seconds) == text


def test_a_moment_that_cannot_be_is_a_dash() -> None:
    assert [fmt.moment(unix) for unix in (0, None, -1, 2**70)] == ['–'] * 4
    assert re.fullmatch(r'20\d\d-\d\d-\d\d \d\d:\d\d', fmt.moment(1_700_000_000))


def test_counts() -> None:
    assert [fmt.count(number) for number in (0, 10_000, None)] == ['0', '10,000', '–']


@given(st.text(max_size=300), st.integers(1, 300))
def test_clipped_text_fits_and_begins_alike(text: str, length: int) -> None:
    clipped = fmt.clip(text, length)
    assert len(clipped) <= length
    assert clipped == text or (clipped.endswith('…') and text.startswith(clipped[:-1]))
