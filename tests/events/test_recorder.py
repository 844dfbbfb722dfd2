"""What the recorder tells of lists, changes, restarts and silence."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from model.events.recorder import Recorder
from model.fields import Row
from tests.events.support import HASH, RUNNING, Stage, bare, kinds
from tests.rig.postgres import BOTH

pytestmark = BOTH


def test_the_first_list_ever_is_no_news_and_the_next_is(stage: Stage) -> None:
    assert stage.whole(bare()) == []
    told = stage.whole(bare(**RUNNING), bare('B' * 40))
    assert [(event.kind, event.hash[0], event.detail) for event in told] == [
        ('started', 'A', ''),
        ('updated', 'A', 'state is_open is_active'),
        ('added', 'B', 'name of BBBB'),
    ]
    assert told[1].data['diff'] == {'state': [0, 1], 'is_open': [False, True], 'is_active': [False, True]}
    assert told[1].data['torrent']['status'] == 'downloading'
    assert (told[0].at, told[0].target, told[0].name, told[0].who) == (
        stage.time.now,
        'box',
        'name of AAAA',
        None,
    )
    [gone] = stage.some(gone=['B' * 40])
    assert (gone.kind, gone.hash, gone.data['torrent']['name']) == ('removed', 'B' * 40, 'name of BBBB')


def test_an_empty_first_list_counts(engine: Engine, stage: Stage) -> None:
    stage.look()
    assert kinds(stage.again().whole(bare())) == ['added']


def test_nothing_is_told_of_a_client_that_was_not_asked_yet(engine: Engine, stage: Stage) -> None:
    stage.whole(bare())
    later = stage.again()
    later.state(status='starting', seen=0.0)
    assert later.look(1000) == []
    later.answers()
    assert kinds(later.whole(bare(label='x'))) == ['label', 'updated']


def test_rates_are_no_news(stage: Stage) -> None:
    stage.whole(bare(**RUNNING))
    assert stage.whole(bare(**RUNNING, up_rate=5, up_total=7, peers_connected=2, tracker='x')) != []
    assert stage.some(bare(**RUNNING, up_rate=7, tracker='x')) == []


def test_what_changed_while_nobody_looked_is_told_once(stage: Stage) -> None:
    stage.whole(bare(), bare('B' * 40, label='b'), bare('C' * 40))
    later = stage.again()
    told = later.whole(bare(**RUNNING), bare('B' * 40, label='b'), bare('D' * 40))
    assert [(event.kind, event.hash[0]) for event in told] == [
        ('removed', 'C'), ('started', 'A'), ('updated', 'A'), ('added', 'D'),
    ]  # fmt: skip
    assert told[0].data['torrent']['up_rate'] is None  # what was not kept is not known
    assert told[0].name == 'name of CCCC'
    again = later.again()
    assert again.whole(bare(**RUNNING), bare('B' * 40, label='b'), bare('D' * 40)) == []


def test_one_that_was_erased_and_added_again_went_and_came(stage: Stage) -> None:
    stage.whole(bare(label='x'), bare('B' * 40))
    assert kinds(stage.some(bare(), gone=[HASH])) == ['removed', 'added']


def test_one_that_was_loaded_before_it_was_seen_is_finished_also_after_a_check(stage: Stage) -> None:
    stage.whole(bare('B' * 40))
    loaded = {**RUNNING, 'size_bytes': 9, 'down_total': 9, 'added': 5, 'finished': 5}
    checked = {**loaded, 'is_active': False, 'hashing': 3}
    assert kinds(stage.some(bare(**checked))) == ['added', 'checking']
    assert 'finished' in kinds(stage.some(bare(**loaded, completed_bytes=9, complete=True)))
    assert kinds(stage.some(bare('C' * 40, **loaded, complete=True))) == ['added', 'finished']
    assert kinds(stage.some(bare('D' * 40, **checked | {'down_total': 0}))) == ['added', 'checking']
    assert 'finished' not in kinds(stage.some(bare('D' * 40, **loaded | {'down_total': 0}, complete=True)))


def test_a_journal_that_forgot_is_made_up_for(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.whole(bare(), bare('B' * 40), bare('C' * 40))
    monkeypatch.setattr('model.snapshot.KEPT', 1)
    for number in range(20):
        stage.hub.snapshot.update('box', [bare(up_rate=number)])
    stage.hub.snapshot.update('box', [bare('B' * 40)], gone=['B' * 40])
    stage.hub.snapshot.update('box', [bare(label='x'), bare('C' * 40)])
    for number in range(20):
        stage.hub.snapshot.update('box', [bare(label='x', up_rate=number)])
    assert stage.hub.snapshot.since(1) is None
    told = stage.look()
    assert [(event.kind, event.hash[0]) for event in told] == [
        ('label', 'A'), ('updated', 'A'), ('removed', 'B'), ('added', 'B'),
    ]  # fmt: skip


def test_what_comes_while_all_is_compared_is_told_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.whole(bare())
    later = stage.again()
    snapshot = later.hub.snapshot
    snapshot.update('box', [bare()], whole=True)
    read = snapshot.all

    def meanwhile(target: str = '') -> tuple[int, list[Row]]:
        monkeypatch.undo()
        snapshot.update('box', [bare(label='x')], [HASH])
        return read(target)

    monkeypatch.setattr(snapshot, 'all', meanwhile)
    assert kinds(later.look()) == ['label', 'updated']
    assert later.look() == []


def test_a_tracker_that_was_not_asked_for_yet_is_the_one_it_was(stage: Stage) -> None:
    stage.whole(bare(tracker='a.example'))
    later = stage.again()
    assert later.whole(bare(tracker=None)) == []
    assert kinds(later.whole(bare(tracker=None, label='x'))) == ['label', 'updated']
    last = later.again()
    assert last.whole(bare(tracker=None, label='x')) == []
    [event] = last.whole(bare(tracker='b.example', label='x'))
    assert event.data['diff'] == {'tracker': ['a.example', 'b.example']}


def test_an_empty_list_is_believed_after_a_while(stage: Stage) -> None:
    stage.whole(bare(), bare('B' * 40))
    assert stage.whole() == []
    assert stage.look(29) == []
    assert kinds(stage.whole(bare(), bare('B' * 40, label='x'))) == ['label', 'updated']  # nothing came again
    stage.hub.snapshot.update('box', [], whole=True)
    assert stage.whole(bare(), bare('B' * 40, label='x')) == []  # nor where nobody saw it empty
    assert stage.whole() == []
    assert stage.look(29) == []
    assert kinds(stage.look(1)) == ['removed', 'removed']
    assert kinds(stage.whole(bare())) == ['added']


def test_an_empty_list_is_not_believed_of_one_that_does_not_answer(stage: Stage) -> None:
    stage.whole(bare())
    later = stage.again()
    assert later.whole() == []
    later.fails()
    later.look(14)
    assert kinds(later.look(100)) == ['offline']
    later.answers()
    assert kinds(later.look(29)) == ['online']
    assert kinds(later.look(30)) == ['removed']


def test_the_last_one_that_was_erased_is_believed_at_once(stage: Stage) -> None:
    stage.whole(bare())
    assert kinds(stage.some(gone=[HASH])) == ['removed']


def test_a_client_that_is_silent_is_told_of_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.whole(bare())
    stage.fails()
    assert stage.look() == []
    assert stage.look(14.9) == []
    [event] = stage.look(0.1)
    assert (event.kind, event.hash, event.target, event.name, event.detail) == (
        'offline',
        '',
        'box',
        'box',
        'no_socket',
    )
    assert stage.look(1000) == []
    later = stage.again()
    later.fails()
    assert later.look(1000) == []
    later.answers()
    assert kinds(later.look()) == ['online']
    assert later.look() == []
    monkeypatch.setattr(later.hub.pollers['box'], 'waiting', lambda: 15.0)  # it hangs
    assert [(event.kind, event.detail) for event in later.look()] == [('offline', 'timed_out')]


def test_a_short_silence_is_none(stage: Stage) -> None:
    stage.whole(bare())
    for _ in range(5):
        stage.fails()
        assert stage.look() + stage.look(14) == []
        stage.answers()
        assert stage.look() == []


def test_a_download_without_bytes_is_told_once(stage: Stage) -> None:
    stage.whole(bare(**RUNNING, size_bytes=9))
    assert stage.look(599) == []
    assert stage.some(bare(**RUNNING, size_bytes=9, down_total=1)) == []
    assert stage.look(599) == []
    [event] = stage.look(1)
    assert (event.kind, event.hash, event.detail) == ('stalled', HASH, '600')
    stage.some(bare(**RUNNING, size_bytes=9, down_total=1, peers_connected=4))
    assert stage.look(10_000) == []
    later = stage.again()
    later.whole(bare(**RUNNING, size_bytes=9, down_total=0))
    assert later.look(10_000) == []
    assert later.some(bare(**RUNNING, size_bytes=9, down_total=5)) == []
    assert kinds(later.look(600)) == ['stalled']


def test_what_is_not_meant_to_load_does_not_stall(stage: Stage) -> None:
    stage.whole(bare(**RUNNING), bare('B' * 40, **RUNNING, complete=True), bare('C' * 40))
    stage.some(bare(**RUNNING, hashing=1))
    assert stage.look(10_000) == []
    stage.some(bare(**RUNNING, message='Tracker: [no]'))
    stage.fails()
    assert kinds(stage.look(500)) == []
    assert 'stalled' not in kinds(stage.look(500))
    stage.answers()
    assert kinds(stage.look(599)) == ['online']
    assert kinds(stage.look(10)) == ['stalled']  # a complaint of its tracker is no excuse


def test_a_switch_turns_it_off(engine: Engine) -> None:
    stage = Stage(engine, stalled_after=0.0, disk_low=0)
    stage.whole(bare(**RUNNING))
    stage.answers(spaces=(('/data', 1, 100),))
    assert stage.look(1e6) == []


def test_little_space_is_told_once_until_there_is_enough(engine: Engine) -> None:
    stage = Stage(engine, disk_low=1000)
    stage.answers(spaces=(('/data', 1000, 9000), ('/more', 5000, 9999)))
    assert stage.look() == []
    stage.answers(spaces=(('/data', 999, 9000), ('/more', 5000, 9999)))
    [event] = stage.look()
    assert (event.kind, event.hash, event.detail) == ('disk_low', '', '/data')
    assert {**event.data} == {'path': '/data', 'free': 999, 'total': 9000}
    for free in (1050, 900):
        stage.answers(spaces=(('/data', free, 9000), ('/more', 5000, 9999)))
        assert stage.look() == []
    later = stage.again(disk_low=1000)
    later.answers(spaces=(('/data/films', 900, 9000), ('/more', 5000, 9999)))  # most used of the same disk
    assert later.look() == []
    later.answers(spaces=(('/data/films', 1100, 9000), ('/more', 999, 9999)))
    assert [event.detail for event in later.look()] == ['/more']
    later.answers(spaces=(('/data', 0, 9000), ('/more', 999, 9999)))
    assert [event.detail for event in later.look()] == ['/data']


def test_new_ratios_are_no_news_of_torrents(engine: Engine) -> None:
    stage = Stage(engine, ratios=(1.0,))
    stage.whole(bare(complete=True, ratio=1700), bare('B' * 40, complete=True, ratio=900))
    later = stage.again(ratios=(1.0, 1.5))
    told = later.whole(bare(complete=True, ratio=1700), bare('B' * 40, complete=True, ratio=1600))
    assert [(event.hash[0], event.kind, event.detail) for event in told] == [('B', 'ratio', '1.0')]
    last = later.again(ratios=(1.0, 1.5))
    rows = bare(complete=True, ratio=1800), bare('B' * 40, complete=True, ratio=1800)
    assert last.whole(*rows) == []
    assert last.again(ratios=(1.0, 1.5, 1.75)).whole(*rows) == []


def test_every_field_where_that_is_wanted(stage: Stage) -> None:
    every = Recorder(
        stage.hub, stage.log, stage.leases, every_field=True, clock=stage.time, monotonic=stage.time
    )
    stage.hub.snapshot.update('box', [bare()], whole=True)
    every.follow()
    stage.hub.snapshot.update('box', [bare(up_rate=7)])
    every.follow()
    [event] = stage.log.since(0)
    assert (event.kind, event.data['diff']) == ('updated', {'up_rate': [0, 7]})
