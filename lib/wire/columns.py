"""How a table is asked for so that it costs least, and how the answer becomes plain rows again.

rTorrent writes each column of a row as an element of its own, which takes it longer than reading the value. So
all numbers (and the info hash, which cannot hold a comma) are asked as **one** text, joined by rTorrent with
``cat=`` and commas. Free text stays in columns of its own: a name may hold any separator one could think of.
Measured for 10,000 torrents and 24 columns: 30 % less time in rTorrent, half of the bytes, half of the decoding.

The commands are constants of ours: rTorrent evaluates them as a program. They are checked all the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from lib.errors import BadReply, UsageError
from lib.wire.values import Value, integers

KINDS = ('int', 'bool', 'str')

# Of a torrent, file, tracker or peer: a column is never a command that acts on rTorrent as a whole.
_COMMAND = re.compile(r'[dftp](?:\.[a-z0-9_]+)+=')
_WITH_ARGUMENT = re.compile(_COMMAND.pattern + r'[A-Za-z0-9_.:-]{0,64}')
_NUMBERS = re.compile(r'[-0-9,]*')
_HASH = 'd.hash='
_HASH_LENGTH = 40


@lru_cache(maxsize=64)
def ask(commands: tuple[str, ...], kinds: tuple[str, ...]) -> tuple[str, ...]:
    """The column parameters for a ``*.multicall`` that asks for ``commands``.

    :param commands: such as ``d.name=``; constants, never text from a client.
    :param kinds: for each command the type of its value, one of :data:`KINDS`.
    :raises UsageError: a command has a form that is not allowed here, or a kind is not known.
    """
    if not commands or len(commands) != len(kinds) or not set(kinds) <= set(KINDS):
        raise UsageError(f'Each column needs a kind, one of {", ".join(KINDS)}.')
    for command in commands:
        if not _WITH_ARGUMENT.fullmatch(command):
            raise UsageError(f'“{command[:100]}” is not a column.', field='commands')
    joined, own = _split(commands, kinds)
    parts = [f'${commands[index]}' for index in joined]
    head = ('cat=' + ',",",'.join(parts),) if parts else ()
    return (*head, *(commands[index] for index in own))


def decode(
    rows: Sequence[tuple[Value, ...]], commands: tuple[str, ...], kinds: tuple[str, ...]
) -> list[tuple[Value, ...]]:
    """The rows with one value per command, in the order of ``commands``.

    :param rows: the reply to the parameters that :func:`ask` gave for the same two arguments.
    :raises BadReply: the rows are not an answer to these columns.
    """
    if not rows:
        return []
    joined, own = _split(commands, kinds)
    width = len(own) + bool(joined)
    if set(map(len, rows)) != {width}:
        raise BadReply(f'The client answered rows that do not have the {width} columns asked for.')
    answered: list[Sequence[Value]] = list(zip(*rows, strict=True))
    if joined:
        answered[:1] = _unjoin(answered[0], commands[joined[0]] == _HASH, len(joined))
    columns: list[Sequence[Value]] = [()] * len(commands)
    for index, column in zip((*joined, *own), answered, strict=True):
        columns[index] = column
    for index, kind in enumerate(kinds):
        if kind == 'bool':
            columns[index] = list(map(bool, columns[index]))
    return list(zip(*columns, strict=True))


@lru_cache(maxsize=64)
def _split(commands: tuple[str, ...], kinds: tuple[str, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Which commands are joined, the hash first, and which have a column of their own."""
    numbers = [
        index
        for index, (command, kind) in enumerate(zip(commands, kinds, strict=True))
        if kind != 'str' and _COMMAND.fullmatch(command)
    ]
    joined = [commands.index(_HASH), *numbers] if _HASH in commands and numbers else numbers
    if len(joined) < 2:
        joined = []
    return tuple(joined), tuple(index for index in range(len(commands)) if index not in joined)


def _unjoin(texts: Sequence[Value], has_hash: bool, width: int) -> list[Sequence[Value]]:
    """The columns that were joined, all of them numbers but for a hash in front."""
    lines = [text for text in texts if isinstance(text, str)]
    commas = width - 1
    if len(lines) != len(texts) or {line.count(',') for line in lines} != {commas}:
        raise BadReply(f'The client did not answer {width} joined columns in every row.')
    hashes: list[Sequence[Value]] = []
    if has_hash:
        if {line.find(',') for line in lines} != {_HASH_LENGTH}:
            raise BadReply('The client answered something else where an info hash was expected.')
        hashes = [[line[:_HASH_LENGTH] for line in lines]]
        lines = [line[_HASH_LENGTH + 1 :] for line in lines]
        width -= 1
    whole = ','.join(lines)
    if not _NUMBERS.fullmatch(whole):
        raise BadReply('The client answered text where a number was expected.')
    try:
        numbers = integers(whole)
    except ValueError:
        raise BadReply('The client answered something else where a number was expected.') from None
    return hashes + [numbers[index::width] for index in range(width)]
