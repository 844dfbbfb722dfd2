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


def nullable(schema: Schema) -> Schema:
    """What may be null as well."""
    return {**schema, 'type': [schema['type'], 'null']}


def array_of(schema: Schema) -> Schema:
    return {'type': 'array', 'items': schema}


def object_of(given: Schema | None = None, /, **properties: Schema) -> Schema:
    """An object with all of these; ``given`` may be there as well."""
    found: dict[str, Any] = {'type': 'object', 'required': sorted(properties), 'properties': dict(properties)}
    found['properties'] |= given or {}
    return found


TORRENT = object_of(
    row=object_of(**{column.key: {'type': [_JSON[column.type], 'null']} for column in COLUMNS}),
    extra={'type': 'object'},
    capabilities=array_of(TEXT),
)
_ENTRY = object_of(
    {'files': COUNT, 'index': COUNT, 'complete': YES_NO},
    type={'type': 'string', 'enum': ['dir', 'file']},
    name=TEXT, path=TEXT, size=COUNT, done=COUNT, progress=SHARE, priority=nullable(COUNT),
)  # fmt: skip
FILES = object_of(
    dir=TEXT, files=COUNT, size=COUNT, done=COUNT, priority=nullable(COUNT), total=COUNT, offset=COUNT, limit=COUNT,
    entries=array_of(_ENTRY),
)  # fmt: skip
PEERS = object_of(
    total=COUNT,
    peers=array_of(object_of(
        id=TEXT, address=TEXT, port=COUNT, client=TEXT, flags=array_of(TEXT), progress=SHARE, down_rate=COUNT,
        up_rate=COUNT, down_total=nullable(COUNT), up_total=nullable(COUNT), peer_rate=nullable(COUNT),
    )),
)  # fmt: skip
_STATUS = {'type': 'string', 'enum': ['off', 'announcing', 'works', 'failed', 'waiting']}
TRACKERS = object_of(trackers=array_of(object_of(
    index=COUNT, url=TEXT, type=TEXT, group=COUNT, enabled=YES_NO, status=_STATUS, seeds={'type': 'integer'},
    leeches={'type': 'integer'}, downloaded={'type': 'integer'}, last_success=nullable(WHEN),
    last_failure=nullable(WHEN), failures=COUNT, next_announce=nullable(WHEN), interval=COUNT, new_peers=COUNT,
    message=TEXT,
)))  # fmt: skip
PIECES = object_of(
    count=COUNT, size=COUNT, done=COUNT, buckets=COUNT, bits=nullable(TEXT), some=nullable(TEXT)
)
_KIND = {'type': 'string', 'enum': list(KINDS)}
HISTORY = object_of(events=array_of(object_of(at=WHEN, kind=_KIND, detail=TEXT, who=nullable(TEXT))))
CHANGED = object_of({'files': COUNT}, target=TEXT, hash=TEXT, verb=TEXT, state=TEXT, note=TEXT)
ADDED = object_of(target=TEXT, results=array_of(object_of(
    {'hash': TEXT, 'name': TEXT, 'existed': YES_NO, 'warnings': array_of(TEXT), 'status': COUNT, 'code': TEXT,
     'message': TEXT},
    ok=YES_NO, source=TEXT,
)))  # fmt: skip
PREVIEW = object_of(
    verb=TEXT, label=TEXT, destructive=YES_NO, help=TEXT, count=COUNT, digest=TEXT, bytes=COUNT,
    targets={'type': 'object', 'additionalProperties': COUNT}, names=array_of(TEXT),
)  # fmt: skip
_FAILURE = object_of(
    target=TEXT,
    hash=TEXT,
    name=TEXT,
    state={'type': 'string', 'enum': ['failed', 'unknown']},
    code=TEXT,
    message=TEXT,
)
JOB = object_of(
    job=TEXT, verb=TEXT, state={'type': 'string', 'enum': ['running', 'done', 'stopped', 'interrupted']}, total=COUNT,
    done=COUNT, failed_count=COUNT, unknown=COUNT, failed=array_of(_FAILURE), started=WHEN, updated=WHEN,
)  # fmt: skip
VIEW = object_of(name=TEXT, address=TEXT, changed=COUNT)
VIEWS = object_of(views=array_of(VIEW))
LIMITS = object_of(target=TEXT, down_limit=nullable(COUNT), up_limit=nullable(COUNT))
_TARGET = object_of(
    name=TEXT, kind=TEXT, status={'type': 'string', 'enum': ['starting', 'ok', 'failed']}, error=nullable(TEXT),
    remedy=nullable(TEXT), age=nullable({'type': 'number'}), retry=nullable({'type': 'number'}),
    down=nullable(COUNT), up=nullable(COUNT), down_limit=nullable(COUNT), up_limit=nullable(COUNT),
    free=nullable(COUNT), count=COUNT, client_version=nullable(TEXT),
    reading={'type': 'boolean'}, spaces=array_of({'type': 'array'}), capabilities=array_of(TEXT),
)  # fmt: skip
_CLIENTS: dict[str, Schema] = {'targets': array_of(_TARGET), 'down': COUNT, 'up': COUNT}
TARGETS = object_of(**_CLIENTS)
WINDOW = object_of(
    {
        'columns': array_of(TEXT), 'order': array_of(COUNT), 'bytes': COUNT,
        'facets': {'type': 'object', 'additionalProperties': array_of({'type': 'array'})},
        'facets_more': {'type': 'object', 'additionalProperties': COUNT},
    },
    token=TEXT, full=YES_NO, total=COUNT, known=COUNT, offset=COUNT, limit=COUNT, rows=array_of({'type': 'array'}),
    **_CLIENTS,
)  # fmt: skip
COMPLETION = object_of(**{'from': COUNT, 'to': COUNT, 'items': array_of(object_of(text=TEXT, what=TEXT))})
REMOVED = object_of(name=TEXT)
ERROR = object_of(error=object_of(code=TEXT, message=TEXT, details={'type': 'object'}))
