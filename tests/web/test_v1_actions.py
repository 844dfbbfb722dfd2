"""Changes over the REST API, against real rTorrents."""

from __future__ import annotations

from typing import Any

import pytest

from model.fields import AT, LIST
from model.jobs import Job
from model.snapshot import Snapshot
from tests.core.support import loaded
from tests.rig import Made, Rtorrent, make, wait_for
from tests.web.conftest import Build
from tests.web.site import Program, Site


@pytest.fixture
def program(site: Site) -> Program:
    return site.program('robot')


def base(made: Made) -> str:
    return f'/torrents/home/{made.info_hash}'


def several(rtorrent: Rtorrent, number: int, label: str = '') -> list[Made]:
    made = [
        make(rtorrent.downloads, f'thing {at:03}', 1000 + at, announce='http://127.0.0.1:1/a')
        for at in range(number)
    ]
    for each in made:
        rtorrent.load(each.data, each.info_hash)
        if label:
            rtorrent.call('d.custom1.set', each.info_hash, label)
    return made


def act(program: Program, verb: str, select: dict[str, Any], status: int = 200, **more: Any) -> Any:
    answer = program.call('POST', '/actions', {'verb': verb, 'select': select, **more})
    assert answer.status_code == status, answer.text
    return answer.json


def test_one_value_of_a_torrent(site: Site, program: Program, rtorrent: Rtorrent) -> None:
    made = loaded(rtorrent)
    site.services.hub.look()  # somebody has the list open
    for body, command, stored in (
        ({'label': 'a & b'}, 'd.custom1', 'a%20%26%20b'),
        ({'priority': 3}, 'd.priority', 3),
        ({'directory': f'{rtorrent.downloads}/sub'}, 'd.directory', f'{rtorrent.downloads}/sub'),
    ):
        answer = program.call('PATCH', base(made), body)
        assert (answer.status_code, answer.json['state']) == (200, 'done'), answer.text
        assert rtorrent.call(command, made.info_hash) == stored
    row = site.services.hub.snapshot.get('home', made.info_hash)
    assert row is not None
    assert 'a & b' in row


@pytest.mark.parametrize(
    ('body', 'field'),
    [
        ({}, ''), ({'label': 1}, 'label'), ({'label': 'x' * 300}, 'label'), ({'priority': 4}, 'priority'),
        ({'priority': True}, 'priority'), ({'labl': 'x'}, 'labl'), ({'label': 'x', 'priority': 1}, ''), ([], ''),
        ({'throttle': 'a b'}, 'throttle'), ('label', ''), (None, ''),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named(program: Program, rtorrent: Rtorrent, body: Any, field: str) -> None:
    made = loaded(rtorrent)
    answer = program.call('PATCH', base(made), body if body is not None else b'null')
    assert (answer.status_code, answer.json['error']['details'].get('field', '')) == (400, field)


def test_the_priority_of_files(program: Program, rtorrent: Rtorrent) -> None:
    made = loaded(rtorrent, 'tree', {'a/b/one': 1000, 'a/two': 2000, 'top': 3000})
    path = base(made) + '/files'
    program.get(path)
    answer = program.call('PATCH', path, {'dir': 'a', 'priority': 0})
    assert (answer.status_code, answer.json['files']) == (200, 2)
    assert [each['priority'] for each in program.get(path)['entries']] == [0, 1]
    assert program.get(path)['priority'] is None
    assert program.call('PATCH', path, {'indexes': [2], 'priority': 2}).status_code == 200
    assert [rtorrent.call('f.priority', f'{made.info_hash}:f{at}') for at in range(3)] == [0, 0, 2]
    assert program.call('PATCH', path, {'indexes': [3], 'priority': 2}).status_code == 404
    assert program.call('PATCH', path, {'dir': 'no', 'priority': 2}).status_code == 404
    for wrong in (
        {'priority': 2},
        {'dir': '', 'indexes': [1], 'priority': 2},
        {'indexes': [], 'priority': 2},
    ):
        assert program.call('PATCH', path, wrong).status_code == 400


def test_more_files_than_a_request_can_name(program: Program, rtorrent: Rtorrent) -> None:
    made = loaded(rtorrent, 'tree', {f'd{at % 7}/f{at}': 1 for at in range(2500)})
    path = base(made) + '/files'
    answer = program.call('PATCH', path, {'dir': '', 'priority': 0})
    assert (answer.status_code, answer.json['files']) == (200, 2500)
    assert program.get(path)['priority'] == 0


def test_a_tracker_is_switched(program: Program, rtorrent: Rtorrent) -> None:
    made = loaded(rtorrent)
    path = base(made) + '/trackers'
    assert program.call('PATCH', path, {'index': 0, 'enabled': False}).status_code == 200
    [tracker] = program.get(path)['trackers']
    assert (tracker['enabled'], tracker['status']) == (False, 'off')
    assert program.call('PATCH', path, {'index': 5, 'enabled': False}).status_code == 404


def test_a_few_torrents_by_name(program: Program, rtorrent: Rtorrent) -> None:
    made = several(rtorrent, 3)
    names = [f'home/{each.info_hash}' for each in made[:2]]
    said = act(program, 'start', {'torrents': [*names, names[0].lower().replace('home', 'home')]})
    assert (said['state'], said['total'], said['done'], said['failed']) == ('done', 2, 2, [])
    assert [rtorrent.call('d.state', each.info_hash) for each in made] == [1, 1, 0]
    assert program.get(f'/actions/{said["job"]}') == said
    gone = act(program, 'start', {'torrents': [f'home/{"A" * 40}', f'nowhere/{"A" * 40}', names[0]]})
    assert (gone['done'], gone['failed_count']) == (1, 2)
    assert {each['code'] for each in gone['failed']} == {'not_found'}


def test_all_matching_minus_some(site: Site, program: Program, rtorrent: Rtorrent) -> None:
    made = several(rtorrent, 130, 'linux')
    other = loaded(rtorrent, 'other')
    site.services.hub.look()
    keep = site.services.hub.snapshot.get('home', made[7].info_hash)
    assert keep is not None
    select = {'q': 'label=linux', 'except': [keep[-5]]}
    told = program.call('POST', '/actions/preview', {'verb': 'erase', 'select': select}).json
    assert (told['count'], told['targets'], len(told['names'])) == (129, {'home': 129}, 20)
    assert told['bytes'] == sum(each.size for each in made) - made[7].size
    assert 'data stays' in told['help']
    act(program, 'erase', select, 400)
    act(program, 'erase', select, 409, sure=True, expect=130)
    assert len(rtorrent.hashes()) == 131
    said = act(program, 'erase', select, 202, sure=True, expect=129)
    wait_for(lambda: program.get(f'/actions/{said["job"]}')['state'] != 'running', 30, 'the job')
    assert program.get(f'/actions/{said["job"]}')['done'] == 129
    assert sorted(rtorrent.hashes()) == sorted([made[7].info_hash, other.info_hash])
    assert made[0].path.exists()


def test_numbers_of_an_earlier_process_leave_nothing_out_by_chance(
    site: Site, program: Program, rtorrent: Rtorrent
) -> None:
    """A page that was open while pyroTorrent was restarted still holds the old numbers, of other torrents."""
    made = loaded(rtorrent)
    site.services.hub.look()
    earlier = Snapshot()
    rows = site.services.hub.snapshot.all()[1]
    earlier.update('home', [row[: len(LIST)] for row in rows], whole=True)
    old = earlier.all()[1][0][AT['id']]
    for number in (old, 1):
        select = {'q': '', 'except': [number]}
        assert (
            program.call('POST', '/actions/preview', {'verb': 'erase', 'select': select}).status_code == 409
        )
        act(program, 'erase', select, 409, sure=True)
    assert rtorrent.hashes() == [made.info_hash]


def test_other_torrents_than_the_preview_told_are_left_alone(
    site: Site, program: Program, rtorrent: Rtorrent
) -> None:
    first = loaded(rtorrent, 'first')
    select = {'q': ''}
    site.services.hub.look()
    told = program.call('POST', '/actions/preview', {'verb': 'erase', 'select': select}).json
    rtorrent.call('d.erase', first.info_hash)
    second = loaded(rtorrent, 'second')
    snapshot = site.services.hub.snapshot

    def changed() -> bool:
        site.services.hub.poke(['home'], wait=1.0)
        return [row[AT['hash']] for row in snapshot.all()[1]] == [second.info_hash]

    wait_for(changed, 20, 'the change')
    more = {'sure': True, 'expect': told['count'], 'digest': told['digest']}
    act(program, 'erase', select, 409, **more)
    assert rtorrent.hashes() == [second.info_hash]
    told = program.call('POST', '/actions/preview', {'verb': 'erase', 'select': select}).json
    assert act(program, 'erase', select, **(more | {'digest': told['digest']}))['done'] == 1


def test_facets_views_and_targets_select(build: Build, start_rtorrent: Any) -> None:
    home, box = start_rtorrent('0.9.8'), start_rtorrent('0.9.8')
    made, label = several(home, 2, 'x'), loaded(home, 'label less')
    elsewhere = loaded(box, 'elsewhere')
    home.call('d.start', made[0].info_hash)
    wait_for(lambda: home.call('d.is_active', made[0].info_hash), 20, 'the start')
    program = build(home=home, box=box).program('robot')

    def count(**select: Any) -> int:
        answer = program.call('POST', '/actions/preview', {'verb': 'stop', 'select': select})
        assert answer.status_code == 200, answer.text
        return int(answer.json['count'])

    assert elsewhere
    assert label
    assert count(q='') == 4
    assert count(target='box') == 1
    assert count(**{'in': ['label:x']}) == 2
    assert count(**{'in': ['label:x', 'label:'], 'not': ['target:box']}) == 3
    assert count(**{'in': ['label:x', 'state:stopped']}) == 1
    assert count(view='started') == 1
    for wrong, status in (
        ({'except': [1]}, 400),
        ({'in': ['colour:x']}, 400),
        ({'target': 'x'}, 400),
        ({'view': 'none'}, 404),
        ({'q': 'x>'}, 400),
        ({}, 400),
    ):
        answer = program.call('POST', '/actions/preview', {'verb': 'stop', 'select': wrong})
        assert answer.status_code == status, wrong


def test_arguments_are_checked_before_anything_is_sent(program: Program, rtorrent: Rtorrent) -> None:
    made = loaded(rtorrent)
    select = {'torrents': [f'home/{made.info_hash}']}
    assert act(program, 'label', select, args={'label': 'x'})['done'] == 1
    assert rtorrent.call('d.custom1', made.info_hash) == 'x'
    for verb, args in (('label', {}), ('label', {'label': ['x']}), ('start', {'label': 'x'}), ('boom', {})):
        act(program, verb, select, 400, args=args)
    for wrong in (
        {'torrents': ['x']},
        {'torrents': ['home/xyz']},
        {'torrents': []},
        {'torrents': [1]},
        {'torrents': [f'home/{made.info_hash}'], 'q': ''},
    ):
        act(program, 'start', wrong, 400)


def test_a_job_is_its_accounts(site: Site, program: Program, rtorrent: Rtorrent) -> None:
    made = loaded(rtorrent)
    said = act(program, 'start', {'torrents': [f'home/{made.info_hash}']})
    assert site.program('other', 'write').call('GET', f'/actions/{said["job"]}').status_code == 404
    assert site.browser('boss').call('GET', f'/actions/{said["job"]}').status_code == 200
    assert program.call('GET', '/actions/nothing').status_code == 404


@pytest.mark.parametrize('how', ['revoked', 'demoted'])
def test_a_job_ends_with_the_right_to_do_it(
    site: Site, program: Program, rtorrent: Rtorrent, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    services, boss = site.services, site.browser('boss')
    monkeypatch.setattr('model.bulk.QUICK', 0)
    monkeypatch.setattr('model.bulk.BATCH', 1)
    [token] = services.tokens.list()
    note = services.bulk.jobs.note

    def first_done(job: Job) -> None:
        note(job)
        if how == 'revoked':
            services.tokens.revoke(token.id)
        else:
            services.users.set_role(token.user_id, 'read')

    monkeypatch.setattr(services.bulk.jobs, 'note', first_done)
    names = [f'home/{made.info_hash}' for made in several(rtorrent, 3)]
    job = act(program, 'start', {'torrents': names}, 202)['job']
    wait_for(lambda: boss.call('GET', f'/actions/{job}').json['state'] != 'running', 20, 'the end of the job')
    said = boss.call('GET', f'/actions/{job}').json
    assert (said['state'], said['done']) == ('stopped', 1)
