"""The pages of webhooks, for administrators: the list, one of them with its log, and the form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from werkzeug import Response

from lib.errors import Conflict, NotFound, PyroError, UsageError
from lib.texts import whole_number
from lib.translate import gettext, message_of
from lib.web import failures, hookforms, hookview
from lib.words import N_
from model.webhooks.hookstyles import STYLES

if TYPE_CHECKING:
    from lib.web.context import Context
    from model.webhooks.receivers import Delivery, Webhook

PER_PAGE = 50
#: What a page says after a form was taken.
DID = {
    'removed': N_('The webhook is removed.'),
    'changed': N_('The webhook is changed.'),
    'paused': N_('The webhook is paused. What happens meanwhile waits.'),
    'resumed': N_('The webhook sends again.'),
    'dropped': N_('What waited is dropped.'),
    'again': N_('It is being sent again.'),
}


def show(context: Context) -> Response:
    """All of them."""
    hooks = context.services.webhooks.all()
    return context.render(
        'webhooks.html', hooks=[hookview.entry(context, hook) for hook in hooks], did=_did(context)
    )


def _did(context: Context) -> str:
    sentence = DID.get(context.request.args.get('did', ''))
    return gettext(sentence) if sentence else ''


def one(context: Context, id: str) -> Response:
    """One of them, with the log of its deliveries."""
    return _page(context, _get(context, id))


def _get(context: Context, id: str) -> Webhook:
    return context.services.webhooks.get(number(id))


def number(text: str) -> int:
    """The number of a webhook or a delivery.

    :raises NotFound: there can be none of that number.
    """
    found = whole_number(text)
    if found is None:
        raise NotFound('There is no such webhook (any more).')
    return found


def _page(
    context: Context,
    hook: Webhook,
    status: int = 200,
    *,
    error: str = '',
    secret: str = '',
    result: Delivery | None = None,
) -> Response:
    """:param secret: shown this once; ``result``: what became of a test."""
    before = context.request.args.get('before', '')
    found = context.services.webhooks.deliveries(
        hook.id, before=number(before) if before else None, limit=PER_PAGE + 1
    )
    shown = found[:PER_PAGE]
    return context.render(
        'webhook.html',
        status,
        hook=hookview.entry(context, hook),
        deliveries=[hookview.delivery(item) for item in shown],
        older=context.url('webhook', id=hook.id, before=shown[-1].id) if len(found) > PER_PAGE else '',
        newest=context.url('webhook', id=hook.id) if before else '',
        error=error,
        secret=secret,
        result=hookview.result(result) if result is not None else None,
        did=_did(context),
    )


def new(context: Context) -> Response:
    """The form for a new one, and making it. The secret is shown this once."""
    if context.request.method != 'POST':
        return _form(context, None)
    try:
        hook = context.services.webhooks.create(hookforms.read(context.request.form))
    except (UsageError, Conflict) as error:
        return _form(context, None, error)
    secret = context.services.webhooks.secret(hook.id) if STYLES[hook.style].signed else ''
    return _page(context, hook, secret=secret)


def edit(context: Context, id: str) -> Response:
    """The form with what is there, and changing it."""
    hook = _get(context, id)
    if hook.source != 'page':
        raise Conflict('This webhook stands in config.py (WEBHOOKS). Change it there.')
    if context.request.method != 'POST':
        return _form(context, hook)
    try:
        context.services.webhooks.change(hook.id, hookforms.read(context.request.form))
    except (UsageError, Conflict) as error:
        return _form(context, hook, error)
    return context.go('webhook', id=hook.id, did='changed')


def _form(context: Context, hook: Webhook | None, error: PyroError | None = None) -> Response:
    given = context.request.form if error is not None else None
    title = gettext('Add a webhook')
    action, back = context.url('webhook_new'), context.url('webhooks')
    if hook is not None:
        title = gettext('Change %(name)s') % {'name': hook.name}
        action, back = context.url('webhook_edit', id=hook.id), context.url('webhook', id=hook.id)
    return context.render(
        'webhook_form.html',
        failures.status_of(error) if error is not None else 200,
        title=title,
        action=action,
        back=back,
        yes=gettext('Add the webhook') if hook is None else gettext('Save'),
        error=message_of(error) if error is not None else '',
        **hookforms.shown(hook, given, error, context.services.config, 'json'),
    )


def test(context: Context, id: str) -> Response:
    """Send a test now, and show what the receiver answers."""
    hook = _get(context, id)
    try:
        result = context.services.webhooks.test(hook.id)
    except (UsageError, Conflict) as error:
        return _page(context, hook, failures.status_of(error), error=message_of(error))
    return _page(context, _get(context, id), result=result)


def pause(context: Context, id: str) -> Response:
    """Stop sending; what happens meanwhile waits."""
    hook = _get(context, id)
    context.services.webhooks.pause(hook.id)
    return context.go('webhook', id=hook.id, did='paused')


def resume(context: Context, id: str) -> Response:
    """Send again, also after it was paused by itself."""
    hook = _get(context, id)
    context.services.webhooks.resume(hook.id)
    return context.go('webhook', id=hook.id, did='resumed')


def rotate(context: Context, id: str) -> Response:
    """Make a new secret, after asking, and show it once."""
    hook = _get(context, id)
    if context.request.form.get('sure') != 'yes':
        return _confirm(
            context,
            hook,
            title=gettext('Make a new secret?'),
            consequences=[
                gettext(
                    'What is sent from now on, tries of what waits included, is signed with the new secret.'
                ),
                gettext('The receiver refuses it until it knows the new one, which is shown once.'),
            ],
            action='webhook_secret',
            yes=gettext('Make a new secret'),
        )
    return _page(context, hook, secret=context.services.webhooks.rotate(hook.id))


def discard(context: Context, id: str) -> Response:
    """Drop what waits, after asking."""
    hook = _get(context, id)
    if context.request.form.get('sure') != 'yes':
        return _confirm(
            context,
            hook,
            title=gettext('Drop what waits?'),
            consequences=[
                hookview.waiting(hook) or gettext('Nothing waits now; what comes until then goes as well.')
            ],
            action='webhook_discard',
            yes=gettext('Drop what waits'),
        )
    context.services.webhooks.discard(hook.id)
    return context.go('webhook', id=hook.id, did='dropped')


def remove(context: Context, id: str) -> Response:
    """Remove one, after asking."""
    hook = _get(context, id)
    if context.request.form.get('sure') != 'yes':
        waiting = hookview.waiting(hook)
        return _confirm(
            context,
            hook,
            title=gettext('Remove the webhook?'),
            consequences=[*([waiting] if waiting else []), gettext('Its log goes with it.')],
            action='webhook_remove',
            yes=gettext('Remove the webhook'),
        )
    context.services.webhooks.remove(hook.id)
    return context.go('webhooks', did='removed')


def _confirm(context: Context, hook: Webhook, *, action: str, **words: Any) -> Response:
    return context.render(
        'confirm.html',
        names=[hook.name],
        action=context.url(action, id=hook.id),
        fields=[('sure', 'yes')],
        no_url=context.url('webhook', id=hook.id),
        **words,
    )


def retry(context: Context, id: str) -> Response:
    """Send one of the log again."""
    hook = _get(context, id)
    context.services.webhooks.retry(hook.id, number(context.request.form.get('delivery', '')))
    return context.go('webhook', id=hook.id, did='again')
