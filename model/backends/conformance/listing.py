"""The checks of the list: what each row has to say."""

from __future__ import annotations

import re
import time

from model.backends.base import CAPABILITIES, Globals, Overview
from model.backends.conformance.kit import Check, Kit, expect, of
from model.fields import LIST, STATES, state_of

_HASH = re.compile('[0-9A-F]{40}')
_UNFIT = re.compile('[\x00-\x1f\x7f-\x9f\ud800-\udfff]')
_TYPES = {'str': str, 'int': int, 'bool': int, 'float': float}
_ALWAYS = (
    'hash',
    'name',
    'size_bytes',
    'completed_bytes',
    'state',
    'is_open',
    'is_active',
    'hashing',
    'complete',
)
_TIMES = ('added', 'started', 'finished')
_DAY = 86400


def identity(kit: Kit) -> None:
    backend = kit.backend
    expect(isinstance(backend.name, str) and backend.name, 'name has to be the configured name.')
    expect(isinstance(backend.kind, str) and backend.kind, 'kind has to be a text.')
    unknown = set(backend.capabilities) - CAPABILITIES
    expect(isinstance(backend.capabilities, frozenset), 'capabilities has to be a frozenset.')
    expect(not unknown, f'There are no such capabilities: {", ".join(sorted(map(str, unknown)))}.')


def answers(kit: Kit) -> None:
    overview = kit.backend.overview()
    expect(isinstance(overview, Overview), 'overview() has to return an Overview.')
    expect(isinstance(overview.globals, Globals), 'The globals of an Overview have to be a Globals.')
    expect(isinstance(overview.rows, list), 'The rows of an Overview have to be a list.')


def types(kit: Kit) -> None:
    for row in kit.backend.rows():
        expect(type(row) is tuple and len(row) == len(LIST), f'A row is a tuple of {len(LIST)} values.')
        for column, value in zip(LIST, row, strict=True):
            fits = value is None or isinstance(value, _TYPES[column.type])
            expect(fits, f'{column.key} = {value!r:.80} has to be {column.type} or None.')
        for key in _ALWAYS:
            # Not every client tells what becomes of a torrent after a check.
            told = of(row, key) is not None or (key == 'state' and of(row, 'hashing'))
            expect(told, f'{key} has to be told; it is None.')


def hashes(kit: Kit) -> None:
    found = [of(row, 'hash') for row in kit.backend.rows()]
    for each in found:
        expect(_HASH.fullmatch(each), f'{each!r:.80} is no info hash: 40 hexadecimal digits in upper case.')
    expect(len(set(found)) == len(found), 'Each torrent has to be in the list once.')


def numbers(kit: Kit) -> None:
    latest = time.time() + _DAY
    for row in kit.backend.rows():
        for column, value in zip(LIST, row, strict=True):
            expect(not isinstance(value, int) or value >= 0, f'{column.key} = {value} has to be 0 or more.')
        size, done, left = (of(row, key) for key in ('size_bytes', 'completed_bytes', 'left_bytes'))
        expect(not size or done <= size, f'completed_bytes = {done} is more than size_bytes = {size}.')
        expect(
            not size or left is None or left <= size, f'left_bytes = {left} is more than size_bytes = {size}.'
        )
        for key in _TIMES:
            expect((of(row, key) or 0) < latest, f'{key} = {of(row, key)} is no time in Unix seconds.')
        expect(
            of(row, 'priority') in (None, 0, 1, 2, 3), f'priority = {of(row, "priority")} has to be 0 to 3.'
        )


def texts(kit: Kit) -> None:
    for row in kit.backend.rows():
        for column, value in zip(LIST, row, strict=True):
            bad = isinstance(value, str) and _UNFIT.search(value)
            expect(
                not bad, f'{column.key} = {value!r:.80} holds control characters; put U+FFFD in their place.'
            )


def trackers_of_rows(kit: Kit) -> None:
    for row in kit.backend.rows():
        host = of(row, 'tracker')
        expect(host is None or '/' not in host, f'tracker = {host!r:.80} has to be a host and nothing else.')


def states(kit: Kit) -> None:
    for row in kit.backend.rows():
        expect(state_of(row) in STATES, f'{state_of(row)!r} is no state.')
        expect(
            not of(row, 'is_active') or of(row, 'state'),
            'A torrent that is active is started: state has to be 1.',
        )


CHECKS: tuple[Check, ...] = (
    Check('identity', 'Pages offer what the capabilities say, and nothing else.', identity),
    Check('answers', 'The list is made from overview().', answers),
    Check('types', 'A value of another type breaks sorting and searching for all clients.', types),
    Check('hashes', 'A torrent is told from others by its hash alone.', hashes),
    Check('numbers', 'Progress, ratio and totals are computed from them.', numbers),
    Check('texts', 'Names and messages come from strangers, and are shown and logged.', texts),
    Check('tracker hosts', 'The path of a tracker’s address may hold a personal key.', trackers_of_rows),
    Check('states', 'Each torrent is shown in one state.', states),
)
