"""Adding to a real Transmission, and its settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lib.errors import BadReply, Conflict, Denied, TimedOut, UsageError
from model import encryption, settings
from model.adding import add
from model.fields import INDEX, state_of
from model.hub import Hub
from tests.core.test_settings import Notes
from tests.rig import make, wait_for
from tests.rig.transmission import Transmission
from tests.transmission.fake import SESSION, answers, backend_of
from tests.transmission.test_verbs import _lossy
from tests.wire.fakes import Server, http

NOBODY = 'http://127.0.0.1:1/announce'
MAGNET = f'magnet:?xt=urn:btih:{"ab" * 20}&dn=some%20name&tr=http%3A%2F%2Ftracker.example%2Fannounce'


@pytest.fixture
def hub(daemon: Transmission) -> Iterator[Hub]:
    hub = Hub([daemon.backend()], roots=[str(daemon.directory)])
    yield hub
    hub.close()


def field(hub: Hub, info_hash: str, key: str) -> Any:
    return hub.get('box').row(info_hash)[INDEX[key]]


def test_a_torrent_with_label_and_directory(daemon: Transmission, hub: Hub) -> None:
    made = make(daemon.directory / 'else', 'added', 5000, announce=NOBODY, have=0.0)
    place = str(daemon.directory / 'else where')
    added = add(hub, 'box', torrent=made.data, label='a, b', directory=place, start=True)
    assert (added.hash, added.name, added.existed) == (made.info_hash, 'added', False)
    assert field(hub, added.hash, 'label') == 'a, b'
    assert field(hub, added.hash, 'directory') == place
    wait_for(lambda: state_of(hub.get('box').row(added.hash)) == 'downloading', 20, 'it to run')
    again = add(hub, 'box', torrent=made.data, label='other', start=False)
    assert (again.hash, again.name, again.existed) == (made.info_hash, 'added', True)
    assert field(hub, added.hash, 'label') == 'a, b'
    assert field(hub, added.hash, 'state') == 1


def test_a_stopped_one_stays_stopped(daemon: Transmission, hub: Hub) -> None:
    made = make(daemon.downloads, 'resting', 5000, announce=NOBODY)
    add(hub, 'box', torrent=made.data, start=False)
    wait_for(lambda: state_of(hub.get('box').row(made.info_hash)) == 'stopped', 20, 'its check')
    assert field(hub, made.info_hash, 'complete')


@pytest.mark.parametrize('start', [True, False])
def test_a_magnet(hub: Hub, start: bool) -> None:
    link = MAGNET.replace('ab', 'cd') if start else MAGNET
    added = add(hub, 'box', magnet=link, label='later', start=start)
    assert (added.name, added.existed) == ('some name', False)
    assert (field(hub, added.hash, 'is_meta'), field(hub, added.hash, 'label')) == (True, 'later')
    assert field(hub, added.hash, 'tracker') == 'tracker.example'
    # It answers before it starts a magnet.
    wait_for(lambda: bool(field(hub, added.hash, 'state')) is start, 20, 'its state')
    assert add(hub, 'box', magnet=link).existed


def test_nothing_outside_the_roots(daemon: Transmission, hub: Hub) -> None:
    made = make(daemon.downloads, 'outside', 5000, announce=NOBODY)
    with pytest.raises(Denied):
        add(hub, 'box', torrent=made.data, directory='/etc')
    with pytest.raises(UsageError):
        add(hub, 'box', torrent=b'rubbish')


def test_an_answer_that_was_lost(daemon: Transmission) -> None:
    backend = daemon.backend()
    _lossy(backend, b'torrent-add')
    made = make(daemon.downloads, 'lost', 5000, announce=NOBODY)
    added = add(Hub([backend]), 'box', torrent=made.data, label='x')
    assert (added.hash, added.existed) == (made.info_hash, False)
    assert backend.row(made.info_hash)[INDEX['label']] == 'x'


def test_a_request_that_was_lost(daemon: Transmission) -> None:
    backend = daemon.backend()
    _lossy(backend, b'torrent-add', before=True)
    with pytest.raises(TimedOut):
        add(Hub([backend]), 'box', torrent=make(daemon.downloads, 'never', 5000, announce=NOBODY).data)


def test_a_label_that_failed_is_a_warning(daemon: Transmission) -> None:
    backend = daemon.backend()
    _lossy(backend, b'torrent-set', before=True)
    made = make(daemon.downloads, 'unlabelled', 5000, announce=NOBODY)
    added = add(Hub([backend]), 'box', torrent=made.data, label='x')
    assert not added.existed
    assert any('without its label' in warning for warning in added.warnings)


@pytest.mark.parametrize(
    ('answer', 'kind'),
    [
        (http(b'{"result": "invalid or corrupt torrent file", "arguments": {}}'), Conflict),
        ({'torrent-added': {'id': 1, 'hashString': 'ff' * 20, 'name': 'x'}}, BadReply),
        ({'torrent-added': None}, BadReply),
        ({}, BadReply),
    ],
)
def test_what_is_not_there_was_not_added(daemon: Transmission, answer: Any, kind: type[Exception]) -> None:
    def reply(request: dict[str, Any]) -> Any:
        if request['method'] == 'torrent-add':
            return answer
        return SESSION if request['method'] == 'session-get' else {'torrents': []}

    made = make(daemon.downloads, 'not', 5000, announce=NOBODY)
    with Server(answers(reply)) as server, pytest.raises(kind):
        add(Hub([backend_of(server)]), 'box', torrent=made.data)


# settings

OURS = {'up_limit', 'down_limit', 'max_peers', 'max_open_sockets', 'port', 'pex', 'utp', 'lpd', 'port_random',
        'directory', 'session', 'download_queue', 'seed_queue', 'dht'}  # fmt: skip
WANTED: dict[str, Any] = {
    'up_limit': 10 * 1024,
    'down_limit': 2_000_000,
    'max_peers': 33,
    'max_open_sockets': 99,
    'utp': True,
    'port_random': True,
    'download_queue': 0,
    'seed_queue': 4,
}


def test_its_settings(daemon: Transmission, hub: Hub) -> None:
    before = settings.read(hub.get('box'))
    assert before.keys() == OURS
    assert settings.BY_KEY.keys() >= OURS
    now = settings.apply(hub, 'box', WANTED)
    assert {key: now[key] for key in WANTED} == {**WANTED, 'up_limit': 11_000}
    assert settings.BY_KEY['up_limit'].show(now['up_limit']) == '10'  # as it was entered, in KiB/s
    told = hub.get('box').globals()
    assert (told.up_limit, told.down_limit, told.max_open_sockets) == (11_000, 2_000_000, 99)
    writable = {key: value for key, value in before.items() if settings.BY_KEY[key].writable}
    assert settings.apply(hub, 'box', writable) == before


def test_a_limit_is_what_holds(daemon: Transmission, hub: Hub) -> None:
    """With its other limits for hours of the day turned on, these hold."""
    daemon.link().ask(
        lambda client: client.set_session(alt_speed_enabled=True, alt_speed_down=7, alt_speed_up=8)
    )
    told = hub.get('box').globals()
    assert (told.down_limit, told.up_limit) == (7000, 8000)
    assert settings.apply(hub, 'box', {'down_limit': 20_000})['down_limit'] == 20_000
    settings.apply(hub, 'box', {'down_limit': 0})


def test_a_setting_it_lacks_or_refuses(hub: Hub) -> None:
    with pytest.raises(Conflict, match='does not have'):
        settings.apply(hub, 'box', {'min_peers': 3})
    with pytest.raises(Conflict, match='either on or off'):
        settings.apply(hub, 'box', {'dht': 'auto'})


def test_encryption(hub: Hub) -> None:
    known = encryption.policy(hub, Notes(), 'box')
    assert (known.style, known.confirmed) == ('modes', 'preferred')
    assert encryption.set_policy(hub, Notes(), 'box', ['required']).confirmed == 'required'
    assert encryption.set_policy(hub, Notes(), 'box', ['preferred']).confirmed == 'preferred'
    with pytest.raises(UsageError, match='contradict'):
        encryption.set_policy(hub, Notes(), 'box', ['required', 'tolerated'])
