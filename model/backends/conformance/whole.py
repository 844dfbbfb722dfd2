"""The checks of a client as a whole: its views, figures and settings, and following it."""

from __future__ import annotations

import threading

from lib.errors import NotFound
from model.backends.base import Changes
from model.backends.conformance.kit import FIXED, Kit, check, expect, of
from model.fields import INDEX
from model.settingtable import BY_KEY

_TICKS = 3


@check('views', 'A view that is not there must not look like an empty one.')
def views(kit: Kit) -> None:
    found = kit.backend.views()
    expect(found[:1] == ['main'], f'views() has to begin with main, not with {found[:1]}.')
    name = 'no view of this name'
    try:
        answer = kit.backend.rows(name)
    except NotFound:
        return
    expect(False, f'rows({name!r}) has to raise NotFound, and returned {len(answer)} torrents.')


@check('globals', 'The status bar shows them.')
def totals(kit: Kit) -> None:
    kit.backend.globals()


@check('watching', 'Whatever a watch forgets is missing in the list.')
def watching(kit: Kit) -> None:
    watch = kit.backend.watch()
    try:
        first = watch.tick()
        expect(first.whole, 'The first tick has to be whole.')
        known = _hashes(first)
        listed = set(kit.rows())
        expect(known == listed, f'The first tick has {len(known)} torrents, and the list {len(listed)}.')
        for _ in range(_TICKS):
            known = followed(known, watch.tick())
        listed = set(kit.rows())
        expect(
            known == listed,
            f'After {_TICKS} ticks the watch has {len(known)} torrents, and the list {len(listed)}.',
        )
    finally:
        watch.close()


def _hashes(changes: Changes) -> set[str]:
    return {row[INDEX['hash']] for row in changes.rows}


def followed(known: set[str], changes: Changes) -> set[str]:
    """The torrents of a client after a tick."""
    return _hashes(changes) if changes.whole else (known - set(changes.gone)) | _hashes(changes)


@check('reading again', 'What changes by itself is told as an event.')
def again(kit: Kit) -> None:
    first = kit.rows()
    second = kit.rows()
    for info_hash in set(first) & set(second):
        for key in FIXED:
            before, now = of(first[info_hash], key), of(second[info_hash], key)
            expect(
                before == now,
                f'{key} of {info_hash} was {before!r:.80} and is {now!r:.80}: it changes by itself.',
            )


@check('side by side', 'Requests and the poller read at the same time.')
def side_by_side(kit: Kit) -> None:
    wrong: list[BaseException] = []

    def read() -> None:
        try:
            kit.rows()
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=read, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(4 * kit.patience)
    expect(
        not any(thread.is_alive() for thread in threads),
        'Four readers at the same time do not come to an end.',
    )
    expect(not wrong, f'Of four readers at the same time one failed: {wrong[0]!r:.200}' if wrong else '')


@check('settings', 'The settings page and the limits show them.')
def settings_told(kit: Kit) -> None:
    found = kit.backend.settings()
    if 'settings' in kit.backend.capabilities:
        expect(
            any(BY_KEY[key].writable for key in found), 'It claims “settings” and tells none that can be set.'
        )


@check('encryption', 'The settings page offers its words.', 'encryption')
def encryption_told(kit: Kit) -> None:
    found = kit.backend.encryption()
    expect(found.words, 'It claims “encryption” and takes no words.')


CHECKS = (views, totals, watching, again, side_by_side, settings_told, encryption_told)
