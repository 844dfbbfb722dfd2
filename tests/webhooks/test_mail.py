"""Mail through a real server, with and without TLS, and what a server may do to us."""

from __future__ import annotations

import dataclasses
import email
import email.policy
import itertools
import ssl
import threading
from collections.abc import Callable, Iterator

import pytest

from lib import mail
from lib.errors import ConfigError, FetchError, Undeliverable, UsageError
from lib.mail import MailServer
from model.webhooks.receivers import Webhooks
from tests.webhooks.conftest import Stage
from tests.webhooks.smtp import MailDaemon

Contexts = tuple[ssl.SSLContext, ssl.SSLContext]
TO = ['a@example.org', 'b@example.net']


@pytest.fixture
def serve() -> Iterator[Callable[..., MailDaemon]]:
    started: list[MailDaemon] = []

    def start(*args: object, **options: object) -> MailDaemon:
        started.append(MailDaemon(*args, **options))  # type: ignore[arg-type]
        return started[-1]

    yield start
    for daemon in started:
        daemon.close()


def server(daemon: MailDaemon, security: str = 'none', **changes: str) -> MailServer:
    known = MailServer('127.0.0.1', daemon.port, security, '', '', 'torrents@example.org')
    return dataclasses.replace(known, **changes)


def send(to: MailServer, text: str = 'text', timeout: float = 60.0, **options: object) -> str:
    letter = mail.compose(to, TO, 'a subject', text, 'f' * 32)
    return mail.send(to, TO, letter, timeout=timeout, **options)  # type: ignore[arg-type]


@pytest.fixture
def by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """hooks.example is this machine."""
    import socket

    real = socket.create_connection
    monkeypatch.setattr(
        socket,
        'create_connection',
        lambda address, *args, **options: real(('127.0.0.1', address[1]), *args, **options),
    )


def test_a_mail_arrives_with_its_dots(serve: Callable[..., MailDaemon]) -> None:
    daemon = serve()

    said = send(server(daemon), text='.\n..two\n.\nend\n')

    [letter] = daemon.letters
    got = email.message_from_bytes(letter.data, policy=email.policy.default)
    assert said == ''
    assert (letter.sender, letter.to) == ('<torrents@example.org>', ['<a@example.org>', '<b@example.net>'])
    assert got.get_content().replace('\r\n', '\n') == '.\n..two\n.\nend\n'
    assert (got['To'], got['Auto-Submitted']) == ('a@example.org, b@example.net', 'auto-generated')


@pytest.mark.parametrize('security', ['starttls', 'tls'])
def test_with_tls_and_a_login(
    serve: Callable[..., MailDaemon], certificate: Contexts, by_name: None, security: str
) -> None:
    theirs, ours = certificate
    daemon = serve(theirs, implicit=security == 'tls')
    to = server(daemon, security, host='hooks.example', user='me', password='p a:ss')

    send(to, context=ours)

    [letter] = daemon.letters
    assert (letter.secure, letter.user, letter.password) == (True, 'me', 'p a:ss')


@pytest.mark.parametrize('security', ['starttls', 'tls'])
def test_certificates_are_checked(
    serve: Callable[..., MailDaemon], certificate: Contexts, by_name: None, security: str
) -> None:
    theirs, ours = certificate
    daemon = serve(theirs, implicit=security == 'tls')

    for host, context in (('hooks.example', None), ('wrong.example', ours)):
        with pytest.raises(FetchError, match='certificate of the mail server is not valid'):
            send(server(daemon, security, host=host), context=context)

    assert daemon.letters == []


def test_without_tls_nothing_is_sent_where_it_is_asked_for(serve: Callable[..., MailDaemon]) -> None:
    daemon = serve()

    with pytest.raises(FetchError, match='does not offer'):
        send(server(daemon, 'starttls', user='me', password='secret'))

    assert daemon.letters == []


@pytest.mark.parametrize(
    ('verb', 'reply', 'error'),
    [
        ('CONNECT', b'554 no\r\n', FetchError),
        ('CONNECT', b'421 later\r\n', FetchError),
        ('CONNECT', b'', FetchError),
        ('CONNECT', b'HTTP/1.1 200 OK\r\n\r\n', FetchError),
        ('CONNECT', b'x' * 100_000, FetchError),
        ('AUTH', b'535 wrong\r\n', FetchError),
        ('MAIL', b'550 no\r\n', Undeliverable),
        ('MAIL', b'451 later\r\n', FetchError),
        ('RCPT', b'550 unknown\r\n', Undeliverable),
        ('RCPT', b'450 later\r\n', FetchError),
        ('.', b'552 too large\r\n', Undeliverable),
        ('.', b'452 full\r\n', FetchError),
        ('.', b'\xff\xfe\r\n', FetchError),
    ],
)
def test_what_a_server_refuses(
    serve: Callable[..., MailDaemon], verb: str, reply: bytes, error: type[Exception]
) -> None:
    daemon = serve()
    daemon.says[verb] = reply if reply else iter(())
    if not reply:
        daemon.close()

    with pytest.raises(FetchError) as caught:
        send(server(daemon, user='me', password='geheim'))

    assert type(caught.value) is error
    assert 'geheim' not in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize('verb', ['CONNECT', 'EHLO', 'DATA', '.'])
def test_a_server_that_drips_ends_at_the_deadline(serve: Callable[..., MailDaemon], verb: str) -> None:
    daemon, done = serve(), threading.Event()

    def drip() -> Iterator[bytes]:
        while not done.wait(0.02):
            yield b'2'

    daemon.says[verb] = drip()
    with pytest.raises(FetchError):
        send(server(daemon), timeout=0.4)
    done.set()


def test_an_endless_reply_ends(serve: Callable[..., MailDaemon]) -> None:
    daemon = serve()
    daemon.says['EHLO'] = itertools.repeat(b'250-more\r\n')

    with pytest.raises(FetchError):
        send(server(daemon), timeout=0.4)


@pytest.mark.parametrize('bad', ['a@example.org\r\nBcc: b@example.org', 'a@example.org\nX: y'])
def test_an_address_with_a_line_break_makes_no_mail(bad: str) -> None:
    known = MailServer('h', 25, 'none', '', '', 'torrents@example.org')

    with pytest.raises(ValueError, match='linefeed'):
        mail.compose(known, [bad], 'subject', 'text', 'f')
    with pytest.raises(ValueError, match='linefeed'):
        mail.compose(known, TO, bad, 'text', 'f')


def test_an_event_comes_by_mail_and_again_under_the_same_id(
    serve: Callable[..., MailDaemon], make_stage: Callable[..., Stage]
) -> None:
    daemon = serve()
    stage = make_stage(
        SMTP_HOST='127.0.0.1', SMTP_PORT=daemon.port, SMTP_SECURITY='none', SMTP_FROM='torrents@example.org'
    )
    hook = stage.hook(style='email', url='', options={'to': 'a@example.org,b@example.net'})
    stage.tell('evil\r\nBcc: c@example.org\r\n\r\n.\r\nname')
    daemon.says['.'] = b'451 busy\r\n'
    stage.send()
    daemon.says.clear()
    stage.send(5)

    first, second = (
        email.message_from_bytes(each.data, policy=email.policy.default) for each in daemon.letters
    )
    [delivery] = stage.hooks.deliveries(hook.id)
    assert (delivery.state, delivery.tries, delivery.status) == ('done', 2, None)
    assert first['Message-ID'] == second['Message-ID'] == f'<{delivery.uid}@example.org>'
    assert second['Subject'] == 'pyroTorrent: Finished: evil Bcc: c@example.org . name (1.4 GiB, home)'
    assert second['Bcc'] is None
    assert hook.masked == 'a@example.org, b@example.net'


@pytest.mark.parametrize('setting', ['SMTP_HOST', 'SMTP_FROM'])
def test_without_a_mail_server_none_is_made(make_stage: Callable[..., Stage], setting: str) -> None:
    stage = make_stage(**{setting: ''})
    mails = {'style': 'email', 'url': '', 'options': {'to': 'a@example.org'}}
    other = stage.hook()

    for act in (lambda: stage.hook(**mails), lambda: stage.hooks.change(other.id, mails)):
        with pytest.raises(UsageError, match='SMTP_HOST and SMTP_FROM in') as caught:
            act()
        assert caught.value.field == 'style'
    configured = {'post': {'style': 'email', 'to': 'a@example.org'}}
    with pytest.raises(ConfigError, match=r"WEBHOOKS\['post'\].*SMTP_HOST and SMTP_FROM"):
        make_stage(WEBHOOKS=configured, **{setting: ''})


def test_one_whose_mail_server_was_taken_away_says_the_remedy(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage()
    hook = stage.hook(style='email', url='', options={'to': 'a@example.org'})
    without = dataclasses.replace(stage.config, SMTP_HOST='')

    delivery = Webhooks(stage.engine, without, stage.clock).test(hook.id)

    assert delivery.state == 'failed'
    assert 'SMTP_HOST and SMTP_FROM in config.py' in delivery.error
