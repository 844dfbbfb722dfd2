"""Logins of browsers: Beaker's sessions, set up so that they are safe, cheap and over when they are over.

A session holds the number of the account, its epoch and the token of its forms, nothing else: two requests of one
session may write it at the same time, and then one of them is lost. It is written at login and logout only.
"""

from __future__ import annotations

import logging
import os
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from beaker.middleware import SessionMiddleware
from beaker.session import Session

from lib.config import Config
from lib.errors import StateError
from lib.web.sessionoptions import beaker_options, lifetime

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from model.users import User

log = logging.getLogger(__name__)

SWEEP_EVERY = 3600.0  # seconds between two searches for sessions that are over
_SESSIONS = 'pyrotorrent.sessions'
_BEAKERS = 'beaker.session'


@dataclass(frozen=True, slots=True)
class SessionData:
    """:ivar epoch: the account's at the login; the session is over where it is another by now.
    :ivar csrf: the token that every form of this session carries.
    """

    user_id: int
    epoch: int
    csrf: str


def wrap(
    app: WSGIApplication, config: Config, secret: bytes, clock: Callable[[], float] = time.time
) -> WSGIApplication:
    """``app`` with sessions. Below it :func:`login`, :func:`logout` and :func:`current` work.

    :param secret: signs the cookies.
    :param clock: Unix time in seconds.
    :raises ConfigError: ``session_options`` hold an option that is unknown or not safe.
    """
    return _Sessions(app, config, secret, clock)


def login(environ: WSGIEnvironment, user: User) -> None:
    """Begin a session for ``user``, under a new number; one that the browser had is over.

    :raises StateError: the session cannot be written.
    """
    sessions: _Sessions = environ[_SESSIONS]
    csrf = secrets.token_urlsafe(32)
    with sessions.storing():
        session = _stored(environ)
        _empty(session)
        session.invalidate()  # in Beaker's words: go on under a new number
        session.update(user_id=user.id, epoch=user.epoch, csrf=csrf, begun=sessions.clock())
        session.save()
    sessions.sweep_now_and_then()


def logout(environ: WSGIEnvironment) -> None:
    """End the session, for all processes and at once, and take the cookie back.

    :raises StateError: the session cannot be written, and goes on.
    """
    sessions: _Sessions = environ[_SESSIONS]
    with sessions.storing():
        session = _stored(environ)
        session.delete()
        _empty(session)


def current(environ: WSGIEnvironment) -> SessionData | None:
    """The session of the request; None where there is none or it is over.

    The caller compares account and epoch with the database: a session does not know that its account is gone.

    :raises StateError: the sessions cannot be read.
    """
    sessions: _Sessions = environ[_SESSIONS]
    if f'{sessions.cookie}=' not in environ.get('HTTP_COOKIE', ''):
        return None  # nothing is read or made for those who are not logged in
    with sessions.storing():
        session = _stored(environ)
    return sessions.data(session)


def reread(environ: WSGIEnvironment) -> None:
    """Have :func:`current` read the session anew, for a request that is still being answered."""
    if _BEAKERS in environ:
        environ[_BEAKERS].__dict__['_sess'] = None  # Beaker's proxy reads it when there is none


def sweep(directory: Path, older_than: float) -> int:
    """Remove the files of sessions that are over; Beaker never does.

    :param older_than: Unix time; a session's file is written at login and logout only, so its age is the session's.
    :returns: how many files were removed.
    """
    removed = 0
    for place, _, names in os.walk(directory):
        for name in names:
            path = Path(place, name)
            try:
                if path.suffix in ('.cache', '.lock', '.temp') and path.stat().st_mtime < older_than:
                    path.unlink()
                    removed += 1
            except OSError as error:
                log.debug('%s stays: %s', path, error)  # another process was faster
    return removed


def _stored(environ: WSGIEnvironment) -> Session:
    # Beaker's proxy puts off writing until the answer starts; a login or logout is to be on disk before its answer.
    session: Session = environ[_BEAKERS]._session()
    return session


def _empty(session: Session) -> None:
    """Leave nothing of the stored session. Not by removing it: some of Beaker's stores would remove all of them."""
    if not session.is_new:
        session.clear()
        session.save()


class _Passing(Session):  # type: ignore[misc]  # Beaker has no types
    """One that its store forgets by itself, where that can; Beaker asks for it with a timeout of its own kind only."""

    def load(self) -> None:
        self.namespace_args['timeout'] = self.namespace_args['kept']
        super().load()


class _Sessions:
    def __init__(
        self, app: WSGIApplication, config: Config, secret: bytes, clock: Callable[[], float]
    ) -> None:
        options = beaker_options(config, secret)
        self.cookie = str(options['key'])
        self.clock = clock
        self._lifetime = lifetime(config)
        self._directory = Path(options['data_dir']) if options['type'] == 'file' else None
        self._store = f'in {self._directory}' if self._directory else f'of {options["type"]}'
        self._swept = -SWEEP_EVERY
        passing = {'session_class': _Passing, 'kept': self._lifetime + int(SWEEP_EVERY)}
        inner = _fresh_headers(app)
        self._beakers = {
            scheme: SessionMiddleware(inner, _prefixed({**options, **passing, 'secure': scheme == 'https'}))
            for scheme in ('http', 'https')
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ[_SESSIONS] = self
        scheme = 'https' if environ.get('wsgi.url_scheme') == 'https' else 'http'
        answer: Iterable[bytes] = self._beakers[scheme](environ, start_response)
        return answer

    def data(self, session: Session) -> SessionData | None:
        """What ``session`` holds while it is good."""
        kinds: dict[str, Any] = {'user_id': int, 'epoch': int, 'csrf': str, 'begun': (int, float)}
        if not all(isinstance(session.get(name), kind) for name, kind in kinds.items()):
            return None
        if self.clock() - session['begun'] > self._lifetime:
            return None
        return SessionData(session['user_id'], session['epoch'], session['csrf'])

    @contextmanager
    def storing(self) -> Iterator[None]:
        """Around each use of Beaker's store.

        :raises StateError: the store cannot be used.
        """
        try:
            yield
        # Of the file system, Redis, memcached or a database: Beaker lets each through as it comes.
        except Exception as error:
            raise self._failure(error) from error

    def _failure(self, error: Exception) -> StateError:
        words = getattr(error, 'strerror', None) or str(error).rstrip('.')
        remedy = 'session_options and that server'
        if self._directory:
            remedy = 'the disk and the owner of that directory'
        return StateError(f'The sessions {self._store} cannot be used: {words}. Check {remedy}.')

    def sweep_now_and_then(self) -> None:
        now = time.monotonic()
        if self._directory is not None and now - self._swept > SWEEP_EVERY:
            self._swept = now
            # By the clock of the files; an hour more, since a file server may have its own.
            sweep(self._directory, time.time() - self._lifetime - SWEEP_EVERY)


def _prefixed(options: dict[str, Any]) -> dict[str, Any]:
    return {f'session.{name}': value for name, value in options.items()}


def _fresh_headers(app: WSGIApplication) -> WSGIApplication:
    """Beaker adds its cookie to the very list that the application passes, which may be shared by all answers."""

    def inner(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            return start_response(status, list(headers), exc_info)

        return app(environ, start)

    return inner
