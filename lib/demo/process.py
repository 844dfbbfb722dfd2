"""Child processes that end with us, however we end."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from lib.errors import ConfigError, PyroError

POLL = 0.02
Result = TypeVar('Result')


def spawn(
    argv: Sequence[str],
    *,
    output: Path,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program that the kernel kills when this process dies, even by SIGKILL.

    The kernel binds the promise to the *thread* that starts the child, so only the main thread, which lives as long
    as the process, may call this. The child gets a session of its own: Ctrl-C reaches us and we end it in order.

    :param output: file that receives what the program prints.
    :raises ConfigError: the program is not installed.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError('Only the main thread may start a program that must end with it.')
    if shutil.which(argv[0]) is None:
        raise ConfigError(f'The program “{argv[0]}” is not installed. On Debian: apt-get install {argv[0]}')
    with output.open('ab') as sink:
        return subprocess.Popen(  # noqa: S603
            ['/usr/bin/setpriv', '--pdeathsig', 'KILL', '--', *argv],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=None if environment is None else dict(environment),
            start_new_session=True,
        )


def end(process: subprocess.Popen[bytes], grace: float = 5.0) -> None:
    """Ask a program to end and wait; kill it when ``grace`` seconds were not enough."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(grace)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_for(condition: Callable[[], Result], timeout: float, what: str) -> Result:
    """Ask ``condition`` until its answer is true, and return that answer.

    :param timeout: seconds after which to give up.
    :param what: what is waited for, for the error: ``'the socket of rTorrent'``.
    :raises PyroError: it did not become true in time.
    """
    deadline = time.monotonic() + timeout
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise PyroError(f'Waited {timeout:g} s for {what}, in vain (last answer: {answer!r}).')
        time.sleep(POLL)
