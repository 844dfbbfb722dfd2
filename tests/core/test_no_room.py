"""Where the machine has no room for one more thread, a question fails; nothing counts as busy for ever after it."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from lib import pinned
from lib.errors import Conflict, FetchError
from lib.wire.dial import NotSent
from model import hub as module
from model import views
from model.backends.base import FileRow
from model.bulk import BATCH
from model.filetrees import FileTrees
from model.hub import Hub
from model.jobs import MAX_RUNNING_EACH
from model.views import Views
from tests.core.test_bulk import ME, Client, begun, ended, engine

__all__ = ['engine']

Full = Callable[[str], 'threading.Event']


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Full:
    """``full('job')``: threads of such a name cannot begin, until the event is set."""
    start = threading.Thread.start

    def begin(name: str) -> threading.Event:
        over = threading.Event()

        def started(thread: threading.Thread) -> None:
            if thread.name.startswith(name) and not over.is_set():
                raise RuntimeError("can't start new thread")
            start(thread)

        monkeypatch.setattr(threading.Thread, 'start', started)
        return over

    return begin


def test_jobs(engine: Engine, full: Full) -> None:
    bulk, _, chosen = begun(engine, Client(), BATCH + 1)
    over = full('job')
    for _ in range(MAX_RUNNING_EACH + 1):
        with pytest.raises(Conflict, match='no room'):
            bulk.begin(ME, 'start', {}, chosen)
    over.set()
    assert ended(bulk, bulk.begin(ME, 'start', {}, chosen)).done == BATCH + 1


def test_questions_to_clients(full: Full) -> None:
    hub = Hub([Client('a'), Client('b')])
    over = full('ask')
    for _ in range(module._THREADS_PER_TARGET + 1):
        assert all(isinstance(each.error, NotSent) for each in hub.each(hub.backends, lambda client: 1))
    over.set()
    assert [each.value for each in hub.each(hub.backends, lambda client: 1)] == [1, 1]


def test_views(full: Full, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = threading.Event()

    class Viewing(Client):
        def members(self, view: str) -> frozenset[str]:
            return frozenset({'A'})

    monkeypatch.setattr(views, 'AGE', -1.0)
    looked = Views(Hub([Viewing()]))
    first = looked.test('mine')
    over = full('view')
    assert looked.test('mine') is first
    over.set()

    def told(_: object, view: str) -> frozenset[str]:
        asked.set()
        return frozenset({'B'})

    monkeypatch.setattr(Viewing, 'members', told)
    looked.test('mine')  # and asks anew, beside
    assert asked.wait(60)


def test_names_of_hosts(full: Full) -> None:
    over = full('resolver')
    for _ in range(20):
        with pytest.raises(FetchError, match='Too many names'):
            pinned.resolve('localhost', 80, 0.01)
    over.set()
    assert pinned.resolve('localhost', 80, 20)


def test_trees(full: Full) -> None:
    trees, over = FileTrees(), full('trees')
    trees.get(('home', 'A'), lambda: [FileRow(0, 'a', 1, 1, 1.0, 1)])
    assert trees._timer is None
    over.set()
    trees.get(('home', 'A'), list)
    assert trees._timer is not None
    trees._timer.cancel()
