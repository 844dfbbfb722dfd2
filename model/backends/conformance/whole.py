"""The checks of a client as a whole: its views, figures and settings, and following it."""

from __future__ import annotations

import threading
from dataclasses import fields

from lib.errors import NotFound
from model.backends.base import Changes, EncryptionState, Globals
from model.backends.conformance.kit import FIXED, Check, Kit, expect, of
from model.encryption import KNOWN as STYLES
from model.fields import INDEX
from model.settings import BY_KEY

_TICKS = 3


def views(kit: Kit) -> None:
    found = kit.backend.views()
    expect(
        isinstance(found, list) and all(isinstance(each, str) for each in found),
        'views() is a list of texts.',
    )
    expect(found[:1] == ['main'], f'views() has to begin with main, not with {found[:1]}.')
    name = 'no view of this name'
    try:
        answer = kit.backend.rows(name)
    except NotFound:
        return
    expect(False, f'rows({name!r}) has to raise NotFound, and returned {len(answer)} torrents.')


def totals(kit: Kit) -> None:
    found = kit.backend.globals()
    expect(isinstance(found, Globals), 'globals() has to return a Globals.')
    for each in fields(found):
        value = getattr(found, each.name)
        kind = {'views': list, 'client_version': str, 'library_version': str, 'hostname': str}.get(
            each.name, int
        )
        expect(
            value is None or isinstance(value, kind),
            f'{each.name} = {value!r:.80} has to be {kind.__name__} or None.',
        )
        expect(not isinstance(value, int) or value >= 0, f'{each.name} = {value} has to be 0 or more.')


def watching(kit: Kit) -> None:
    watch = kit.backend.watch()
    try:
        first = watch.tick()
        expect(isinstance(first, Changes), 'tick() has to return Changes.')
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
    expect(isinstance(changes, Changes), 'tick() has to return Changes.')
    return _hashes(changes) if changes.whole else (known - set(changes.gone)) | _hashes(changes)


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


def settings_told(kit: Kit) -> None:
    found = kit.backend.settings()
    expect(isinstance(found, dict), 'settings() has to return a dict.')
    for key, value in found.items():
        expect(key in BY_KEY, f'There is no setting {key!r:.80}.')
        kinds = {'flag': bool, 'choice': str, 'ports': str, 'text': str}
        kind = kinds.get(BY_KEY[key].kind, int)
        expect(isinstance(value, kind), f'The setting {key} = {value!r:.80} has to be {kind.__name__}.')
    if 'settings' in kit.backend.capabilities:
        expect(
            any(BY_KEY[key].writable for key in found), 'It claims “settings” and tells none that can be set.'
        )


def encryption_told(kit: Kit) -> None:
    found = kit.backend.encryption()
    expect(isinstance(found, EncryptionState), 'encryption() has to return an EncryptionState.')
    expect(found.style in STYLES, f'style = {found.style!r:.80} has to be one of {", ".join(STYLES)}.')
    expect(found.words, 'It claims “encryption” and takes no words.')


CHECKS: tuple[Check, ...] = (
    Check('views', 'A view that is not there must not look like an empty one.', views),
    Check('globals', 'The status bar shows them.', totals),
    Check('watching', 'Whatever a watch forgets is missing in the list.', watching),
    Check('reading again', 'What changes by itself is told as an event.', again),
    Check('side by side', 'Requests and the poller read at the same time.', side_by_side),
    Check('settings', 'The settings page and the limits show them.', settings_told),
    Check('encryption', 'The settings page offers its words.', encryption_told, 'encryption'),
)
