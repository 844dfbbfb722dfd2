"""SCRIPT_NAME and PATH_INFO as every web server and recipe makes them."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.web import prefix


def seen(base, **environ):
    """What the application sees, or the status of the refusal."""
    found = {}

    def app(inner, start_response):
        found.update(inner)
        start_response('200 OK', [])
        return []

    given = {'REQUEST_METHOD': 'GET', 'SCRIPT_NAME': '', 'PATH_INFO': '', 'QUERY_STRING': '', **environ}
    status = []
    body = b''.join(prefix.under(app, base)(given, lambda line, headers: status.append(line)))
    if status != ['200 OK']:
        assert base.rstrip('/').encode() in body
        return status[0]
    return found['SCRIPT_NAME'], found['PATH_INFO'], found['QUERY_STRING']


TFCGI = {'SCRIPT_NAME': '/torrent.tfcgi'}
ENV = ('/torrent', '/env', 'a=1')


@pytest.mark.parametrize(
    ('recipe', 'expected'),
    [
        # lighttpd: the whole URL rewritten to /torrent.tfcgi; flup's guess is not made, so PATH_INFO is empty
        ({**TFCGI, 'REQUEST_URI': '/torrent/env?a=1'}, ENV),
        ({**TFCGI, 'REQUEST_URI': '/torrent/env?a=1', 'QUERY_STRING': 'a=1'}, ENV),
        ({**TFCGI, 'REQUEST_URI': '/torrent'}, ('/torrent', '', '')),
        ({**TFCGI, 'REQUEST_URI': '/torrent?a=1'}, ('/torrent', '', 'a=1')),
        ({**TFCGI, 'REQUEST_URI': '/torrent/a%2Fb/env'}, ('/torrent', '/a/b/env', '')),
        ({**TFCGI, 'REQUEST_URI': '/torrent//x/../env'}, ('/torrent', '/env', '')),
        ({**TFCGI, 'REQUEST_URI': '/%74orrent/caf%C3%A9'}, ('/torrent', '/caf\xc3\xa9', '')),
        ({**TFCGI, 'REQUEST_URI': 'http://host:80/torrent/env?a=1'}, ENV),
        ({**TFCGI, 'REQUEST_URI': 'http://[/torrent/env?a=1'}, ENV),
        # lighttpd: rewritten with the path kept behind it
        ({**TFCGI, 'PATH_INFO': '/env', 'REQUEST_URI': '/torrent/env?a=1'}, ENV),
        # lighttpd "/torrent", nginx with split_path_info, Apache with ProxyFCGISetEnvIf
        ({'SCRIPT_NAME': '/torrent', 'PATH_INFO': '/env', 'QUERY_STRING': 'a=1'}, ENV),
        ({'SCRIPT_NAME': '/torrent', 'REQUEST_URI': '/torrent'}, ('/torrent', '', '')),
        # lighttpd "/torrent/", "" in the condition; nginx with fastcgi_params only; Apache ProxyPass
        ({'SCRIPT_NAME': '/torrent/env', 'QUERY_STRING': 'a=1'}, ENV),
        ({'SCRIPT_NAME': '/torrent/', 'PATH_INFO': ''}, ('/torrent', '/', '')),
        # lighttpd "/" with fix-root-scriptname; the embedded server
        ({'PATH_INFO': '/torrent/env', 'QUERY_STRING': 'a=1'}, ENV),
        ({'PATH_INFO': '/torrent/a/./b/'}, ('/torrent', '/a/b/', '')),
        # another rewrite in front: what the web server decided counts, not what the browser asked
        (
            {'SCRIPT_NAME': '/torrent', 'PATH_INFO': '/env', 'REQUEST_URI': '/short', 'QUERY_STRING': 'a=1'},
            ENV,
        ),
    ],
)
def test_recipe(recipe, expected):
    assert seen('/torrent', **recipe) == expected
    assert seen('/torrent/', **recipe) == expected


@pytest.mark.parametrize(
    'outside',
    [
        {**TFCGI, 'REQUEST_URI': '/torrents/env'},
        {**TFCGI, 'REQUEST_URI': '/torrent/../etc/passwd'},
        {**TFCGI, 'REQUEST_URI': '/torrent/%2e%2e/%2e%2e/etc'},
        {**TFCGI, 'REQUEST_URI': '/torrent/a%00b'},
        {**TFCGI, 'REQUEST_URI': '*'},
        {**TFCGI, 'REQUEST_URI': ''},
        {**TFCGI, 'REQUEST_URI': 'torrent/env'},
        {**TFCGI, 'REQUEST_URI': '?/torrent/env'},
        {**TFCGI, 'REQUEST_URI': 'http://[/torrents'},
        {**TFCGI},
        {'SCRIPT_NAME': '/torrents', 'PATH_INFO': '/env'},
        {'PATH_INFO': '/'},
        {'PATH_INFO': '/torrent/../x'},
        {'PATH_INFO': '/torrent\0'},
        {'PATH_INFO': 'torrent'},
    ],
)
def test_outside_of_the_prefix_is_404(outside):
    assert seen('/torrent', **outside) == '404 Not Found'


@pytest.mark.parametrize('base', ['', '/'])
@pytest.mark.parametrize(
    ('recipe', 'expected'),
    [
        ({'PATH_INFO': '/env'}, '/env'),
        ({'SCRIPT_NAME': '/env'}, '/env'),
        ({'SCRIPT_NAME': '/a', 'PATH_INFO': '/env'}, '/a/env'),
        ({}, '/'),
        ({**TFCGI, 'REQUEST_URI': '/env'}, '/env'),
        ({**TFCGI, 'PATH_INFO': '/garbage', 'REQUEST_URI': '/'}, '/'),
    ],
)
def test_root(base, recipe, expected):
    assert seen(base, **recipe) == ('', expected, '')


@given(st.text(st.characters(exclude_characters='\0', exclude_categories=['Cs']), max_size=40))
def test_both_ways_agree(rest):
    """The path from REQUEST_URI and the decoded one the web server hands on lead to the same page."""
    path = '/torrent/' + rest
    wsgi = path.encode().decode('latin-1')
    assert seen('/torrent', PATH_INFO=wsgi) == seen('/torrent', **TFCGI, REQUEST_URI=quote(path, safe='/'))


@given(st.text(max_size=40), st.text(max_size=40))
def test_nothing_outside_gets_in(script, raw):
    found = seen('/torrent', SCRIPT_NAME=script, REQUEST_URI=raw.encode('utf-8', 'replace').decode('latin-1'))
    if found != '404 Not Found':
        name, path, _ = found
        assert name == '/torrent'
        assert path == '' or path.startswith('/')
        assert '..' not in path.split('/') and '//' not in path
