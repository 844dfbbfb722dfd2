"""The checks of the list: what each row has to say."""

from __future__ import annotations

import time

from model.backends.base import CAPABILITIES
from model.backends.conformance.kit import Kit, check, expect, of
from model.backends.simple_values import clean
from model.fields import LIST, STATES, state_of

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


@check('identity', 'Pages offer what the capabilities say, and nothing else.')
def identity(kit: Kit) -> None:
    backend = kit.backend
    expect(isinstance(backend.name, str) and backend.name, 'name has to be the configured name.')
    expect(isinstance(backend.kind, str) and backend.kind, 'kind has to be a text.')
    unknown = set(backend.capabilities) - CAPABILITIES
    expect(isinstance(backend.capabilities, frozenset), 'capabilities has to be a frozenset.')
    expect(not unknown, f'There are no such capabilities: {", ".join(sorted(map(str, unknown)))}.')


@check('answers', 'The list is made from overview().')
def answers(kit: Kit) -> None:
    kit.backend.overview()


@check('types', 'A value of another type breaks sorting and searching for all clients.')
def types(kit: Kit) -> None:
    for row in kit.backend.rows():
        for key in _ALWAYS:
            # Not every client tells what becomes of a torrent after a check.
            told = of(row, key) is not None or (key == 'state' and of(row, 'hashing'))
            expect(told, f'{key} has to be told; it is None.')


@check('hashes', 'A torrent is told from others by its hash alone.')
def hashes(kit: Kit) -> None:
    kit.rows()


@check('numbers', 'Progress, ratio and totals are computed from them.')
def numbers(kit: Kit) -> None:
    latest = time.time() + _DAY
    for row in kit.backend.rows():
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


@check('texts', 'Names and messages come from strangers, and are shown and logged.')
def texts(kit: Kit) -> None:
    for row in kit.raw.rows():
        for column, value in zip(LIST, row, strict=True):
            expect(
                not isinstance(value, str) or clean(value) == value,
                f'{column.key} = {value!r:.80} holds control characters or is too long; put U+FFFD in their place.',
            )


@check('tracker hosts', 'The path of a tracker’s address may hold a personal key.')
def trackers_of_rows(kit: Kit) -> None:
    for row in kit.backend.rows():
        host = of(row, 'tracker')
        expect(host is None or '/' not in host, f'tracker = {host!r:.80} has to be a host and nothing else.')


@check('states', 'Each torrent is shown in one state.')
def states(kit: Kit) -> None:
    for row in kit.backend.rows():
        expect(state_of(row) in STATES, f'{state_of(row)!r} is no state.')
        expect(
            not of(row, 'is_active') or of(row, 'state'),
            'A torrent that is active is started: state has to be 1.',
        )


CHECKS = (identity, answers, types, hashes, numbers, texts, trackers_of_rows, states)
