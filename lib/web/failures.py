"""What an error looks like from outside: its status, and its words for people and for programs."""

from __future__ import annotations

from werkzeug.exceptions import HTTPException

from lib import errors

# The first class that fits decides, so the special ones come first.
STATUS: tuple[tuple[type[Exception], int], ...] = (
    (errors.BadLogin, 401),
    (errors.TooManyAttempts, 429),
    (errors.TooLarge, 413),
    (errors.RequestTooLarge, 413),
    (errors.UsageError, 400),
    (errors.NotFound, 404),
    (errors.NoSuchTorrent, 404),
    (errors.Denied, 403),
    (errors.Conflict, 409),
    (errors.MethodMissing, 501),
    (errors.TimedOut, 504),
    (errors.ConnectError, 503),
    (errors.WireError, 502),
    (errors.FetchError, 502),
)


def status_of(error: Exception) -> int:
    """The HTTP status of ``error``; 500 for what nobody foresaw."""
    if isinstance(error, HTTPException):
        return error.code or 500
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def code_of(error: Exception) -> str:
    """The short stable word for programs."""
    if isinstance(error, errors.PyroError):
        return error.code
    if isinstance(error, HTTPException):
        return error.name.lower().replace(' ', '_')
    return 'internal'


def words_of(error: Exception, *, admin: bool) -> str:
    """The sentence for the reader. What names paths and accounts of the machine is for administrators only."""
    if isinstance(error, errors.WireError) and not admin:
        return f'The torrent client “{error.target}” {_without_details(error)}'
    if isinstance(error, errors.PyroError) and not isinstance(error, errors.ConfigError):
        return str(error)
    if isinstance(error, HTTPException):
        return str(error.description)
    return 'Something went wrong on our side. The log says more.'


def _without_details(error: errors.WireError) -> str:
    """What became of a call, without the client's own words and the machine's paths."""
    if isinstance(error, errors.NoSuchTorrent):
        return 'has no such torrent.'
    if isinstance(error, errors.MethodMissing):
        return 'does not have this command.'
    if isinstance(error, errors.Fault):
        return f'refused this (fault {error.fault_code}).'
    if isinstance(error, errors.TimedOut) and error.sent:
        return 'did not answer in time. A change may still happen; look again before you repeat it.'
    return 'cannot be reached at the moment.'


def body_of(error: Exception, *, admin: bool) -> dict[str, object]:
    """The one JSON shape of all errors."""
    field = getattr(error, 'field', '')
    details: dict[str, object] = {'field': field} if field else {}
    if isinstance(error, errors.QueryError):
        details |= {'position': error.position, 'length': error.length, 'nearest': error.nearest}
    return {'error': {'code': code_of(error), 'message': words_of(error, admin=admin), 'details': details}}
