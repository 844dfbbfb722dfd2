"""Installing Debian's packages: where it may, else the line that does."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINE = 'apt-get install --yes --no-install-recommends wanted-package other-package'


@pytest.fixture
def fakes(tmp_path: Path) -> Path:
    """A directory that stands in front of PATH; ``apt-get`` in it writes down what it is asked."""
    programs = {'id': 'echo 0', 'sudo': 'exit 1', 'apt-get': f'echo "$*" >>{tmp_path}/asked'}
    for name, script in programs.items():
        _program(tmp_path, name, script)
    return tmp_path


def _program(directory: Path, name: str, script: str) -> None:
    (directory / name).write_text(f'#!/bin/sh\n{script}\n')
    (directory / name).chmod(0o755)


def install(fakes: Path, *wanted: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, 'PATH': f'{fakes}:{os.environ["PATH"]}'}
    command = [str(ROOT / '.ci' / 'install'), *wanted]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def asked(fakes: Path) -> str:
    log = fakes / 'asked'
    return log.read_text() if log.exists() else ''


def test_nothing_happens_where_nothing_is_missing(fakes: Path) -> None:
    done = install(fakes, 'sh:dash', '/etc/passwd:base-passwd')
    assert (done.returncode, done.stdout, done.stderr, asked(fakes)) == (0, '', '', '')


def test_root_installs_only_what_is_missing(fakes: Path) -> None:
    done = install(fakes, 'sh:dash', 'nonesuch:wanted-package', '/nonesuch:other-package')
    assert done.returncode == 0
    update, line = asked(fakes).splitlines()
    assert update.endswith(' update')
    assert line.endswith(LINE.removeprefix('apt-get'))


def test_whoever_may_not_install_gets_the_line(fakes: Path) -> None:
    _program(fakes, 'id', 'echo 1000')
    done = install(fakes, 'nonesuch:wanted-package', '/nonesuch:other-package')
    assert done.returncode == 1
    assert LINE in done.stderr
    assert asked(fakes) == ''


def test_sudo_that_asks_nothing_is_used(fakes: Path) -> None:
    _program(fakes, 'id', 'echo 1000')
    _program(fakes, 'sudo', '[ "$1" = -n ] && shift && exec "$@"')
    assert install(fakes, 'nonesuch:wanted-package').returncode == 0
    assert 'install --yes --no-install-recommends wanted-package' in asked(fakes)


def test_an_installation_that_fails_says_what_to_try(fakes: Path) -> None:
    _program(fakes, 'apt-get', 'exit 100')
    done = install(fakes, 'nonesuch:wanted-package', '/nonesuch:other-package')
    assert done.returncode == 100
    assert LINE in done.stderr


def test_the_makefile_names_every_program_that_the_tests_run() -> None:
    needs = re.findall(
        r'(\S+):\S+', (ROOT / 'Makefile').read_text().partition('TEST_NEEDS')[2].partition('BENCH')[0]
    )
    assert {
        'lighttpd',
        'spawn-fcgi',
        'nginx',
        'apache2',
        'pg_ctlcluster',
        'chromium',
        'debootstrap',
        'node',
    } <= set(needs)
