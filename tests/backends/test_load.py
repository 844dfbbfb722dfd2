"""A class by its place, and what is said where there is none."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lib import config, targets
from lib.errors import BadReply, ConfigError
from model.backends.answers import changes
from model.backends.base import Backend, Changes, Globals
from model.backends.foreign import ForeignBackend
from model.backends.load import make_backend
from model.backends.simple import SimpleBackend
from model.backends.simple_values import Returned
from model.backends.transmission import TransmissionBackend
from model.fields import INDEX, Row
from model.hub import Hub
from pyrotorrent import main
from tests.core.rows import row
from tests.live_page.synthetic import Synthetic

SOURCE = """
import json

class Mine:
    def __init__(self, size=1):
        self.size = size
    def list(self):
        return [f'{number:040x}' for number in range(self.size)]
    def get_torrent(self, hash):
        return {'hash': hash, 'name': 'a', 'active': True, 'downloaded': 0, 'uploaded': 0, 'length': 1, 'path': ''}
    def pause(self, hash): ...
    def resume(self, hash): ...
    def remove(self, hash): ...
    def version(self):
        return 'Mine 7'

class Nonsense(Mine):
    def list(self):
        return ['7']

class Little:
    def list(self): ...

function = 5
"""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A directory with a class of somebody's, which is forgotten afterwards."""
    before, path = set(sys.modules), list(sys.path)
    (tmp_path / 'owned.py').write_text(SOURCE)
    yield tmp_path
    sys.path[:] = path
    for name in set(sys.modules) - before:
        if name.startswith('owned'):
            del sys.modules[name]


def configured(place: Path, entry: str) -> config.Config:
    file = place / 'config.py'
    file.write_text(f'rtorrent_config = {{"own": {entry}}}\nSTATE_DIR = "{place}/state"\n')
    return config.load(str(file), {})


def test_a_class_beside_the_configuration(place: Path) -> None:
    loaded = configured(place, "{'client': 'owned:Mine', 'options': {'size': 3}, 'interval': 7}")
    targets.configure(loaded)
    try:
        hub = Hub.from_targets(loaded)
        assert isinstance(hub.get('own'), SimpleBackend)
        assert len(hub.get('own').rows()) == 3
        assert hub.pollers['own']._interval == 7
        assert list(Hub.from_targets().backends) == ['own']
    finally:
        targets.reset()


@pytest.mark.parametrize(
    ('client', 'files', 'words'),
    [
        ('nowhere:Mine', {}, ['no module nowhere', 'nowhere.py beside config.py']),
        ('owned.deep:Mine', {}, ['no module owned.deep']),
        ('owned:Nix', {}, ['no class Nix', 'owned.py', 'it has Little, Mine']),
        ('owned:function', {}, ['no class function']),
        ('owned:Little', {}, ['Little', 'lacks get_torrent(hash)']),
        ('owned_a:X', {'owned_a': 'import not_installed_here'}, ['needs the module not_installed_here']),
        ('owned_b:X', {'owned_b': '1 +'}, ['owned_b cannot be imported: SyntaxError']),
        ('owned_c:X', {'owned_c': 'raise SystemExit(9)'}, ['owned_c cannot be imported: SystemExit: 9']),
        ('owned_d:X', {'owned_d': ''}, ['no class X', 'it has none']),
    ],
)
def test_what_cannot_be_loaded_stops_the_start_with_a_reason(
    place: Path, client: str, files: dict[str, str], words: list[str]
) -> None:
    for name, text in files.items():
        (place / f'{name}.py').write_text(text)
    loaded = configured(place, f"{{'client': '{client}'}}")
    with pytest.raises(ConfigError) as caught:
        Hub.from_targets(loaded)
    for word in words:
        assert word in str(caught.value)


def test_the_configuration_is_printed_and_checked_without_rtorrents(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configured(place, "{'client': 'owned:Mine', 'options': {'size': 2}}")
    file = str(place / 'config.py')
    try:
        assert main(['--config', file, 'config']) == 0
        assert "'client': 'owned:Mine'" in capsys.readouterr().out
        assert main(['--config', file, 'check']) == 0
        assert capsys.readouterr().out == 'own: Mine: Mine 7\n'
        configured(place, "{'client': 'owned:Little'}")
        assert main(['--config', file, 'check']) == 1
        assert 'lacks get_torrent(hash)' in capsys.readouterr().out
        configured(place, "{'client': 'owned:Nonsense'}")
        assert main(['--config', file, 'check']) == 1
        assert capsys.readouterr().out.startswith("own: Nonsense.list() returned '7' (str)")
    finally:
        targets.reset()


def test_a_transmission_gets_its_login_and_its_patience() -> None:
    loaded = config.make(
        {'rtorrent_config': {'t': {'url': 'transmission://me:word@box:1/x'}}, 'RPC_TIMEOUT': 3.0}
    )
    made = make_backend(loaded.targets['t'], loaded)
    assert isinstance(made, TransmissionBackend)
    assert made.name == 't'


class Whole(Synthetic):
    """A class that keeps the whole contract by itself."""

    def __init__(self, name: str, size: int = 2) -> None:
        super().__init__(name, size)
        self.kind = 'whole'


def test_a_backend_of_ones_own_is_taken_as_it_is() -> None:
    [spec] = config.make(
        {'rtorrent_config': {'own': {'client': Whole, 'options': {'size': 4}}}}
    ).targets.values()
    made = make_backend(spec)
    assert isinstance(made, ForeignBackend)
    assert isinstance(made.own, Whole)
    assert len(made.rows()) == 4


@pytest.mark.parametrize(
    ('kind', 'options', 'words'),
    [
        (type('Part', (Backend,), {}), {}, ['Part lacks', 'overview', 'views']),
        (Whole, {'colour': 1}, ['cannot be made', 'TypeError', 'colour']),
        (type('Odd', (Whole,), {'capabilities': frozenset({'fly'})}), {}, ['sets capabilities wrongly']),
    ],
)
def test_a_backend_that_breaks_the_contract_is_refused(
    kind: type, options: dict[str, object], words: list[str]
) -> None:
    [spec] = config.make({'rtorrent_config': {'own': {'client': kind, 'options': options}}}).targets.values()
    with pytest.raises(ConfigError) as caught:
        make_backend(spec)
    for word in ["rtorrent_config['own']", *words]:
        assert word in str(caught.value)


TOLD = Returned('own', 'own: Own.tick()')


def listed(name: str = 'a', **values: object) -> Row:
    return row(name, hash=name.upper() * 40, **values)


@pytest.mark.parametrize(
    ('key', 'value'),
    [
        ('hash', 'A' * 39),
        ('name', 7),
        ('down_rate', -1),
        ('size_bytes', 'big'),
        ('size_bytes', 10**400),
        ('is_active', 'yes'),
        ('ratio', 1.5),
        ('label', b'x'),
    ],
)
def test_the_poller_checks_every_value_of_such_a_backend(key: str, value: object) -> None:
    wrong = Changes([(*listed()[: INDEX[key]], value, *listed()[INDEX[key] + 1 :])], Globals(), whole=True)
    with pytest.raises(BadReply, match=f'{key} = '):
        changes(wrong, TOLD)
    changes(Changes([listed('a'), listed('b', label=None)], Globals(), whole=True), TOLD)


@pytest.mark.parametrize('told', [{'up_rate': '7'}, {'client_version': 3}, {'views': 'main'}])
def test_the_poller_checks_what_such_a_backend_says_of_itself(told: dict[str, Any]) -> None:
    with pytest.raises(BadReply, match=r'own: Own.tick\(\) returned with globals\.\w+ = .*; it has to be '):
        changes(Changes([], Globals(**told), whole=True), TOLD)


def test_no_text_of_such_a_backend_can_break_a_page_of_all_clients() -> None:
    told = Globals(client_version='\ud800')
    found = changes(Changes([listed('a', label='x\ud800\x1b[31m' + 'y' * 9999)], told, whole=True), TOLD)
    label = found.rows[0][INDEX['label']]
    assert (label[:8], len(label)) == ('x\ufffd\ufffd[31my', 4096)
    assert found.globals.client_version == '\ufffd'
    endless: Any = (listed('a') for _ in iter(int, 1))
    with pytest.raises(BadReply, match='rows = a value of the type generator; it has to be a list'):
        changes(Changes(endless, Globals()), TOLD)
