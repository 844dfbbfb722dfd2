"""Checks of what a program sends against the very JSON Schema that ``openapi.json`` shows.

A small part of JSON Schema is enough: type, enum, minimum, maximum, minLength, maxLength, pattern, items, minItems,
maxItems, properties, required, additionalProperties false. :func:`check` refuses to pass a schema with anything else,
so that nothing is promised that is not checked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lib.errors import UnknownName, UsageError
from lib.texts import SURROGATES

Schema = Mapping[str, Any]

_SAID = {'title', 'description', 'default', 'examples', 'deprecated'}
_KNOWN = _SAID | {
    *(
        'type',
        'title',
        'enum',
        'minimum',
        'maximum',
        'minLength',
        'maxLength',
        'pattern',
        'items',
        'minItems',
    ),
    *('maxItems', 'properties', 'required', 'additionalProperties', 'minProperties', 'maxProperties'),
}
_TYPES: dict[str, tuple[type, ...]] = {
    'string': (str,),
    'integer': (int,),
    'number': (int, float),
    'boolean': (bool,),
    'object': (dict,),
    'array': (list,),
}
_WORDS = {
    'string': 'a text',
    'integer': 'a whole number',
    'number': 'a number',
    'boolean': 'true or false',
    'object': 'an object',
    'array': 'a list',
}
_SURROGATES = re.compile(f'[{SURROGATES}]')


def check(schema: Schema, value: Any, field: str = '') -> Any:
    """``value`` if it fits.

    :param field: how the value is called in what is said about it.
    :raises UsageError: it does not fit; names the field.
    """
    assert schema.keys() <= _KNOWN, schema.keys() - _KNOWN
    kind = schema.get('type')
    if isinstance(kind, list):  # one type, or null
        if value is None:
            return value
        kind = kind[0]
    if kind and (not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != 'boolean')):
        raise UsageError(f'{_named(field)} has to be {_WORDS[kind]}.', field=field)
    if 'enum' in schema and value not in schema['enum']:
        raise UnknownName(
            schema.get('title') or field or 'value', str(value), map(str, schema['enum']), field=field
        )
    if isinstance(value, str):
        _text(schema, value, field)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        _number(schema, value, field)
    elif isinstance(value, list):
        _list(schema, value, field)
    elif isinstance(value, dict):
        _object(schema, value, field)
    return value


def _named(field: str) -> str:
    return f'“{field[:80]}”' if field else 'The body'


def _text(schema: Schema, value: str, field: str) -> None:
    low, high = schema.get('minLength', 0), schema.get('maxLength')
    if len(value) < low or (high is not None and len(value) > high):
        bounds = f'{low} to {high}' if low else f'at most {high}'
        raise UsageError(f'{_named(field)} has to be a text of {bounds} characters.', field=field)
    if _SURROGATES.search(value):
        raise UsageError(f'{_named(field)} holds half of a surrogate pair, which is no text.', field=field)
    if 'pattern' in schema and not re.search(schema['pattern'], value):
        says = schema.get('description', '')
        raise UsageError(f'{_named(field)} does not have the right form. {says}'.strip(), field=field)


def _number(schema: Schema, value: float, field: str) -> None:
    low, high = schema.get('minimum'), schema.get('maximum')
    if (low is not None and value < low) or (high is not None and value > high):
        bounds = f'from {low}' if high is None else f'from {low} to {high}'
        raise UsageError(f'{_named(field)} has to be a number {bounds}.', field=field)


def _list(schema: Schema, value: list[Any], field: str) -> None:
    low, high = schema.get('minItems', 0), schema.get('maxItems')
    if len(value) < low or (high is not None and len(value) > high):
        bounds = f'{low} to {high}' if high is not None else f'at least {low}'
        raise UsageError(f'{_named(field)} has to hold {bounds} items; these are {len(value)}.', field=field)
    for at, item in enumerate(value):
        check(schema.get('items', {}), item, f'{field}[{at}]')


def _object(schema: Schema, value: dict[str, Any], field: str) -> None:
    properties = schema.get('properties', {})
    above = f'{field}.' if field else ''
    if schema.get('additionalProperties') is False:
        for name in value:
            if name not in properties:
                raise UnknownName('field', name, properties, field=f'{above}{name[:80]}')
    if not schema.get('minProperties', 0) <= len(value) <= schema.get('maxProperties', len(value)):
        raise UsageError(f'{_named(field)} has to hold one of: {", ".join(properties)}.', field=field)
    for name in schema.get('required', ()):
        if name not in value:
            raise UsageError(f'“{above}{name}” is missing.', field=f'{above}{name}')
    for name, item in value.items():
        if name in properties:
            check(properties[name], item, f'{above}{name}')
