"""Clients that fail, a server that is gone, a login that ended: said in words, with the age of what is shown."""

from __future__ import annotations

import time

from playwright.sync_api import Locator, expect

from lib.errors import NoSocket
from tests.live_page.conftest import Serve, Visit
from tests.live_page.hands import ROWS, live
from tests.live_page.synthetic import Synthetic
from tests.rig import wait_for


def test_a_client_that_fails_is_named_and_what_is_shown_stays(serve: Serve, visit: Visit) -> None:
    home, nas = Synthetic('home', 20), Synthetic('nas', 0)
    nas.change(900, name='on the nas')
    page = live(visit(serve(home, nas).url))
    expect(page.locator(f'{ROWS} .tag').first).to_be_visible()
    nas.trouble = NoSocket('There is no socket at /run/rt.sock.', target='nas')
    notice = page.locator('.notice', has_text='nas does not answer')
    expect(notice).to_contain_text('There is no socket at /run/rt.sock.')
    expect(notice).to_contain_text('Shown: as it was')
    expect(page.locator('#torrent-count')).to_have_text('21')
    # Its rows say so too, and grow older though the server has nothing new to tell.
    row = page.locator(f'{ROWS}.old')
    expect(row.locator('bdi').first).to_have_text('on the nas')
    assert colour(row.locator('.c-down')) == colour(page.locator('.matching'))
    expect(page.locator(f'{ROWS}.s-seeding:not(.old)')).not_to_have_count(0)
    told = row.get_attribute('title') or ''
    assert told.startswith('nas does not answer. Shown: as it was')
    expect(row).not_to_have_attribute('title', told)
    nas.trouble = None
    expect(notice).to_have_count(0)
    expect(row).to_have_count(0)


def test_the_age_of_a_client_that_fails_goes_on_while_nothing_is_new(serve: Serve, visit: Visit) -> None:
    client = Synthetic('home', 3)
    served = serve(client)
    page = live(visit(served.url))
    client.trouble = NoSocket('There is no socket at /run/rt.sock.', target='home')
    [poller] = served.services.hub.pollers.values()
    wait_for(lambda: poller.state.retry - time.time() > 3, 60, 'a long pause between two tries')
    expect(page.locator('.notice')).to_contain_text('Next try in')
    ages = page.evaluate(AGES)
    assert len(set(ages)) > 2, ages
    assert ages == sorted(ages, key=lambda each: int(each.split()[0])), ages


#: What the notice says of the age in four seconds in which the server answers that nothing is new.
AGES = """async () => {
  const seen = [];
  for (let at = 0; at < 16; at += 1) {
    seen.push(/as it was (\\d+ s)/.exec(document.querySelector('.notice').textContent)[1]);
    await new Promise((done) => setTimeout(done, 250));
  }
  return seen;
}"""


def colour(locator: Locator) -> str:
    return str(locator.evaluate('element => getComputedStyle(element).color'))


def test_a_server_that_is_gone_is_said_and_comes_back_without_a_reload(serve: Serve, visit: Visit) -> None:
    client = Synthetic('home', 20)
    page = live(visit(serve(client).url, allowed='net::ERR'))
    page.evaluate('window.same = true')
    page.context.set_offline(True)
    notice = page.locator('.notice', has_text='No connection to pyroTorrent')
    expect(notice).to_contain_text('Shown: as it was')
    expect(notice).to_contain_text('Next try in')
    expect(page.locator(ROWS)).to_have_count(20)
    client.change(21, name='came meanwhile')
    page.context.set_offline(False)
    expect(notice).to_have_count(0)
    expect(page.locator('#torrent-count')).to_have_text('21')
    assert page.evaluate('window.same')


def test_a_login_that_ended_is_said_with_the_way_back(serve: Serve, visit: Visit) -> None:
    served = serve(Synthetic('home', 20), USE_AUTH=True)
    served.services.users.add('ada', 'correct horse battery', 'admin')
    page = visit(served.url, allowed='401 (UNAUTHORIZED)')
    page.get_by_label('Name').fill('ada')
    page.get_by_label('Password').fill('correct horse battery')
    page.get_by_role('button', name='Log in').click()
    live(page)
    page.context.clear_cookies()
    notice = page.locator('.notice', has_text='You are logged out')
    expect(notice).to_be_visible()
    notice.get_by_role('link', name='Log in again').click()
    expect(page.get_by_label('Password')).to_be_visible()


def test_no_client_answers_from_the_beginning(serve: Serve, visit: Visit) -> None:
    client = Synthetic('home', 3)
    client.trouble = NoSocket('There is no socket at /run/rt.sock.', target='home')
    page = visit(serve(client).url)
    expect(page.locator('.notice', has_text='home does not answer')).to_be_visible()
    expect(page.locator('#empty')).to_contain_text('does not answer')
    client.trouble = None
    expect(page.locator('#torrent-count')).to_have_text('3')
    expect(page.locator(ROWS)).to_have_count(3)
