"""Who sends a request, and may they do this? Everything a request has to pass before its handler runs."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from werkzeug.exceptions import Unauthorized

from lib.errors import Denied
from lib.web import csrf, hosts, sessions
from lib.web.context import Identity
from lib.words import said

if TYPE_CHECKING:
    from werkzeug import Request

    from lib.web.context import Context
    from lib.web.route import Route
    from lib.web.services import Services

_FORWARDED = ('X-Forwarded-For', 'X-Real-IP', 'Forwarded', 'Via')
RANK = {'public': 0, 'read': 1, 'write': 2, 'admin': 3}


def identify(context: Context) -> None:
    """Set identity and session of the request, where it has any. A wrong token is an error, not nobody.

    :raises Unauthorized: an ``Authorization`` header that is not a valid token of ours.
    """
    services, request = context.services, context.request
    if not services.config.USE_AUTH:
        context.identity = _local(request)
    elif 'Authorization' in request.headers:
        context.identity = _bearer(context, request.headers['Authorization'])
    else:
        context.session = sessions.current(request.environ)
        context.identity = _of_session(context)


def _local(request: Request) -> Identity:
    # A proxy on this machine sends us what comes from anywhere.
    forwarded = any(name in request.headers for name in _FORWARDED) and not hosts.is_believed(request.environ)
    if forwarded or not hosts.is_loopback(request.remote_addr or ''):
        raise Denied('Without a login (USE_AUTH = False) pyroTorrent answers this machine only.')
    return Identity(None, 'local', 'admin', 'local')


def _bearer(context: Context, header: str) -> Identity:
    found = context.services.tokens.verify(header)
    if found is None:
        raise Unauthorized(
            'The token is not valid. Send “Authorization: Bearer <token>” with one that is not revoked.'
        )
    return Identity(found.user_id, found.name, found.role, 'token', found.token_id, found.administers)


def still_may(services: Services, who: Identity, role: str) -> bool:
    """Whether who sent a request has this role now, for what goes on after its answer."""
    if who.user_id is None:
        return True
    if who.token_id is not None:
        has = services.tokens.role(who.token_id)
    else:
        user = services.users.get(who.user_id)
        has = user.role if user else None
    return has is not None and RANK[has] >= RANK[role]


def _of_session(context: Context) -> Identity | None:
    """The user of the session; none where the account is gone or its password was changed since."""
    if context.session is None:
        return None
    user = context.services.users.get(context.session.user_id)
    if user is None or user.epoch != context.session.epoch:
        context.session = None
        return None
    return Identity(user.id, user.name, user.role, 'session')


def remains(context: Context) -> bool:
    """Whether who sent a request would be let in again, while an answer to it lasts: a token may be revoked meanwhile,
    a session be over, an account be gone."""
    again = dataclasses.replace(context, identity=None, session=None)
    sessions.reread(context.request.environ)
    try:
        identify(again)
    except (Unauthorized, Denied):
        return False
    return again.identity is not None and again.identity.user_id == context.who.user_id


def authorise(context: Context, route: Route) -> None:
    """Let the request pass to the handler of ``route``, or not.

    :raises Unauthorized: nobody is logged in.
    :raises Denied: the role is not enough, or the request may be forged.
    """
    # Nobody's request gains nothing by being forged, and a script that forgot its token is told so.
    if context.identity is None and route.access != 'public':
        raise Unauthorized('Please log in, or send a token.')
    if context.request.method not in csrf.SAFE_METHODS and not route.harmless:
        _check_forgery(context)
    if context.identity is None or route.access == 'public':
        return
    may_all = context.identity.administers and route.kind == 'api'
    if RANK[context.identity.role] < RANK[route.access] and not may_all:
        raise Denied(
            said(
                'This needs the role “%(access)s”; %(name)s has “%(role)s”.',
                access=route.access,
                name=context.identity.name,
                role=context.identity.role,
            )
        )


def _check_forgery(context: Context) -> None:
    """A program with a token, or one on this machine where no login is asked for, has nothing to be forged."""
    identity = context.identity
    by_browser = csrf.from_browser(context.request)
    if identity is not None and identity.via in ('token', 'local') and not by_browser:
        return
    csrf.check_origin(context.request)
    if context.session is not None:
        csrf.check_token(context.request, context.session.csrf)
