"""The Python interface over real rTorrents: reading, acting, adding."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from lib.errors import ConfigError, Conflict, Denied, NotFound, UsageError, WireError
from model.manager import Manager, Torrent
from tests.manager.conftest import Managing
from tests.rig import Made, Rtorrent, make, wait_for
from tests.rig.factory import Factory

NOWHERE = 'http://127.0.0.1:1/announce'


def torrent_at(rtorrent: Rtorrent, name: str = 'tree', *, load: bool = True) -> Made:
    made = make(rtorrent.downloads, name, {'a/one': 700_000, 'two': b'2' * 1000}, announce=NOWHERE)
    if load:
        rtorrent.load(made.seed, made.info_hash)
    return made


def test_torrents_have_dtorrents_attributes(any_rtorrent: Rtorrent, managing: Managing) -> None:
    made = torrent_at(any_rtorrent)
    any_rtorrent.call('d.start', made.info_hash)
    wait_for(lambda: any_rtorrent.call('d.is_active', made.info_hash), 20, 'the start')
    any_rtorrent.call('d.custom1.set', made.info_hash, 'linux')
    manager = managing(home=any_rtorrent)
    (found,) = manager.get_all()
    assert (found.server, found.hash, found.name) == ('home', made.info_hash, 'tree')
    assert (found.active, found.playing, found.finished, found.progress) == (True, False, True, 1.0)
    assert (found.downloaded, found.uploaded, found.length, found.ratio) == (701_000, 0, 701_000, 0.0)
    assert found.path == 'tree.torrent'
    assert found.extra['label'] == 'linux'
    assert found.extra['base_path'] == str(any_rtorrent.downloads / 'tree')
    assert [(file.path, file.size) for file in found.files] == [('a/one', 700_000), ('two', 1000)]
    assert found.files is found.files
    one = manager.get_one(made.info_hash.lower())
    assert one.as_dict() | {'extra': {}} == found.as_dict() | {'extra': {}}
    assert json.loads(json.dumps(one.as_dict()))['extra']['size_files'] == 2
    with pytest.raises(AttributeError):
        found.name = 'other'  # type: ignore[misc]


def test_resume_pause_and_delete_answer_the_torrent(any_rtorrent: Rtorrent, managing: Managing) -> None:
    made = torrent_at(any_rtorrent)
    manager = managing(home=any_rtorrent)
    manager.resume(made.info_hash)
    wait_for(lambda: manager.get_one(made.info_hash).active, 20, 'the torrent to be active')
    assert not manager.pause(made.info_hash).active
    assert any_rtorrent.call('d.state', made.info_hash) == 1
    assert manager.act('label', made.info_hash, label='a b').extra['label'] == 'a b'
    assert manager.delete(made.info_hash).hash == made.info_hash
    assert any_rtorrent.hashes() == []
    assert manager.get_all() == []
    assert (any_rtorrent.downloads / 'tree' / 'two').exists()
    for act in manager.get_one, manager.delete, manager.pause, manager.resume:
        with pytest.raises(NotFound, match='no torrent'):
            act(made.info_hash)
        with pytest.raises(UsageError, match='40 hex'):
            act('')
    with pytest.raises(UsageError, match='no action'):
        manager.act('explode', made.info_hash)


def test_a_hash_on_two_servers_has_to_be_told_apart(start_rtorrent: Factory, managing: Managing) -> None:
    home, box = start_rtorrent('0.9.8'), start_rtorrent('0.16')
    made = torrent_at(home)
    box.load(made.data, made.info_hash)
    manager = managing(home=home, box=box)
    assert {(each.server, each.hash) for each in manager.get_all()} == {
        ('home', made.info_hash),
        ('box', made.info_hash),
    }
    assert [each.server for each in manager.get_all('box')] == ['box']
    for act in manager.get_one, manager.delete, manager.pause, manager.resume:
        with pytest.raises(Conflict, match=r"is in home, box\. Say which one you mean: server='home'"):
            act(made.info_hash)
    assert manager.delete(made.info_hash, 'box').server == 'box'
    assert (home.hashes(), box.hashes()) == ([made.info_hash], [])
    with pytest.raises(NotFound, match='no client “cellar”'):
        manager.get_all('cellar')


def test_a_server_that_is_down_costs_only_what_it_may_have(
    start_rtorrent: Factory, managing: Managing
) -> None:
    home, box = start_rtorrent(), start_rtorrent()
    made, gone = torrent_at(home), torrent_at(box, 'gone')
    manager = managing(home=home, box=box)
    assert len(manager.get_all()) == 2
    box.kill()
    wait_for(lambda: 'box' in manager.errors(), 20, 'the loss to be seen')
    assert len(manager.get_all()) == 2
    assert manager.get_one(made.info_hash).server == 'home'
    for ask in (
        lambda: manager.get_one(gone.info_hash),
        lambda: manager.get_all('box'),
        lambda: manager.delete(gone.info_hash),
    ):
        with pytest.raises(WireError):
            ask()


@pytest.mark.parametrize('start', [True, False])
@pytest.mark.parametrize('name', ['the data', 'what holds it'])
def test_data_that_is_there_is_found_complete(
    any_rtorrent: Rtorrent, managing: Managing, tmp_path: Path, start: bool, name: str
) -> None:
    elsewhere = any_rtorrent.downloads / 'else' / 'where'
    elsewhere.mkdir(parents=True)
    made = make(elsewhere, 'tree', {'a/one': 700_000, 'two': b'2' * 1000}, announce=NOWHERE)
    file = tmp_path / 'my.torrent'
    file.write_bytes(made.data)
    manager = managing(home=any_rtorrent)
    data = made.path if name == 'the data' else elsewhere
    created = manager.create_from_torrent_and_data(file, data, start=start, label='old')
    assert created.success, created.error
    assert created.torrent is not None
    assert created.torrent.hash == made.info_hash
    assert created.torrent.extra['label'] == 'old'

    def settled() -> Torrent | None:
        torrent = manager.get_one(made.info_hash)
        return torrent if torrent.finished and torrent.active == start else None

    found = wait_for(settled, 30, 'the check to find it complete')
    assert found.extra['base_path'] == str(made.path)
    assert found.progress == 1.0


def test_a_single_file_is_found_complete(rtorrent: Rtorrent, managing: Managing, tmp_path: Path) -> None:
    made = make(rtorrent.downloads, 'film.mkv', 500_000, announce=NOWHERE)
    (tmp_path / 'film.torrent').write_bytes(made.data)
    manager = managing(home=rtorrent)
    created = manager.create_from_torrent_and_data(tmp_path / 'film.torrent', made.path)
    assert created.success, created.error
    wait_for(lambda: manager.get_one(made.info_hash).finished, 30, 'the check to find it complete')


def test_data_elsewhere_or_of_another_name_is_refused(
    rtorrent: Rtorrent, managing: Managing, tmp_path: Path
) -> None:
    made = torrent_at(rtorrent, load=False)
    file = tmp_path / 'my.torrent'
    file.write_bytes(made.data)
    manager = managing(home=rtorrent)

    def error(data: Path | str) -> Exception:
        created = manager.create_from_torrent_and_data(file, data)
        assert not created.success
        assert created.torrent is None
        assert created.error is not None
        return created.error

    outside = tmp_path / 'tree'
    shutil.copytree(made.path, outside)
    assert isinstance(error(outside), Denied)
    assert isinstance(error('tree'), Denied)
    assert isinstance(error(rtorrent.downloads / '..' / 'downloads' / 'tree'), Denied)
    assert isinstance(error(rtorrent.downloads / 'other'), NotFound)
    (rtorrent.downloads / 'sub').mkdir()
    (rtorrent.downloads / 'sub' / 'tree').symlink_to(outside)
    assert isinstance(error(rtorrent.downloads / 'sub'), Denied)
    (rtorrent.downloads / 'link').mkdir()
    (rtorrent.downloads / 'link' / 'tree').symlink_to(rtorrent.downloads / 'sub')
    assert 'another name' in str(error(rtorrent.downloads / 'link'))
    assert rtorrent.hashes() == []


def test_creating_says_why_it_did_not(rtorrent: Rtorrent, managing: Managing, tmp_path: Path) -> None:
    made = torrent_at(rtorrent, load=False)
    manager = managing(home=rtorrent)
    absent = manager.create_from_torrent(tmp_path / 'none.torrent')
    assert (absent.success, absent.torrent) == (False, None)
    assert 'none.torrent cannot be read: No such file' in str(absent.error)
    file = tmp_path / 'my.torrent'
    file.write_bytes(b'nonsense')
    assert 'not a .torrent' in str(manager.create_from_torrent(file).error)
    file.write_bytes(made.data)
    assert isinstance(manager.create_from_torrent(file, directory='/etc').error, Denied)
    created = manager.create_from_torrent(file, start=False)
    assert (created.success, created.existed) == (True, False)
    again = manager.create_from_torrent(file)
    assert (again.success, again.existed) == (True, True)
    with pytest.raises(NotFound):
        manager.create_from_torrent(file, 'cellar')
    with pytest.raises(UsageError):
        Manager({}).create_from_torrent(file)


def test_wrong_servers_are_refused_with_a_sentence() -> None:
    for wrong, said in (
        ([{'name': 'a', 'rtorrent_hots': 'x'}], r'servers\[0\].*rtorrent_hots.*Did you mean “rtorrent_host”'),
        ([{'rtorrent_host': 'x'}], 'with a name'),
        (['home'], 'with a name'),
        ([{'name': 'a', 'rtorrent_host': 'x'}] * 2, r'servers\[1\]: there is another'),
        ([{'name': 'a', 'rtorrent_host': 'x', 'interval_check': '1s'}], 'milliseconds'),
        ([{'name': 'a'}], "'host' has to be"),
        ({'home': {'scgi': {}}}, 'unix-socket'),
    ):
        with pytest.raises(ConfigError, match=said):
            Manager(wrong)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match='Did you mean “DOWNLOAD_ROOTS”'):
        Manager({}, DOWNLOAD_ROOT=[])


def test_a_servers_configuration_is_used_without_disturbing_the_server(
    rtorrent: Rtorrent, tmp_path: Path
) -> None:
    made = torrent_at(rtorrent)
    values = {
        'rtorrent_config': {'home': {'url': rtorrent.url}},
        'STATE_DIR': str(tmp_path / 'state'),
        'WEBHOOKS': {'theirs': {'style': 'json', 'url': 'https://example.org/'}},
    }
    file = tmp_path / 'config.py'
    file.write_text(''.join(f'{name} = {value!r}\n' for name, value in values.items()))
    with Manager.from_config(str(file)) as manager:
        assert [each.hash for each in manager.get_all()] == [made.info_hash]
        assert manager.config.WEBHOOKS == {}
    assert not (tmp_path / 'state').exists()
    with pytest.raises(ConfigError, match='does not exist'):
        Manager.from_config(str(tmp_path / 'none.py'))
