"""A wheel, installed into an empty environment, runs."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / '.ci' / 'constraints.txt'
TEST_LOCK = ROOT / '.ci' / 'constraints-test.txt'


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command that has to succeed; its standard output."""
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    assert done.returncode == 0, f'{command}:\n{done.stdout}{done.stderr}'
    return done.stdout


@pytest.fixture(scope='module')
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that holds the wheel and what it requires, and nothing else."""
    place = tmp_path_factory.mktemp('wheel')
    source = place / 'source'
    # A copy of what is in the checkout: building leaves directories beside setup.py.
    _copy(source)
    run(sys.executable, '-m', 'build', '--wheel', '--no-isolation', '--outdir', place, source, cwd=place)
    (wheel,) = place.glob('*.whl')
    run(sys.executable, '-m', 'venv', place / 'env', cwd=place)
    python = place / 'env' / 'bin' / 'python'
    run(python, '-m', 'pip', 'install', '--quiet', '--constraint', LOCK, wheel, cwd=place)
    return place / 'env'


def _copy(target: Path) -> None:
    listed = run('git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard', cwd=ROOT)
    for name in filter(None, listed.split('\0')):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes((ROOT / name).read_bytes())


def test_the_installed_command_tells_its_version_and_settings(installed: Path, tmp_path: Path) -> None:
    version = runpy.run_path(str(ROOT / 'lib' / 'version.py'))['VERSION']
    command = installed / 'bin' / 'pyrotorrent'
    assert run(command, '--version', cwd=tmp_path).strip() == f'pyroTorrent {version}'
    (tmp_path / 'config.py').write_text("BASE_URL = '/torrent'\n")
    settings = run(command, '--config', tmp_path / 'config.py', 'config', cwd=tmp_path)
    assert '/torrent' in settings


def test_templates_static_files_and_every_module_are_installed(installed: Path) -> None:
    (site,) = installed.glob('lib/python3*/site-packages')
    wanted = [path for room in ('lib', 'model', 'templates', 'static') for path in (ROOT / room).rglob('*')]
    names = {
        path.relative_to(ROOT).as_posix()
        for path in wanted
        if path.is_file() and '__pycache__' not in path.parts
    }
    assert names
    assert {name for name in names if not (site / name).exists()} == set()


def test_the_locks_satisfy_the_ranges(tmp_path: Path) -> None:
    metadata = run(sys.executable, 'setup.py', '--quiet', 'egg_info', '--egg-base', tmp_path, cwd=ROOT)
    assert metadata == ''
    (listed,) = tmp_path.glob('*.egg-info/requires.txt')
    locked = _locked(LOCK)
    for line in filter(None, listed.read_text().splitlines()):
        if line.startswith('['):
            locked |= _locked(TEST_LOCK)
            continue
        requirement = Requirement(line)
        pinned = locked[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(pinned), f'{line}, locked at {pinned}'


def _locked(path: Path) -> dict[str, str]:
    pins = [Requirement(line) for line in path.read_text().splitlines() if line and not line.startswith('#')]
    return {canonicalize_name(pin.name): next(iter(pin.specifier)).version for pin in pins}
