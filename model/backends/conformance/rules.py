"""The checks of what holds for all verbs, of limits, and of removing, which comes last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from model.backends.conformance.kit import RATE, STRANGER, Check, Failed, Kit, NotTried, expect, writing
from model.fields import INDEX, Row

_GONE = ('not_found', 'no_such_torrent')
_LASTING = ('state', 'label', 'priority', 'throttle', 'directory')
_ROUNDED = 1024
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
    new = {key: value + RATE for key, value in old.items()}

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


def removing_with_data(kit: Kit) -> None:
    added = kit.add(kit.request())
    kit.do('erase_data', info_hash=added.hash)
    kit.until('it is gone', lambda: kit.row(added.hash) is None)


def removing(kit: Kit) -> None:
    info_hash = kit.torrent()
    kit.do('erase', info_hash=info_hash)
    kit.until('it is gone from the list', lambda: kit.row(info_hash) is None)
    kit.missing(lambda: kit.backend.row(info_hash), 'row()')
    [outcome] = kit.outcomes('erase', [info_hash])
    if outcome.ok:
        raise Failed('Removing a torrent that went already has to fail with NotFound.')


CHECKS: tuple[Check, ...] = (
    writing('unknown hashes of verbs', 'What cannot be done must not be told as done.', unknown_to_verbs),
    writing('some of several', 'One that went must not keep the others.', some_of_them),
    writing('twice', 'Who clicks again wants the same, not an error.', twice),
    writing('other torrents', 'Nothing is done to torrents that were not meant.', others),
    writing('limits', 'Set, read back, and put back.', limits, 'settings'),
    writing('removing with data', 'Gone from the next list.', removing_with_data, 'erase_data'),
    writing('removing', 'Gone from the next list, and not found any more.', removing, 'erase'),
)
