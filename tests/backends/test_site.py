"""The whole application over classes of somebody's: one does little, one answers nonsense, one hangs."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lib import config, targets
from tests.backends.clients import ONE, TWO, Full, Plain
from tests.web.site import Site

FIRST = ONE.upper()


class Wrong(Plain):
    """Has a mistake, and a secret."""

    def __init__(self, word: str, secret: str) -> None:
        super().__init__()
        self.word = (word, secret)

    def list(self) -> Any:
        raise ValueError(f'{self.word[1]} was not accepted')


class Hangs(Plain):
    """Never returns."""

    release = threading.Event()

    def list(self) -> Any:
        self.release.wait(120)
        return []


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    entries = {
        'mine': {'client': Plain},
        'full': {'client': Full, 'options': {'directory': '/srv/full', 'hashes': [ONE, TWO]}},
        'wrong': {'client': Wrong, 'options': {'word': 'x', 'secret': 'hunter2!'}},
        'hangs': {'client': Hangs},
    }
    values = {
        'rtorrent_config': entries,
        'STATE_DIR': str(tmp_path / 'state'),
        'RPC_TIMEOUT': 1.5,
        'DOWNLOAD_ROOTS': ['/srv'],
    }
    Hangs.release.clear()
    site = Site(config.make(values))
    yield site
    Hangs.release.set()
    site.services.close()
    targets.reset()


def test_what_one_does_wrong_is_its_own_affair(site: Site) -> None:
    program = site.program('robot')
    told = program.get('/torrents')
    clients = {each['name']: each for each in told['targets']}
    assert {name: each['status'] for name, each in clients.items()} == {
        'mine': 'ok',
        'full': 'ok',
        'wrong': 'failed',
        'hangs': 'failed',
    }
    assert told['total'] == 4
    # Why is for administrators.
    assert clients['wrong']['error'].startswith(
        'The torrent client “wrong” answered with something that makes no'
    )
    assert clients['hangs']['error'].startswith('The torrent client “hangs” ')
    assert clients['mine']['capabilities'] == ['erase', 'pause', 'resume']
    assert 'hunter2!' not in str(told)
    page = site.browser('ada').get('/').text
    assert 'torrent aaaa' in page
    assert 'Wrong.list raised ValueError: ••• was not accepted (test_site.py, line ' in page
    assert re.search(
        r'Hangs.list did not return within 1.5 seconds|hangs \(Hangs\) still has not returned', page
    )
    assert 'hunter2!' not in page


def test_a_mixed_selection_is_honest(site: Site) -> None:
    program = site.program('robot')
    program.get('/torrents')
    select = {'torrents': [f'mine/{FIRST}', f'full/{FIRST}', f'wrong/{FIRST}', f'hangs/{FIRST}']}
    job = program.call('POST', '/actions', {'verb': 'stop', 'select': select}).json
    assert (job['done'], job['failed_count'], job['unknown']) == (1, 3, 0)
    reasons = {each['target']: each['message'] for each in job['failed']}
    assert reasons['mine'] == 'mine cannot do “Stop”.'
    assert reasons['wrong'] == 'wrong cannot do “Stop”.'


def test_programs_are_told_what_a_client_does_not_tell(site: Site) -> None:
    program = site.program('robot')
    for part in ('files', 'peers', 'trackers', 'pieces'):
        answer = program.call('GET', f'/torrents/mine/{FIRST}/{part}')
        assert (answer.status_code, answer.json['error']['code']) == (409, 'conflict')
    assert program.get(f'/torrents/full/{FIRST}/files')['files'] == 1
    answer = program.call('PATCH', '/targets/mine/limits', {'down_limit': 1024})
    assert answer.status_code == 409
    answer = program.call('PATCH', '/targets/full/limits', {'down_limit': 1024})
    assert (answer.status_code, answer.json['down_limit']) == (200, 1024)
    answer = program.call('GET', f'/torrents/mine/{"C" * 40}')
    assert answer.status_code == 404


def test_adding_asks_only_for_what_a_client_takes(site: Site) -> None:
    browser = site.browser('ada')
    page = browser.get('/add').text
    assert '<input type="hidden" name="target" value="full">' in page
    form = {'target': 'full', 'links': f'magnet:?xt=urn:btih:{"c" * 40}', 'label': 'x', 'start': '1'}
    assert browser.post('/add', form).status_code == 200
    answer = browser.post('/add', form | {'target': 'mine'})
    assert answer.status_code == 409
    assert 'mine takes no magnet links.' in answer.text


def test_settings_of_every_client_have_a_page(site: Site) -> None:
    browser = site.browser('ada')
    page = browser.get('/settings/mine').text
    assert 'cannot be changed from here' in page
    assert 'id="encryption"' not in page
    page = browser.get('/settings/full').text
    assert 'Full 1.0' in page
    assert 'cannot be changed from here' not in page
    answer = browser.post('/settings/full/limits', {'down_limit': '8', 'up_limit': '0'})
    assert answer.status_code == 303
    assert browser.post('/settings/mine/encryption', {'word': 'none'}).status_code == 409


def test_the_old_api_says_whom_it_speaks_to(site: Site) -> None:
    program = site.program('robot')
    item = {'type': 'rtorrent', 'attributes': ['get_upload_rate']}
    for target in ({}, {'target': 'full'}):
        [result] = program.ask({**item, **target})
        name = target.get('target', 'mine')
        assert result['error']['message'] == f'“{name}” is no rTorrent, and this speaks to rTorrents only.'
