"""What receivers of events there are, and what each has to be told: one table, for forms, checks and documentation."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lib.config import Config
from lib.errors import UnknownName, UsageError
from lib.fetch import check_url
from lib.texts import whole_number
from lib.words import N_, named, said

MAX_OPTION = 500  # characters
MAX_MAILS = 10  # addresses of one receiver

# As RFC 5321 has them, without quoted parts and comments, which only make trouble.
_MAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_{|}~-][A-Za-z0-9!#$%&'*+/=?^_{|}~.-]{0,63}@[A-Za-z0-9][A-Za-z0-9.-]{0,253}"
)
_CHAT = re.compile(r'-?[0-9]{1,20}|@[A-Za-z0-9_]{1,64}')
_TOKEN = re.compile(r'[A-Za-z0-9._~:+/=-]{1,500}')
# What may stand in a header: no line break, and no braces, as nothing is ever filled in there.
_HEADER = re.compile(r'[!-z|~]([ !-z|~]*[!-z|~])?')


@dataclass(frozen=True, slots=True)
class Option:
    """One thing a receiver of some style has to be told.

    :ivar secret: it is never shown again.
    :ivar check: takes the text, gives what is kept, or raises ValueError with a sentence.
    """

    name: str
    label: str
    secret: bool
    required: bool
    help: str
    check: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Style:
    """A kind of receiver.

    :ivar url: the label of the field for the address, ``''`` where it has none.
    :ivar signed: whether what is sent is signed with the receiver's secret.
    """

    name: str
    label: str
    help: str
    url: str
    options: tuple[Option, ...] = ()
    signed: bool = False


def _matching(pattern: re.Pattern[str], sentence: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError(sentence)
        return text

    return check


def _between(least: int, most: int) -> Callable[[str], str]:
    def check(text: str) -> str:
        number = whole_number(text, 9)
        if number is None or not least <= number <= most:
            raise ValueError(said('It is a number from %(least)s to %(most)s.', least=least, most=most))
        return str(number)

    return check


def _mails(text: str) -> str:
    """:raises ValueError: these are not up to MAX_MAILS addresses, set apart by commas."""
    found = [part.strip() for part in text.split(',')]
    for address in found:
        if not _MAIL.fullmatch(address) or '..' in address:
            raise ValueError(said('“%(address)s” is not an e-mail address.', address=address[:100]))
    if len(found) > MAX_MAILS:
        raise ValueError(said('At most %(max_mails)s addresses.', max_mails=MAX_MAILS))
    return ', '.join(found)


def _server(text: str) -> str:
    check_url(text)
    return text.rstrip('/')


def _token(name: str, label: str, required: bool, help_text: str) -> Option:
    sentence = N_('A token has letters, digits and the characters . _ ~ : + / = - only.')
    return Option(name, label, True, required, help_text, _matching(_TOKEN, sentence))


def _priority(least: int, most: int, help_text: str) -> Option:
    return Option('priority', N_('Priority'), False, False, help_text, _between(least, most))


_ALL = (
    Style(
        'json',
        N_('JSON, signed'),
        N_('For programs: the whole event as JSON, with a signature that proves that it comes from here.'),
        N_('Address'),
        (
            Option(
                'authorization',
                N_('Authorization header'),
                True,
                False,
                N_('Sent as it is, e.g. “Bearer …”, where the receiver asks for it.'),
                _matching(_HEADER, N_('A header has plain ASCII characters without braces and line breaks.')),
            ),
        ),
        signed=True,
    ),
    Style(
        'ntfy',
        'ntfy',
        N_('A notice on your phone or desktop, through ntfy.sh or your own ntfy.'),
        N_('Address of the topic, e.g. https://ntfy.sh/my-topic'),
        (
            _token('token', N_('Access token'), False, N_('Where the topic is protected.')),
            _priority(1, 5, N_('1 (lowest) to 5; 3 is usual.')),
        ),
    ),
    Style(
        'gotify',
        'Gotify',
        N_('A notice through your Gotify server.'),
        N_('Address of the server'),
        (
            _token('token', N_('Application token'), True, N_('Made in Gotify under Apps.')),
            _priority(0, 10, N_('0 (lowest) to 10; 5 is usual.')),
        ),
    ),
    Style(
        'discord',
        'Discord',
        N_('A message in a channel.'),
        N_('Webhook address, from the settings of the channel'),
    ),
    Style(
        'slack',
        'Slack',
        N_('A message in a channel; Mattermost and Rocket.Chat understand it too.'),
        N_('Webhook address'),
    ),
    Style(
        'telegram',
        'Telegram',
        N_('A message of your bot.'),
        '',
        (
            _token('token', N_('Token of the bot'), True, N_('Given by @BotFather.')),
            Option(
                'chat',
                N_('Chat'),
                False,
                True,
                N_('The number of the chat, or @name of a channel.'),
                _matching(_CHAT, N_('A chat is a number, or @ and the name of a channel.')),
            ),
            Option(
                'thread',
                N_('Topic'),
                False,
                False,
                N_('The number of a topic in a group.'),
                _between(1, 2**31 - 1),
            ),
            Option(
                'server',
                N_('Bot API server'),
                False,
                False,
                N_('Where it is not https://api.telegram.org.'),
                _server,
            ),
        ),
    ),
    Style(
        'email',
        N_('E-mail'),
        N_('A mail through the server named in SMTP_HOST.'),
        '',
        (
            Option(
                'to',
                N_('To'),
                False,
                True,
                N_('One or more addresses, set apart by commas.'),
                _mails,
            ),
        ),
    ),
)
STYLES: Mapping[str, Style] = {style.name: style for style in _ALL}


def find(name: str) -> Style:
    """:raises UnknownName: there is no such style."""
    if name not in STYLES:
        raise UnknownName(N_('style'), name, STYLES, field='style')
    return STYLES[name]


def lacking(style: Style, config: Config) -> str:
    """What the configuration lacks for a style, and what to do; ``''`` where it can be used."""
    if style.name == 'email' and not (config.SMTP_HOST and config.SMTP_FROM):
        return N_(
            'No mail server is configured. Set SMTP_HOST and SMTP_FROM in config.py and start pyroTorrent again.'
        )
    return ''


def check_options(style: Style, given: Mapping[str, object]) -> dict[str, str]:
    """The options as they are kept, without empty ones.

    :raises UsageError: one is unknown, missing or wrong.
    """
    known = {option.name: option for option in style.options}
    for name in given:
        if name not in known:
            raise UnknownName(N_('option'), str(name), known, field=f'options.{str(name)[:40]}')
    kept = {name: _checked(option, given.get(name, '')) for name, option in known.items()}
    return {name: value for name, value in kept.items() if value}


def _checked(option: Option, value: object) -> str:
    value = '' if value is None else value
    field = f'options.{option.name}'
    label = named(option.label)
    if not isinstance(value, str) or len(value) > MAX_OPTION or not value.isprintable():
        most = f'{MAX_OPTION:,}'
        raise UsageError(
            said('%(label)s: up to %(most)s plain characters, please.', label=label, most=most), field=field
        )
    text = value.strip()
    if not text:
        if option.required:
            raise UsageError(said('%(label)s: this is needed.', label=label), field=field)
        return ''
    try:
        return option.check(text)
    except (ValueError, UsageError) as error:
        sentence = named(error.args[0])
        raise UsageError(
            said('%(label)s: %(sentence)s', label=label, sentence=sentence), field=field
        ) from None
