"""Settings and the encryption policy of real rTorrents."""

from __future__ import annotations

import time
from typing import Any

import pytest

from lib.errors import Conflict, Fault, NotFound, TimedOut, UsageError
from lib.wire.rpc import Rpc
from model import encryption, settings
from model.backends.base import EncryptionState
from model.backends.rtorrent import RTorrentBackend
from model.backends.rtorrent_settings import COMMANDS, FLAG_WORDS, LEVEL_WORDS, set_encryption
from model.backends.transmission_settings import MODE_WORDS
from model.hub import Hub
from tests.core.support import Without, backend_of, hub_of, recorder
from tests.core.test_actions import silent_hub
from tests.rig import Rtorrent

OF_OTHERS = {'download_queue', 'seed_queue', 'lpd', 'utp'}  # which rTorrent does not have


def test_the_table_and_the_commands_name_the_same() -> None:
    assert settings.BY_KEY.keys() == {*COMMANDS, *OF_OTHERS}
    assert [key for _, group in settings.groups() for key in (one.key for one in group)] == list(
        settings.BY_KEY
    )


def test_all_settings_in_one_request(any_rtorrent: Rtorrent) -> None:
    backend = backend_of(any_rtorrent)
    backend.settings()
    before = backend.rpc.requests
    values = settings.read(backend)
    assert backend.rpc.requests == before + 1
    assert values.keys() == settings.BY_KEY.keys() - OF_OTHERS
    assert values['dht'] == 'disable'
    assert values['directory'] == str(any_rtorrent.downloads)
    assert values['port_range'] == '20000-60000'
    assert (values['up_limit'], values['pex'], values['check_on_completion']) == (0, False, False)


WANTED: dict[str, Any] = {
    'up_limit': 1_048_576,
    'down_limit': '2097152',
    'max_uploads_global': 33,
    'max_downloads_global': 34,
    'max_uploads': 7,
    'min_uploads': 1,
    'max_downloads': 8,
    'min_downloads': 2,
    'min_peers': 20,
    'max_peers': 70,
    'min_peers_seed': -1,
    'max_peers_seed': 30,
    'numwant': 50,
    'dht': 'off',
    'pex': 'on',
    'udp_trackers': True,
    'port_range': '6890 - 6999',
    'port_random': 0,
    'max_open_sockets': 600,
    'max_http': 20,
    'max_open_files': 300,
    'check_on_completion': '1',
}


@pytest.mark.parametrize('key', WANTED)
def test_every_setting_can_be_set_and_reads_back(any_rtorrent: Rtorrent, key: str) -> None:
    hub = hub_of(any_rtorrent)
    if key in ('max_http', 'max_open_files') and 'system.sockets.max_size' in any_rtorrent.call(
        'system.listMethods'
    ):
        with pytest.raises(Conflict, match='ignores'):  # 0.16 divides its sockets up when it starts
            settings.apply(hub, 'box', {key: WANTED[key]})
        return
    assert settings.apply(hub, 'box', {key: WANTED[key]})[key] == settings.check(WANTED)[key]


def test_only_what_changes_is_sent(rtorrent: Rtorrent) -> None:
    link = recorder(rtorrent)
    hub = Hub([RTorrentBackend(Rpc(link, target='box'))])
    now = hub.get('box').settings()
    writable = {key: value for key, value in now.items() if settings.BY_KEY[key].writable}
    settings.apply(hub, 'box', {**writable, 'max_uploads': 9})
    assert [body.count(b'.set<') for body in link.written('.set<')] == [1]
    settings.apply(hub, 'box', {'max_uploads': 9})
    assert len(link.written('.set<')) == 1


def test_a_form_shows_and_sends_the_same(rtorrent: Rtorrent) -> None:
    hub = hub_of(rtorrent)
    rtorrent.call('throttle.global_up.max_rate.set_kb', '', 100)
    values = hub.get('box').settings()
    form = {key: settings.BY_KEY[key].show(value) for key, value in values.items()}
    assert (form['up_limit'], form['pex'], form['dht']) == ('100', 'off', 'disable')
    given = {key: text for key, text in form.items() if settings.BY_KEY[key].writable}
    rates = {key: int(text) * 1024 for key, text in given.items() if settings.BY_KEY[key].kind == 'rate'}
    assert settings.check(given | rates) == {key: values[key] for key in given}


@pytest.mark.parametrize(
    ('values', 'field'),
    [
        ({'up_limit': -1}, 'up_limit'),
        ({'up_limit': 2**30 + 1}, 'up_limit'),
        ({'up_limit': '1e3'}, 'up_limit'),
        ({'up_limit': None}, 'up_limit'),
        ({'up_limit': True}, 'up_limit'),
        ({'max_uploads': 2**16}, 'max_uploads'),  # would end rTorrent
        ({'max_peers': 5, 'dht': 'maybe'}, 'dht'),
        ({'dht': ['on']}, 'dht'),
        ({'pex': 'perhaps'}, 'pex'),
        ({'pex': 2}, 'pex'),
        ({'port_range': '6999-6890'}, 'port_range'),
        ({'port_range': '0-70000'}, 'port_range'),
        ({'port_range': '$execute.nothrow=x'}, 'port_range'),
        ({'port_range': 6890}, 'port_range'),
        ({'min_peers': 50, 'max_peers': 40}, 'min_peers'),
        ({'max_open_files': 1}, 'max_open_files'),
        ({'directory': '/x'}, 'directory'),
        ({'port': 1}, 'port'),
        ({'execute': 1}, 'setting'),
    ],
)
def test_nothing_is_sent_unless_all_is_right(values: dict[str, Any], field: str) -> None:
    with pytest.raises(UsageError) as caught:
        settings.apply(silent_hub(), 'box', {'max_uploads': 5, **values})
    assert caught.value.field == field


def test_a_setting_the_client_lacks(rtorrent: Rtorrent) -> None:
    rpc = Without(backend_of(rtorrent).rpc._transport, target='box')
    rpc.lacking = frozenset({'protocol.pex', 'dht.statistics'})
    hub = Hub([RTorrentBackend(rpc)])
    assert {'pex', 'dht', *OF_OTHERS} == settings.BY_KEY.keys() - hub.get('box').settings().keys()
    with pytest.raises(Conflict, match='does not have'):
        settings.apply(hub, 'box', {'pex': True})


def test_what_rtorrent_refuses_is_named(rtorrent: Rtorrent) -> None:
    with pytest.raises(Conflict, match=r'up_limit: Throttle.*The others are set'):
        hub_of(rtorrent).get('box').set_settings({'up_limit': -1, 'max_uploads': 3})
    assert rtorrent.call('throttle.max_uploads') == 3


def test_a_lost_answer_is_settled_by_reading(rtorrent: Rtorrent) -> None:
    link = recorder(rtorrent)
    hub = Hub([RTorrentBackend(Rpc(link, target='box'))])
    link.lose = lambda body: b'.set<' in body
    assert settings.apply(hub, 'box', {'max_uploads': 3})['max_uploads'] == 3
    assert len(link.written('.set<')) == 1
    with pytest.raises(TimedOut):
        settings.apply(hub, 'box', {'up_limit': 1500})  # rTorrent rounds it, so it does not read back
    link.lose = lambda body: False
    assert settings.apply(hub, 'box', {'up_limit': 1900})['up_limit'] == 1024  # no change in whole KiB


# Encryption


class Notes:
    """A note store of a test."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], tuple[str, float]] = {}

    def get(self, target: str, key: str) -> tuple[str, float] | None:
        return self.kept.get((target, key))

    def put(self, target: str, key: str, value: str) -> None:
        self.kept[target, key] = (value, time.time())


def test_the_words_of_all_kinds_have_a_meaning() -> None:
    assert encryption.MEANING.keys() == {*FLAG_WORDS, *LEVEL_WORDS, *MODE_WORDS}
    for style, presets in encryption.PRESETS.items():
        for preset in presets:
            assert set(encryption.check(preset.words, style)) == set(preset.words)


def test_rtorrent_knows_our_words(rtorrent: Rtorrent) -> None:
    assert set(FLAG_WORDS) <= set(rtorrent.call('strings.encryption'))


@pytest.mark.parametrize('preset', encryption.PRESETS['flags'], ids=lambda preset: preset.key)
def test_a_policy_is_set_and_noted(any_rtorrent: Rtorrent, preset: encryption.Preset) -> None:
    hub, notes = hub_of(any_rtorrent), Notes()
    assert encryption.last_set(notes, 'box') is None
    policy = encryption.set_policy(hub, notes, 'box', preset.words)
    assert policy.style == 'flags'
    assert policy.confirmed is None  # neither 0.9.8 nor 0.16.17 can say
    assert policy.last is not None
    assert set(policy.last.words) == set(preset.words)
    assert abs(policy.last.at - time.time()) < 60
    assert encryption.policy(hub, notes, 'box') == policy


@pytest.mark.parametrize(
    ('style', 'words', 'text'),
    [
        ('flags', [], 'at least one'),
        ('flags', ['nix'], 'There is no word'),
        ('flags', ['handshake_allow'], 'There is no word'),
        ('flags', ['$execute.nothrow=x'], 'There is no word'),
        ('flags', ['none', 'allow_incoming'], 'turns encryption off'),
        ('flags', ['require_RC4', 'prefer_plaintext', 'try_outgoing'], 'contradict'),
        ('flags', ['require', 'enable_retry'], 'no peer could connect'),
        ('levels', ['handshake_allow'], 'level for the stream'),
        ('levels', ['handshake_allow', 'handshake_deny', 'stream_allow'], 'contradict'),
        ('levels', ['handshake_deny', 'stream_require'], 'encrypted handshake'),
        ('levels', ['require'], 'There is no word'),
    ],
)
def test_contradictions_are_refused(style: str, words: list[str], text: str) -> None:
    with pytest.raises(UsageError, match=text) as caught:
        encryption.check(words, style)
    assert caught.value.field == 'encryption'


def test_no_words_are_never_sent(rtorrent: Rtorrent) -> None:
    """To rTorrent no words mean “none”."""
    link, notes = recorder(rtorrent), Notes()
    hub = Hub([RTorrentBackend(Rpc(link, target='box'))])
    with pytest.raises(UsageError):
        encryption.set_policy(hub, notes, 'box', [])
    with pytest.raises(ValueError, match='without words'):
        set_encryption(Rpc(link), [])
    assert link.written('encryption.set') == []
    assert notes.kept == {}
    with pytest.raises(NotFound):
        encryption.set_policy(hub, notes, 'nix', ['none'])


class Confirming(Without):
    """A server that can say what is set, as rTorrent does since 0.16.18."""

    said = 'handshake_allow,stream_allow'

    @property
    def methods(self) -> frozenset[str]:
        return super().methods | {'protocol.encryption'}

    def call(self, method: str, *params: Any, **options: Any) -> Any:
        if method == 'protocol.encryption':
            return self.said
        if method == 'protocol.encryption.set':
            self.said = ','.join(params[1:])
            return 0
        return super().call(method, *params, **options)


def test_newer_servers_confirm(rtorrent: Rtorrent) -> None:
    hub = Hub([RTorrentBackend(Confirming(backend_of(rtorrent).rpc._transport, target='box'))])
    assert hub.get('box').encryption() == EncryptionState(
        'levels', LEVEL_WORDS, 'handshake_allow,stream_allow'
    )
    policy = encryption.set_policy(hub, Notes(), 'box', ['stream_require', 'handshake_require'])
    assert policy.confirmed == 'handshake_require,stream_require'


def test_a_refusal_is_not_noted(rtorrent: Rtorrent, monkeypatch: pytest.MonkeyPatch) -> None:
    hub, notes = hub_of(rtorrent), Notes()
    monkeypatch.setitem(encryption.KNOWN, 'flags', ('nonsense',))
    with pytest.raises(Fault):
        encryption.set_policy(hub, notes, 'box', ['nonsense'])
    assert notes.kept == {}
