"""Write docs/query.rst from the table of fields: ``python -m docs.generate_query``; a test checks it."""

from __future__ import annotations

from pathlib import Path

from model.query import MAX_DEPTH, MAX_LENGTH
from model.query_fields import FIELDS, KINDS, QueryField
from model.query_patterns import MAX_TEXT

HEAD = """\
.. This file is written by generate_query.py from the table in model/query_fields.py.

======
Search
======

The search box of the list takes words, conditions, or both::

    debian netinst
    ratio>2 [ label=linux OR message=*timed* ] ! private=yes added<2w
    state=stopped done<100 size>=1.5g
    target=seedbox finished>2026-01-31

It is the language of rtcontrol, with a few differences (below). A search that is wrong says where; the list is then
shown without it. The text of the search is part of the page's address, so a search can be kept as a bookmark.

Words
=====

A word is looked for anywhere in the name and in the label; case does not matter, and ``*`` (any characters) and ``?``
(one character) stand for others: ``debian*netinst``. Quotes make a phrase of several words, and an ordinary text of one
that would mean something: ``"Blade Runner"``, ``"OR"``, ``"C=64"``. A backslash makes ``*``, ``?``, ``"`` and itself
ordinary.

Several things
==============

==============================  ========================================================================
``a b``, ``a AND b``            both
``a OR b``                      at least one of them; AND binds closer: ``a b OR c`` is ``[ a b ] OR c``
``! a``, ``NOT a``              what ``a`` does not mean; it belongs to the one thing that follows
``[ a OR b ] c``, ``(a OR b)``  brackets, square or round
==============================  ========================================================================

``OR``, ``AND`` and ``NOT`` are written in capitals; in small letters they are words.

Conditions
==========

A condition is a field, an operator and a value, without blanks between: ``ratio>2``. The operators are ``=``, ``!=``,
``<``, ``<=``, ``>`` and ``>=``; the last four are for figures and times. ``a!=b`` is the same as ``! a=b``. A value
that holds a blank or a bracket needs quotes: ``label="to keep"``.

What is not known is neither equal to, less nor more than anything. ``""`` asks for it: ``finished=""`` is what was
never finished, ``message!=""`` what has a message.

Text
    ``=`` compares the whole text; case does not matter, and ``*`` and ``?`` stand for others: ``name=*.iso``.
    ``/…/`` is a regular expression that matches anywhere in the text, with case; ``/…/i`` is one without:
    ``message=/time ?out/i``. A path that both begins and ends with a slash has to be in quotes where it has no slash
    between: ``directory="/srv/"``.
Sizes and rates
    Bytes, with ``k``, ``m``, ``g``, ``t`` or ``p`` for powers of 1024, whatever ``SIZE_UNITS`` says: ``size>700m``,
    ``size<=1.5t``, ``down>100k``. ``4g`` and ``4GiB`` are the same. Comparisons are exact, and so ``size=4g`` means
    one size to the byte.
Times
    A duration counts back from now: ``added<2w`` is less than two weeks ago, ``added>2w`` longer ago. Its parts are
    added up: ``2w3d`` is 17 days. The units are ``y`` (365 days), ``M`` (30 days), ``w``, ``d``, ``h``, ``m`` (minutes)
    and ``s``.

    A date is a day in the time zone of the server: ``added=2026-01-31`` is that day, ``added>2026-01-31`` after it and
    ``added<2026-01-31`` before it. ``2026-01-31T12:30`` is a minute, ``2026-01-31T12:30:15`` a second.
Durations
    The same units: ``eta<1h30m``. What does not move has no ``eta``: ``eta=""``.
Percent
    ``done<50`` or ``done<50%``. Only what is complete is 100.
Yes or no
    ``yes``, ``true`` or ``1``; ``no``, ``false`` or ``0``: ``private=yes``.

Fields
======

A field may also be called by its other names: those of rows in programs, and rtcontrol's.

"""

TAIL = f"""
Limits
======

A search has at most {MAX_LENGTH:,} characters, and brackets and NOT within each other at most {MAX_DEPTH} times.
Patterns look at the first {MAX_TEXT:,} characters of a text. Regular expressions are those of
`RE2 <https://github.com/google/re2/wiki/Syntax>`_: their time grows with the length of the text and not faster, and
there are no back-references (``\\1``) and no look-around (``(?=…)``). A search whose expressions together take more
than a second is given up, and says so.

For those who know rtcontrol
============================

* A bare word is searched for within name and label; ``name=word`` is the whole name.
* Case does not matter, except in ``/…/``.
* ``NOT`` and ``!`` need no brackets.
* ``2w3d`` is the sum of its parts, and a bare number is not a time.
* There are no tags, templates ``{{{{…}}}}``, ``=+``, ``=-`` and custom fields.
"""


def page() -> str:
    """The whole text of query.rst."""
    rows = [('field', 'also', 'what it is', 'takes')]
    rows += [
        (_code(field.name), ', '.join(map(_code, field.also)), field.help, _takes(field)) for field in FIELDS
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    rule = '  '.join('=' * width for width in widths)
    lines = [
        '  '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    return HEAD + '\n'.join([rule, lines[0], rule, *lines[1:], rule]) + '\n' + TAIL


def _code(name: str) -> str:
    return f'``{name}``'


def _takes(field: QueryField) -> str:
    return KINDS[field.kind].takes.replace('*', '\\*')


if __name__ == '__main__':
    Path(__file__).with_name('query.rst').write_text(page(), encoding='utf-8')
