"""The checks of each verb: of the kit's own torrent, and of no other."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from model.backends.conformance.adding import LABEL, PLACE, directory_of, lies
from model.backends.conformance.kit import RATE, Check, Kit, expect, writing
from model.fields import INDEX


def _run(kit: Kit) -> str:
    """The own torrent, which runs."""
    info_hash = kit.torrent()
    if 'start' in kit.backend.capabilities:
        kit.do('start', info_hash=info_hash)
    elif 'resume' in kit.backend.capabilities:
        kit.do('resume', info_hash=info_hash)
    kit.shows('is_active', True, info_hash)
    return info_hash


def _sets(verb: str, key: str, *values: tuple[Mapping[str, Any], object]) -> Callable[[Kit], None]:
    """A check that a verb's arguments are seen in the list, one after the other."""

    def act(kit: Kit) -> None:
        info_hash = kit.torrent()
        for args, value in values:
            kit.do(verb, args, info_hash)
            kit.shows(key, value, info_hash)

    return act


def starting(kit: Kit) -> None:
    kit.shows('state', 1, _run(kit))


def stopping(kit: Kit) -> None:
    info_hash = _run(kit)
    kit.do('stop', info_hash=info_hash)
    kit.shows('state', 0, info_hash)
    kit.shows('is_active', False, info_hash)


def closing(kit: Kit) -> None:
    kit.do('close', info_hash=_run(kit))
    kit.shows('is_open', False)


def pausing(kit: Kit) -> None:
    info_hash = _run(kit)
    kit.do('pause', info_hash=info_hash)
    kit.shows('is_active', False, info_hash)


def resuming(kit: Kit) -> None:
    info_hash = _run(kit)
    if 'pause' in kit.backend.capabilities:
        kit.do('pause', info_hash=info_hash)
        kit.shows('is_active', False, info_hash)
    kit.do('resume', info_hash=info_hash)
    kit.shows('is_active', True, info_hash)


def checking(kit: Kit) -> None:
    info_hash = kit.torrent()
    kit.do('check', info_hash=info_hash)
    kit.until(
        'the check is over', lambda: (row := kit.row(info_hash)) is not None and not row[INDEX['hashing']]
    )


def announcing(kit: Kit) -> None:
    info_hash = kit.own or kit.add(kit.request(tracker=True)).hash
    kit.do('start' if 'start' in kit.backend.capabilities else 'resume', info_hash=info_hash)
    kit.shows('is_active', True, info_hash)
    kit.do('announce', info_hash=info_hash)


def _only_done(verb: str, *args: Mapping[str, Any]) -> Callable[[Kit], None]:
    """A check that a verb, of which the list tells nothing, is done."""

    def act(kit: Kit) -> None:
        info_hash = _run(kit)
        for each in args or ({},):
            kit.do(verb, each, info_hash)
        expect(kit.row(info_hash) is not None, f'After “{verb}” the torrent has to be there.')

    return act


def placing(verb: str) -> Callable[[Kit], None]:
    """A check that a verb takes another directory."""

    def act(kit: Kit) -> None:
        place = os.path.join(directory_of(kit), PLACE)
        # rTorrent takes another directory only before the first start.
        info_hash = kit.own or kit.add(kit.request()).hash
        kit.do(verb, {'directory': place}, info_hash)
        lies(kit, info_hash, place)

    return act


def priorities(kit: Kit) -> None:
    info_hash = kit.torrent()
    for priority in (1, 3, 2):
        kit.do('priority', {'priority': priority}, info_hash)
        kit.shows('priority', priority, info_hash)
    [outcome] = kit.outcomes('priority', [info_hash], {'priority': 0})
    if outcome.ok:
        kit.shows('priority', 0, info_hash)
    # Not every client has “off”; then it says so, and nothing changes.
    expect(
        outcome.ok or outcome.code == 'conflict',
        f'“priority” 0 came out as {outcome.state}: {outcome.message}',
    )
    kit.do('priority', {'priority': 2}, info_hash)


def file_priorities(kit: Kit) -> None:
    info_hash = kit.torrent()

    def of_the_first() -> int:
        return kit.backend.files(info_hash)[0].priority

    for priority in (0, 2, 1):
        kit.do('file_priority', {'indexes': [0], 'priority': priority}, info_hash)
        kit.gives('the priority of the first file in files()', of_the_first, priority)
    others = [file.priority for file in kit.backend.files(info_hash)[1:]]
    expect(set(others) <= {1}, f'Only the first file was meant; the others have {others}.')


def switching_trackers(kit: Kit) -> None:
    info_hash = kit.own or kit.add(kit.request(tracker=True)).hash

    def of_the_first() -> bool:
        return kit.backend.trackers(info_hash)[0].is_enabled

    for on in (False, True):
        kit.do('tracker_enable', {'index': 0, 'on': on}, info_hash)
        kit.gives('is_enabled of the first in trackers()', of_the_first, on)


def queueing(kit: Kit) -> None:
    info_hash = kit.torrent()
    for verb in ('queue_top', 'queue_up', 'queue_down', 'queue_bottom'):
        kit.do(verb, info_hash=info_hash)


CHECKS: tuple[Check, ...] = (
    writing('start', 'Seen in the next list.', starting, 'start'),
    writing('stop', 'Seen in the next list.', stopping, 'stop'),
    writing('open', 'Seen in the next list.', _sets('open', 'is_open', ({}, True)), 'open'),
    writing('close', 'Seen in the next list.', closing, 'close'),
    writing('pause', 'Seen in the next list.', pausing, 'pause'),
    writing('resume', 'Seen in the next list.', resuming, 'resume'),
    writing('check', 'It comes to an end, and the torrent is there.', checking, 'check'),
    writing('announce', 'Done, for a torrent that runs.', announcing, 'announce'),
    writing(
        'label',
        'Any text comes back as it was given.',
        _sets('label', 'label', ({'label': LABEL}, LABEL), ({'label': ''}, '')),
        'label',
    ),
    writing(
        'priority',
        'Seen in the next list, or refused with a reason.',
        priorities,
        'priority',
    ),
    writing(
        'throttle',
        'Seen in the next list.',
        _sets('throttle', 'throttle', ({'throttle': ''}, '')),
        'throttle',
    ),
    writing('directory', 'Seen in the next list.', placing('directory'), 'directory'),
    writing(
        'file priority', 'Of the files that were meant, and of no others.', file_priorities, 'file_priority'
    ),
    writing('switching trackers', 'Seen in the trackers.', switching_trackers, 'tracker_enable'),
    writing('start now', 'Done, and the torrent is there.', _only_done('start_now'), 'start_now'),
    writing('move', 'Seen in the next list.', placing('move'), 'move'),
    writing(
        'rename',
        'Seen in the next list.',
        _sets('rename', 'name', ({'name': 'pyrotorrent-check-renamed'}, 'pyrotorrent-check-renamed')),
        'rename',
    ),
    writing('queue', 'Each of its verbs is done.', queueing, 'queue'),
    writing(
        'limits of a torrent',
        'Done, and taken back.',
        _only_done('limits', {'down_limit': RATE, 'up_limit': RATE}, {'down_limit': 0, 'up_limit': 0}),
        'limits',
    ),
)
