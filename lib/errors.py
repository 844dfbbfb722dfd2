"""Every error pyroTorrent raises on purpose.

::

    PyroError
    ├── ConfigError              config.py or a command line option is wrong
    │   └── StateError           the state directory or the database cannot be used
    ├── UsageError               input from a person or a program is wrong (400)
    │   ├── UnknownName          a method, attribute, view or target that does not exist
    │   ├── QueryError           a search that cannot be understood or carried out; carries position and length
    │   └── TooLarge             an upload or request over its limit (413)
    ├── NotFound                 the thing named does not exist (404)
    ├── Denied                   not allowed: path outside its root, missing right (403)
    ├── Conflict                 the thing is in a state that rules this out (409)
    ├── BadLogin                 name or password is wrong (401)
    ├── TooMuch                  an account asked for more than its share (429); carries retry_after
    │   ├── TooManyAttempts      too many logins of late
    │   └── Busy                 there is no room for this just now, whoever asks (503)
    ├── FetchError               an outgoing HTTP request or mail failed or was refused
    │   └── Undeliverable        the receiver will not have it, however often it is tried
    └── WireError                talking to a torrent client failed; carries target and method
        ├── ConnectError         no connection was made; nothing was sent
        │   ├── NoSocket         the socket file does not exist
        │   ├── NotPermitted     the socket may not be used by our user
        │   └── ConnectionRefused  nobody listens (for a file: it is stale)
        ├── TimedOut             the deadline passed; a write is then *unknown*
        ├── ClosedEarly          the connection ended before the reply did
        ├── RequestTooLarge      the request exceeds the client's limit; nothing was sent
        ├── ReplyTooLarge        the reply exceeds our limit
        ├── BadReply             the reply is not what the protocol promises
        └── Fault                the client answered with a fault (code, text)
            ├── MethodMissing    the client does not have this command
            └── NoSuchTorrent    the client does not have this info hash

The web layer decides status and wording for browsers; ``str(error)`` is a full sentence for people.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from lib.words import named, said


class PyroError(Exception):
    """Root of all errors of ours.

    :ivar code: short stable word for programs (``unknown_name``, ``timed_out``, ...).
    """

    code = 'error'


class ConfigError(PyroError):
    """A setting is wrong. The text names the setting, its value and the remedy."""

    code = 'bad_config'


class StateError(ConfigError):
    """The state directory, a file in it or the database cannot be used. The text says why and what to do."""

    code = 'bad_state'


class UsageError(PyroError):
    """Input is wrong. ``field`` names the input, e.g. ``label`` or ``attributes[2]``."""

    code = 'bad_input'

    def __init__(self, message: str, *, field: str = '') -> None:
        super().__init__(message)
        self.field = field


class UnknownName(UsageError):
    """A name that is in none of our tables; names the nearest one that is."""

    code = 'unknown_name'

    def __init__(self, kind: str, name: str, known: Iterable[str], *, field: str = '') -> None:
        self.name = name
        self.nearest = next(iter(difflib.get_close_matches(name[:100], sorted(known), n=1)), None)
        kind = named(kind)
        text = said('There is no %(kind)s “%(name)s”.', kind=kind, name=name[:100])
        if self.nearest:
            text = said(
                'There is no %(kind)s “%(name)s”. Did you mean “%(nearest)s”?',
                kind=kind,
                name=name[:100],
                nearest=self.nearest,
            )
        super().__init__(text, field=field or str(kind))


class QueryError(UsageError):
    """A search is wrong.

    :ivar position: where in its text, in characters from 0; at its end where something is missing there.
    :ivar length: how many characters of it are meant, from 0.
    :ivar nearest: for a name that does not exist, the nearest one that does.
    """

    code = 'bad_query'

    def __init__(self, message: str, position: int, length: int = 1, *, nearest: str | None = None) -> None:
        super().__init__(message, field='q')
        self.position = position
        self.length = length
        self.nearest = nearest


class TooLarge(UsageError):
    """Input over a limit; the text names the limit."""

    code = 'too_large'


class NotFound(PyroError):
    """The thing asked for does not exist (or may not be known to exist)."""

    code = 'not_found'


class Denied(PyroError):
    """The request is understood and refused."""

    code = 'denied'


class Conflict(PyroError):
    """The thing is in a state in which this cannot be done."""

    code = 'conflict'


class BadLogin(PyroError):
    """Name or password is wrong; which of them is not said."""

    code = 'bad_login'


class TooMuch(PyroError):
    """An account asked for more than its share.

    :ivar retry_after: whole seconds after which the next attempt is heard, at least 1.
    """

    code = 'too_much'

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = max(1, retry_after)


class TooManyAttempts(TooMuch):
    """Too many logins of late."""

    code = 'too_many_attempts'


class Busy(TooMuch):
    """There is no room for this just now, whoever asks."""

    code = 'busy'


class FetchError(PyroError):
    """An outgoing HTTP request or mail failed, or was refused by our own rules."""

    code = 'fetch_failed'


class Undeliverable(FetchError):
    """The receiver of an event will not have it; trying again is no use."""

    code = 'undeliverable'


class WireError(PyroError):
    """Talking to a torrent client failed.

    :ivar target: the configured name of the client, ``''`` where not yet known.
    :ivar method: the command that was being called, ``''`` where none was.
    """

    code = 'wire'

    def __init__(self, message: str, *, target: str = '', method: str = '') -> None:
        super().__init__(message)
        self.target = target
        self.method = method

    @property
    def sent(self) -> bool:
        """Whether the client may have executed the request all the same."""
        return True


class ConnectError(WireError):
    """No connection was made, so nothing was sent."""

    code = 'unreachable'

    @property
    def sent(self) -> bool:
        return False


class NoSocket(ConnectError):
    code = 'no_socket'


class NotPermitted(ConnectError):
    code = 'not_permitted'


class ConnectionRefused(ConnectError):
    code = 'refused'


class TimedOut(WireError):
    code = 'timed_out'


class ClosedEarly(WireError):
    code = 'closed_early'


class RequestTooLarge(WireError):
    code = 'request_too_large'

    @property
    def sent(self) -> bool:
        return False


class ReplyTooLarge(WireError):
    code = 'reply_too_large'


class BadReply(WireError):
    code = 'bad_reply'


class Fault(WireError):
    """The client executed nothing and said why.

    :ivar fault_code: the number of the fault, e.g. -506.
    :ivar text: the client's own words; foreign text, at most 500 characters.
    """

    code = 'fault'

    def __init__(self, fault_code: int, text: str, *, target: str = '', method: str = '') -> None:
        self.fault_code = fault_code
        self.text = text[:500]
        text_said = said('The client answered: %(text)s (%(code)s)', text=self.text, code=fault_code)
        super().__init__(text_said, target=target, method=method)


class MethodMissing(Fault):
    code = 'method_missing'


class NoSuchTorrent(Fault):
    code = 'no_such_torrent'
