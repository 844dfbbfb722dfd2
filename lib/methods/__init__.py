"""The closed table of everything pyroTorrent can ask of rTorrent, and do to it.

Names from outside are looked up here and nowhere else. What is not in a table does not exist; nothing here runs
commands, loads files, changes methods or schedules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lib.methods import file, peer, rtorrent, torrent, tracker
from lib.methods.arguments import Arg, check
from lib.methods.base import Method, UnknownCommand

__all__ = ['ALONE', 'TABLES', 'Arg', 'Method', 'UnknownCommand', 'bind', 'check', 'find']

TABLES: dict[str, dict[str, Method]] = {
    'rtorrent': rtorrent.METHODS,
    'torrent': torrent.METHODS,
    'file': file.METHODS,
    'peer': peer.METHODS,
    'tracker': tracker.METHODS,
}

# Readers that fail for a torrent which lacks the value. As a column they would cost the whole list.
ALONE = frozenset({'get_mode', 'get_custom_throw', 'get_custom_keys', 'get_custom_items'})


def find(kind: str, name: str, field: str = '') -> Method:
    """The line ``name`` of the table ``kind``.

    :param field: where the name comes from, for the error.
    :raises UnknownCommand: there is none; names the nearest one.
    """
    method = TABLES[kind].get(name)
    if method is None:
        raise UnknownCommand(f'{kind} method', name, TABLES[kind], field=field)
    return method


def bind(cls: type, methods: Mapping[str, Method], make: Callable[[Method], Callable[..., Any]]) -> None:
    """Give ``cls`` one method per line of ``methods``: what ``make`` returns, named and documented."""
    for name, method in methods.items():
        function = make(method)
        function.__name__ = name
        function.__qualname__ = f'{cls.__qualname__}.{name}'
        function.__module__ = cls.__module__
        function.__doc__ = method.docstring
        setattr(cls, name, function)
