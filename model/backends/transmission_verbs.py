"""The verbs of :mod:`model.actions` as Transmission's requests, and what proves that they happened.

Torrents are named by info hash: their numbers mean others after a restart. A hash that Transmission does not know it
passes over in silence, so who is there is asked first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from transmission_rpc import Client

from lib.errors import Conflict, Fault, NotFound, PyroError, TimedOut, WireError
from lib.wire.transmission import Link
from lib.words import N_, said
from model.backends import transmission_rows as rows
from model.backends.base import Outcome
from model.backends.transmission_detail import missing
from model.backends.transmission_facts import kilobytes
from model.backends.transmission_values import count, flag, hash_of, items, number, text, texts

Args = Mapping[str, Any]
Torrent = dict[str, Any]
Ids = list[int | str]

_LOW = -1  # the least priority there; 1 here
PATIENCE = 3.0  # seconds that what goes on after an answer may take until we say that we do not know
_PAUSE = 0.1


@dataclass(frozen=True)
class Recipe:
    """How Transmission does a verb.

    :ivar call: the request for torrents with these hashes.
    :ivar fields: what has to be known of them before and after.
    :ivar obstacle: why it cannot be done to a torrent, if so.
    :ivar proof: whether a torrent looks as if it had been done; nothing where that cannot be told.
    :ivar gone: the proof is that the torrent is not there.
    :ivar note: what should be said although it is done.
    :ivar slow: it goes on after the answer, and says nothing when it fails: the proof is waited for.
    """

    call: Callable[[Client, Ids, Args], object]
    fields: tuple[str, ...] = ()
    obstacle: Callable[[Torrent, Args], PyroError | None] = lambda _torrent, _args: None
    proof: Callable[[Torrent, Args], bool] = lambda _torrent, _args: False
    gone: bool = False
    note: str = ''
    slow: bool = False


def _runs(torrent: Torrent, _args: Args) -> bool:
    return number(torrent.get('status')) not in (rows.STOPPED, None)


def _rests(torrent: Torrent, _args: Args) -> bool:
    return number(torrent.get('status')) == rows.STOPPED


def _in_directory(torrent: Torrent, args: Args) -> bool:
    wanted: str = args['directory']
    return (text(torrent.get('downloadDir')) or '').rstrip('/') == wanted.rstrip('/')


def labels(label: str) -> list[str]:
    """The labels that our one text stands for; Transmission takes none twice, none empty and none with a comma."""
    return list(dict.fromkeys(part.strip() for part in label.split(',') if part.strip()))


def _stopped(torrent: Torrent, args: Args) -> PyroError | None:
    if _rests(torrent, args):
        return Conflict('It is stopped, and Transmission asks the trackers only for torrents that run.')
    return None


def _no_off(_torrent: Torrent, args: Args) -> PyroError | None:
    if args['priority']:
        return None
    return Conflict('Transmission has no priority “off”. Stop the torrent instead.')


def _no_file(torrent: Torrent, args: Args) -> PyroError | None:
    if args['indexes'][-1] < len(items(torrent.get('wanted'))):
        return None
    return NotFound('The torrent has no file of this number, or still waits for its metadata.')


def _set_files(client: Client, hashes: Ids, args: Args) -> None:
    indexes = args['indexes']
    if args['priority'] == 0:
        client.change_torrent(hashes, files_unwanted=indexes)
    elif args['priority'] == 1:
        client.change_torrent(hashes, files_wanted=indexes, priority_normal=indexes)
    else:
        client.change_torrent(hashes, files_wanted=indexes, priority_high=indexes)


def _files_set(torrent: Torrent, args: Args) -> bool:
    wanted, levels = items(torrent.get('wanted')), items(torrent.get('priorities'))
    if not args['indexes'][-1] < min(len(wanted), len(levels)):
        return False
    if args['priority'] == 0:
        return all(not wanted[index] for index in args['indexes'])
    return all(wanted[index] and levels[index] == args['priority'] - 1 for index in args['indexes'])


def _set_limits(client: Client, hashes: Ids, args: Args) -> None:
    up, down = args['up_limit'], args['down_limit']
    client.change_torrent(
        hashes,
        upload_limited=bool(up),
        upload_limit=kilobytes(up) if up else None,
        download_limited=bool(down),
        download_limit=kilobytes(down) if down else None,
    )


def _limits_set(torrent: Torrent, args: Args) -> bool:
    for direction, arg in ('upload', 'up_limit'), ('download', 'down_limit'):
        on, value = flag(torrent.get(f'{direction}Limited')), count(torrent.get(f'{direction}Limit'))
        if on is not bool(args[arg]) or (on and value != kilobytes(args[arg])):
            return False
    return True


def _rename(client: Client, hashes: Ids, args: Args) -> None:
    torrent = client.get_torrents(hashes, ['name'])[0].fields
    client.rename_torrent_path(hashes[0], torrent['name'], args['name'])


def _move(move: bool) -> Callable[[Client, Ids, Args], object]:
    return lambda client, hashes, args: client.move_torrent_data(hashes, args['directory'], move=move)


RECIPES: dict[str, Recipe] = {
    'start': Recipe(lambda client, hashes, _: client.start_torrent(hashes), ('status',), proof=_runs),
    'start_now': Recipe(lambda client, hashes, _: client.start_torrent_now(hashes), ('status',), proof=_runs),
    'stop': Recipe(lambda client, hashes, _: client.stop_torrent(hashes), ('status',), proof=_rests),
    'pause': Recipe(
        lambda client, hashes, _: client.stop_torrent(hashes),
        ('status',),
        proof=_rests,
        note=N_('Transmission knows no pause: it is stopped, and stays so when Transmission restarts.'),
    ),
    'resume': Recipe(lambda client, hashes, _: client.start_torrent(hashes), ('status',), proof=_runs),
    'check': Recipe(lambda client, hashes, _: client.verify_torrent(hashes)),
    'announce': Recipe(
        lambda client, hashes, _: client.reannounce_torrent(hashes), ('status',), obstacle=_stopped
    ),
    'erase': Recipe(lambda client, hashes, _: client.remove_torrent(hashes), gone=True),
    'erase_data': Recipe(
        lambda client, hashes, _: client.remove_torrent(hashes, delete_data=True), gone=True
    ),
    'label': Recipe(
        lambda client, hashes, args: client.change_torrent(hashes, labels=labels(args['label'])),
        ('labels',),
        proof=lambda torrent, args: texts(torrent.get('labels')) == labels(args['label']),
    ),
    'priority': Recipe(
        lambda client, hashes, args: client.change_torrent(
            hashes, bandwidth_priority=args['priority'] + _LOW - 1
        ),
        ('bandwidthPriority',),
        obstacle=_no_off,
        proof=lambda torrent, args: torrent.get('bandwidthPriority') == args['priority'] + _LOW - 1,
    ),
    'file_priority': Recipe(_set_files, ('wanted', 'priorities'), obstacle=_no_file, proof=_files_set),
    'directory': Recipe(
        _move(False),
        ('downloadDir',),
        proof=_in_directory,
        note=N_('Nothing was moved. Check the torrent where its data is there already.'),
        slow=True,
    ),
    'move': Recipe(_move(True), ('downloadDir',), proof=_in_directory, slow=True),
    'rename': Recipe(_rename, ('name',), proof=lambda torrent, args: torrent.get('name') == args['name']),
    'queue_top': Recipe(lambda client, hashes, _: client.queue_top(hashes)),
    'queue_up': Recipe(lambda client, hashes, _: client.queue_up(hashes)),
    'queue_down': Recipe(lambda client, hashes, _: client.queue_down(hashes)),
    'queue_bottom': Recipe(lambda client, hashes, _: client.queue_bottom(hashes)),
    'limits': Recipe(
        _set_limits,
        ('uploadLimited', 'uploadLimit', 'downloadLimited', 'downloadLimit'),
        proof=_limits_set,
    ),
}


def perform(link: Link, verb: str, hashes: Sequence[str], args: Args) -> list[Outcome]:
    """Do ``verb`` to ``hashes``; one outcome each, in order. Errors of the wire become outcomes."""
    recipe = RECIPES[verb]
    try:
        there = _read(link, recipe, hashes)
    except PyroError as error:  # nothing was written
        return [Outcome(link.target, each, verb, 'failed', error) for each in hashes]
    outcomes, work = dict[str, Outcome](), list[str]()
    for each in hashes:
        obstacle = recipe.obstacle(there[each], args) if each in there else missing(each)
        if obstacle:
            outcomes[each] = Outcome(link.target, each, verb, 'failed', obstacle)
        else:
            work.append(each)
    if work:
        outcomes |= {outcome.hash: outcome for outcome in _send(link, verb, work, args)}
    return [outcomes[each] for each in hashes]


def _read(link: Link, recipe: Recipe, hashes: Sequence[str]) -> dict[str, Torrent]:
    torrents = rows.ask(link, ('id', *recipe.fields), [each.lower() for each in hashes])
    return {hash_of(torrent): torrent for torrent in torrents}


def _send(link: Link, verb: str, hashes: Sequence[str], args: Args) -> list[Outcome]:
    recipe = RECIPES[verb]
    try:
        ids: Ids = [each.lower() for each in hashes]
        link.ask(lambda client: recipe.call(client, ids, args))
    except WireError as error:
        return _unanswered(link, verb, hashes, args, error)
    if recipe.slow:
        return _settled(link, verb, hashes, args)
    return [Outcome(link.target, each, verb, 'done', note=recipe.note) for each in hashes]


def _settled(link: Link, verb: str, hashes: Sequence[str], args: Args) -> list[Outcome]:
    """Outcomes of what goes on after the answer: done where it shows within :data:`PATIENCE`, else unknown."""
    recipe, deadline = RECIPES[verb], time.monotonic() + PATIENCE
    shown = _shown(link, recipe, hashes, args)
    while len(shown) < len(hashes) and time.monotonic() < deadline:
        time.sleep(_PAUSE)
        shown = _shown(link, recipe, hashes, args)
    later = TimedOut(
        'Transmission has not finished yet. It may still be moving the data, or cannot: that stands in its log '
        'only. The torrent shows the directory that holds.',
        target=link.target,
    )
    return [
        Outcome(link.target, each, verb, 'done', note=recipe.note)
        if each in shown
        else Outcome(link.target, each, verb, 'unknown', later)
        for each in hashes
    ]


def _shown(link: Link, recipe: Recipe, hashes: Sequence[str], args: Args) -> set[str]:
    """Those that look as if it had been done; none where Transmission does not say."""
    try:
        there = _read(link, recipe, hashes)
    except PyroError:
        return set()
    return {each for each in hashes if (recipe.proof(there[each], args) if each in there else recipe.gone)}


def _unanswered(link: Link, verb: str, hashes: Sequence[str], args: Args, error: WireError) -> list[Outcome]:
    """Outcomes for a request that was refused or got no answer: Transmission is asked what it shows now.

    One that it refuses may have been done to those before the one that it refused.
    """
    refused = isinstance(error, Fault)
    if not error.sent or (refused and len(hashes) == 1):
        return [Outcome(link.target, each, verb, 'failed', error) for each in hashes]
    shown = _shown(link, RECIPES[verb], hashes, args)
    unknown = TimedOut(
        'The client did not answer in time, so it is not known whether this happened; it may still happen. '
        'Look again in a moment before repeating it.',
        target=link.target,
    )
    state, reason = ('failed', error) if refused else ('unknown', unknown)
    late = '' if refused else said('The answer was lost, but it did happen.')
    return [
        Outcome(link.target, each, verb, 'done', note=late)
        if each in shown
        else Outcome(link.target, each, verb, state, reason)
        for each in hashes
    ]
