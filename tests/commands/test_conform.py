"""``conform``: a line for each check, a question before anything is changed, and 1 where a promise is broken."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib import targets
from model.backends.conformance import Kit
from pyrotorrent import main
from tests.backends.clients import ONE, TWO

SOURCE = """
from tests.backends.clients import Full, Plain

class Bad(Full):
    def pause(self, hash):
        pass

class Nonsense(Full):
    def list(self):
        return ['7']

    list_torrents = None

rtorrent_config = {
    'nonsense': {'client': Nonsense},
    'good': {'client': Full, 'options': {'hashes': ['%s', '%s']}},
    'bad': {'client': Bad},
    'plain': {'client': Plain},
}
"""


@pytest.fixture
def config(tmp_path: Path) -> Iterator[str]:
    file = tmp_path / 'config.py'
    file.write_text(SOURCE % (ONE, TWO) + f'STATE_DIR = "{tmp_path}/state"\n')
    yield str(file)
    targets.reset()


def test_reading_asks_nothing(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(['--config', config, 'conform', 'good']) == 0
    shown = capsys.readouterr().out
    assert 'ok  watching\n' in shown
    assert '–   pieces: good does not claim “pieces”.\n' in shown
    assert 'adding' not in shown
    assert 'good (Full): 20 kept, 0 broken, 2 not tried, of 22.' in shown


def test_a_broken_promise_is_told_with_its_reason(
    config: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is in memory shows at once or never.
    monkeypatch.setattr('lib.commands.conform.Kit', functools.partial(Kit, patience=0.5))
    given = ['--config', config, 'conform', 'bad', '--write', '--yes', '--only', 'pause', '--only', 'resume']
    assert main(given) == 1
    shown = capsys.readouterr().out
    assert 'NOT pause: The list has to show is_active = False, and shows True.\n    Why it matters: ' in shown
    assert 'of 2.' in shown


def test_what_breaks_many_checks_is_told_in_full_once(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(['--config', config, 'conform', 'nonsense']) == 1
    shown = capsys.readouterr().out
    assert shown.count('an info hash is a text of 40 hexadecimal digits') <= 2  # once more in other words
    assert 'NOT types: the same as “answers”.\n    Why it matters: ' in shown


@pytest.mark.parametrize(('answer', 'ended'), [('y', 0), ('n', 1), ('', 1)])
def test_it_asks_before_it_changes_anything(
    config: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, answer: str, ended: int
) -> None:
    asked = []
    monkeypatch.setattr(sys.stdin, 'isatty', lambda: True, raising=False)
    monkeypatch.setattr('builtins.input', lambda text: asked.append(text) or answer)
    given = ['--config', config, 'conform', 'plain', '--write', '--torrent', ONE, '--only', 'removing']
    assert main(given) == ended
    shown = capsys.readouterr().out
    assert asked == ['Go on? [y/N] ']
    assert f'The torrent {ONE.upper()} will be started' in shown
    assert ('ok  removing' in shown) is (ended == 0)


@pytest.mark.parametrize(
    ('given', 'words'),
    [
        (['godo'], 'There is no client “godo”. Did you mean “good”?'),
        (['good', '--only', 'watchin'], 'There is no check “watchin”. Did you mean “watching”?'),
        (['good', '--only', 'adding'], 'There is no check “adding”'),
        (['good', '--write', '--torrent', 'x'], 'An info hash has exactly 40'),
        (['good', '--write'], 'There is no terminal to ask at. Say --yes'),
    ],
)
def test_what_is_wrong_is_said_before_anything_happens(
    config: str,
    given: list[str],
    words: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys.stdin, 'isatty', lambda: False, raising=False)
    assert main(['--config', config, 'conform', *given]) == 1
    assert words in capsys.readouterr().err
