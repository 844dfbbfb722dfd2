"""Adding a torrent to rTorrent so that it is known to be there.

``load.*`` answers 0 for success, rubbish and duplicates alike and works after it has answered, so the only proof is the
info hash. Extra commands of ``load.*`` are programs to rTorrent, so a .torrent gets none: label and directory are set
afterwards, by direct setters. A magnet link cannot do without: rTorrent builds the real torrent anew when the metadata
arrives, from those commands alone. They then carry a percent-encoded label, digits, and a directory that was checked.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from lib.errors import (
    Conflict,
    Fault,
    NoSuchTorrent,
    PyroError,
    RequestTooLarge,
    TimedOut,
    TooLarge,
    UsageError,
    WireError,
)
from lib.texts import CONTROLS
from lib.wire.rpc import Rpc
from model.backends.base import Added, AddRequest
from model.fields import encode_label

_PATIENCE = 3.0  # seconds until a torrent that was handed over must be there
_FIRST_LOOK = 0.01
_LONGEST_PAUSE = 0.2
_STARTS_WITHIN = 0.5
# Inside the double quotes of a command line only these three mean anything, and a path never begins with “$”.
_QUOTABLE = re.compile(rf'/[^"\\{CONTROLS}]*')
_ENCODED = re.compile(r'[A-Za-z0-9%._~-]*')


def add(rpc: Rpc, request: AddRequest, make_directory: Callable[[str], None]) -> Added:
    """Add what ``request`` describes.

    :param make_directory: makes a directory for rTorrent where that is possible.
    :raises TooLarge: this rTorrent takes no request of that size; says what to do.
    :raises Conflict: rTorrent took the torrent and did not load it.
    :raises TimedOut: nobody knows whether it was added.
    """
    there = _name(rpc, request.info_hash)
    if there is not None:
        return Added(request.info_hash, there, existed=True)
    if request.directory:
        make_directory(request.directory)
    if request.data is None:
        return _add_magnet(rpc, request)
    return _add_file(rpc, request, request.data)


def _add_file(rpc: Rpc, request: AddRequest, data: bytes) -> Added:
    name = _hand_over(rpc, request.info_hash, lambda: rpc.call('load.raw', '', data))
    warnings, may_start = _settle(rpc, request)
    if request.start and may_start:
        warnings += _start(rpc, request)
    return Added(request.info_hash, name, existed=False, warnings=tuple(warnings))


def _settle(rpc: Rpc, request: AddRequest) -> tuple[list[str], bool]:
    """Set what was asked for; warnings, and whether the torrent may be started."""
    info_hash = request.info_hash
    steps: list[tuple[str, str, tuple[str, ...]]] = [
        ('Its time of arrival', 'd.custom.set', (info_hash, 'addtime', str(int(time.time()))))
    ]
    if request.label:
        steps.append(('Its label', 'd.custom1.set', (info_hash, encode_label(request.label))))
    if request.directory:
        steps.append(('Its directory', 'd.directory.set', (info_hash, request.directory)))
    try:
        answers = rpc.multicall([(command, params) for _, command, params in steps])
    except WireError as error:
        return [f'It was added and not started, since nothing could be set: {error}'], False
    refused = [
        (what, answer)
        for (what, _, _), answer in zip(steps, answers, strict=True)
        if isinstance(answer, Fault)
    ]
    misplaced = any(what == 'Its directory' for what, _ in refused)
    warnings = [f'{what} could not be set: {fault.text}' for what, fault in refused]
    if misplaced and request.start:
        warnings.append('It was not started, so that no data goes to the wrong place.')
    return warnings, not misplaced


def _start(rpc: Rpc, request: AddRequest) -> list[str]:
    info_hash = request.info_hash
    try:
        answers = rpc.multicall([('d.open', (info_hash,)), ('d.start', (info_hash,))])
        faults = [answer for answer in answers if isinstance(answer, Fault)]
        if faults:
            return [f'It could not be started: {faults[0].text}']
        return _rests(rpc, request) if request.directory else []
    except WireError as error:
        return [f'It was added; whether it was started is not known: {error}']


def _rests(rpc: Rpc, request: AddRequest) -> list[str]:
    """A sentence if it did not start: rTorrent says nothing where it can make no files in a directory."""
    asked = [(command, (request.info_hash,)) for command in ('d.is_active', 'd.is_hash_checked')]
    deadline = time.monotonic() + _STARTS_WITHIN
    while True:
        active, checked = rpc.multicall(asked, read=True)
        if active or time.monotonic() >= deadline:
            break
        time.sleep(_FIRST_LOOK)
    if active or not checked:  # a check of data that is there already may take its time
        return []
    return [
        f'It does not start: rTorrent can make no files in {request.directory}. Make that directory, let the user '
        'that rTorrent runs as write to it, and start the torrent again.'
    ]


def _add_magnet(rpc: Rpc, request: AddRequest) -> Added:
    commands = [f'd.custom.set=addtime,{int(time.time())}']
    if request.label:
        label = encode_label(request.label)
        if not _ENCODED.fullmatch(label):
            raise UsageError('The label cannot be given to a magnet link.', field='label')
        commands.append(f'd.custom1.set={label}')
    if request.directory:
        if not _QUOTABLE.fullmatch(request.directory):
            raise UsageError(
                'For a magnet link the directory must be an absolute path without quotes, backslashes and control '
                'characters.',
                field='directory',
            )
        commands.append(f'd.directory.set="{request.directory}"')
    load = 'load.start' if request.start else 'load.normal'
    name = _hand_over(rpc, request.info_hash, lambda: rpc.call(load, '', request.magnet, *commands))
    warnings = () if request.start else (_MAGNET_STOPPED,)
    # Until the metadata is there rTorrent calls it HASH.meta, which tells nobody anything.
    return Added(request.info_hash, request.name or name, existed=False, warnings=warnings)


_MAGNET_STOPPED = (
    'A magnet link gets its metadata only while it is started: start it once for that, '
    'and then once more to download.'
)


def _hand_over(rpc: Rpc, info_hash: str, load: Callable[[], object]) -> str:
    """Load and wait until the torrent is there; its name."""
    lost: WireError | None = None
    try:
        load()
    except RequestTooLarge as error:
        raise TooLarge(_too_large(rpc), field='torrent') from error
    except WireError as error:
        if not error.sent or isinstance(error, Fault):
            raise
        lost = error
    name = _await(rpc, info_hash)
    if name is not None:
        return name
    if lost:
        raise TimedOut(
            'rTorrent did not answer, so it is not known whether the torrent was added; it may still appear.',
            target=rpc.target,
            method=lost.method,
        ) from lost
    raise Conflict(
        'rTorrent took the torrent but did not load it; its log says why. A file may be damaged or need something that '
        'this version does not know; a magnet link without trackers needs DHT.'
    )


def _await(rpc: Rpc, info_hash: str) -> str | None:
    deadline = time.monotonic() + _PATIENCE
    pause = _FIRST_LOOK
    while True:
        try:
            name = _name(rpc, info_hash)
        except WireError:
            name = None
        if name is not None or time.monotonic() >= deadline:
            return name
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def _name(rpc: Rpc, info_hash: str) -> str | None:
    """The name of a torrent, None where the client does not have it."""
    try:
        return str(rpc.call('d.name', info_hash, read=True))
    except NoSuchTorrent:
        return None


def _too_large(rpc: Rpc) -> str:
    hard = 16 << 20 if 'network.rpc.use_jsonrpc' in rpc.methods else 2 << 20
    try:
        limit = rpc.call('network.xmlrpc.size_limit', read=True)
    except PyroError:
        limit = 0
    if isinstance(limit, int) and limit >= hard:
        return (
            f'The .torrent is too large for this rTorrent, which takes requests of {hard >> 20} MiB at most. '
            'Put the file where rTorrent can read it, and load it from its own screen.'
        )
    return (
        f'The .torrent is too large for what this rTorrent accepts now ({limit} bytes of request). Put the line '
        f'“network.xmlrpc.size_limit.set = {hard}” into rtorrent.rc and restart rTorrent.'
    )
