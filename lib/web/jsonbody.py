"""A body of JSON, read with care: no larger than it may be, and nothing in it that JSON does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import simplejson

from lib.errors import TooLarge, UsageError

if TYPE_CHECKING:
    from werkzeug import Request


def data_of(request: Request, most: int, field: str) -> bytes:
    """The body of a request.

    :param most: bytes; what says that it is larger is not read.
    :param field: what it is called in the error.
    :raises TooLarge: it is larger.
    """
    check_size(request.content_length or 0, most, field)
    data = request.get_data(cache=False)
    check_size(len(data), most, field)
    return data


def check_size(size: int, most: int, field: str) -> None:
    """:raises TooLarge: ``size`` bytes are more than ``most``."""
    if size > most:
        raise TooLarge(f'The {field} is larger than {most} bytes. Send less at a time.', field=field)


def parse(text: str | bytes, field: str) -> Any:
    """What the JSON means.

    :raises UsageError: it is none; says where.
    """
    try:
        return simplejson.loads(text, parse_constant=_no_constant)
    except simplejson.JSONDecodeError as error:
        where = f' (line {error.lineno}, column {error.colno})'
    except (ValueError, RecursionError):
        where = ''
    raise UsageError(f'The {field} is not JSON{where}.', field=field)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f'{name} is not JSON')
