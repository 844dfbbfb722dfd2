"""What a program hears of real rTorrents."""

from __future__ import annotations

from pathlib import Path

from tests.manager.conftest import Managing
from tests.manager.test_listeners import Everything
from tests.rig import Rtorrent, Tracker, make, wait_for
from tests.rig.factory import Factory


def test_a_download_is_heard_from_its_coming_to_its_going(
    any_rtorrent: Rtorrent, start_rtorrent: Factory, tracker: Tracker, managing: Managing, tmp_path: Path
) -> None:
    seeder = start_rtorrent('0.9.8', address='127.0.0.2')
    made = make(seeder.downloads, 'tree', {'a': 900_000, 'b': 100}, announce=tracker.url)
    seeder.load(made.seed, made.info_hash, start=True)
    tracker.wait_for_seed(made.info_hash)
    (tmp_path / 'tree.torrent').write_bytes(made.data)
    heard = Everything()
    manager = managing(home=any_rtorrent)
    manager.add_listener(heard)
    assert manager.get_all() == []
    created = manager.create_from_torrent(tmp_path / 'tree.torrent', start=False)
    assert created.success, created.error
    wait_for(lambda: 'on_added' in heard.names(), 30, 'on_added')
    manager.resume(made.info_hash)
    wait_for(lambda: 'on_finished' in heard.names(), 60, 'on_finished')
    manager.pause(made.info_hash)
    wait_for(lambda: 'on_paused' in heard.names(), 30, 'on_paused')
    manager.resume(made.info_hash)
    wait_for(lambda: heard.names().count('on_resumed') >= 2, 30, 'on_resumed')
    any_rtorrent.call('d.custom1.set', made.info_hash, 'linux')  # by another program
    manager.delete(made.info_hash)
    wait_for(lambda: 'on_removed' in heard.names(), 30, 'on_removed')
    order = [
        name for name in heard.names() if name not in ('on_event', 'on_updated', 'on_label', 'on_checking')
    ]
    order = [name for name in order if name not in ('on_checked', 'on_error', 'on_tracker_error')]
    assert order == [
        *('on_added', 'on_started', 'on_resumed', 'on_finished', 'on_paused', 'on_resumed', 'on_removed'),
    ]  # fmt: skip
    (finished,) = [given[0] for name, given in heard.calls if name == 'on_finished']
    assert (finished.finished, finished.downloaded, finished.server) == (True, made.size, 'home')
    diffs = [given[1] for name, given in heard.calls if name == 'on_updated']
    assert any('completed_bytes' in diff for diff in diffs)


def test_what_happens_while_the_program_does_not_run_is_told_after_it(
    rtorrent: Rtorrent, managing: Managing, tmp_path: Path
) -> None:
    made = [
        make(rtorrent.downloads, name, 50_000, announce='http://127.0.0.1:1/announce')
        for name in ('one', 'two')
    ]
    rtorrent.load(made[0].data, made[0].info_hash)
    heard = Everything()
    manager = managing(state_dir=tmp_path / 'state', home=rtorrent)
    manager.add_listener(heard)
    assert len(manager.get_all()) == 1
    rtorrent.call('d.custom1.set', made[0].info_hash, 'early')
    wait_for(lambda: 'on_label' in heard.names(), 90, 'the label to be heard')
    manager.close()
    before = len(heard.calls)
    rtorrent.load(made[1].data, made[1].info_hash)
    rtorrent.call('d.erase', made[0].info_hash)
    manager = managing(state_dir=tmp_path / 'state', home=rtorrent)
    manager.add_listener(heard)
    wait_for(lambda: {'on_added', 'on_removed'} <= set(heard.names()), 30, 'both')
    told = [
        (name, given[0].name) for name, given in heard.calls[before:] if name in ('on_added', 'on_removed')
    ]
    assert sorted(told) == [('on_added', 'two'), ('on_removed', 'one')]
