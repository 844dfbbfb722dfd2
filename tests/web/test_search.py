"""The search box over real rTorrents: what is found, and what a wrong search says."""

from __future__ import annotations

import html
import re
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from tests.rig import Rtorrent, make
from tests.web.conftest import Build
from tests.web.site import Browser

ANNOUNCE = 'http://127.0.0.1:1/announce'


def names(answer: TestResponse) -> set[str]:
    found = re.findall(r'<th scope="row".*?<a [^>]*><bdi>(.*?)</bdi>', answer.text, re.S)
    return {html.unescape(name) for name in found}


def text(answer: TestResponse) -> str:
    return ' '.join(html.unescape(re.sub('<[^>]*>', '', answer.text)).split())


def search(browser: Browser, query: str, more: str = '') -> TestResponse:
    return browser.get(f'/?q={quote(query)}{more}')


def filled(rtorrent: Rtorrent, *torrents: tuple[str, int, str]) -> None:
    """Load torrents of (name, bytes, label); the label as ruTorrent stores it."""
    for name, size, label in torrents:
        torrent = make(rtorrent.downloads, name, size, announce=ANNOUNCE)
        rtorrent.load(torrent.seed, torrent.info_hash)
        rtorrent.call('d.custom1.set', torrent.info_hash, quote(label, safe=''))


@pytest.fixture
def browser(build: Build, rtorrent: Rtorrent) -> Browser:
    filled(
        rtorrent,
        ('debian.iso', 3_000_000, 'Linux'),
        ('Debian live', 50_000, 'Linux'),
        ('holiday (2024).mkv', 2_000_000, 'film & fun'),
    )
    return build(home=rtorrent).browser('ada')


ALL = {'debian.iso', 'Debian live', 'holiday (2024).mkv'}


FOUND = {
    'debian': {'debian.iso', 'Debian live'},
    'linux live': {'Debian live'},
    '(2024)': {'holiday (2024).mkv'},
    'size>1m': {'debian.iso', 'holiday (2024).mkv'},
    'size>1m label=linux': {'debian.iso'},
    'size>2m OR label="film & fun"': {'debian.iso', 'holiday (2024).mkv'},
    '! name=debian*': {'holiday (2024).mkv'},
    'name=/^[dh].*[^v]$/': {'debian.iso'},
    'added<1h state=stopped done=0 left>0 files=1 private=no': ALL,
    'added>1h': set(),
    'state=error': set(),
    'hash=* directory=/* target=home ratio=0 eta="" finished=""': ALL,
    '': ALL,
}


def test_the_list_shows_what_the_search_means(browser: Browser) -> None:
    answers = {query: search(browser, query) for query in FOUND}
    assert {query: names(answer) for query, answer in answers.items()} == FOUND
    assert {answer.status_code for answer in answers.values()} == {200}


WRONG = [
    ('size>1m raito>2', 'raito', 'There is no field “raito”. Did you mean “ratio”? (Character 9.)'),
    ('size>', '‸', 'The value is missing: it follows > without a blank. (Character 6.)'),
    ('a  "<b>&', '"', 'The quote that begins here is not closed. (Character 4.)'),
    ('name=/(?<x>', '/', 'not closed by “/”. (Character 6.)'),
]


def test_a_wrong_search_shows_where_and_hides_nothing(browser: Browser) -> None:
    for query, marked, said in WRONG:
        answer = search(browser, query)
        assert answer.status_code == 400
        assert said in text(answer)
        assert 'The list below is not filtered.' in text(answer)
        shown = re.search(
            r'<code class="query-text"><bdi>(.*?)<mark>(.*?)</mark>(.*?)</bdi>', answer.text, re.S
        )
        assert shown
        assert html.unescape(shown[2]) == marked
        assert html.unescape(''.join(shown.groups())).replace('‸', '') == query
        box = re.search(r'<input type="search"[^>]* value="([^"]*)"[^>]*>', answer.text)
        assert box
        assert html.unescape(box[1]) == query
        assert 'aria-invalid="true" aria-describedby="wrong"' in box[0]
        assert names(answer) == ALL
        assert 'matching' not in text(answer)


def test_a_search_that_is_too_long_is_refused(browser: Browser) -> None:
    assert search(browser, 'x ' * 500 + 'x').status_code == 400
    assert search(browser, 'x' * 1000).status_code == 200


def test_blanks_in_quotes_are_kept_on_the_way_into_links(browser: Browser) -> None:
    answer = search(browser, '  "debian  live"  ')
    assert names(answer) == set()
    assert 'q=%22debian++live%22' in answer.text


def test_targets_are_searched_together_and_told_apart(
    build: Build, rtorrent: Rtorrent, rtorrent_016: Rtorrent
) -> None:
    filled(rtorrent, ('one.iso', 1_000, ''), ('two.iso', 1_000, ''))
    filled(rtorrent_016, ('one.iso', 1_000, ''), ('three.iso', 1_000, ''))
    browser = build(home=rtorrent, seedbox=rtorrent_016).browser('ada')
    assert names(search(browser, 'target=home')) == {'one.iso', 'two.iso'}
    assert names(search(browser, 'target=SEED* three OR two')) == {'three.iso', 'two.iso'}
    assert names(search(browser, 'target!=home')) == {'one.iso', 'three.iso'}
    assert names(search(browser, 'target!=home', '&target=home')) == set()


def test_the_help_beside_the_box_names_the_fields(browser: Browser) -> None:
    page = text(browser.get('/'))
    assert 'Fields: name, hash, state, label' in page
    examples = re.findall(r'<dt><code>(.*?)</code>', browser.get('/').text)
    assert len(examples) == 9
    for example in examples:
        assert search(browser, html.unescape(example)).status_code == 200, example
