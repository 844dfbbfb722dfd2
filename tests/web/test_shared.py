"""What other applications hand over becomes a filled-in form, and nothing else happens."""

from __future__ import annotations

import base64
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from markupsafe import escape

from lib.web.assets import STATIC
from lib.web.shared import links_in
from tests.rig import Rtorrent, make
from tests.web.conftest import Build
from tests.web.site import Client, Site

HASH = '0123456789ABCDEF0123456789abcdef01234567'
MAGNET = f'magnet:?xt=urn:btih:{HASH}&dn=a+name'
FOREIGN = {'Origin': 'null', 'Sec-Fetch-Site': 'cross-site'}


def kept(text: str) -> list[str]:
    return re.findall(r'name="kept" value="([^"]+)"', text)


def upload(data: bytes = b'd4:infod4:name1:xee', name: str = 'a.torrent') -> dict[str, Any]:
    return {'torrent': (io.BytesIO(data), name)}


@pytest.mark.parametrize(
    ('words', 'links'),
    [
        (f'Look at this: {MAGNET}.', [MAGNET]),
        (f'(https://example.org/a.torrent), {MAGNET}', ['https://example.org/a.torrent', MAGNET]),
        (f'{MAGNET}\n{MAGNET}', [MAGNET]),
        (f'the hash {HASH} it is', [f'magnet:?xt=urn:btih:{HASH}']),
        ('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', ['magnet:?xt=urn:btih:ABCDEFGHIJKLMNOPQRSTUVWXYZ234567']),
        (f'x{HASH}', []),
        ('javascript:alert(1) file:///etc/passwd ftp://example.org/ www.example.org', []),
        ('', []),
    ],
)
def test_links_are_found_among_words(words: str, links: list[str]) -> None:
    assert links_in(words) == links


@pytest.mark.parametrize('name', ['url', 'text', 'title', 'links'])
def test_an_address_fills_the_form_and_adds_nothing(site: Site, rtorrent: Rtorrent, name: str) -> None:
    answer = site.browser('ada').get(f'/add?{name}=magnet%3A%3Fxt%3Durn%3Abtih%3A{HASH}')
    assert answer.status_code == 200
    assert f'>magnet:?xt=urn:btih:{HASH}</textarea>' in answer.text
    assert rtorrent.hashes() == []


def test_a_bare_info_hash_is_a_magnet(site: Site) -> None:
    """An rTorrent without DHT takes none that names no tracker, and that is what is said."""
    answer = site.browser('ada').post('/add', {'links': HASH, 'start': '0'})
    assert answer.status_code == 409
    assert 'a magnet link without trackers needs DHT' in answer.text


def test_shared_words_lead_to_the_form(site: Site) -> None:
    answer = site.browser().client.post('/add/shared', data={'text': f'see {MAGNET}'}, headers=FOREIGN)
    assert answer.status_code == 303
    assert answer.headers['Location'].startswith('/add?links=magnet')


def test_a_shared_file_is_kept_in_the_form_until_it_is_confirmed(
    site: Site, rtorrent: Rtorrent, tmp_path: Path
) -> None:
    browser, torrent = site.browser('ada'), make(tmp_path, 'shared.iso', 70_000)
    asked = site.services.hub.backends['home'].rpc.requests
    answer = browser.client.post(
        '/add/shared', data=upload(torrent.data), headers={**FOREIGN, 'Accept': 'text/html'}
    )
    assert answer.status_code == 200
    assert site.services.hub.backends['home'].rpc.requests == asked
    (value,) = kept(answer.text)
    assert base64.b64decode(value.split(' ')[0]) == torrent.data
    assert rtorrent.hashes() == []
    added = browser.post('/add', {'kept': value, 'start': '0'})
    assert added.status_code == 200, added.text
    assert rtorrent.hashes() == [torrent.info_hash]


def test_a_file_shared_without_a_cookie_comes_back_with_one(site: Site) -> None:
    stranger, browser = Client(site.app), site.browser('ada')
    first = stranger.post('/add/shared', data=upload(), headers=FOREIGN)
    assert 'data-once' in first.text
    values = kept(first.text)
    again = {'again': '1', 'kept': values}
    second = browser.client.post('/add/shared', data=again, headers={'Origin': 'http://localhost'})
    assert kept(second.text) == values
    assert 'action="/add"' in second.text
    assert stranger.post('/add/shared', data=again).status_code == 401


def test_a_reader_is_told_that_nothing_can_be_added(site: Site) -> None:
    browser = site.browser('eve', 'read')
    assert browser.client.post('/add/shared', data=upload(), headers=FOREIGN).status_code == 403


def test_a_forged_share_learns_nothing_and_changes_nothing(site: Site) -> None:
    answer = Client(site.app).post('/add/shared', data=upload(name='"><img src=x>'), headers=FOREIGN)
    assert '<img' not in answer.text
    assert 'home' not in re.sub(r'<header.*?</header>', '', answer.text, flags=re.DOTALL)
    assert site.services.hub.backends['home'].rpc.requests == 0


def test_what_a_form_kept_and_lost_is_said(site: Site) -> None:
    browser = site.browser('ada')
    answer = browser.post('/add', {'kept': 'not base64! a.torrent'})
    assert answer.status_code == 400
    assert 'Share it again' in answer.text


def test_files_stay_in_the_form_after_a_mistake(site: Site) -> None:
    value = f'{base64.b64encode(b"data").decode()} a "b" & c.torrent'
    answer = site.browser('ada').post('/add', {'kept': value, 'target': 'nowhere', 'links': MAGNET})
    assert answer.status_code == 400
    assert kept(answer.text) == [str(escape(value))]
    assert str(escape(MAGNET)) in answer.text


def test_too_much_is_refused(site: Site) -> None:
    many = [(io.BytesIO(b'x'), f'{n}.torrent') for n in range(101)]
    assert Client(site.app).post('/add/shared', data={'torrent': many}, headers=FOREIGN).status_code == 413
    assert (
        Client(site.app).post('/add/shared', data=upload(b'x' * (5 << 20)), headers=FOREIGN).status_code
        == 413
    )


@pytest.mark.parametrize('base', ['', '/torrent'])
def test_the_manifest_is_for_everybody_and_names_what_there_is(
    build: Build, rtorrent: Rtorrent, base: str
) -> None:
    site = build({'BASE_URL': base}, home=rtorrent)
    answer = Client(site.app).get(f'{base}/manifest.webmanifest')
    assert (answer.status_code, answer.mimetype) == (200, 'application/manifest+json')
    manifest = json.loads(answer.text)
    assert manifest['start_url'] == manifest['scope'] == f'{base}/'
    assert manifest['share_target']['action'] == f'{base}/add/shared'
    assert manifest['protocol_handlers'] == [{'protocol': 'magnet', 'url': f'{base}/add?url=%s'}]
    for icon in manifest['icons']:
        assert Client(site.app).get(icon['src']).mimetype == icon['type']


def test_the_png_icons_have_the_size_that_the_manifest_says(site: Site) -> None:
    for icon in json.loads(Client(site.app).get('/manifest.webmanifest').text)['icons']:
        if icon['type'] == 'image/png':
            data = Client(site.app).get(icon['src']).data
            assert data[:8] == b'\x89PNG\r\n\x1a\n'
            width, height = int.from_bytes(data[16:20], 'big'), int.from_bytes(data[20:24], 'big')
            assert icon['sizes'] == f'{width}x{height}'
    assert (STATIC / 'img' / 'icon-apple-180.png').exists()
