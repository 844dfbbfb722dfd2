"""Nobody writes a line of the log but us, and no secret gets into it."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib import logs
from lib.errors import StateError
from tests.web.site import PASSWORD, Client, Site

FORGED = '2026-01-01 00:00:00,000 INFO lib.web.login: root logged in'


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged, as our own handler writes it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.OneLine(logs.FORMAT))
    logger = logging.getLogger()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield stream
    logger.setLevel(level)
    logger.removeHandler(handler)


def test_an_error_that_quotes_a_visitor_cannot_forge_a_line(
    site: Site, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError(f'x\n{FORGED}\r{FORGED}\x1b[2J\u2028{FORGED}\u202e' + 'y' * 100_000)

    monkeypatch.setattr(site.services.users, 'verify', broken)
    answer = site.browser().post('/login', {'name': 'x', 'password': 'y'})
    assert answer.status_code == 500
    assert 'ValueError' not in answer.text
    logged = lines.getvalue()
    assert 'ValueError' in logged
    assert not any(line.startswith('2026-01-01') for line in logged.splitlines())
    assert '\x1b' not in logged
    assert '\u202e' not in logged
    assert max(map(len, logged.splitlines())) < 2100


def test_a_path_cannot_forge_a_line(site: Site, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise StateError('The disk is gone.')

    monkeypatch.setattr(site.services.links, 'peek', broken)
    path = f'/once/x\n{FORGED}\x1b'
    Client(site.app).get('/', environ_overrides={'PATH_INFO': path, 'REMOTE_ADDR': '127.0.0.1'})
    assert 'StateError' in lines.getvalue()
    assert not any(line.startswith('2026-01-01') for line in lines.getvalue().splitlines())


def test_no_secret_is_logged(site: Site, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = site.browser('ada')
    program = site.program('robot')
    user = site.services.users.find('ada')
    assert user is not None
    link = site.services.links.create('login', user.id, 60)
    cookie = next(iter(browser.client._cookies.values())).value
    for real in (True, False):
        if not real:  # and when all goes wrong
            monkeypatch.setattr(site.services.users, 'get', lambda *_: 1 / 0)
            monkeypatch.setattr(site.services.links, 'peek', lambda *_: 1 / 0)
            monkeypatch.setattr(site.services.tokens, 'verify', lambda *_: 1 / 0)
        browser.get(f'/?token={program.headers["Authorization"][7:]}')
        browser.get(f'/once/{link}')
        browser.get(f'/first/{link}')
        browser.post('/login', {'name': 'ada', 'password': PASSWORD})
        program.send([{'type': 'rtorrent', 'attributes': ['get_pid']}])
    logged = lines.getvalue()
    assert 'ZeroDivisionError' in logged
    for secret in (PASSWORD, link, program.headers['Authorization'][7:], cookie, browser.csrf):
        assert secret not in logged


def test_the_file_is_for_us_alone_and_a_full_disk_ends_nothing(tmp_path: Path) -> None:
    before = logging.getLogger().handlers[:]
    try:
        logs.set_up(str(tmp_path / 'log'), 'INFO')
        assert (tmp_path / 'log').stat().st_mode & 0o777 == 0o600
        logs.set_up('/dev/full', 'INFO')
        logging.getLogger('lib.attack').warning('nobody can keep this')
    finally:
        logging.getLogger().handlers[:] = before
