"""rTorrent 0.16 and Transmission 4 from Debian's testing suite, in a directory beside the system's older ones."""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
import subprocess
from pathlib import Path

CACHE = Path(__file__).resolve().parents[2] / '.cache'
SUITE = 'testing'
PROGRAMS = ('rtorrent', 'transmission-daemon')
ATTEMPTS = 4  # a mirror may fail to give one of the packages
SUDO = [] if os.geteuid() == 0 else ['sudo', '-n']
INSTALL = 'apt-get install --no-install-recommends debootstrap'


def of_testing(name: str) -> tuple[list[str], Path]:
    """The argv that runs a program and its path; all are unpacked at the first use, in about half a minute.

    Parallel test workers wait for the one that unpacks. A program runs on its own suite's C library but in our file
    system, so that both versions see the same directories.
    """
    root = CACHE / f'debian-{SUITE}'
    CACHE.mkdir(exist_ok=True)
    with (CACHE / 'lock').open('w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.exists():
            _unpack(root)
    loader = next(root.glob('lib*/ld-linux*.so*'))
    libraries = root / 'usr/lib' / f'{platform.machine()}-linux-gnu'
    program = root / 'usr/bin' / name
    return [str(loader), '--library-path', str(libraries), str(program)], program


def _unpack(root: Path) -> None:
    if shutil.which('debootstrap') is None:
        raise AssertionError(f'The tests need debootstrap for programs of Debian {SUITE}. As root: {INSTALL}')
    partial, packages = root.with_suffix('.partial'), root.with_suffix('.packages')
    packages.mkdir(exist_ok=True)  # what was fetched is not fetched again
    command = [
        *SUDO,
        'debootstrap',
        '--variant=minbase',
        f'--include={",".join(PROGRAMS)}',
        f'--cache-dir={packages}',
        SUITE,
        str(partial),
        mirror(),
        'sid',
    ]
    for _ in range(ATTEMPTS):
        _discard(partial)
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        if done.returncode == 0:
            partial.rename(root)
            _discard(packages)
            return
    log = (done.stdout + done.stderr)[-2000:]
    raise AssertionError(f'debootstrap failed {ATTEMPTS} times. As root, try: {" ".join(command)}\n{log}')


def mirror() -> str:
    """The Debian mirror that this machine's apt uses for its own release."""
    release = platform.freedesktop_os_release().get('VERSION_CODENAME', '')
    command = ['apt-get', 'indextargets', '--format', '$(RELEASE) $(REPO_URI)', 'Created-By: Packages']
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    for line in listed:
        suite, _, uri = line.partition(' ')
        if suite in {release, 'stable', 'testing', 'sid', 'unstable'}:
            return uri
    raise AssertionError(f'apt has no source for “{release}”; the tests need a Debian mirror for {SUITE}.')


def _discard(partial: Path) -> None:
    """Remove what an interrupted run left, which may hold mounts of /proc and /sys."""
    mounts = [line.split()[1] for line in Path('/proc/mounts').read_text().splitlines()]
    for mount in reversed([path for path in mounts if path.startswith(f'{partial}/')]):
        subprocess.run([*SUDO, 'umount', mount], check=True)
    if partial.exists():
        subprocess.run([*SUDO, 'rm', '-rf', '--one-file-system', str(partial)], check=True)
