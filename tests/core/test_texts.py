"""Characters that texts from outside must not hold, and numbers that they write."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from lib.texts import CONTROL, UNFIT, printable, whole_number


def test_the_classes_are_those_of_unicode() -> None:
    letters = [chr(code) for code in range(sys.maxunicode + 1)]
    controls = {char for char in letters if unicodedata.category(char) == 'Cc'}
    surrogates = {char for char in letters if unicodedata.category(char) == 'Cs'}
    assert {char for char in letters if CONTROL.search(char)} == controls
    assert {char for char in letters if UNFIT.search(char)} == controls | surrogates | {'\ufffe', '\uffff'}


def test_what_is_not_seen_is_replaced() -> None:
    assert printable('a\nb\u202ec\u2028 d\u200b') == 'a\ufffdb\ufffdc\ufffd d\ufffd'


@pytest.mark.parametrize('text', ['', '-1', '+1', ' 1', '1 ', '1_0', '²', '٣', '1.0', '1000', 'x'])
def test_no_number(text: str) -> None:
    assert whole_number(text, 3) is None


def test_numbers() -> None:
    assert [whole_number(text, 3) for text in ('0', '007', '999')] == [0, 7, 999]
