"""One's own account: password, tokens, theme; and for administrators the other accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug import Response

from lib.errors import BadLogin, Conflict, Denied, NotFound, TooManyAttempts, UnknownName, UsageError
from lib.texts import whole_number
from lib.translate import gettext, message_of
from lib.web import failures, sessions
from lib.web.context import THEMES
from lib.words import N_

if TYPE_CHECKING:
    from lib.web.context import Context
    from model.users import User

YEAR = 365 * 24 * 3600
ROLES = (N_('read'), N_('write'), N_('admin'))


def page(context: Context, *, status: int = 200, error: str = '', new_token: str = '') -> Response:
    """The account page; ``new_token`` is shown this once and never again."""
    services, who = context.services, context.who
    has_account = who.user_id is not None
    return context.render(
        'account.html',
        status,
        error=error,
        new_token=new_token,
        has_account=has_account,
        tokens=services.tokens.list(who.user_id) if has_account else [],
        users=services.users.list() if has_account and who.is_admin else [],
        roles=ROLES,
        did=context.request.args.get('did', '') if context.request.args.get('did') in DID else '',
        words=DID,
    )


#: What the page says after a form was taken.
DID = {
    'password': N_('The password is changed; every other login of this account has ended.'),
    'revoked': N_('The token is revoked.'),
    'added': N_('The account is made.'),
    'role': N_('The role is changed.'),
    'removed': N_('The account is removed.'),
}


def _account(context: Context) -> int:
    """The account a person may change: only when logged in as one, since a token must not mint others."""
    who = context.who
    if who.user_id is None or who.via != 'session':
        raise Denied('Log in with name and password for this; a token is not enough.')
    return who.user_id


def password(context: Context) -> Response:
    """Change the own password; all other sessions of the account end."""
    user_id, form, users = _account(context), context.request.form, context.services.users
    try:
        _verify(context, form.get('old', ''))
        if form.get('new') != form.get('again'):
            raise UsageError('The two new passwords differ. Type the same one twice.', field='again')
        users.set_password(user_id, form.get('new', ''))
    except (UsageError, TooManyAttempts) as error:
        return page(context, status=failures.status_of(error), error=message_of(error))
    user = users.get(user_id)
    if user is None:
        raise NotFound('This account is gone.')
    sessions.login(context.request.environ, user)
    return context.go('account', did='password')


def _verify(context: Context, password: str) -> None:
    try:
        context.services.users.verify(context.who.name, password, context.request.remote_addr or '')
    except BadLogin:
        raise UsageError('The present password is wrong; nothing is changed.', field='old') from None


def add_token(context: Context) -> Response:
    """Make a token and show it once."""
    user_id, form = _account(context), context.request.form
    user = context.services.users.get(user_id)
    if user is None:
        raise NotFound('This account is gone.')
    try:
        secret = context.services.tokens.add(user, form.get('label', ''), form.get('scope') == 'write')
    except UsageError as error:
        return page(context, status=400, error=message_of(error))
    return page(context, new_token=secret)


def revoke_token(context: Context) -> Response:
    """Revoke one of the own tokens."""
    number = _number(context, 'id')
    if not context.services.tokens.revoke(number, _account(context)):
        raise NotFound('This account has no such token.')
    return context.go('account', did='revoked')


def add_user(context: Context) -> Response:
    """Make an account (administrators only)."""
    form = context.request.form
    _account(context)
    try:
        context.services.users.add(form.get('name', ''), form.get('password', ''), form.get('role', ''))
    except (UsageError, Conflict) as error:
        return page(context, status=409 if isinstance(error, Conflict) else 400, error=message_of(error))
    return context.go('account', did='added')


def set_role(context: Context) -> Response:
    """Give another account another role (administrators only)."""
    number = _number(context, 'id')
    if number == _account(context):
        raise Conflict('This is your own account. Another administrator can change its role.')
    context.services.users.set_role(number, context.request.form.get('role', ''))
    return context.go('account', did='role')


def remove_user(context: Context) -> Response:
    """Remove another account (administrators only), after asking."""
    number = _number(context, 'id')
    if number == _account(context):
        raise Conflict('This is your own account. Another administrator can remove it.')
    user = context.services.users.get(number)
    if user is None:
        raise NotFound('There is no such account (any more).')
    if context.request.form.get('sure') != 'yes':
        return _confirm(context, user)
    context.services.users.remove(number)
    return context.go('account', did='removed')


def _confirm(context: Context, user: User) -> Response:
    return context.render(
        'confirm.html',
        title=gettext('Remove the account?'),
        consequences=[
            gettext('Its logins end at once, and its tokens stop working.'),
            gettext('No torrent is touched.'),
        ],
        names=[user.name],
        action=context.url('account_remove'),
        fields=[('id', user.id), ('sure', 'yes')],
        yes=gettext('Remove the account'),
        no_url=context.url('account'),
    )


def _number(context: Context, field: str) -> int:
    number = whole_number(context.request.form.get(field, ''), 9)
    if number is None:
        raise UsageError('Send the number of the entry.', field=field)
    return number


def theme(context: Context) -> Response:
    """Keep the reader's choice of light or dark in a cookie of its own."""
    chosen = context.request.form.get('theme', '')
    if chosen not in THEMES:
        raise UnknownName('theme', chosen, THEMES, field='theme')
    answer = context.go_to(context.local(context.request.form.get('next')))
    answer.set_cookie(
        'pyrotorrent_theme',
        chosen,
        max_age=YEAR,
        path=context.services.config.BASE_URL or '/',
        secure=context.request.is_secure,
        httponly=True,
        samesite='Lax',
    )
    return answer
