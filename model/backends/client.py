"""What a class has to have to be a client of pyroTorrent: dTorrent's five methods, and those that let it do more.

Write a class with the methods of :class:`Client` (deriving from it is a convenience, not a duty), name it in
``rtorrent_config`` as ``{'client': 'module:Class', 'options': {…}}``, and try it with ``pyrotorrent.py conform``.
:mod:`.simple` makes a backend of it. What a class can do beyond the five methods is told by the methods it has.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from model.fields import LIST


@dataclass(frozen=True, slots=True)
class Method:
    """A method of a client.

    :ivar args: what it is called with, in order.
    :ivar optional: names of arguments that are given by name, and only to a method that takes them.
    :ivar capability: what having it makes the client capable of (:data:`model.backends.base.CAPABILITIES`).
    :ivar returns: what it has to return.
    """

    name: str
    args: tuple[str, ...]
    help: str
    capability: str = ''
    returns: str = ''
    optional: tuple[str, ...] = ()


REQUIRED: tuple[Method, ...] = (
    Method('list', (), 'The torrents there are.', returns='info hashes, each once'),
    Method(
        'get_torrent',
        ('hash',),
        'One torrent. KeyError, or None, for a hash that is not there.',
        returns='a mapping as below',
    ),
    Method('pause', ('hash',), 'Let it rest: it neither downloads nor uploads.', 'pause'),
    Method('resume', ('hash',), 'End the rest.', 'resume'),
    Method('remove', ('hash',), 'Forget the torrent; its data stays where it is.', 'erase'),
)
_PLACING = ('start', 'label', 'directory')
OPTIONAL: tuple[Method, ...] = (
    Method(
        'list_torrents',
        (),
        'All torrents at once, used instead of list and get_torrent for each.',
        returns='mappings as of get_torrent, each torrent once',
    ),
    Method('start', ('hash',), 'Start a stopped torrent; it stays so when the client restarts.', 'start'),
    Method('stop', ('hash',), 'Stop it; it stays so when the client restarts.', 'stop'),
    Method('check', ('hash',), 'Compare its data with the hashes of the torrent.', 'check'),
    Method('announce', ('hash',), 'Ask its trackers for peers now.', 'announce'),
    Method('set_label', ('hash', 'label'), 'Set its label; an empty one takes it away.', 'label'),
    Method('set_priority', ('hash', 'priority'), '0 off, 1 low, 2 normal, 3 high.', 'priority'),
    Method(
        'set_file_priority',
        ('hash', 'indexes', 'priority'),
        'Set the priority (0 off, 1 normal, 2 high) of the files at these places in files(hash).',
        'file_priority',
    ),
    Method(
        'set_tracker',
        ('hash', 'index', 'on'),
        'Switch the tracker at this place on or off.',
        'tracker_enable',
    ),
    Method(
        'add_torrent', ('data',), 'Add a torrent; data is the .torrent as bytes.', 'add', optional=_PLACING
    ),
    Method('add_magnet', ('link',), 'Add a magnet link.', 'magnet', optional=_PLACING),
    Method('files', ('hash',), 'Its files, in the order of the torrent.', 'files', 'mappings as below'),
    Method('peers', ('hash',), 'Its connected peers.', 'peers', 'mappings as below'),
    Method('trackers', ('hash',), 'Its trackers.', 'trackers', 'mappings as below'),
    Method('rates', (), 'The rates of the client.', returns="{'down': bytes a second, 'up': …}"),
    Method(
        'limits', (), 'The limits of all transfers.', returns="{'down': bytes a second, 0 = none, 'up': …}"
    ),
    Method('set_limits', ('down', 'up'), 'Set both limits; needs limits as well.', 'settings'),
    Method('free_space', (), 'Bytes free where it saves; asked now and then.', returns='bytes, or None'),
    Method('directory', (), 'Where it saves by default.', returns='an absolute path on this machine'),
    Method('version', (), 'Name and version of the client.', returns='a text'),
)
METHODS: Mapping[str, Method] = {method.name: method for method in (*REQUIRED, *OPTIONAL)}
#: What is called for a verb of :mod:`model.actions`.
OF_VERB: Mapping[str, str] = {
    method.capability: method.name
    for method in METHODS.values()
    if method.args[:1] == ('hash',) and method.capability not in ('', 'files', 'peers', 'trackers')
}


@dataclass(frozen=True, slots=True)
class Key:
    """A key of what a method returns. ``kind``: hash, text, number, share (0 to 1), flag or mapping."""

    name: str
    kind: str
    help: str
    required: bool = False


TORRENT: tuple[Key, ...] = (
    Key('hash', 'hash', 'The info hash, 40 hexadecimal digits.', True),
    Key('name', 'text', 'Its name.', True),
    Key('active', 'flag', 'Whether it runs: it downloads, uploads, or is ready to.', True),
    Key('downloaded', 'number', 'Bytes that are there.', True),
    Key('uploaded', 'number', 'Bytes sent to others.', True),
    Key('length', 'number', 'Bytes in all; 0 while that is not known.', True),
    Key('path', 'text', 'The name of the .torrent file; may be empty.', True),
    Key('extra', 'mapping', 'Facts of the client’s own: texts and numbers by name.'),
)
_TOLD = ('hash', 'name', 'size_bytes', 'completed_bytes', 'up_total', 'ratio', 'is_active')
_KINDS = {'str': 'text', 'int': 'number', 'bool': 'flag'}
_FLAGS = ('state', 'hashing')  # numbers of rTorrent’s, of which others know but yes and no
_HELP = {
    'down_rate': 'Bytes a second that come.',
    'up_rate': 'Bytes a second that go.',
    'down_total': 'Bytes that came in all, those counted that were thrown away.',
    'is_open': 'Whether the client has its files open; otherwise as state.',
    'label': 'Its label.',
    'peers_connected': 'Connected peers.',
    'size_files': 'How many files it has.',
    'left_bytes': 'Bytes still to come; otherwise told from downloaded and length.',
    'directory': 'The directory it is saved in.',
    'is_private': 'Whether its peers may come from its trackers only.',
    'is_multi_file': 'Whether it has a directory of its own.',
    'throttle': 'The throttle group it belongs to.',
    'state': 'Whether it is meant to run. One that is not active is paused with, and stopped without.',
    'hashing': 'Whether its data is being checked.',
    'message': 'What is wrong with it; empty where nothing is.',
    'complete': 'Whether all that is wanted is there; otherwise told from downloaded and length.',
    'peers_complete': 'Connected seeds.',
    'priority': '0 off, 1 low, 2 normal, 3 high.',
    'added': 'Unix seconds.',
    'started': 'Unix seconds.',
    'finished': 'Unix seconds.',
    'is_meta': 'Whether it still waits for its metadata.',
    'tracker': 'The host of its first tracker.',
    'base_path': 'Where its file, or the directory of its files, lies.',
}
#: What may be told of a torrent beside that: the other fields of the list, by their keys.
MORE: tuple[Key, ...] = tuple(
    Key(
        field.key,
        'flag' if field.key in _FLAGS else _KINDS[field.type],
        _HELP.get(field.key, f'{field.label}.'),
    )
    for field in LIST
    if field.key not in _TOLD
)
FILE: tuple[Key, ...] = (
    Key('path', 'text', 'Its path below the torrent’s directory.', True),
    Key('size', 'number', 'Bytes.', True),
    Key('done', 'number', 'Bytes that are there.', True),
    Key('priority', 'number', '0 off, 1 normal, 2 high.'),
)
PEER: tuple[Key, ...] = (
    Key('address', 'text', 'Its address.', True),
    Key('port', 'number', 'Its port.'),
    Key('client', 'text', 'What it says it is.'),
    Key('progress', 'share', 'How much it has.'),
    Key('down_rate', 'number', 'Bytes a second from it.'),
    Key('up_rate', 'number', 'Bytes a second to it.'),
    Key('down_total', 'number', 'Bytes from it.'),
    Key('up_total', 'number', 'Bytes to it.'),
    Key('encrypted', 'flag', 'Whether the connection is encrypted.'),
    Key('incoming', 'flag', 'Whether it connected to us.'),
)
TRACKER: tuple[Key, ...] = (
    Key('url', 'text', 'Its address.', True),
    Key('enabled', 'flag', 'Whether it is used.'),
    Key('working', 'flag', 'Whether it answered last time.'),
    Key('busy', 'flag', 'Whether it is being asked.'),
    Key('seeds', 'number', 'Seeds it knows.'),
    Key('leeches', 'number', 'Others it knows.'),
    Key('downloaded', 'number', 'How often it saw the torrent finished.'),
    Key('failures', 'number', 'How often in a row it did not answer.'),
    Key('last_success', 'number', 'Unix seconds.'),
    Key('last_failure', 'number', 'Unix seconds.'),
    Key('next_announce', 'number', 'Unix seconds.'),
)


class Client(ABC):
    """A base for classes of your own: the five methods every client has. The others are in :data:`OPTIONAL`.

    An object is made with the ``options`` of ``rtorrent_config`` as keywords. It is made and called by one thread, one
    call at a time. A method that fails raises what it likes; who asked is told, and the client is asked again later.
    """

    @abstractmethod
    def list(self) -> Iterable[str]:
        """The info hashes of all torrents."""

    @abstractmethod
    def get_torrent(self, hash: str) -> Mapping[str, Any] | None:
        """A torrent, with the keys of :data:`TORRENT` and any of :data:`MORE`; None where it is not there."""

    @abstractmethod
    def pause(self, hash: str) -> object:
        """Let it rest. False says that it could not be done; anything else that was returned says nothing."""

    @abstractmethod
    def resume(self, hash: str) -> object:
        """End the rest."""

    @abstractmethod
    def remove(self, hash: str) -> object:
        """Forget the torrent, and leave its data where it is."""
