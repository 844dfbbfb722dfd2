"""The blocks of docs/setup.rst, run as they are written there; only paths and users are replaced."""

from __future__ import annotations

import configparser
import os
import re
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from lib import config
from lib.web import prefix
from tests.serving.rig import connects, exists, until

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / 'docs' / 'setup.rst').read_text()


def block(name):
    """The code block with this ``:name:``."""
    found = re.search(
        rf'^( *)\.\. code-block:: \S+\n\1   :name: {name}\n\n((?:\1   .*\n|\n)+)', TEXT, re.MULTILINE
    )
    assert found, f'docs/setup.rst has no block {name}'
    return re.sub(rf'^{found[1]}   ', '', found[2], flags=re.MULTILINE)


class Site:
    """A machine set up by the documentation, in one directory."""

    def __init__(self, rig):
        self.rig = rig
        for name in ('run', 'rt', 'www'):
            rig.path(name).mkdir()
        self.socket = rig.path('run') / 'fcgi.sock'
        self.environ = {**os.environ, 'PYROTORRENT_CONFIG': str(self.configure())}

    def here(self, text):
        """The text with this machine's paths and users."""
        python = Path(sys.executable).parent
        replaced = {
            '/home/rtorrent/pyrotorrent/.venv/bin': str(python),
            '/home/rtorrent/pyrotorrent': str(ROOT),
            '/home/rtorrent/.local/state/pyrotorrent': str(self.rig.path('state')),
            '/run/pyrotorrent': str(self.rig.path('run')),
            '/run/rtorrent': str(self.rig.path('rt')),
            '/var/www': str(self.rig.path('www')),
            'torrents.example.org': 'localhost',
            ' -o rtorrent -g www-data': '',
            '-u rtorrent -g rtorrent': '',
            '-U www-data': '',
        }
        for documented, ours in replaced.items():
            text = text.replace(documented, ours)
        return text

    def configure(self, more=''):
        file = self.rig.path('config.py')
        file.write_text(self.here(block('config')) + more)
        return file

    def lighttpd(self, name):
        return self.rig.lighttpd(self.here(block(name)), modules='"mod_access"')

    def start(self, command, stdin=None):
        """A command of the documentation that stays in the foreground."""
        process = subprocess.Popen(
            command,
            env=self.environ,
            cwd='/',
            stdin=stdin or subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.rig.adopt(process)
        return process

    def serve(self):
        """pyroTorrent by the systemd unit's ExecStart."""
        process = self.start(shlex.split(self.here(unit('systemd-service')['Service']['ExecStart'])))
        until(lambda: process.poll() is not None or connects(self.socket), 'pyroTorrent listens')
        assert process.poll() is None, process.stderr.read()
        return process


def unit(name, section=''):
    parsed = configparser.ConfigParser(interpolation=None)
    parsed.optionxform = str
    parsed.read_string(section + block(name))
    return parsed


@pytest.fixture
def site(rig):
    return Site(rig)


def works(web, base='/torrent', static=None):
    health = web.ask(f'{base}/health')
    assert health.status == 200, health
    page = web.ask(f'{base}/login')
    assert page.status == 200 and b'<form' in page.body
    asset = re.search(rb'(?:href|src)="([^"]+\.(?:css|js)[^"]*)"', page.body)[1].decode()
    assert asset.startswith(static or f'{base}/static')
    assert web.ask(asset).status == 200
    elsewhere = web.ask(f'{base}/no/such/page?x=1')
    assert elsewhere.status in (302, 303, 401, 404)


def test_lighttpd_and_the_systemd_unit(site):
    process = site.serve()
    assert site.socket.stat().st_mode & 0o777 == 0o660
    web = site.lighttpd('lighttpd')
    works(web)
    assert web.ask('/torrent').status in (200, 302, 303, 401)
    assert web.ask('/torrents/').status in (403, 404)
    process.terminate()
    assert process.wait(60) == 0
    assert not site.socket.exists()


def test_lighttpd_at_the_root(site):
    site.configure("BASE_URL = ''\n")
    site.serve()
    works(site.lighttpd('lighttpd-root'), base='')


def test_the_first_recipe_and_spawn_fcgi(site):
    site.configure("STATIC_URL = '/static/torrent'\n")
    subprocess.run(
        ['sh', '-ec', site.here(block('spawn-fcgi') + block('lighttpd-touch'))],
        env=site.environ, check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    assert site.socket.stat().st_mode & 0o777 == 0o600
    pid = int((site.rig.path('run') / 'pid').read_text())
    web = site.lighttpd('lighttpd-rewrite')
    works(web, static='/static/torrent')
    assert web.ask('/torrents/x').status == 404
    subprocess.run(['sh', '-ec', site.here(block('spawn-fcgi-stop'))], check=True)
    until(lambda: not exists(pid), 'pyroTorrent ends')
    assert not site.socket.exists()


def test_nginx(site):
    site.serve()
    web = site.rig.nginx(site.here(block('nginx')))
    works(web)
    assert web.ask('/torrent').status == 301


def test_apache(site):
    site.serve()
    web = site.rig.apache(site.here(block('apache')))
    works(web)
    assert web.ask('/torrent').status in (200, 302, 303, 401)
    assert web.ask('/torrents/').status == 404
    assert web.ask('/torrent/login').headers['Content-Length']


def test_nginx_limit_is_the_default_upload_limit():
    limit = re.search(r'client_max_body_size (\d+)m', block('nginx'))
    assert int(limit[1]) << 20 == config.Config().MAX_UPLOAD_BYTES


def test_socket_held_by_systemd(site):
    wanted = unit('systemd-socket')['Socket']
    activated = unit('systemd-activated', '[Service]\n')['Service']
    assert activated['StandardInput'] == 'socket'
    # With a socket as standard input systemd would send the output there too.
    assert activated['StandardOutput'] == activated['StandardError'] == 'journal'
    path = site.here(wanted['ListenStream'])
    with socket.socket(socket.AF_UNIX) as held:
        held.bind(path)
        held.listen(int(wanted['Backlog']))
        process = site.start(shlex.split(site.here(activated['ExecStart'])), stdin=held)
        works(site.lighttpd('lighttpd'))
        process.terminate()
        assert process.wait(60) == 0
        assert os.path.exists(path)


def test_embedded_server(site):
    command = shlex.split(site.here(block('embedded')))
    assert command[-2:] == ['--port', '8000']
    process = subprocess.Popen(
        [*command[:-1], '0'], env=site.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    site.rig.adopt(process)
    said = iter(process.stdout.readline, '')
    address = next(found for line in said if (found := re.search(r'http://127\.0\.0\.1:(\d+)/torrent', line)))
    works(site.rig.web('127.0.0.1', int(address[1])))


def test_rtorrent_and_its_mount(site):
    rc = site.rig.path('rtorrent.rc')
    rc.write_text(site.here(block('rtorrent-rc')) + 'system.daemon.set = true\n')
    (site.rig.path('rt') / 'home').mkdir()
    rtorrent = subprocess.Popen(
        ['rtorrent', '-n', '-o', f'import={rc}'], cwd=site.rig.path('rt') / 'home',
        env={**os.environ, 'HOME': str(site.rig.path('rt'))}, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    site.rig.adopt(rtorrent)
    listening = site.rig.path('rt') / 'rpc.socket'
    until(
        lambda: listening.exists() and listening.stat().st_mode & 0o777 == 0o660, 'rTorrent opens its socket'
    )
    said = subprocess.run(
        [sys.executable, str(ROOT / 'test.py')], env=site.environ, capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said
    assert re.search(r'libTorrent version: \d', said.stdout), said
    web = site.rig.lighttpd(site.here(block('lighttpd-scgi')), modules='"mod_access"')
    call = b'<?xml version="1.0"?><methodCall><methodName>system.library_version</methodName></methodCall>'
    assert b'<string>0.1' in web.ask('/RPC2', call).body


def test_the_sentence_about_the_prefix_is_ours():
    body = b''.join(prefix.under(None, '/torrent')({'PATH_INFO': '/'}, lambda status, headers: None))
    assert b'pyroTorrent is served below /torrent' in body
