"""Random work on real clients, by us and by other programs, while the server and the clients are killed in between."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import unquote

import sqlalchemy as sa
from sqlalchemy import Engine

from lib import config as configuration
from lib.demo import process
from lib.errors import PyroError
from model.database import open_database
from model.events import eventdata
from model.events.eventlog import EventLog
from model.events.happenings import KINDS, LASTING
from model.fields import LIST
from model.tables import deliveries, event_states, webhooks
from tests.bench.ours import Ours
from tests.bench.soak import Link
from tests.core.support import backend_of
from tests.e2e.ledger import Ledger, Name, State
from tests.intake.servers import http
from tests.rig import Made, Rtorrent, Tracker, make, wait_for
from tests.webhooks.endpoint import Answer, Endpoint, Got

SECRET = 'a-secret-of-sixteen-or-more'
PATIENCE = 120.0  # seconds for anything to be told
TORRENTS = 12  # at each client, about
BEHIND = 500  # events that the receiver may be behind before we wait for it
LABELS = ('linux', 'music', 'films', 'a & b', 'ünï')
#: Messages come from trackers at any time; the host of a tracker is only known after a while.
COMPARED = tuple(key for key in LASTING if key not in ('message', 'tracker'))
_VERBS = {
    'start': 'd.start',
    'stop': 'd.stop',
    'pause': 'd.pause',
    'resume': 'd.resume',
    'check': 'd.check_hash',
}


def database_of(ours: Ours) -> Engine:
    """The server's own database."""
    return open_database(configuration.make({'STATE_DIR': str(ours.directory / 'state')}))


def listed(engine: Engine) -> set[str]:
    """The clients whose first list was taken down, so that what comes from now on is news."""
    with engine.connect() as connection:
        rows = connection.execute(sa.select(event_states.c.target).where(event_states.c.hash == ''))
        return {target for (target,) in rows}


class Receiver:
    """Takes the webhook's deliveries, refuses some, leaves some without an answer, and kills the server in a few.

    :ivar kill: ends the server; called before the answer, so that what was done is not written down.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self.endpoint = Endpoint()
        self.endpoint.answer = self._answer
        self.kind = False  # whether it has come to its senses
        self.kill: Callable[[], None] = lambda: None
        self.kills = 0  # to do
        self.wrong: list[str] = []
        self.first: list[int] = []  # numbers of events in the order in which each came first
        self.uids: dict[int, str] = {}
        self.requests: Counter[str] = Counter()

    def _answer(self, got: Got) -> Answer:
        with self._lock:
            return self._judged(got)

    def _judged(self, got: Got) -> bytes:
        if not got.is_signed(SECRET, time.time()):
            self.wrong.append(f'a signature that does not hold: {got.headers}')
        if self.uids.setdefault(got.event_id, got.uid) != got.uid:
            self.wrong.append(f'event {got.event_id} came under two numbers of delivery')
        if got.event_id not in self.first:
            self.first.append(got.event_id)
        chance = 1.0 if self.kind else self._random.random()
        if self.kills and chance < 0.5:
            self.kills -= 1
            self.requests['killed the server'] += 1
            self.kill()
            return b''
        if chance < 0.01:
            self.requests['refused'] += 1
            return http(b'', '503 Service Unavailable', **{'Retry-After': '1'})
        if chance < 0.015:
            self.requests['no answer'] += 1
            return b''
        self.requests['taken'] += 1
        return http(b'', '204 No Content')

    def judge(self, told: list[int]) -> list[str]:
        """What is wrong with what came, where the log has told these numbers."""
        missing = sorted(set(told) - set(self.first))
        more = sorted(set(self.first) - set(told))
        found = [f'never came: {missing[:10]} of {len(missing)}'] if missing else []
        found += [f'came and is not in the log: {more[:10]}'] if more else []
        if self.first != sorted(self.first):
            found.append('some came first after later ones')
        return self.wrong + found


class Trial:
    """:param clients: two real rTorrents by name.
    :param seed: fixes what is done.
    :param alone: how many acts of ten are waited for until they are told.
    """

    def __init__(
        self, clients: Mapping[str, Rtorrent], tracker: Tracker, *, seed: int, alone: int = 4
    ) -> None:
        self._random = random.Random(seed)
        self._clients, self._tracker, self._alone = clients, tracker, alone
        self.ledger, self.receiver = Ledger(), Receiver(seed)
        self.done: Counter[str] = Counter()
        self._made: dict[Name, Made] = {}
        self._gifts: set[Name] = set()
        self._downloads: set[Name] = set()  # those that come from the other client
        # A client that crashes in the middle finds the rest by a check, and one that comes back says that all it has
        # came now: then nobody can tell that it was by download.
        self._doubtful: set[Name] = set()
        self._number = 0
        hook = {'style': 'json', 'url': self.receiver.endpoint.url(), 'secret': SECRET}
        kinds = [kind for kind in KINDS if kind not in ('did', 'webhook')]
        settings = {
            'WEBHOOKS': {'trial': {**hook, 'kinds': kinds}},
            'WEBHOOK_ALLOWED_NETWORKS': ['127.0.0.0/8'],
            'DISK_LOW': 0,
        }
        self.ours = Ours(settings, **clients)
        self._engine = database_of(self.ours)
        self._log = EventLog(self._engine)
        self.token = self.ours.command('token', 'add', '--write', 'ada', 'trial').split()[-1]
        self.api = Link(self.ours.url, self.token)
        self.receiver.kill = lambda: os.kill(self.ours.pid, signal.SIGKILL)
        wait_for(lambda: listed(self._engine) >= set(clients), PATIENCE, 'the empty lists to be taken down')
        for name in clients:
            for _ in range(TORRENTS // 2):
                self.add(name)

    # ---- truth and log

    def state(self, name: Name) -> State:
        """What the client says of a torrent, once it is not checking any more."""
        client, info_hash = self._clients[name[0]], name[1]
        if info_hash not in client.hashes():
            return {'present': False}
        wait_for(lambda: not client.call('d.hashing', info_hash), PATIENCE, 'a check to be over')
        state, is_open, active = (
            client.call(f'd.{key}', info_hash) for key in ('state', 'is_open', 'is_active')
        )
        label = unquote(client.call('d.custom1', info_hash))
        rests = bool(state and is_open and not active)
        return {'present': True, 'state': bool(state), 'rests': rests, 'label': label}

    def read(self) -> None:
        """Read on in the log."""
        while found := self._log.since(self.ledger.last):
            self.ledger.read(found)

    def _told(self, name: Name) -> bool:
        self.read()
        return self.ledger.course(name).agrees()

    def _act(self, name: Name, verb: str, do: Callable[[], object]) -> None:
        """Do something to one torrent; some acts are waited for until they are told."""
        course = self.ledger.course(name)
        alone = self._random.randrange(10) < self._alone and self.ours.running
        if alone and not course.caught_up and course.truth['present'][-1]:
            self.catch_up(name)
        alone = alone and course.caught_up
        do()
        self.done[verb] += 1
        changed = self.ledger.observe(name, self.state(name))
        if alone and self._wait_until_told(name, verb):
            self.ledger.settle(name, verb if changed else '')
        elif changed:
            course.caught_up = False

    def _wait_until_told(self, name: Name, what: str) -> bool:
        """False where the server is not there to tell."""
        deadline = time.monotonic() + PATIENCE
        while not self._told(name):
            if not self.ours.running:
                return False
            if time.monotonic() > deadline:
                course = self.ledger.course(name)
                self.ledger.wrong.append(f'{name} {what} was never told: {course.truth} and {course.told}')
                return False
            threading.Event().wait(0.02)
        return True

    def catch_up(self, name: Name) -> None:
        """Give a torrent a label of its own and wait for it: the client's row is read as a whole, and in order."""
        self._number += 1
        done = self._ask('label', name, {'label': f'mark {self._number}'})
        self.ledger.observe(name, self.state(name))  # a server that is killed may have done it first
        if done and self._wait_until_told(name, 'label'):
            self.ledger.settle(name)
        else:
            self.ledger.course(name).caught_up = False

    def _ask(self, verb: str, name: Name, args: Mapping[str, Any] | None = None) -> bool:
        """Do a verb by the API; False where the server was killed in the middle of it."""
        body: dict[str, Any] = {'verb': verb, 'select': {'torrents': ['/'.join(name)]}}
        body |= {'args': args} if args else {}
        body |= {'sure': True} if verb == 'erase' else {}
        self.api.close()  # the server hangs up on those who are silent for long
        try:
            status, answer = self.api.ask('POST', '/api/v1/actions', body)
        except (OSError, ValueError):
            self.api.close()
            return False
        except Exception as error:  # http.client has a tree of its own
            self.api.close()
            if self.ours.running:
                raise PyroError(f'{verb} {name}: {error!r}') from error
            return False
        if status != 200:
            self.ledger.wrong.append(f'{verb} {name}: {status} {answer}')
        return status == 200

    # ---- what happens

    def step(self) -> None:
        """One thing of many."""
        if not self.ours.running:  # the receiver has killed it; some more happens before it comes back
            self.done['killed by the receiver'] += 1
            self._meanwhile()
        if len(self.ledger.ids) - len(self.receiver.first) > BEHIND and self.ours.running:
            # Its queue holds a thousand, and each failure costs it some seconds.
            with contextlib.suppress(PyroError):
                wait_for(self._follows, PATIENCE, 'the receiver to come along')
        works = ((34, self._verb), (18, self._label), (14, self.add), (10, self._erase), (14, self._mark))
        more = ((4, self.gift), (2, self.kill_server), (1, self.kill_client), (1, self._arm))
        weights, works_ = zip(*works, *more, strict=True)
        work: Callable[[str], object] = self._random.choices(works_, weights)[0]
        work(self._random.choice([*self._clients]))

    def _follows(self) -> bool:
        return len(self.ledger.ids) - len(self.receiver.first) < BEHIND / 2 or not self.ours.running

    def walk(self, client: str) -> None:
        """Every act once with one torrent that runs, each waited for."""
        before, self._alone = self._alone, 10
        self._number += 1
        rtorrent = self._clients[client]
        made = make(rtorrent.downloads, f'torrent {self._number}', 40_000, announce=self._tracker.url)
        name = client, made.info_hash
        self._act(name, 'add', lambda: rtorrent.load(made.seed, made.info_hash, start=True))
        for verb in ('stop', 'start', 'pause', 'resume', 'check'):
            self._act(name, verb, lambda verb=verb: self._ask(verb, name))  # type: ignore[misc]
        self._act(name, 'label', lambda: self._ask('label', name, {'label': 'walked'}))
        self._act(name, 'erase', lambda: self._ask('erase', name))
        self._alone = before

    def _some(self, client: str) -> Name:
        here = self._clients[client].hashes()
        return client, self._random.choice(sorted(here))

    def _directly(self) -> bool:
        """Whether another program does it; all of them, while the server is away."""
        return self._random.random() < 0.4 or not self.ours.running

    def _verb(self, client: str) -> None:
        name, verb = self._some(client), self._random.choice([*_VERBS])
        direct = self._directly()
        call = self._clients[client].call
        self._act(name, verb, lambda: call(_VERBS[verb], name[1]) if direct else self._ask(verb, name))

    def _label(self, client: str) -> None:
        name, label = self._some(client), self._random.choice(LABELS)
        if self._directly():
            # No event of rTorrent's tells of this, so it may be a minute until anybody sees it: nobody waits.
            self._clients[client].call('d.custom1.set', name[1], label)
            self.done['label by others'] += 1
            if self.ledger.observe(name, self.state(name)):
                self.ledger.course(name).caught_up = False
        else:
            self._act(name, 'label', lambda: self._ask('label', name, {'label': label}))

    def add(self, client: str) -> None:
        """A torrent whose data is there; now and then one that was there before."""
        gone = [
            name
            for name in self._made
            if name[0] == client and not self.ledger.course(name).truth['present'][-1]
        ]
        if gone and self._random.random() < 0.5:
            name = self._random.choice(sorted(gone))
            made = self._made[name]
        else:
            self._number += 1
            made = make(
                self._clients[client].downloads, f'torrent {self._number}', 40_000, announce=self._tracker.url
            )
            name = client, made.info_hash
            self._made[name] = made
        start = self._random.random() < 0.4
        self._act(name, 'add', lambda: self._clients[client].load(made.seed, made.info_hash, start=start))
        if len(self._clients[client].hashes()) > TORRENTS:
            self._erase(client)

    def _erase(self, client: str) -> None:
        name = self._some(client)
        # An empty list is doubted for half a minute; and a download is to be told to its end.
        if len(self._clients[client].hashes()) < 3 or name in self._gifts:
            return
        direct = self._directly()
        call = self._clients[client].call
        self._act(name, 'erase', lambda: call('d.erase', name[1]) if direct else self._ask('erase', name))

    def _mark(self, client: str) -> None:
        if self.ours.running:
            self.catch_up(self._some(client))
            self.done['mark'] += 1

    def gift(self, client: str) -> None:
        """The other client gets a torrent whose data this one has, and downloads it."""
        self._number += 1
        giver = self._clients[client]
        other = next(name for name in self._clients if name != client)
        made = make(giver.downloads, f'gift {self._number}', 300_000, announce=self._tracker.url)
        giver.load(made.seed, made.info_hash, start=True)
        self._tracker.wait_for_seed(made.info_hash, 60)
        source, name = (client, made.info_hash), (other, made.info_hash)
        self._gifts |= {source, name}
        self._downloads.add(name)
        self.ledger.observe(source, self.state(source))
        self.ledger.course(source).caught_up = False
        self._act(name, 'download', lambda: self._clients[other].load(made.data, made.info_hash, start=True))

    def kill_server(self, _client: str) -> None:
        """It is away while some more happens."""
        if self.ours.running:
            self.ours.kill()
            self.done['kill server'] += 1
        self._meanwhile()

    def _meanwhile(self) -> None:
        for name in self.ledger.courses:
            self.ledger.course(
                name
            ).caught_up = False  # what it saw and has not told is told after it is back
        for _ in range(self._random.randrange(4)):
            self._random.choice((self._verb, self._label, self.add, self._erase))(
                self._random.choice([*self._clients])
            )
        self.start_server()

    def start_server(self) -> None:
        self.api.close()
        self.ours.start()
        self.api = Link(self.ours.url, self.token)

    def kill_client(self, client: str) -> None:
        """A client crashes and comes back; what it forgot by that is true from then on."""
        rtorrent = self._clients[client]
        for name in self._downloads:
            if name[0] == client and not self._is_finished(name):
                self._doubtful.add(name)
        rtorrent.call('session.save')
        rtorrent.kill()
        rtorrent.start(60)
        self.done['kill client'] += 1
        for name in [name for name in self.ledger.courses if name[0] == client]:
            if self.ledger.observe(name, self.state(name)):
                self.ledger.course(name).caught_up = False

    def _is_finished(self, name: Name) -> bool:
        """Whether it was told that a download is finished; it gets a while for that."""
        patience = 10 if self.ours.running else 0
        try:
            # No longer than that: it may well not be.
            process.wait_for(
                lambda: self._told(name) and self.ledger.course(name).finished, patience, 'a download'
            )
        except PyroError:
            return False
        return True

    def _arm(self, _client: str) -> None:
        """The next delivery or so kills the server before it is answered."""
        self.receiver.kills += 1

    # ---- the end

    def finish(self) -> list[str]:
        """Let everything come to rest, and say what is wrong."""
        self.receiver.kind, self.receiver.kills = True, 0
        if not self.ours.running:
            self.start_server()
        names = [name for name in self.ledger.courses if self.ledger.course(name).truth['present'][-1]]
        for name in names:
            self.catch_up(name)
        for name in self.ledger.courses:
            self._wait_until_told(name, 'what is')
            self.ledger.settle(name)
        self._compare()
        told = self.ledger.ids
        try:
            wait_for(
                lambda: set(self.receiver.first) >= set(told), PATIENCE, 'the receiver to have everything'
            )
        except PyroError as error:
            self.ledger.wrong += [str(error), *self._undelivered(told)]
        wrong = self.ledger.wrong + self.receiver.judge(told) + self._gaps()
        if 'Traceback' in self.ours.log:
            wrong.append('in the log: ' + self.ours.log.partition('Traceback')[2][:2000])
        return wrong

    def _undelivered(self, told: Iterable[int]) -> list[str]:
        """What the server knows of the events that did not come."""
        missing = sorted(set(told) - set(self.receiver.first))[:20]
        columns = [deliveries.c[name] for name in ('event_id', 'state', 'tries', 'status', 'error')]
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(*columns).where(deliveries.c.event_id.in_(missing))).all()
            hooks = connection.execute(
                sa.select(webhooks.c.state, webhooks.c.cursor, webhooks.c.dropped)
            ).all()
        events = [event for each in missing for event in self._log.since(each - 1, limit=1)]
        return [
            f'webhooks: {hooks}',
            *(f'delivery: {tuple(row)}' for row in rows),
            *(
                f'event: {event.id} {event.at} {event.kind} {event.target} {event.name} {event.detail}'
                for event in events
            ),
        ]

    def _compare(self) -> None:
        for client, rtorrent in self._clients.items():
            keys = [column.key for column in LIST]

            def rows(rtorrent: Rtorrent = rtorrent, keys: list[str] = keys) -> dict[str, dict[str, Any]]:
                found = (dict(zip(keys, row, strict=True)) for row in backend_of(rtorrent).rows())
                return {
                    row['hash']: {key: eventdata.plain(key, row[key]) for key in COMPARED} for row in found
                }

            def same(client: str = client, rows: Callable[[], dict[str, dict[str, Any]]] = rows) -> bool:
                self.read()
                courses = {
                    name[1]: course for name, course in self.ledger.courses.items() if name[0] == client
                }
                here = {info_hash: course.row for info_hash, course in courses.items() if course.row}
                mine = {each: {key: row[key] for key in COMPARED} for each, row in here.items()}
                return mine == rows()

            try:
                wait_for(same, PATIENCE, f'the replay to be what {client} says')
            except PyroError as error:
                self.ledger.wrong.append(str(error))
            true = rows()
            for name in [name for name in self.ledger.courses if name[0] == client]:
                self.ledger.compare(name, true.get(name[1]))
            self._check_downloads(client, rtorrent)

    def _check_downloads(self, client: str, rtorrent: Rtorrent) -> None:
        for name, course in self.ledger.courses.items():
            if name[0] == client:
                # Its data is not here before it came by download, nor does it go away.
                came = name in self._downloads and bool(rtorrent.call('d.complete', name[1]))
                self.done['downloads'] += came
                if course.finished != came and (course.finished or name not in self._doubtful):
                    found = [(event.id, event.kind, event.data.get('diff')) for event in self._log.of(*name)]
                    self.ledger.wrong.append(
                        f'{name}: finished was told {course.finished} times, true is {came}: {found[::-1]}'
                    )

    def _gaps(self) -> list[str]:
        """The whole log once more, by the API."""
        found: list[int] = []
        self.api.close()
        while True:
            status, answer = self.api.ask(
                'GET', f'/api/v1/events?after={found[-1] if found else 0}&limit=200'
            )
            if status != 200 or answer['gap']:
                return [f'the API answers {status}: {str(answer)[:500]}']
            if not answer['events']:
                break
            found += [event['id'] for event in answer['events']]
        return (
            []
            if found == self.ledger.ids
            else [f'the API tells {len(found)} events, not {len(self.ledger.ids)}']
        )

    def close(self) -> None:
        self.api.close()
        self.ours.close()
        self.receiver.endpoint.close()
        self._engine.dispose()
