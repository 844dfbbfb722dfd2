"""The pages in a real browser, with and without JavaScript, on a desk and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.a11y import walk
from tests.a11y.axe import violations
from tests.intake.servers import http
from tests.phone.conftest import DESK, PHONE, serve, visit
from tests.web.site import Site
from tests.webhook_pages.conftest import LOOPBACK, Build, deliver
from tests.webhooks.endpoint import Endpoint

__all__ = ['serve', 'visit']  # fixtures
Visit = Callable[..., Page]


@pytest.fixture
def site(build: Build) -> Site:
    return build({'USE_AUTH': False, **LOOPBACK})


@pytest.fixture
def address(site: Site, serve: Callable[[Site], str]) -> str:
    return serve(site)


def test_one_is_added_tested_and_removed_without_scripts(
    address: str, visit: Visit, endpoint: Endpoint
) -> None:
    page = visit(**DESK, java_script_enabled=False)
    page.goto(f'{address}/')
    page.locator('.top-nav summary').click()
    page.get_by_role('link', name='Webhooks').click()
    page.get_by_role('link', name='Add a webhook').click()
    page.locator('#hook-name').fill('phone')
    expect(page.locator('#hook-json-url')).to_be_visible()
    page.get_by_role('radio', name='ntfy').check()
    expect(page.locator('#hook-json-url')).to_be_hidden()
    page.locator('#hook-ntfy-url').fill(endpoint.url('/topic'))
    page.get_by_role('button', name='Add the webhook').click()
    expect(page.get_by_role('heading', level=1)).to_have_text('phone')
    page.get_by_role('button', name='Send a test').click()
    expect(page.get_by_role('status')).to_contain_text('The receiver took the test')
    expect(page.get_by_role('status')).to_contain_text('status 204')
    page.get_by_role('button', name='Remove…').click()
    page.get_by_role('button', name='Remove the webhook').click()
    expect(page.locator('.right')).to_have_text('The webhook is removed.')
    expect(page.get_by_role('heading', name='No webhooks yet')).to_be_visible()


def test_the_form_by_keyboard_and_its_mistakes(address: str, visit: Visit) -> None:
    page = visit(**DESK)
    page.goto(f'{address}/webhooks/new')
    page.locator('#hook-name').fill('phone')
    page.keyboard.press('Tab')
    page.keyboard.press('ArrowDown')
    expect(page.get_by_role('radio', name='ntfy')).to_be_checked()
    page.keyboard.press('Tab')
    expect(page.locator('#hook-ntfy-url')).to_be_focused()
    page.keyboard.type('https://ntfy.sh/')
    page.keyboard.press('Enter')
    expect(page.locator('#wrong')).to_contain_text('name of the topic')
    field = page.locator('#hook-ntfy-url')
    expect(field).to_have_value('https://ntfy.sh/')
    expect(field).to_have_accessible_description(re.compile('name of the topic'))
    expect(page.locator('#hook-name')).to_have_value('phone')
    page.get_by_label('Only for torrents that match').fill('lab')
    expect(page.get_by_role('listbox')).to_contain_text('label')


def test_the_secret_is_copied_by_a_button(site: Site, address: str, visit: Visit) -> None:
    page = visit(**DESK, permissions=['clipboard-read', 'clipboard-write'])
    page.goto(f'{address}/webhooks/new')
    page.locator('#hook-name').fill('script')
    page.locator('#hook-json-url').fill('https://hooks.example.org/')
    page.get_by_role('button', name='Add the webhook').click()
    page.get_by_role('button', name='Copy').click()
    expect(page.locator('.toast')).to_contain_text('Copied.')
    [hook] = site.services.webhooks.all()
    assert page.evaluate('navigator.clipboard.readText()') == site.services.webhooks.secret(hook.id)
    page.goto(f'{address}/webhooks/{hook.id}')
    expect(page.locator('#new-secret')).to_have_count(0)


def test_the_pages_follow_what_becomes_of_deliveries(
    site: Site, address: str, visit: Visit, endpoint: Endpoint
) -> None:
    hooks = site.services.webhooks
    hook = hooks.create({'name': 'x', 'style': 'slack', 'url': endpoint.url('/hook')})
    pages = [visit(**DESK) for _ in range(3)]
    pages[0].goto(f'{address}/webhooks')
    pages[1].goto(f'{address}/webhooks/{hook.id}')
    pages[2].goto(f'{address}/webhooks/{hook.id}')
    pages[2].get_by_role('button', name='Send a test').click()
    expect(pages[2].get_by_role('status')).to_contain_text('The receiver took the test')
    expect(pages[2]).to_have_url(f'{address}/webhooks/{hook.id}')  # the form's cannot be asked for again
    for page in pages:
        page.evaluate('window.same = true')
        expect(page.locator('#webhooks')).to_contain_text('active')
    deliver(site, hook, 3)
    hooks._set(hook.id, {'state': 'broken', 'notice': 'It failed for three days.'})
    for page in pages:
        expect(page.locator('#webhooks')).to_contain_text('It failed for three days.')
    expect(pages[0].locator('td.h-waiting')).to_have_text('3')
    for page in pages[1:]:
        expect(page.locator('.deliveries tbody tr')).to_have_count(4)  # with the test
    expect(pages[2].get_by_role('status')).to_contain_text('The receiver took the test')
    assert all(page.evaluate('window.same') for page in pages)


def form_with_mistakes(page: Page) -> None:
    page.get_by_role('radio', name='ntfy').check()
    page.locator('#hook-ntfy-url').fill('https://ntfy.sh/t')
    page.locator('#hook-ntfy-priority').fill('9')
    page.get_by_label('Only for torrents that match').fill('ratio>x')
    page.get_by_role('button', name='Add the webhook').click()
    expect(page.locator('#wrong')).to_be_visible()


def sent(page: Page) -> None:
    page.get_by_role('button', name='Send a test').click()
    expect(page.get_by_role('status')).to_contain_text('The test did not work')
    page.locator('details.said summary').first.click()


def asked(page: Page) -> None:
    page.get_by_role('button', name='Drop what waits…').click()
    expect(page.get_by_role('heading', name='Drop what waits?')).to_be_visible()


@pytest.mark.parametrize(('kind', 'scheme'), [(DESK, 'light'), (PHONE, 'dark')], ids=['desk', 'phone'])
def test_axe_finds_nothing_and_fingers_hit(
    site: Site,
    address: str,
    visit: Visit,
    endpoint: Endpoint,
    kind: dict[str, object],
    scheme: str,
) -> None:
    hook = site.services.webhooks.create(
        {'name': 'x', 'style': 'json', 'url': endpoint.url(), 'query': 'ratio>2'}
    )
    endpoint.answer = lambda _got: http(b'A long answer. ' * 100, '500 No')
    deliver(site, hook, 3, error='The server does not answer.', tries=1)
    deliver(site, hook, state='failed', error='Status 500.', reply='x' * 400, ended=1.0, name='N' * 300)
    site.services.webhooks._set(hook.id, {'state': 'broken', 'notice': 'It failed for three days. ' * 5})
    page = visit(**kind, color_scheme=scheme)
    found = []
    for path, act in (
        ('/webhooks', None), ('/webhooks/new', form_with_mistakes), (f'/webhooks/{hook.id}', None),
        (f'/webhooks/{hook.id}', sent), (f'/webhooks/{hook.id}/edit', None), (f'/webhooks/{hook.id}', asked),
    ):  # fmt: skip
        page.goto(f'{address}{path}')
        if act:
            act(page)
        lines = violations(page) + walk.ask(page, 'sideways')
        lines += walk.ask(page, 'tooSmall', 44) if kind is PHONE else []
        found += [f'{path} {act.__name__ if act else ""}: {line}' for line in lines]
    assert not found, '\n'.join(found)
