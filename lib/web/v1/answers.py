"""Schemas of what the REST API answers; the tests hold real answers against them."""

from __future__ import annotations

from typing import Any

from lib.web.v1.schema import Schema
from model.events.happenings import KINDS
from model.fields import COLUMNS

TEXT: Schema = {'type': 'string'}
COUNT: Schema = {'type': 'integer', 'minimum': 0}
YES_NO: Schema = {'type': 'boolean'}
SHARE: Schema = {'type': 'number', 'minimum': 0, 'maximum': 1}
WHEN: Schema = {'type': 'number', 'description': 'Unix seconds'}
_JSON = {'str': 'string', 'int': 'integer', 'bool': 'boolean', 'float': 'number'}


def some(schema: Schema) -> Schema:
    """What may be null as well."""
    return {**schema, 'type': [schema['type'], 'null']}


def listed(schema: Schema) -> Schema:
    return {'type': 'array', 'items': schema}


def holds(given: Schema | None = None, /, **properties: Schema) -> Schema:
    """An object with all of these; ``given`` may be there as well."""
    found: dict[str, Any] = {'type': 'object', 'required': sorted(properties), 'properties': dict(properties)}
    found['properties'] |= given or {}
    return found


TORRENT = holds(
    row=holds(**{column.key: {'type': [_JSON[column.type], 'null']} for column in COLUMNS}),
    extra={'type': 'object'},
    capabilities=listed(TEXT),
)
_ENTRY = holds(
    {'files': COUNT, 'index': COUNT, 'complete': YES_NO},
    type={'type': 'string', 'enum': ['dir', 'file']},
    name=TEXT, path=TEXT, size=COUNT, done=COUNT, progress=SHARE, priority=some(COUNT),
)  # fmt: skip
FILES = holds(
    dir=TEXT, files=COUNT, size=COUNT, done=COUNT, priority=some(COUNT), total=COUNT, offset=COUNT, limit=COUNT,
    entries=listed(_ENTRY),
)  # fmt: skip
PEERS = holds(
    total=COUNT,
    peers=listed(holds(
        id=TEXT, address=TEXT, port=COUNT, client=TEXT, flags=listed(TEXT), progress=SHARE, down_rate=COUNT,
        up_rate=COUNT, down_total=some(COUNT), up_total=some(COUNT), peer_rate=some(COUNT),
    )),
)  # fmt: skip
_STATUS = {'type': 'string', 'enum': ['off', 'announcing', 'works', 'failed', 'waiting']}
TRACKERS = holds(trackers=listed(holds(
    index=COUNT, url=TEXT, type=TEXT, group=COUNT, enabled=YES_NO, status=_STATUS, seeds={'type': 'integer'},
    leeches={'type': 'integer'}, downloaded={'type': 'integer'}, last_success=some(WHEN), last_failure=some(WHEN),
    failures=COUNT, next_announce=some(WHEN), interval=COUNT, new_peers=COUNT,
    message=TEXT,
)))  # fmt: skip
PIECES = holds(count=COUNT, size=COUNT, done=COUNT, buckets=COUNT, bits=some(TEXT), some=some(TEXT))
_KIND = {'type': 'string', 'enum': list(KINDS)}
HISTORY = holds(events=listed(holds(at=WHEN, kind=_KIND, detail=TEXT, who=some(TEXT))))
CHANGED = holds({'files': COUNT}, target=TEXT, hash=TEXT, verb=TEXT, state=TEXT, note=TEXT)
ADDED = holds(target=TEXT, results=listed(holds(
    {'hash': TEXT, 'name': TEXT, 'existed': YES_NO, 'warnings': listed(TEXT), 'status': COUNT, 'code': TEXT,
     'message': TEXT},
    ok=YES_NO, source=TEXT,
)))  # fmt: skip
PREVIEW = holds(
    verb=TEXT, label=TEXT, destructive=YES_NO, help=TEXT, count=COUNT, digest=TEXT, bytes=COUNT,
    targets={'type': 'object', 'additionalProperties': COUNT}, names=listed(TEXT),
)  # fmt: skip
_FAILURE = holds(
    target=TEXT,
    hash=TEXT,
    name=TEXT,
    state={'type': 'string', 'enum': ['failed', 'unknown']},
    code=TEXT,
    message=TEXT,
)
JOB = holds(
    job=TEXT, verb=TEXT, state={'type': 'string', 'enum': ['running', 'done', 'stopped', 'interrupted']}, total=COUNT,
    done=COUNT, failed_count=COUNT, unknown=COUNT, failed=listed(_FAILURE), started=WHEN, updated=WHEN,
)  # fmt: skip
VIEW = holds(name=TEXT, address=TEXT, changed=COUNT)
VIEWS = holds(views=listed(VIEW))
LIMITS = holds(target=TEXT, down_limit=some(COUNT), up_limit=some(COUNT))
_TARGET = holds(
    name=TEXT, kind=TEXT, status={'type': 'string', 'enum': ['starting', 'ok', 'failed']}, error=some(TEXT),
    remedy=some(TEXT), age=some({'type': 'number'}), retry=some({'type': 'number'}), down=some(COUNT), up=some(COUNT),
    down_limit=some(COUNT), up_limit=some(COUNT), free=some(COUNT), count=COUNT, client_version=some(TEXT),
    reading={'type': 'boolean'}, spaces=listed({'type': 'array'}), capabilities=listed(TEXT),
)  # fmt: skip
_CLIENTS: dict[str, Schema] = {'targets': listed(_TARGET), 'down': COUNT, 'up': COUNT}
TARGETS = holds(**_CLIENTS)
WINDOW = holds(
    {
        'columns': listed(TEXT), 'order': listed(COUNT), 'bytes': COUNT,
        'facets': {'type': 'object', 'additionalProperties': listed({'type': 'array'})},
        'facets_more': {'type': 'object', 'additionalProperties': COUNT},
    },
    token=TEXT, full=YES_NO, total=COUNT, known=COUNT, offset=COUNT, limit=COUNT, rows=listed({'type': 'array'}),
    **_CLIENTS,
)  # fmt: skip
COMPLETION = holds(**{'from': COUNT, 'to': COUNT, 'items': listed(holds(text=TEXT, what=TEXT))})
REMOVED = holds(name=TEXT)
ERROR = holds(error=holds(code=TEXT, message=TEXT, details={'type': 'object'}))
