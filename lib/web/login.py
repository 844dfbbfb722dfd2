"""Login, logout, and the one-time links of the first start and of the demo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug import Response

from lib.errors import BadLogin, NotFound, TooManyAttempts, UsageError
from lib.translate import message_of
from lib.web import sessions

if TYPE_CHECKING:
    from lib.web.context import Context
    from model.users import User


def page(context: Context) -> Response:
    """The login form, and what becomes of it."""
    request = context.request
    if request.method != 'POST':
        if context.identity is not None:
            return context.go_to(context.local(request.args.get('next')))
        return _form(context, context.local(request.args.get('next')))
    name = request.form.get('name', '')
    try:
        user = context.services.users.verify(
            name, request.form.get('password', ''), request.remote_addr or ''
        )
    except (BadLogin, TooManyAttempts) as error:
        status = 429 if isinstance(error, TooManyAttempts) else 401
        answer = _form(context, context.local(request.form.get('next')), name[:64], message_of(error), status)
        if isinstance(error, TooManyAttempts):
            answer.headers['Retry-After'] = str(error.retry_after)
        return answer
    return _let_in(context, user, request.form.get('next'))


def _form(context: Context, then: str, name: str = '', error: str = '', status: int = 200) -> Response:
    empty = context.services.users.count() == 0
    return context.render('login.html', status, next=then, name=name, error=error, no_users=empty)


def _let_in(context: Context, user: User, then: str | None) -> Response:
    sessions.login(context.request.environ, user)
    return context.go_to(context.local(then))


def logout(context: Context) -> Response:
    """End the session here and in every other process."""
    sessions.logout(context.request.environ)
    return context.go('login')


def first(context: Context, token: str) -> Response:
    """Create the first account by the link that the first start printed."""
    links, users = context.services.links, context.services.users
    link = links.peek(token)
    if link is None or link.purpose != 'setup' or users.count():
        raise NotFound('This link is used up or too old. “pyrotorrent user add” makes an account as well.')
    form = context.request.form
    if context.request.method != 'POST':
        return context.render('first.html', name='', error='')
    try:
        if form.get('password') != form.get('again'):
            raise UsageError('The two passwords differ. Type the same one twice.', field='again')
        user = users.add_first(form.get('name', ''), form.get('password', ''), lambda: links.use(token))
    except UsageError as error:
        return context.render('first.html', 400, name=form.get('name', '')[:64], error=message_of(error))
    return _let_in(context, user, None)


def once(context: Context, token: str) -> Response:
    """Log in by a one-time link. The link itself only shows a button, so that a preview does not use it up."""
    links, users = context.services.links, context.services.users
    link = links.peek(token)
    user = users.get(link.user_id) if link and link.purpose == 'login' and link.user_id is not None else None
    if link is None or user is None:
        raise NotFound(
            'This link is used up or too old. Log in with name and password, or ask for a new one.'
        )
    if context.request.method != 'POST':
        return context.render('once.html', name=user.name)
    if not links.use(token):
        raise NotFound('This link was used a moment ago.')
    return _let_in(context, user, None)
