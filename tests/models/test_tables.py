"""The method tables: complete, closed, and without anything that could do more than it says."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lib.baserequester import BaseRequester
from lib.calls import columns
from lib.errors import UnknownName
from lib.methods import TABLES, UnknownCommand, arguments, find
from lib.multibase import MultiBase
from lib.row import Row
from lib.torrentrequester import TorrentRequester
from model.remote import Remote
from model.rtorrent import RTorrent
from model.torrent import Torrent
from tests.rig import Rtorrent

ROOT = Path(__file__).resolve().parent.parent.parent
METHODS = [method for table in TABLES.values() for method in table.values()]
PREFIXES = {'torrent': 'd.', 'file': 'f.', 'peer': 'p.', 'tracker': 't.'}

# Names of objects' commands that read something, or might, and are left out on purpose.
LEFT_OUT = {
    'the list commands themselves; the requesters use them': r'[dftp]\.multicall2?|d\.multicall\.filtered',
    'the same value in another encoding': r'.*\.(or_)?(as_binary|hex|base64)(_as_binary)?|.*\.or_base64',
    'computed from a timestamp that is there': r'd\.timestamp\.(started|finished)\.(elapsed|or_zero)',
    'get_custom with a default, which needs text inside of a column': r'd\.custom\.if_z',
    'changes links or files on the disk': r'd\.(create|delete)_link|d\.delete_tied|d\.tied_to_file\.set',
    'calls any command': r'p\.call_target',
    'takes steps out of the middle of d.close': r'd\.close\.directly',
    'choke groups are rTorrent’s own affair': r'd\.group\.set|d\.(up|down)\.choke_heuristics\.set',
    'state of rTorrent’s own bookkeeping': r'd\.hashing_failed\.set|f\.(un)?set_(create|resize)_queued',
    'the like of it without doubles is there': r'd\.views\.push_back',
}

# What SECURITY.md RPC-1 forbids, as rTorrent's names.
FORBIDDEN = re.compile(
    r'execute.*|(try_)?import|method\..*|schedule.*|log\..*|file\.append|system\.(env|cwd\.set|umask\.set|shutdown.*)'
    r'|session\.path\.set|network\.(scgi|http\.(proxy|ssl|ca).*\.set|proxy.*\.set|xmlrpc.*\.set|rpc).*|directory\.watch.*'
    r'|p\.call_target|d\.(create_link|delete_link|delete_tied|tied_to_file\.set|multicall.*)|.\.multicall'
    r'|view\.(add|filter.*|sort.*|event.*|set.*|persistent)|catch|try|if|branch|and|or|not|equal|less|greater|match'
    r'|compare|event\..*|group.*|on_ratio|load.*|choke_group.*|system\.(multicall|method.*)|cat|print|value|argument.*'
    r'|close_.*|remove_.*|start_tied|stop_untied|ratio\..*\.set|ui\..*set|d\.state\.set|ip.*|encoding.*|strings\..*set'
)


def test_everything_an_object_can_be_asked_is_in_its_table(any_rtorrent: Rtorrent) -> None:
    known = {command for method in METHODS for command in method.commands}
    left_out = re.compile('|'.join(LEFT_OUT.values()))
    names = [str(name) for name in any_rtorrent.call('system.listMethods') if name[:2] in PREFIXES.values()]
    assert len(names) > 200
    assert [name for name in names if name not in known and not left_out.fullmatch(name)] == []


def test_no_reason_for_leaving_out_is_spare(rtorrent: Rtorrent, rtorrent_016: Rtorrent) -> None:
    names = {*rtorrent.call('system.listMethods'), *rtorrent_016.call('system.listMethods')}
    known = {command for method in METHODS for command in method.commands}
    for reason, pattern in LEFT_OUT.items():
        matching = {name for name in names if re.fullmatch(pattern, name)}
        assert matching, reason
        assert not matching & known, reason


def test_every_method_is_in_one_of_the_versions_or_known_to_be_newer(
    rtorrent: Rtorrent, rtorrent_016: Rtorrent
) -> None:
    names = {*rtorrent.call('system.listMethods'), *rtorrent_016.call('system.listMethods')}
    nowhere = {method.name for method in METHODS if names.isdisjoint(method.commands)}
    assert nowhere <= {'get_encryption'}


@pytest.mark.parametrize('kind', TABLES)
def test_a_table_holds_commands_of_its_object_only(kind: str) -> None:
    prefix = PREFIXES.get(kind)
    for method in TABLES[kind].values():
        for command in method.commands:
            if prefix:
                assert command.startswith(prefix) or command == 'add_peer', method
            else:
                assert not command.startswith(tuple(PREFIXES.values())), method


def test_no_command_is_dangerous() -> None:
    commands = {command for method in METHODS for command in method.commands}
    assert sorted(command for command in commands if FORBIDDEN.fullmatch(command)) == []


def test_argument_types_exist_and_all_are_used() -> None:
    used = {kind.removesuffix('*') for method in METHODS for kind in method.args if not kind.startswith('=')}
    assert used == set(arguments.TYPES)


def test_only_plain_words_become_part_of_a_column() -> None:
    for kind in PREFIXES:
        for method in columns(kind).values():
            assert method.args in ((), ('key',)), method
            assert all(re.fullmatch(r'[a-z0-9_.]+', command) for command in method.commands), method


def test_readers_and_writers_are_told_apart_by_their_commands() -> None:
    verbs = ('set_', 'enable', 'disable', 'disconnect', 'announce', 'add_', 'remove_', 'try_', 'save_')
    words = {
        'start',
        'stop',
        'open',
        'close',
        'pause',
        'resume',
        'check_hash',
        'erase',
        'scrape',
        'ban',
        'update_priorities',
    }
    for method in METHODS:
        assert method.write == (method.name.startswith(verbs) or method.name in words), method
        assert method.write or not any(command.endswith('.set') for command in method.commands), method


def test_no_name_hides_something_of_the_classes_that_carry_it() -> None:
    for method in METHODS:
        for cls in (Row, MultiBase, BaseRequester, Remote):
            assert not hasattr(cls, method.name), method
        assert method.name not in ('query', 'files', 'peers', 'trackers', 'info_hash', 'rpc', 'subject')


def test_generated_methods_carry_name_docstring_and_original() -> None:
    for cls in (RTorrent, Torrent, TorrentRequester):
        for name, method in TABLES[cls.kind].items():
            function = vars(cls).get(name)
            if function is None:
                assert cls is TorrentRequester
                assert name not in columns('torrent')
                continue
            assert function.__name__ == name
            assert function.__doc__.startswith(method.doc)
            assert function.__doc__.endswith(f'Original rTorrent method: ``{method.commands[0]}``')
    assert Torrent.get_name.__doc__.endswith('Original rTorrent method: ``d.name``')
    assert len({method.doc for method in METHODS}) > 0.9 * len(METHODS)


def test_an_unknown_name_says_the_nearest_one() -> None:
    with pytest.raises(UnknownName, match=r'no torrent method “get_nmae”\. Did you mean “get_name”\?'):
        find('torrent', 'get_nmae')
    with pytest.raises(AttributeError):
        find('torrent', '__class__')
    assert issubclass(UnknownCommand, UnknownName)


def test_the_page_of_methods_is_fresh() -> None:
    done = _generate(ROOT, '--check')
    assert done.returncode == 0, done.stderr
    page = (ROOT / 'docs' / 'methods.rst').read_text(encoding='utf-8')
    for method in METHODS:
        assert f'``{method.name}(' in page


def test_a_stale_page_of_methods_is_noticed(tmp_path: Path) -> None:
    (tmp_path / 'lib').symlink_to(ROOT / 'lib')
    (tmp_path / 'docs').mkdir()
    shutil.copy(ROOT / 'docs' / 'generate_methods.py', tmp_path / 'docs')
    (tmp_path / 'docs' / 'methods.rst').write_text('old', encoding='utf-8')
    done = _generate(tmp_path, '--check')
    assert done.returncode == 1
    assert 'is stale' in done.stderr
    assert _generate(tmp_path).returncode == 0
    assert _generate(tmp_path, '--check').returncode == 0


def _generate(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, '-m', 'docs.generate_methods', *arguments]
    return subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
