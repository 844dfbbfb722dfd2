"""What an error looks like from outside: its status, and its words for people and for programs."""

from __future__ import annotations

from werkzeug.exceptions import HTTPException

from lib import errors, translate
from lib.translate import gettext
from lib.words import N_, Said, said

# The first class that fits decides, so the special ones come first.
STATUS: tuple[tuple[type[Exception], int], ...] = (
    (errors.BadLogin, 401),
    (errors.Busy, 503),
    (errors.TooMuch, 429),
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


#: Werkzeug's own sentences that people meet.
FOREIGN = (
    N_('The method is not allowed for the requested URL.'),
    N_('The data value transmitted exceeds the capacity limit.'),
    N_('The browser (or proxy) sent a request that this server could not understand.'),
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
        return translate.words(_without_details(error))
    if isinstance(error, errors.PyroError) and not isinstance(error, errors.ConfigError):
        return translate.message_of(error)
    if isinstance(error, HTTPException):
        return translate.words(str(error.description))
    return gettext('Something went wrong on our side. The log says more.')


def _without_details(error: errors.WireError) -> Said:
    """What became of a call, without the client's own words and the machine's paths."""
    name = error.target
    if isinstance(error, errors.NoSuchTorrent):
        return said('The torrent client “%(name)s” has no such torrent.', name=name)
    if isinstance(error, errors.MethodMissing):
        return said('The torrent client “%(name)s” does not have this command.', name=name)
    if isinstance(error, errors.Fault):
        code = error.fault_code
        return said('The torrent client “%(name)s” refused this (fault %(code)s).', name=name, code=code)
    if isinstance(error, errors.TimedOut) and error.sent:
        return said(
            'The torrent client “%(name)s” did not answer in time. A change may still happen; look again before you '
            'repeat it.',
            name=name,
        )
    if isinstance(error, errors.BadReply):
        return said(
            'The torrent client “%(name)s” answered with something that makes no sense. Administrators see what it '
            'was.',
            name=name,
        )
    return said('The torrent client “%(name)s” cannot be reached at the moment.', name=name)


def body_of(error: Exception, *, admin: bool) -> dict[str, object]:
    """The one JSON shape of all errors."""
    field = getattr(error, 'field', '')
    details: dict[str, object] = {'field': field} if field else {}
    if isinstance(error, errors.QueryError):
        details |= {'position': error.position, 'length': error.length, 'nearest': error.nearest}
    return {'error': {'code': code_of(error), 'message': words_of(error, admin=admin), 'details': details}}
