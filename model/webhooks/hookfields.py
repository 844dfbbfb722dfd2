"""The fields that make a receiver, checked one by one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from lib.config import Config
from lib.errors import QueryError, UnknownName, UsageError
from lib.words import N_, named, said
from model.events.eventfilter import EventFilter
from model.events.eventlog import HISTORY_ONLY
from model.webhooks import hookaddress, hookstyles

FIELDS = ('name', 'style', 'url', 'options', 'kinds', 'query', 'secret')
MAX_NAME = 60  # characters

_SECRET = re.compile(r'[!-~]{16,200}')


def check(fields: Mapping[str, Any], config: Config) -> dict[str, Any]:
    """The columns of the table that ``fields`` make.

    :raises UsageError: a field is wrong, or the configuration lacks what it needs; ``field`` says which.
    """
    allowed = config.WEBHOOK_ALLOWED_NETWORKS
    for name in fields:
        if name not in FIELDS:
            raise UnknownName(N_('field'), str(name), FIELDS, field=str(name)[:40])
    style = hookstyles.find(_text(fields, 'style'))
    if lacks := hookstyles.lacking(style, config):
        raise UsageError(lacks, field='style')
    options = fields.get('options') or {}
    if not isinstance(options, Mapping):
        raise UsageError('The options must be names with texts.', field='options')
    kept = hookstyles.check_options(style, options)
    if 'server' in kept:
        hookaddress.check_public(kept['server'], allowed, 'options.server')
    kinds, query = _choice(fields)
    return {
        'name': _name(fields),
        'style': style.name,
        'url': hookaddress.check(style, fields.get('url', ''), allowed),
        'options': json.dumps(kept),
        'kinds': json.dumps(kinds),
        'query': query,
        'secret': _secret(fields),
    }


def merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a receiver after a change: what is not given stays, as do secrets that come empty.

    An option that is None goes.
    """
    values = {**old, **new}
    for name in ('url', 'secret'):
        values[name] = values[name] or old[name]
    style = hookstyles.STYLES.get(str(values['style']))
    if values['style'] != old['style']:
        values['options'] = new.get('options') or {}  # a token of one service is not sent to another
        values['url'] = new.get('url') or ''
    elif style and isinstance(new.get('options'), Mapping):
        secret = [option.name for option in style.options if option.secret]
        given = {name: text for name, text in new['options'].items() if text != '' or name not in secret}
        values['options'] = {**old['options'], **given}
    return values


def check_move(old: Mapping[str, Any], new: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """
    :param values: what :func:`merged` made of both, checked.
    :raises UsageError: a secret that was given for one host would go to another.
    """
    if values['style'] != old['style'] or _host(values) == _host(old):
        return
    given = new.get('options') or {}
    for option in hookstyles.STYLES[old['style']].options:
        if option.secret and option.name in old['options'] and given.get(option.name, '') == '':
            raise UsageError(
                said(
                    '%(label)s: enter it again, since it would be sent to another host from now on.',
                    label=named(option.label),
                ),
                field=f'options.{option.name}',
            )


def _host(fields: Mapping[str, Any]) -> tuple[str, str]:
    """Where a receiver is."""
    parts = urlsplit(fields['url'] or fields['options'].get('server') or '')
    return parts.scheme.lower(), parts.netloc.lower()


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name, '')
    if not isinstance(value, str):
        raise UsageError(said('“%(name)s” must be a text.', name=name), field=name)
    return value.strip()


def _name(fields: Mapping[str, Any]) -> str:
    name = _text(fields, 'name')
    if not name.isprintable() or not 1 <= len(name) <= MAX_NAME:
        raise UsageError(
            said('The name of a webhook has 1 to %(max_name)s plain characters.', max_name=MAX_NAME),
            field='name',
        )
    return name


def _choice(fields: Mapping[str, Any]) -> tuple[tuple[str, ...], str]:
    kinds = fields.get('kinds') or ()
    if not isinstance(kinds, list | tuple) or not all(isinstance(kind, str) for kind in kinds):
        raise UsageError('The kinds must be a list of names.', field='kinds')
    try:
        wanted = EventFilter(kinds, text=_text(fields, 'query'))
    except QueryError as error:
        error.field = 'query'  # as it is called here
        raise
    for kind in wanted.kinds:
        if kind in HISTORY_ONLY:
            raise UsageError(said('“%(kind)s” is kept in the history only.', kind=kind), field='kinds')
    return wanted.kinds, wanted.query


def _secret(fields: Mapping[str, Any]) -> str:
    secret = _text(fields, 'secret')
    if secret and not _SECRET.fullmatch(secret):
        raise UsageError('A secret has 16 to 200 ASCII characters without blanks.', field='secret')
    return secret
