"""What the pages of webhooks show of the model's objects: words, figures, addresses. Asks nobody."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lib import format as fmt
from lib import translate
from lib.translate import gettext, ngettext
from lib.web import eventwords
from lib.words import N_
from model.webhooks.hookstyles import STYLES, lacking

if TYPE_CHECKING:
    from lib.web.context import Context
    from model.webhooks.receivers import Delivery, Webhook

MAX_NAME = 200
MAX_REPLY = 500  # characters of what a receiver answered


@dataclass(frozen=True, slots=True)
class State:
    """A state as the pages draw it: a word, a shape, and the class that gives the colour."""

    word: str
    icon: str
    look: str


_OF_HOOK = {
    'active': (N_('active'), 'ok', 's-seeding'),
    'paused': (N_('paused'), 'pause', 's-paused'),
    'broken': (N_('broken'), 'error', 's-error'),
}
_OF_DELIVERY = {
    'waiting': (N_('waiting'), 'queue', 's-queued'),
    'done': (N_('delivered'), 'verify', 's-seeding'),
    'failed': (N_('failed'), 'error', 's-error'),
    'dropped': (N_('dropped'), 'remove', 's-stopped'),
}


def _state(table: dict[str, tuple[str, str, str]], name: str) -> State:
    word, icon, look = table[name]
    return State(gettext(word), icon, look)


def entry(context: Context, hook: Webhook) -> dict[str, Any]:
    """A webhook as the list and its page show it."""
    style = STYLES[hook.style]
    labels = {option.name: translate.words(option.label) for option in style.options}
    return {
        'id': hook.id,
        'name': hook.name,
        'url': context.url('webhook', id=hook.id),
        'style': translate.words(style.label),
        'address': hook.masked,
        'configured': hook.source == 'config',
        'kinds': [eventwords.of(kind).words for kind in hook.kinds],
        'query': hook.query,
        'state': _state(_OF_HOOK, hook.state),
        'sends': hook.state == 'active',
        'notice': translate.words(hook.notice),
        'lacks': translate.words(lacking(style, context.services.config)),
        'waiting': hook.waiting,
        'failures': hook.failures,
        'dropped': hook.dropped,
        'signed': style.signed,
        'options': [(labels[name], value) for name, value in hook.options.items() if name in labels],
        'last': _last(hook.last) if hook.last is not None else None,
    }


def _last(last: Delivery) -> dict[str, Any]:
    age = gettext('%(age)s ago') % {'age': fmt.age(time.time() - (last.ended or last.created))}
    answer = _answer(last)
    return {
        'state': _state(_OF_DELIVERY, last.state),
        'words': f'{answer.rstrip(".")} · {age}' if answer else age,
    }


def _answer(item: Delivery) -> str:
    """What came of it in a few words: what was wrong, else the status of the answer."""
    if item.error:
        return fmt.clip(translate.words(item.error), MAX_REPLY)
    return gettext('status %(status)s') % {'status': item.status} if item.status is not None else ''


def delivery(item: Delivery) -> dict[str, Any]:
    """A line of the log."""
    return {
        'id': item.id,
        'kind': eventwords.of(item.kind).words,
        'name': fmt.clip(item.name or str(item.event.get('target', '')), MAX_NAME),
        'time': fmt.moment(int(item.created)),
        'age': gettext('%(age)s ago') % {'age': fmt.age(time.time() - item.created)},
        'state': _state(_OF_DELIVERY, item.state),
        'next': _next(item),
        'tries': fmt.count(item.tries),
        'words': _answer(item),
        'reply': fmt.clip(item.reply, MAX_REPLY),
        'again': item.state in ('failed', 'dropped'),
    }


def _next(item: Delivery) -> str:
    if item.state != 'waiting' or not item.tries:
        return ''
    return gettext('next try in %(time)s') % {'time': fmt.age(item.due - time.time())}


def result(item: Delivery) -> dict[str, Any]:
    """What a test came to."""
    done = item.state == 'done'
    took = gettext('%(milliseconds)s ms') % {'milliseconds': fmt.count(round((item.took or 0) * 1000))}
    answer = _answer(item)
    return {
        'state': _state(_OF_DELIVERY, item.state),
        'title': gettext('The receiver took the test') if done else gettext('The test did not work'),
        'words': f'{answer.rstrip(".")} · {took}' if item.took is not None and answer else answer,
        'reply': fmt.clip(item.reply, MAX_REPLY),
    }


def waiting(hook: Webhook) -> str:
    """That something waits and would be lost; ``''`` where nothing does."""
    if not hook.waiting:
        return ''
    text = ngettext(
        'One delivery that waits is never sent.', '%(num)s deliveries that wait are never sent.', hook.waiting
    )
    return text % {'num': fmt.count(hook.waiting)}
