"""Where a receiver of events is: whether its address will do, and what people see of it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from lib.addresses import is_within, names_private
from lib.errors import UsageError
from lib.fetch import check_url
from lib.pinned import not_allowed
from lib.post import NETWORKS
from lib.words import named, said
from model.webhooks.hookstyles import Style

_TOPIC = re.compile(r'[-_A-Za-z0-9]{1,64}')


def check(style: Style, url: object, allowed: Sequence[str]) -> str:
    """The address as it is kept.

    :param allowed: networks that may be reached although they are not public.
    :raises UsageError: the style needs one and this will not do, or it takes none.
    """
    text = url.strip() if isinstance(url, str) else url
    if not style.url:
        if text:
            raise UsageError(said('%(label)s takes no address.', label=named(style.label)), field='url')
        return ''
    if not isinstance(text, str):
        raise UsageError('The address must be a text.', field='url')
    check_url(text)
    check_public(text, allowed)
    if style.name == 'ntfy' and not _TOPIC.fullmatch(urlsplit(text).path.strip('/')):
        raise UsageError(
            'The address of a topic is that of the server and the name of the topic, e.g. '
            'https://ntfy.sh/my-topic.',
            field='url',
        )
    return text


def check_public(url: str, allowed: Sequence[str], field: str = 'url') -> None:
    """Refuse early what would be refused when it is sent; a name's addresses are judged only then.

    :raises UsageError: the URL plainly names a private address that is not allowed.
    """
    host = urlsplit(url).hostname or ''
    if names_private(host) and not _is_allowed(host, allowed):
        raise UsageError(not_allowed(host, NETWORKS), field=field)


def _is_allowed(host: str, allowed: Sequence[str]) -> bool:
    try:
        address = ipaddress.ip_address(host.strip('[]').partition('%')[0])
    except ValueError:
        return bool(allowed)  # a name such as localhost: its addresses are judged when it is connected to
    return is_within(address, [ipaddress.ip_network(network) for network in allowed])


def masked(style: Style, url: str, options: Mapping[str, str]) -> str:
    """Where it goes, for people: the host only, since paths and queries of such addresses hold secrets."""
    if style.name == 'email':
        return options.get('to', '')
    parts = urlsplit(url or options.get('server', '') or 'https://api.telegram.org')
    return parts.netloc.rpartition('@')[2]
