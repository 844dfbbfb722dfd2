"""What a line of the method tables is, and the two helpers that write one."""

from __future__ import annotations

from dataclasses import dataclass

from lib.errors import UnknownName


@dataclass(frozen=True, slots=True)
class Method:
    """One thing that can be asked of, or done to, an object in rTorrent.

    :ivar name: our name, the one that programs use.
    :ivar commands: rTorrent's names for it by preference; the first one that a server has is used.
    :ivar kind: the object it belongs to: ``rtorrent``, ``torrent``, ``file``, ``peer`` or ``tracker``.
    :ivar args: the types of its arguments (:mod:`lib.methods.arguments`); a last ``…*`` repeats.
    :ivar result: what it answers: ``int``, ``flag`` (0 or 1), ``str``, ``list``, ``dict``, ``label`` or ``none``.
    :ivar write: whether it changes anything.
    :ivar doc: a sentence for people.
    """

    name: str
    commands: tuple[str, ...]
    kind: str
    args: tuple[str, ...]
    result: str
    write: bool
    doc: str

    @property
    def docstring(self) -> str:
        """``doc``, followed by the name of the original, as the generated methods carry it."""
        return f'{self.doc}\n\nOriginal rTorrent method: ``{self.commands[0]}``'


class UnknownCommand(UnknownName, AttributeError):  # type: ignore[misc]  # both have a ``name``, a str
    """A method name that is not in the table; an AttributeError too, so that ``hasattr`` stays honest."""


def read(name: str, commands: str, result: str, doc: str, *args: str) -> Method:
    """A line that reads. ``commands`` are separated by blanks; ``table`` fills in the kind."""
    return Method(name, tuple(commands.split()), '', args, result, False, doc)


def write(name: str, commands: str, doc: str, *args: str) -> Method:
    """A line that changes something."""
    return Method(name, tuple(commands.split()), '', args, 'none', True, doc)


def table(kind: str, *lines: Method) -> dict[str, Method]:
    """The lines of one kind of object by name. A name given twice is a mistake in the table.

    :raises ValueError: a name is there twice.
    """
    found: dict[str, Method] = {}
    for line in lines:
        if line.name in found:
            raise ValueError(f'{kind}.{line.name} is in the table twice.')
        found[line.name] = Method(
            line.name, line.commands, kind, line.args, line.result, line.write, line.doc
        )
    return found
