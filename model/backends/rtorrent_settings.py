"""Where rTorrent keeps the settings of :mod:`model.settings`, and what it says about encryption."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lib.errors import Conflict, Fault
from lib.wire.rpc import Rpc
from lib.wire.values import Value
from lib.words import said
from model.backends.base import EncryptionState

#: Our key -> rTorrent's names, the modern first. The setter is the name with ``.set``.
COMMANDS: dict[str, tuple[str, ...]] = {
    'up_limit': ('throttle.global_up.max_rate',),
    'down_limit': ('throttle.global_down.max_rate',),
    'max_uploads_global': ('throttle.max_uploads.global',),
    'max_downloads_global': ('throttle.max_downloads.global',),
    'max_uploads': ('throttle.max_uploads',),
    'min_uploads': ('throttle.min_uploads',),
    'max_downloads': ('throttle.max_downloads',),
    'min_downloads': ('throttle.min_downloads',),
    'min_peers': ('throttle.min_peers.normal',),
    'max_peers': ('throttle.max_peers.normal',),
    'min_peers_seed': ('throttle.min_peers.seed',),
    'max_peers_seed': ('throttle.max_peers.seed',),
    'numwant': ('trackers.numwant',),
    'dht': ('dht.statistics',),
    'pex': ('protocol.pex',),
    'udp_trackers': ('trackers.use_udp',),
    'port_range': ('network.listen.port.range', 'network.port_range'),
    'port_random': ('network.listen.port.randomize', 'network.port_random'),
    'port': ('network.listen.port',),
    'dht_port': ('dht.override_port', 'dht.port'),
    'max_open_sockets': ('network.max_open_sockets',),
    'max_http': ('network.http.max_total_connections', 'network.http.max_open'),
    'max_open_files': ('network.max_open_files',),
    'check_on_completion': ('pieces.hash.on_completion',),
    'directory': ('directory.default',),
    'session': ('session.path',),
}
_FLAGS = frozenset({'pex', 'udp_trackers', 'port_random', 'check_on_completion'})
_SETTERS = {'dht': 'dht.mode.set'}

#: The words of ``protocol.encryption.set`` before 0.16.18; those since are levels of handshake and stream.
FLAG_WORDS = (
    'none',
    'allow_incoming',
    'try_outgoing',
    'require',
    'require_RC4',
    'enable_retry',
    'prefer_plaintext',
)
LEVELS = ('deny', 'allow', 'prefer', 'require')
LEVEL_WORDS = tuple(f'{part}_{level}' for part in ('handshake', 'stream') for level in LEVELS)


def read(rpc: Rpc) -> dict[str, Any]:
    """All settings this rTorrent has."""
    methods = rpc.methods
    found = [(key, next((name for name in names if name in methods), '')) for key, names in COMMANDS.items()]
    asked = [(key, name) for key, name in found if name]
    answers = rpc.multicall([(name, ()) for _, name in asked], read=True)
    values = {key: _typed(key, answer) for (key, _), answer in zip(asked, answers, strict=True)}
    return {key: value for key, value in values.items() if value is not None}


def _typed(key: str, answer: Any) -> Any:
    if isinstance(answer, Fault):
        return None
    if key == 'dht':
        return answer.get('dht') if isinstance(answer, dict) else None
    return bool(answer) if key in _FLAGS else answer


def write(rpc: Rpc, values: Mapping[str, Any]) -> None:
    """Set checked settings in one request.

    :raises Conflict: rTorrent refused some; the others are set.
    """
    calls: list[tuple[str, Sequence[Value]]] = []
    for key, value in values.items():
        setter = _SETTERS.get(key) or f'{rpc.resolve(COMMANDS[key])}.set'
        calls.append((setter, ('', int(value) if isinstance(value, bool) else value)))
    answers = rpc.multicall(calls)
    refused = [
        f'{key}: {answer.text}'
        for key, answer in zip(values, answers, strict=True)
        if isinstance(answer, Fault)
    ]
    if refused:
        others = ' The others are set.' if len(refused) < len(values) else ''
        raise Conflict(said('rTorrent refused %(list)s.%(others)s', list='; '.join(refused), others=others))


def encryption(rpc: Rpc) -> EncryptionState:
    """The words this rTorrent takes, and what it confirms; rTorrent before 0.16.18 cannot say what is set."""
    if 'protocol.encryption' not in rpc.methods:
        return EncryptionState('flags', FLAG_WORDS, None)
    confirmed = rpc.call('protocol.encryption', read=True)
    return EncryptionState('levels', LEVEL_WORDS, str(confirmed))


def set_encryption(rpc: Rpc, words: Sequence[str]) -> None:
    """Set checked words. Without any rTorrent would take it for “none”, so that is refused here too."""
    if not words:
        raise ValueError('encryption without words')
    rpc.call('protocol.encryption.set', '', *words)
