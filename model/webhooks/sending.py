"""One try to tell one receiver of one event, and what is to be made of its answer."""

from __future__ import annotations

import json
import logging
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

from lib import mail
from lib.config import Config
from lib.errors import FetchError, PyroError, Undeliverable
from lib.mail import MailServer
from lib.masking import masked_text
from lib.post import Posted, post
from lib.signing import sign
from lib.words import packed, said
from model.webhooks import bodies
from model.webhooks.deliveries import MAX_WORDS
from model.webhooks.hookstyles import STYLES, lacking

log = logging.getLogger(__name__)

LONGEST_WAIT = 3600.0  # seconds that a receiver may have us wait

_LEAST = 10  # characters of what is taken for a secret; shorter ones could be part of any word

# Statuses below 500 that may be others another time: too slow, too early, too much.
_PASSING = (408, 425, 429)

Verdict = Literal['done', 'again', 'refused', 'gone']


@dataclass(frozen=True, slots=True)
class Receiver:
    """What is needed to reach one; ``options`` with the secret ones."""

    id: int
    name: str
    style: str
    url: str = field(repr=False)
    options: Mapping[str, str] = field(repr=False)
    secret: str = field(repr=False)

    @classmethod
    def of(cls, row: Any) -> Receiver:
        """A row of the table."""
        return cls(row.id, row.name, row.style, row.url, json.loads(row.options), row.secret)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a try.

    :ivar verdict: ``done``; ``again``: it may go better later; ``refused``: it never will; ``gone``: the receiver says
        that it is no more.
    :ivar status: HTTP's; None where no reply came, or by mail.
    :ivar retry_after: seconds that the receiver asks us to wait, 0 where it does not.
    :ivar took: seconds.
    :ivar headers: of the reply.
    :ivar body: of the reply, its beginning.
    :ivar error: why there was none, or why it will not do.
    """

    verdict: Verdict
    status: int | None = None
    retry_after: float = 0.0
    took: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ''
    error: PyroError | None = None

    @property
    def words(self) -> str:
        """The error for people; what is foreign in it may be anything."""
        return self.error.args[0] if self.error is not None else ''

    @property
    def columns(self) -> dict[str, Any]:
        """What is written down of it with the delivery."""
        error, reply = packed(self.words, one_line), one_line(self.body)
        return {'status': self.status, 'took': self.took, 'error': error, 'reply': reply}


def one_line(text: str) -> str:
    """Foreign text as it is kept: one line of what can be seen."""
    return bodies.plain(text, MAX_WORDS)


class Sender:
    """Sends under the rules of ``config``.

    :param clock: Unix seconds.
    :param context: TLS settings, where the usual ones will not do.
    """

    def __init__(
        self,
        config: Config,
        clock: Callable[[], float] = time.time,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._config = config
        self._clock = clock
        self._context = context
        self._binary = config.SIZE_UNITS == 'binary'

    def send(self, receiver: Receiver, uid: str, event: Mapping[str, Any]) -> Outcome:
        """Try once. Nothing is raised: whatever goes wrong is in the outcome."""
        began = time.monotonic()
        try:
            outcome = (self._mail if receiver.style == 'email' else self._post)(receiver, uid, event)
        except Undeliverable as error:
            outcome = Outcome('refused', error=error)
        except PyroError as error:
            outcome = Outcome('again', error=error)
        except Exception:
            log.exception('Webhook %s: a delivery could not be made.', receiver.name)
            outcome = Outcome('again', error=FetchError('It could not be sent. The log says more.'))
        took = time.monotonic() - began
        body = masked_text(outcome.body, _secrets(receiver))
        kept = (outcome.status, outcome.retry_after, took, outcome.headers, body, outcome.error)
        return Outcome(outcome.verdict, *kept)

    def _post(self, receiver: Receiver, uid: str, event: Mapping[str, Any]) -> Outcome:
        request = bodies.make(receiver.style, receiver.url, receiver.options, event, uid, binary=self._binary)
        headers = dict(request.headers)
        if STYLES[receiver.style].signed:
            timestamp = str(int(self._clock()))
            headers['X-PyroTorrent-Event'] = str(event.get('kind', ''))
            headers['X-PyroTorrent-Delivery'] = uid
            headers['X-PyroTorrent-Timestamp'] = timestamp
            headers['X-PyroTorrent-Signature'] = sign(receiver.secret, timestamp, uid, request.body)
        posted = post(
            request.url,
            request.body,
            headers,
            timeout=self._config.WEBHOOK_TIMEOUT,
            allowed_networks=self._config.WEBHOOK_ALLOWED_NETWORKS,
            context=self._context,
        )
        return judged(posted, self._clock())

    def _mail(self, receiver: Receiver, uid: str, event: Mapping[str, Any]) -> Outcome:
        config = self._config
        if lacks := lacking(STYLES[receiver.style], config):  # it had it when this receiver was made
            raise FetchError(lacks)
        security = config.SMTP_SECURITY
        login = (config.SMTP_USER, config.SMTP_PASSWORD)
        server = MailServer(config.SMTP_HOST, config.SMTP_PORT, security, *login, config.SMTP_FROM)
        to = receiver.options['to'].split(', ')
        line = bodies.words(event, binary=self._binary).line
        text = f'{line}\n\n-- \npyroTorrent\n'
        letter = mail.compose(server, to, f'pyroTorrent: {line}', text, uid)
        reply = mail.send(server, to, letter, timeout=config.WEBHOOK_TIMEOUT, context=self._context)
        return Outcome('done', body=reply)


def _secrets(receiver: Receiver) -> tuple[str, ...]:
    """What a reply may repeat and nobody is to read in it, the longest first."""
    secret = [option.name for option in STYLES[receiver.style].options if option.secret]
    words = [word for name in secret for word in receiver.options.get(name, '').split()]
    parts = urlsplit(receiver.url)
    path = parts.path.strip('/')
    words += [path, *path.split('/'), *(value for _, value in parse_qsl(parts.query))]
    return tuple(sorted((word for word in words if len(word) >= _LEAST), key=len, reverse=True))


def judged(posted: Posted, now: float) -> Outcome:
    """What a reply means."""
    status, text = posted.status, posted.reply.decode('utf-8', 'replace')
    if 200 <= status < 300:
        return Outcome('done', status, headers=posted.headers, body=text)
    verdict: Verdict = 'again' if status in _PASSING or status >= 500 else 'refused'
    error: PyroError = FetchError(
        said(
            'The receiver answered with status %(status)s (%(phrase)s).',
            status=status,
            phrase=_phrase(status),
        )
    )
    if 300 <= status < 400:
        error = FetchError(
            said(
                'The receiver redirects to another address (status %(status)s), which is not followed. Enter the '
                'address that it is at.',
                status=status,
            )
        )
    if status == 410:
        verdict = 'gone'
    wait = _retry_after(posted, text, now) if verdict == 'again' else 0.0
    return Outcome(verdict, status, wait, headers=posted.headers, body=text, error=error)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return '?'


def _retry_after(posted: Posted, text: str, now: float) -> float:
    """Seconds that the receiver asks us to wait, within bounds; 0 where it does not say."""
    told = posted.headers.get('retry-after', '').strip()
    try:
        if told:
            seconds = float(told) if told[0].isdigit() else parsedate_to_datetime(told).timestamp() - now
        else:  # Telegram says it in the body
            seconds = float(json.loads(text)['parameters']['retry_after'])
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError):
        return 0.0
    return min(max(0.0, seconds), LONGEST_WAIT)  # in this order NaN is 0
