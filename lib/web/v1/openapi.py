"""``openapi.json``: the table of operations as OpenAPI 3.1. Nothing is said here that the table does not say."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from lib.version import VERSION
from lib.web.v1.answers import ERROR

if TYPE_CHECKING:
    from lib.web.v1.call import Operation

_PART = re.compile(r'<(?:[a-z]+:)?([a-z]+)>')
_HASH = {'type': 'string', 'pattern': '^[0-9A-Fa-f]{40}$', 'description': 'The info hash.'}
_NUMBER = {'type': 'integer', 'minimum': 1, 'maximum': 2**53}
_PATHS: dict[str, dict[str, Any]] = {
    'hash': _HASH,
    'target': {'type': 'string', 'minLength': 1, 'description': 'The name of a client.'},
    'job': {'type': 'string', 'minLength': 1},
    'id': _NUMBER,
    'delivery': _NUMBER,
    'name': {'type': 'string', 'minLength': 1, 'maxLength': 60},
}
_ERRORS = {
    '400': 'Something in it is wrong; the details name the field.',
    '401': 'Nobody is logged in, or the token is not valid.',
    '403': 'The role is not enough, or the request does not come from our own page.',
    '404': 'There is no such thing.',
}
_BODY_ERRORS = {
    '409': 'It cannot be done as things are.',
    '413': 'The body is too large.',
    '415': 'The body is not application/json.',
}


def document(operations: Iterable[Operation], base: str) -> dict[str, Any]:
    """The document; ``base`` is where the API is, ``/api/v1`` below BASE_URL."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        path = _PART.sub(r'{\1}', operation.path)
        paths.setdefault(path, {})[operation.method.lower()] = _operation(operation)
    return {
        'openapi': '3.1.0',
        'info': {
            'title': 'pyroTorrent',
            'version': VERSION,
            'license': {'name': 'GPL-3.0-or-later', 'identifier': 'GPL-3.0-or-later'},
        },
        'servers': [{'url': base}],
        'security': [{'token': []}, {'session': []}],
        'paths': paths,
        'components': {
            'schemas': {'Error': ERROR},
            'securitySchemes': {
                'token': {'type': 'http', 'scheme': 'bearer'},
                'session': {
                    'type': 'apiKey',
                    'in': 'header',
                    'name': 'X-CSRF-Token',
                    'description': 'Beside the cookie of a logged-in browser, for everything but GET.',
                },
            },
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {
        'operationId': operation.name,
        'summary': (operation.handler.__doc__ or 'This document.').partition('\n')[0],
        'x-role': operation.access,
        'parameters': [*_path(operation), *_query(operation)],
        'responses': _responses(operation),
    }
    if operation.body is not None:
        content = {'application/json': {'schema': operation.body}}
        if operation.form is not None:
            content['multipart/form-data'] = {'schema': operation.form}
        found['requestBody'] = {'required': True, 'content': content}
    return found


def _path(operation: Operation) -> list[dict[str, Any]]:
    names = _PART.findall(operation.path)
    return [{'name': name, 'in': 'path', 'required': True, 'schema': _PATHS[name]} for name in names]


def _query(operation: Operation) -> list[dict[str, Any]]:
    given = (('query', operation.query), ('header', operation.headers))
    return [
        {'name': name, 'in': place, 'schema': schema}
        for place, table in given
        for name, schema in table.items()
    ]


def _responses(operation: Operation) -> dict[str, Any]:
    content: dict[str, Any] = {'application/json': {'schema': operation.answer}}
    if operation.stream:
        content['text/event-stream'] = {'schema': {'type': 'string', 'description': operation.stream}}
    found: dict[str, Any] = {'200': {'description': 'Done.', 'content': content}}
    for status, words in operation.also.items():
        has_body, said = status not in (204, 304), content if status < 400 else _ERROR_CONTENT
        found[str(status)] = {'description': words, **({'content': said} if has_body else {})}
    errors = {**_ERRORS, **(_BODY_ERRORS if operation.method != 'GET' else {'409': _BODY_ERRORS['409']})}
    for code, words in {**errors, 'default': 'The client failed, or we did.'}.items():
        found[code] = {'description': words, 'content': _ERROR_CONTENT}
    return found


_ERROR_CONTENT = {'application/json': {'schema': {'$ref': '#/components/schemas/Error'}}}
