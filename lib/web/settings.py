"""The settings of one client: rates and limits, slots, peers, DHT and PEX, and the encryption policy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from werkzeug import Response

from lib import format as fmt
from lib import translate
from lib.errors import Conflict, NotFound, UsageError
from lib.translate import gettext, message_of
from lib.web import failures
from lib.words import N_, named, said
from model import encryption as policy
from model import settings as table

if TYPE_CHECKING:
    from lib.web.context import Context

NO_TARGET = N_('No client is configured. Set rtorrent_config in config.py (see config.py.example).')


def first(context: Context) -> Response:
    """The settings of the first client."""
    names = list(context.services.hub.backends)
    if not names:
        raise NotFound(NO_TARGET)
    return context.go('settings_target', target=names[0])


def page(
    context: Context,
    target: str,
    *,
    status: int = 200,
    error: str = '',
    wrong: str = '',
    words: Sequence[str] | None = None,
) -> Response:
    """The forms with the present values, as the client tells them; after a mistake with what the reader chose.

    :param wrong: the field that the error is about.
    """
    backend = context.backend(target)
    values = backend.settings()
    given = context.request.form
    return context.render(
        'settings.html',
        status,
        target=target,
        tabs=[
            (name, context.url('settings_target', target=name), name == target)
            for name in context.services.hub.backends
        ],
        error=error,
        wrong=wrong,
        groups=[
            (
                translate.words(title),
                [
                    _field(setting, values.get(setting.key), given, backend.choices.get(setting.key))
                    for setting in settings
                    if setting.key in values
                ],
            )
            for title, settings in table.groups()
        ],
        encryption=_encryption(context, target, words) if 'encryption' in backend.capabilities else None,
        can=backend.capabilities,
        facts=_facts(backend.kind, backend.globals()),
        did={
            'limits': gettext('The settings are applied.'),
            'encryption': gettext('The encryption policy is set.'),
        }.get(context.request.args.get('did', ''), ''),
    )


def _field(setting: Any, value: Any, given: Any, choices: Sequence[str] | None) -> dict[str, Any]:
    """A field of the form; after a mistake it keeps what the reader wrote.

    :param choices: those of the client where it does not have all; the help is about all.
    """
    shown = setting.show(value)
    return {
        'key': setting.key,
        'label': translate.words(setting.label),
        'help': translate.words(setting.help) if choices is None else '',
        'unit': setting.unit,
        'kind': setting.kind,
        'choices': setting.choices if choices is None else choices,
        'value': given.get(setting.key, shown) if given else shown,
        'writable': setting.writable,
    }


def _encryption(context: Context, target: str, words: Sequence[str] | None) -> dict[str, Any]:
    known = policy.policy(context.services.hub, context.services.notes, target)
    last = known.last
    present = known.confirmed.split(',') if known.confirmed else last.words if last else ()
    chosen = present if words is None else words
    return {
        'style': known.style,
        'words': [(word, translate.words(policy.MEANING[word]), word in chosen) for word in known.words],
        'last': ', '.join(last.words) if last else '',
        'last_at': fmt.moment(int(last.at)) if last else '',
        'confirmed': known.confirmed,
    }


def _facts(kind: str, state: Any) -> list[tuple[str, str]]:
    name = {'rtorrent': 'rTorrent', 'transmission': 'Transmission'}.get(kind, kind)
    facts = [
        (name, state.client_version or ''),
        ('libTorrent', state.library_version or ''),
        (gettext('Host'), state.hostname or ''),
        (gettext('Process'), str(state.pid or '')),
        (gettext('Port'), str(state.port or '')),
        (gettext('Downloaded'), fmt.size(state.down_total)),
        (gettext('Uploaded'), fmt.size(state.up_total)),
        (
            gettext('Open sockets'),
            _of(state.open_sockets, state.max_open_sockets) if state.open_sockets is not None else '',
        ),
        (gettext('Free space'), fmt.size(state.free_space)),
    ]
    return [(label, value) for label, value in facts if value and value != fmt.NONE]


def _of(part: int | None, whole: int | None) -> str:
    return gettext('%(part)s of %(whole)s') % {'part': fmt.count(part), 'whole': fmt.count(whole)}


def limits(context: Context, target: str) -> Response:
    """Apply what was changed in the form; nothing is sent unless all of it is right."""
    try:
        table.apply(context.services.hub, target, _changed(context, target))
    except (UsageError, Conflict) as error:
        wrong = error.field if isinstance(error, UsageError) else ''
        return page(context, target, status=failures.status_of(error), error=message_of(error), wrong=wrong)
    return context.go('settings_target', target=target, did='limits')


def _changed(context: Context, target: str) -> dict[str, object]:
    """The fields whose value is not the one the client has, so that nothing else is set anew; rates in bytes."""
    present, form = context.backend(target).settings(), context.request.form
    changed: dict[str, object] = {}
    for key, value in form.items():
        setting = table.BY_KEY.get(key)
        if key == 'csrf' or (setting is not None and value.strip() == setting.show(present.get(key))):
            continue
        if setting is not None and setting.kind == 'rate':
            changed[key] = _in_bytes(setting, value)
        else:
            changed[key] = value.strip()
    return changed


def _in_bytes(setting: table.Setting, kib: str) -> int:
    """A rate that was typed in KiB/s; what is wrong with it is said in KiB/s too."""
    label = said('%(label)s (%(unit)s)', label=named(setting.label), unit=setting.unit)
    return table.number(kib, setting.key, label, setting.low // 1024, setting.high // 1024) * 1024


def encryption(context: Context, target: str) -> Response:
    """Set the encryption policy and remember what was set, since old clients cannot say."""
    words = context.request.form.getlist('word')
    try:
        policy.set_policy(context.services.hub, context.services.notes, target, words)
    except UsageError as error:
        return page(context, target, status=400, error=message_of(error), words=words)
    return context.go('settings_target', target=target, did='encryption')
