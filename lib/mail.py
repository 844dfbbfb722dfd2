"""Sending mail through a server, under one deadline."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate

from lib.errors import FetchError, Undeliverable
from lib.words import Said, said

_GREETING = (
    '[127.0.0.1]'  # as mail programs say; our own name is nobody's business, and asking for it takes time
)


@dataclass(frozen=True, slots=True)
class MailServer:
    """:ivar security: ``starttls``, ``tls`` or ``none``.
    :ivar user: ``''`` where nobody logs in.
    :ivar sender: the address that mails are from.
    """

    host: str
    port: int
    security: str
    user: str
    password: str = field(repr=False)
    sender: str


def compose(server: MailServer, to: Sequence[str], subject: str, text: str, uid: str) -> EmailMessage:
    """A mail of plain text. ``uid`` makes its Message-ID, so that a second copy can be told from a second mail.

    :raises ValueError: an address or the subject holds a line break.
    """
    mail = EmailMessage(policy=SMTP)
    mail['From'] = server.sender
    mail['To'] = ', '.join(to)
    mail['Subject'] = subject
    mail['Date'] = formatdate()
    mail['Message-ID'] = f'<{uid}@{server.sender.rpartition("@")[2]}>'
    mail['Auto-Submitted'] = 'auto-generated'
    mail.set_content(text)
    return mail


def send(
    server: MailServer,
    to: Sequence[str],
    mail: EmailMessage,
    *,
    timeout: float,
    context: ssl.SSLContext | None = None,
) -> str:
    """Hand a mail to the server.

    :param timeout: seconds for everything.
    :param context: TLS settings, where the usual ones will not do.
    :return: what the server said to it.
    :raises Undeliverable: the server will not have it, now or later.
    :raises FetchError: it was not taken; that may be another time.
    """
    try:
        with _session(server, timeout, context or ssl.create_default_context()) as session:
            if server.user:
                session.login(server.user, server.password)
            refused = session.send_message(mail, from_addr=server.sender, to_addrs=list(to))
    except smtplib.SMTPRecipientsRefused as error:
        raise _refusal(*next(iter(error.recipients.values()))) from None
    except smtplib.SMTPAuthenticationError as error:
        # Somebody may change the password, so this is no reason to give a mail up.
        raise FetchError(
            said('The mail server refuses name or password (%(code)s).', code=error.smtp_code)
        ) from None
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        raise _refusal(error.smtp_code, error.smtp_error) from None
    except smtplib.SMTPResponseException as error:  # before it heard of the mail, so this is not about it
        raise FetchError(_answer(error.smtp_code, error.smtp_error)) from None
    except smtplib.SMTPNotSupportedError:
        raise FetchError(
            'The mail server does not offer what SMTP_SECURITY, SMTP_USER or the mail asks for.'
        ) from None
    except ssl.SSLCertVerificationError as error:
        raise FetchError(
            said('The certificate of the mail server is not valid: %(why)s', why=error.verify_message)
        ) from None
    except (OSError, smtplib.SMTPException) as error:
        why = 'timed out' if isinstance(error, TimeoutError) else str(error)[:200]
        raise FetchError(said('The mail server cannot be talked to: %(why)s', why=why)) from None
    return '' if not refused else f'refused for {", ".join(refused)}'


@contextlib.contextmanager
def _session(server: MailServer, timeout: float, context: ssl.SSLContext) -> Iterator[smtplib.SMTP]:
    # smtplib counts anew for each line, so a server that drips would never be too late: we hang up then.
    session: smtplib.SMTP
    if server.security == 'tls':
        session = smtplib.SMTP_SSL(local_hostname=_GREETING, timeout=timeout, context=context)
    else:
        session = smtplib.SMTP(local_hostname=_GREETING, timeout=timeout)
    done = threading.Event()
    threading.Thread(target=_hang_up, args=(session, done, timeout), daemon=True, name='mail').start()
    try:
        session._host = server.host  # type: ignore[attr-defined]  # STARTTLS checks this name; only the constructor sets it
        code, said_first = session.connect(server.host, server.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, said_first)
        if server.security == 'starttls':
            session.starttls(context=context)
        yield session
        with contextlib.suppress(OSError, smtplib.SMTPException):
            session.quit()
    finally:
        done.set()
        session.close()


def _hang_up(session: smtplib.SMTP, done: threading.Event, timeout: float) -> None:
    """Once the time is over, hang up; more than once, since its name may be looked up still."""
    while not done.wait(timeout):
        timeout = 1.0
        with contextlib.suppress(OSError, AttributeError):
            if session.sock is not None:
                session.sock.shutdown(socket.SHUT_RDWR)


def _refusal(code: int, words: bytes | str) -> FetchError:
    sentence = _answer(code, words)
    return Undeliverable(sentence) if 500 <= code < 600 else FetchError(sentence)


def _answer(code: int, words: bytes | str) -> Said:
    text = words.decode('utf-8', 'replace') if isinstance(words, bytes) else words
    return said('The mail server answered: %(text)s (%(code)s)', text=text[:300], code=code)
