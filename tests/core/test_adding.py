"""Adding to real rTorrents: what is there afterwards, what is refused before, what is said in between."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lib.errors import Conflict, Denied, NotFound, PyroError, TimedOut, TooLarge, UsageError
from lib.wire.rpc import Rpc
from model import actions
from model.adding import Added, add
from model.backends import rtorrent_adding
from model.backends.rtorrent import RTorrentBackend
from model.fields import INDEX, Row
from model.hub import Hub
from tests.core.support import Recorder, backend_of, frozen, hub_of, recorder
from tests.core.test_actions import HOSTILE, silent_hub, stubborn_hub
from tests.rig import Made, Rtorrent, Tracker, bencode, make, wait_for, wait_for_peers

ANNOUNCE = 'http://127.0.0.1:1/announce'
MAGNET = f'magnet:?xt=urn:btih:{"A" * 40}&tr={ANNOUNCE}'


def made_in(
    rtorrent: Rtorrent, name: str = 'thing', content: Any = 100_000, announce: str = ANNOUNCE
) -> Made:
    """A torrent whose data is not where it would be downloaded to."""
    return make(rtorrent.directory / 'source', name, content, announce=announce)


def watched(rtorrent: Rtorrent) -> tuple[Hub, Recorder]:
    link = recorder(rtorrent)
    return Hub([RTorrentBackend(Rpc(link, target='box'))], roots=[str(rtorrent.directory)]), link


def field(row: Row, key: str) -> Any:
    return row[INDEX[key]]


def said(added: Added) -> list[str]:
    """The warnings, without the one that all trackers of these tests cost."""
    return [warning for warning in added.warnings if 'private network' not in warning]


def magnet_of(made: Made, tracker: Tracker | None = None) -> str:
    announce = tracker.url if tracker else ANNOUNCE
    return f'magnet:?xt=urn:btih:{made.info_hash}&dn={made.name}&tr={announce.replace(":", "%3A")}'


def test_a_file_with_everything(any_rtorrent: Rtorrent) -> None:
    hub, made = hub_of(any_rtorrent), made_in(any_rtorrent)
    there = any_rtorrent.directory / 'my “place” "x" $y;z'
    added = add(hub, 'box', torrent=made.data, start=True, label='Linux é', directory=str(there))
    assert (added.hash, added.name, added.existed, said(added)) == (made.info_hash, 'thing', False, [])
    row = hub.get('box').row(made.info_hash)
    assert (field(row, 'label'), field(row, 'directory'), field(row, 'state')) == ('Linux é', str(there), 1)
    now = int(any_rtorrent.call('system.time_seconds' if any_rtorrent else ''))
    assert abs(field(row, 'added') - now) < 60
    wait_for((there / 'thing').exists, 10, 'the file')


def test_a_file_stopped_and_bare(any_rtorrent: Rtorrent) -> None:
    hub, made = hub_of(any_rtorrent), made_in(any_rtorrent)
    add(hub, 'box', torrent=made.data, start=False)
    row = hub.get('box').row(made.info_hash)
    assert (field(row, 'label'), field(row, 'state'), field(row, 'is_open')) == ('', 0, 0)
    assert field(row, 'directory') == str(any_rtorrent.downloads)


def test_nothing_of_the_request_is_a_command(any_rtorrent: Rtorrent) -> None:
    (hub, link), made = watched(any_rtorrent), made_in(any_rtorrent)
    add(hub, 'box', torrent=made.seed, label='a b', directory=str(any_rtorrent.downloads))
    (load,) = link.written('load.')
    assert b'<methodName>load.raw</methodName>' in load
    assert load.count(b'<param>') == 2  # the target '' and the file: no trailing commands
    assert b'<base64>' in load
    for secret in (b'libtorrent_resume', b'a%20b'):
        assert secret not in load


@pytest.mark.parametrize('by_magnet', [False, True])
def test_there_already(any_rtorrent: Rtorrent, by_magnet: bool) -> None:
    (hub, link), made = watched(any_rtorrent), made_in(any_rtorrent)
    add(hub, 'box', torrent=made.data, start=False, label='first')
    link.sent.clear()
    again = {'magnet': magnet_of(made)} if by_magnet else {'torrent': made.data}
    added = add(hub, 'box', **again, start=True, label='second')  # type: ignore[arg-type]
    assert (added.hash, added.name, added.existed) == (made.info_hash, 'thing', True)
    row = hub.get('box').row(made.info_hash)
    assert (field(row, 'label'), field(row, 'state')) == ('first', 0)
    assert not link.written('load.', '.set', 'd.start')


@pytest.mark.parametrize(
    'wrong',
    [
        {},
        {'torrent': b'', 'magnet': ''},
        {'torrent': b''},
        {'torrent': b'<html>'},
        {'torrent': b'd4:infod4:name0:ee'},
        {
            'torrent': bencode(
                {'info': {'name': '..', 'length': 1, 'piece length': 16384, 'pieces': b'a' * 20}}
            )
        },
        {'magnet': 'http://x/'},
        {'magnet': 'magnet:?dn=x'},
        {'magnet': f'magnet:?xt=urn:btih:{"A" * 40}', 'label': 'a\nb'},
        {'magnet': f'magnet:?xt=urn:btih:{"A" * 40}', 'label': 'x' * 256},
        {'torrent': b'x' * 100, 'max_bytes': 10},
    ],
)
def test_what_is_wrong_is_never_sent(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        add(silent_hub(), 'box', **wrong)


def test_unknown_target_and_forbidden_directories() -> None:
    magnet = f'magnet:?xt=urn:btih:{"A" * 40}'
    with pytest.raises(NotFound):
        add(silent_hub(), 'nix', magnet=magnet)
    for directory in ('/etc', '/srv-evil', '/srv/../etc', 'srv', '~', '/'):
        with pytest.raises(Denied):
            add(silent_hub(), 'box', magnet=magnet, directory=directory)


def test_duplicate_paths_never_reach_rtorrent(rtorrent: Rtorrent) -> None:
    """They would end it (0.9.8 and 0.16.17)."""
    info = {
        'name': 'x',
        'piece length': 16384,
        'pieces': b'a' * 20,
        'files': [{'length': 1, 'path': ['a']}, {'length': 1, 'path': ['a']}],
    }
    with pytest.raises(UsageError):
        add(hub_of(rtorrent), 'box', torrent=bencode({'announce': ANNOUNCE, 'info': info}))
    assert rtorrent.call('system.pid') == rtorrent.pid


def test_what_rtorrent_does_not_take_is_said(rtorrent: Rtorrent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rtorrent_adding, '_PATIENCE', 0.2)
    with pytest.raises(Conflict, match='without trackers needs DHT'):
        add(hub_of(rtorrent), 'box', magnet=f'magnet:?xt=urn:btih:{"A" * 40}')


def huge(pieces: int) -> bytes:
    info = {'name': 'huge', 'piece length': 16384, 'pieces': b'a' * 20 * pieces, 'length': pieces * 16384}
    return bencode({'announce': ANNOUNCE, 'info': info})


def test_too_large_for_the_present_limit(rtorrent: Rtorrent) -> None:
    torrent = huge(30_000)
    with pytest.raises(TooLarge, match=re.escape('network.xmlrpc.size_limit.set = 2097152')):
        add(hub_of(rtorrent), 'box', torrent=torrent)
    assert rtorrent.call('network.xmlrpc.size_limit') == 524288  # nothing is changed behind the user's back
    rtorrent.call('network.xmlrpc.size_limit.set', '', 2097152)
    assert add(hub_of(rtorrent), 'box', torrent=torrent, start=False).name == 'huge'


def test_too_large_for_any_limit(rtorrent: Rtorrent) -> None:
    rtorrent.call('network.xmlrpc.size_limit.set', '', 8_000_000)
    with pytest.raises(TooLarge, match='2 MiB at most'):
        add(hub_of(rtorrent), 'box', torrent=huge(100_000))


def test_a_directory_rtorrent_cannot_make(any_rtorrent: Rtorrent) -> None:
    deep = any_rtorrent.directory / 'not' / 'there'
    added = add(
        hub_of(any_rtorrent), 'box', torrent=made_in(any_rtorrent).data, start=True, directory=str(deep)
    )
    (warning,) = said(added)
    assert 'does not start' in warning
    assert str(deep) in warning


def test_a_directory_we_can_make_for_it(any_rtorrent: Rtorrent) -> None:
    deep = any_rtorrent.directory / 'not' / 'there'
    hub = Hub([backend_of(any_rtorrent, socket=any_rtorrent.socket)], roots=[str(any_rtorrent.directory)])
    added = add(hub, 'box', torrent=made_in(any_rtorrent).data, start=True, directory=str(deep))
    assert said(added) == []
    wait_for((deep / 'thing').exists, 10, 'the file')


# Lost answers


def test_a_lost_answer_to_the_load_is_settled(any_rtorrent: Rtorrent) -> None:
    (hub, link), made = watched(any_rtorrent), made_in(any_rtorrent)
    link.lose = lambda body: b'load.raw' in body
    added = add(hub, 'box', torrent=made.data, start=True, label='x')
    assert (added.existed, said(added)) == (False, [])
    row = hub.get('box').row(made.info_hash)
    assert (field(row, 'label'), field(row, 'state')) == ('x', 1)
    assert len(link.written('load.raw')) == 1


def test_no_answer_at_all_is_unknown(any_rtorrent: Rtorrent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rtorrent_adding, '_PATIENCE', 0.1)
    hub, made = stubborn_hub(any_rtorrent), made_in(any_rtorrent)
    backend = hub.get('box')
    assert backend.overview().rows == []
    link = recorder(any_rtorrent)
    with frozen(any_rtorrent), pytest.raises(TimedOut):
        add(
            hub, 'box', torrent=made.data
        )  # the question whether it is there gets no answer: nothing was loaded
    assert any_rtorrent.hashes() == []

    link.lose = lambda body: b'system.listMethods' not in body and len(link.written('load.raw')) > 0
    with pytest.raises(TimedOut, match='not known whether'):
        add(Hub([RTorrentBackend(Rpc(link, target='box'))]), 'box', torrent=made.data)


def test_lost_answers_to_the_setters_leave_it_stopped(any_rtorrent: Rtorrent) -> None:
    (hub, link), made = watched(any_rtorrent), made_in(any_rtorrent)
    link.lose = lambda body: b'd.custom.set' in body
    added = add(hub, 'box', torrent=made.data, start=True, label='x')
    assert 'not started' in said(added)[0]
    assert any_rtorrent.call('d.state', made.info_hash) == 0


# Hostile texts


@pytest.mark.parametrize('payload', HOSTILE)
@pytest.mark.parametrize('by_magnet', [False, True])
def test_hostile_labels_are_only_text(any_rtorrent: Rtorrent, payload: str, by_magnet: bool) -> None:
    oracle = any_rtorrent.directory / 'oracle'
    label = payload.format(oracle=oracle)
    hub, made = hub_of(any_rtorrent), made_in(any_rtorrent)
    what: dict[str, Any] = {'magnet': magnet_of(made)} if by_magnet else {'torrent': made.data}
    add(hub, 'box', **what, start=True, label=label)
    assert field(hub.get('box').overview().rows[0], 'label') == label
    assert not oracle.exists()


@pytest.mark.parametrize('payload', HOSTILE)
def test_hostile_directories_are_only_text(any_rtorrent: Rtorrent, payload: str) -> None:
    oracle = any_rtorrent.directory / 'oracle'
    directory = f'{any_rtorrent.directory}/{payload.format(oracle="oracle")}'.rstrip('/')
    hub, made = hub_of(any_rtorrent), made_in(any_rtorrent)
    add(hub, 'box', torrent=made.data, start=False, directory=directory)
    assert field(hub.get('box').overview().rows[0], 'directory') == directory
    any_rtorrent.call('d.erase', made.info_hash)
    try:
        add(hub, 'box', magnet=magnet_of(made), start=False, directory=directory)
    except UsageError as error:
        assert error.field == 'directory'
        assert '"' in directory or '\\' in directory
    else:
        assert field(hub.get('box').overview().rows[0], 'directory') == directory
    assert not oracle.exists()
    assert not any_rtorrent.directory.joinpath('touch').exists()


@pytest.mark.parametrize(
    'name', ['$execute.nothrow=touch,{oracle}', 'x;execute.nothrow=touch,{oracle}', '"x",$y']
)
def test_hostile_magnets_are_only_text(any_rtorrent: Rtorrent, name: str) -> None:
    oracle, (hub, link) = any_rtorrent.directory / 'oracle', watched(any_rtorrent)
    uri = (
        f'magnet:?xt=urn:btih:{"A" * 40}&tr={ANNOUNCE}&dn={name.format(oracle=oracle)}&x.pe=127.0.0.1:1&so=$z'
    )
    added = add(hub, 'box', magnet=uri, start=True)
    assert added.hash == 'A' * 40
    assert field(hub.get('box').overview().rows[0], 'is_meta') == 1
    (load,) = link.written('load.')
    load = load.replace(b'&amp;', b'&')
    for secret in (b'$', b';', b'"x"', b'x.pe', b'so='):
        assert secret not in load
    assert not oracle.exists()


# Magnets


def test_a_magnet_becomes_its_torrent_with_all_that_was_asked_for(
    start_rtorrent: Any, any_rtorrent: Rtorrent, tracker: Tracker
) -> None:
    """rTorrent builds the real torrent anew when the metadata arrives; label, directory and time survive that."""
    source = start_rtorrent(address='127.0.0.2')
    made = make(source.downloads, 'thing', 400_000, announce=tracker.url)
    source.load(made.seed, made.info_hash, start=True)
    wait_for(lambda: tracker.peers(made.info_hash), 20, 'the seeder to announce')
    hub, there = hub_of(any_rtorrent), any_rtorrent.directory / 'oth er;é'
    added = add(
        hub, 'box', magnet=magnet_of(made, tracker), start=True, label='a/b “c”', directory=str(there)
    )
    assert (added.hash, added.name, added.existed, said(added)) == (made.info_hash, 'thing', False, [])
    backend = hub.get('box')
    at_first = field(backend.row(made.info_hash), 'added')
    wait_for_peers(any_rtorrent, lambda: _complete(hub, made), 'the download to complete')
    row = backend.row(made.info_hash)
    assert (field(row, 'name'), field(row, 'label'), field(row, 'directory')) == (
        'thing',
        'a/b “c”',
        str(there),
    )
    assert (field(row, 'is_meta'), field(row, 'state'), field(row, 'added')) == (0, 1, at_first)
    assert (there / 'thing').read_bytes() == made.path.read_bytes()


def _complete(hub: Hub, made: Made) -> bool:
    try:
        return bool(field(hub.get('box').row(made.info_hash), 'complete'))
    except PyroError:
        return False  # between the metadata and the torrent there is a moment without either


def test_a_stopped_magnet_says_what_it_needs(any_rtorrent: Rtorrent) -> None:
    hub = hub_of(any_rtorrent)
    added = add(hub, 'box', magnet=MAGNET, start=False)
    row = hub.get('box').row('A' * 40)
    assert (field(row, 'is_meta'), field(row, 'state')) == (1, 0)
    assert 'metadata only while it is started' in said(added)[0]


def test_the_directory_of_a_waiting_magnet_stays(any_rtorrent: Rtorrent) -> None:
    from model.actions import run

    hub = hub_of(any_rtorrent)
    add(hub, 'box', magnet=MAGNET, start=True)
    outcome = run(hub, 'box', 'A' * 40, 'directory', {'directory': f'{any_rtorrent.directory}/x'})
    assert (outcome.state, outcome.code) == ('failed', 'conflict')


# The whole way


def test_a_transfer_between_two(start_rtorrent: Any, any_rtorrent: Rtorrent, tracker: Tracker) -> None:
    source = start_rtorrent(settings=['throttle.global_up.max_rate.set_kb = 2000'])
    made = make(source.downloads, 'several', {'a/b': 3_000_000, 'c': 2_000_000}, announce=tracker.url)
    source.load(made.seed, made.info_hash, start=True)
    wait_for(lambda: tracker.peers(made.info_hash), 20, 'the seeder to announce')
    hub = hub_of(any_rtorrent)
    add(hub, 'box', torrent=made.data, start=True, label='moving')
    backend = hub.get('box')

    detail = wait_for(lambda: _with_peers(hub, made), 30, 'a peer')
    assert detail.peers[0].address == '127.0.0.1'
    assert detail.peers[0].progress == 1.0
    row = wait_for(
        lambda: next((one for one in backend.overview().rows if field(one, 'down_rate') > 0), None),
        30,
        'a rate',
    )
    assert field(row, 'peers_connected') >= 1
    wait_for(lambda: field(backend.row(made.info_hash), 'complete'), 60, 'the download to complete')
    detail = backend.detail(made.info_hash)
    assert [file.progress for file in detail.files] == [1.0, 1.0]
    assert field(detail.row, 'finished') > 0
    assert field(detail.row, 'left_bytes') == 0
    assert detail.trackers[0].is_working
    for part in ('a/b', 'c'):
        assert (any_rtorrent.downloads / 'several' / part).read_bytes() == (made.path / part).read_bytes()


def _with_peers(hub: Hub, made: Made) -> Any:
    detail = hub.get('box').detail(made.info_hash)
    return detail if detail.peers else None


def test_nothing_that_follows_an_addition_saves_it_again(any_rtorrent: Rtorrent) -> None:
    """0.16 loses the file of a torrent that is to be saved again while it is being saved for the first time."""
    hub, session = hub_of(any_rtorrent), any_rtorrent.session
    pair = [made_in(any_rtorrent, name) for name in ('one', 'other')]
    there = str(any_rtorrent.directory / 'there')
    for made in pair:
        add(hub, 'box', torrent=made.data, start=True, label='x', directory=there)
    files = [session / f'{made.info_hash}.torrent' for made in pair]
    states = [file.with_name(f'{file.name}.rtorrent') for file in files]
    wait_for(lambda: all(each.exists() for each in files + states), 60, 'both to be saved')
    for state in states:
        state.unlink()
    settings: dict[str, dict[str, Any]] = {'label': {'label': 'y'}, 'priority': {'priority': 3}}
    verbs = ('stop', 'start', 'pause', 'resume', 'check', 'announce', 'close', 'open', 'label', 'priority')
    for verb in verbs:
        assert actions.run(hub, 'box', pair[0].info_hash, verb, settings.get(verb)).ok, verb
    any_rtorrent.call('d.save_resume', pair[1].info_hash)  # what was to be saved before comes before it
    wait_for(states[1].exists, 60, 'the other to be saved')
    assert not states[0].exists()
