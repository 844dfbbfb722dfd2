"""The form for a webhook, made from the table of styles: reading what was sent, and showing it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lib import translate
from lib.config import Config
from lib.errors import QueryError, UsageError
from lib.fetch import MAX_URL
from lib.translate import gettext, message_of
from lib.web import eventwords, present
from lib.web.kindwords import SENTENCES
from model.webhooks import hookstyles
from model.webhooks.hookfields import MAX_NAME
from model.webhooks.hookstyles import MAX_OPTION, STYLES, Option, Style

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

    from model.webhooks.receivers import Webhook

#: Ticked in a new form: what people want to know of at once and that does not come often.
USUAL = ('finished', 'error', 'disk_low', 'offline')
#: Beside its box, what a secret option is taken away with.
TAKE_AWAY = 'without'


@dataclass(frozen=True, slots=True)
class Field:
    """An input of the form.

    :ivar kept: what is said of a value that stays unless another is typed; ``removable`` offers to take it away.
    :ivar error: what is wrong with it.
    """

    id: str
    name: str
    label: str
    value: str
    help: str = ''
    secret: bool = False
    required: bool = False
    address: bool = False
    kept: str = ''
    removable: bool = False
    limit: int = MAX_OPTION
    error: str = ''


def read(form: MultiDict[str, str]) -> dict[str, Any]:
    """What the form says, as the model takes it. Only the fields of the chosen style count."""
    fields: dict[str, Any] = {
        'name': form.get('name', ''),
        'style': form.get('style', ''),
        'kinds': form.getlist('kind'),
        'query': form.get('query', '').strip(),
    }
    style = STYLES.get(fields['style'])
    if style is None:
        raise UsageError('Choose where the events are to go.', field='style')
    if not fields['kinds']:
        raise UsageError('Tick one event at least.', field='kinds')
    fields['url'] = form.get(f'{style.name}.url', '') if style.url else ''
    fields['options'] = {option.name: _option(form, style, option) for option in style.options}
    return fields


def _option(form: MultiDict[str, str], style: Style, option: Option) -> str | None:
    """What was typed; None takes away a secret that was set."""
    name = f'{style.name}.{option.name}'
    if option.secret and form.get(name, '') == '' and form.get(f'{TAKE_AWAY}.{name}'):
        return None
    return form.get(name, '')


def shown(
    hook: Webhook | None,
    given: MultiDict[str, str] | None,
    error: Exception | None,
    config: Config,
    style: str = '',
) -> dict[str, Any]:
    """What the form shows: what was typed, else what is there, else what is usual.

    :param error: what was wrong with what was typed; stands at its field.
    :param style: that of a new form.
    """
    at = getattr(error, 'field', '') if error is not None else ''
    words = message_of(error) if error is not None else ''
    chosen = given.get('style', '') if given is not None else hook.style if hook is not None else style
    name, query, kinds = _typed(given) if given is not None else _present(hook)
    return {
        'name': Field(
            id='hook-name',
            name='name',
            label=gettext('Name'),
            value=name,
            required=True,
            limit=MAX_NAME,
            error=words if at == 'name' else '',
        ),
        'styles': [
            _style(each, chosen, hook, given, at, words)
            | {'lacking': translate.words(hookstyles.lacking(each, config))}
            for each in STYLES.values()
        ],
        'kinds': [
            {
                'name': kind,
                'words': eventwords.of(kind).words,
                'meaning': gettext(sentence),
                'chosen': kind in kinds,
            }
            for kind, sentence in SENTENCES.items()
        ],
        'kinds_error': words if at.startswith('kinds') else '',
        'query': query,
        'wrong': present.wrong_query(query, error) if isinstance(error, QueryError) else None,
    }


def _typed(given: MultiDict[str, str]) -> tuple[str, str, Sequence[str]]:
    return given.get('name', ''), given.get('query', ''), given.getlist('kind')


def _present(hook: Webhook | None) -> tuple[str, str, Sequence[str]]:
    if hook is None:
        return '', '', USUAL
    return hook.name, hook.query, hook.kinds or [kind for kind in SENTENCES if kind != 'updated']


def _style(
    style: Style,
    chosen: str,
    hook: Webhook | None,
    given: MultiDict[str, str] | None,
    at: str,
    words: str,
) -> dict[str, Any]:
    present_one = hook if hook is not None and hook.style == style.name else None
    at, words = (at, words) if style.name == chosen else ('', '')
    fields = [_address(style, present_one, given, words if at == 'url' else '')] if style.url else []
    fields += [
        _field(style, option, present_one, given, words if at == f'options.{option.name}' else '')
        for option in style.options
    ]
    return {
        'name': style.name,
        'label': translate.words(style.label),
        'help': translate.words(style.help),
        'chosen': style.name == chosen,
        'fields': fields,
    }


def _address(style: Style, hook: Webhook | None, given: MultiDict[str, str] | None, error: str) -> Field:
    name = f'{style.name}.url'
    kept = ''
    if hook is not None:
        kept = gettext('It stays at %(address)s unless you type another.') % {'address': hook.masked}
    return Field(
        id=f'hook-{style.name}-url',
        name=name,
        label=translate.words(style.url),
        value=given.get(name, '') if given is not None else '',
        address=True,
        required=hook is None,
        kept=kept,
        limit=MAX_URL,
        error=error,
    )


def _field(
    style: Style, option: Option, hook: Webhook | None, given: MultiDict[str, str] | None, error: str
) -> Field:
    name = f'{style.name}.{option.name}'
    is_set = option.secret and hook is not None and option.name in hook.secrets
    there = hook.options.get(option.name, '') if hook is not None else ''  # of secret ones nothing
    return Field(
        id=f'hook-{style.name}-{option.name}',
        name=name,
        label=translate.words(option.label),
        value=given.get(name, '') if given is not None else there,
        help=translate.words(option.help),
        secret=option.secret,
        required=option.required and not is_set,
        kept=gettext('It is set and stays so unless you type another.') if is_set else '',
        removable=is_set and not option.required,
        error=error,
    )
