"""Figures as people read them: sizes, rates, times, ratios.

Quick functions: a list page calls them some 1500 times. They speak the language of the thread (lib/translate.py). What
is not known is ``NONE`` (a dash), never a zero. A figure has at most three digits before its unit, so that columns keep
their width.
"""

from __future__ import annotations

import time

from lib import translate
from lib.translate import gettext

NONE = '–'

_BINARY = ('KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB')
_DECIMAL = ('kB', 'MB', 'GB', 'TB', 'PB', 'EB')

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
MONTH = 30 * DAY
YEAR = 365 * DAY


def size(count: int | None, *, binary: bool = True) -> str:
    """*count* bytes, e.g. ``4.7 GiB``, or ``5.0 GB`` when not *binary*."""
    if count is None or count < 0:
        return NONE
    if count < 1000:
        return f'{count} B'
    step, units = (1024, _BINARY) if binary else (1000, _DECIMAL)
    value = float(count)
    for unit in units:
        value /= step
        if value < 99.95:
            return _decimal(f'{value:.1f} {unit}')
        if value < 999.5:
            return f'{value:.0f} {unit}'
    return f'{value:.0f} {units[-1]}'


def rate(count: int | None, *, binary: bool = True) -> str:
    """*count* bytes per second; nothing moving is a dash, so that what does move stands out."""
    return f'{size(count, binary=binary)}/s' if count and count > 0 else NONE


def limit(count: int | None, *, binary: bool = True) -> str:
    """A rate limit in bytes per second; 0 means that there is none."""
    return gettext('unlimited') if count == 0 else rate(count, binary=binary)


def percent(fraction: float) -> str:
    """*fraction* (0 to 1) as whole percent, rounded down: 100 % is said of what is complete and of nothing else."""
    return f'{whole_percent(fraction)} %'


def whole_percent(fraction: float) -> int:
    """*fraction* (0 to 1) as a whole number from 0 to 100, rounded down."""
    # 0.29 * 100 is 28.999999999999996
    return max(0, min(100, int(fraction * 100 + 1e-9)))


def ratio(thousandths: int | None) -> str:
    """rTorrent's ratio, in thousandths, e.g. ``3.40``."""
    if thousandths is None or thousandths < 0:
        return NONE
    if thousandths < 9995:
        return _decimal(f'{thousandths / 1000:.2f}')
    return _decimal(f'{thousandths / 1000:.1f}') if thousandths < 99950 else f'{thousandths / 1000:.0f}'


def duration(seconds: float | None) -> str:
    """*seconds* in its two largest units, e.g. ``3 d 4 h``."""
    if seconds is None or seconds < 0:
        return NONE
    left, units = int(seconds), translate.current().figures
    if left < MINUTE:
        return f'{left} {units.second}'
    for unit, name, above, small, below in (
        (MINUTE, units.minute, HOUR, units.second, 1),
        (HOUR, units.hour, DAY, units.minute, MINUTE),
        (DAY, units.day, YEAR, units.hour, HOUR),
        (YEAR, units.year, 1 << 62, units.day, DAY),
    ):
        if left < above:
            rest = left % unit // below
            return f'{left // unit} {name} {rest} {small}' if rest else f'{left // unit} {name}'
    return NONE


def eta(seconds: int | None) -> str:
    """Time that is left, as exact as such a guess can be: ``45 s``, ``12 min``, ``3 h 20 min``, ``9 d``."""
    if seconds is None or seconds < 0:
        return NONE
    units = translate.current().figures
    if seconds < 90:
        return f'{seconds} {units.second}'
    if seconds < HOUR:
        return f'{seconds // MINUTE} {units.minute}'
    if seconds < 10 * HOUR:
        return f'{seconds // HOUR} {units.hour} {seconds % HOUR // MINUTE} {units.minute}'
    if seconds < 2 * DAY:
        return f'{seconds // HOUR} {units.hour}'
    return f'{seconds // DAY} {units.day}' if seconds < YEAR else f'> 1 {units.year}'


def age(seconds: float) -> str:
    """How long ago, in one unit: ``12 s``, ``3 min``, ``2 h``, ``9 d``, ``5 mo``, ``1 y``. The future is ``0 s``."""
    units = translate.current().figures
    if seconds < MINUTE:
        return f'{max(0, int(seconds))} {units.second}'
    if seconds < HOUR:
        return f'{int(seconds // MINUTE)} {units.minute}'
    if seconds < DAY:
        return f'{int(seconds // HOUR)} {units.hour}'
    if seconds < 2 * MONTH:
        return f'{int(seconds // DAY)} {units.day}'
    if seconds < YEAR:
        return f'{int(seconds // MONTH)} {units.month}'
    return f'{int(seconds // YEAR)} {units.year}'


def moment(unix: int | None) -> str:
    """A time in Unix seconds, in the server's time zone: ``2026-01-31 14:05``. 0 is not known."""
    if not unix or unix < 0:
        return NONE
    try:
        return time.strftime(translate.current().figures.moment, time.localtime(unix))
    except (OverflowError, OSError, ValueError):
        return NONE


def count(number: int | None) -> str:
    """A whole number with its thousands apart: ``10,000``."""
    if number is None:
        return NONE
    text = f'{number:,}'
    group = translate.current().figures.group
    return text if group == ',' else text.replace(',', group)


def clip(text: str, length: int = 255) -> str:
    """*text*, cut to *length* characters with an ellipsis: a name can be a megabyte long."""
    return text if len(text) <= length else text[: length - 1] + '…'


def _decimal(text: str) -> str:
    """A figure with one point, as the language writes it."""
    decimal = translate.current().figures.decimal
    return text if decimal == '.' else text.replace('.', decimal, 1)
