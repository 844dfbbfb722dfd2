"""What goes out compressed, and what stays as it is."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from lib import config
from lib.web import csrf
from tests.web.site import HTML, Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(config.make({'STATE_DIR': str(tmp_path), 'USE_AUTH': False}))


def fetch(site: Site, path: str, encodings: str = 'gzip, deflate, br', **headers: str) -> TestResponse:
    return site.browser().client.get(path, headers={**HTML, 'Accept-Encoding': encodings, **headers})


def test_a_page_is_compressed_for_whoever_takes_it(site: Site) -> None:
    plain, packed = fetch(site, '/', 'identity'), fetch(site, '/')
    assert 'Content-Encoding' not in plain.headers
    assert packed.headers['Content-Encoding'] == 'gzip'
    assert len(packed.data) < len(plain.data) / 2
    assert gzip.decompress(packed.data).startswith(b'<!doctype html>')
    assert packed.headers['Vary'] == plain.headers['Vary'] == 'Accept-Encoding'
    assert int(packed.headers['Content-Length']) == len(packed.data)


@pytest.mark.parametrize('encodings', ['', 'br', 'gzip;q=0', 'deflate'])
def test_who_does_not_take_gzip_gets_it_plain(site: Site, encodings: str) -> None:
    assert 'Content-Encoding' not in fetch(site, '/', encodings).headers


def test_small_answers_and_other_files_stay_as_they_are(site: Site) -> None:
    assert 'Content-Encoding' not in fetch(site, '/health').headers
    png = fetch(site, site.services.assets.url('img/icon-192.png'))
    assert png.status_code == 200
    assert 'Content-Encoding' not in png.headers


def test_scripts_are_compressed_and_still_known_by_their_tag(site: Site) -> None:
    first = fetch(site, site.services.assets.url('js/format.js'))
    assert first.headers['Content-Encoding'] == 'gzip'
    assert first.headers['ETag'].startswith('W/"')
    again = fetch(site, site.services.assets.url('js/format.js'), If_None_Match=first.headers['ETag'])
    assert again.status_code in (200, 304)
    tagged = site.browser().client.get(
        site.services.assets.url('js/format.js'), headers={'If-None-Match': first.headers['ETag']}
    )
    assert tagged.status_code == 304
    assert tagged.data == b''


def test_the_token_of_the_forms_looks_different_in_each_page(tmp_path: Path) -> None:
    browser = Site(config.make({'STATE_DIR': str(tmp_path)})).browser('ann')
    tokens = {re.findall(r'name="csrf" value="([^"]+)"', browser.get('/account').text)[0] for _ in range(3)}
    assert len(tokens) == 3
    for token in tokens:
        assert browser.post('/theme', {'csrf': token, 'theme': 'dark', 'next': '/'}).status_code == 303


@pytest.mark.parametrize(
    'token', ['', 'x', 'é', '=', 'AAAA', 'A' * 88, csrf.masked('another')], ids=str.__len__
)
def test_another_token_is_refused(tmp_path: Path, token: str) -> None:
    browser = Site(config.make({'STATE_DIR': str(tmp_path)})).browser('ann')
    assert browser.post('/theme', {'csrf': token, 'theme': 'dark', 'next': '/'}).status_code == 403
