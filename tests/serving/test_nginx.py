"""The sample application behind a real nginx."""

from __future__ import annotations

import hashlib
import http.client
import json
import os

import pytest

from tests.serving.rig import until

SPLIT = """
location = /torrent {{ return 301 /torrent/; }}
location /torrent/ {{
    include /etc/nginx/fastcgi_params;
    fastcgi_split_path_info ^(/torrent)(/.*)$;
    fastcgi_param SCRIPT_NAME $fastcgi_script_name;
    fastcgi_param PATH_INFO $fastcgi_path_info;
    fastcgi_pass {upstream};
    client_max_body_size 32m;
    {more}
}}
"""
STOCK = """
location /torrent {{ include /etc/nginx/fastcgi_params; fastcgi_pass {upstream}; {more} }}
"""


def broken(web, path):
    """Whether the answer breaks off, or, where nginx had not begun it yet, is an error."""
    try:
        return web.ask(path).status == 502
    except (http.client.IncompleteRead, ConnectionError):
        return True


@pytest.fixture
def site(rig):
    def start(*arguments, locations=SPLIT, more=''):
        program = rig.fcgi('--prefix', '/torrent', '--log', str(rig.path('log')), *arguments)
        return rig.nginx(locations.format(upstream=f'unix:{program.address}', more=more)), program

    return start


@pytest.mark.parametrize('locations', [SPLIT, STOCK])
@pytest.mark.parametrize(
    ('asked', 'path'),
    [('/torrent/env?a=1', '/env'), ('/torrent//x/../env/caf%C3%A9?a=1', '/env/caf\xc3\xa9')],
)
def test_path(site, locations, asked, path):
    web, _ = site(locations=locations)
    seen = json.loads(web.ask(asked).body)
    assert (seen['SCRIPT_NAME'], seen['PATH_INFO'], seen['QUERY_STRING']) == ('/torrent', path, 'a=1')


@pytest.mark.parametrize('locations', [SPLIT, STOCK])
def test_neighbour_of_the_prefix_is_not_ours(site, locations):
    web, _ = site(locations=locations)
    assert web.ask('/torrents/env').status == 404


def test_validity_upload_and_size(site):
    web, _ = site('--validate')
    body = os.urandom(5 << 20)
    assert web.ask('/torrent/echo', body).body == f'{len(body)} {hashlib.sha256(body).hexdigest()}'.encode()
    assert len(web.ask('/torrent/big?3000000').body) == 3_000_000
    assert web.ask('/torrent/hello', method='HEAD').status == 200


@pytest.mark.parametrize('path', ['fail-after', 'fail-promised'])
def test_truncation_shows(site, path):
    web, _ = site()
    assert broken(web, f'/torrent/{path}')


def test_stream_is_closed_when_the_client_leaves(site, rig):
    web, _ = site(more='fastcgi_buffering off;')
    closed = rig.path('closed')
    with web.open() as connection:
        connection.request('GET', f'/torrent/stream?{closed}')
        assert connection.getresponse().read(10) == b'tick\ntick\n'
    until(closed.exists, 'the generator is closed')


def test_kept_connections_to_the_application(rig):
    """What flup could not do: p99, the end and errors all suffered."""
    program = rig.fcgi('--threads', '2')
    web = rig.nginx(
        'location / { include /etc/nginx/fastcgi_params; fastcgi_param PATH_INFO $uri; fastcgi_param SCRIPT_NAME "";'
        ' fastcgi_keep_conn on; fastcgi_pass app; } }'
        f' upstream app {{ server unix:{program.address}; keepalive 8;'
    )
    for _ in range(50):
        assert web.ask('/hello').body == b'hello'
    assert web.ask('/fail-before').status == 500
    assert broken(web, '/fail-promised')
    assert web.ask('/hello').body == b'hello'
    program.stop()
    assert program.wait() == 0


def test_stream_cut_at_the_end_of_the_grace_is_not_taken_for_complete(site, rig):
    web, program = site('--grace', '0.2', more='fastcgi_buffering off;')
    with web.open() as connection:
        connection.request('GET', f'/torrent/stream?{rig.path("closed")}')
        response = connection.getresponse()
        assert response.read(5) == b'tick\n'
        program.stop()
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            response.read()
    assert program.wait() == 0
