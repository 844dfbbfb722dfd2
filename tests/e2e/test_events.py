"""Events against ground truth: what happens at real clients is told, once, in order, whatever is killed meanwhile."""

from __future__ import annotations

from typing import Any

from tests.bench.ours import Ours
from tests.bench.soak import Link
from tests.e2e.trial import Trial, database_of, listed
from tests.rig import Rtorrent, Tracker, make, wait_for
from tests.rig.factory import Factory

SEED, STEPS = 20, 24


def test_random_work_with_kills_in_between_is_told_exactly(start_rtorrent: Factory, tracker: Tracker) -> None:
    """tests/e2e/ledger.py says what that means; ``python -m tests.bench events`` does a thousand."""
    clients = {'home': start_rtorrent('0.9.8'), 'box': start_rtorrent('0.16', address='127.0.0.2')}
    trial = Trial(clients, tracker, seed=SEED)
    try:
        trial.gift('home')
        for name in clients:
            trial.walk(name)
        assert trial.ledger.alone.keys() >= {'add', 'stop', 'start', 'pause', 'resume', 'label', 'erase'}
        for at in range(STEPS):
            if at in (8, 20):
                trial.kill_server('')
            if at == 16:
                trial.kill_client('home')
                trial.receiver.kills += 1
            trial.step()
        assert trial.finish() == [], f'seed {SEED}'
    finally:
        trial.close()


def test_real_transfers_are_told_in_order(start_rtorrent: Factory, tracker: Tracker) -> None:
    clients = {'home': start_rtorrent('0.9.8'), 'box': start_rtorrent('0.16', address='127.0.0.2')}
    ours = Ours({'EVENT_RATIOS': []}, **clients)
    try:
        link = Link(ours.url, ours.command('token', 'add', '--write', 'ada', 'transfers').split()[-1])
        engine = database_of(ours)
        wait_for(lambda: listed(engine) >= set(clients), 60, 'both lists to be taken down')
        engine.dispose()
        wanted = [_offered(clients, taker, tracker, number) for taker in clients for number in range(1)]
        for name in wanted:
            wait_for(lambda name=name: 'added' in _told(link, name), 60, 'the coming of each to be told')
            status, _ = link.ask('POST', '/api/v1/actions', {'verb': 'start', 'select': {'torrents': [name]}})
            assert status == 200
        for name in wanted:
            wait_for(lambda name=name: 'finished' in _told(link, name), 120, 'the end of each download')
        for name in wanted:
            told = [
                kind
                for kind in _told(link, name)
                if kind in ('added', 'started', 'finished', 'paused', 'resumed')
            ]
            assert told == ['added', 'started', 'finished'], name
        ids = [event['id'] for event in _events(link)]
        assert ids == sorted(set(ids))
        link.close()
    finally:
        ours.close()


def _offered(clients: dict[str, Rtorrent], taker: str, tracker: Tracker, number: int) -> str:
    """A torrent that the other client seeds and this one has, stopped."""
    giver = next(client for name, client in clients.items() if name != taker)
    made = make(giver.downloads, f'for {taker} {number}', 400_000, announce=tracker.url)
    giver.load(made.seed, made.info_hash, start=True)
    tracker.wait_for_seed(made.info_hash, 60)
    clients[taker].load(made.data, made.info_hash)
    return f'{taker}/{made.info_hash}'


def _events(link: Link) -> list[dict[str, Any]]:
    status, answer = link.ask('GET', '/api/v1/events?limit=500')
    assert status == 200, answer
    return list(answer['events'])


def _told(link: Link, name: str) -> list[str]:
    return [each['kind'] for each in _events(link) if f'{each["target"]}/{each["hash"]}' == name]
