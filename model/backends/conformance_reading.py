"""The checks that only look."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from lib.errors import Conflict, NotFound
from model.backends.base import (
    CAPABILITIES,
    Changes,
    Detail,
    EncryptionState,
    Facts,
    FileRow,
    Globals,
    Overview,
    PeerRow,
    Pieces,
    TrackerRow,
)
from model.backends.conformance_kit import STRANGER, Check, Kit, expect
from model.encryption import KNOWN as STYLES
from model.fields import INDEX, LIST, STATES, Row, state_of
from model.settings import BY_KEY

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
_FIXED = ('hash', 'name', 'size_bytes')
_DAY = 86400
_TICKS = 3


def _of(row: Row, key: str) -> Any:
    return row[INDEX[key]]


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
            told = _of(row, key) is not None or (key == 'state' and _of(row, 'hashing'))
            expect(told, f'{key} has to be told; it is None.')


def hashes(kit: Kit) -> None:
    found = [_of(row, 'hash') for row in kit.backend.rows()]
    for each in found:
        expect(_HASH.fullmatch(each), f'{each!r:.80} is no info hash: 40 hexadecimal digits in upper case.')
    expect(len(set(found)) == len(found), 'Each torrent has to be in the list once.')


def numbers(kit: Kit) -> None:
    latest = time.time() + _DAY
    for row in kit.backend.rows():
        for column, value in zip(LIST, row, strict=True):
            expect(not isinstance(value, int) or value >= 0, f'{column.key} = {value} has to be 0 or more.')
        size, done, left = (_of(row, key) for key in ('size_bytes', 'completed_bytes', 'left_bytes'))
        expect(not size or done <= size, f'completed_bytes = {done} is more than size_bytes = {size}.')
        expect(
            not size or left is None or left <= size, f'left_bytes = {left} is more than size_bytes = {size}.'
        )
        for key in _TIMES:
            expect((_of(row, key) or 0) < latest, f'{key} = {_of(row, key)} is no time in Unix seconds.')
        expect(
            _of(row, 'priority') in (None, 0, 1, 2, 3), f'priority = {_of(row, "priority")} has to be 0 to 3.'
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
        host = _of(row, 'tracker')
        expect(host is None or '/' not in host, f'tracker = {host!r:.80} has to be a host and nothing else.')


def states(kit: Kit) -> None:
    for row in kit.backend.rows():
        expect(state_of(row) in STATES, f'{state_of(row)!r} is no state.')
        expect(
            not _of(row, 'is_active') or _of(row, 'state'),
            'A torrent that is active is started: state has to be 1.',
        )


def one(kit: Kit) -> None:
    listed = kit.some()
    info_hash = _of(listed, 'hash')
    facts, detail = kit.backend.facts(info_hash), kit.backend.detail(info_hash)
    expect(
        isinstance(facts, Facts) and isinstance(facts.extra, dict), 'facts() has to return Facts with a dict.'
    )
    expect(
        isinstance(detail, Detail) and isinstance(detail.extra, dict),
        'detail() has to return a Detail with a dict.',
    )
    for name, row in (('row', kit.backend.row(info_hash)), ('facts', facts.row), ('detail', detail.row)):
        for key in _FIXED:
            expect(
                _of(row, key) == _of(listed, key),
                f'{name}() says {key} = {_of(row, key)!r:.80}, and the list {_of(listed, key)!r:.80}.',
            )


def _all_are(values: Iterable[object], kind: type, name: str) -> None:
    for value in values:
        expect(
            isinstance(value, kind),
            f'{name}() has to return a list of {kind.__name__}, not of {value!r:.80}.',
        )


def _by_index(values: list[Any], name: str) -> None:
    expect(
        [value.index for value in values] == list(range(len(values))), f'{name}() has to count index from 0.'
    )


def files(kit: Kit) -> None:
    row = kit.some()
    found = kit.backend.files(_of(row, 'hash'))
    _all_are(found, FileRow, 'files')
    _by_index(found, 'files')
    paths = [file.path for file in found]
    expect(len(set(paths)) == len(paths), 'Each file has to have a path of its own.')
    for file in found:
        below = file.path and not file.path.startswith('/') and '..' not in file.path.split('/')
        expect(below, f'{file.path!r:.80} has to be a path below the torrent’s directory.')
        expect(
            0 <= file.completed_bytes <= file.size,
            f'{file.path!r:.80}: 0 ≤ completed_bytes ≤ size has to hold.',
        )
        expect(0 <= file.progress <= 1, f'{file.path!r:.80}: progress is a share from 0 to 1.')
        expect(
            file.priority in (0, 1, 2), f'{file.path!r:.80}: priority = {file.priority} has to be 0, 1 or 2.'
        )
    total, size = sum(file.size for file in found), _of(row, 'size_bytes')
    expect(
        not found or _of(row, 'is_meta') or total == size,
        f'The files have {total} bytes, and the list says {size}.',
    )


def peers(kit: Kit) -> None:
    for row in kit.backend.rows()[:20]:
        found = kit.backend.peers(_of(row, 'hash'))
        _all_are(found, PeerRow, 'peers')
        for peer in found:
            expect(0 <= peer.progress <= 1, f'progress = {peer.progress} of a peer is a share from 0 to 1.')
            expect(0 <= peer.port < 65536, f'port = {peer.port} of a peer is from 0 to 65535.')
            expect(min(peer.down_rate, peer.up_rate) >= 0, 'The rates of a peer are 0 or more.')


def trackers(kit: Kit) -> None:
    found = kit.backend.trackers(_of(kit.some(), 'hash'))
    _all_are(found, TrackerRow, 'trackers')
    _by_index(found, 'trackers')
    for tracker in found:
        expect(
            tracker.type in ('http', 'udp', 'dht', ''),
            f'type = {tracker.type!r:.80} of a tracker is not known.',
        )


def pieces(kit: Kit) -> None:
    row = kit.some()
    found = kit.backend.pieces(_of(row, 'hash'))
    expect(isinstance(found, Pieces), 'pieces() has to return Pieces.')
    expect(0 <= found.done <= found.count, f'{found.done} of {found.count} pieces cannot be there.')
    covered = (found.count - 1) * found.size < _of(row, 'size_bytes') <= found.count * found.size
    expect(
        _of(row, 'is_meta') or covered, f'{found.count} pieces of {found.size} bytes do not make the torrent.'
    )
    fits = found.bits is None or len(found.bits) == -(-found.count // 8)
    expect(fits, 'bits has to hold one bit for each piece, filled up to whole bytes.')


def parts_not_claimed(kit: Kit) -> None:
    backend, info_hash = kit.backend, _of(kit.some(), 'hash')
    for name in ('files', 'peers', 'trackers', 'pieces'):
        if name not in backend.capabilities:
            try:
                found = getattr(backend, name)(info_hash)
            except Conflict:
                continue
            expect(not found, f'{name}() tells something, and “{name}” is not among the capabilities.')


def unknown_to_readers(kit: Kit) -> None:
    for name in ('row', 'facts', 'detail', 'files', 'peers', 'trackers'):
        ask = getattr(kit.backend, name)
        if name in kit.backend.capabilities or name in ('row', 'facts', 'detail'):
            kit.missing(lambda ask=ask: ask(STRANGER), f'{name}()')  # type: ignore[misc]


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
        for key in _FIXED:
            before, now = _of(first[info_hash], key), _of(second[info_hash], key)
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
    Check('identity', 'Pages offer what the capabilities say, and nothing else.', identity),
    Check('answers', 'The list is made from overview().', answers),
    Check('types', 'A value of another type breaks sorting and searching for all clients.', types),
    Check('hashes', 'A torrent is told from others by its hash alone.', hashes),
    Check('numbers', 'Progress, ratio and totals are computed from them.', numbers),
    Check('texts', 'Names and messages come from strangers, and are shown and logged.', texts),
    Check('tracker hosts', 'The path of a tracker’s address may hold a personal key.', trackers_of_rows),
    Check('states', 'Each torrent is shown in one state.', states),
    Check('one torrent', 'Its page must not contradict the list.', one),
    Check('files', 'Their places are what priorities are set by.', files, 'files'),
    Check('peers', 'The panel draws them every two seconds.', peers, 'peers'),
    Check('trackers', 'Their places are what they are switched by.', trackers, 'trackers'),
    Check('pieces', 'The panel draws a map of them.', pieces, 'pieces'),
    Check('parts not claimed', 'A tab is hidden where its capability is missing.', parts_not_claimed),
    Check('unknown hashes', 'A torrent that went is told from a client that fails.', unknown_to_readers),
    Check('views', 'A view that is not there must not look like an empty one.', views),
    Check('globals', 'The status bar shows them.', totals),
    Check('watching', 'Whatever a watch forgets is missing in the list.', watching),
    Check('reading again', 'What changes by itself is told as an event.', again),
    Check('side by side', 'Requests and the poller read at the same time.', side_by_side),
    Check('settings', 'The settings page and the limits show them.', settings_told),
    Check('encryption', 'The settings page offers its words.', encryption_told, 'encryption'),
)
