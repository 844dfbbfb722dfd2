"""The page of what happened: its words, filters and pages without scripts, and live with them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from lib.web import eventwords
from model.events import eventreader
from model.events.eventfilter import TOLD
from model.events.eventlog import Event
from model.fields import LIST
from tests.a11y.axe import violations
from tests.phone.conftest import DESK, PHONE, serve, visit
from tests.rig import wait_for
from tests.stream.conftest import HASH, MOMENT, TORRENT, Build, event
from tests.web.site import Site

__all__ = ['serve', 'visit']  # fixtures
ROW = '#events tbody tr'
ALL = [
    event('added'), event('started'), event('finished'), event('label', detail='linux'), event('label'),
    event('moved', detail='/srv/torrents/linux'), event('ratio', detail='1.0'), event('stalled', detail='600'),
    event('error', detail='Storage error: [No space left on device]'),
    event('tracker_error', detail='Tracker: [Failure reason "torrent not registered with this tracker"]'),
    event('checking'), event('checked'), event('paused'), event('resumed'), event('stopped'), event('removed'),
    Event(0, MOMENT, 'home', '', 'disk_low', 'home', '/srv/torrents', {'free': 3 << 30, 'total': 1 << 40}),
    Event(0, MOMENT, 'box', '', 'offline', 'box', 'refused'), Event(0, MOMENT, 'box', '', 'online', 'box'),
    Event(0, MOMENT, '', '', 'webhook', 'phone', 'it answered 500 for two days'),
    Event(0, MOMENT, 'home', HASH, 'updated', 'debian.iso', '', {'torrent': TORRENT, 'diff': {'label': ['', 'linux'],
          'is_private': [False, True]}}),
]  # fmt: skip


def there(site: Site, name: str = 'debian.iso') -> None:
    """Have the torrent in the list of its client."""
    row = [HASH if field.key == 'hash' else name if field.key == 'name' else None for field in LIST]
    site.services.hub.snapshot.update('home', [tuple(row)])


def test_every_kind_has_words() -> None:
    assert list(eventwords.KINDS) == [*TOLD, 'test']  # which webhooks send, and nobody records


@pytest.mark.parametrize(
    ('told', 'words'),
    [
        (event('label', detail='linux'), 'linux'),
        (event('label'), 'taken away'),
        (event('ratio', detail='1.0'), '1.00'),
        (event('stalled', detail='600'), 'nothing came for 10 min'),
        (event('stalled', detail='odd'), 'odd'),
        (Event(0, 0, 'home', '', 'disk_low', 'home', '/srv', {'free': 3 << 30}), '3.0 GiB left at /srv'),
        (Event(0, 0, 'home', '', 'offline', 'home', 'refused'), 'nobody listens'),
        (Event(0, 0, 'home', '', 'offline', 'home', 'fault'), 'fault'),
        (ALL[-1], 'Label: – → linux, Private: no → yes'),
        (event('added', detail='debian.iso'), ''),
    ],
)
def test_details(told: Event, words: str) -> None:
    assert eventwords.detail(told) == words


def test_what_happened_is_told_newest_first(site: Site) -> None:
    there(site)
    site.services.events.add(
        [event('added'), event('finished', name='<b>&', torrent={**TORRENT, 'name': '<b>&'})]
    )
    page = site.browser('anna', 'read').get('/events').text
    assert page.index('download complete</td>') < page.index('added</td>')
    assert f'<a href="/torrent/home/{HASH}"><bdi>&lt;b&gt;&amp;</bdi></a>' in page
    assert 'href="/events"' in page  # the navigation leads here
    assert 's-seeding' in page and 'data-after="2"' in page


def test_a_torrent_that_is_gone_is_no_link(site: Site) -> None:
    site.services.events.add([event('removed')])
    page = site.browser('anna').get('/events').text
    assert f'/torrent/home/{HASH}' not in page and '<bdi>debian.iso</bdi>' in page


def test_nothing_yet_and_nothing_that_fits(site: Site) -> None:
    browser = site.browser('anna')
    assert 'Nothing has happened yet' in browser.get('/events').text
    site.services.events.add([event('updated')])
    assert 'Nothing has happened yet' in browser.get('/events').text  # what it is has an event beside it
    assert 'Nothing of this kind has happened.' in browser.get('/events?kind=error').text
    assert 'changed</td>' in browser.get('/events?kind=updated').text


def test_filters(site: Site) -> None:
    site.services.events.add(
        [event('added'), event('error', 'box'), event('label', torrent={**TORRENT, 'label': 'bsd'})]
    )
    browser = site.browser('anna')
    shown = lambda query: browser.get(f'/events?{query}').text.count('<tr data-key=')  # noqa: E731
    assert [
        shown(query) for query in ('', 'kind=added', 'kind=added&kind=error', 'target=box', 'q=label%3Dbsd')
    ] == [3, 1, 2, 1, 1]
    assert shown('kind=nonsense') == 3
    page = browser.get('/events?kind=error&target=box&q=debian').text
    assert 'value="error" checked' in page and '<option selected>box' in page and 'value="debian"' in page


def test_a_webhook_that_was_given_up_is_named(site: Site) -> None:
    site.services.events.add([Event(0, MOMENT, '', '', 'webhook', 'phone', 'It is gone.')])
    assert '<bdi>phone</bdi> <span class="muted"><bdi>It is gone.' in site.browser('anna').get('/events').text


def test_a_wrong_search_is_said_and_kept(site: Site) -> None:
    answer = site.browser('anna').get('/events?q=ratio%3Emany')
    assert answer.status_code == 400
    assert 'is not a number' in answer.text and 'value="ratio&gt;many"' in answer.text


def test_pages(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.services.events.add([event('added')] * 70 + [event('error')] * 51)
    browser = site.browser('anna')
    first = browser.get('/events?kind=added')
    assert first.text.count('<tr data-key=') == 50 and 'Newest' not in first.text
    second = browser.get('/events?kind=added&before=21')
    assert second.text.count('<tr data-key=') == 20 and 'kind=added&amp;before=21"' in first.text
    assert 'Older' not in second.text and 'data-still' in second.text and 'Newest' in second.text
    monkeypatch.setattr(eventreader, 'LOOK', 10)
    monkeypatch.setattr(eventreader, 'DEPTH', 20)
    sparse = browser.get('/events?q=label%3Dbsd')
    assert 'looked at so far' in sparse.text and 'before=102"' in sparse.text


@pytest.fixture
def address(build: Build, serve: Callable[[Site], str]) -> tuple[Site, str]:
    site = build(USE_AUTH=False)
    there(site)
    site.services.events.add(ALL)
    return site, serve(site)


@pytest.mark.parametrize('colours', ['light', 'dark'])
@pytest.mark.parametrize('kind', [DESK, PHONE], ids=['desk', 'phone'])
def test_nobody_is_kept_out(
    address: tuple[Site, str], visit: Callable[..., Page], kind: dict[str, Any], colours: str
) -> None:
    page = visit(**kind, color_scheme=colours)
    page.goto(f'{address[1]}/events')
    assert violations(page) == []
    page.locator('.events-kinds summary').click()
    assert violations(page) == []
    assert page.evaluate('document.documentElement.scrollWidth <= innerWidth')


def test_live(address: tuple[Site, str], visit: Callable[..., Page]) -> None:
    site, url = address
    page = visit(**DESK)
    page.goto(f'{url}/events?kind=label&kind=error')
    expect(page.locator('#live')).to_have_text('live')
    before = page.locator(ROW).count()
    site.services.events.add([event('added'), event('error', detail='a message')])
    expect(page.locator(ROW)).to_have_count(before + 1)
    expect(page.locator(ROW).first).to_contain_text('a message')
    expect(page.locator('#events-said')).to_have_text('1 new event')
    page.locator(f'{ROW} a').first.focus()  # somebody is at work in the rows
    site.services.events.add([event('label', detail='calm')])
    expect(page.locator('#events-news')).to_contain_text('Show 1 new event')
    expect(page.locator(ROW)).to_have_count(before + 1)
    page.locator('#events-news button').click()
    expect(page.locator(ROW).first).to_contain_text('calm')
    expect(page.locator('#events-news')).to_be_hidden()
    expect(page.locator('#events-said')).to_have_text('1 new event')  # not so soon again


def test_without_a_stream_long_polls_do(address: tuple[Site, str], visit: Callable[..., Page]) -> None:
    site, url = address
    page = visit(**DESK)
    page.add_init_script('delete window.EventSource')
    page.goto(f'{url}/events')
    expect(page.locator('#live')).to_have_text('live')
    site.services.events.add([event('error', detail='a message')])
    expect(page.locator(ROW).first).to_contain_text('a message')


def test_a_hidden_page_gives_its_place_back(address: tuple[Site, str], visit: Callable[..., Page]) -> None:
    site, url = address
    site.services.streams.beat = 0.2  # this server tells only who writes that nobody reads
    page = visit(**DESK)
    page.goto(f'{url}/events')
    expect(page.locator('#live')).to_have_text('live')
    assert site.services.streams.taken == 1
    for hidden in (True, False):
        page.evaluate(
            """hidden => {
                Object.defineProperty(document, 'hidden', { get: () => hidden, configurable: true });
                document.dispatchEvent(new Event('visibilitychange'));
            }""",
            hidden,
        )
        taken = 0 if hidden else 1
        wait_for(partial(has_taken, site, taken), 30, f'{taken} places are taken')


def has_taken(site: Site, places: int) -> bool:
    return site.services.streams.taken == places
