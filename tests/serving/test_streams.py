"""Streams of events through real servers, set up as docs/setup.rst says: live, many at once, and at their ends."""

from __future__ import annotations

import contextlib
import itertools
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lib import config
from model.database import open_database
from model.events.eventlog import Event, EventLog
from model.tokens import Tokens
from model.users import Users
from tests.serving.rig import until
from tests.serving.test_setup_docs import ROOT, Site, block

MANY = 40
TORRENT = {'name': 'debian.iso', 'label': 'linux'}


def happening(kind='added', **torrent):
    return Event(
        0, time.time(), 'home', 'A' * 40, kind, 'debian.iso', data={'torrent': {**TORRENT, **torrent}}
    )


class Listeners:
    """A site of the documentation with streams of two accounts; ``log`` writes as another process would."""

    def __init__(self, rig):
        self.site = Site(rig)
        self.rig = rig
        more = f"THREADS = 4\nMAX_STREAMS = {MANY}\nTRUSTED_PROXIES = ['127.0.0.1']\nrtorrent_config = {{}}\n"
        file = self.site.configure(more)
        self.engine = open_database(config.load(str(file)))
        self.log = EventLog(self.engine)
        users, tokens = Users(self.engine), Tokens(self.engine)
        people = [users.add(name, 'correct horse battery', 'read') for name in ('anna', 'ben')]
        made = [{'Authorization': f'Bearer {tokens.add(user, "test", False)}'} for user in people]
        self.headers, self.turns = made[0], itertools.cycle(made)

    def behind(self, server):
        """The server started and asked by this way."""
        if server in ('embedded', 'apache-http'):
            self.process, port = self.embedded()
            if server == 'embedded':
                return self.rig.web('127.0.0.1', port)
            return self.rig.apache(block(server).replace(':8000', f':{port}'))
        self.process = self.site.serve()
        if server == 'nginx':
            return self.rig.nginx(self.site.here(block('nginx')))
        if server == 'apache':
            return self.rig.apache(self.site.here(block('apache')))
        return self.site.lighttpd('lighttpd')

    def embedded(self):
        command = [sys.executable, str(ROOT / 'pyrotorrent.py'), 'http', '--port', '0']
        process = subprocess.Popen(
            command, env=self.site.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.rig.adopt(process)
        for line in process.stdout:
            if found := re.search(r'http://127\.0\.0\.1:(\d+)/torrent', line):
                return process, int(found[1])
        raise AssertionError(process.stderr.read())

    def ask(self, web, query=''):
        """An answer in JSON."""
        with web.open() as connection:
            connection.request('GET', f'/torrent/api/v1/events{query}', headers=self.headers)
            return connection.getresponse().read()

    def listen(self, ending, web, query=''):
        """A stream that is open; its response."""
        connection = ending.enter_context(web.open())
        # One account alone may not have them all.
        headers = {**next(self.turns), 'Accept': 'text/event-stream', 'Accept-Encoding': 'gzip'}
        connection.request('GET', f'/torrent/api/v1/events{query}', headers=headers)
        return connection.getresponse()


def reads(response, kind):
    """Read on until an event of this kind; its number."""
    number = ''
    for line in iter(response.readline, b''):
        number = line[4:].strip() if line.startswith(b'id: ') else number
        if line == b'event: ' + kind + b'\n':
            return int(number)
    raise AssertionError('the stream ended')


@pytest.fixture
def listeners(rig):
    made = Listeners(rig)
    yield made
    made.engine.dispose()


@pytest.mark.parametrize('server', ['embedded', 'lighttpd', 'nginx', 'apache', 'apache-http'])
def test_many_streams_beside_requests(listeners, server):
    web = listeners.behind(server)
    with contextlib.ExitStack() as ending:
        streams = [listeners.listen(ending, web) for _ in range(MANY)]
        assert {stream.status for stream in streams} == {200}
        assert {stream.headers['Content-Encoding'] for stream in streams} == {None}
        assert web.ask('/torrent/health').status == 200
        assert b'"next": 0' in listeners.ask(web)
        refused = listeners.listen(ending, web)
        assert (refused.status, int(refused.headers['Retry-After']) > 0) == (503, True)
        listeners.log.add([happening('added')])
        assert [reads(stream, b'added') for stream in streams] == [1] * MANY
        listeners.log.add([happening('finished')])
        assert reads(streams[-1], b'finished') == 2
    with contextlib.ExitStack() as ending:  # all have left, and their places are free
        streams = []

        def another():
            with contextlib.ExitStack() as trial:
                opened = listeners.listen(trial, web, '?after=1')
                if opened.status == 200:
                    streams.append(opened)
                    ending.push(trial.pop_all())
                else:  # Apache sees that a client has left when it has something for it
                    listeners.log.add([happening('label')])
            return len(streams) == MANY

        until(another, 'there are places again')
        assert [reads(stream, b'finished') for stream in streams] == [2] * MANY
        listeners.process.terminate()
        # Whole to its end; signs of life may follow.
        assert all(b'\n\n' in stream.read().partition(b'{"id":2,')[2] for stream in streams)
        assert listeners.process.wait(60) == 0


def test_a_client_that_does_not_read_holds_no_memory(listeners):
    web = listeners.behind('embedded')
    for _ in range(10):
        listeners.log.add([happening(message='x' * 500, directory='y' * 500)] * 1000)
    with contextlib.ExitStack() as ending:
        before = resident(listeners.process.pid)
        deaf = [listeners.listen(ending, web, '?after=0') for _ in range(10)]
        assert reads(deaf[0], b'added') == 1
        # While the others are still sent to, as far as they may be, one that reads gets all of it.
        reading = listeners.listen(ending, web, '?after=0')
        assert [reads(reading, b'added') for _ in range(10_000)][-1] == 10_000
        assert resident(listeners.process.pid) - before < 60 << 20  # ten times 18 MB are waiting
        assert web.ask('/torrent/health').status == 200


def test_behind_a_server_that_keeps_answers_back_a_long_poll_works(listeners):
    text = listeners.site.here(block('lighttpd')).replace(
        'stream-response-body = 1', 'stream-response-body = 0'
    )
    listeners.site.serve()
    web = listeners.rig.lighttpd(text, modules='"mod_access"')
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(listeners.ask, web, '?after=0&wait=60')
        listeners.log.add([happening()])
        assert b'"id": 1' in asked.result()


def resident(pid):
    """Bytes of memory of a process."""
    return int(re.search(r'VmRSS:\s+(\d+)', Path(f'/proc/{pid}/status').read_text())[1]) << 10
