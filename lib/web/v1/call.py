"""A call of the REST API: what the route's table says is checked, then the handler gets it in its own types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from werkzeug import Response
from werkzeug.exceptions import UnsupportedMediaType

from lib.errors import UnknownName, UsageError
from lib.texts import whole_number
from lib.web import jsonbody
from lib.web.route import Route
from lib.web.v1.schema import Schema, check

if TYPE_CHECKING:
    from lib.web.context import Context

BASE = '/api/v1'
MAX_BODY = 2 << 20  # bytes of JSON


@dataclass(frozen=True)
class Call:
    """:ivar path: the parts of the path by name; ``query`` and ``body`` as the table of the route describes them.
    Parameters of the query that were left out have their defaults, and lists are there in any case."""

    context: Context
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Mapping[str, Any]

    @property
    def target(self) -> str:
        return self.path['target']


@dataclass(frozen=True)
class Operation:
    """One row of the table of :mod:`lib.web.v1.routes`.

    :ivar name: the route's name, and ``operationId``.
    :ivar handler: the first line of its docstring is the summary in ``openapi.json``.
    :ivar answer: the schema of the answer; ``also`` other statuses and what they mean.
    :ivar query: parameters of the address by name; a list may be repeated; ``headers`` those that the
        handler reads itself.
    :ivar body: the schema of the JSON body, None where there is none; ``form`` of what a form may be instead.
    :ivar raw: the handler reads query and body itself.
    :ivar stream: what the answer is as Server-Sent Events, where it may be that too.
    """

    method: str
    path: str
    name: str
    access: str
    handler: Callable[[Call], Any]
    answer: Schema
    query: Mapping[str, Schema] = field(default_factory=dict)
    headers: Mapping[str, Schema] = field(default_factory=dict)
    body: Schema | None = None
    form: Schema | None = None
    also: Mapping[int, str] = field(default_factory=dict)
    raw: bool = False
    files: bool = False
    stream: str = ''

    def __call__(self, context: Context, **path: str) -> Response:
        query = {} if self.raw else read_query(context, self.query)
        body = {} if self.raw or self.body is None else read_body(context, self.body)
        said = self.handler(Call(context, path, query, body))
        return said if isinstance(said, Response) else context.json(said)

    @property
    def route(self) -> Route:
        return Route(BASE + self.path, self.name, self, (self.method,), self.access, 'api', self.files)


def read_query(context: Context, table: Mapping[str, Schema]) -> dict[str, Any]:
    """The parameters of the address in their own types.

    :raises UsageError: one does not fit its schema, or is none of the table: a misspelt filter would filter nothing.
    """
    given, found = context.request.args, dict[str, Any]()
    for name in given:
        if name not in table:
            raise UnknownName('parameter', name, table, field=name[:80])
    for name, schema in table.items():
        if schema.get('type') == 'array':
            found[name] = check(schema, given.getlist(name), name)
        elif name in given:
            found[name] = check(schema, _typed(schema, given[name], name), name)
        elif 'default' in schema:
            found[name] = schema['default']
    return found


def _typed(schema: Schema, value: str, name: str) -> Any:
    if schema['type'] != 'integer':
        return value
    if whole_number(value.removeprefix('-')) is None:
        raise UsageError(f'“{name}” has to be a whole number.', field=name)
    return int(value)


def read_body(context: Context, schema: Schema) -> Any:
    """The JSON body.

    :raises UsageError: it is no JSON, or does not fit the schema; says where.
    :raises TooLarge: it is longer than MAX_BODY bytes.
    """
    return check(schema, read_json(context))


def read_json(context: Context) -> Any:
    """The body as JSON, whatever it means."""
    request = context.request
    if request.mimetype != 'application/json':
        raise UnsupportedMediaType('Send the body as application/json.')
    return jsonbody.parse(jsonbody.data_of(request, MAX_BODY, 'body'), 'body')
