"""Verbs on real rTorrents: what they do, what they refuse, and what is said when no answer comes."""

from __future__ import annotations

import xmlrpc.client
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.errors import Conflict, NotFound, PyroError, TimedOut, UnknownName, UsageError
from lib.wire import transport, url
from lib.wire.rpc import Rpc
from model import actions
from model.actions import VERBS, run, run_many
from model.backends.base import CAPABILITIES
from model.backends.rtorrent import LACKS, RTorrentBackend
from model.backends.rtorrent_verbs import RECIPES
from model.fields import INDEX, Row
from model.hub import Hub
from tests.core.support import Fake, Recorder, backend_of, frozen, hub_of, loaded, recorder, reply
from tests.rig import Rtorrent, make, wait_for
from tests.rig.factory import Factory


def field(row: Row, key: str) -> Any:
    return row[INDEX[key]]


def do(hub: Hub, info_hash: str, verb: str, **args: object) -> Row:
    """Do it and read the row; an error is raised."""
    outcome = run(hub, 'box', info_hash, verb, args)
    assert outcome.ok, outcome.message
    return hub.get('box').row(info_hash)


def test_every_verb_has_a_recipe_and_a_capability() -> None:
    needed = {verb.name: verb.capability or verb.name for verb in VERBS.values()}
    assert set(needed.values()) <= CAPABILITIES
    assert {name for name, capability in needed.items() if capability not in LACKS} == RECIPES.keys()
    assert [verb.name for verb in VERBS.values() if verb.destructive] == ['erase', 'erase_data']


def test_start_stop_pause_open_close(any_rtorrent: Rtorrent) -> None:
    hub, made = hub_of(any_rtorrent), loaded(any_rtorrent)

    def becomes(verb: str, **wanted: int) -> None:
        do(hub, made.info_hash, verb)
        wait_for(
            lambda: all(
                field(hub.get('box').row(made.info_hash), key) == value for key, value in wanted.items()
            ),
            10,
            f'{wanted} after {verb}',
        )

    running = {'state': 1, 'is_open': 1, 'is_active': 1}
    becomes('open', state=0, is_open=1, is_active=0)
    becomes('start', **running)
    becomes('pause', state=1, is_open=1, is_active=0)
    becomes('resume', **running)
    becomes('pause', is_active=0)
    becomes('start', **running)  # d.start alone does nothing to a paused torrent
    becomes('stop', state=0, is_active=0)
    becomes('start', **running)
    becomes('close', state=0, is_open=0)
    becomes('start', **running)
    any_rtorrent.call('d.close', made.info_hash)  # as other tools do it: it still counts as started
    becomes('start', **running)
    becomes('check', is_active=1, hashing=0)
    becomes('announce', **running)


def test_label_priority_throttle(any_rtorrent: Rtorrent) -> None:
    hub, made = hub_of(any_rtorrent), loaded(any_rtorrent)
    any_rtorrent.call('throttle.up', '', 'slow', '10')
    do(hub, made.info_hash, 'start')
    assert field(do(hub, made.info_hash, 'label', label=' Linux “ISO” 100% '), 'label') == 'Linux “ISO” 100%'
    assert field(do(hub, made.info_hash, 'label', label=''), 'label') == ''
    assert field(do(hub, made.info_hash, 'priority', priority='3'), 'priority') == 3
    wait_for(lambda: any_rtorrent.call('d.is_active', made.info_hash) == 1, 10, 'the torrent to run')
    row = do(hub, made.info_hash, 'throttle', throttle='slow')  # rTorrent refuses that while it runs
    assert (field(row, 'throttle'), field(row, 'is_active')) == ('slow', 1)
    assert field(do(hub, made.info_hash, 'throttle', throttle=''), 'throttle') == ''
    outcome = run(hub, 'box', made.info_hash, 'throttle', {'throttle': 'nosuch'})
    assert isinstance(outcome.error, NotFound)
    assert 'nosuch' in outcome.message


def test_directory(any_rtorrent: Rtorrent) -> None:
    hub, made = hub_of(any_rtorrent), loaded(any_rtorrent, 'several', {'a': 70_000, 'b': 9})
    elsewhere = any_rtorrent.directory / 'new "x" $y;z,'
    row = do(hub, made.info_hash, 'directory', directory=str(elsewhere))
    assert field(row, 'directory') == f'{elsewhere}/several'
    elsewhere.mkdir()
    do(hub, made.info_hash, 'start')
    wait_for((elsewhere / 'several' / 'a').exists, 10, 'the files')


def test_directory_of_a_torrent_that_could_not_start(any_rtorrent: Rtorrent) -> None:
    """rTorrent makes one level of directories and says nothing about more."""
    hub, made = hub_of(any_rtorrent), loaded(any_rtorrent, 'several', {'a': 70_000, 'b': 9})
    deep = any_rtorrent.directory / 'not' / 'there'
    do(hub, made.info_hash, 'directory', directory=str(deep))
    do(hub, made.info_hash, 'start')
    wait_for(lambda: any_rtorrent.call('d.is_hash_checked', made.info_hash) == 1, 10, 'the check')
    assert not deep.exists()
    there = any_rtorrent.directory / 'there'
    there.mkdir()
    do(hub, made.info_hash, 'directory', directory=str(there))
    wait_for((there / 'several').is_dir, 10, 'the files')
    wait_for(lambda: any_rtorrent.call('d.is_active', made.info_hash) == 1, 10, 'the torrent to run')


def test_directories_are_made_as_the_same_user(rtorrent: Rtorrent) -> None:
    made, deep = loaded(rtorrent), rtorrent.directory / 'not' / 'there'
    hub = Hub([backend_of(rtorrent, socket=rtorrent.socket)], roots=[str(rtorrent.directory)])
    do(hub, made.info_hash, 'directory', directory=str(deep))
    do(hub, made.info_hash, 'start')
    wait_for((deep / 'thing').exists, 10, 'the file')


def test_directory_is_not_changed_after_the_start(any_rtorrent: Rtorrent) -> None:
    hub = hub_of(any_rtorrent)
    made = make(any_rtorrent.downloads, 'full', 100_000, announce='http://127.0.0.1:1/announce')
    any_rtorrent.load(made.seed, made.info_hash, start=True)
    outcome = run(hub, 'box', made.info_hash, 'directory', {'directory': f'{any_rtorrent.directory}/new'})
    assert isinstance(outcome.error, Conflict)
    assert field(hub.get('box').row(made.info_hash), 'directory') == str(any_rtorrent.downloads)


@pytest.mark.parametrize(
    'directory', ['/etc', '/', 'relative', '~', '{root}-evil', '{root}/../x', '{root}/a\nb', '', 7]
)
def test_directories_outside_are_refused(rtorrent: Rtorrent, directory: Any) -> None:
    link = recorder(rtorrent)
    root = rtorrent.directory / 'root'
    hub = Hub([RTorrentBackend(Rpc(link, target='box'))], roots=[str(root)])
    if isinstance(directory, str):
        directory = directory.format(root=root)
    with pytest.raises(PyroError) as caught:
        outcome = run(hub, 'box', 'A' * 40, 'directory', {'directory': directory})
        raise outcome.error or AssertionError('allowed')
    assert caught.value.code in ('denied', 'bad_input')
    assert link.sent == []


def test_files_and_trackers(any_rtorrent: Rtorrent) -> None:
    hub, made = hub_of(any_rtorrent), loaded(any_rtorrent, 'several', {f'f{at}': 5000 for at in range(5)})
    for indexes, priority in (([0, 3], 0), ('4', '2')):
        assert run(hub, 'box', made.info_hash, 'file_priority', {'indexes': indexes, 'priority': priority}).ok
    detail = hub.get('box').detail(made.info_hash)
    assert [file.priority for file in detail.files] == [0, 1, 1, 0, 2]
    assert run(hub, 'box', made.info_hash, 'tracker_enable', {'index': 0, 'on': 'no'}).ok
    assert not hub.get('box').detail(made.info_hash).trackers[0].is_enabled
    for verb, args in (
        ('file_priority', {'indexes': [5], 'priority': 1}),
        ('tracker_enable', {'index': 1, 'on': True}),
    ):
        outcome = run(hub, 'box', made.info_hash, verb, args)
        assert isinstance(outcome.error, NotFound), outcome
    assert any_rtorrent.running


def test_erase_leaves_the_data(any_rtorrent: Rtorrent) -> None:
    hub, made = hub_of(any_rtorrent), loaded(any_rtorrent)
    assert run(hub, 'box', made.info_hash.lower(), 'erase').ok
    assert any_rtorrent.hashes() == []
    assert made.path.stat().st_size == made.size
    again = run(hub, 'box', made.info_hash, 'erase')
    assert (again.state, again.code) == ('failed', 'not_found')


BAD: list[tuple[str, Mapping[str, Any]]] = [
    ('label', {}),
    ('label', {'label': 'x' * 256}),
    ('label', {'label': 'a\nb'}),
    ('label', {'label': 'a\x00'}),
    ('label', {'label': '\ud800'}),
    ('label', {'label': 7}),
    ('label', {'label': b'x'}),
    ('label', {'label': 'x', 'extra': 1}),
    ('priority', {'priority': 4}),
    ('priority', {'priority': -1}),
    ('priority', {'priority': 'high'}),
    ('priority', {'priority': True}),
    ('priority', {'priority': 1.5}),
    ('priority', {'priority': [1]}),
    ('throttle', {'throttle': 'a b'}),
    ('throttle', {'throttle': '$x'}),
    ('throttle', {'throttle': 'x' * 65}),
    ('file_priority', {'indexes': [], 'priority': 1}),
    ('file_priority', {'indexes': [-1], 'priority': 1}),
    ('file_priority', {'indexes': ['0:t0'], 'priority': 1}),
    ('file_priority', {'indexes': {'a': 1}, 'priority': 1}),
    ('file_priority', {'indexes': [0], 'priority': 3}),
    ('tracker_enable', {'index': '0:f0', 'on': True}),
    ('tracker_enable', {'index': 0, 'on': 'perhaps'}),
    ('tracker_enable', {'index': 0}),
    ('start', {'label': 'x'}),
    ('execute', {}),
    ('d.erase', {}),
    ('__class__', {}),
    ('', {}),
]


def silent_hub() -> Hub:
    """A hub whose client must not be asked anything."""

    class Mute:
        def send(self, body: bytes, deadline: float, *, trusted: bool = True) -> bytes:
            raise AssertionError(f'sent: {body!r}')

        def close(self) -> None: ...

    return Hub([RTorrentBackend(Rpc(Mute(), target='box'))], roots=['/srv'])


@pytest.mark.parametrize(('verb', 'args'), BAD)
def test_bad_input_is_refused_before_anything_is_sent(verb: str, args: Mapping[str, Any]) -> None:
    with pytest.raises(UsageError) as caught:
        run(silent_hub(), 'box', 'A' * 40, verb, args)
    assert str(caught.value).endswith(('.', '?', '”?'))


@pytest.mark.parametrize(
    'info_hash',
    ['', 'A' * 39, 'A' * 41, 'A' * 40 + ':f0', 'G' * 40, ['A' * 40], None, 'A' * 39 + '\n', 'Ａ' * 40],
)
def test_bad_hashes_are_refused_before_anything_is_sent(info_hash: Any) -> None:
    with pytest.raises(UsageError, match='40 hexadecimal'):
        run_many(silent_hub(), [('box', 'A' * 40), ('box', info_hash)], 'erase')


def test_unknown_names() -> None:
    with pytest.raises(UnknownName, match='Did you mean “start”'):
        run(silent_hub(), 'box', 'A' * 40, 'strat')
    with pytest.raises(NotFound, match='no client “x”'):
        run(silent_hub(), 'x', 'A' * 40, 'start')


def test_many_are_one_request_and_honest_one_by_one(any_rtorrent: Rtorrent) -> None:
    link = recorder(any_rtorrent)
    hub = Hub([RTorrentBackend(Rpc(link, target='box'))])
    made = [loaded(any_rtorrent, f't{at}', 1000 + at).info_hash for at in range(3)]
    gone = 'B' * 40
    selections = [
        ('box', made[0]),
        ('box', gone),
        ('nowhere', made[1]),
        ('box', made[2].lower()),
        ('box', made[0]),
    ]
    outcomes = run_many(hub, selections, 'priority', {'priority': 1})
    assert [outcome.state for outcome in outcomes] == ['done', 'failed', 'failed', 'done', 'done']
    assert [outcome.code for outcome in outcomes] == ['', 'not_found', 'not_found', '', '']
    assert [outcome.hash for outcome in outcomes] == [made[0], gone, made[1], made[2], made[0]]
    assert len(link.sent) == 1
    assert link.sent[0].count(b'd.priority.set') == 3
    assert any_rtorrent.call('d.priority', made[1]) == 2


def test_more_than_fits_a_request_is_split(rtorrent: Rtorrent) -> None:
    link = recorder(rtorrent)
    hub = Hub([RTorrentBackend(Rpc(link, target='box'))])
    selections = [('box', f'{at:040X}') for at in range(3000)]
    outcomes = run_many(hub, selections, 'start')
    assert {outcome.code for outcome in outcomes} == {'not_found'}
    assert [outcome.hash for outcome in outcomes] == [one for _, one in selections]
    assert 1 < len(link.sent) < 10
    assert max(map(len, link.sent)) < 512 << 10


def test_a_client_that_is_not_there_costs_the_others_nothing(start_rtorrent: Factory) -> None:
    here, away = start_rtorrent(), start_rtorrent(start=False)
    hub, made = hub_of(here, away), loaded(here)
    outcomes = run_many(hub, [('box2', made.info_hash), ('box', made.info_hash)], 'start')
    assert [outcome.state for outcome in outcomes] == ['failed', 'done']
    assert outcomes[0].code == 'no_socket'


HOSTILE = [
    '$execute.nothrow=touch,{oracle}',
    '"x",$execute.nothrow=touch,{oracle}',
    'x;execute.nothrow=touch,{oracle}',
    '(execute.nothrow,touch,{oracle})',
    '{{execute.nothrow=touch,{oracle}}}',
    '\\$execute.nothrow=touch,{oracle}',
    '`touch {oracle}`$(touch {oracle})',
    'trailing\\',
    '<value><string>&amp;]]>',
    '{{,}}=%24',
]


@pytest.mark.parametrize('payload', HOSTILE)
def test_a_hostile_label_is_only_text(any_rtorrent: Rtorrent, payload: str) -> None:
    oracle = any_rtorrent.directory / 'oracle'
    label = payload.format(oracle=oracle)
    hub, made = hub_of(any_rtorrent), loaded(any_rtorrent)
    assert field(do(hub, made.info_hash, 'label', label=label), 'label') == label
    do(hub, made.info_hash, 'start')
    assert hub.get('box').overview().rows[0][INDEX['label']] == label
    assert hub.get('box').detail(made.info_hash).row[INDEX['label']] == label
    assert not oracle.exists()
    any_rtorrent.call('execute.nothrow', '', 'touch', str(oracle))
    assert oracle.exists()  # the oracle would have told


@given(st.text(st.characters(exclude_categories=['Cs', 'Cc']), max_size=60))
def test_a_label_is_sent_as_one_argument_and_nothing_else(label: str) -> None:
    fake = Fake(lambda body: reply(0))
    hub = Hub([RTorrentBackend(Rpc(fake, target='box'))])
    try:
        run(hub, 'box', 'A' * 40, 'label', {'label': label})
    except UsageError:
        assert fake.sent == []
        return
    (calls,), method = xmlrpc.client.loads(fake.sent[0])
    assert method == 'system.multicall'
    stored = quote(label.strip(), safe='')
    assert calls == [{'methodName': 'd.custom1.set', 'params': ['A' * 40, stored]}]


# No answer


def stubborn_hub(rtorrent: Rtorrent, timeout: float = 0.3) -> Hub:
    link = transport.connect(url.parse(rtorrent.url), target='box')
    return Hub([RTorrentBackend(Rpc(link, target='box', timeout=timeout))])


def test_no_answer_is_unknown_and_may_happen_later(any_rtorrent: Rtorrent) -> None:
    hub, made = stubborn_hub(any_rtorrent), loaded(any_rtorrent)
    assert hub.get('box').overview().rows
    with frozen(any_rtorrent):
        outcome = run(hub, 'box', made.info_hash, 'label', {'label': 'late'})
    assert outcome.state == 'unknown'
    assert isinstance(outcome.error, TimedOut)
    assert 'may still happen' in outcome.message
    wait_for(lambda: any_rtorrent.call('d.custom1', made.info_hash) == 'late', 10, 'the late label')


@pytest.mark.parametrize(
    ('verb', 'args'),
    [
        ('start', {}),
        ('stop', {}),
        ('open', {}),
        ('close', {}),
        ('erase', {}),
        ('label', {'label': 'a b'}),
        ('priority', {'priority': 3}),
        ('file_priority', {'indexes': [0, 1], 'priority': 2}),
        ('tracker_enable', {'index': 0, 'on': False}),
    ],
)
def test_a_lost_answer_is_settled_by_reading_back(
    any_rtorrent: Rtorrent, verb: str, args: Mapping[str, Any]
) -> None:
    made = loaded(any_rtorrent, 'several', {'a': 1000, 'b': 1000})
    link: Recorder = recorder(any_rtorrent)
    hub = Hub([RTorrentBackend(Rpc(link, target='box'))])
    hub.get('box').overview()
    link.sent.clear()
    link.lose = lambda body: len(link.sent) == 1
    outcome = run(hub, 'box', made.info_hash, verb, args)
    assert (outcome.state, outcome.code) == ('done', '')
    assert 'did happen' in outcome.message


@pytest.mark.parametrize('verb', ['check', 'announce'])
def test_what_cannot_be_read_back_stays_unknown(rtorrent: Rtorrent, verb: str) -> None:
    made, link = loaded(rtorrent), recorder(rtorrent)
    link.lose = lambda body: True
    hub = Hub([RTorrentBackend(Rpc(link, target='box'))])
    assert run(hub, 'box', made.info_hash, verb).state == 'unknown'
    assert len(link.sent) == 1  # a write is never repeated


def test_set_globals_is_the_same_door() -> None:
    with pytest.raises(UnknownName):
        actions.set_globals(silent_hub(), 'box', {'nix': 1})
