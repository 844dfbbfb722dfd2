"""Signatures, and the receiver of the documentation as somebody would run it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.signing import sign, verify
from tests.rig import end
from tests.webhooks.conftest import Stage

EXAMPLE = Path(__file__).resolve().parents[2] / 'docs/examples/receiver.py'
NOW = 1_750_000_000.0
SECRET, UID, BODY = 'a secret of letters', 'f' * 32, b'{"id": 1}'
STAMP = '1750000000'


def test_this_is_how_it_is_signed() -> None:
    # echo -n '1750000000.<32 f>.{"id": 1}' | openssl dgst -sha256 -hmac 'a secret of letters'
    told = f'{STAMP}.{UID}.'.encode() + BODY
    command = ['openssl', 'dgst', '-sha256', '-hmac', SECRET]
    made = subprocess.run(command, input=told, capture_output=True, check=True).stdout.decode().split()[-1]

    assert sign(SECRET, STAMP, UID, BODY) == f'sha256={made}'
    assert verify(SECRET, STAMP, UID, BODY, f'sha256={made}', NOW)


@pytest.mark.parametrize(
    'changed',
    [
        {'secret': 'another secret'},
        {'timestamp': '1750000001'},
        {'uid': 'e' * 32},
        {'body': b'{"id": 2}'},
        {'signature': ''},
        {'signature': 'sha256='},
        {'signature': sign(SECRET, STAMP, UID, BODY).upper()},
        {'signature': 'sha256=\udcff'},
        {'now': NOW + 301},
        {'now': NOW - 301},
    ],
)
def test_what_is_changed_or_old_is_refused(changed: dict[str, object]) -> None:
    good = {'secret': SECRET, 'timestamp': STAMP, 'uid': UID, 'body': BODY, 'now': NOW}
    good['signature'] = sign(SECRET, STAMP, UID, BODY)

    assert verify(**good)  # type: ignore[arg-type]
    assert not verify(**good | changed)  # type: ignore[arg-type]


@given(st.text(max_size=20), st.text(max_size=20), st.binary(max_size=20), st.text(max_size=80))
def test_nothing_is_raised(timestamp: str, uid: str, body: bytes, signature: str) -> None:
    assert not verify(SECRET, timestamp, uid, body, signature, NOW)
    if not timestamp.isdecimal():
        assert not verify(SECRET, timestamp, uid, body, sign(SECRET, timestamp, uid, body), NOW)


SECRET_OF_EXAMPLE = 'secret-of-the-example'


@pytest.fixture
def example() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Its address, and the process."""
    environment = {**os.environ, 'SECRET': SECRET_OF_EXAMPLE}
    process = subprocess.Popen(
        [sys.executable, str(EXAMPLE), '0'],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout
    yield process.stdout.readline().strip(), process
    end(process)  # type: ignore[arg-type]
    process.stdout.close()


def post(url: str, headers: dict[str, str], body: bytes) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=60) as reply:
            return int(reply.status)
    except HTTPError as error:
        return error.code


def test_the_receiver_of_the_documentation_takes_what_is_ours_once(
    stage: Stage, example: tuple[str, subprocess.Popen[str]]
) -> None:
    url, process = example
    stage.clock.now = time.time()
    fields = {'name': 'a', 'style': 'json', 'url': url}
    good = stage.hooks.create({**fields, 'secret': SECRET_OF_EXAMPLE})
    bad = stage.hooks.create({**fields, 'name': 'b'})
    assert (stage.hooks.test(good.id).status, stage.hooks.test(bad.id).status) == (204, 403)
    now, body = str(int(time.time())), b'{"event": {"kind": "finished", "name": "a.iso"}}'

    def headers(stamp: str = now, uid: str = UID, secret: str = SECRET_OF_EXAMPLE) -> dict[str, str]:
        names = {'Timestamp': stamp, 'Delivery': uid, 'Signature': sign(secret, stamp, uid, body)}
        return {f'X-PyroTorrent-{name}': value for name, value in names.items()}

    assert [post(url, headers(), body), post(url, headers(), body)] == [204, 204]
    old = str(int(time.time()) - 400)
    assert post(url, headers(stamp=old, uid='e' * 32), body) == 403
    assert post(url, headers(secret='wrong' * 5, uid='d' * 32), body) == 403
    assert post(url, {**headers(), 'X-PyroTorrent-Signature': ''}, body) == 403
    assert post(url, headers(uid='c' * 32), body) == 204
    process.terminate()
    assert process.stdout
    assert process.stdout.read() == 'test pyroTorrent\n' + 'finished a.iso\n' * 2
