"""The checks that change something: of the kit's own torrent, and of no other."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from model.backends.conformance_adding import LABEL, PLACE, directory_of, lies
from model.backends.conformance_kit import STRANGER, Check, Failed, Kit, NotTried, expect
from model.fields import INDEX, Row

_GONE = ('not_found', 'no_such_torrent')
_LASTING = ('state', 'label', 'priority', 'throttle', 'directory')
_RATE = 64 * 1024
_ROUNDED = 1024


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
    for priority in (0, 2, 1):
        kit.do('file_priority', {'indexes': [0], 'priority': priority}, info_hash)
        kit.until(
            f'files() shows priority {priority} of the first file',
            lambda priority=priority: kit.backend.files(info_hash)[0].priority == priority,  # type: ignore[misc]
        )
    others = [file.priority for file in kit.backend.files(info_hash)[1:]]
    expect(set(others) <= {1}, f'Only the first file was meant; the others have {others}.')


def switching_trackers(kit: Kit) -> None:
    info_hash = kit.own or kit.add(kit.request(tracker=True)).hash
    for on in (False, True):
        kit.do('tracker_enable', {'index': 0, 'on': on}, info_hash)
        kit.until(
            f'trackers() shows is_enabled = {on} of the first',
            lambda on=on: kit.backend.trackers(info_hash)[0].is_enabled is on,  # type: ignore[misc]
        )


def queueing(kit: Kit) -> None:
    info_hash = kit.torrent()
    for verb in ('queue_top', 'queue_up', 'queue_down', 'queue_bottom'):
        kit.do(verb, info_hash=info_hash)


def removing_with_data(kit: Kit) -> None:
    added = kit.add(kit.request())
    kit.do('erase_data', info_hash=added.hash)
    kit.until('it is gone', lambda: kit.row(added.hash) is None)


#: Arguments of the verbs for a torrent that is not there.
_ARGS: Mapping[str, Mapping[str, Any]] = {
    'label': {'label': 'x'},
    'priority': {'priority': 2},
    'throttle': {'throttle': ''},
    'file_priority': {'indexes': [0], 'priority': 1},
    'tracker_enable': {'index': 0, 'on': True},
    'rename': {'name': 'x'},
    'limits': {'down_limit': 0, 'up_limit': 0},
}
_PLAIN = ('start', 'stop', 'pause', 'resume', 'check', 'announce', 'open', 'close', 'erase')
_TWICE = ('start', 'stop', 'open', 'close', 'resume', 'pause', 'label', 'priority')


def unknown_to_verbs(kit: Kit) -> None:
    for verb in (*_PLAIN, *_ARGS):
        if verb in kit.backend.capabilities:
            [outcome] = kit.outcomes(verb, [STRANGER], _ARGS.get(verb))
            said = f'{outcome.state}, {outcome.code or "no error"}'
            fits = outcome.state == 'failed' and outcome.code in _GONE
            expect(
                fits,
                f'“{verb}” of a hash that is not there has to fail with NotFound; it came out as {said}.',
            )


def some_of_them(kit: Kit) -> None:
    info_hash = kit.torrent()
    verb = next((each for each in ('pause', 'stop') if each in kit.backend.capabilities), '')
    if not verb:
        raise NotTried('It can neither pause nor stop.')
    missing, own = kit.outcomes(verb, [STRANGER, info_hash])
    expect(own.ok, f'One hash that is not there must not keep the other from “{verb}”: {own.message}')
    expect(not missing.ok, f'“{verb}” of a hash that is not there came out as done.')


def twice(kit: Kit) -> None:
    info_hash = kit.torrent()
    for verb in _TWICE:
        if verb in kit.backend.capabilities:
            for _ in range(2):
                kit.do(verb, _ARGS.get(verb), info_hash)


@contextmanager
def _nothing_else_changes(kit: Kit, info_hash: str) -> Iterator[None]:
    def others() -> dict[str, Row]:
        return {key: row for key, row in kit.rows().items() if key != info_hash}

    before = others()
    if not before:
        raise NotTried('The client has no other torrent.')
    yield
    after = others()
    for key, row in before.items():
        expect(key in after, f'{key} is another torrent, and went.')
        for name in _LASTING:
            old, new = row[INDEX[name]], after[key][INDEX[name]]
            expect(
                old == new,
                f'{key} is another torrent, and its {name} changed from {old!r:.80} to {new!r:.80}.',
            )


def others(kit: Kit) -> None:
    info_hash = kit.torrent()
    with _nothing_else_changes(kit, info_hash):
        for verb in _TWICE:
            if verb in kit.backend.capabilities:
                kit.do(verb, _ARGS.get(verb), info_hash)


def limits(kit: Kit) -> None:
    before = kit.backend.settings()
    keys: list[str] = [key for key in ('up_limit', 'down_limit') if key in before]
    if not keys:
        raise NotTried('It tells no limit.')
    old: dict[str, int] = {key: before[key] for key in keys}
    new = {key: value + _RATE for key, value in old.items()}

    def shows(limits: Mapping[str, int]) -> bool:
        # A client may round to whole kilobytes of its kind.
        now = kit.backend.settings()
        return all(
            abs(now[key] - limit) <= _ROUNDED and bool(now[key]) == bool(limit)
            for key, limit in limits.items()
        )

    try:
        kit.backend.set_settings(new)
        kit.until('settings() shows the new limits', lambda: shows(new))
    finally:
        kit.backend.set_settings(old)
    kit.until('settings() shows the old limits', lambda: shows(old))


def removing(kit: Kit) -> None:
    info_hash = kit.torrent()
    kit.do('erase', info_hash=info_hash)
    kit.until('it is gone from the list', lambda: kit.row(info_hash) is None)
    kit.missing(lambda: kit.backend.row(info_hash), 'row()')
    [outcome] = kit.outcomes('erase', [info_hash])
    if outcome.ok:
        raise Failed('Removing a torrent that went already has to fail with NotFound.')


def _check(name: str, why: str, act: Callable[[Kit], None], needs: str = '') -> Check:
    return Check(name, why, act, needs, writes=True)


CHECKS: tuple[Check, ...] = (
    _check('start', 'Seen in the next list.', starting, 'start'),
    _check('stop', 'Seen in the next list.', stopping, 'stop'),
    _check('open', 'Seen in the next list.', _sets('open', 'is_open', ({}, True)), 'open'),
    _check('close', 'Seen in the next list.', closing, 'close'),
    _check('pause', 'Seen in the next list.', pausing, 'pause'),
    _check('resume', 'Seen in the next list.', resuming, 'resume'),
    _check('check', 'It comes to an end, and the torrent is there.', checking, 'check'),
    _check('announce', 'Done, for a torrent that runs.', announcing, 'announce'),
    _check(
        'label',
        'Any text comes back as it was given.',
        _sets('label', 'label', ({'label': LABEL}, LABEL), ({'label': ''}, '')),
        'label',
    ),
    _check(
        'priority',
        'Seen in the next list, or refused with a reason.',
        priorities,
        'priority',
    ),
    _check(
        'throttle',
        'Seen in the next list.',
        _sets('throttle', 'throttle', ({'throttle': ''}, '')),
        'throttle',
    ),
    _check('directory', 'Seen in the next list.', placing('directory'), 'directory'),
    _check(
        'file priority', 'Of the files that were meant, and of no others.', file_priorities, 'file_priority'
    ),
    _check('switching trackers', 'Seen in the trackers.', switching_trackers, 'tracker_enable'),
    _check('start now', 'Done, and the torrent is there.', _only_done('start_now'), 'start_now'),
    _check('move', 'Seen in the next list.', placing('move'), 'move'),
    _check(
        'rename',
        'Seen in the next list.',
        _sets('rename', 'name', ({'name': 'pyrotorrent-check-renamed'}, 'pyrotorrent-check-renamed')),
        'rename',
    ),
    _check('queue', 'Each of its verbs is done.', queueing, 'queue'),
    _check(
        'limits of a torrent',
        'Done, and taken back.',
        _only_done('limits', {'down_limit': _RATE, 'up_limit': _RATE}, {'down_limit': 0, 'up_limit': 0}),
        'limits',
    ),
    _check('unknown hashes of verbs', 'What cannot be done must not be told as done.', unknown_to_verbs),
    _check('some of several', 'One that went must not keep the others.', some_of_them),
    _check('twice', 'Who clicks again wants the same, not an error.', twice),
    _check('other torrents', 'Nothing is done to torrents that were not meant.', others),
    _check('limits', 'Set, read back, and put back.', limits, 'settings'),
    _check('removing with data', 'Gone from the next list.', removing_with_data, 'erase_data'),
    _check('removing', 'Gone from the next list, and not found any more.', removing, 'erase'),
)
