"""What the query builders and the JSON API send: several calls for one object, or one list.

Both go through here, so that no name and no argument has a second way in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from lib import targets
from lib.calls import Call, Wire, labels
from lib.errors import BadReply, UnknownName, WireError
from lib.methods import subjects
from lib.row import Row
from lib.wire.rpc import Rpc
from lib.wire.values import Value

# These are in every rTorrent and cannot be removed; any other name is asked for before it is used.
BUILT_IN_VIEWS = frozenset(
    {
        *('main', 'default', 'name', 'active', 'started', 'stopped'),
        *('complete', 'incomplete', 'hashing', 'seeding', 'leeching'),
    }
)

Views = Callable[[], Sequence[str]]


def rpc_of(target: str | Rpc | None) -> Rpc:
    """The connection to a configured target; ``None`` is the first one.

    :raises UnknownName: there is no such target.
    :raises ConfigError: none is configured.
    """
    return targets.connection(target) if target is None or isinstance(target, str) else target


@dataclass(slots=True)
class Single:
    """Things to ask of, or do to, one object, in order.

    :ivar subject: which object (:mod:`lib.methods.subjects`); empty for rTorrent itself.
    """

    subject: str = ''
    calls: list[Call] = field(default_factory=list)

    @property
    def reads(self) -> bool:
        """Whether nothing of it changes anything."""
        return not any(call.method.write for call in self.calls)

    def wires(self, rpc: Rpc, views: Views | None = None) -> list[Wire]:
        """What to send, in order.

        :param views: says which views there are; the server is asked where none is given.
        :raises MethodMissing: the server lacks one of the commands.
        :raises UnknownName: the server has no such view.
        """
        for call in self.calls:
            if call.method.args[:1] == ('view',):
                _check_view(str(call.args[0]), views or partial(views_of, rpc))
        return [wire for call in self.calls for wire in call.wires(rpc, self.subject)]

    def reply(self, rpc: Rpc, answers: Sequence[Value | WireError]) -> Row:
        """The row that ``answers`` make.

        :raises WireError: one of the answers is one, mostly a Fault.
        """
        left: Iterator[Value | WireError] = iter(answers)
        row = Row()
        for key, call in zip(labels(self.calls), self.calls, strict=True):
            row[key] = call.value([_raised(next(left)) for _ in call.wires(rpc, self.subject)])
        return row


@dataclass(slots=True)
class Table:
    """Things to ask of every object of a list.

    :ivar commands: rTorrent's command for the list, by preference.
    :ivar scope: what goes before the columns.
    :ivar view: the view that the list is of, or empty.
    """

    commands: tuple[str, ...]
    scope: tuple[str, ...]
    view: str = ''
    calls: list[Call] = field(default_factory=list)

    @property
    def reads(self) -> bool:
        """Lists only read."""
        return True

    def wires(self, rpc: Rpc, views: Views | None = None) -> list[Wire]:
        """The one call to send; columns that the server lacks are left out.

        :param views: says which views there are; the server is asked where none is given.
        :raises MethodMissing: the server has no such list.
        :raises UnknownName: the server has no such view.
        """
        if self.view:
            _check_view(self.view, views or partial(views_of, rpc))
        columns = [column for call in self.calls if (column := call.column(rpc))]
        return [(rpc.resolve(self.commands), [*self.scope, *columns])]

    def reply(self, rpc: Rpc, answers: Sequence[Value | WireError]) -> list[Row]:
        """The rows that the answer makes; what the server lacks is None in each.

        :raises WireError: the answer is one, mostly a Fault.
        """
        table = _raised(answers[0])
        there = [call.column(rpc) is not None for call in self.calls]
        keys = labels(self.calls)
        if not isinstance(table, list) or any(len(values) != sum(there) for values in table):
            raise BadReply('The client answered with other columns than were asked for.', target=rpc.target)
        if all(there) and all(call.plain for call in self.calls):
            return [Row(zip(keys, values, strict=True)) for values in table]
        return [self._row(keys, there, values) for values in table]

    def _row(self, keys: Sequence[str], there: Sequence[bool], values: Sequence[Value]) -> Row:
        left = iter(values)
        return Row(
            (key, call.value([next(left)]) if known else None)
            for key, call, known in zip(keys, self.calls, there, strict=True)
        )


def torrents(view: object) -> Table:
    """The list of the torrents in a view; ``''`` is ``main``.

    :raises UsageError: that cannot be the name of a view.
    """
    name = subjects.view(view) if view != '' else 'main'
    return Table(('d.multicall2', 'd.multicall'), ('', name), view=name)


def parts(kind: str, info_hash: object) -> Table:
    """The list of a torrent's files, peers or trackers.

    :param kind: ``file``, ``peer`` or ``tracker``.
    :raises UsageError: ``info_hash`` is none.
    """
    return Table((f'{kind[0]}.multicall',), (subjects.torrent(info_hash), ''))


def views_of(rpc: Rpc) -> list[str]:
    """The names of the views that the server has at this moment.

    :raises WireError: it could not be asked.
    """
    answer = rpc.call('view.list', '', read=True)
    return [str(name) for name in answer] if isinstance(answer, list) else []


def _check_view(name: str, views: Views) -> None:
    if name not in BUILT_IN_VIEWS and name not in (known := views()):
        raise UnknownName('view', name, known, field='view')


def _raised(answer: Value | WireError) -> Value:
    if isinstance(answer, WireError):
        raise answer
    return answer
