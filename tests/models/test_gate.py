"""The gate: whatever comes in as a name, an argument, a view or a hash, rTorrent runs no command of the caller's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lib import config, targets
from lib.errors import PyroError
from lib.methods import TABLES, UnknownCommand, arguments, find
from lib.wire.rpc import Rpc
from model import batch
from model.torrent import Torrent
from tests.models.conftest import Loaded, load
from tests.models.recorder import Recorder, recorded
from tests.rig.factory import VERSIONS, Factory

KINDS = {
    'rtorrent': {},
    'torrentrequester': {'view': ''},
    'torrent': {'hash': None},
    'file': {'hash': None, 'index': 0},
    'peer': {'hash': None, 'index': 'A' * 40},
    'tracker': {'hash': None, 'index': 0},
}


@dataclass(frozen=True)
class Target:
    """A running rTorrent, and a file that its commands would make if one of ours ran what it must not."""

    loaded: Loaded
    oracle: Path

    def payloads(self) -> list[str]:
        """The columns and arguments that rTorrent runs where it parses them (SECURITY.md 2.2)."""
        command = f'execute.nothrow=touch,{self.oracle}'
        bare = f'execute.nothrow.bg=touch,{self.oracle}'
        return [
            *(
                command,
                bare,
                f'execute={command.partition("=")[2]}',
                f'${command}',
                f'\\${command}',
                f'"${command}"',
            ),
            *(f'cat=${command}', f'cat="${command}"', f'cat="\\${command}"', f'd.name=${command}'),
            *(
                f'd.custom=a,"${command}"',
                f'd.custom={{${command}}}',
                f'cat=(execute.nothrow,touch,{self.oracle})',
            ),
            *(f'not=(execute.nothrow,touch,{self.oracle})', f'if=${command},1', f'catch={{{command}}}'),
            *(f'try={{{command}}}', f'branch=1,{{{command}}}', f'and={{{command}}}', f'or={{{command}}}'),
            *(
                f'equal={{{command}}}',
                f'less={{{command}}}',
                f'greater={{{command}}}',
                f'match={{{command},x}}',
            ),
            *(
                f'f.multicall=,{command}',
                f'd.name=;{command}',
                f'd.name=\n{command}',
                f'd.custom=x;{command}',
            ),
            *(
                f'#{command}',
                f'"x",${command}',
                f'x;{command}',
                f'x\n{command}',
                f'{{{command}',
                f'((execute,{command}))',
            ),
            *(
                f'/x",${command},"',
                f'/x";{command};d.custom1.set="',
                'x,y',
                'a\\',
                '\\',
                '{' * 200,
                f'/{command}',
            ),
            *(f'main;{command}', f'../{command}', f'{command}\0', 'x' * 10_240),
        ]

    def run(self, *items: dict[str, Any]) -> list[Any]:
        return batch.run(
            [{'target': 'home', **item} for item in items],
            may_write=True,
            allowed_targets=['home'],
            confine=lambda target, path: path,
        )

    def members(self, kind: str) -> dict[str, Any]:
        """What an item of ``kind`` needs besides its attributes."""
        return {
            name: self.loaded.info_hash if name == 'hash' else value for name, value in KINDS[kind].items()
        }


@pytest.fixture(scope='module', params=VERSIONS)
def target(request: pytest.FixtureRequest, start_shared_rtorrent: Factory) -> Iterator[Target]:
    rtorrent = start_shared_rtorrent(request.param)
    targets.configure(config.make({'rtorrent_config': {'home': {'url': rtorrent.url}}}))
    yield Target(load(rtorrent, targets.connection()), rtorrent.directory / 'oracle')
    targets.reset()


@pytest.fixture(autouse=True)
def still_alive(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test, rTorrent runs and nothing made the file."""
    yield
    if 'target' in request.fixturenames:
        target: Target = request.getfixturevalue('target')
        assert target.loaded.rtorrent.running
        assert not target.oracle.exists()


def refused(results: list[Any]) -> bool:
    return all(isinstance(result, dict) and set(result) == {'error'} for result in results)


def test_the_oracle_would_tell(target: Target) -> None:
    """The payloads are real: rTorrent runs them where it is given them as a column."""
    target.loaded.rtorrent.call('d.multicall2', '', 'main', target.payloads()[0])
    assert target.oracle.exists()
    target.oracle.unlink()


def test_every_command_of_the_server_is_refused_as_an_attribute(target: Target) -> None:
    names = [str(name) for name in target.loaded.rtorrent.call('system.listMethods')]
    assert len(names) > 700
    before = target.loaded.rpc.requests
    for kind in KINDS:
        table = TABLES['torrent' if kind == 'torrentrequester' else kind]
        denied = [name for name in names if name not in table]
        # Ours of these names are a torrent's: a peer's address and port, and d.check_hash.
        assert set(names) - set(denied) <= {'add_peer', 'check_hash'}
        for start in range(0, len(denied), batch.MAX_ITEMS):
            items = [
                {'type': kind, 'attributes': [[name, []]], **target.members(kind)}
                for name in denied[start : start + batch.MAX_ITEMS]
            ]
            results = target.run(*items)
            assert [result['error']['code'] for result in results] == ['unknown_name'] * len(items)
    assert target.loaded.rpc.requests == before


PYTHON = [
    *(
        '__class__',
        '__init__',
        '__dict__',
        '__getattr__',
        'new_group',
        '_flush',
        '_plan',
        '_rpc',
        'all',
        'first',
    ),
    *(
        'm',
        's',
        'mro',
        'query',
        'calls',
        'wires',
        'reply',
        'kind',
        'subject',
        'rpc',
        'files',
        'info_hash',
        '',
    ),
    *(
        'execute_command',
        'add_torrent',
        'create_view',
        'set_xmlrpc_size_limit',
        'load_raw',
        'system.multicall',
    ),
    *(
        'GET_NAME',
        'get_name ',
        ' get_name',
        'get_name\0',
        'get_name=',
        'get_name\n',
        'ｇet_name',
        'get_name()',
    ),
]


@pytest.mark.parametrize('name', PYTHON)
@pytest.mark.parametrize('kind', KINDS)
def test_names_of_the_programs_own_are_refused(target: Target, kind: str, name: str) -> None:
    before = target.loaded.rpc.requests
    for attribute in (name, [name], [name, []], [name, ['x']]):
        assert refused(target.run({'type': kind, 'attributes': [attribute], **target.members(kind)}))
    assert target.loaded.rpc.requests == before


def test_payloads_as_attributes_views_hashes_and_indexes_are_refused(target: Target) -> None:
    before = target.loaded.rpc.requests
    for payload in target.payloads():
        for kind in KINDS:
            item = {'type': kind, **target.members(kind)}
            assert refused(
                target.run({**item, 'attributes': [payload]}, {**item, 'attributes': [[payload, [payload]]]})
            )
            for member in target.members(kind):
                if member != 'view':
                    wrong = {**item, 'attributes': ['get_id'], member: payload}
                    assert refused(target.run(wrong)), wrong
    assert target.loaded.rpc.requests == before
    for payload in target.payloads():
        listed = {'type': 'torrentrequester', 'view': payload, 'attributes': ['get_name']}
        assert refused(target.run(listed, {'type': 'rtorrent', 'attributes': [['get_view_size', [payload]]]}))


def test_payloads_as_arguments_are_refused_or_stored_as_they_are(target: Target) -> None:
    info_hash = target.loaded.info_hash
    for payload in target.payloads():
        for kind in KINDS:
            table = TABLES['torrent' if kind == 'torrentrequester' else kind]
            for method in table.values():
                kinds = [arg for arg in method.args if not arg.startswith('=')]
                if not kinds or (kind == 'torrentrequester' and method.write):
                    continue
                item = {
                    'type': kind,
                    **target.members(kind),
                    'attributes': [[method.name, [payload] * len(kinds)]],
                }
                if not refused(target.run(item)):
                    assert set(kinds) <= {'text', 'label', 'directory'}, (method.name, payload)
        [stored] = target.run(
            {
                'type': 'torrent',
                'hash': info_hash,
                'attributes': [
                    ['set_custom', ['k', payload]],
                    ['get_custom', ['k']],
                    ['set_label', [payload]],
                    'get_label',
                ],
            }
        )
        if 'error' not in stored:
            assert (stored['get_custom'], stored['get_label']) == (payload, payload)
            [row] = target.run(
                {'type': 'torrentrequester', 'attributes': [['get_custom', ['k']], 'get_label']}
            )
            assert row == [{'get_custom': payload, 'get_label': payload}]
    Torrent(info_hash).set_directory_base(str(target.loaded.rtorrent.downloads))


def test_a_bare_hash_never_reaches_a_file_command() -> None:
    rpc, recorder = recorded()
    for name, method in TABLES['file'].items():
        for kind in ('torrent', 'rtorrent', 'tracker', 'peer', 'torrentrequester'):
            if name not in TABLES['torrent' if kind == 'torrentrequester' else kind]:
                with pytest.raises(UnknownCommand):
                    find('torrent' if kind == 'torrentrequester' else kind, name)
        assert all(command.startswith('f.') for command in method.commands)
    assert recorder.bodies == []
    assert rpc.requests == 0


ANY = st.one_of(st.text(), st.text('$;",{}()=\\\n\t#x', max_size=20), st.integers(), st.booleans(), st.none())


SLOTS = [
    (kind, method)
    for kind, table in TABLES.items()
    for method in table.values()
    if any(not arg.startswith('=') for arg in method.args)
]


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_what_is_sent_is_what_was_given_in_its_slot(data: st.DataObject) -> None:
    kind, method = data.draw(st.sampled_from(SLOTS))
    kinds = [arg.removesuffix('*') for arg in method.args if not arg.startswith('=')]
    values = [data.draw(ANY) for _ in kinds]
    recorder = Recorder()
    rpc = Rpc(recorder, target='fake')
    members = {name: 'A' * 40 if name == 'hash' else value for name, value in KINDS[kind].items()}
    item = {'target': 'fake', 'type': kind, 'attributes': [[method.name, values]], **members}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(targets, 'connection', lambda name=None: rpc)
        [result] = batch.run(
            [item], may_write=True, allowed_targets=['fake'], confine=lambda target, path: path
        )
    if 'error' in result:
        assert recorder.calls() == []
        return
    [(command, params)] = recorder.calls()
    assert command == method.commands[0]
    subject = {'rtorrent': '', 'torrent': 'A' * 40, 'file': 'A' * 40 + ':f0', 'tracker': 'A' * 40 + ':t0'}
    assert params[0] == subject.get(kind, 'A' * 40 + ':p' + 'A' * 40)
    for place, (arg, value) in enumerate(zip(kinds, values, strict=True), start=1):
        expected = arguments.TYPES[arg][0](value)
        assert params[place] == expected
        assert arg in ('label', 'kib', 'endpoint', 'address') or expected == value


@settings(max_examples=400, deadline=None)
@given(value=ANY, other=ANY)
def test_any_value_anywhere_in_an_item_is_refused_or_sent_in_its_slot(value: object, other: object) -> None:
    assume(value not in TABLES['rtorrent'])  # Hypothesis tries words that it finds in our modules, too
    recorder = Recorder(views=['main', value] if isinstance(value, str) else ['main'])
    rpc = Rpc(recorder, target='fake')
    items: list[Any] = [
        value,
        {'type': value, 'attributes': ['get_pid']},
        {'type': 'rtorrent', 'target': value, 'attributes': ['get_pid']},
        {'type': 'rtorrent', 'attributes': value},
        {'type': 'rtorrent', 'attributes': [value, other]},
        {'type': 'rtorrent', 'attributes': [[value, other]]},
        {'type': 'torrent', 'hash': value, 'attributes': ['get_name']},
        {'type': 'file', 'hash': value, 'index': other, 'attributes': ['get_path']},
        {'type': 'torrentrequester', 'attributes': [['get_custom', [value]]]},
        {'type': 'torrentrequester', 'view': value, 'attributes': ['get_name']},
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(targets, 'connection', lambda name=None: rpc)
        results = batch.run(items, may_write=True, allowed_targets=['fake'])
    assert all('error' in result for result in results[:8])
    for command, params in recorder.calls():
        assert command == 'd.multicall2'
        assert params[0] == ''
        if params[2] == 'd.name=':
            assert params[1] == (value or 'main')
        else:
            assert params[1:] == ['main', f'd.custom={value}']
            assert arguments.word(value) == value


@settings(max_examples=200, deadline=None)
@given(name=st.text(max_size=40))
def test_any_name_is_in_a_table_or_refused(name: str) -> None:
    for kind, table in TABLES.items():
        if name not in table:
            with pytest.raises(PyroError, match='There is no'):
                find(kind, name)
