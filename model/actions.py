"""What can be done to a torrent: the only door for writes, for pages, API, command line, rules and jobs alike.

A verb has typed arguments, all of which are checked before anything is sent. What comes back is honest per torrent:
done, failed, or unknown where the client never answered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib.errors import Conflict, Fault, NotFound, PyroError, UnknownName, UsageError, WireError
from lib.texts import UNFIT
from lib.words import N_, named, said
from model import placing
from model.backends.base import Backend, Outcome
from model.hub import SEEN, Hub
from model.settings import apply, flag, number

set_globals = apply  # the client as a whole is written to through this door as well

_HASH = re.compile(r'[0-9A-Fa-f]{40}')
_THROTTLE = re.compile(r'[A-Za-z0-9_.-]{0,64}')
MAX_LABEL = 255  # characters
MAX_INDEXES = 100_000
# Seconds for a write to all clients: its own deadline, and as long again for reading back what became of it. Whoever
# stops waiting earlier could not say what happened.
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Arg:
    """An argument of a verb.

    :ivar kind: how it is checked: label, number, flag, throttle, directory, indexes or filename.
    """

    name: str
    kind: str
    label: str
    low: int = 0
    high: int = 0


@dataclass(frozen=True, slots=True)
class Verb:
    """Something that can be done to a torrent.

    :ivar label: what the button says.
    :ivar destructive: whether a person is asked before.
    :ivar capability: what the backend must be capable of.
    :ivar many: whether it makes sense for several torrents at once.
    """

    name: str
    label: str
    args: tuple[Arg, ...] = ()
    destructive: bool = False
    capability: str = ''
    many: bool = True
    help: str = ''


_TABLE = (
    Verb('start', N_('Start'), help=N_('Open and start; also wakes a paused torrent.')),
    Verb('stop', N_('Stop'), help=N_('Stop; it stays stopped when the client restarts.')),
    Verb('open', N_('Open'), help=N_('Open its files without starting.')),
    Verb('close', N_('Close'), help=N_('Stop, and let go of its files.')),
    Verb('pause', N_('Pause'), help=N_('Rest until resumed or until the client restarts.')),
    Verb('resume', N_('Resume'), help=N_('End a pause.')),
    Verb('check', N_('Check'), help=N_('Compare all data with the hashes of the torrent.')),
    Verb('announce', N_('Announce'), help=N_('Ask the trackers for peers now.')),
    Verb(
        'erase',
        N_('Remove'),
        destructive=True,
        help=N_('The client forgets the torrent; its data stays where it is.'),
    ),
    Verb('label', N_('Set label'), (Arg('label', 'label', N_('Label')),)),
    Verb(
        'priority',
        N_('Set priority'),
        (Arg('priority', 'number', N_('Priority'), 0, 3),),
        help=N_('0 off, 1 low, 2 normal, 3 high.'),
    ),
    Verb('throttle', N_('Set throttle'), (Arg('throttle', 'throttle', N_('Throttle group')),)),
    Verb(
        'directory',
        N_('Set directory'),
        (Arg('directory', 'directory', N_('Directory')),),
        help=N_('Nothing is moved. rTorrent takes it only while nothing is downloaded.'),
    ),
    Verb(
        'file_priority',
        N_('Set file priority'),
        (Arg('indexes', 'indexes', N_('Files')), Arg('priority', 'number', N_('Priority'), 0, 2)),
        many=False,
        help=N_('0 off, 1 normal, 2 high.'),
    ),
    Verb(
        'tracker_enable',
        N_('Switch tracker'),
        (Arg('index', 'number', N_('Tracker'), 0, 9999), Arg('on', 'flag', N_('On'))),
        many=False,
    ),
    Verb('start_now', N_('Start now'), help=N_('Start without waiting in the queue.')),
    Verb(
        'erase_data',
        N_('Remove with data'),
        destructive=True,
        help=N_('The client forgets the torrent and deletes its files from the disk, for good.'),
    ),
    Verb(
        'move',
        N_('Move data'),
        (Arg('directory', 'directory', N_('Directory')),),
        help=N_('The client moves the files to this directory.'),
    ),
    Verb(
        'rename',
        N_('Rename'),
        (Arg('name', 'filename', N_('Name')),),
        many=False,
        help=N_('Renames its file or directory on the disk as well.'),
    ),
    Verb('queue_top', N_('To the top of the queue'), capability='queue'),
    Verb('queue_up', N_('Up in the queue'), capability='queue'),
    Verb('queue_down', N_('Down in the queue'), capability='queue'),
    Verb('queue_bottom', N_('To the bottom of the queue'), capability='queue'),
    Verb(
        'limits',
        N_('Set limits'),
        (
            Arg('down_limit', 'number', N_('Download limit'), 0, 1 << 30),
            Arg('up_limit', 'number', N_('Upload limit'), 0, 1 << 30),
        ),
        help=N_('Of this torrent alone, in bytes a second; 0 means no limit of its own.'),
    ),
)
VERBS: Mapping[str, Verb] = {verb.name: verb for verb in _TABLE}


def run(
    hub: Hub,
    target: str,
    info_hash: str,
    verb: str,
    args: Mapping[str, object] | None = None,
    *,
    by: str = '',
) -> Outcome:
    """Do a verb to one torrent.

    :param by: who wants it, for the history.
    :return: what became of it; an error of the client is part of that.
    :raises UsageError: verb, hash or an argument is wrong; nothing was sent.
    :raises NotFound: there is no such client.
    """
    hub.get(target)
    return run_many(hub, [(target, info_hash)], verb, args, by=by)[0]


def run_many(
    hub: Hub,
    selections: Sequence[tuple[str, str]],
    verb: str,
    args: Mapping[str, object] | None = None,
    *,
    by: str = '',
    wait: float = SEEN,
) -> list[Outcome]:
    """Do a verb to several torrents, in one request per client.

    :param selections: pairs of target and info hash; a pair named twice is done once.
    :param by: who wants it, for the history.
    :param wait: seconds to wait until the lists show what was done.
    :return: one outcome for each pair, in order.
    :raises UsageError: verb, a hash or an argument is wrong; nothing was sent to anybody.
    """
    known = find(verb)
    pairs = [(target, check_hash(info_hash)) for target, info_hash in selections]
    plain = checked(known, args or {})
    groups: dict[str, list[str]] = {}
    for target, info_hash in dict.fromkeys(pairs):
        groups.setdefault(target, []).append(info_hash)
    done: dict[tuple[str, str], Outcome] = {}
    for name, outcomes in zip(groups, _run_groups(hub, groups, known, plain), strict=True):
        done |= {(name, outcome.hash): outcome for outcome in outcomes}
    hub.tell(by, plain, list(done.values()))
    _show(hub, groups, done.values(), wait)
    return [done[pair] for pair in pairs]


def _show(hub: Hub, groups: Mapping[str, list[str]], outcomes: Iterable[Outcome], wait: float) -> None:
    """Have the lists show what was done; nobody waits for a client that did not even answer the write."""
    errors = ((outcome.target, outcome.error) for outcome in outcomes)
    silent = {name for name, error in errors if isinstance(error, WireError) and not isinstance(error, Fault)}
    hub.poke(silent, torrents=groups)
    hub.poke([name for name in groups if name not in silent], wait=wait, torrents=groups)


def find(name: str) -> Verb:
    """:raises UnknownName: there is no such verb."""
    verb = VERBS.get(name) if isinstance(name, str) else None
    if verb is None:
        raise UnknownName('action', str(name), VERBS, field='verb')
    return verb


def check_hash(info_hash: object) -> str:
    """:raises UsageError: this is no info hash. An empty one would address the client as a whole."""
    if not isinstance(info_hash, str) or not _HASH.fullmatch(info_hash):
        raise UsageError('An info hash has exactly 40 hexadecimal digits.', field='hash')
    return info_hash.upper()


def check_name(name: str, field: str) -> tuple[str, str]:
    """Target and info hash of a torrent that is named ``target/hash``, as in forms and selections.

    :raises UsageError: it is not so named.
    """
    target, slash, info_hash = name.rpartition('/')
    if not slash:
        raise UsageError(
            said('“%(value)s” does not name a torrent: send client/hash.', value=name[:80]), field=field
        )
    return target, check_hash(info_hash)


def check_label(value: object) -> str:
    """:raises UsageError: this cannot be a label."""
    if not isinstance(value, str) or len(value) > MAX_LABEL or UNFIT.search(value):
        raise UsageError(
            said(
                'A label is a text of at most %(max_label)s characters without control characters.',
                max_label=MAX_LABEL,
            ),
            field='label',
        )
    return value.strip()


def _run_groups(
    hub: Hub, groups: Mapping[str, list[str]], verb: Verb, args: Mapping[str, Any]
) -> list[list[Outcome]]:
    """The outcomes of each group, asked for at the same time; an unknown client fails alone."""

    def act(backend: Backend) -> list[Outcome]:
        try:
            return _act(hub, backend, groups[backend.name], verb, args)
        except PyroError as error:  # raised before anything was written
            return failed(backend.name, error)

    def failed(name: str, error: PyroError | None, state: str = 'failed') -> list[Outcome]:
        return [Outcome(name, info_hash, verb.name, state, error) for info_hash in groups[name]]

    known = [name for name in groups if name in hub.backends]
    answers = {answer.name: answer for answer in hub.each(known, act, patience=_PATIENCE)}
    results = []
    for name in groups:
        answer = answers.get(name)
        if answer is None:
            results.append(
                failed(name, NotFound(said('There is no client “%(value)s”.', value=str(name)[:100])))
            )
        elif answer.value is not None:
            results.append(answer.value)
        else:  # nobody waits any longer; what was sent by then may still happen
            sent = isinstance(answer.error, WireError) and answer.error.sent
            results.append(failed(name, answer.error, 'unknown' if sent else 'failed'))
    return results


def _act(
    hub: Hub, backend: Backend, hashes: Sequence[str], verb: Verb, args: Mapping[str, Any]
) -> list[Outcome]:
    if (verb.capability or verb.name) not in backend.capabilities:
        raise Conflict(said('%(name)s cannot do “%(label)s”.', name=backend.name, label=named(verb.label)))
    if 'directory' in args:
        args = {**args, 'directory': placing.confine(hub, backend.name, args['directory'], hub.roots)}
    return backend.perform(verb.name, hashes, args)


def checked(verb: Verb, args: Mapping[str, object]) -> dict[str, Any]:
    """The arguments in their own types.

    :raises UsageError: one is missing, unknown or wrong.
    """
    known = {arg.name: arg for arg in verb.args}
    for name in args:
        if name not in known:
            raise UnknownName(
                said('argument of “%(label)s” called', label=named(verb.label)), str(name), known
            )
    for name, arg in known.items():
        if args.get(name) is None:
            raise UsageError(
                said('“%(label)s” needs “%(label2)s”.', label=named(verb.label), label2=named(arg.label)),
                field=name,
            )
    return {name: _CHECKS[arg.kind](arg, args[name]) for name, arg in known.items()}


def _label(_arg: Arg, value: object) -> str:
    return check_label(value)


def _number(arg: Arg, value: object) -> int:
    return number(value, arg.name, arg.label, arg.low, arg.high)


def _flag(arg: Arg, value: object) -> bool:
    return flag(value, arg.name, arg.label)


def _throttle(arg: Arg, value: object) -> str:
    if not isinstance(value, str) or not _THROTTLE.fullmatch(value):
        raise UsageError(
            'A throttle group’s name has letters, digits and “_.-” only; empty means the default.',
            field=arg.name,
        )
    return value


def _directory(arg: Arg, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise UsageError('The directory must be an absolute path.', field=arg.name)
    return value


def _filename(arg: Arg, value: object) -> str:
    name = value.strip() if isinstance(value, str) else ''
    if not name or name in ('.', '..') or '/' in name or UNFIT.search(name) or len(name.encode()) > 255:
        raise UsageError(
            'A name has at most 255 bytes and neither “/” nor control characters.', field=arg.name
        )
    return name


def _indexes(arg: Arg, value: object) -> list[int]:
    items = value.split(',') if isinstance(value, str) else value
    if isinstance(items, int):
        items = [items]
    if not isinstance(items, Sequence) or not 0 < len(items) <= MAX_INDEXES:
        raise UsageError('Name the files by their numbers, the first being 0.', field=arg.name)
    return sorted({number(item, arg.name, 'File number', 0, MAX_INDEXES) for item in items})


_CHECKS: dict[str, Callable[[Arg, object], Any]] = {
    'label': _label,
    'number': _number,
    'flag': _flag,
    'throttle': _throttle,
    'directory': _directory,
    'indexes': _indexes,
    'filename': _filename,
}
