"""Random work on real rTorrents under the eyes of viewers; what they see has to be right and nothing may grow."""

from __future__ import annotations

import http.client
import json
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

from tests.bench import procfs
from tests.bench.library import Entry
from tests.bench.ours import Ours
from tests.rig import Rtorrent, wait_for

LIMIT = 500  # rows of the windows that are compared
TORRENTS = 300  # about as many are kept at each client
CONDITIONS = (
    '',
    'zebra',
    'label=linux',
    '! label=music',
    'size>240k',
    'state=stopped',
    'amber OR name=*otter*',
)
SORTS = ('name', '-name', '-size', 'label,name', 'state,-size')
CHOICES = (
    (),
    (('in', 'label:films'),),
    (('not', 'target:box'),),
    (('in', 'state:stopped'), ('not', 'label:')),
)
WRONG = (('q', 'size>'), ('sort', 'nothing'), ('in', 'nothing:x'), ('limit', '9999'))
VERBS = ('start', 'stop', 'pause', 'resume', 'check', 'announce', 'open', 'close')
LABELS = ('linux', 'music', 'films', '', 'a & b', 'ünï')

Row = dict[str, Any]


class Problem(AssertionError):
    """The server said something that is not so."""


class Link:
    """A program's connection to the API, kept open."""

    def __init__(self, url: str, token: str) -> None:
        self._address = urlsplit(url)
        self._headers = {'Authorization': f'Bearer {token}', 'Content-Type': 'application/json'}
        self._connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Status and decoded answer, None where it has no body."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection(self._address.netloc, timeout=60)
        try:
            self._connection.request(
                method, path, None if body is None else json.dumps(body), headers=self._headers
            )
            answer = self._connection.getresponse()
            read = answer.read()
        except OSError:
            self.close()
            raise
        return answer.status, json.loads(read) if read else None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


@dataclass
class Window:
    """What a browser holds of one window, kept up to date by differences."""

    parameters: tuple[tuple[str, str], ...]
    token: str = ''
    answer: Row = field(default_factory=dict)
    rows: dict[int, Row] = field(default_factory=dict)

    @property
    def path(self) -> str:
        more = [('since', self.token)] if self.token else []
        return f'/api/v1/torrents?{urlencode([*self.parameters, *more])}'

    def take(self, status: int, answer: Row | None) -> None:
        """:raises Problem: it cannot be."""
        if status == 304:
            return
        if status != 200 or answer is None:
            raise Problem(f'{self.path}: status {status}, {answer}')
        columns = answer.get('columns') or self.answer['columns']
        rows = {
            row['id']: row for row in (dict(zip(columns, values, strict=True)) for values in answer['rows'])
        }
        kept = {} if answer['full'] else self.rows
        self.answer = {**({} if answer['full'] else self.answer), **answer}
        self.token, known = answer['token'], kept | rows
        missing = [each for each in self.answer['order'] if each not in known]
        if missing:
            raise Problem(f'{self.path}: {len(missing)} rows of the window were never told')
        self.rows = {each: known[each] for each in self.answer['order']}

    def shown(self) -> list[Row]:
        return [*self.rows.values()]


class Viewer(threading.Thread):
    """Looks at one window for a while and then at another, as fast as a hasty person with scripts would."""

    def __init__(self, link: Link, seed: int, pause: float) -> None:
        super().__init__(daemon=True)
        self._link, self._random, self._pause = link, random.Random(seed), pause
        self._ended = threading.Event()
        self.looks = 0
        self.problems: list[str] = []

    def run(self) -> None:
        while not self._ended.is_set():
            window = Window(some_window(self._random))
            try:
                for _ in range(self._random.randrange(1, 12)):
                    window.take(*self._link.ask('GET', window.path))
                    self.looks += 1
                    if self._ended.wait(self._pause):
                        break
                self._ask_wrongly()
            except (Problem, OSError, http.client.HTTPException) as error:
                self.problems.append(repr(error))
                self.looks += 1
                self._ended.wait(self._pause)
        self._link.close()

    def _ask_wrongly(self) -> None:
        wrong = self._random.choice(WRONG)
        status, answer = self._link.ask('GET', f'/api/v1/torrents?{urlencode([wrong])}')
        if not 400 <= status < 500 or not answer['error']['message']:
            raise Problem(f'{wrong} was answered with {status}: {answer}')

    def end(self) -> None:
        self._ended.set()
        self.join()


def some_window(chance: random.Random) -> tuple[tuple[str, str], ...]:
    """Parameters of a window, its first rows or some in the middle."""
    return (
        ('q', chance.choice(CONDITIONS)),
        ('sort', chance.choice(SORTS)),
        *chance.choice(CHOICES),
        ('offset', str(chance.choice((0, 0, 20, 150)))),
        ('limit', str(chance.choice((1, 40, 100)))),
    )


@dataclass(frozen=True)
class Size:
    """What the server's process holds.

    :ivar descriptors: without those of the pool of database connections, which fills up bit by bit to its bound.
    """

    rss: float
    descriptors: int
    database: int
    threads: int


class Soak:
    """pyroTorrent over ``clients``, with viewers; :meth:`step` does something at random.

    :param seed: fixes what is done; :param pause: seconds between two looks of a viewer.
    """

    def __init__(self, clients: Mapping[str, Rtorrent], *, seed: int, viewers: int, pause: float) -> None:
        self._clients, self._random = clients, random.Random(seed)
        self._number = 0
        self.ours = Ours({}, **clients)
        self._token = self.ours.command('token', 'add', '--write', 'ada', 'soak').split()[-1]
        self.api = self.link()
        for name in clients:
            for _ in range(TORRENTS // 2):
                self._add(name)
        self.viewers = [Viewer(self.link(), seed + number, pause) for number in range(viewers)]
        for viewer in self.viewers:
            viewer.start()
        self.done: dict[str, int] = {}

    def link(self) -> Link:
        return Link(self.ours.url, self._token)

    # ---- what happens

    def step(self) -> None:
        """One thing of many."""
        works: Sequence[tuple[int, Callable[[str], object]]] = (
            (30, self._act),
            (12, self._label),
            (12, self._add),
            (10, self._remove),
            (10, self._meddle),
            (3, self._act_on_many),
            (1, self.crash),
        )
        work = self._random.choices([each for _, each in works], [weight for weight, _ in works])[0]
        try:
            work(self._random.choice([*self._clients]))
        except (OSError, Problem):
            if not self._revive():
                raise
        self.done[work.__name__] = self.done.get(work.__name__, 0) + 1

    def _revive(self) -> bool:
        """Start what ended by itself, as rTorrents sometimes do, as another crash; whether there was any."""
        dead = [name for name, client in self._clients.items() if not client.running]
        for name in dead:
            last = self._clients[name].output.read_text(errors='replace').strip()[-300:]
            print(f'    {name} ended by itself. It printed: {last}', flush=True)
            self.done['ended by itself'] = self.done.get('ended by itself', 0) + 1
            self._clients[name].start(60)
        return bool(dead)

    def _some(self, name: str, most: int = 5) -> list[str]:
        hashes = self._clients[name].hashes()
        return self._random.sample(hashes, min(len(hashes), self._random.randrange(1, most + 1)))

    def _do(self, verb: str, select: object, **more: object) -> None:
        status, answer = self.api.ask('POST', '/api/v1/actions', {'verb': verb, 'select': select, **more})
        if status not in (200, 202):
            raise Problem(f'{verb} {select}: {status} {answer}')

    def _act(self, name: str) -> None:
        names = [f'{name}/{each}' for each in self._some(name)]
        if names:
            self._do(self._random.choice(VERBS), {'torrents': names})

    def _label(self, name: str) -> None:
        names = [f'{name}/{each}' for each in self._some(name)]
        if names:
            self._do('label', {'torrents': names}, args={'label': self._random.choice(LABELS)})

    def _act_on_many(self, name: str) -> None:
        chosen = self._random.choice(CONDITIONS[1:])
        window = Window((('q', chosen), ('target', name)))
        window.take(*self.api.ask('GET', window.path))
        if window.answer['total']:
            self._do(self._random.choice(('start', 'stop')), {'q': chosen, 'target': name})

    def _add(self, name: str) -> None:
        if len(self._clients[name].hashes()) >= TORRENTS:
            self._remove(name)
        self._number += 1
        entry = Entry(1000 + self._number, small=True)
        self._clients[name].load(entry.torrent, entry.info_hash, start=self._random.random() < 0.3)

    def _remove(self, name: str) -> None:
        names = [f'{name}/{each}' for each in self._some(name, 3)]
        if names:
            self._do('erase', {'torrents': names}, sure=True)

    def _meddle(self, name: str) -> None:
        """Somebody else changes things at the client."""
        for each in self._some(name):
            method, *more = self._random.choice(
                (('d.stop',), ('d.start',), ('d.erase',), ('d.custom1.set', 'maps'))
            )
            self._clients[name].call(method, each, *more)

    def crash(self, name: str) -> None:
        """Kill a client, let everybody look, and start it again."""
        client = self._clients[name]
        client.call('session.save')
        client.kill()
        self.see_each()
        client.start(60)

    # ---- what is seen

    def see_each(self) -> None:
        """Wait until each viewer has looked twice from now on, so that the second look began later."""
        before = [viewer.looks for viewer in self.viewers]
        wait_for(
            lambda: all(now.looks >= then + 2 for now, then in zip(self.viewers, before, strict=True)),
            60,
            'a look of each viewer',
        )

    def size(self) -> Size:
        pid = self.ours.pid
        found = procfs.descriptors(pid)
        database = sum(count for name, count in found.items() if '.sqlite' in name)
        return Size(procfs.rss(pid), found.total() - database, database, procfs.threads(pid))

    def compare(self) -> list[str]:
        """Every list beside one made from the clients' own; what differs, once nothing changes any more."""
        return [found for parameters in checked_windows() if (found := self._differs(parameters))]

    def _differs(self, parameters: tuple[tuple[str, str], ...]) -> str:
        """Nothing, or what is wrong; a sweep of the client may have to come by first."""
        window, said = Window(parameters), ['']

        def same() -> bool:
            window.take(*self.api.ask('GET', window.path))
            shown = [(row['target'], row['hash'], row['label'] or '') for row in window.shown()]
            wanted = expected(parameters, self.truth())
            said[0] = f'{parameters}: {len(shown)} shown and {len(wanted)} wanted; {_first(shown, wanted)}'
            return shown == wanted[:LIMIT] and window.answer['total'] == len(wanted)

        try:
            wait_for(same, 60, 'the list to be right')
        except AssertionError as error:
            return str(error)
        except Exception:
            return said[0]
        fresh = Window(parameters)
        fresh.take(*self.api.ask('GET', fresh.path))
        stable = ('id', 'name', 'size_bytes', 'label', 'status', 'directory', 'tracker')
        theirs, mine = ([[row[key] for key in stable] for row in each.shown()] for each in (window, fresh))
        return '' if theirs == mine else f'{parameters}: differences do not add up to the whole'

    def truth(self) -> list[Row]:
        """All torrents as the clients have them."""
        fields = ('hash', 'name', 'size_bytes', 'custom1', 'state')
        return [
            {'target': name, **dict(zip(fields, values, strict=True))}
            for name, client in self._clients.items()
            for values in client.call('d.multicall2', '', 'main', *(f'd.{field}=' for field in fields))
        ]

    def close(self) -> None:
        for viewer in self.viewers:
            viewer.end()
        self.api.close()
        self.ours.close()


def _first(shown: list[Any], wanted: list[Any]) -> str:
    for number, pair in enumerate(zip(shown, wanted, strict=False)):
        if pair[0] != pair[1]:
            return f'row {number} is {pair[0]} instead of {pair[1]}'
    return 'as far as they go they agree'


def checked_windows() -> list[tuple[tuple[str, str], ...]]:
    """The windows that :func:`expected` can make from a client's list."""
    conditions = ('', 'zebra', 'label=linux', '! label=music', 'size>240k')
    return [
        (('q', text), ('sort', sort), *more, ('limit', str(LIMIT)))
        for text, sort in zip(conditions, ('name', '-size', '-name', 'name', 'size'), strict=True)
        for more in ((), (('in', 'label:films'), ('in', 'label:linux')), (('not', 'target:box'),))
    ]


def expected(parameters: tuple[tuple[str, str], ...], rows: list[Row]) -> list[tuple[str, str, str]]:
    """Target, hash and label of what a window has to show, worked out the long way."""
    asked = dict(parameters)
    included = [value.partition(':')[2] for name, value in parameters if name == 'in']
    fits: dict[str, Callable[[Row], bool]] = {
        '': lambda row: True,
        'zebra': lambda row: 'zebra' in row['name'].lower() or 'zebra' in row['label'].lower(),
        'label=linux': lambda row: row['label'].lower() == 'linux',
        '! label=music': lambda row: row['label'].lower() != 'music',
        'size>240k': lambda row: row['size_bytes'] > 240 * 1024,
    }
    labelled = [{**row, 'label': unquote(row['custom1'])} for row in rows]
    found = [row for row in labelled if fits[asked['q']](row)]
    found = [row for row in found if not included or row['label'] in included]
    if asked.get('not') == 'target:box':
        found = [row for row in found if row['target'] != 'box']
    key = asked['sort'].lstrip('-')
    found.sort(
        key=lambda row: row['name' if key == 'name' else 'size_bytes'], reverse=asked['sort'].startswith('-')
    )
    return [(row['target'], row['hash'], row['label']) for row in found]
