"""What figures and times look like in a language, taken once from Babel's data, so that a cell costs a look-up only."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from babel import Locale

#: English is written as programs do, since it is everybody's second language: no doubt which is the month.
ISO = '%Y-%m-%d %H:%M'
_CLDR = re.compile(r"'[^']*'|([A-Za-z])\1*")
_STRFTIME = {
    'd': '%d',
    'dd': '%d',
    'M': '%m',
    'MM': '%m',
    'y': '%Y',
    'yy': '%Y',
    'yyyy': '%Y',
    'H': '%H',
    'HH': '%H',
    'mm': '%M',
}


@dataclass(frozen=True, slots=True)
class Figures:
    """What is between a whole number and its fraction, between thousands, and the short names of units.

    :ivar moment: a day and a time of day, for :func:`time.strftime`.
    """

    decimal: str
    group: str
    moment: str
    second: str
    minute: str
    hour: str
    day: str
    month: str
    year: str


def of(locale: Locale, pgettext: Callable[[str, str], str]) -> Figures:
    """The figures of a language, and by *pgettext* the names of its units."""
    symbols = locale.number_symbols.get('latn', {})
    return Figures(
        str(symbols.get('decimal', '.')),
        str(symbols.get('group', ',')),
        ISO if locale.language == 'en' else _moment(locale),
        pgettext('unit', 's'),
        pgettext('unit', 'min'),
        pgettext('unit', 'h'),
        pgettext('unit', 'd'),
        pgettext('unit', 'mo'),
        pgettext('unit', 'y'),
    )


def _moment(locale: Locale) -> str:
    """The language's short day with a whole year, and its time of day; as in English where that cannot be said."""
    pattern = f'{locale.date_formats["short"].pattern} {locale.time_formats["short"].pattern}'
    letters = [match[0] for match in _CLDR.finditer(pattern)]
    if any(run not in _STRFTIME for run in letters):
        return ISO
    return _CLDR.sub(lambda match: _STRFTIME[match[0]], pattern.replace('%', '%%'))
