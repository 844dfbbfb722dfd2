"""Sessions in a real Redis, as several machines share them."""

from __future__ import annotations

import subprocess

import pytest
import redis

from lib.config import make
from lib.errors import StateError
from lib.web.sessions import SWEEP_EVERY
from tests.people.test_sessions import ANN, Site
from tests.rig import end, wait_for


@pytest.fixture
def server(short_tmp):
    """It, and its URL."""
    short_tmp.mkdir(exist_ok=True)
    path = short_tmp / 'redis.sock'
    command = ['redis-server', '--port', '0', '--unixsocket', str(path), '--save', '', '--appendonly', 'no']
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    wait_for(path.exists, 60, 'Redis')
    yield process, f'unix://{path}'
    end(process)


def test_machines_share_them_and_it_forgets_them(server, tmp_path):
    process, url = server
    options = {'session.type': 'ext:redis', 'session.url': url, 'session.secret': 'x' * 40}
    one, other = (
        Site(make({'STATE_DIR': str(tmp_path / name), 'session_options': options}))
        for name in ('one', 'other')
    )
    cookie = one.get('/login').cookie
    assert other.get('/', cookie).text.split()[:2] == [str(ANN.id), str(ANN.epoch)]
    client = redis.Redis.from_url(url)
    [key] = client.keys()
    assert 0 < client.ttl(key) <= make({}).SESSION_LIFETIME + SWEEP_EVERY
    other.get('/logout', cookie)
    assert one.get('/', cookie).text == ''
    end(process)
    for path in ('/', '/login', '/logout'):
        with pytest.raises(
            StateError, match=r'sessions of ext:redis cannot be used: .*Check session_options'
        ):
            one.get(path, cookie)
