"""The first pyroTorrent's JSON API without the HTTP around it: a list of items, a list of results in the same order.

All items are checked before anything is sent. What one target is asked then goes out together, in the order of the
items, so that a getter behind a setter sees what was set.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from lib import targets
from lib.calls import Call, Wire, find_column
from lib.errors import Denied, PyroError, UnknownName, UsageError, WireError
from lib.methods import find, subjects
from lib.plans import Single, Table, parts, torrents, views_of
from lib.wire.rpc import Rpc
from lib.wire.values import Value
from model import trackerurl
from model.replysize import too_large

MAX_ITEMS = 100
MAX_ATTRIBUTES = 100

# Which members an item of a type has besides target, type and attributes; those in the second set may be left out.
_MEMBERS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    'rtorrent': (frozenset(), frozenset()),
    'torrentrequester': (frozenset(), frozenset({'view'})),
    'torrent': (frozenset({'hash'}), frozenset()),
    'file': (frozenset({'hash'}), frozenset({'index'})),
    'peer': (frozenset({'hash'}), frozenset({'index'})),
    'tracker': (frozenset({'hash'}), frozenset({'index'})),
}
# One request stays below what the strictest rTorrent takes; see lib.wire.rpc.
_REQUEST_BYTES = 400_000
_CALL_BYTES = 260  # of XML around the name and the arguments of a call

Confine = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Write:
    """A setter that was sent to a client.

    :ivar hash: of the torrent that it is for, or that has the file, peer or tracker; ``''`` for the client as a whole.
    :ivar kind: the type of the item; ``args`` as they may be shown to everybody.
    :ivar ok: whether it is known to be done.
    """

    target: str
    hash: str
    kind: str
    name: str
    args: Mapping[str, Any]
    ok: bool


@dataclass(slots=True)
class _Item:
    """A checked item and what became of it."""

    target: str
    kind: str
    plan: Single | Table
    wires: Sequence[Wire] = ()
    result: Any = None

    def settle(self, wires: Any) -> None:
        """Keep what is to be sent for it; or the error that takes its place."""
        self.wires, self.result = ((), wires) if isinstance(wires, PyroError) else (wires, None)


def run(
    request: object,
    *,
    may_write: bool,
    allowed_targets: Collection[str],
    confine: Confine | None = None,
    words: Callable[[PyroError], str] = str,
    wrote: Callable[[Sequence[Write]], None] = lambda writes: None,
) -> list[Any]:
    """Carry out a batch.

    :param request: the decoded JSON: a list of objects with ``target``, ``type``, ``attributes`` and, by type,
        ``view``, ``hash`` or ``index``.
    :param may_write: whether setters are allowed; without, an item with one is refused and nothing of it is sent.
    :param allowed_targets: the targets that may be asked; others do not exist for the caller.
    :param confine: returns the directory to set for ``(target, path)`` or raises Denied; without it, no directory
        can be set.
    :param words: says an error to the caller, who may not be meant to read all of it.
    :param wrote: is told of the setters that were sent.
    :returns: per item a dict of values by attribute name, for a list of objects a list of such dicts, and for an item
        that failed ``{'error': {'code': …, 'message': …}}``.
    :raises UsageError: the request is not a list, or has too many items.
    """
    if not isinstance(request, list | tuple):
        raise UsageError('The request has to be a list of items.', field='request')
    if len(request) > MAX_ITEMS:
        raise UsageError(f'The request has {len(request)} items; {MAX_ITEMS} are allowed.', field='request')
    checker = _Checker(may_write, list(allowed_targets), confine)
    items = [_guarded(checker.item, entry, f'request[{place}]') for place, entry in enumerate(request)]
    for target in dict.fromkeys(item.target for item in items if isinstance(item, _Item)):
        _send(target, [item for item in items if isinstance(item, _Item) and item.target == target])
    wrote([write for item in items if isinstance(item, _Item) and item.wires for write in _writes(item)])
    results = [_shown(item, may_write) if isinstance(item, _Item) else item for item in items]
    return [_told(result, words) if isinstance(result, PyroError) else result for result in results]


@dataclass(frozen=True, slots=True)
class _Checker:
    """Turns entries of the request into items, or says what is wrong with them."""

    may_write: bool
    targets: Sequence[str]
    confine: Confine | None

    def item(self, entry: object, field: str) -> _Item:
        if not isinstance(entry, Mapping):
            raise UsageError('An item has to be an object with target, type and attributes.', field=field)
        kind = _one_of(entry.get('type'), 'type', list(_MEMBERS), f'{field}.type')
        needed, optional = _MEMBERS[kind]
        _members(entry, needed | {'type', 'attributes'}, optional | {'target'}, field)
        target = _one_of(
            entry.get('target', next(iter(self.targets), None)), 'client', self.targets, f'{field}.target'
        )
        plan = _plan(kind, entry)
        calls = self._calls(kind, plan, target, entry['attributes'], f'{field}.attributes')
        # A column asked for twice has one answer; calls to one object keep their order and their number.
        plan.calls.extend(dict.fromkeys(calls) if isinstance(plan, Table) else calls)
        return _Item(target, kind, plan)

    def _calls(
        self, kind: str, plan: Single | Table, target: str, attributes: object, field: str
    ) -> Iterator[Call]:
        if not isinstance(attributes, list | tuple) or not attributes:
            raise UsageError('The attributes have to be a list of [name, [arguments]].', field=field)
        if len(attributes) > MAX_ATTRIBUTES:
            raise UsageError(f'An item may have {MAX_ATTRIBUTES} attributes.', field=field)
        lookup = find_column if isinstance(plan, Table) else find
        for place, attribute in enumerate(attributes):
            where = f'{field}[{place}]'
            name, args = _attribute(attribute, where)
            method = lookup('torrent' if kind == 'torrentrequester' else kind, name, where)
            if method.write and not self.may_write:
                raise Denied(f'{name} changes something, and you may only read.')
            call = Call.make(method, args, where)
            yield self._confined(call, target) if 'directory' in method.args else call

    def _confined(self, call: Call, target: str) -> Call:
        if self.confine is None:
            raise Denied(f'{call.method.name} is not available here: directories cannot be set.')
        args = [
            self.confine(target, str(arg)) if kind == 'directory' else arg
            for kind, arg in zip(call.method.args, call.args, strict=True)
        ]
        return Call.make(call.method, args)


def _plan(kind: str, entry: Mapping[str, Any]) -> Single | Table:
    if kind == 'rtorrent':
        return Single()
    if kind == 'torrentrequester':
        return torrents(entry.get('view', ''))
    if kind == 'torrent':
        return Single(subjects.torrent(entry['hash']))
    if 'index' not in entry:
        return parts(kind, entry['hash'])
    subject = {'file': subjects.file, 'peer': subjects.peer, 'tracker': subjects.tracker}[kind]
    return Single(subject(entry['hash'], entry['index']))


def _attribute(attribute: object, field: str) -> tuple[str, Sequence[object]]:
    """The name and the arguments of ``"name"``, ``["name"]`` or ``["name", [arguments]]``."""
    parts = [attribute] if isinstance(attribute, str) else attribute
    if (
        not isinstance(parts, list | tuple)
        or len(parts) not in (1, 2)
        or not isinstance(parts[0], str)
        or not isinstance(parts[-1], str if len(parts) == 1 else list | tuple)
    ):
        raise UsageError('An attribute has to be a name, or [name, [arguments]].', field=field)
    return parts[0], parts[1] if len(parts) == 2 else ()


def _one_of(value: object, what: str, known: Collection[str], field: str) -> str:
    if not isinstance(value, str):
        raise UsageError(f'The {what} of an item has to be given, as text.', field=field)
    if value not in known:
        raise UnknownName(what, value, known, field=field)
    return value


def _members(
    entry: Mapping[str, Any], needed: Collection[str], optional: Collection[str], field: str
) -> None:
    for name in sorted(needed):
        if name not in entry:
            raise UsageError(f'The item lacks “{name}”.', field=f'{field}.{name}')
    for name in entry:
        if name not in needed and name not in optional:
            raise UnknownName('member of this item', str(name), [*needed, *optional], field=field)


def _send(target: str, items: Sequence[_Item]) -> None:
    """Ask one target for all of ``items`` and leave the results in them."""
    try:
        rpc = targets.connection(target)
        views = cache(partial(views_of, rpc))
        for item in items:
            item.settle(_guarded(item.plan.wires, rpc, views))
        for item, error in too_large(rpc, [(item, item.plan) for item in items if item.wires]):
            item.settle(error)
        ready = [item for item in items if item.wires]
        answers = iter(_ask(rpc, [wire for item in ready for wire in item.wires], ready))
        for item in ready:
            item.result = _guarded(item.plan.reply, rpc, [next(answers) for _ in item.wires])
    except PyroError as error:
        for item in items:
            if item.result is None:
                item.result = error


def _ask(rpc: Rpc, wires: Sequence[Wire], items: Sequence[_Item]) -> list[Value | WireError]:
    """The answers to ``wires``, in one request, or in several where it would be larger than rTorrent takes.

    Where a request fails, its error stands for its answers and for those of the requests after it, which are not
    sent any more.
    """
    read = all(item.plan.reads for item in items)
    answers: list[Value | WireError] = []
    for chunk in _chunks(wires):
        try:
            answers.extend(rpc.multicall(chunk, read=read))
        except WireError as error:
            answers.extend([error] * (len(wires) - len(answers)))
            break
    return answers


def _chunks(wires: Sequence[Wire]) -> Iterator[list[Wire]]:
    chunk: list[Wire] = []
    size = 0
    for wire in wires:
        # An argument grows in XML, at most by the six bytes of “&quot;” for one character.
        cost = _CALL_BYTES + sum(60 + 6 * len(str(param)) for param in wire[1])
        if chunk and size + cost > _REQUEST_BYTES:
            yield chunk
            chunk, size = [], 0
        chunk.append(wire)
        size += cost
    if chunk:
        yield chunk


def _writes(item: _Item) -> Iterator[Write]:
    info_hash = item.plan.subject.partition(':')[0] if isinstance(item.plan, Single) else ''
    done = not isinstance(item.result, PyroError)
    for call in item.plan.calls:
        if call.method.write:
            pairs = zip(call.method.args, call.args, strict=False)
            args = {kind: arg for kind, arg in pairs if not kind.startswith('=')}
            if 'tracker_url' in args:
                args['tracker_url'] = trackerurl.masked(str(args['tracker_url']))
            yield Write(item.target, info_hash, item.kind, call.method.name, args, done)


def _guarded(step: Callable[..., Any], *args: object) -> Any:
    """What ``step`` returns, or the error it raises as an item's result."""
    try:
        return step(*args)
    except PyroError as error:
        return error


def _shown(item: _Item, may_write: bool) -> Any:
    """The result of an item. The key in a tracker's address is not for those who may only look."""
    rows = item.result if isinstance(item.result, list) else [item.result]
    for row in rows if item.kind == 'tracker' and not may_write else ():
        if isinstance(row, dict) and 'get_url' in row:
            row['get_url'] = trackerurl.masked(str(row['get_url']))
    return item.result


def _told(error: PyroError, words: Callable[[PyroError], str]) -> dict[str, Any]:
    return {'error': {'code': error.code, 'message': words(error)}}
