"""The verbs of :mod:`model.actions` as rTorrent's commands, and what proves that they happened.

Values go through direct setters only: those store a text as it is, whereas any text inside a command line is a program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib.errors import Conflict, Fault, NoSuchTorrent, NotFound, PyroError, TimedOut, WireError
from lib.wire.rpc import Rpc
from lib.wire.values import Value
from lib.words import said
from model.backends.base import Outcome
from model.fields import encode_label

Call = tuple[str, Sequence[Value]]
Args = Mapping[str, Any]

_CHUNK = 380_000  # bytes of request; a stock rTorrent 0.9.8 takes 512 KiB
_CALL_BYTES = 260  # what a call with a hash needs in XML besides its texts


@dataclass(frozen=True)
class Recipe:
    """How rTorrent does a verb.

    :ivar calls: the commands for one torrent, in order.
    :ivar proof: what reads back how if it happened; nothing where that cannot be told.
    """

    calls: Callable[[str, Args], list[Call]]
    proof: Callable[[str, Args], list[tuple[Call, Value]]] = lambda _hash, _args: []


def _plain(*commands: str) -> Callable[[str, Args], list[Call]]:
    return lambda info_hash, _args: [(command, (info_hash,)) for command in commands]


def _shows(command: str, value: Value) -> Callable[[str, Args], list[tuple[Call, Value]]]:
    return lambda info_hash, _args: [((command, (info_hash,)), value)]


def _sets(command: str, arg: str, shape: Callable[[Any], Value] = lambda value: value) -> Recipe:
    """A setter ``command.set`` with one argument, and its reader as the proof."""
    return Recipe(
        lambda info_hash, args: [(f'{command}.set', (info_hash, shape(args[arg])))],
        lambda info_hash, args: [((command, (info_hash,)), shape(args[arg]))],
    )


def _file_calls(info_hash: str, args: Args) -> list[Call]:
    targets = [f'{info_hash}:f{index}' for index in args['indexes']]
    calls: list[Call] = [('f.priority.set', (target, args['priority'])) for target in targets]
    return [*calls, ('d.update_priorities', (info_hash,))]


def _file_proof(info_hash: str, args: Args) -> list[tuple[Call, Value]]:
    return [
        (('f.priority', (f'{info_hash}:f{index}',)), args['priority']) for index in args['indexes'][:1000]
    ]


RECIPES: dict[str, Recipe] = {
    # d.start does nothing to a torrent that counts as started but is paused or closed; d.resume does.
    'start': Recipe(_plain('d.open', 'd.start', 'd.resume'), _shows('d.state', 1)),
    'stop': Recipe(_plain('d.stop'), _shows('d.state', 0)),
    'open': Recipe(_plain('d.open'), _shows('d.is_open', 1)),
    # d.close alone leaves a torrent that counts as started: it would run again after a restart of rTorrent.
    'close': Recipe(_plain('d.stop', 'd.close'), _shows('d.is_open', 0)),
    'pause': Recipe(_plain('d.pause'), _shows('d.is_active', 0)),
    'resume': Recipe(_plain('d.resume'), _shows('d.is_active', 1)),
    'check': Recipe(_plain('d.check_hash')),
    'announce': Recipe(_plain('d.tracker_announce')),
    'erase': Recipe(_plain('d.erase')),
    'label': _sets('d.custom1', 'label', encode_label),
    'priority': _sets('d.priority', 'priority'),
    'throttle': _sets('d.throttle_name', 'throttle'),
    'directory': Recipe(
        # Setting the directory closes the torrent; the caller starts it again where it was started.
        lambda info_hash, args: [('d.directory.set', (info_hash, args['directory']))],
    ),
    'file_priority': Recipe(_file_calls, _file_proof),
    'tracker_enable': Recipe(
        lambda info_hash, args: [
            ('t.is_enabled.set', (f'{info_hash}:t{args["index"]}', 1 if args['on'] else 0))
        ],
        lambda info_hash, args: [
            (('t.is_enabled', (f'{info_hash}:t{args["index"]}',)), 1 if args['on'] else 0)
        ],
    ),
}


def perform(rpc: Rpc, verb: str, hashes: Sequence[str], args: Args) -> list[Outcome]:
    """Do ``verb`` to ``hashes``; one outcome each, in order. Errors of the wire become outcomes."""
    runner = _SPECIAL.get(verb, _run)
    try:
        return runner(rpc, verb, hashes, args)
    except PyroError as error:  # raised before anything was written
        return [Outcome(rpc.target, info_hash, verb, 'failed', error) for info_hash in hashes]


def _run(rpc: Rpc, verb: str, hashes: Sequence[str], args: Args) -> list[Outcome]:
    recipe = RECIPES[verb]
    return _send(rpc, verb, [(info_hash, recipe.calls(info_hash, args)) for info_hash in hashes], args)


def _send(rpc: Rpc, verb: str, work: Sequence[tuple[str, list[Call]]], args: Args) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for chunk in _chunks(work):
        calls = [call for _, calls in chunk for call in calls]
        try:
            answers = iter(rpc.multicall(calls))
        except WireError as error:
            outcomes += _unanswered(rpc, verb, [info_hash for info_hash, _ in chunk], args, error)
            continue
        for info_hash, own in chunk:
            faults = [answer for answer in [next(answers) for _ in own] if isinstance(answer, Fault)]
            error_or_none = explain(faults[0], info_hash) if faults else None
            state = 'failed' if faults else 'done'
            outcomes.append(Outcome(rpc.target, info_hash, verb, state, error_or_none))
    return outcomes


def _chunks(work: Sequence[tuple[str, list[Call]]]) -> Iterator[list[tuple[str, list[Call]]]]:
    """Parts that fit a request each; in practice nearly always one."""
    chunk: list[tuple[str, list[Call]]] = []
    size = 0
    for info_hash, calls in work:
        need = sum(_CALL_BYTES + sum(len(str(param)) for param in params) for _, params in calls)
        if chunk and size + need > _CHUNK:
            yield chunk
            chunk, size = [], 0
        chunk.append((info_hash, calls))
        size += need
    if chunk:
        yield chunk


def explain(fault: Fault, info_hash: str) -> PyroError:
    """A fault of rTorrent as the error that says what it means here."""
    if isinstance(fault, NoSuchTorrent):
        return NotFound(
            said('There is no torrent %(info_hash)s in this client (any more).', info_hash=info_hash)
        )
    if 'Invalid index' in fault.text or 'index not found' in fault.text:
        return NotFound('The torrent has no file or tracker of this number.')
    return fault


def _unanswered(rpc: Rpc, verb: str, hashes: Sequence[str], args: Args, error: WireError) -> list[Outcome]:
    """Outcomes for a request that got no answer: where it may have been executed, the client is asked what it shows."""
    if not error.sent or isinstance(error, Fault):
        return [Outcome(rpc.target, info_hash, verb, 'failed', error) for info_hash in hashes]
    shown = _read_back(rpc, verb, hashes, args)
    unknown = TimedOut(
        'The client did not answer in time, so it is not known whether this happened; it may still happen. '
        'Look again in a moment before repeating it.',
        target=rpc.target,
        method=error.method,
    )
    return [
        Outcome(rpc.target, info_hash, verb, 'done', note='The answer was lost, but it did happen.')
        if there
        else Outcome(rpc.target, info_hash, verb, 'unknown', unknown)
        for info_hash, there in zip(hashes, shown, strict=True)
    ]


def _read_back(rpc: Rpc, verb: str, hashes: Sequence[str], args: Args) -> list[bool]:
    proofs = [RECIPES[verb].proof(info_hash, args) for info_hash in hashes]
    if verb == 'erase':
        calls: list[Call] = [('d.hash', (info_hash,)) for info_hash in hashes]
    else:
        calls = [call for proof in proofs for call, _ in proof]
    try:
        answers = rpc.multicall(calls, read=True)
    except WireError:
        return [False] * len(hashes)
    if verb == 'erase':
        return [isinstance(answer, NoSuchTorrent) for answer in answers]
    left = iter(answers)
    shown = []
    for proof in proofs:
        read = [next(left) for _ in proof]
        shown.append(bool(proof) and read == [wanted for _, wanted in proof])
    return shown


# files: a torrent may have more of them than one request can name.

_FILES = 1200


def _files(rpc: Rpc, verb: str, hashes: Sequence[str], args: Args) -> list[Outcome]:
    indexes, outcomes = args['indexes'], list[Outcome]()
    for start in range(0, len(indexes), _FILES):
        outcomes = _run(rpc, verb, hashes, {**args, 'indexes': indexes[start : start + _FILES]})
        if not all(outcome.ok for outcome in outcomes):
            break  # those before are set; setting them again does no harm
    return outcomes


# throttle: rTorrent refuses it for a torrent that runs, and takes any name, defined or not.


def _throttle(rpc: Rpc, verb: str, hashes: Sequence[str], args: Args) -> list[Outcome]:
    name = args['throttle']
    if name not in ('', 'NULL'):
        limits = rpc.multicall(
            [('throttle.up.max', ('', name)), ('throttle.down.max', ('', name))], read=True
        )
        if all(limit == -1 for limit in limits):
            raise NotFound(
                said(
                    'There is no throttle group “%(name)s”; define it in rtorrent.rc (throttle.up).',
                    name=name,
                )
            )
    outcomes = _run(rpc, verb, hashes, args)
    running = [outcome.hash for outcome in outcomes if 'active download' in outcome.message]
    if not running:
        return outcomes
    calls = RECIPES[verb].calls
    again = _send(
        rpc,
        verb,
        [(one, [('d.pause', (one,)), *calls(one, args), ('d.resume', (one,))]) for one in running],
        args,
    )
    by_hash = {outcome.hash: outcome for outcome in again}
    return [by_hash.get(outcome.hash, outcome) for outcome in outcomes]


def _directory(rpc: Rpc, verb: str, hashes: Sequence[str], args: Args) -> list[Outcome]:
    """Only before the first start: rTorrent makes a torrent's files once, and would neither move nor make them again.

    A torrent that was to start and could not (its directory could not be made) gets another try.
    """
    asked = ('d.completed_bytes', 'd.timestamp.started', 'd.is_meta', 'd.state')
    facts = rpc.multicall([(command, (one,)) for one in hashes for command in asked], read=True)
    outcomes: dict[str, Outcome] = {}
    work: list[tuple[str, list[Call]]] = []
    for at, one in enumerate(hashes):
        completed, started, is_meta, state = facts[at * 4 : at * 4 + 4]
        error = _cannot_move(one, completed, started, is_meta)
        if error:
            outcomes[one] = Outcome(rpc.target, one, verb, 'failed', error)
            continue
        restart: Iterable[str] = ('d.open', 'd.resume') if state == 1 else ()
        work.append((one, [*RECIPES[verb].calls(one, args), *((command, (one,)) for command in restart)]))
    outcomes |= {outcome.hash: outcome for outcome in _send(rpc, verb, work, args)}
    return [outcomes[one] for one in hashes]


def _cannot_move(info_hash: str, completed: object, started: object, is_meta: object) -> PyroError | None:
    if isinstance(completed, Fault):
        return explain(completed, info_hash)
    if is_meta == 1:
        return Conflict(
            'The torrent still waits for its metadata; changing its directory now would stop that for good.'
        )
    if completed or started:
        return Conflict(
            'rTorrent takes another directory only for a torrent that was never started. To move this one, remove it '
            '(its data stays), move the data, and add it again with the new directory.'
        )
    return None


_SPECIAL: dict[str, Callable[[Rpc, str, Sequence[str], Args], list[Outcome]]] = {
    'file_priority': _files,
    'throttle': _throttle,
    'directory': _directory,
}
