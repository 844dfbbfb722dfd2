"""Fixtures for all tests. rTorrents are real, private to the test, and gone after it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser, expect, sync_playwright

from model import passwords
from tests.rig import Rtorrent, Tracker
from tests.rig.factory import VERSIONS, Factory, sweep
from tests.rig.postgres import Postgres

CHROMIUM = '/usr/bin/chromium'
SWITCHES = [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
]

# What runs in the background of a script ignores Ctrl-C, and so would what we start.
signal.signal(signal.SIGINT, signal.default_int_handler)
# How long an example takes says something of the machine, which may be busy. The suite judges a change, so its examples
# are the same at each run; --hypothesis-profile=search looks for others.
hypothesis.settings.register_profile('gate', deadline=None, derandomize=True)
hypothesis.settings.register_profile('search', deadline=None)
hypothesis.settings.load_profile('gate')
# Playwright gives a page five seconds.
expect.set_options(timeout=60_000)


def pytest_sessionstart(session: pytest.Session) -> None:
    sweep()


@pytest.fixture(scope='session', autouse=True)
def real_hasher() -> Iterator[PasswordHasher]:
    """The hasher of passwords as it is. All others get a cheap one: the real takes 150 ms of processor each time."""
    real = passwords._hasher
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    yield real
    passwords._hasher = real


@pytest.fixture
def start_rtorrent() -> Iterator[Factory]:
    """``start_rtorrent(version='0.9.8', settings=())`` starts a private rTorrent, as often as the test likes."""
    factory = Factory()
    yield factory
    factory.close()


@pytest.fixture(scope='module')
def start_shared_rtorrent() -> Iterator[Factory]:
    """The same for rTorrents that live as long as the test module."""
    factory = Factory()
    yield factory
    factory.close()


@pytest.fixture
def rtorrent(start_rtorrent: Factory) -> Rtorrent:
    """A fresh rTorrent 0.9.8."""
    return start_rtorrent('0.9.8')


@pytest.fixture
def rtorrent_016(start_rtorrent: Factory) -> Rtorrent:
    """A fresh rTorrent 0.16."""
    return start_rtorrent('0.16')


@pytest.fixture(params=VERSIONS)
def any_rtorrent(request: pytest.FixtureRequest, start_rtorrent: Factory) -> Rtorrent:
    """A fresh rTorrent of each version in turn."""
    return start_rtorrent(request.param)


@pytest.fixture
def tracker() -> Iterator[Tracker]:
    """A tracker on loopback; ``tracker.url`` is its announce URL."""
    with Tracker() as running:
        yield running


@pytest.fixture
def short_tmp() -> Iterator[Path]:
    """A temporary directory whose path is short enough for unix sockets."""
    factory = Factory()
    yield factory('0.9.8', start=False).directory
    factory.close()


@pytest.fixture(scope='session')
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL for all tests of a worker; ``postgres.fresh()`` is a database of one's own."""
    running = Postgres()
    yield running
    running.close()


@pytest.fixture
def database() -> str:
    """Where the state of a test is kept; BOTH has a test run with each."""
    return 'sqlite'


@pytest.fixture
def database_url(database: str, request: pytest.FixtureRequest) -> str:
    """DATABASE_URL of a new database with our tables; ``''`` is SQLite in STATE_DIR."""
    if database == 'sqlite':
        return ''
    running: Postgres = request.getfixturevalue('postgres')
    return running.fresh()


@pytest.fixture(scope='session')
def chromium() -> Iterator[Browser]:
    """One Chromium for all tests of a worker: a process can drive one only."""
    assert Path(CHROMIUM).exists(), 'Chromium is missing: apt-get install chromium'
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        browser.close()
