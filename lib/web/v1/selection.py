"""The torrents that a ``select`` means: named one by one, or all that a list's address shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lib.errors import Conflict, UsageError
from model import actions, choice, query
from model.bulk import MAX_TORRENTS, Chosen
from model.fields import AT, Row

if TYPE_CHECKING:
    from lib.web.context import Context

_PICK = {'type': 'string', 'maxLength': choice.MAX_VALUE + 100, 'description': 'group:value'}
_PICKS = {'type': 'array', 'maxItems': choice.MAX_CHOICES, 'items': _PICK}
_SEARCH = ('q', 'in', 'not', 'target', 'view')
SELECT: dict[str, Any] = {
    'type': 'object',
    'additionalProperties': False,
    'minProperties': 1,
    'description': 'Either “torrents”, or what the address of the list says; {"q": ""} means all.',
    'properties': {
        'torrents': {
            'type': 'array', 'minItems': 1, 'maxItems': 20_000,
            'items': {'type': 'string', 'maxLength': 300, 'description': 'target/hash'},
        },
        'q': {'type': 'string', 'maxLength': query.MAX_LENGTH},
        'in': _PICKS,
        'not': _PICKS,
        'target': {'type': 'string', 'maxLength': 255},
        'view': {'type': 'string', 'maxLength': 255},
        'except': {'type': 'array', 'maxItems': MAX_TORRENTS, 'items': {'type': 'integer', 'minimum': 1}},
    },
}  # fmt: skip


def items(context: Context, select: Mapping[str, Any]) -> list[Chosen]:
    """The torrents that ``select`` means, at this moment.

    :raises UsageError: it contradicts itself, or the query is wrong.
    :raises NotFound: it names a client or view that does not exist.
    :raises Conflict: it leaves out numbers that are not ours: those torrents would be among what is meant.
    """
    if 'torrents' not in select:
        if not select.keys() & set(_SEARCH):
            raise UsageError(
                '“select” has to say what is meant; {"q": ""} means all torrents.', field='select'
            )
        left_out = set(select.get('except', ()))
        if not all(map(context.services.hub.snapshot.gave, left_out)):
            raise Conflict(
                'pyroTorrent began anew since these torrents were left out of the selection. Nothing was done; '
                'select them again.'
            )
        return [Chosen.of(row) for row in chosen(context, select) if row[AT['id']] not in left_out]
    if len(select) > 1:
        raise UsageError('“select” holds either “torrents” or a search, not both.', field='select.torrents')
    named = [actions.check_name(name, 'select.torrents') for name in dict.fromkeys(select['torrents'])]
    context.services.hub.look({target for target, _ in named if target in context.services.hub.backends})
    return [_known(context, *pair) for pair in dict.fromkeys(named)]


def _known(context: Context, target: str, info_hash: str) -> Chosen:
    row = context.services.hub.snapshot.get(target, info_hash)
    return Chosen(target, info_hash) if row is None else Chosen.of(row)


def chosen(context: Context, select: Mapping[str, Any]) -> list[Row]:
    """The rows that the address of a list shows, as :mod:`lib.web.v1.windows` reads it."""
    hub = context.services.hub
    picks = select.get('in', ()), select.get('not', ())
    asked = choice.read(
        select.get('q', ''),
        *picks,
        select.get('target', ''),
        select.get('view', 'main'),
        targets=hub.backends,
    )
    hub.look()
    return hub.lists.rows(asked, by=context.who.user_id)
