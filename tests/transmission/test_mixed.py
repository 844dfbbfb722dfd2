"""An rTorrent and a Transmission side by side: a transfer from one to the other, in one list, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Engine

from model.actions import run
from model.backends.conformance import Kit, checks
from model.backends.conformance import run as run_checks
from model.events.eventlog import EventLog
from model.events.recorder import Recorder
from model.fields import AT, INDEX
from model.hub import Hub
from model.leases import Leases
from model.snapshot import Change
from tests.core import support
from tests.live_page.serve import Served
from tests.panel.conftest import Visit
from tests.rig import Made, Rtorrent, Tracker, make, wait_for
from tests.rig.transmission import Transmission

NOBODY = 'http://127.0.0.1:1/announce'
ROWS = '#torrents tbody tr[data-hash]'


def row_of(page: Page, made: Made, target: str) -> Locator:
    return page.locator(f'{ROWS}[data-target={target}][data-hash="{made.info_hash}"]')


def test_a_transfer_is_seen_from_its_beginning_to_its_end(
    daemon: Transmission, rtorrent: Rtorrent, tracker: Tracker, engine: Engine
) -> None:
    made = make(rtorrent.downloads, 'travels', {'a': 700_000, 'b/c': 200_000}, announce=tracker.url)
    rtorrent.load(made.seed, made.info_hash)
    hub = Hub([support.backend_of(rtorrent, 'home'), daemon.backend('away')], roots=[str(daemon.directory)])
    log = EventLog(engine)
    recorder = Recorder(hub, log, Leases(engine))
    try:
        hub.start()
        wait_for(lambda: all(state.status == 'ok' for state in hub.look()), 30, 'both')
        recorder.follow()
        begun = hub.snapshot.rev
        away = daemon.backend('away')
        away.link.ask(lambda client: client.add_torrent(made.data))
        # Transmission calls nobody on loopback, so rTorrent has to learn of it.
        wait_for(lambda: tracker.peers(made.info_hash), 30, 'its announce')
        assert run(hub, 'home', made.info_hash, 'start').ok
        (peer,) = wait_for(
            lambda: [each for each in away.peers(made.info_hash) if each.progress == 1], 30, 'the seed'
        )
        assert (peer.address, peer.is_incoming) == ('127.0.0.1', True)
        assert (peer.flags.split()[0], peer.client.partition(' ')[0]) == ('incoming', 'libTorrent')

        def ended() -> object:
            hub.look()
            recorder.follow()
            return told(hub, made)[INDEX['complete']]

        wait_for(ended, 90, 'the end')
        for part in 'a', 'b/c':
            assert (daemon.downloads / 'travels' / part).read_bytes() == (made.path / part).read_bytes()
        changes: list[Change] = hub.snapshot.since(begun) or []
        seen = [change.new for change in changes if change.new and change.new[AT['target']] == 'away']
        assert not seen[0][INDEX['complete']]
        assert 'downloading' in {row[AT['status']] for row in seen}
        done = [row[INDEX['completed_bytes']] for row in seen]
        assert done == sorted(done)
        assert seen[-1][INDEX['down_total']] >= made.size
        assert wait_for(lambda: told(hub, made)[INDEX['finished']], 20, 'when it finished') > 1_700_000_000
        assert hub.snapshot.get('home', made.info_hash) is not None  # the same torrent at its other client
        (asked,) = wait_for(
            lambda: [each for each in away.trackers(made.info_hash) if each.seeds == 2],
            30,
            'its last announce',
        )
        assert (asked.is_working, asked.failures, asked.message) == (True, 0, '')
        recorder.follow()
        kinds = [event.kind for event in log.since(0, target='away') if event.hash == made.info_hash]
        assert kinds[0] == 'added'
        assert kinds.count('finished') == 1
        assert not {'stopped', 'error', 'removed'} & set(kinds)
    finally:
        hub.close(5)


def told(hub: Hub, made: Made) -> tuple[object, ...]:
    return hub.snapshot.get('away', made.info_hash) or (None,) * len(AT)


@pytest.fixture
def mixed(tmp_path: Path, daemon: Transmission, rtorrent: Rtorrent) -> Iterator[Served]:
    """The page over an rTorrent ``home`` and a Transmission ``away``."""
    served = Served(
        tmp_path / 'state',
        support.backend_of(rtorrent, 'home'),
        daemon.backend('away'),
        DOWNLOAD_ROOTS=[str(daemon.directory), str(rtorrent.directory)],
    )
    yield served
    served.close()


def test_list_panel_actions_and_adding_in_a_browser(
    mixed: Served,
    daemon: Transmission,
    rtorrent: Rtorrent,
    visit: Visit,
    tmp_path: Path,
) -> None:
    here = make(rtorrent.downloads, 'of rTorrent', 300_000, announce=NOBODY)
    rtorrent.load(here.seed, here.info_hash)
    content = {'dir/one': 1 << 18, 'two': 1 << 18, 'three': 1 << 18}
    there = make(daemon.downloads, 'of Transmission', content, announce=NOBODY, have=1 / 3)
    daemon.load(there)
    page = visit(mixed.url)
    for made, target in (here, 'home'), (there, 'away'):
        expect(row_of(page, made, target)).to_be_visible()

    # actions: of both kinds at once, then what only Transmission can
    for made, target in (here, 'home'), (there, 'away'):
        row_of(page, made, target).locator('.c-sel').click()
    page.locator('.toolbar [data-verb=start]').click()
    expect(page.locator('.toast')).to_contain_text('Start: 2 torrents')
    wait_for(lambda: rtorrent.call('d.state', here.info_hash), 20, 'the one to start')
    wait_for(lambda: daemon.backend().row(there.info_hash)[INDEX['is_active']], 20, 'the other to start')
    page.keyboard.press('Escape')
    theirs = row_of(page, there, 'away')
    theirs.click(button='right')
    for name in 'Start now', 'Move data…', 'Rename…', 'Limits…', 'Remove with data…':
        expect(page.get_by_role('menuitem', name=name)).to_be_visible()
    page.get_by_role('menuitem', name='Limits…').click()
    page.get_by_label('Download limit').fill('50')
    page.get_by_role('dialog').get_by_role('button', name='Set').click()
    expect(page.locator('.toast').last).to_contain_text('Limits: 1 torrent')
    assert daemon.backend().facts(there.info_hash).extra['down_limit'] == 52_000
    page.locator(f'{ROWS}[data-target=home]').first.click(button='right')
    expect(page.get_by_role('menuitem', name='Stop')).to_be_visible()
    for name in 'Move data…', 'Remove with data…', 'Queue':
        expect(page.get_by_role('menuitem', name=name)).to_have_count(0)
    page.keyboard.press('Escape')

    # the panel
    theirs.locator('.c-name a').click()
    panel = page.locator('#panel')
    expect(panel).to_contain_text(there.info_hash)
    expect(panel).to_contain_text('50.8 KiB/s')
    page.locator('#own-label').fill('Grüße, neu')
    page.keyboard.press('Enter')
    expect(theirs.locator('.c-label')).to_have_text('Grüße, neu')
    page.get_by_role('tab', name='Files').click()
    line = page.locator('.files-row').first
    expect(line).to_contain_text('dir')
    line.locator('select').select_option('0')
    wait_for(lambda: daemon.backend().files(there.info_hash)[0].priority == 0, 20, 'the priority')
    page.get_by_role('tab', name='Trackers').click()
    expect(page.locator('.trackers .t-status').last).to_contain_text('failed 1 time')
    expect(page.locator('.trackers input:enabled')).to_have_count(0)
    page.get_by_role('tab', name='Pieces').click()
    expect(page.locator('.pieces-words')).to_contain_text('1 of 3')
    page.screenshot(path=tmp_path / 'panel.png')
    page.keyboard.press('Escape')

    # removing with data says so, and does it
    theirs.click(button='right')
    page.get_by_role('menuitem', name='Remove with data…').click()
    dialog = page.get_by_role('dialog')
    expect(dialog).to_contain_text('The files are deleted from the disk, for good.')
    page.screenshot(path=tmp_path / 'remove.png')
    dialog.get_by_role('button', name='Remove 1 torrent with data').click()
    expect(theirs).to_have_count(0)
    wait_for(lambda: not there.path.exists(), 20, 'the data to go')


def test_adding_to_the_client_of_ones_choice(
    mixed: Served,
    daemon: Transmission,
    visit: Visit,
    tmp_path: Path,
    rtorrent: Rtorrent,
) -> None:
    made = make(tmp_path, 'added', 5000, announce=NOBODY, have=0.0)
    (tmp_path / 'added.torrent').write_bytes(made.data)
    page = visit(f'{mixed.url}add', rows=False)
    page.locator('[name=target]').select_option('away')
    page.locator('input[type=file]').set_input_files(tmp_path / 'added.torrent')
    page.locator('[name=label]').fill('linux')
    page.locator('form button[type=submit], form button.primary').last.click()
    wait_for(lambda: daemon.backend().rows(), 20, 'it to be added')
    wait_for(lambda: daemon.backend().row(made.info_hash)[INDEX['label']] == 'linux', 20, 'its label')
    assert rtorrent.hashes() == []


def test_it_keeps_the_promises_of_a_backend(daemon: Transmission) -> None:
    daemon.load(make(daemon.downloads, 'seen by the kit', {'a': 5000, 'b': 6000}, announce=NOBODY))
    with Kit(daemon.backend()) as kit:
        results = list(run_checks(kit, checks(write=True)))
    told: dict[str, list[str]] = {'kept': [], 'broken': [], 'not tried': []}
    for result in results:
        told[result.state].append(result.check.name)
    assert told['broken'] == []
    assert told['not tried'] == ['open', 'close', 'throttle', 'switching trackers']
    assert {'move', 'rename', 'queue', 'removing with data', 'files', 'trackers', 'pieces'} <= set(
        told['kept']
    )
