"""Webhooks of the Python interface, against real receivers."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from lib.errors import PyroError, UsageError
from model.manager import Manager
from tests.manager.test_listeners import event
from tests.rig import wait_for
from tests.webhooks.endpoint import Endpoint, status

LOOPBACK = ['127.0.0.0/8']


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    made = Endpoint()
    yield made
    made.close()


def test_a_receiver_is_told_signed_and_goes_on_after_a_restart(endpoint: Endpoint, tmp_path: Path) -> None:
    with Manager({}, state_dir=tmp_path, WEBHOOK_ALLOWED_NETWORKS=LOOPBACK) as manager:
        hook = manager.add_webhook(endpoint.url())
        manager.events.add([event('added'), event('updated', diff={}), event('finished')])
        wait_for(lambda: len(endpoint.got) == 2, 30, 'both events')
        wait_for(lambda: not hook.state.waiting, 30, 'the queue to be empty')
    assert [got.json['event']['kind'] for got in endpoint.got] == ['added', 'finished']
    assert all(got.is_signed(hook.secret, time.time()) for got in endpoint.got)
    with Manager({}, state_dir=tmp_path, WEBHOOK_ALLOWED_NETWORKS=LOOPBACK) as manager:
        manager.events.add([event('stopped')])  # before it is added again
        again = manager.add_webhook(endpoint.url())
        assert (again.id, again.secret) == (hook.id, hook.secret)
        wait_for(lambda: len(endpoint.got) == 3, 30, 'what came before it was added again')
        again.remove()
        manager.add_webhook(endpoint.url(), kinds=['ratio'], name='ratios')
        manager.events.add([event('started'), event('ratio', '1.0')])
        wait_for(lambda: len(endpoint.got) == 4, 30, 'the ratio')
    assert [got.json['event']['kind'] for got in endpoint.got[2:]] == ['stopped', 'ratio']


def test_on_failed_and_on_error_say_what_became_of_it(
    endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    failed: list[tuple[str, int, str, Mapping[str, str]]] = []
    errors: list[tuple[str, PyroError]] = []
    endpoint.answer = status(500, **{'X-Reason': 'tired'})
    away = 'http://127.0.0.1:1/'

    def on_failed(*given: object) -> None:
        failed.append(given)  # type: ignore[arg-type]
        raise ValueError('a mistake of the program')

    with caplog.at_level(logging.ERROR), Manager({}, WEBHOOK_ALLOWED_NETWORKS=LOOPBACK) as manager:
        manager.add_webhook(endpoint.url('/secret'), on_failed=on_failed)
        manager.add_webhook(away, on_error=lambda url, error: errors.append((url, error)))
        manager.events.add([event('added')])
        wait_for(lambda: len(failed) >= 2 and errors, 60, 'two tries of one and one of the other')
    url, code, body, headers = failed[0]
    assert (url, code, body, headers['x-reason']) == (endpoint.url('/secret'), 500, 'words', 'tired')
    assert errors[0][0] == away
    assert '127.0.0.1' in str(errors[0][1])
    assert 'a mistake of the program' in caplog.text
    assert '/secret' not in caplog.text


def test_addresses_are_checked(endpoint: Endpoint) -> None:
    with Manager({}) as manager:
        for wrong in endpoint.url(), 'ftp://example.org/', 'nonsense':
            with pytest.raises(UsageError):
                manager.add_webhook(wrong)
        with pytest.raises(UsageError):
            manager.add_webhook('https://example.org/', kinds=['nonsense'])
