"""``config``, ``check``, ``shell``, ``http``, ``fcgi`` and test.py."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands.conftest import ROOT, Command
from tests.rig import Rtorrent

Configure = Callable[[str], Path]


def test_config_masks_secrets(command: Command, configure: Configure) -> None:
    configure(
        'rtorrent_config = {"box": {"url": "https://me:hunter2@box/RPC2"}}\n'
        'session_options = {"session.secret": "hunter3" * 10}\nDATABASE_URL = "postgresql://me:hunter4@db/x"\n'
        'WEBHOOKS = {"chat": {"style": "discord", "url": "https://discord.com/api/webhooks/1/hunter5"},\n'
        '"bot": {"style": "telegram", "token": "1:hunter6", "chat": 5}}\nSMTP_PASSWORD = "hunter7"\n'
    )
    shown = command('config').stdout
    assert 'hunter' not in shown
    assert 'https://me:•••@box/RPC2' in shown
    assert 'https://discord.com/•••' in shown
    assert 'HTTP_PORT = 8000' in shown


def test_the_connection_check(command: Command, configure: Configure, any_rtorrent: Rtorrent) -> None:
    configure(f'rtorrent_config = {{"home": {{"url": {any_rtorrent.url!r}}}}}')
    for answer in (command(program='test.py'), command('check')):
        assert answer.returncode == 0, answer.stderr
        assert re.search(r'libTorrent version: 0\.1\d\.\d+', answer.stdout)


def test_the_connection_check_says_what_is_wrong(
    command: Command, configure: Configure, tmp_path: Path
) -> None:
    configure(f'rtorrent_config = {{"home": {{"url": "scgi://{tmp_path}/none"}}}}')
    answer = command(program='test.py')
    assert answer.returncode == 1
    assert f'{tmp_path}/none' in answer.stdout
    assert 'Traceback' not in answer.stderr + answer.stdout
    configure('')
    assert 'rtorrent_config' in command('check').stdout


def test_the_check_reads_the_webhooks_too(
    command: Command, configure: Configure, any_rtorrent: Rtorrent
) -> None:
    configure(
        f'rtorrent_config = {{"home": {{"url": {any_rtorrent.url!r}}}}}\n'
        'WEBHOOKS = {"a": {"style": "json", "url": "https://a.example/", "secret": "with blanks in between"}}\n'
    )
    answer = command('check')
    assert answer.returncode == 1
    assert "WEBHOOKS['a'] will not do: A secret has 16 to 200" in answer.stdout


def test_why_nothing_starts_is_told_once_in_each_place(
    command: Command, configure: Configure, tmp_path: Path
) -> None:
    said, wrong = (
        "WEBHOOKS['a'] will not do",
        'WEBHOOKS = {"a": {"style": "json", "url": "ftp://a.example/"}}\n',
    )
    configure(wrong)
    assert command('http', '--port', '0').stderr.count(said) == 1
    log = tmp_path / 'the.log'
    configure(f'{wrong}LOG_FILE = {str(log)!r}\n')
    assert command('http', '--port', '0').stderr.count(said) == 1
    assert log.read_text().count(said) == 1


def test_the_shell_has_the_models(command: Command, configure: Configure, rtorrent: Rtorrent) -> None:
    configure(f'rtorrent_config = {{"home": {{"url": {rtorrent.url!r}}}}}')
    answer = command('shell', text='print(r.query().get_hostname().get_upload_rate().first())\n')
    assert "{'get_hostname': " in answer.stdout, answer.stderr


def test_no_command_and_a_wrong_one(command: Command) -> None:
    assert command().returncode == 2
    wrong = command('htpp')
    assert wrong.returncode == 2
    assert 'http' in wrong.stderr


@pytest.mark.parametrize(
    ('settings', 'arguments', 'words'),
    [
        ('USE_AUTH = False', ('http', '--host', '0.0.0.0'), 'loopback'),
        ('USE_AUTH = False', ('fcgi', '--bind', '0.0.0.0:0'), 'loopback'),
        ('USE_ATUH = False', ('http',), 'USE_AUTH'),
        ('', ('fcgi',), 'spawn-fcgi'),
        ('STATE_DIR = "/proc/none"', ('http',), '/proc/none'),
        ('session_options = {"session.secret": "short"}', ('http',), 'secret'),
        ('rtorrent_config = {"home": {"url": "gopher://x"}}', ('http',), 'gopher'),
    ],
)
def test_what_must_not_start_does_not(
    command: Command, configure: Configure, settings: str, arguments: tuple[str, ...], words: str
) -> None:
    configure(settings)
    answer = command(*arguments)
    assert answer.returncode == 1
    assert words in answer.stderr
    assert 'Traceback' not in answer.stderr


def test_the_first_start_prints_a_link_that_makes_the_first_account(
    command: Command, configure: Configure
) -> None:
    file = configure('')
    argv = [sys.executable, str(ROOT / 'pyrotorrent.py'), '--config', str(file), 'http', '--port', '0']
    process = subprocess.Popen(
        argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ}
    )
    try:
        lines = iter(process.stdout.readline, '')
        link = next(found[0] for line in lines if (found := re.search(r'http://\S+/first/\S+', line)))
        with urllib.request.urlopen(link, timeout=20) as answer:
            assert 'first account' in answer.read().decode()
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
