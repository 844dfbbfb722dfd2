"""Torrents come in by paste, by drop and from other applications, in real Chromium."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.a11y.axe import violations
from tests.phone.conftest import DESK, PHONE, go
from tests.rig import Made, Rtorrent, make
from tests.web.conftest import Build
from tests.web.site import Site

HASH = '0123456789ABCDEF0123456789ABCDEF01234567'
MAGNET = f'magnet:?xt=urn:btih:{HASH}'
TRANSFER = """([kind, files, text]) => {
    const data = new DataTransfer();
    for (const { name, bytes } of files)
        data.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name));
    if (text) data.setData('text/plain', text);
    const place = document.activeElement ?? document.body;
    const sent = kind === 'paste'
        ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
        : new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true });
    place.dispatchEvent(sent);
    return sent.defaultPrevented;
}"""


def transfer(page: Page, kind: str, *files: Made, text: str = '', names: tuple[str, ...] = ()) -> bool:
    """Do as if somebody dropped or pasted; whether the page took it."""
    given = [
        {'name': f'{made.name}.torrent', 'bytes': base64.b64encode(made.data).decode()} for made in files
    ]
    given += [{'name': name, 'bytes': ''} for name in names]
    return bool(page.evaluate(TRANSFER, [kind, given, text]))


@pytest.fixture
def address(build: Build, rtorrent: Rtorrent, serve: Callable[[Site], str]) -> str:
    """A site that asks nobody to log in."""
    return serve(build({'USE_AUTH': False}, home=rtorrent))


@pytest.fixture
def torrents(tmp_path: Path) -> list[Made]:
    return [make(tmp_path, f'dropped-{number}.iso', 70_000) for number in (1, 2)]


def test_files_dropped_on_any_page_are_added_after_a_word(
    address: str, visit: Callable[..., Page], rtorrent: Rtorrent, torrents: list[Made]
) -> None:
    page = visit(**DESK)
    go(page, f'{address}/settings')
    transfer(page, 'dragenter', *torrents)
    expect(page.get_by_role('status').filter(has_text='Drop .torrent files')).to_be_visible()
    assert transfer(page, 'drop', *torrents, names=('photo.jpg',))
    expect(page.locator('.drop')).to_have_count(0)
    dialog = page.get_by_role('dialog', name='Add torrents')
    expect(dialog).to_be_visible()
    expect(page.locator('#toasts')).to_contain_text('photo.jpg is no .torrent file.')
    assert violations(page) == []
    assert rtorrent.hashes() == []
    dialog.get_by_label('Addresses and magnet links').fill('gopher://example.org/')
    dialog.get_by_label('Label').fill('linux')
    dialog.get_by_role('button', name='Add', exact=True).click()
    expect(dialog.locator('.results .ok')).to_have_count(2)
    expect(dialog.locator('.results .bad')).to_have_count(1)
    assert violations(page) == []
    assert sorted(rtorrent.hashes()) == sorted(made.info_hash for made in torrents)
    # What failed is in the form again, with all that was chosen for it.
    dialog.get_by_role('button', name='Change and try again').click()
    links = dialog.get_by_label('Addresses and magnet links')
    expect(links).to_be_focused()
    expect(links).to_have_value('gopher://example.org/')
    expect(dialog.get_by_label('Label')).to_have_value('linux')
    assert dialog.get_by_label('.torrent files').evaluate('input => input.files.length') == 0
    dialog.get_by_role('button', name='Add', exact=True).click()
    expect(dialog.locator('.results > *')).to_have_count(1)
    dialog.get_by_role('button', name='Close').click()
    expect(dialog).to_have_count(0)


def test_one_that_goes_well_is_told_in_passing(
    address: str, visit: Callable[..., Page], torrents: list[Made]
) -> None:
    page = visit(**DESK)
    go(page, f'{address}/')
    page.keyboard.press('a')
    dialog = page.get_by_role('dialog', name='Add torrents')
    expect(dialog).to_be_visible()
    dialog.get_by_label('.torrent files').set_input_files(
        files=[{'name': 'x.torrent', 'mimeType': 'application/x-bittorrent', 'buffer': torrents[0].data}]
    )
    dialog.get_by_role('button', name='Add', exact=True).click()
    expect(dialog).to_have_count(0)
    expect(page.locator('#toasts')).to_contain_text('dropped-1.iso: added')


def test_a_mistake_is_said_in_the_dialog_and_nothing_is_lost(
    address: str, visit: Callable[..., Page]
) -> None:
    page = visit(**DESK)
    go(page, f'{address}/')
    page.keyboard.press('a')
    dialog = page.get_by_role('dialog', name='Add torrents')
    dialog.get_by_label('Label').fill('linux')
    dialog.get_by_role('button', name='Add', exact=True).click()
    expect(dialog.get_by_role('alert')).to_contain_text('Choose a .torrent file')
    expect(dialog.get_by_label('Label')).to_have_value('linux')
    expect(dialog.get_by_role('button', name='Add', exact=True)).to_be_focused()
    assert violations(page) == []
    page.keyboard.press('Escape')
    expect(dialog).to_have_count(0)


@pytest.mark.parametrize('text', [f'look: {MAGNET}', HASH, 'https://example.org/a.torrent and more'])
def test_a_pasted_link_fills_the_form(address: str, visit: Callable[..., Page], text: str) -> None:
    page = visit(**DESK)
    go(page, f'{address}/')
    assert transfer(page, 'paste', text=text)
    field = page.get_by_role('dialog').get_by_label('Addresses and magnet links')
    expect(field).to_have_value('https://example.org/a.torrent' if 'https' in text else MAGNET)


def test_a_paste_into_a_field_stays_there(address: str, visit: Callable[..., Page]) -> None:
    page = visit(**DESK)
    go(page, f'{address}/')
    page.locator('#q').focus()
    assert not transfer(page, 'paste', text=MAGNET)
    assert not transfer(page, 'paste', text='no link at all')
    expect(page.get_by_role('dialog')).to_have_count(0)


def test_a_paste_on_a_phone_opens_the_page(address: str, visit: Callable[..., Page]) -> None:
    page = visit(**PHONE)
    go(page, f'{address}/')
    transfer(page, 'paste', text=MAGNET)
    page.wait_for_url('**/add?links=**')
    expect(page.get_by_label('Addresses and magnet links')).to_have_value(MAGNET)


def test_a_drop_on_the_form_adds_to_what_is_there(
    address: str, visit: Callable[..., Page], torrents: list[Made]
) -> None:
    page = visit(**DESK)
    go(page, f'{address}/add?url={MAGNET}')
    for made in torrents:
        transfer(page, 'drop', made)
    transfer(page, 'drop', text='https://example.org/a.torrent')
    files = page.get_by_label('.torrent files')
    assert files.evaluate('(input) => input.files.length') == 2
    expect(page.get_by_label('Addresses')).to_have_value(f'{MAGNET}\nhttps://example.org/a.torrent')


def test_what_is_dragged_within_the_page_is_left_alone(address: str, visit: Callable[..., Page]) -> None:
    page = visit(**DESK)
    go(page, f'{address}/')
    transfer(page, 'dragstart', text='https://example.org/')
    transfer(page, 'dragenter', text='https://example.org/')
    expect(page.locator('.drop')).to_have_count(0)
    assert not transfer(page, 'drop', text='https://example.org/')


def test_a_file_shared_from_another_application_waits_in_the_form(
    address: str, visit: Callable[..., Page], rtorrent: Rtorrent, torrents: list[Made]
) -> None:
    page = visit(**PHONE)
    page.goto('about:blank')
    page.set_content(
        f'<form method="post" enctype="multipart/form-data" action="{address}/add/shared">'
        '<input type="file" name="torrent"><button>Share</button></form>'
    )
    page.locator('input').set_input_files(
        files=[{'name': 'x.torrent', 'mimeType': 'application/x-bittorrent', 'buffer': torrents[0].data}]
    )
    page.get_by_role('button', name='Share').click()
    expect(page.get_by_label('x.torrent')).to_be_checked()
    assert rtorrent.hashes() == []
    assert violations(page) == []
    page.get_by_role('button', name='Add', exact=True).click()
    expect(page.locator('#results .ok')).to_have_count(1)
    assert rtorrent.hashes() == [torrents[0].info_hash]


def test_chromium_takes_the_pages_for_an_application(address: str, visit: Callable[..., Page]) -> None:
    page = visit(**PHONE)
    go(page, f'{address}/')
    devtools = page.context.new_cdp_session(page)
    found: dict[str, Any] = devtools.send('Page.getAppManifest')
    assert found['errors'] == []
    assert json.loads(found['data'])['short_name'] == 'pyroTorrent'
    reasons = {
        each['errorId'] for each in devtools.send('Page.getInstallabilityErrors')['installabilityErrors']
    }
    assert reasons <= {'in-incognito'}


def test_magnet_links_are_registered_by_a_button(address: str, visit: Callable[..., Page]) -> None:
    page = visit(**DESK)
    page.add_init_script('navigator.registerProtocolHandler = (...given) => (window.registered = given)')
    go(page, f'{address}/settings')
    page.get_by_role('button', name='Open magnet links here').click()
    assert page.evaluate('registered') == ['magnet', f'{address}/add?url=%s']
    expect(page.locator('#toasts')).to_contain_text('The browser now asks')


def test_the_application_is_installed_by_a_button_where_the_browser_offers_it(
    address: str, visit: Callable[..., Page]
) -> None:
    page = visit(**DESK)
    go(page, f'{address}/settings')
    button = page.get_by_role('button', name='Install as an application')
    expect(button).to_have_count(0)
    page.evaluate("""dispatchEvent(Object.assign(new Event('beforeinstallprompt', { cancelable: true }),
        { prompt: async () => (window.prompted = true) }))""")
    button.click()
    expect(button).to_have_count(0)
    assert page.evaluate('prompted')
